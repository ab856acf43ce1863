//! Configurations by name.

use pyo3::{prelude::*, pybacked::PyBackedStr};

use crate::error::coded;

/// The preset that is named; `None` if `config` is no name.
pub(crate) fn named<Preset: Copy>(
    config: &Bound<'_, PyAny>,
    all: &[Preset],
    name: fn(Preset) -> &'static str,
) -> PyResult<Option<Preset>> {
    let Ok(wanted) = config.extract::<PyBackedStr>() else { return Ok(None) };
    let unknown = || {
        let names = all.iter().copied().map(name).collect::<Vec<_>>().join(", ");
        let message = format!("config must be a mapping or one of {names}, got '{}'", &*wanted);
        coded(config.py(), "out_of_range", message)
    };
    all.iter().copied().find(|preset| name(*preset) == &*wanted).map(Some).ok_or_else(unknown)
}
