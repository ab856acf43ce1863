//! What one metric did.

use pyo3::prelude::*;

/// What one metric of an incident did.
#[pyclass(frozen, module = "drift_sre")]
pub(crate) struct Change(pub(crate) drift_sre::Change);

#[pymethods]
impl Change {
    #[getter]
    fn golden_signal(&self) -> &'static str {
        self.0.golden_signal.name()
    }

    #[getter]
    fn metric(&self) -> &str {
        &self.0.metric
    }

    #[getter]
    fn unit(&self) -> &str {
        &self.0.unit
    }

    /// What was normal; `from` is a word of the language.
    #[getter]
    fn from_(&self) -> f64 {
        self.0.from
    }

    #[getter]
    fn to(&self) -> f64 {
        self.0.to
    }

    #[getter]
    fn ratio(&self) -> f64 {
        self.0.ratio
    }

    /// The change in percent of what was normal; None where that was 0.
    #[getter]
    fn percent(&self) -> Option<f64> {
        self.0.percent()
    }

    #[getter]
    fn direction(&self) -> &'static str {
        self.0.direction.name()
    }

    fn __repr__(&self) -> String {
        let drift_sre::Change { metric, from, to, .. } = &self.0;
        format!("<Change {metric}: {from} to {to}>")
    }
}
