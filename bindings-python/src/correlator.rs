//! Several signals of one source make one incident.

use drift_sre::CorrelationConfig;
use pyo3::prelude::*;

use crate::{config::parse_or_default, error::value_error, incident::Incident, signal::Signal};

/// Turns signals into incidents.
///
/// `config` is a mapping with the keys of the core's `CorrelationConfig`; without it the defaults hold.
#[pyclass(frozen, module = "drift_sre")]
pub(crate) struct Correlator(drift_sre::Correlator);

#[pymethods]
impl Correlator {
    #[new]
    #[pyo3(signature = (config=None))]
    fn new(py: Python<'_>, config: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let config: CorrelationConfig = parse_or_default(config)?;
        drift_sre::Correlator::new(config).map(Self).map_err(|error| value_error(py, error))
    }

    /// The incidents in signals that come in any order: by source, then window; their signals by metric. Signals that
    /// moved for the better, or that cannot be read, count for nothing.
    #[expect(clippy::needless_pass_by_value, reason = "arguments arrive by value")]
    fn correlate(&self, signals: Vec<PyRef<'_, Signal>>) -> Vec<Incident> {
        let signals = signals.iter().map(|signal| signal.0.clone()).collect();
        self.0.correlate(signals).into_iter().map(Incident).collect()
    }
}
