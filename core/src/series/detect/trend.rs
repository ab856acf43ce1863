//! Trend: a line through block means, for what creeps too slowly for any test of single samples.
//!
//! The means of the last K blocks of samples are fitted by a line. Its slope b has the standard error
//! e = sqrt(SSE / (K - 2) / Sxx) sqrt((1 + r) / (1 - r)), with r the lag-1 autocorrelation of what the line leaves over, and
//! the line ends so many standard deviations from the baseline's level, the rise. The score is the lesser of
//! |b / e| against `threshold` and the rise against `rise`, where both point the same way.
//!
//! # Sees
//! Leaks: what goes one way for K blocks. At the defaults and one sample a second, a rise over two hours.
//!
//! # Blind to
//! What is over sooner than the blocks are filled. Steps: a line fits a step badly, so that at 12 blocks its |b / e|
//! stays below 5.6. It takes a slow season for a trend, rightly so, and no leak for a season.
//!
//! # Parameters
//! `block` samples in each block, `blocks` (K) how many, `threshold` of the slope in its standard errors, `rise` in the
//! baseline's standard deviations of single values, `direction`. It is meant for a baseline that stands still, such as one that learns
//! in the warm-up only: one that follows hides the rise.
//!
//! # Cost
//! 16 bytes a block and 100 more; an addition a sample, and some ten operations a block at the end of each.
//!
//! # References
//! P. Sen, Estimates of the regression coefficient based on Kendall's tau, JASA 63 (1968), for trends in general;
//! G. V. Bayley and J. M. Hammersley, The effective number of independent observations in an autocorrelated time
//! series, JRSS Supplement 8 (1946).

use alloc::collections::VecDeque;

use super::{Defaults, Detect, Finding, Leaning, Residual, Score, is_bounded};
use crate::{
    Sample,
    config::{Exit, Rules, RunRule, Trend},
    event::{Aspect, Direction},
    plain::plain,
    series::{baseline::Yardstick, dating::Change},
    stats::line::Line,
};

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct State {
    /// Time of the last sample and mean of the last blocks, oldest first.
    blocks: VecDeque<(f64, f64)>,
    /// Values of the present block, added up.
    total: f64,
    samples: u32,
    /// Of all the samples taken.
    first_at: Option<f64>,
    taken: u64,
    found: Found,
    held: Option<Held>,
}

/// What the last fit says, until the next one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Found {
    /// Positive if it rises.
    signed: f64,
    /// Where the line ends.
    level: f64,
    /// How many blocks ago it left the baseline's level, were it always so.
    since: f64,
}

/// An announced drift.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Held {
    direction: Direction,
    before: f64,
    level: f64,
}

plain! {
    struct State { blocks, total, samples, first_at, taken, found, held }
    struct Found { signed, level, since }
    struct Held { direction, before, level }
}

impl Detect for Trend {
    type State = State;

    fn init(&self) -> State {
        let blocks = VecDeque::with_capacity(self.blocks as usize);
        let found = Found::default();
        State { blocks, total: 0.0, samples: 0, first_at: None, taken: 0, found, held: None }
    }

    #[inline]
    fn score(&self, state: &mut State, residual: Residual) -> Option<Finding> {
        let Residual { observed, yardstick, at, .. } = residual;
        if self.take(state, observed, at) {
            state.found = self.fit(state, yardstick);
        }
        let signed = state.found.signed;
        let direction = if signed < 0.0 { Direction::Down } else { Direction::Up };
        let score = match state.held {
            Some(held) => {
                Score { value: state.remaining(held), direction: held.direction, aspect: Aspect::Trend }
            }
            None => Score { aspect: Aspect::Trend, ..self.direction.choose(signed, -signed) },
        };
        let stands_out = signed != 0.0;
        let (up, down) =
            (stands_out && direction == Direction::Up, stands_out && direction == Direction::Down);
        Some(Finding { score, leaning: Leaning { up, down } })
    }

    /// Over when half of the rise is gone. There is nothing to be warned of before: the reference stands still.
    fn defaults(&self) -> Defaults {
        let enter = Rules::one(RunRule { hits: 1, window: 1, level: 1.0 });
        let exit = Exit::Within(RunRule { hits: 1, window: 1, level: 0.5 });
        Defaults { enter, exit, warn: 1.0, adopts: false, gap: 1 }
    }

