//! Texts that others are compared with, without compression.

use pyo3::prelude::*;

use crate::{error::type_error, ncd::bytes_of};

/// The newest texts, indexed: how much of another is new, at some nanoseconds a byte whatever there is of them.
///
/// It keeps the newest `texts` as far as they fit into `capacity` bytes.
#[pyclass(module = "drift_sre")]
pub(crate) struct NoveltyIndex(drift_sre::NoveltyIndex);

/// Each text of a sequence.
pub(crate) fn many(name: &str, given: &Bound<'_, PyAny>) -> PyResult<Vec<Vec<u8>>> {
    let texts =
        given.try_iter().map_err(|_| type_error(format_args!("{name}"), "a sequence of texts", given))?;
    texts.enumerate().map(|(position, text)| bytes_of(&format!("{name}[{position}]"), &text?)).collect()
}

#[pymethods]
impl NoveltyIndex {
    #[new]
    #[pyo3(signature = (texts=1_000, capacity=262_144))]
    fn new(texts: usize, capacity: usize) -> Self {
        Self(drift_sre::NoveltyIndex::new(texts, capacity))
    }

    /// Adds a text, and forgets the oldest there is no room for.
    fn learn(&mut self, text: &Bound<'_, PyAny>) -> PyResult<()> {
        self.0.learn(&bytes_of("text", text)?);
        Ok(())
    }

    /// Adds many. Other threads run meanwhile.
    fn learn_many(&mut self, py: Python<'_>, texts: &Bound<'_, PyAny>) -> PyResult<()> {
        let (texts, index) = (many("texts", texts)?, &mut self.0);
        py.detach(|| texts.iter().for_each(|text| index.learn(text)));
        Ok(())
    }

    /// Share of a text that is new, 0 to 1.
    fn novelty(&self, text: &Bound<'_, PyAny>) -> PyResult<f64> {
        Ok(self.0.novelty(&bytes_of("text", text)?))
    }

    /// The same of many. Other threads run meanwhile.
    fn novelty_many(&self, py: Python<'_>, texts: &Bound<'_, PyAny>) -> PyResult<Vec<f64>> {
        let (texts, index) = (many("texts", texts)?, &self.0);
        Ok(py.detach(|| texts.iter().map(|text| index.novelty(text)).collect()))
    }

    /// What a text takes where the kept texts are known, in bits.
    fn bits(&self, text: &Bound<'_, PyAny>) -> PyResult<u64> {
        Ok(self.0.bits(&bytes_of("text", text)?))
    }

    fn __len__(&self) -> usize {
        self.0.texts().len()
    }

    fn __repr__(&self) -> String {
        format!("<NoveltyIndex: {} texts>", self.0.texts().len())
    }
}
