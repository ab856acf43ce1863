//! The two-sided CUSUM: the recursion of the Page-Hinkley test, for a baseline that does not follow.
//!
//! With z the residual: U <- max(0, U + z - k), D <- max(0, D - z - k); it alarms when U or D exceeds h.
//!
//! # Sees
//! Lasting shifts of the mean, those of 2k soonest: no test with as few false alarms finds that shift sooner.
//!
//! # Blind to
//! Shifts below k; changes of variance alone. Any error of the baseline beyond k is itself a shift.
//!
//! # Parameters
//! `slack` (k), `threshold` (h), `direction`.
//!
//! # Cost
//! As the Page-Hinkley test.
//!
//! # References
//! E. S. Page, Continuous inspection schemes, Biometrika 41 (1954). G. Lorden, Procedures for reacting to a change in
//! distribution, Annals of Mathematical Statistics 42 (1971), for the optimality.

use super::{Defaults, Detect, Finding, Residual, Score};
use crate::config::{Cusum, PageHinkley};

pub(crate) use super::page_hinkley::State;

/// The sums of noise pass a fifth of so low a line often; learning pauses only well above.
const WARN: f64 = 0.6;

impl Detect for Cusum {
    type State = State;

    fn init(&self) -> State {
        State::default()
    }

    #[inline]
    fn score(&self, state: &mut State, residual: Residual) -> Option<Finding> {
        self.recursion().score(state, residual)
    }

    fn defaults(&self) -> Defaults {
        Defaults { warn: WARN, adopts: false, ..self.recursion().defaults() }
    }

    fn is_sane(&self, state: &State) -> bool {
        self.recursion().is_sane(state)
    }

    fn hold(&self, state: &mut State, score: Score, shift: f64) {
        self.recursion().hold(state, score, shift);
    }
}

impl Cusum {
    #[inline]
    fn recursion(&self) -> PageHinkley {
        PageHinkley { delta: self.slack, threshold: self.threshold, direction: self.direction, cap: None }
    }
}
