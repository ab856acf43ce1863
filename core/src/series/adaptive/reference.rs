//! How unusual an innovation is among those of the past: its rank, as a normal score.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::{math, stats::normal};

/// New values wait for so many of their kind before they are sorted in ...
const BATCH: usize = 64;
/// ... but for fewer while there are few in all.
const FEW: usize = 256;

/// Values nearer than this share of the standard deviation count as ties, half to each side.
const TIE: f64 = 0.15;

/// The outer share to each side that is smoothed by a generalised Pareto tail; at least so many values.
const TAIL: f64 = 0.02;
const TAIL_LEAST: usize = 12;
/// The shape that a tail is shrunk towards, as many values weigh: that of an exponential one.
const TAIL_PRIOR: f64 = 20.0;

/// No score is further out: beyond it, tails are guesses.
pub(crate) const CAP: f64 = 4.0;

/// Nothing further out is remembered, so that single precision suffices.
pub(crate) const FAR: f64 = 1e35;

/// The newest innovations, and what they say of the next one. Single precision: ranks need no more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Reference {
    /// In order of time, from `oldest` on.
    ring: Vec<f32>,
    oldest: usize,
    /// All of `ring`, in order of size, but for what `fresh` and `gone` tell.
    sorted: Vec<f32>,
    fresh: Vec<f32>,
    gone: Vec<f32>,
    /// Mean, standard deviation and mean absolute deviation without the outermost values.
    pub(crate) mean: f64,
    pub(crate) spread: f64,
    pub(crate) deviation: f64,
    width: f64,
    /// No score goes further than as many samples can tell.
    most: f64,
    low: Tail,
    high: Tail,
}

/// A generalised Pareto distribution of what lies beyond a threshold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Tail {
    threshold: f64,
    share: f64,
    scale: f64,
    shape: f64,
}

