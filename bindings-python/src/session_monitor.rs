//! Records of several lines.

use pyo3::{
    prelude::*,
    types::{PyBytes, PyDict, PyTuple, PyType},
};
use pythonize::pythonize;

use crate::{error::value_error, ncd::bytes_of, record::SessionVerdict, record_monitor::settings};

/// Watches records that are made of several lines: jobs, requests, blocks. Odd are those with lines too many or too few.
///
/// `profile` and keywords are those of `RecordMonitor`.
#[pyclass(module = "drift_sre")]
pub(crate) struct SessionMonitor(drift_sre::SessionMonitor);

#[pymethods]
impl SessionMonitor {
    #[new]
    #[pyo3(signature = (profile=None, **overrides))]
    fn new(
        py: Python<'_>,
        profile: Option<&Bound<'_, PyAny>>,
        overrides: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let balanced = "balanced".into_pyobject(py)?.into_any();
        let config = settings(profile.unwrap_or(&balanced), overrides)?;
        drift_sre::SessionMonitor::new(config).map(Self).map_err(|error| value_error(py, error))
    }

    /// Takes the lines of one session.
    fn update(&mut self, py: Python<'_>, lines: &Bound<'_, PyAny>) -> PyResult<SessionVerdict> {
        let lines: Vec<_> =
            lines.try_iter()?.map(|line| bytes_of("line", &line?)).collect::<PyResult<_>>()?;
        let monitor = &mut self.0;
        Ok(SessionVerdict(py.detach(|| monitor.update(&lines))))
    }

    /// Sessions taken.
    #[getter]
    fn sessions(&self) -> u64 {
        self.0.sessions()
    }

    /// The settings it runs with.
    #[getter]
    fn config<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(pythonize(py, self.0.config())?)
    }

    /// What was learned, as bytes; the settings are not in it.
    fn snapshot<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.snapshot())
    }

    /// A monitor that goes on from a snapshot, bit for bit under the same settings: a profile's name or a mapping.
    #[classmethod]
    fn resume(cls: &Bound<'_, PyType>, config: &Bound<'_, PyAny>, snapshot: &[u8]) -> PyResult<Self> {
        let resumed = drift_sre::SessionMonitor::resume(settings(config, None)?, snapshot);
        resumed.map(Self).map_err(|error| value_error(cls.py(), error))
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let (py, monitor) = (slf.py(), slf.borrow());
        let state = PyTuple::new(py, [monitor.config(py)?, monitor.snapshot(py).into_any()])?;
        Ok((slf.get_type().getattr("resume")?, state))
    }

    fn __repr__(&self) -> String {
        format!("<SessionMonitor: {} sessions>", self.0.sessions())
    }
}
