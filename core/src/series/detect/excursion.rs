//! Dates a change for detectors that judge values and not sums: from where they first stood out on one side.

use serde::{Deserialize, Serialize};

use super::{Change, Residual};

/// So many samples in a row that do not stand out end an excursion; fewer may interrupt one.
const GAP: u8 = 10;

/// The values that stand out on one side, with short interruptions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Excursion {
    change: Change,
    quiet: u8,
}

impl Excursion {
    #[inline]
    pub(super) fn add(&mut self, residual: Residual, stands_out: bool) {
        self.quiet = if stands_out { 0 } else { self.quiet.saturating_add(1) };
        if self.quiet >= GAP || (self.change.samples == 0 && !stands_out) {
            self.change = Change::default();
        } else {
            self.change.add(residual);
        }
    }

    pub(super) fn change(&self) -> Change {
        self.change
    }

    pub(super) fn is_sane(&self) -> bool {
        self.change.is_sane()
    }
}