    fn is_sane(&self, state: &State) -> bool {
        let State { blocks, total, first_at, found: Found { signed, level, since }, held, .. } = state;
        let held = held.map_or([0.0, 0.0], |held| [held.before, held.level]);
        let numbers = [*total, *signed, *level, *since, first_at.unwrap_or(0.0), held[0], held[1]];
        blocks.len() <= self.blocks as usize
            && numbers.into_iter().all(is_bounded)
            && blocks.iter().all(|(at, mean)| at.is_finite() && Sample::can_be_mean(*mean))
    }

    fn watch(&self, state: &mut State, observed: f64, at: f64) {
        self.take(state, observed, at);
    }

    fn hold(&self, state: &mut State, score: Score, _shift: f64) {
        let (direction, Found { level, since, .. }) = (score.direction, state.found);
        let slope = state.line().map_or(0.0, |line| line.slope);
        state.held = Some(Held { direction, before: level - since * slope, level });
    }

    /// From where the line left the baseline's level, to where it ends.
    fn amend(&self, state: &State, _score: Score, yardstick: Yardstick, dated: Change) -> Change {
        let (Some((end, _)), Some((start, _))) = (state.blocks.back(), state.blocks.front()) else {
            return dated;
        };
        let block_secs = (end - start) / (state.blocks.len().max(2) - 1) as f64;
        let onset = (end - state.found.since * block_secs).max(state.first_at.unwrap_or(*start)).min(*end);
        let samples = (state.found.since * f64::from(self.block)).max(1.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "positive; what is too much saturates"
        )]
        let samples = (samples as u64).min(state.taken);
        Change { onset, before: yardstick.level, level: state.found.level, samples }
    }

    fn present(&self, state: &State) -> Option<f64> {
        state.blocks.back().map(|(_, mean)| *mean)
    }

    fn restart(&self, state: &mut State) {
        // Not made anew, which would allocate.
        state.blocks.clear();
        (state.total, state.samples, state.found, state.held) = (0.0, 0, Found::default(), None);
        (state.first_at, state.taken) = (None, 0);
    }
}

impl Trend {
    /// Takes a value, and tells whether it completes a block.
    #[inline]
    fn take(&self, state: &mut State, observed: f64, at: f64) -> bool {
        state.first_at = state.first_at.or(Some(at));
        state.taken = state.taken.saturating_add(1);
        state.total += observed;
        state.samples += 1;
        if state.samples < self.block {
            return false;
        }
        if state.blocks.len() >= self.blocks as usize {
            state.blocks.pop_front();
        }
        state.blocks.push_back((at, state.total / f64::from(state.samples)));
        (state.total, state.samples) = (0.0, 0);
        true
    }

    fn fit(&self, state: &State, yardstick: Yardstick) -> Found {
        let Some(line) = state.line().filter(|_| state.blocks.len() >= self.blocks as usize) else {
            return Found::default();
        };
        let rise = (line.end - yardstick.level) / yardstick.spread;
        let slope = line.slope;
        let (steady, far) = (slope.abs() / line.slope_error / self.threshold, rise.abs() / self.rise);
        let together = slope != 0.0 && (slope > 0.0) == (rise > 0.0);
        let value = if together { steady.min(far) } else { 0.0 };
        let since = if together { (line.end - yardstick.level) / slope } else { 0.0 };
        Found { signed: value.copysign(slope), level: line.end, since }
    }
}

impl State {
    fn line(&self) -> Option<Line> {
        Line::through(self.blocks.len(), |at| self.blocks[at].1)
    }

    /// The share of an announced rise that the newest block still shows, 0 to 1.
    fn remaining(&self, Held { before, level, .. }: Held) -> f64 {
        let now = self.blocks.back().map_or(level, |(_, mean)| *mean);
        let (rise, left) = (level - before, now - before);
        let share = left / rise;
        // Of no rise nothing can be left.
        if rise == 0.0 || share <= 0.0 {
            0.0
        } else if share < 1.0 {
            share
        } else {
            1.0
        }
    }
}
