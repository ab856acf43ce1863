//! The z-score: how far a value lies from the baseline, in units of its scale.
//!
//! # Sees
//! Values far out; with run rules, several of them in short order.
//!
//! # Blind to
//! Whatever stays below the rules' levels, however long it lasts: a creep, a shift of one sigma.
//!
//! # Parameters
//! `threshold` the distance that counts as 1, `direction`.
//!
//! # Cost
//! 104 bytes of state; a division and some comparisons a sample.
//!
//! # References
//! W. A. Shewhart, Economic Control of Quality of Manufactured Product (1931). Western Electric, Statistical Quality
//! Control Handbook (1956), for run rules.

use super::{Defaults, Residual, Score};
use crate::{
    config::{Exit, Rules, RunRule, ZScore},
    event::Direction,
};

pub(crate) use super::excursion::Excursions as State;

/// Values beyond this share of the threshold belong to a change when it is dated.
const STANDS_OUT: f64 = 2.0 / 3.0;

impl ZScore {
    #[inline]
    pub(crate) fn score(&self, state: &mut State, residual: Residual) -> Score {
        let signed = residual.size / self.threshold;
        state.add(residual, signed, STANDS_OUT);
        self.direction.choose(signed, -signed)
    }

    /// Each value is judged by itself, in a drift as before it.
    pub(crate) fn hold(&self, _state: &mut State, _direction: Direction, _shift: f64) {}

    /// Five values in a row beyond the threshold, or ten of twenty beyond 5/6 of it; back when 45 of 50 lie within 2/3.
    pub(crate) fn defaults(&self) -> Defaults {
        let severe = RunRule { hits: 5, window: 5, level: 1.0 };
        let moderate = RunRule { hits: 10, window: 20, level: 2.5 / 3.0 };
        let exit = Exit::Within(RunRule { hits: 45, window: 50, level: STANDS_OUT });
        Defaults { enter: Rules::two(severe, moderate), exit, warn: 1.0, adopts: false }
    }
}
