//! Core errors as Python's `ValueError`, with the core's stable code in the attribute `code`.

use std::fmt;

use pyo3::{
    Bound, PyAny, PyErr, Python,
    exceptions::{PyTypeError, PyValueError},
    types::PyAnyMethods,
};

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

/// `ValueError` for a name that is none of those there are.
pub(crate) fn unknown_name(py: Python<'_>, field: &str, names: &[&str], given: &str) -> PyErr {
    coded(py, "out_of_range", format!("{field} must be one of {}, got '{given}'", names.join(", ")))
}

/// `TypeError` that names the argument, what was wanted and what came.
pub(crate) fn type_error(field: fmt::Arguments<'_>, wanted: &str, given: &Bound<'_, PyAny>) -> PyErr {
    let given = given.repr().map_or_else(|_| "something else".to_owned(), |repr| repr.to_string());
    PyTypeError::new_err(format!("{field} must be {wanted}, got {given}"))
}
