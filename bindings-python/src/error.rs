//! Core errors as Python's `ValueError`, with the core's stable code in the attribute `code`.

use pyo3::{PyErr, Python, exceptions::PyValueError, types::PyAnyMethods};

/// `ValueError(message)` with `code`.
pub(crate) fn value_error(py: Python<'_>, error: drift_sre::Error) -> PyErr {
    coded(py, error.code(), error.to_string())
}

/// `ValueError(message)` with a code for what only this door can refuse.
pub(crate) fn coded(py: Python<'_>, code: &'static str, message: String) -> PyErr {
    let raised = PyValueError::new_err(message);
    // An exception that cannot take an attribute is still the right exception.
    let _ = raised.value(py).setattr("code", code);
    raised
}
