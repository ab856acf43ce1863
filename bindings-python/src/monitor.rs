//! The corridor for one series.

use drift_sre::{MonitorConfig, Sample};
use pyo3::{prelude::*, types::PyBytes};
use pythonize::depythonize;

use crate::{
    error::{coded, value_error},
    event::{Event, Verdict},
};

/// Watches one series. `config` is a mapping with the keys of the core's `MonitorConfig`.
#[pyclass(module = "drift_sre._drift_sre")]
pub(crate) struct Monitor(drift_sre::Monitor);

#[pymethods]
impl Monitor {
    #[new]
    fn new(config: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = config.py();
        drift_sre::Monitor::new(parse(config)?).map(Self).map_err(|error| value_error(py, error))
    }

    fn update(&mut self, value: f64, at: f64) -> Verdict {
        Verdict(self.0.update(Sample::new(at, value)))
    }

    fn advance(&mut self, at: f64) -> Option<Event> {
        self.0.advance(at).map(Event)
    }

    fn accept(&mut self) -> Option<Event> {
        self.0.accept().map(Event)
    }

    fn reset(&mut self) -> Option<Event> {
        self.0.reset().map(Event)
    }

    fn reconfigure(&mut self, config: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = config.py();
        self.0.reconfigure(parse(config)?).map_err(|error| value_error(py, error))
    }

    fn snapshot<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.snapshot())
    }

    #[staticmethod]
    fn resume(config: &Bound<'_, PyAny>, snapshot: &[u8]) -> PyResult<Self> {
        let py = config.py();
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

fn parse(config: &Bound<'_, PyAny>) -> PyResult<MonitorConfig> {
    let refused =
        |error: pythonize::PythonizeError| coded(config.py(), "bad_config", format!("config: {error}"));
    depythonize(config).map_err(refused)
}
