//! An exponentially weighted reference level.
//!
//! With a fixed or weighted scale it is the plain recursion: the first sample seeds the level, every further one moves it by
//! `alpha` times the deviation. With an automatic scale the warm-up's median seeds it, after which the weight falls
//! from 1/n to `alpha`, and a sample counts at most three spreads.

use alloc::vec::Vec;

use super::{Yardstick, spread::Spread};
use crate::{
    Error, Sample,
    config::{Exponential, Scale},
    math,
    plain::plain,
};

/// The spread is remembered this many times as long as the level: it changes less and is harder to learn.
const SPREAD_MEMORY: f64 = 20.0;

/// The scale changes slowly once it knows this many samples ...
const REFRESH_ALWAYS: u64 = 256;
/// ... and is then brought up to date only so often.
const REFRESH_EVERY: u64 = 16;

/// What has been learned.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct State {
    /// Samples learned since the start or since a new level was adopted.
    learned: u64,
    /// The reference level, transformed.
    level: f64,
    scale: Learned,
}

#[derive(Clone, Debug, PartialEq)]
enum Learned {
    /// The scale is given.
    Given,
    /// The automatic scale's warm-up samples.
    WarmUp(Vec<f64>),
    /// The automatic scale.
    Spread(Spread),
    /// The exponentially weighted variance.
    Variance(f64),
}

plain! {
    struct State { learned, level, scale }
}

plain! {
    enum Learned { Given, WarmUp(samples), Spread(spread), Variance(variance) }
}

impl State {
    /// How many samples a level on a given scale was learned from, and the level.
    pub(crate) fn plain(&mut self) -> (&mut u64, &mut f64) {
        (&mut self.learned, &mut self.level)
    }
}

impl Exponential {
    pub(crate) fn init(&self) -> State {
        let scale = match self.scale {
            Scale::Fixed(_) => Learned::Given,
            Scale::Weighted { .. } => Learned::Variance(0.0),
            Scale::Auto { .. } => Learned::WarmUp(Vec::with_capacity(self.min_samples as usize)),
        };
        State { learned: 0, level: 0.0, scale }
    }

    /// Whether the warm-up is over.
    #[inline]
    pub(crate) fn is_ready(&self, state: &State) -> bool {
        match state.scale {
            Learned::Given | Learned::Variance(_) => state.learned >= u64::from(self.min_samples),
            Learned::WarmUp(_) => false,
            Learned::Spread(_) => true,
        }
    }

    #[inline]
    pub(crate) fn yardstick(&self, state: &State) -> Yardstick {
        let (unit, spread) = match (&state.scale, self.scale) {
            (Learned::Spread(spread), _) => (spread.scale(), spread.width()),
            (Learned::Variance(variance), _) => {
                let deviation = math::sqrt(*variance).max(self.floor()).max(super::LEAST_SPREAD);
                (deviation, deviation)
            }
            (_, Scale::Fixed(scale)) => (scale, scale),
            _ => (1.0, 1.0),
        };
        // So many equally weighted samples scatter as their exponentially weighted mean.
        let samples = (state.learned as f64).min((2.0 - self.alpha) / self.alpha);
        Yardstick { level: state.level, unit, spread, samples }
    }

    #[inline]
    pub(crate) fn learn(&self, state: &mut State, value: f64, _at: f64) {
        match &mut state.scale {
            Learned::Given => {
                let weight = if state.learned == 0 { 1.0 } else { self.alpha };
                state.level += weight * (value - state.level);
                state.learned = state.learned.saturating_add(1);
            }
            Learned::Variance(variance) => {
                let weight = if state.learned == 0 { 1.0 } else { self.alpha };
                let deviation = value - state.level;
                // T. Finch, Incremental calculation of weighted mean and variance (2009), equation 143.
                *variance = (1.0 - weight) * (*variance + weight * deviation * deviation);
                state.level += weight * deviation;
                state.learned = state.learned.saturating_add(1);
            }
            _ => self.learn_scaled(state, value),
        }
    }

    fn learn_scaled(&self, state: &mut State, value: f64) {
        let floor = self.floor();
        state.learned = state.learned.saturating_add(1);
        match &mut state.scale {
            Learned::Given | Learned::Variance(_) => {}
            Learned::WarmUp(samples) => {
                samples.push(value);
                if samples.len() >= self.min_samples as usize {
                    let (level, spread) = Spread::of(samples, floor);
                    state.level = level;
                    state.scale = Learned::Spread(spread);
                }
            }
            Learned::Spread(spread) => {
                let memory = SPREAD_MEMORY / self.alpha;
                let deviation = spread.learn(value - state.level, memory);
                let weight = self.alpha.max(1.0 / state.learned as f64);
                state.level += weight * deviation;
                if state.learned < REFRESH_ALWAYS || state.learned.is_multiple_of(REFRESH_EVERY) {
                    spread.refresh(state.level, state.learned, floor);
                }
            }
        }
    }

    /// Makes a value the new level; the scale stays as learned.
    pub(crate) fn adopt(&self, state: &mut State, value: f64) {
        state.level = value;
        if let Learned::Spread(spread) = &mut state.scale {
            // From one sample on the level is learned afresh, as a running mean at first.
            state.learned = 1;
            spread.refresh(state.level, state.learned, self.floor());
        }
    }

    /// Refuses a decoded state that learning under this configuration cannot lead to.
    pub(crate) fn check(&self, state: &State) -> Result<(), Error> {
        let kind_fits = match self.scale {
            Scale::Fixed(_) => matches!(state.scale, Learned::Given),
            Scale::Weighted { .. } => matches!(state.scale, Learned::Variance(_)),
            Scale::Auto { .. } => matches!(state.scale, Learned::WarmUp(_) | Learned::Spread(_)),
        };
        if !kind_fits {
            return Err(Error::SnapshotMismatch);
        }
        let holds = match &state.scale {
            Learned::Given => true,
            // The warm-up may have been asked to be shorter since; the next sample then ends it.
            Learned::WarmUp(samples) => samples.iter().all(|x| x.abs() <= Sample::LIMIT),
            Learned::Spread(spread) => spread.is_sane() && state.learned > 0,
            Learned::Variance(variance) => *variance >= 0.0 && variance.is_finite(),
        };
        if holds && Sample::can_be_mean(state.level) { Ok(()) } else { Err(Error::SnapshotCorrupt) }
    }

    fn floor(&self) -> f64 {
        match self.scale {
            Scale::Auto { floor } | Scale::Weighted { floor } => floor,
            Scale::Fixed(_) => 0.0,
        }
    }
}
