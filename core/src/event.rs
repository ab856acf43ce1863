//! What is announced: a drift that opens or closes, with its onset and its evidence.

use serde::{Deserialize, Serialize};

use crate::{
    decide::{Cause, Fired},
    hash::fnv1a,
    plain::plain,
};

/// Which way a series moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// It rose.
    Up,
    /// It fell.
    Down,
}

impl Direction {
    /// 1 for up, -1 for down.
    #[must_use]
    pub const fn sign(self) -> f64 {
        match self {
            Self::Up => 1.0,
            Self::Down => -1.0,
        }
    }

    /// `up` or `down`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

/// What of a series changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// Its level.
    #[default]
    Level,
    /// How widely it scatters: a standard deviation.
    Spread,
    /// Its slope: it goes one way and does not stop.
    Trend,
    /// A single value, or a short run of them.
    Point,
}

impl Aspect {
    /// `level`, `spread`, `trend` or `point`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Level => "level",
            Self::Spread => "spread",
            Self::Trend => "trend",
            Self::Point => "point",
        }
    }
}

/// How much an event or an incident matters. What makes an incident critical is told by
/// [`Incident::severity`](crate::Incident::severity).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A drift is over, or nobody notices yet.
    Info,
    /// The series left its normal range.
    Warning,
    /// It left it by [`Severity::CRITICAL_SIGMAS`] or more.
    Critical,
}

impl Severity {
    /// Every severity, the least first.
    pub const ALL: [Self; 3] = [Self::Info, Self::Warning, Self::Critical];

    /// A mean shift of this many units of scale is critical: no sampling noise and no daily wobble.
    pub const CRITICAL_SIGMAS: f64 = 6.0;

    /// `info`, `warning` or `critical`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }

    /// The severity of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.name() == name)
    }
}

/// Whether a drift begins or ends, or neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A drift is announced.
    Opened,
    /// It is over.
    Closed,
    /// A point anomaly: nothing begins, and nothing has to end.
    Outlier,
}

impl Kind {
    /// `opened`, `closed` or `outlier`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Closed => "closed",
            Self::Outlier => "outlier",
        }
    }
}

/// What changed, in which direction, since when, by how much, on what evidence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Whether a drift begins or ends.
    pub kind: Kind,
    /// Why it was decided.
    pub cause: Cause,
    /// What changed.
    pub aspect: Aspect,
    /// Which way it moved.
    pub direction: Direction,
    /// How much it matters.
    pub severity: Severity,
    /// Estimated time of the first sample of the change, in seconds.
    pub onset: f64,
    /// When this was decided, in seconds.
    pub at: f64,
    /// The run rule that decided; `None` for a drift that closed without one.
    pub fired: Option<Fired>,
    /// The numbers behind it.
    pub evidence: Evidence,
}

impl Event {
    /// Whether a decoded event is one that there can be.
    pub(crate) fn is_sane(&self) -> bool {
        self.onset.is_finite() && self.at.is_finite() && self.evidence.is_finite()
    }

    /// The same samples give the same id, wherever and however often they are replayed; within one series no two
    /// events share it. FNV-1a of kind, direction, onset and time.
    #[must_use]
    pub fn id(&self) -> u64 {
        let words = [self.kind as u64, self.direction as u64, self.onset.to_bits(), self.at.to_bits()];
        fnv1a(words.iter().flat_map(|word| word.to_le_bytes()))
    }
}

/// The numbers behind an event. Those of a closing event, but for `value` and `score`, are of the drift it closes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The sample that decided, in the metric's own unit.
    pub value: f64,
    /// What was normal, in the metric's own unit.
    pub baseline: f64,
    /// Mean of the samples from the onset to the alarm, in the metric's own unit.
    pub level: f64,
    /// The same as a distance from the baseline, in units of its scale.
    pub sigmas: f64,
    /// Samples from the onset to the alarm.
    pub samples: u64,
    /// 1 is the alarm line.
    pub score: f64,
}

plain! {
    struct Event { kind, cause, aspect, direction, severity, onset, at, fired, evidence }
    struct Evidence { value, baseline, level, sigmas, samples, score }
}

plain! {
    enum Direction { Up, Down }
    enum Aspect { Level, Spread, Trend, Point }
    enum Severity { Info, Warning, Critical }
    enum Kind { Opened, Closed, Outlier }
}

impl Evidence {
    pub(crate) fn is_finite(&self) -> bool {
        let Self { value, baseline, level, sigmas, score, .. } = *self;
        [value, baseline, level, sigmas, score].iter().all(|number| number.is_finite())
    }
}
