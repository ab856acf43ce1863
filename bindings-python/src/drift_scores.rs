//! How far the newest windows of a source drift.

use drift_sre::{SUSTAINED_RUN, Sample};
use pyo3::prelude::*;

use crate::{
    chart::{Values, contiguous},
    error::coded,
};

/// The drift scores of one source, 0 to 1 each; None while there are fewer than three points.
#[pyclass(frozen, module = "drift_sre")]
pub(crate) struct DriftScores(pub(crate) drift_sre::DriftScores);

#[pymethods]
impl DriftScores {
    #[new]
    #[pyo3(signature = (latency=None, errors=None, traffic=None))]
    fn new(latency: Option<f64>, errors: Option<f64>, traffic: Option<f64>) -> Self {
        Self(drift_sre::DriftScores { latency, errors, traffic })
    }

    /// All three scores of one source: mean latency in milliseconds, share of errors, requests; one point a window, the
    /// newest last.
    #[staticmethod]
    #[expect(clippy::needless_pass_by_value, reason = "arguments arrive by value")]
    fn of(latency_ms: Values<'_>, error_shares: Values<'_>, requests: Values<'_>) -> Self {
        let [latency_ms, error_shares, requests] = [&latency_ms, &error_shares, &requests].map(contiguous);
        Self(drift_sre::DriftScores::of(&latency_ms, &error_shares, &requests))
    }

    #[getter]
    fn latency(&self) -> Option<f64> {
        self.0.latency
    }

    #[getter]
    fn errors(&self) -> Option<f64> {
        self.0.errors
    }

    #[getter]
    fn traffic(&self) -> Option<f64> {
        self.0.traffic
    }

    /// The higher one of latency and errors, which tells how certain a degradation is; 0 if neither is known.
    #[getter]
    fn degradation(&self) -> f64 {
        self.0.degradation()
    }

    fn __repr__(&self) -> String {
        let shown = |score: Option<f64>| score.map_or_else(|| "None".to_owned(), |score| score.to_string());
        let [latency, errors, traffic] = [self.0.latency, self.0.errors, self.0.traffic].map(shown);
        format!("DriftScores(latency={latency}, errors={errors}, traffic={traffic})")
    }
}

/// How far latency drifts, 0 to 1, from points in milliseconds, the newest last; None of fewer than three.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "arguments arrive by value")]
pub(crate) fn latency_drift_score(points: Values<'_>) -> Option<f64> {
    drift_sre::latency_drift_score(&contiguous(&points))
}

/// How far errors drift, 0 to 1, from shares of failed requests, the newest last; None of fewer than three.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "arguments arrive by value")]
pub(crate) fn error_drift_score(points: Values<'_>) -> Option<f64> {
    drift_sre::error_drift_score(&contiguous(&points))
}

/// How far traffic is from what it was, 0 to 1, from requests a window, the newest last; None of fewer than three.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "arguments arrive by value")]
pub(crate) fn traffic_anomaly_score(points: Values<'_>) -> Option<f64> {
    drift_sre::traffic_anomaly_score(&contiguous(&points))
}

/// Whether a degradation has come to stay: a latency score above 0.6, an error score above 0.5, or `run` windows in a row,
/// three unless told otherwise, whose z-scores in the hour up to `now` were above 2.
#[pyfunction]
#[pyo3(signature = (scores, z_scores, times, now, run=None))]
#[expect(clippy::needless_pass_by_value, reason = "arguments arrive by value")]
pub(crate) fn is_sustained_degradation(
    py: Python<'_>,
    scores: PyRef<'_, DriftScores>,
    z_scores: Values<'_>,
    times: Values<'_>,
    now: f64,
    run: Option<i64>,
) -> PyResult<bool> {
    let (z_scores, times) = (contiguous(&z_scores), contiguous(&times));
    if z_scores.len() != times.len() {
        let message = format!("times must be as many as z_scores, {}, got {}", z_scores.len(), times.len());
        return Err(coded(py, "out_of_range", message));
    }
    let Ok(run) = run.map_or(Ok(SUSTAINED_RUN), usize::try_from) else {
        let message = format!("run must be at least 0, got {}", run.unwrap_or_default());
        return Err(coded(py, "out_of_range", message));
    };
    let samples: Vec<Sample> =
        times.iter().zip(z_scores.iter()).map(|(at, z_score)| Sample::new(*at, *z_score)).collect();
    Ok(drift_sre::is_sustained_degradation(&scores.0, &samples, now, run))
}
