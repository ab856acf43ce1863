//! Dates a change for detectors that judge values and not sums: from where they first stood out on one side.

use serde::{Deserialize, Serialize};

use super::{Change, Residual};
use crate::event::Direction;

/// So many samples in a row that do not stand out end an excursion; fewer may interrupt one.
const GAP: u8 = 10;

/// The values that stand out on either side, with short interruptions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Excursions {
    up: Excursion,
    down: Excursion,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Excursion {
    change: Change,
    quiet: u8,
}

impl Excursions {
    /// One more sample, whose statistic stands out beyond a level on the side of its sign.
    #[inline]
    pub(crate) fn add(&mut self, residual: Residual, statistic: f64, level: f64) {
        self.up.add(residual, statistic > level);
        self.down.add(residual, statistic < -level);
    }

    pub(crate) fn change(&self, direction: Direction) -> Change {
        match direction {
            Direction::Up => self.up.change,
            Direction::Down => self.down.change,
        }
    }

    pub(crate) fn is_sane(&self) -> bool {
        self.up.change.is_sane() && self.down.change.is_sane()
    }
}

impl Excursion {
    #[inline]
    fn add(&mut self, residual: Residual, stands_out: bool) {
        self.quiet = if stands_out { 0 } else { self.quiet.saturating_add(1) };
        if self.quiet >= GAP || (self.change.samples == 0 && !stands_out) {
            self.change = Change::default();
        } else {
            self.change.add(residual);
        }
    }
}
