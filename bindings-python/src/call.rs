//! One method in the calling convention for a single argument, which costs a third of PyO3's.
//!
//! Under the ABI of Python 3.8 PyO3 passes arguments in a tuple, built and torn down for every sample. CPython's
//! `METH_O` passes the argument itself, and is in every stable ABI.

#![expect(unsafe_code, reason = "a calling convention that PyO3 does not offer is C by nature")]

use std::ffi::CStr;

use pyo3::{
    PyClass, exceptions::PyRuntimeError, ffi, prelude::*, pyclass::boolean_struct::False, types::PyType,
};

use crate::chart::IsChart;

const DOC: &CStr = c"update($self, x, /)\n--\n\nTakes one value; True if it alarms. A value that is not finite changes nothing.";

/// Gives a detector's class its method `update`.
pub(crate) fn add_update<T: IsChart + PyClass<Frozen = False>>(py: Python<'_>) -> PyResult<()> {
    let class: Bound<'_, PyType> = py.get_type::<T>();
    let definition = Box::leak(Box::new(ffi::PyMethodDef {
        ml_name: c"update".as_ptr(),
        ml_meth: ffi::PyMethodDefPointer { PyCFunction: update::<T> },
        ml_flags: ffi::METH_O,
        ml_doc: DOC.as_ptr(),
    }));
    // SAFETY: the class is alive, and the definition lives as long as the process, as a method's must.
    let method = unsafe {
        let method = ffi::PyDescr_NewMethod(class.as_type_ptr(), definition);
        Bound::from_owned_ptr_or_err(py, method)?
    };
    class.setattr("update", method)
}

unsafe extern "C" fn update<T: IsChart + PyClass<Frozen = False>>(
    slf: *mut ffi::PyObject,
    x: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: Python calls with the interpreter attached and both objects alive; the method descriptor has checked that
    // `slf` is of the class it was made for.
    let (py, slf, x) = unsafe {
        let py = Python::assume_attached();
        let slf = Borrowed::from_ptr(py, slf).cast_unchecked::<T>();
        (py, slf, ffi::PyFloat_AsDouble(x))
    };
    #[expect(clippy::float_cmp, reason = "-1 is how the call says that there may be an error")]
    if x == -1.0 && PyErr::occurred(py) {
        return std::ptr::null_mut();
    }
    match slf.try_borrow_mut() {
        // SAFETY: makes a new reference to one of Python's two constants.
        Ok(mut detector) => unsafe { ffi::PyBool_FromLong(detector.chart().update(x).into()) },
        Err(error) => {
            PyRuntimeError::new_err(error.to_string()).restore(py);
            std::ptr::null_mut()
        }
    }
}
