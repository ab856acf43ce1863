//! What went wrong with one source in one window.

use drift_sre::{Context, DriftScores};
use pyo3::prelude::*;

use crate::{
    drift_scores,
    explanation::Explanation,
    signal::{Signal, parse_golden_signal},
};

/// What went wrong with one source in one window.
#[pyclass(frozen, module = "drift_sre")]
pub(crate) struct Incident(pub(crate) drift_sre::Incident);

#[pymethods]
impl Incident {
    #[getter]
    fn source(&self) -> &str {
        &self.0.source
    }

    #[getter]
    fn window_start(&self) -> f64 {
        self.0.window_start
    }

    #[getter]
    fn window_end(&self) -> f64 {
        self.0.window_end
    }

    #[getter]
    fn severity(&self) -> &'static str {
        self.0.severity.name()
    }

    #[getter]
    fn signals(&self) -> Vec<Signal> {
        self.0.signals.iter().cloned().map(Signal).collect()
    }

    /// Whether one of its signals is of this type.
    fn has(&self, py: Python<'_>, golden_signal: &str) -> PyResult<bool> {
        Ok(self.0.has(parse_golden_signal(py, golden_signal)?))
    }

    fn __repr__(&self) -> String {
        let drift_sre::Incident { source, window_start, window_end, signals, .. } = &self.0;
        let (severity, signals) = (self.severity(), signals.len());
        format!("<Incident {severity}: {source}, {window_start} to {window_end}, {signals} signals>")
    }
}

/// Explains an incident; without one, that nothing was found.
///
/// `scores` say how far the source has been drifting. `age_secs` are the seconds since the incident was opened; NaN, if
/// that is not known, leaves out how urgent it is.
#[pyfunction]
#[pyo3(signature = (incident, scores=None, age_secs=0.0))]
#[expect(clippy::needless_pass_by_value, reason = "arguments arrive by value")]
pub(crate) fn explain_incident(
    incident: Option<PyRef<'_, Incident>>,
    scores: Option<PyRef<'_, drift_scores::DriftScores>>,
    age_secs: f64,
) -> Explanation {
    let scores = scores.map_or_else(DriftScores::default, |scores| scores.0);
    let incident = incident.as_ref().map(|incident| &incident.0);
    Explanation::new(drift_sre::explain_incident(incident, &Context { scores, age_secs }))
}
