//! How many alarms there were beyond the budget.

use serde::{Deserialize, Serialize};

/// A line that alarms too often rises each time by this share of what it was raised already ...
pub(crate) const GROWTH: f64 = 0.5;
/// ... and what was raised decays by the logarithm of 1 + GROWTH in the time that the budget gives an alarm.
pub(crate) const DECAY: f64 = 0.405;

/// Each alarm counts 1, and is made up for in the time that the budget gives it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Excess(f64);

impl Excess {
    const MOST: f64 = 6.0;

    /// One sample passes, of so many to an alarm.
    pub(crate) fn pass(&mut self, samples: f64) {
        let excess = self.0 - 1.0 / samples;
        self.0 = if excess > 0.0 { excess } else { 0.0 };
    }

    /// Alarms beyond the budget so far.
    pub(crate) fn get(self) -> f64 {
        self.0
    }

    /// One more alarm.
    pub(crate) fn add(&mut self) {
        self.0 = if self.0 < Self::MOST - 1.0 { self.0 + 1.0 } else { Self::MOST };
    }

    /// The last alarm was none.
    pub(crate) fn forgive(&mut self) {
        let excess = self.0 - 1.0;
        self.0 = if excess > 0.0 { excess } else { 0.0 };
    }

    /// Whether a decoded one is one that there can be.
    pub(crate) fn is_sane(self) -> bool {
        (0.0..=Self::MOST).contains(&self.0)
    }
}
