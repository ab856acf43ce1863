//! What a record monitor answers.

use pyo3::{prelude::*, types::PyDict};
use pythonize::pythonize;

/// The answer to one record.
#[pyclass(frozen, module = "drift_sre")]
pub(crate) struct RecordVerdict(pub(crate) drift_sre::RecordVerdict);

/// The newest records, as a window.
#[pyclass(frozen, module = "drift_sre")]
pub(crate) struct RecordWindow(drift_sre::WindowVerdict);

/// How a window's content compares with the baseline before it.
#[pyclass(frozen, module = "drift_sre")]
pub(crate) struct RecordMetrics(pub(crate) drift_sre::RecordMetrics, pub(crate) f64);

/// Where a stream stands against its anchor.
#[pyclass(frozen, module = "drift_sre")]
pub(crate) struct AnchorVerdict(drift_sre::AnchorVerdict);

/// How far calibration has come.
#[pyclass(frozen, module = "drift_sre")]
pub(crate) struct RecordCalibration(pub(crate) drift_sre::RecordCalibration);

/// The answer to one session.
#[pyclass(frozen, module = "drift_sre")]
pub(crate) struct SessionVerdict(pub(crate) drift_sre::SessionVerdict);

/// The named attributes as plain data.
fn plain<'py>(slf: &Bound<'py, PyAny>, names: &[&str]) -> PyResult<Bound<'py, PyDict>> {
    let plain = PyDict::new(slf.py());
    for name in names {
        let value = slf.getattr(*name)?;
        let nested = if value.hasattr("as_dict")? { value.call_method0("as_dict")? } else { value };
        plain.set_item(name, nested)?;
    }
    Ok(plain)
}

/// Getters that read a field of the core's type.
macro_rules! getters {
    ($class:ident { $($name:ident: $type:ty),* $(,)? } $($rest:tt)*) => {
        #[pymethods]
        impl $class {
            $(#[getter]
            fn $name(&self) -> $type {
                self.0.$name
            })*
            $($rest)*
        }
    };
}

getters!(RecordVerdict { id: u64, ready: bool, score: Option<f64>, p_value: Option<f64>, detected: bool, truncated: bool }
    /// One less the p-value; None until calibrated.
    #[getter]
    fn confidence(&self) -> Option<f64> {
        self.0.confidence()
    }

    /// Why the record or its window was detected, in words; None if neither was.
    #[getter]
    fn why(&self) -> Option<String> {
        self.0.why()
    }

    #[getter]
    fn text(&self) -> Option<&str> {
        self.0.text.as_deref()
    }

    #[getter]
    fn parts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(pythonize(py, &self.0.parts)?)
    }

    #[getter]
    fn familiarity<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(pythonize(py, &self.0.familiarity)?)
    }

    #[getter]
    fn outliers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(pythonize(py, &self.0.outliers)?)
    }

    #[getter]
    fn metrics(&self) -> Option<RecordMetrics> {
        self.0.metrics.map(|metrics| RecordMetrics(metrics, self.0.p_value_threshold))
    }

    #[getter]
    fn window(&self) -> Option<RecordWindow> {
        self.0.window.clone().map(RecordWindow)
    }

    #[getter]
    fn anchor(&self) -> Option<AnchorVerdict> {
        self.0.anchor.map(AnchorVerdict)
    }

    /// The verdict as plain data, ready for JSON.
    fn as_dict<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyDict>> {
        plain(slf.as_any(), &[
            "id", "ready", "score", "p_value", "confidence", "detected", "why", "text", "parts", "familiarity",
            "outliers", "metrics", "window", "anchor", "truncated",
        ])
    }

    fn __repr__(&self) -> String {
        let score = self.0.score.map_or_else(|| "None".to_owned(), |score| format!("{score:.2}"));
        let why = self.0.why().map_or_else(String::new, |why| format!(": {why}"));
        format!("<RecordVerdict {}: score {score}{why}>", self.0.id)
    }
);

