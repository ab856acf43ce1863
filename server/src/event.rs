//! What is announced: changes of a service's state, with the numbers and the words behind them.

use drift_sre::{Cause, Detector, Direction, Event, Severity, Subject, explain, fnv1a};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    observation::{LATENCY, PAYLOAD},
    series::Series,
    service::Health,
    time::Iso,
};

/// Reason and numbers of a change, under the keys that clients know.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Metadata(pub Map<String, Value>);

/// One change of a service's state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The same observations give the same id, however often they are replayed.
    pub id: String,
    /// Of which service.
    pub service_id: String,
    /// Of which of its metrics.
    pub metric: String,
    /// `opened` or `closed` for a drift, `ready` for a baseline that is there, `reset` for one that is void.
    pub kind: String,
    /// How much it matters.
    pub severity: Severity,
    /// Which way the metric moved; none where nothing drifted.
    pub direction: Option<Direction>,
    /// When the change most likely began.
    pub onset: Iso,
    /// When it was decided.
    pub detected_at: Iso,
    /// The service's state before.
    pub previous_state: Health,
    /// And after.
    pub new_state: Health,
    /// In words.
    pub explanation: String,
    /// Distances of the newest samples, in standard deviations, oldest first.
    pub trigger_samples: Vec<f64>,
    /// Reason and numbers.
    pub metadata: Metadata,
    /// The metric's unit.
    pub unit: String,
    /// The sample that decided, what was normal, and how far the level went from it in standard deviations.
    pub evidence: Option<[f64; 3]>,
}

impl Change {
    /// A drift that opens or closes.
    pub(crate) fn drift(
        service: &str,
        series: &Series,
        event: &Event,
        at_ms: i64,
        [previous_state, new_state]: [Health; 2],
        metadata: Metadata,
    ) -> Self {
        let metric = &*series.definition.metric;
        let subject = Subject { name: metric, unit: &series.definition.unit };
        let fired = event.fired.map_or(0, |fired| usize::from(fired.rule.window));
        let recent = &series.recent;
        Self {
            id: id(service, metric, event.id()),
            service_id: service.to_owned(),
            metric: metric.to_owned(),
            kind: event.kind.name().to_owned(),
            severity: event.severity,
            direction: Some(event.direction),
            onset: Iso::from_seconds(event.onset),
            detected_at: Iso(at_ms),
            previous_state,
            new_state,
            explanation: explain(event, &subject),
            trigger_samples: recent[recent.len().saturating_sub(fired)..]
                .iter()
                .copied()
                .map(two_digits)
                .collect(),
            metadata,
            unit: series.definition.unit.to_string(),
            evidence: Some([event.evidence.value, event.evidence.baseline, event.evidence.sigmas]),
        }
    }

    /// A change that is no drift.
    pub(crate) fn turn(
        service: &str,
        series: &Series,
        at_ms: i64,
        [previous_state, new_state]: [Health; 2],
        metadata: Metadata,
    ) -> Self {
        let ready = new_state != Health::InsufficientData;
        let (kind, explanation) = if ready {
            ("ready", format!("{service} is known well enough to be judged"))
        } else {
            ("reset", format!("what was learned of {service} was declared void"))
        };
        let words = [series.taken, u64::from(ready), u64::from_le_bytes(at_ms.to_le_bytes())];
        let number = fnv1a(words.iter().flat_map(|word| word.to_le_bytes()));
        Self {
            id: id(service, &series.definition.metric, number),
            service_id: service.to_owned(),
            metric: series.definition.metric.to_string(),
            kind: kind.to_owned(),
            severity: Severity::Info,
            direction: None,
            onset: Iso(at_ms),
            detected_at: Iso(at_ms),
            previous_state,
            new_state,
            explanation,
            trigger_samples: vec![],
            metadata,
            unit: series.definition.unit.to_string(),
            evidence: None,
        }
    }

    /// Whether someone is to be told.
    #[must_use]
    pub fn is_drift(&self) -> bool {
        self.direction.is_some()
    }
}

fn id(service: &str, metric: &str, number: u64) -> String {
    let parts = [service.as_bytes(), &[0], metric.as_bytes(), &[0], &number.to_le_bytes()];
    format!("{:016x}", fnv1a(parts.concat()))
}

impl Metadata {
    fn of(value: Value) -> Self {
        match value {
            Value::Object(map) => Self(map),
            _ => Self::default(),
        }
    }

    pub(crate) fn newly_tracked() -> Self {
        Self::of(json!({ "reason": "newly_tracked" }))
    }

    pub(crate) fn not_tracked() -> Self {
        Self::of(json!({ "reason": "not_tracked" }))
    }

    pub(crate) fn manual_reset() -> Self {
        Self::of(json!({ "reason": "manual_reset" }))
    }

    pub(crate) fn baseline_established(series: &Series) -> Self {
        Self::of(json!({ "reason": "baseline_established", "sample_count": series.monitor.samples() }))
    }

    /// Of a drift of the series at a position among all of the service's.
    pub(crate) fn opened(event: &Event, all: &[Series], position: usize) -> Self {
        let series = &all[position];
        let mut metadata = match event.fired {
            Some(fired) => {
                let threshold = fired.rule.level * alarm_line(series);
                let window = usize::from(fired.rule.window);
                let newest = &series.recent[series.recent.len().saturating_sub(window)..];
                let most = newest.iter().fold(0.0_f32, |most, distance| most.max(distance.abs()));
                if fired.rule.hits == fired.rule.window {
                    json!({
                        "reason": "consecutive_severe_anomalies",
                        "consecutive_count": fired.hits,
                        "threshold": threshold,
                        "max_zscore": two_digits(most),
                    })
                } else {
                    json!({
                        "reason": "moderate_anomalies_in_window",
                        "moderate_count": fired.hits,
                        "window_size": fired.rule.window,
                        "threshold": threshold,
                        "max_zscore": two_digits(most),
                    })
                }
            }
            None => json!({ "reason": event.cause.name() }),
        };
        metadata["metric"] = json!(series.definition.metric);
        for (key, metric) in [("current_latency_zscore", LATENCY), ("current_payload_zscore", PAYLOAD)] {
            if let Some(series) = all.iter().find(|series| &*series.definition.metric == metric) {
                metadata[key] = series.recent.last().map_or(Value::Null, |newest| json!(two_digits(*newest)));
            }
        }
        Self::of(metadata)
    }

    pub(crate) fn closed(event: &Event, series: &Series) -> Self {
        let mut metadata = json!({ "reason": event.cause.name(), "metric": series.definition.metric });
        if let (Cause::Recovered, Some(fired)) = (event.cause, event.fired) {
            metadata["recovery_samples"] = json!(fired.rule.window);
        }
        Self::of(metadata)
    }
}

/// What one unit of score is in standard deviations.
fn alarm_line(series: &Series) -> f64 {
    match series.monitor.config().detector {
        Detector::ZScore(detector) => detector.threshold,
        _ => 1.0,
    }
}

fn two_digits(number: f32) -> f64 {
    (f64::from(number) * 100.0).round() / 100.0
}
