//! What an incident means, as data and in English.

use drift_sre::{Insight, Narrative, Recommendation, narrate};
use pyo3::{prelude::*, types::PyDict};

use crate::change::Change;

/// What changed, how certain that is, what it may mean and what to do about it.
#[pyclass(frozen, module = "drift_sre")]
pub(crate) struct Explanation {
    data: drift_sre::Explanation,
    english: Narrative,
}

impl Explanation {
    pub(crate) fn new(data: drift_sre::Explanation) -> Self {
        Self { english: narrate(&data), data }
    }
}

#[pymethods]
impl Explanation {
    #[getter]
    fn source(&self) -> Option<&str> {
        self.data.source.as_deref()
    }

    #[getter]
    fn duration_secs(&self) -> f64 {
        self.data.duration_secs
    }

    #[getter]
    fn changes(&self) -> Vec<Change> {
        self.data.changes.iter().cloned().map(Change).collect()
    }

    #[getter]
    fn confidence(&self) -> &'static str {
        self.data.confidence.name()
    }

    /// What changed where, from what to what, by how much, over how long, and how certain that is.
    #[getter]
    fn text(&self) -> &str {
        &self.english.explanation
    }

    /// What it may mean: the name of each insight and its sentence.
    #[getter]
    fn insights<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let names = self.data.insights.iter().copied().map(Insight::name);
        sentences(py, names, &self.english.insights)
    }

    /// What to do, the most urgent first: the name of each recommendation and its sentence.
    #[getter]
    fn recommendations<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let names = self.data.recommendations.iter().copied().map(Recommendation::name);
        sentences(py, names, &self.english.recommendations)
    }

    fn __repr__(&self) -> String {
        format!("<Explanation: {}>", self.text())
    }
}

/// Names in order; the core tells each once.
fn sentences<'py>(
    py: Python<'py>,
    names: impl Iterator<Item = &'static str>,
    sentences: &[String],
) -> PyResult<Bound<'py, PyDict>> {
    let told = PyDict::new(py);
    for (name, sentence) in names.zip(sentences) {
        told.set_item(name, sentence)?;
    }
    Ok(told)
}
