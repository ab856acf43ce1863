//! One metric of one source that left its normal range.

use drift_sre::{Direction, GoldenSignal, Severity};
use pyo3::prelude::*;

use crate::error::unknown_name;

/// One metric of one source that left its normal range in one window of time.
///
/// `golden_signal` is "latency", "errors", "traffic" or "saturation"; `severity` "info", "warning" or "critical". Errors without
/// a unit are a share, 0 to 1.
#[pyclass(frozen, module = "drift_sre")]
pub(crate) struct Signal(pub(crate) drift_sre::Signal);

#[pymethods]
impl Signal {
    #[new]
    #[pyo3(signature = (*, source, metric, golden_signal, unit="", baseline, current, score, severity="warning", window_start, window_end))]
    #[expect(clippy::too_many_arguments, reason = "they are keywords, one a field")]
    fn new(
        py: Python<'_>,
        source: String,
        metric: String,
        golden_signal: &str,
        unit: &str,
        baseline: f64,
        current: f64,
        score: f64,
        severity: &str,
        window_start: f64,
        window_end: f64,
    ) -> PyResult<Self> {
        let golden_signal = parse_golden_signal(py, golden_signal)?;
        let severities = Severity::ALL.map(Severity::name);
        let severity =
            Severity::named(severity).ok_or_else(|| unknown_name(py, "severity", &severities, severity))?;
        let unit = unit.to_owned();
        Ok(Self(drift_sre::Signal {
            source,
            metric,
            golden_signal,
            unit,
            baseline,
            current,
            score,
            severity,
            window_start,
            window_end,
        }))
    }

    #[getter]
    fn source(&self) -> &str {
        &self.0.source
    }

    #[getter]
    fn metric(&self) -> &str {
        &self.0.metric
    }

    #[getter]
    fn golden_signal(&self) -> &'static str {
        self.0.golden_signal.name()
    }

    #[getter]
    fn unit(&self) -> &str {
        &self.0.unit
    }

    #[getter]
    fn baseline(&self) -> f64 {
        self.0.baseline
    }

    #[getter]
    fn current(&self) -> f64 {
        self.0.current
    }

    #[getter]
    fn score(&self) -> f64 {
        self.0.score
    }

    #[getter]
    fn severity(&self) -> &'static str {
        self.0.severity.name()
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
    fn deviation_ratio(&self) -> f64 {
        self.0.deviation_ratio()
    }

    #[getter]
    fn direction(&self) -> Option<&'static str> {
        self.0.direction().map(Direction::name)
    }

    fn __repr__(&self) -> String {
        let drift_sre::Signal { source, metric, baseline, current, .. } = &self.0;
        format!("<Signal {metric} of {source}: {baseline} to {current}>")
    }
}

pub(crate) fn parse_golden_signal(py: Python<'_>, name: &str) -> PyResult<GoldenSignal> {
    let names = GoldenSignal::ALL.map(GoldenSignal::name);
    GoldenSignal::named(name).ok_or_else(|| unknown_name(py, "golden_signal", &names, name))
}
