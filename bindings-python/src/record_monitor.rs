//! Log lines and structured events of one stream.

use drift_sre::{Feedback, RecordConfig, RecordProfile};
use pyo3::{
    prelude::*,
    pybacked::PyBackedStr,
    types::{PyBytes, PyDict, PyTuple, PyType},
};
use pythonize::{depythonize, pythonize};
use serde_json::Value;

use crate::{
    config::parse,
    error::{coded, type_error, unknown_name, value_error},
    ncd::bytes_of,
    record::{RecordCalibration, RecordMetrics, RecordVerdict},
};

/// Watches the records of one stream: says which are odd, and which windows of them.
///
/// `profile` is `sensitive`, `balanced` or `strict`; the other keywords are keys of the core's `RecordConfig` and go
/// before what the profile says.
#[pyclass(module = "drift_sre")]
pub(crate) struct RecordMonitor(drift_sre::RecordMonitor);

/// The settings of a profile, with some of them given.
pub(crate) fn settings(
    profile: &Bound<'_, PyAny>,
    overrides: Option<&Bound<'_, PyDict>>,
) -> PyResult<RecordConfig> {
    let py = profile.py();
    let base = if let Ok(name) = profile.extract::<PyBackedStr>() {
        let names = RecordProfile::ALL.map(RecordProfile::name);
        let found = RecordProfile::ALL.into_iter().find(|profile| profile.name() == &*name);
        pythonize(py, &found.ok_or_else(|| unknown_name(py, "profile", &names, &name))?.config())?
    } else {
        profile.clone()
    };
    let Some(overrides) = overrides.filter(|overrides| !overrides.is_empty()) else { return parse(&base) };
    let merged = PyDict::new(py);
    merged.update(base.cast()?)?;
    for (key, value) in overrides {
        // Two names for one setting would be a setting given twice.
        let renamed = key.extract::<PyBackedStr>().is_ok_and(|key| &*key == "pvalue_threshold");
        let key = if renamed { "p_value_threshold".into_pyobject(py)?.into_any() } else { key };
        merged.set_item(key, value)?;
    }
    parse(&merged)
}

/// A record's bytes: those of a text, or of an event as JSON.
fn record_of(name: &str, event: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    if event.is_instance_of::<PyDict>() {
        let plain: Value = depythonize(event).map_err(|error| {
            coded(event.py(), "bad_record", format!("{name} must be an event that JSON can hold: {error}"))
        })?;
        return Ok(plain.to_string().into_bytes());
    }
    bytes_of(name, event).map_err(|_| type_error(format_args!("{name}"), "a text, bytes or a dict", event))
}

#[pymethods]
impl RecordMonitor {
    #[new]
    #[pyo3(signature = (profile=None, **overrides))]
    fn new(
        py: Python<'_>,
        profile: Option<&Bound<'_, PyAny>>,
        overrides: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let balanced = "balanced".into_pyobject(py)?.into_any();
        let config = settings(profile.unwrap_or(&balanced), overrides)?;
        drift_sre::RecordMonitor::new(config).map(Self).map_err(|error| value_error(py, error))
    }

    /// Takes one record: a text, bytes, or an event as a dict. `source` names where it comes from, if the stream has
    /// several sources: a host, a process, a logger; each has its own context.
    #[pyo3(signature = (event, source=None))]
    fn update(&mut self, event: &Bound<'_, PyAny>, source: Option<&str>) -> PyResult<RecordVerdict> {
        let record = record_of("event", event)?;
        Ok(RecordVerdict(match source {
            Some(source) => self.0.update_from(source, record),
            None => self.0.update(record),
        }))
    }