impl Reference {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            ring: Vec::with_capacity(capacity),
            oldest: 0,
            sorted: Vec::with_capacity(capacity + BATCH),
            fresh: Vec::with_capacity(BATCH),
            gone: Vec::with_capacity(BATCH),
            mean: 0.0,
            spread: 0.0,
            deviation: 0.0,
            width: 0.0,
            most: 0.0,
            low: Tail::default(),
            high: Tail::default(),
        }
    }

    pub(crate) fn reserve(&mut self, capacity: usize) {
        let Self { ring, sorted, fresh, gone, .. } = self;
        for (values, capacity) in
            [(ring, capacity), (sorted, capacity + BATCH), (fresh, BATCH), (gone, BATCH)]
        {
            values.reserve_exact(capacity.saturating_sub(values.len()));
        }
    }

    /// Innovations known.
    pub(crate) fn len(&self) -> usize {
        self.ring.len()
    }

    pub(crate) fn clear(&mut self) {
        for values in [&mut self.ring, &mut self.sorted, &mut self.fresh, &mut self.gone] {
            values.clear();
        }
        self.oldest = 0;
    }

    /// Learns an innovation; one of the past is forgotten where there is no more room.
    pub(crate) fn push(&mut self, value: f64, capacity: usize) {
        #[expect(clippy::cast_possible_truncation, reason = "the nearest number there is")]
        let value = value.clamp(-FAR, FAR) as f32;
        // -0 becomes 0: the same value must have the same bits to be found when it goes.
        let value = value + 0.0;
        if self.ring.len() < capacity {
            self.ring.push(value);
        } else {
            let old = core::mem::replace(&mut self.ring[self.oldest], value);
            self.oldest = (self.oldest + 1) % self.ring.len();
            self.gone.push(old);
        }
        self.fresh.push(value);
        if self.fresh.len() >= BATCH || self.ring.len() < FEW {
            self.refresh();
        }
    }

    /// Sorts in what is new.
    pub(crate) fn refresh(&mut self) {
        self.fresh.sort_unstable_by(f32::total_cmp);
        self.gone.sort_unstable_by(f32::total_cmp);
        // What is gone was sorted in before: no ring is shorter than a batch once values go.
        let mut gone = self.gone.iter().peekable();
        self.sorted.retain(|value| {
            let goes = gone.peek().is_some_and(|next| next.to_bits() == value.to_bits());
            if goes {
                gone.next();
            }
            !goes
        });
        // From the top down, so that every value is moved once.
        let mut from = self.sorted.len();
        self.sorted.resize(from + self.fresh.len(), 0.0);
        let mut to = self.sorted.len();
        for &value in self.fresh.iter().rev() {
            while from > 0 && self.sorted[from - 1] > value {
                from -= 1;
                to -= 1;
                self.sorted[to] = self.sorted[from];
            }
            to -= 1;
            self.sorted[to] = value;
        }
        self.fresh.clear();
        self.gone.clear();
        self.measure();
    }

    /// All values move by so much.
    pub(crate) fn shift(&mut self, by: f64) {
        for values in [&mut self.ring, &mut self.sorted, &mut self.fresh, &mut self.gone] {
            for value in values.iter_mut() {
                #[expect(clippy::cast_possible_truncation, reason = "the nearest number there is")]
                let moved = (f64::from(*value) + by).clamp(-FAR, FAR) as f32;
                *value = moved;
            }
        }
        self.measure();
    }

    /// The value that a share of all lies below.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        let last = self.sorted.len().saturating_sub(1);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a length")]
        let rank = (last as f64 * share) as usize;
        self.sorted.get(rank).copied().map_or(0.0, f64::from)
    }

    fn measure(&mut self) {
        let count = self.sorted.len();
        let (low, high) = (self.quantile(0.002), self.quantile(0.998));
        let (mut sum, mut squares) = (0.0, 0.0);
        for value in &self.sorted {
            let value = f64::from(*value).clamp(low, high) - low;
            sum += value;
            squares += value * value;
        }
        let mean = sum / count.max(1) as f64;
        let variance = squares / count.max(1) as f64 - mean * mean;
        self.mean = low + mean;
        self.spread = if variance > 0.0 { math::sqrt(variance) } else { 0.0 };
        let apart: f64 =
            self.sorted.iter().map(|value| (f64::from(*value).clamp(low, high) - self.mean).abs()).sum();
        self.deviation = apart / count.max(1) as f64;
        let range = self.quantile(1.0) - self.quantile(0.0);
        // Wide enough that equal values, rounded in other ways, stay equal.
        let least = 1e-6 * range + 1e-6 * (1.0 + self.mean.abs());
        let width = 0.5 * TIE * self.spread;
        self.width = if width > least { width } else { least };
        let most = -normal::quantile(0.05 / count.max(1) as f64);
        self.most = if most < CAP { most } else { CAP };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a length")]
        let beyond = ((count as f64 * TAIL) as usize).max(TAIL_LEAST).min(count / 4);
        let least_scale = 0.1 * self.spread + 1e-30;
        self.high = Tail::of(beyond, count, least_scale, |k| f64::from(self.sorted[count - 1 - k]));
        self.low = Tail::of(beyond, count, least_scale, |k| -f64::from(self.sorted[k]));
    }

    /// The normal score of an innovation, -4 to 4: the mean score of all ranks that it may have among its ties, so that
    /// rounded and repeated values score like others.
    pub(crate) fn score(&self, value: f64) -> f64 {
        let (below, above) = (self.share_below(value - self.width), self.share_below(value + self.width));
        let score = if above - below > 1e-3 {
            let densities =
                normal::density(normal::quantile(below)) - normal::density(normal::quantile(above));
            densities / (above - below)
        } else {
            normal::quantile(0.5 * (below + above))
        };
        score.clamp(-self.most, self.most)
    }

    /// The logarithm of how dense innovations lie about a value, but for a constant.
    pub(crate) fn log_density(&self, value: f64) -> f64 {
        /// To each side, in standard deviations: wide enough to hold some of a few hundred values.
        const REACH: f64 = 0.25;
        const LEAST: f64 = 1e-9;
        let reach = REACH * self.spread + self.width;
        let share = self.share_below(value + reach) - self.share_below(value - reach);
        math::ln(if share > LEAST { share } else { LEAST })
    }

    /// The share of innovations below a value, never quite 0 or 1.
    fn share_below(&self, value: f64) -> f64 {
        const LEAST: f64 = 1e-9;
        let share = if value > self.high.threshold {
            1.0 - self.high.beyond(value)
        } else if -value > self.low.threshold {
            self.low.beyond(-value)
        } else {
            let below = self.sorted.partition_point(|other| f64::from(*other) < value);
            below as f64 / self.sorted.len().max(1) as f64
        };
        share.clamp(LEAST, 1.0 - LEAST)
    }

    /// Whether what is in order of size is what is in order of time, but for what waits.
    fn holds_the_same(&self) -> bool {
        let together = |one: &[f32], other: &[f32]| {
            let mut values: Vec<u32> = one.iter().chain(other).map(|value| value.to_bits()).collect();
            values.sort_unstable();
            values
        };
        together(&self.sorted, &self.fresh) == together(&self.ring, &self.gone)
    }

    /// Whether a decoded reference is one that there can be.
    pub(crate) fn is_sane(&self, capacity: usize) -> bool {
        let numbers = [self.mean, self.spread, self.deviation, self.width, self.most];
        let tails = [self.low, self.high].iter().all(|tail| {
            [tail.threshold, tail.scale].iter().all(|number| number.abs() <= 10.0 * FAR)
                && (0.0..=1.0).contains(&tail.share)
                && (-0.25..=0.9).contains(&tail.shape)
                && (tail.scale > 0.0 || self.sorted.is_empty())
        });
        self.ring.len() <= capacity
            && (self.oldest < self.ring.len() || self.oldest == 0)
            && self.fresh.len() < BATCH
            && self.gone.len() <= self.fresh.len()
            && self
                .ring
                .iter()
                .chain(&self.sorted)
                .chain(&self.fresh)
                .chain(&self.gone)
                .all(|x| f64::from(x.abs()) <= FAR)
            && self.sorted.is_sorted()
            && self.holds_the_same()
            && numbers.iter().all(|number| number.abs() <= 10.0 * FAR)
            && self.spread >= 0.0
            && (0.0..=CAP).contains(&self.most)
            && tails
    }
}

