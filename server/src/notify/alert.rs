//! What is told: one event of one series, for one destination. Everything a destination shows is made from this alone.

use drift_sre::{Direction, Event, Kind, Severity, Subject, explain};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::wording::{headline, plain};

/// What an event says, before it is known to whom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// The event's own id; the same samples give the same.
    pub event_id: String,
    /// Whose metric it is.
    pub service_id: String,
    /// The metric's name.
    pub metric: String,
    /// Its unit, which may be empty.
    pub unit: String,
    /// Whether a drift begins or ends, or neither.
    pub kind: Kind,
    /// How much it matters; `Info` for what is over.
    pub severity: Severity,
    /// Which way the series moved.
    pub direction: Direction,
    /// Why it was decided: the name of a [`drift_sre::Cause`].
    pub reason: String,
    /// Core's sentence about it.
    pub explanation: String,
    /// When the change most likely began, in seconds since the epoch.
    pub onset: f64,
    /// When it was decided, in seconds since the epoch.
    pub detected_at: f64,
    /// The sample that decided, in `unit`.
    pub value: f64,
    /// What was normal, in `unit`.
    pub baseline: f64,
    /// How far the series moved, in units of the baseline's scale.
    pub sigmas: f64,
}

impl Facts {
    /// What `event` of the metric `subject` of a service says.
    #[must_use]
    pub fn of(event: &Event, event_id: &str, service_id: &str, subject: &Subject<'_>) -> Self {
        Self {
            event_id: event_id.into(),
            service_id: service_id.into(),
            metric: subject.name.into(),
            unit: subject.unit.into(),
            kind: event.kind,
            severity: event.severity,
            direction: event.direction,
            reason: event.cause.name().into(),
            explanation: explain(event, subject),
            onset: event.onset,
            detected_at: event.at,
            value: event.evidence.value,
            baseline: event.evidence.baseline,
            sigmas: event.evidence.sigmas,
        }
    }
}

/// Names one alert for one destination: the same event always gives the same, so a receiver can tell a message that
/// it has seen.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AlertId(pub String);

impl AlertId {
    fn of(event_id: &str, destination: &str) -> Self {
        Self(digest([event_id, destination]))
    }

    /// Names a message that tells of several alerts.
    pub(crate) fn of_all(alerts: &[Alert]) -> Self {
        match alerts {
            [alone] => alone.id.clone(),
            _ => Self(digest(alerts.iter().map(|alert| alert.id.0.as_str()))),
        }
    }
}

/// 32 hexadecimal digits. No part can run into the next: each is preceded by its length.
fn digest<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hex(&hasher.finalize()[..16])
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// One message to one destination.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// Its stable name.
    pub id: AlertId,
    /// The destination's name.
    pub destination: String,
    /// What has happened to what, in a few words on one line.
    pub title: String,
    /// How many events of the series were held back since the last one that was told.
    pub suppressed: u32,
    /// What there is to tell.
    #[serde(flatten)]
    pub facts: Facts,
}

impl Alert {
    /// `facts` for the destination of that name.
    #[must_use]
    pub fn new(facts: &Facts, suppressed: u32, destination: &str) -> Self {
        Self {
            id: AlertId::of(&facts.event_id, destination),
            destination: String::from(destination),
            title: plain(&headline(facts)),
            suppressed,
            facts: facts.clone(),
        }
    }
}
