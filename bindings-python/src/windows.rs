//! Windows in event time over one source.

use drift_sre::Observation;
use pyo3::{
    prelude::*,
    types::{PyBytes, PyTuple, PyType},
};
use pythonize::pythonize;

use crate::{
    config::parse_or_default,
    error::value_error,
    intake::Intake,
    observation::{Batch, parse_id},
    window::Window,
};

/// Tumbling and rolling windows over the events of one source.
///
/// `config` is a mapping with the keys of the core's `WindowConfig`; without it the defaults hold. Times are in seconds and
/// may come in any order within the lateness.
#[pyclass(module = "drift_sre")]
pub(crate) struct Windows(drift_sre::Windows);

#[pymethods]
impl Windows {
    #[new]
    #[pyo3(signature = (config=None))]
    fn new(py: Python<'_>, config: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        drift_sre::Windows::new(parse_or_default(config)?).map(Self).map_err(|error| value_error(py, error))
    }

    /// Takes one event, or without a value a heartbeat; what became of it, and the windows that it closed.
    ///
    /// `id` tells an event from all others, so that a copy does not count: a whole number below 2^64, or a text (as
    /// UTF-8) or bytes, of which the 64-bit FNV-1a hash is taken. Deliveries that never repeat need none.
    #[pyo3(signature = (at, value=None, *, failed=None, id=None))]
    fn update(
        &mut self,
        at: f64,
        value: Option<f64>,
        failed: Option<bool>,
        id: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Intake> {
        let id = id.map(|id| parse_id(format_args!("id"), id)).transpose()?;
        Ok(Intake(self.0.update(Observation { at, value, failed, id })))
    }

    /// Takes many, as so many updates would; all windows that they closed. Arrays of float64 (`times`, `values`), bool
    /// (`failed`) and uint64 (`ids`) are read where they lie, sequences may hold None. Other threads run meanwhile.
    #[pyo3(signature = (times, values=None, failed=None, ids=None))]
    fn update_many(
        &mut self,
        py: Python<'_>,
        times: &Bound<'_, PyAny>,
        values: Option<&Bound<'_, PyAny>>,
        failed: Option<&Bound<'_, PyAny>>,
        ids: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Vec<Window>> {
        let batch = Batch::parse(times, values, failed, ids)?;
        let (rows, windows) = (batch.rows(), &mut self.0);
        let closed = py.detach(|| windows.update_many(rows.observations()));
        Ok(closed.into_iter().map(Window).collect())
    }

    /// The window of so many seconds that ends with the newest time seen; None for a length that is not configured, and
    /// where the source was not heard in it.
    fn rolling(&self, secs: f64) -> Option<Window> {
        self.0.rolling(secs).map(Window)
    }

    /// The window of so many seconds that ends at the watermark, which nothing can change any more.
    fn settled(&self, secs: f64) -> Option<Window> {
        self.0.settled(secs).map(Window)
    }

    /// The time before which everything is settled; None before anything was seen.
    #[getter]
    fn watermark(&self) -> Option<f64> {
        self.0.watermark()
    }

    /// How many observations there were, by what became of them.
    #[getter]
    fn counts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(pythonize(py, &self.0.counts())?)
    }

    /// How many observations are kept.
    #[getter]
    fn kept(&self) -> usize {
        self.0.kept()
    }

    /// The settings they run with.
    #[getter]
    fn config<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(pythonize(py, self.0.config())?)
    }

    /// All that was seen and still matters, as bytes; the settings are not in it.
    fn snapshot<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.snapshot())
    }

    /// Windows that go on from a snapshot, bit for bit under the same settings.
    #[classmethod]
    #[pyo3(signature = (config, snapshot))]
    fn resume(cls: &Bound<'_, PyType>, config: Option<&Bound<'_, PyAny>>, snapshot: &[u8]) -> PyResult<Self> {
        let resumed = drift_sre::Windows::resume(parse_or_default(config)?, snapshot);
        resumed.map(Self).map_err(|error| value_error(cls.py(), error))
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let (py, windows) = (slf.py(), slf.borrow());
        let state = PyTuple::new(py, [windows.config(py)?, windows.snapshot(py).into_any()])?;
        Ok((slf.get_type().getattr("resume")?, state))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!("Windows({})", self.config(py)?))
    }
}
