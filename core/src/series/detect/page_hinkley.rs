//! The Page-Hinkley test: accumulated deviation from the reference.
//!
//! With d the residual, U <- max(0, U + d - delta) and D <- max(0, D - d - delta). It alarms when U or D exceeds lambda.
//! This equals the textbook form, the cumulated sum minus its running minimum.
//!
//! # Sees
//! Shifts of the mean of more than `delta` that last: a small one after long, a large one at once. Ramps.
//!
//! # Blind to
//! Shifts below `delta`; changes of variance; what the moving reference follows sooner than it accumulates. In
//! classical use, where learning never pauses, a step of S adds at most S / alpha in all, so that none smaller than
//! about alpha * lambda is ever seen.
//!
//! # Parameters
//! `delta` forgiven at each sample, `threshold` (lambda) the alarm line, `direction`, `cap` the most that one sample counts. All
//! are in units of the baseline's scale. For independent normal residuals of standard deviation 1 the mean time
//! between false alarms grows as exp(2 delta lambda): with the defaults beyond any observation.
//!
//! # Cost
//! 104 bytes of state; some ten additions and comparisons and two divisions a sample.
//!
//! # References
//! E. S. Page, Continuous inspection schemes, Biometrika 41 (1954). D. V. Hinkley, Inference about the change-point
//! from cumulative sum tests, Biometrika 58 (1971).

use serde::{Deserialize, Serialize};

use super::{Change, Defaults, Residual, Score};
use crate::{
    config::{Exit, PageHinkley, Rules, RunRule},
    event::Direction,
};

/// A sum below this share of the alarm line is noise. Counting a change from where the sum left zero, as the textbook
/// does, takes the last chance excursion before it for its beginning.
const NOISE: f64 = 0.04;

/// Both sums, and the drift being held, if one is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct State {
    up: Side,
    down: Side,
    held: Option<Held>,
}

/// One of the two sums, with the excursion that it is on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Side {
    sum: f64,
    /// Since the sum last stood below [`NOISE`]: the most likely change point is just before that.
    change: Change,
}

/// An announced drift.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Held {
    direction: Direction,
    /// Residuals above this, towards the drift, speak for its going on, those below for its end.
    midpoint: f64,
}

impl PageHinkley {
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "with several detectors it is no longer inlined by itself, a fifth slower"
    )]
    pub(crate) fn score(&self, state: &mut State, residual: Residual) -> Score {
        if let Some(held) = state.held {
            return self.score_held(state, held, residual.size);
        }
        let counted = self.counted(residual.size);
        let noise = NOISE * self.threshold;
        state.up.add(counted - self.delta, noise, residual);
        state.down.add(-counted - self.delta, noise, residual);
        let score = self.direction.choose(state.up.sum, state.down.sum);
        Score { value: score.value / self.threshold, ..score }
    }

    /// While a drift is held its sum falls as readily as it rose: what separates "still there" from "back" best is the
    /// middle between the two levels. It stays below the alarm line, so that a long drift ends as soon as a short one.
    fn score_held(&self, state: &mut State, held: Held, residual: f64) -> Score {
        let counted = held.direction.sign() * self.counted(residual);
        let side = state.side_mut(held.direction);
        side.sum = (side.sum + counted - held.midpoint).clamp(0.0, self.threshold);
        Score { value: side.sum / self.threshold, direction: held.direction }
    }

    pub(crate) fn hold(&self, state: &mut State, direction: Direction, shift: f64) {
        let shift = self.counted(direction.sign() * shift);
        let midpoint = if shift / 2.0 > self.delta { shift / 2.0 } else { self.delta };
        state.held = Some(Held { direction, midpoint });
        let side = state.side_mut(direction);
        side.sum = side.sum.min(self.threshold);
    }

    /// Announced when the line is passed, over when the sum is half-way down. Learning pauses early, or the reference would
    /// follow and forgive a slow change; earlier still, it would miss the tail of skewed values.
    pub(crate) fn defaults(&self) -> Defaults {
        let enter = Rules::one(RunRule { hits: 1, window: 1, level: 1.0 });
        let exit = Exit::Within(RunRule { hits: 1, window: 1, level: 0.5 });
        Defaults { enter, exit, warn: 0.15, adopts: true }
    }

    #[inline]
    fn counted(&self, residual: f64) -> f64 {
        match self.cap {
            // `clamp` can panic, and these cannot.
            Some(cap) => residual.min(cap + self.delta).max(-cap - self.delta),
            None => residual,
        }
    }
}

impl State {
    fn side_mut(&mut self, direction: Direction) -> &mut Side {
        match direction {
            Direction::Up => &mut self.up,
            Direction::Down => &mut self.down,
        }
    }

    pub(crate) fn change(&self, direction: Direction) -> Change {
        match direction {
            Direction::Up => self.up.change,
            Direction::Down => self.down.change,
        }
    }

    pub(crate) fn is_sane(&self) -> bool {
        let midpoint = self.held.map_or(0.0, |held| held.midpoint);
        [self.up, self.down].iter().all(Side::is_sane) && midpoint.is_finite() && midpoint >= 0.0
    }
}

impl Side {
    /// Selects instead of branches: on a series in control, whether the sum stays positive is a coin toss.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "with several detectors it is no longer inlined by itself, a fifth slower"
    )]
    fn add(&mut self, step: f64, noise: f64, residual: Residual) {
        let sum = self.sum + step;
        let alive = sum > noise;
        let Change { onset, before, samples, total } = self.change;
        self.sum = if sum > 0.0 { sum } else { 0.0 };
        self.change = Change {
            onset: if samples == 0 { residual.at } else { onset },
            before: if samples == 0 { residual.level } else { before },
            samples: if alive { samples.saturating_add(1) } else { 0 },
            total: if alive { total + residual.observed } else { 0.0 },
        };
    }

    fn is_sane(&self) -> bool {
        // The largest residuals there are come to this in billions of samples; no quotient by a threshold overflows.
        self.change.is_sane() && (0.0..=1e300).contains(&self.sum)
    }
}
