//! Window shift: the newest samples together, in event time, against the baseline.
//!
//! With m and s the mean and the standard deviation (divisor n) of the window, and with level, r and N the baseline's
//! level, standard deviation and number of samples, it scores the greater of
//!
//! - the mean: |m - level| / r against `effect`, and against `significance` times the standard error
//!   sqrt((1 / n + 1 / N) (1 + phi) / (1 - phi)); where both are given, against the higher;
//! - the spread: s / r against `spread_above` and `spread_below`, 0 where it is 1 and 1 at the limit.
//!
//! phi is the lag-1 autocorrelation, which n and N are made smaller by. It is learned from successive differences, so that a
//! shift does not pass for it.
//!
//! The baseline learns a sample when it leaves the window: what is compared has no sample in common, and a change is judged
//! before it is learned.
//!
//! # Sees
//! Shifts of the mean far below the scatter of single samples, and changes of the scatter, up or down: a sensor that is
//! stuck is one.
//!
//! # Blind to
//! What is over long before the window is full of it; a change slower than the baseline follows. With `effect` alone,
//! shifts below it, however many samples show them.
//!
//! # Parameters
//! `window_secs` and `size` how far back the window reaches, `min_samples` below which it is not judged; `effect`,
//! `significance`, `spread_above`, `spread_below` the limits, each of which may be left out; `cap` the most that one sample
//! may deviate for its part, so that one spike is neither a shift nor a scatter; `direction` of the mean.
//!
//! # Cost
//! 48 bytes a sample of the window; some thirty operations a sample, and once a window each of its samples is
//! added up anew.
//!
//! # References
//! G. V. Bayley and J. M. Hammersley, The effective number of independent observations in an autocorrelated time series,
//! JRSS Supplement 8 (1946). J. von Neumann et al., The mean square successive difference, Annals of Mathematical
//! Statistics 12 (1941).

use super::{Defaults, Detect, Finding, Leaning, Residual, Score};
use crate::{
    Sample,
    config::{Exit, Rules, RunRule, WindowShift},
    event::{Aspect, Direction},
    math::sqrt,
    plain::plain,
    series::{baseline::Yardstick, dating::Change},
    stats::sliding::{Sliding, Totals},
};

/// A statistic beyond this share of its limit belongs to a change when it is dated.
const STANDS_OUT: f64 = 0.5;
/// Successive differences are averaged over about so many samples.
const DIFFERENCES: u32 = 1000;
/// Beyond this autocorrelation a series wanders rather than scatters.
const PHI_MAX: f64 = 0.98;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct State {
    window: Sliding,
    /// How many of the oldest samples the baseline has learned already, in the warm-up.
    learned: u32,
    /// The newest value, and the mean square of the differences from one to the next, of so many.
    last: Option<f64>,
    squared_difference: f64,
    differences: u32,
}

plain! {
    struct State { window, learned, last, squared_difference, differences }
}

impl Detect for WindowShift {
    type State = State;

    fn init(&self) -> State {
        State { window: Sliding::new(), learned: 0, last: None, squared_difference: 0.0, differences: 0 }
    }

    fn score(&self, state: &mut State, residual: Residual) -> Option<Finding> {
        let Residual { observed, yardstick, at, .. } = residual;
        let counted = match self.cap {
            Some(cap) => {
                let (deviation, reach) = (observed - yardstick.level, cap * yardstick.spread);
                if deviation.abs() <= reach { observed } else { yardstick.level + reach.copysign(deviation) }
            }
            None => observed,
        };
        Self::take(state, counted, at);
        let totals = state.window.totals();
        if totals.count < f64::from(self.min_samples) {
            return None;
        }
        let phi = state.phi(yardstick.spread);
        let signed = self.mean_shift(&totals, yardstick, phi);
        let mean = self.direction.choose(signed, -signed);
        let width = sqrt(totals.variance());
        let (wider, narrower) = self.spread_change(width / yardstick.spread);
        let (value, direction) =
            if narrower > wider { (narrower, Direction::Down) } else { (wider, Direction::Up) };
        // A step widens the window as well, until all of it has happened; a wider spread moves the mean, by chance.
        let chance = width * sqrt((1.0 + phi) / (1.0 - phi) / totals.count);
        let stepped = mean.value > STANDS_OUT && (totals.mean - yardstick.level).abs() > 2.0 * chance;
        let score = if value <= mean.value {
            mean
        } else if stepped {
            Score { value, ..mean }
        } else {
            Score { value, direction, aspect: Aspect::Spread }
        };
        let up = signed > STANDS_OUT || wider > STANDS_OUT;
        let down = signed < -STANDS_OUT || narrower > STANDS_OUT;
        Some(Finding { score, leaning: Leaning { up, down } })
    }

