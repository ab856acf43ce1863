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
//! 24 bytes of state; some ten additions and comparisons and two divisions a sample.
//!
//! # References
//! E. S. Page, Continuous inspection schemes, Biometrika 41 (1954). D. V. Hinkley, Inference about the change-point
//! from cumulative sum tests, Biometrika 58 (1971).

use super::{Defaults, Detect, Finding, Leaning, Residual, Score, is_bounded};
use crate::{
    config::{Exit, PageHinkley, Rules, RunRule},
    event::{Aspect, Direction},
    plain::plain,
};

/// A sum below this share of the alarm line is noise. Counting a change from where the sum left zero, as the textbook
/// does, takes the last chance excursion before it for its beginning.
const NOISE: f64 = 0.04;

/// Both sums, and the drift being held, if one is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct State {
    up: f64,
    down: f64,
    held: Option<Held>,
}

/// An announced drift.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Held {
    direction: Direction,
    /// Residuals above this, towards the drift, speak for its going on, those below for its end.
    midpoint: f64,
}

plain! {
    struct State { up, down, held }
    struct Held { direction, midpoint }
}

impl Detect for PageHinkley {
    type State = State;

    fn init(&self) -> State {
        State::default()
    }

    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "with several detectors it is no longer inlined by itself, a fifth slower"
    )]
    fn score(&self, state: &mut State, residual: Residual) -> Option<Finding> {
        if let Some(held) = state.held {
            return Some(self.score_held(state, held, residual.size));
        }
        let counted = self.counted(residual.size);
        state.up = positive(state.up + (counted - self.delta));
        state.down = positive(state.down + (-counted - self.delta));
        let noise = NOISE * self.threshold;
        let leaning = Leaning { up: state.up > noise, down: state.down > noise };
        Some(Finding { score: self.score_of(state.up, state.down), leaning })
    }

    /// Announced when the line is passed, over when the sum is half-way down. Learning pauses early, or the reference would
    /// follow and forgive a slow change; earlier still, it would miss the tail of skewed values.
    fn defaults(&self) -> Defaults {
        let enter = Rules::one(RunRule { hits: 1, window: 1, level: 1.0 });
        let exit = Exit::Within(RunRule { hits: 1, window: 1, level: 0.5 });
        Defaults { enter, exit, warn: 0.15, adopts: true, gap: 1 }
    }

    fn is_sane(&self, state: &State) -> bool {
        let midpoint = state.held.map_or(0.0, |held| held.midpoint);
        [state.up, state.down, midpoint].into_iter().all(|x| is_bounded(x) && x >= 0.0)
    }

    fn hold(&self, state: &mut State, Score { direction, .. }: Score, shift: f64) {
        let shift = self.counted(direction.sign() * shift);
        state.held = Some(Held {
            direction,
            midpoint: if shift / 2.0 > self.delta { shift / 2.0 } else { self.delta },
        });
        let sum = state.side(direction);
        *sum = sum.min(self.threshold);
    }
}

impl PageHinkley {
    /// The score of both sums.
    #[cfg_attr(not(feature = "small"), inline)]
    #[cfg_attr(feature = "small", inline(never))]
    pub(crate) fn score_of(&self, up: f64, down: f64) -> Score {
        let score = self.direction.choose(up, down);
        Score { value: score.value / self.threshold, ..score }
    }

    /// While a drift is held its sum falls as readily as it rose: what separates "still there" from "back" best is the
    /// middle between the two levels. It stays below the alarm line, so that a long drift ends as soon as a short one.
    fn score_held(&self, state: &mut State, held: Held, residual: f64) -> Finding {
        let counted = held.direction.sign() * self.counted(residual);
        let sum = state.side(held.direction);
        *sum = (*sum + counted - held.midpoint).clamp(0.0, self.threshold);
        let score = Score { value: *sum / self.threshold, direction: held.direction, aspect: Aspect::Level };
        Finding { score, leaning: Leaning { up: false, down: false } }
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
    /// Both sums, unless a drift is held.
    pub(crate) fn sums(&mut self) -> Option<(&mut f64, &mut f64)> {
        self.held.is_none().then_some((&mut self.up, &mut self.down))
    }

    fn side(&mut self, direction: Direction) -> &mut f64 {
        match direction {
            Direction::Up => &mut self.up,
            Direction::Down => &mut self.down,
        }
    }
}

/// A select instead of a branch: on a series in control, whether a sum stays positive is a coin toss.
#[inline]
fn positive(sum: f64) -> f64 {
    if sum > 0.0 { sum } else { 0.0 }
}
