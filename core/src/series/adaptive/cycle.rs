//! The season of a series: the phase of a period, and a profile of a longer cycle such as a week.

use alloc::{vec, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::math;

/// Slots of a profile at most: those of a week of five minutes each.
const MOST_SLOTS: usize = 2016;

/// A slot is smoothed over so many neighbours to each side.
const REACH: usize = 2;

/// A slot remembers so many cycles ...
const MEMORY: f32 = 6.0;
/// ... and is shrunk towards nothing as if by so many values of 0.
const PRIOR: f64 = 2.0;

/// What of the season is known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Cycle {
    /// In the unit of time of the samples.
    pub(crate) period: Option<f64>,
    /// The longer cycle, a multiple of the period.
    pub(crate) longer: Option<f64>,
    means: Vec<f32>,
    counts: Vec<f32>,
}

impl Cycle {
    pub(crate) fn new(period: Option<f64>) -> Self {
        Self { period, ..Self::default() }
    }

    /// Begins a profile of a longer cycle, for samples at an interval.
    pub(crate) fn watch(&mut self, cycle: f64, interval: f64) {
        let samples = cycle / interval;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
        let slots = samples.clamp(7.0, MOST_SLOTS as f64) as usize;
        self.longer = Some(cycle);
        self.means = vec![0.0; slots];
        self.counts = vec![0.0; slots];
    }

    /// The share of a period that has passed at a time.
    pub(crate) fn phase(at: f64, period: f64) -> f64 {
        let turns = at / period;
        turns - math::floor(turns)
    }

    fn slot(&self, at: f64) -> Option<usize> {
        let share = Self::phase(at, self.longer?);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a length")]
        let slot = (share * self.means.len() as f64) as usize;
        Some(slot.min(self.means.len().checked_sub(1)?))
    }

    /// What the profile adds to level and season at a time.
    pub(crate) fn profile(&self, at: f64) -> f64 {
        let Some(slot) = self.slot(at) else { return 0.0 };
        let slots = self.means.len();
        let (mut sum, mut weight) = (0.0, PRIOR);
        for near in slot + slots - REACH..=slot + slots + REACH {
            let (mean, count) = (self.means[near % slots], self.counts[near % slots]);
            sum += f64::from(mean) * f64::from(count);
            weight += f64::from(count);
        }
        sum / weight
    }

    /// Learns what level and season leave of a value at a time.
    pub(crate) fn learn(&mut self, at: f64, rest: f64, interval: f64) {
        let (Some(slot), Some(cycle)) = (self.slot(at), self.longer) else { return };
        #[expect(clippy::cast_possible_truncation, reason = "the nearest number there is")]
        let (rest, each) = (rest as f32, (cycle / interval / self.means.len() as f64) as f32);
        let most = MEMORY * if each > 1.0 { each } else { 1.0 };
        let count = self.counts[slot] + 1.0;
        self.counts[slot] = if count < most { count } else { most };
        self.means[slot] += (rest - self.means[slot]) / self.counts[slot];
    }

    /// Whether a decoded cycle is one that there can be.
    pub(crate) fn is_sane(&self) -> bool {
        let positive = |span: Option<f64>| span.is_none_or(|span| span > 0.0 && span.is_finite());
        let slots = self.means.len();
        positive(self.period)
            && positive(self.longer)
            && slots == self.counts.len()
            && (if self.longer.is_some() { (7..=MOST_SLOTS).contains(&slots) } else { slots == 0 })
            && self.means.iter().all(|mean| mean.is_finite())
            && self.counts.iter().all(|count| *count >= 0.0 && count.is_finite())
    }
}
