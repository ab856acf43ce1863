//! The corridor for one series.

use drift_sre::{MonitorConfig, Preset, Sample};
use pyo3::{prelude::*, types::PyBytes};

use crate::{
    chart::{Values, contiguous},
    config,
    error::{coded, value_error},
    event::{Event, Verdict},
    preset,
};

/// Watches one series: learns what is normal, scores each sample, and announces drifts.
///
/// `config` is the name of a preset or a mapping with the keys of the core's `MonitorConfig`; without it the defaults
/// hold. Times are in seconds and in order; without them samples are numbered.
#[pyclass(module = "drift_sre")]
pub(crate) struct Monitor(drift_sre::Monitor);

#[pymethods]
impl Monitor {
    #[new]
    #[pyo3(signature = (config=None))]
    fn new(py: Python<'_>, config: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        drift_sre::Monitor::new(parse(config)?).map(Self).map_err(|error| value_error(py, error))
    }

    /// Takes one sample. A value that is not finite is a gap: it gets a verdict and changes nothing.
    #[pyo3(signature = (value, at=None))]
    fn update(&mut self, value: f64, at: Option<f64>) -> Verdict {
        let at = at.unwrap_or_else(|| self.next_number());
        Verdict(self.0.update(Sample::new(at, value)))
    }

    /// Takes many samples; what they give rise to, as pairs of position and event.
    #[pyo3(signature = (values, times=None))]
    #[expect(clippy::needless_pass_by_value, reason = "arguments arrive by value")]
    fn update_many(
        &mut self,
        py: Python<'_>,
        values: Values<'_>,
        times: Option<Values<'_>>,
    ) -> PyResult<Vec<(usize, Event)>> {
        let values = contiguous(&values);
        let times = times.as_ref().map(contiguous);
        if let Some(times) = times.as_ref().filter(|times| times.len() != values.len()) {
            let message = format!("times must be as many as values, {}, got {}", values.len(), times.len());
            return Err(coded(py, "out_of_range", message));
        }
        let mut events = vec![];
        for (position, value) in values.iter().enumerate() {
            let at = times.as_ref().map_or_else(|| self.next_number(), |times| times[position]);
            if let Some(event) = self.0.update(Sample::new(at, *value)).event {
                events.push((position, Event(event)));
            }
        }
        Ok(events)
    }

    /// Lets time pass without a sample; past `idle_secs` the series goes stale.
    fn advance(&mut self, at: f64) -> Option<Event> {
        self.0.advance(at).map(Event)
    }

    /// Declares the present level normal, which closes an open drift.
    fn accept(&mut self) -> Option<Event> {
        self.0.accept().map(Event)
    }

    /// Forgets all it has seen, which closes an open drift.
    fn reset(&mut self) -> Option<Event> {
        self.0.reset().map(Event)
    }

    /// Changes settings from the next sample on; what was learned and accumulated stays.
    fn reconfigure(&mut self, config: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = config.py();
        self.0.reconfigure(parse(Some(config))?).map_err(|error| value_error(py, error))
    }

    /// What was learned, as bytes; the settings are not in it.
    fn snapshot<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.snapshot())
    }

    /// A monitor that goes on from a snapshot, bit for bit under the same settings.
    #[staticmethod]
    #[pyo3(signature = (config, snapshot))]
    fn resume(py: Python<'_>, config: Option<&Bound<'_, PyAny>>, snapshot: &[u8]) -> PyResult<Self> {
        let resumed = drift_sre::Monitor::resume(parse(config)?, snapshot);
        resumed.map(Self).map_err(|error| value_error(py, error))
    }

    #[getter]
    fn state(&self) -> &'static str {
        self.0.state().name()
    }

    #[getter]
    fn samples(&self) -> u64 {
        self.0.samples()
    }

    #[getter]
    fn score(&self) -> Option<f64> {
        self.0.score().map(|score| score.value)
    }

    #[getter]
    fn direction(&self) -> Option<&'static str> {
        self.0.score().map(|score| score.direction.name())
    }

    #[getter]
    fn baseline(&self) -> Option<f64> {
        self.0.level()
    }
}

impl Monitor {
    fn next_number(&self) -> f64 {
        self.0.samples() as f64
    }
}

fn parse(config: Option<&Bound<'_, PyAny>>) -> PyResult<MonitorConfig> {
    let Some(config) = config else { return Ok(MonitorConfig::default()) };
    if let Some(preset) = preset::named(config, &Preset::ALL, Preset::name)? {
        return Ok(preset.config());
    }
    config::parse(config)
}
