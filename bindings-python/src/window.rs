//! What a window answers.

use pyo3::{prelude::*, types::PyDict};

/// What happened at one source in a span of event time.
#[pyclass(frozen, module = "drift_sre")]
pub(crate) struct Window(pub(crate) drift_sre::Window);

const ATTRIBUTES: [&str; 16] = [
    "secs",
    "start",
    "end",
    "count",
    "average",
    "variance",
    "sd",
    "p50",
    "p95",
    "p99",
    "rate",
    "judged",
    "failures",
    "error_rate",
    "missing",
    "complete",
];

#[pymethods]
impl Window {
    #[getter]
    fn secs(&self) -> f64 {
        self.0.secs
    }

    #[getter]
    fn start(&self) -> f64 {
        self.0.start
    }

    #[getter]
    fn end(&self) -> f64 {
        self.0.end
    }

    #[getter]
    fn count(&self) -> u64 {
        self.0.count()
    }

    #[getter]
    fn average(&self) -> Option<f64> {
        self.0.average()
    }

    #[getter]
    fn variance(&self) -> Option<f64> {
        self.0.moments.variance()
    }

    #[getter]
    fn sd(&self) -> Option<f64> {
        self.0.moments.sd()
    }

    #[getter]
    fn p50(&self) -> Option<f64> {
        self.0.p50()
    }

    #[getter]
    fn p95(&self) -> Option<f64> {
        self.0.p95()
    }

    #[getter]
    fn p99(&self) -> Option<f64> {
        self.0.p99()
    }

    #[getter]
    fn rate(&self) -> f64 {
        self.0.rate()
    }

    #[getter]
    fn judged(&self) -> u64 {
        self.0.judged
    }

    #[getter]
    fn failures(&self) -> u64 {
        self.0.failures
    }

    #[getter]
    fn error_rate(&self) -> Option<f64> {
        self.0.error_rate()
    }

    #[getter]
    fn missing(&self) -> u64 {
        self.0.missing
    }

    #[getter]
    fn complete(&self) -> bool {
        self.0.complete
    }

    /// The window as plain data, ready for JSON.
    fn as_dict<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyDict>> {
        let plain = PyDict::new(slf.py());
        for name in ATTRIBUTES {
            plain.set_item(name, slf.getattr(name)?)?;
        }
        Ok(plain)
    }

    fn __repr__(&self) -> String {
        let average = self.average().map_or_else(|| "None".to_owned(), |average| average.to_string());
        let drift_sre::Window { start, end, .. } = self.0;
        format!("<Window {start} to {end}: count {}, average {average}>", self.count())
    }
}