impl Tail {
    /// Fitted by probability-weighted moments to the outermost values, which `at` gives from the outermost on. J. R. M. Hosking
    /// and J. R. Wallis, *Technometrics* 29 (1987). The shape lies between that of a bounded tail and that of a very heavy one.
    fn of(beyond: usize, count: usize, least_scale: f64, at: impl Fn(usize) -> f64) -> Self {
        if beyond == 0 {
            return Self::default();
        }
        let threshold = at(beyond);
        let (mut mean, mut weighted) = (0.0, 0.0);
        for k in 0..beyond {
            let excess = at(k) - threshold;
            mean += excess;
            weighted += excess * (k as f64 + 0.35) / beyond as f64;
        }
        mean /= beyond as f64;
        weighted /= beyond as f64;
        let apart = mean - 2.0 * weighted;
        let raw = if apart.abs() > 1e-12 * mean { 2.0 - mean / apart } else { 0.0 };
        let known = beyond as f64 / (beyond as f64 + TAIL_PRIOR);
        let shape = if raw.is_finite() { (raw * known).clamp(-0.25, 0.9) } else { 0.0 };
        let scale = mean * (1.0 - shape);
        let scale = if scale > least_scale { scale } else { least_scale };
        Self { threshold, share: beyond as f64 / count as f64, scale, shape }
    }

    /// The share of all values beyond one that is beyond the threshold.
    fn beyond(&self, value: f64) -> f64 {
        let excess = (value - self.threshold) / self.scale;
        let log = if self.shape.abs() > 1e-6 {
            let base = 1.0 + self.shape * excess;
            if base <= 0.0 {
                return 0.0;
            }
            -math::ln(base) / self.shape
        } else {
            -excess
        };
        self.share * math::exp(log)
    }
}
