//! What is known of a signal because it was made.

use serde::{Deserialize, Serialize};

use crate::{Law, plain::plain};

/// A time in which a signal is out of control.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// When it begins, in seconds: the time of the first sample that may be changed.
    pub start: f64,
    /// When it is over, in seconds: samples at this time are as they should be.
    pub end: f64,
    /// What is changed.
    pub kind: PhaseKind,
}

plain! {
    struct Interval { start, end, kind }
}

plain! {
    enum PhaseKind { Shift, Ramp, Spread, Shape }
}

impl Interval {
    /// Whether it is out of control at a time in seconds.
    #[must_use]
    pub fn contains(&self, at: f64) -> bool {
        self.start <= at && at < self.end
    }
}

/// What is changed, beside the law in control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhaseKind {
    /// The mean is another; perhaps the deviation too. A spike is a brief shift.
    Shift,
    /// The law moves all the time. It may begin or end as it is in control.
    Ramp,
    /// The mean is the same, the standard deviation another.
    Spread,
    /// Mean and deviation are the same; tails, skewness or autocorrelation are not.
    Shape,
}

impl PhaseKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Shift, Self::Ramp, Self::Spread, Self::Shape];

    /// `shift`, `ramp`, `spread` or `shape`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shift => "shift",
            Self::Ramp => "ramp",
            Self::Spread => "spread",
            Self::Shape => "shape",
        }
    }

    /// `None` where nothing is changed.
    pub(crate) fn of(normal: Law, from: Law, to: Law) -> Option<Self> {
        if from != to {
            Some(Self::Ramp)
        } else if from == normal {
            None
        } else if from.mean() != normal.mean() {
            Some(Self::Shift)
        } else if from.sd() != normal.sd() {
            Some(Self::Spread)
        } else {
            Some(Self::Shape)
        }
    }
}
