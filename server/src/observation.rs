//! What a client tells: checked, and not yet stored.

use drift_sre::{Sides, Transform};
use serde::{Deserialize, Serialize};

/// Sixteen bytes that a repetition has in common with what it repeats, and nothing else has.
pub type Key = [u8; 16];

/// Metrics of `POST /v1/telemetry`, in the order in which a service holds them.
pub const LATENCY: &str = "latency_ms";
/// See [`LATENCY`].
pub const PAYLOAD: &str = "payload_kb";

/// One thing that was told of a service.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// Of which service or host.
    pub service: Box<str>,
    /// When it happened, in milliseconds since 1970.
    pub at_ms: i64,
    /// What happened.
    pub what: What,
    /// To tell repetitions by.
    pub once: Option<Once>,
}

/// To tell a repetition from another observation under the same key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Once {
    /// The key.
    pub key: Key,
    /// A digest of what is told under it.
    pub content: u64,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A request was answered.
    Telemetry {
        /// How long it took.
        latency_ms: f64,
        /// How much was sent.
        payload_kb: f64,
    },
    /// A metric was read.
    Gauge(Box<Gauge>),
    /// The present level was declared normal.
    Accept,
    /// All that was learned was declared void.
    Reset,
}

/// A reading of a metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Gauge {
    /// What is measured, and how it is judged: read when the series is new.
    pub definition: Definition,
    /// The reading.
    pub value: f64,
}

/// What a series measures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    /// The metric's name.
    pub metric: Box<str>,
    /// Its unit, which may be empty.
    pub unit: Box<str>,
    /// How it is judged; `None` for latency and payload.
    pub judged: Option<Judged>,
}

/// How the series of a metric is judged.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// Which change alarms.
    pub direction: Sides,
    /// Whether the logarithm is judged.
    pub transform: Transform,
    /// The least spread worth judging by.
    pub floor: f64,
}

impl Definition {
    /// Latency, in milliseconds.
    #[must_use]
    pub fn latency() -> Self {
        Self { metric: LATENCY.into(), unit: "ms".into(), judged: None }
    }

    /// Payload, in kilobytes.
    #[must_use]
    pub fn payload() -> Self {
        Self { metric: PAYLOAD.into(), unit: "kB".into(), judged: None }
    }
}

impl Observation {
    /// About how many bytes it takes while it waits.
    #[must_use]
    pub fn weight(&self) -> usize {
        let text = match &self.what {
            What::Gauge(gauge) => 96 + gauge.definition.metric.len() + gauge.definition.unit.len(),
            _ => 0,
        };
        size_of::<Self>() + self.service.len() + text
    }
}
