//! A baseline that Zstandard has read once.

use pyo3::prelude::*;

use crate::{
    error::{coded, value_error},
    ncd::bytes_of,
    novelty_index::many,
};

/// How much of a text is new where a baseline is known, exactly, without reading the baseline again.
#[pyclass(module = "drift_sre")]
pub(crate) struct PrimedZstd(drift_sre::PrimedZstd);

#[pymethods]
impl PrimedZstd {
    #[new]
    fn new(py: Python<'_>, baseline: &Bound<'_, PyAny>) -> PyResult<Self> {
        let baseline = bytes_of("baseline", baseline)?;
        drift_sre::PrimedZstd::new(&baseline).map(Self).map_err(|error| value_error(py, error))
    }

    /// Bytes that a text takes where the baseline is known.
    fn added(&mut self, text: &Bound<'_, PyAny>) -> PyResult<usize> {
        Ok(self.0.added(&bytes_of("text", text)?))
    }

    /// How much of a text is new, as a share of what it takes alone.
    fn conditional(&mut self, text: &Bound<'_, PyAny>) -> PyResult<f64> {
        let (py, text) = (text.py(), bytes_of("text", text)?);
        let refused = || coded(py, "out_of_range", "text must not be empty, got 0 bytes".to_owned());
        self.0.conditional(&text).ok_or_else(refused)
    }

    /// `added` of many. Other threads run meanwhile.
    fn added_many(&mut self, py: Python<'_>, texts: &Bound<'_, PyAny>) -> PyResult<Vec<usize>> {
        let (texts, primed) = (many("texts", texts)?, &mut self.0);
        Ok(py.detach(|| texts.iter().map(|text| primed.added(text)).collect()))
    }
}
