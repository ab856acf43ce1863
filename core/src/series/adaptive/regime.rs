//! The series after an alarm, as far as it is known: a level and a spread that are learned afresh while judging goes on.

use serde::{Deserialize, Serialize};

use super::reference::Reference;
use crate::math;

/// A shift or a factor whose chi-square is not above it is none.
const PENALTY: f64 = 4.0;
/// The spread is held to be what it was as if by so many innovations, fewer if the alarm was about the spread.
const SPREAD_PRIOR: f64 = 30.0;
const SPREAD_PRIOR_DOUBTED: f64 = 5.0;
/// No innovation counts as further out, in standard deviations.
const MOST_APART: f64 = 6.0;

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Regime {
    /// Samples since the change.
    pub(crate) samples: f64,
    /// Innovations times their response to a step, and the squares of that.
    along: f64,
    weight: f64,
    /// Absolute innovations without the shift, in those of the reference.
    apart: f64,
    scattered: f64,
    prior: f64,
    before: f64,
    /// How far innovations are shifted, shrunk.
    pub(crate) shift: f64,
    /// How much wider they are, shrunk.
    pub(crate) factor: f64,
}

impl Regime {
    /// Nothing seen yet, after one whose spread was wider by a factor.
    pub(crate) fn new(before: f64, spread_doubted: bool) -> Self {
        let prior = if spread_doubted { SPREAD_PRIOR_DOUBTED } else { SPREAD_PRIOR };
        Self {
            samples: 0.0,
            along: 0.0,
            weight: 0.0,
            apart: 0.0,
            scattered: 0.0,
            prior,
            before,
            shift: 0.0,
            factor: before,
        }
    }

    /// An innovation, from the mean of the reference, that answers to a step of 1 by so much.
    pub(crate) fn add(&mut self, innovation: f64, response: f64) {
        self.samples += 1.0;
        self.along += response * innovation;
        self.weight += response * response;
    }

    /// How far an innovation, less its shift, lies from the mean of the reference.
    pub(crate) fn scatter(&mut self, apart: f64, reference: &Reference) {
        let most = MOST_APART * self.factor * reference.spread;
        let apart = if apart.abs() < most { apart.abs() } else { most };
        self.scattered += 1.0;
        self.apart += apart / (reference.deviation + 1e-300);
    }

    /// Estimates shift and factor; `settled` is the response of later samples.
    pub(crate) fn settle(&mut self, settled: f64, reference: &Reference) {
        let step = self.along / self.weight.max(1e-9);
        let errors = step / (reference.spread + 1e-300);
        self.shift = settled * step * keep(errors * errors * self.weight);
        let mean = (self.prior * self.before + self.apart) / (self.prior + self.scattered);
        let log = math::ln(mean.clamp(1e-3, 1e9));
        // The variance of the logarithm of a mean of so many absolute values.
        let heavy = reference.spread / (reference.deviation + 1e-300);
        let variance = heavy * heavy - 1.0;
        let variance = if variance > 0.1 { variance } else { 0.1 };
        self.factor = math::exp(log * keep(log * log * self.scattered / variance));
    }

    /// How much wider scores are, because the shift is not known exactly; as a variance.
    pub(crate) fn uncertainty(&self, settled: f64) -> f64 {
        1.0 + settled * settled / self.weight.max(1e-9)
    }

    /// The standard error of the shift, in spreads of innovations.
    pub(crate) fn error(&self, settled: f64) -> f64 {
        settled / math::sqrt(self.weight.max(1e-9))
    }

    /// Whether it differs from what it was compared with.
    pub(crate) fn is_change(&self) -> bool {
        self.shift != 0.0 || self.factor != 1.0
    }

    /// Whether a decoded regime is one that there can be.
    pub(crate) fn is_sane(&self) -> bool {
        let Self { samples, along, weight, apart, scattered, prior, before, shift, factor } = *self;
        [samples, weight, apart, scattered, prior].iter().all(|number| (0.0..=1e20).contains(number))
            && [along, shift].iter().all(|number| number.abs() <= 1e60)
            && [before, factor].iter().all(|factor| (1e-12..=1e12).contains(factor))
    }
}

/// What is left of an estimate with this chi-square.
fn keep(chi_square: f64) -> f64 {
    if chi_square > PENALTY { 1.0 - PENALTY / chi_square } else { 0.0 }
}
