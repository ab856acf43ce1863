//! The EWMA chart: an exponentially weighted mean of residuals against control limits of its own.
//!
//! With z the residual, standardised *before* the baseline learns the value: e <- (1 - w) e + w z, whose variance is
//! v <- (1 - w)^2 v + w^2; the score is |e| / (L sqrt(v)). Scored after the update, as some do it, |z| could never
//! exceed (1 - w) / sqrt(w), below the very limits in use.
//!
//! # Sees
//! Small lasting shifts of the mean, sooner than single values do.
//!
//! # Blind to
//! Shifts below about L sqrt(w / (2 - w)); changes of variance alone.
//!
//! # Parameters
//! `weight` (w), `threshold` (L), `direction`.
//!
//! # Cost
//! 24 bytes of state; a division and a square root a sample.
//!
//! # References
//! S. W. Roberts, Control chart tests based on geometric moving averages, Technometrics 1 (1959). J. M. Lucas and
//! M. S. Saccucci, Exponentially weighted moving average control schemes, Technometrics 32 (1990).

use super::{Defaults, Detect, Finding, Residual, Score, is_bounded};
use crate::{
    config::{Ewma, Exit, Rules, RunRule},
    math::sqrt,
    plain::plain,
};

/// The mean beyond this share of its limit belongs to a change when it is dated.
const STANDS_OUT: f64 = 0.25;

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct State {
    mean: f64,
    variance: f64,
    held: bool,
}

plain! {
    struct State { mean, variance, held }
}

impl Detect for Ewma {
    type State = State;

    fn init(&self) -> State {
        State::default()
    }

    #[inline]
    fn score(&self, state: &mut State, residual: Residual) -> Option<Finding> {
        let kept = 1.0 - self.weight;
        state.mean = kept * state.mean + self.weight * residual.size;
        state.variance = kept * kept * state.variance + self.weight * self.weight;
        let limit = self.threshold * sqrt(state.variance);
        if state.held {
            // A long drift ends as soon as a short one.
            state.mean = state.mean.min(limit).max(-limit);
        }
        Some(self.direction.judge(state.mean / limit, STANDS_OUT))
    }

    fn defaults(&self) -> Defaults {
        let enter = Rules::one(RunRule { hits: 1, window: 1, level: 1.0 });
        let exit = Exit::Within(RunRule { hits: 10, window: 10, level: 0.5 });
        Defaults { enter, exit, warn: 0.7, adopts: false, gap: 10 }
    }

    fn is_sane(&self, state: &State) -> bool {
        is_bounded(state.mean) && (0.0..=1.0).contains(&state.variance)
    }

    fn hold(&self, state: &mut State, _score: Score, _shift: f64) {
        state.held = true;
    }
}
