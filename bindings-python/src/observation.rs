//! Observations as Python gives them: an id that is a name, a batch in columns.

use std::fmt;

use drift_sre::{Observation, fnv1a};
use pyo3::{
    exceptions::PyOverflowError,
    prelude::*,
    pybacked::{PyBackedBytes, PyBackedStr},
    types::PyString,
};

use crate::{
    column::{Cells, Column},
    error::{coded, type_error},
};

/// The columns of a batch; those that were not given have no cells.
pub(crate) struct Batch<'py> {
    times: Column<'py, f64>,
    values: Column<'py, f64>,
    failed: Column<'py, bool>,
    ids: Column<'py, u64>,
}

/// The same without Python, for any thread.
pub(crate) struct Rows<'a> {
    times: Cells<'a, f64>,
    values: Cells<'a, f64>,
    failed: Cells<'a, bool>,
    ids: Cells<'a, u64>,
}

type Given<'a, 'py> = Option<&'a Bound<'py, PyAny>>;

impl<'py> Batch<'py> {
    pub(crate) fn parse(
        times: &Bound<'py, PyAny>,
        values: Given<'_, 'py>,
        failed: Given<'_, 'py>,
        ids: Given<'_, 'py>,
    ) -> PyResult<Self> {
        let times = Column::parse("times", times, parse_number)?;
        let values = Column::parse_beside(&times, "values", values, parse_number)?;
        let failed = Column::parse_beside(&times, "failed", failed, parse_truth)?;
        let ids = Column::parse_beside(&times, "ids", ids, parse_id)?;
        Ok(Self { times, values, failed, ids })
    }

    pub(crate) fn rows(&self) -> Rows<'_> {
        let Self { times, values, failed, ids } = self;
        Rows { times: times.cells(), values: values.cells(), failed: failed.cells(), ids: ids.cells() }
    }
}

impl Rows<'_> {
    pub(crate) fn observations(&self) -> impl Iterator<Item = Observation> {
        (0..self.times.len()).map(|row| Observation {
            // The core counts what has no time as unusable.
            at: self.times.get(row).unwrap_or(f64::NAN),
            value: self.values.get(row),
            failed: self.failed.get(row),
            id: self.ids.get(row),
        })
    }
}

/// A whole number as it is, a text or bytes by their hash.
pub(crate) fn parse_id(field: fmt::Arguments<'_>, id: &Bound<'_, PyAny>) -> PyResult<u64> {
    if id.is_instance_of::<PyString>() {
        return Ok(fnv1a(id.extract::<PyBackedStr>()?.bytes()));
    }
    if let Ok(bytes) = id.extract::<PyBackedBytes>() {
        return Ok(fnv1a(bytes.iter().copied()));
    }
    let py = id.py();
    id.extract().map_err(|error: PyErr| {
        if error.is_instance_of::<PyOverflowError>(py) {
            coded(py, "out_of_range", format!("{field} must be 0 to 2^64 - 1, got {id}"))
        } else {
            type_error(field, "a whole number, a text or bytes", id)
        }
    })
}

fn parse_number(field: fmt::Arguments<'_>, number: &Bound<'_, PyAny>) -> PyResult<f64> {
    number.extract().map_err(|_| type_error(field, "a number", number))
}

fn parse_truth(field: fmt::Arguments<'_>, truth: &Bound<'_, PyAny>) -> PyResult<bool> {
    truth.extract().map_err(|_| type_error(field, "True, False or None", truth))
}