getters!(RecordWindow { records: u32, p_value: f64, detected: bool, content_detected: bool }
    /// One record that stands out.
    #[getter]
    fn isolated<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(pythonize(py, &self.0.isolated)?)
    }

    /// Many records that are odd together.
    #[getter]
    fn episode<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(pythonize(py, &self.0.episode)?)
    }

    #[getter]
    fn culprits<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(pythonize(py, &self.0.culprits)?)
    }

    /// The window as plain data, ready for JSON.
    fn as_dict<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyDict>> {
        plain(slf.as_any(), &["records", "p_value", "detected", "content_detected", "isolated", "episode", "culprits"])
    }
);

getters!(RecordMetrics { ncd: f64, novelty: f64, p_value: f64, null_size: u32 }
    #[getter]
    fn confidence_level(&self) -> f64 {
        self.0.confidence_level()
    }

    #[getter]
    fn is_statistically_significant(&self) -> bool {
        self.0.p_value <= self.1
    }

    #[getter]
    fn composite(&self) -> f64 {
        self.0.composite()
    }

    #[getter]
    fn ncd_raw(&self) -> Option<f64> {
        self.0.detail.map(|detail| detail.ncd_raw)
    }

    #[getter]
    fn baseline_compression_ratio(&self) -> Option<f64> {
        self.0.detail.map(|detail| detail.baseline_compression_ratio)
    }

    #[getter]
    fn window_compression_ratio(&self) -> Option<f64> {
        self.0.detail.map(|detail| detail.window_compression_ratio)
    }

    #[getter]
    fn compression_ratio_change(&self) -> Option<f64> {
        self.0.detail.map(|detail| detail.compression_ratio_change())
    }

    #[getter]
    fn baseline_entropy(&self) -> Option<f64> {
        self.0.detail.map(|detail| detail.baseline_entropy)
    }

    #[getter]
    fn window_entropy(&self) -> Option<f64> {
        self.0.detail.map(|detail| detail.window_entropy)
    }

    #[getter]
    fn entropy_change(&self) -> Option<f64> {
        self.0.detail.map(|detail| detail.entropy_change())
    }

    /// The metrics as plain data, ready for JSON.
    fn as_dict<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyDict>> {
        plain(slf.as_any(), &[
            "ncd", "ncd_raw", "novelty", "p_value", "null_size", "confidence_level", "is_statistically_significant",
            "composite", "baseline_compression_ratio", "window_compression_ratio", "compression_ratio_change",
            "baseline_entropy", "window_entropy", "entropy_change",
        ])
    }
);

getters!(AnchorVerdict { drift_score: f64, p_value: f64, drift_detected: bool }
    /// The verdict as plain data, ready for JSON.
    fn as_dict<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyDict>> {
        plain(slf.as_any(), &["drift_score", "p_value", "drift_detected"])
    }
);

getters!(RecordCalibration {
    events_ingested: u64, events_needed: u64, min_baseline_size: u64, progress_percent: u8, detection_ready: bool,
    detection_events_needed: u64, detection_min_events: u64,
}
    #[getter]
    fn status(&self) -> &'static str {
        self.0.status()
    }

    /// The calibration as plain data, ready for JSON.
    fn as_dict<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyDict>> {
        plain(slf.as_any(), &[
            "status", "events_ingested", "events_needed", "min_baseline_size", "progress_percent", "detection_ready",
            "detection_events_needed", "detection_min_events",
        ])
    }
);

getters!(SessionVerdict { id: u64, ready: bool, score: f64, p_value: Option<f64>, detected: bool, unknown: u32, missing: u32 }
    /// Why it was detected, in words; None if it was not.
    #[getter]
    fn why(&self) -> Option<String> {
        self.0.why()
    }

    /// The verdict as plain data, ready for JSON.
    fn as_dict<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyDict>> {
        plain(slf.as_any(), &["id", "ready", "score", "p_value", "detected", "unknown", "missing", "why"])
    }
);
