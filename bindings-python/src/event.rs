//! Verdicts and events as frozen Python objects.

use drift_sre::{Subject, explain};
use pyo3::prelude::*;

/// What is announced: a drift that opens or closes.
#[pyclass(frozen, module = "drift_sre")]
pub(crate) struct Event(pub(crate) drift_sre::Event);

#[pymethods]
impl Event {
    #[getter]
    fn kind(&self) -> &'static str {
        self.0.kind.name()
    }

    #[getter]
    fn cause(&self) -> &'static str {
        self.0.cause.name()
    }

    #[getter]
    fn aspect(&self) -> &'static str {
        self.0.aspect.name()
    }

    #[getter]
    fn direction(&self) -> &'static str {
        self.0.direction.name()
    }

    #[getter]
    fn severity(&self) -> &'static str {
        self.0.severity.name()
    }

    #[getter]
    fn onset(&self) -> f64 {
        self.0.onset
    }

    #[getter]
    fn at(&self) -> f64 {
        self.0.at
    }

    #[getter]
    fn value(&self) -> f64 {
        self.0.evidence.value
    }

    #[getter]
    fn baseline(&self) -> f64 {
        self.0.evidence.baseline
    }

    #[getter]
    fn level(&self) -> f64 {
        self.0.evidence.level
    }

    #[getter]
    fn sigmas(&self) -> f64 {
        self.0.evidence.sigmas
    }

    #[getter]
    fn samples(&self) -> u64 {
        self.0.evidence.samples
    }

    #[getter]
    fn score(&self) -> f64 {
        self.0.evidence.score
    }

    /// The same samples give the same id, however often they are replayed.
    #[getter]
    fn id(&self) -> u64 {
        self.0.id()
    }

    fn explain(&self, name: &str, unit: &str) -> String {
        explain(&self.0, &Subject { name, unit })
    }

    fn __repr__(&self) -> String {
        format!("<Event {}: {}>", self.kind(), self.explain("value", ""))
    }
}

/// The answer to one sample.
#[pyclass(frozen, module = "drift_sre")]
pub(crate) struct Verdict(pub(crate) drift_sre::Verdict);

#[pymethods]
impl Verdict {
    #[getter]
    fn state(&self) -> &'static str {
        self.0.state.name()
    }

    #[getter]
    fn score(&self) -> Option<f64> {
        self.0.score.map(|score| score.value)
    }

    #[getter]
    fn direction(&self) -> Option<&'static str> {
        self.0.score.map(|score| score.direction.name())
    }

    #[getter]
    fn event(&self) -> Option<Event> {
        self.0.event.map(Event)
    }

    fn __repr__(&self) -> String {
        let score = self.score().map_or_else(|| "None".to_owned(), |score| score.to_string());
        format!("<Verdict {}: score {score}>", self.state())
    }
}

/// A value with its unit, to three significant digits.
#[pyfunction]
pub(crate) fn quantity(value: f64, unit: &str) -> String {
    drift_sre::quantity(value, unit)
}