    /// Takes many, as so many updates would. If one of them is no record, none is taken. Other threads run meanwhile.
    fn update_many(&mut self, py: Python<'_>, events: &Bound<'_, PyAny>) -> PyResult<Vec<RecordVerdict>> {
        let several = if events.extract::<PyBackedStr>().is_ok() || events.is_instance_of::<PyBytes>() {
            None
        } else {
            events.try_iter().ok()
        };
        let several =
            several.ok_or_else(|| type_error(format_args!("events"), "a sequence of records", events))?;
        let read = |(position, event): (usize, PyResult<Bound<'_, PyAny>>)| {
            record_of(&format!("events[{position}]"), &event?)
        };
        let records: Vec<_> = several.enumerate().map(read).collect::<PyResult<_>>()?;
        let monitor = &mut self.0;
        let verdicts = py.detach(|| monitor.update_many(records));
        Ok(verdicts.into_iter().map(RecordVerdict).collect())
    }

    /// How far calibration has come.
    #[getter]
    fn calibration(&self) -> RecordCalibration {
        RecordCalibration(self.0.calibration())
    }

    /// The newest window's content beside the baseline before it, in full; None until there are records enough.
    fn metrics(&mut self) -> Option<RecordMetrics> {
        let (_, level) = self.0.thresholds();
        self.0.metrics().map(|metrics| RecordMetrics(metrics, level))
    }

    /// Templates that are remembered.
    #[getter]
    fn templates(&self) -> usize {
        self.0.templates()
    }

    /// Freezes the newest records as what the stream is compared with from now on; what it was taken from.
    fn set_anchor<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let details = self.0.set_anchor().map_err(|error| value_error(py, error))?;
        Ok(pythonize(py, &details)?)
    }

    /// Gives up the anchor; whether there was one.
    fn drop_anchor(&mut self) -> bool {
        self.0.drop_anchor()
    }

    /// What the anchor was taken from; None without one.
    #[getter]
    fn anchor<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.0.anchor().map(|details| Ok(pythonize(py, &details)?)).transpose()
    }

    /// Takes what someone says of a detection: `false_positive`, `confirmed` or `dismissed`. With `auto_tune` the
    /// thresholds follow. `at` is the time in seconds, now if not given.
    #[pyo3(signature = (id, kind, at=None))]
    fn feedback(&mut self, py: Python<'_>, id: u64, kind: &str, at: Option<f64>) -> PyResult<()> {
        let kind = match kind {
            "false_positive" => Feedback::FalsePositive,
            "confirmed" => Feedback::Confirmed,
            "dismissed" => Feedback::Dismissed,
            other => {
                return Err(unknown_name(py, "kind", &["false_positive", "confirmed", "dismissed"], other));
            }
        };
        self.0.feedback(id, kind, time(py, at)?).map_err(|error| value_error(py, error))
    }

    /// What was said in the 30 days before a time, now if not given.
    #[pyo3(signature = (at=None))]
    fn feedback_stats<'py>(&self, py: Python<'py>, at: Option<f64>) -> PyResult<Bound<'py, PyAny>> {
        Ok(pythonize(py, &self.0.feedback_stats(time(py, at)?))?)
    }

    /// Thresholds that feedback has moved, oldest first.
    #[getter]
    fn tune_history<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(pythonize(py, &self.0.tune_history().collect::<Vec<_>>())?)
    }

    /// `ncd_threshold` and `p_value_threshold` as they hold now.
    #[getter]
    fn thresholds<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let (ncd, p_value) = self.0.thresholds();
        let thresholds = PyDict::new(py);
        thresholds.set_item("ncd_threshold", ncd)?;
        thresholds.set_item("p_value_threshold", p_value)?;
        Ok(thresholds)
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
        let resumed = drift_sre::RecordMonitor::resume(settings(config, None)?, snapshot);
        resumed.map(Self).map_err(|error| value_error(cls.py(), error))
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let (py, monitor) = (slf.py(), slf.borrow());
        let state = PyTuple::new(py, [monitor.config(py)?, monitor.snapshot(py).into_any()])?;
        Ok((slf.get_type().getattr("resume")?, state))
    }

    fn __repr__(&self) -> String {
        let calibration = self.0.calibration();
        format!("<RecordMonitor: {} records, {}>", calibration.events_ingested, calibration.status())
    }
}

/// The time in seconds; now if not given.
fn time(py: Python<'_>, at: Option<f64>) -> PyResult<f64> {
    at.map_or_else(|| py.import("time")?.call_method0("time")?.extract(), Ok)
}