    /// A window holds nearly the same samples as the one before: a second look tells nothing new.
    fn defaults(&self) -> Defaults {
        let enter = Rules::one(RunRule { hits: 1, window: 1, level: 1.0 });
        let exit = Exit::Within(RunRule { hits: 1, window: 1, level: 0.5 });
        Defaults { enter, exit, warn: 0.5, adopts: true, gap: 1 }
    }

    fn is_sane(&self, state: &State) -> bool {
        let usable = |(at, value): &(f64, f64)| at.is_finite() && Sample::can_be_mean(*value);
        state.window.len() <= self.size as usize
            && state.window.iter().all(usable)
            && state.last.is_none_or(Sample::can_be_mean)
            // What the squares of the largest differences can come to.
            && (0.0..=1e303).contains(&state.squared_difference)
    }

    fn watch(&self, state: &mut State, observed: f64, at: f64) {
        while self.expire(state, at).is_some() {}
        state.learned = state.learned.saturating_add(1);
        Self::take(state, observed, at);
    }

    fn lags(&self) -> bool {
        true
    }

    fn expire(&self, state: &mut State, at: f64) -> Option<(f64, Option<f64>)> {
        let full = state.window.len() >= self.size as usize;
        let old = |then: f64| self.window_secs.is_some_and(|secs| at - then > secs);
        let oldest = state.window.oldest().filter(|(then, _)| full || old(*then));
        let (then, value) = oldest?;
        state.window.pop();
        let learn = state.learned == 0;
        state.learned = state.learned.saturating_sub(1);
        Some((then, learn.then_some(value)))
    }

    fn amend(&self, state: &State, score: Score, yardstick: Yardstick, dated: Change) -> Change {
        match score.aspect {
            Aspect::Spread => {
                let level = sqrt(state.window.totals().variance());
                Change { before: yardstick.spread, level, ..dated }
            }
            Aspect::Level | Aspect::Trend | Aspect::Point => dated,
        }
    }

    fn present(&self, state: &State) -> Option<f64> {
        (state.window.len() > 0).then(|| state.window.totals().mean)
    }

    fn restart(&self, state: &mut State) {
        // Not made anew, which would allocate.
        state.window.clear();
        state.learned = 0;
        (state.last, state.squared_difference, state.differences) = (None, 0.0, 0);
    }

    /// The samples are what they are, whatever is normal.
    fn release(&self, _state: &mut State) {}
}

impl WindowShift {
    fn take(state: &mut State, value: f64, at: f64) {
        state.window.push(at, value);
        if let Some(last) = state.last.replace(value) {
            let difference = value - last;
            state.differences = (state.differences + 1).min(DIFFERENCES);
            let weight = 1.0 / f64::from(state.differences);
            state.squared_difference += weight * (difference * difference - state.squared_difference);
        }
    }

    /// The mean's distance in units of its alarm line; 0 if it is not to be judged.
    fn mean_shift(&self, totals: &Totals, yardstick: Yardstick, phi: f64) -> f64 {
        let Yardstick { level, spread, samples, .. } = yardstick;
        let error = sqrt((1.0 / totals.count + 1.0 / samples) * (1.0 + phi) / (1.0 - phi));
        let line = self.significance.map_or(0.0, |factor| factor * error).max(self.effect.unwrap_or(0.0));
        if line > 0.0 { (totals.mean - level) / spread / line } else { 0.0 }
    }

    /// How far the spread is up and down, in units of its alarm lines.
    fn spread_change(&self, ratio: f64) -> (f64, f64) {
        let above = self.spread_above.map_or(0.0, |limit| (ratio - 1.0) / (limit - 1.0));
        let below = self.spread_below.map_or(0.0, |limit| (1.0 - ratio) / (1.0 - limit));
        // Not `max`: of 0 and -0 it may give either.
        (if above > 0.0 { above } else { 0.0 }, if below > 0.0 { below } else { 0.0 })
    }
}

impl State {
    /// Neighbours of autocorrelation phi differ by a mean square of 2 (1 - phi) variances.
    fn phi(&self, spread: f64) -> f64 {
        let variances = self.squared_difference / spread / spread;
        (1.0 - variances / 2.0).clamp(0.0, PHI_MAX)
    }
}
