//! Mean and standard deviation over everything so far, with exponential forgetting.
//!
//! Welford's recursion with a weight that decays: after a half-life a sample counts half. Without one it is the plain
//! running mean and variance.

use core::f64::consts::LN_2;

use super::Yardstick;
use crate::{
    Error, Sample,
    config::Forgetting,
    math,
    plain::{Pass, Plain},
};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct State {
    learned: u64,
    /// Samples, each counted by what is left of it.
    weight: f64,
    /// The same of their squared weights.
    squared_weight: f64,
    mean: f64,
    m2: f64,
    /// As `weight`, but only since a level was last adopted: what the mean is made of.
    mean_weight: f64,
    decay: Decay,
}

impl Plain for State {
    const EMPTY: Self = Self {
        learned: 0,
        weight: 0.0,
        squared_weight: 0.0,
        mean: 0.0,
        m2: 0.0,
        mean_weight: 0.0,
        decay: Decay { half_life: f64::NAN, kept: 1.0 },
    };

    fn pass(&mut self, by: &mut Pass<'_>) {
        let Self { learned, weight, squared_weight, mean, m2, mean_weight, decay: _ } = self;
        learned.pass(by);
        for number in [weight, squared_weight, mean, m2, mean_weight] {
            number.pass(by);
        }
    }
}

/// What is left of a sample after the next one, kept because a power takes longer than all the rest. It follows from the
/// settings, so it is no part of what states are compared by.
#[derive(Clone, Copy, Debug)]
struct Decay {
    half_life: f64,
    kept: f64,
}

impl Decay {
    #[inline]
    fn of(&mut self, half_life: Option<f64>) -> f64 {
        let Some(half_life) = half_life else { return 1.0 };
        if self.half_life != half_life {
            *self = Self { half_life, kept: 1.0 + math::exp_m1(-LN_2 / half_life) };
        }
        self.kept
    }
}

impl PartialEq for Decay {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

impl Forgetting {
    pub(crate) fn init(&self) -> State {
        State::EMPTY
    }

    #[inline]
    pub(crate) fn is_ready(&self, state: &State) -> bool {
        state.learned >= u64::from(self.min_samples)
    }

    #[inline]
    pub(crate) fn yardstick(&self, state: &State) -> Yardstick {
        let State { weight, squared_weight, mean, m2, .. } = *state;
        // The unbiased variance of weighted samples; n - 1 where all weigh 1.
        let freedom = weight - squared_weight / weight;
        let spread = math::sqrt(m2 / freedom).max(self.floor).max(super::LEAST_SPREAD);
        Yardstick { level: mean, unit: spread, spread, samples: weight * weight / squared_weight }
    }

    #[inline]
    pub(crate) fn learn(&self, state: &mut State, value: f64, _at: f64) {
        let kept = state.decay.of(self.half_life);
        state.learned = state.learned.saturating_add(1);
        state.weight = kept * state.weight + 1.0;
        state.squared_weight = kept * kept * state.squared_weight + 1.0;
        let deviation = value - state.mean;
        state.mean_weight = kept * state.mean_weight + 1.0;
        state.mean += deviation / state.mean_weight;
        // Far beyond any measurement, and still finite.
        state.m2 = (kept * state.m2 + deviation * (value - state.mean)).min(1e305);
    }

    pub(crate) fn adopt(&self, state: &mut State, value: f64) {
        state.mean = value;
        state.mean_weight = 1.0;
    }

    pub(crate) fn check(&self, state: &State) -> Result<(), Error> {
        let State { learned, weight, squared_weight, mean, m2, mean_weight, .. } = *state;
        // No sample counts for more than it weighs, and from the second one on the sum exceeds 1.
        let weighs = match learned {
            0 => [weight, squared_weight, mean_weight] == [0.0; 3],
            1 => [weight, squared_weight, mean_weight] == [1.0; 3],
            _ => weight > 1.0 && [squared_weight, mean_weight].iter().all(|x| (1.0..=weight).contains(x)),
        };
        let finite = weight.is_finite() && m2.is_finite() && m2 >= 0.0 && Sample::can_be_mean(mean);
        if weighs && finite { Ok(()) } else { Err(Error::SnapshotCorrupt) }
    }
}
