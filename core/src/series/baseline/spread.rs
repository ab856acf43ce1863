//! The automatic scale: how widely residuals scatter, counting that neighbouring samples resemble each other.
//!
//! A sum of n autocorrelated residuals scatters sqrt((1 + phi) / (1 - phi)) times as widely as one of independent
//! residuals of the same spread. Dividing by spread times that factor makes one set of parameters serve them all.

use crate::{math::sqrt, plain::plain, stats::robust};

/// Deviations count at most this many spreads for the spread, so that outliers do not widen it for long.
const SPREAD_WINSOR: f64 = 3.0;
/// And this many for the level: fewer would bias the level of skewed values, and a detector would add the bias up.
const LEVEL_WINSOR: f64 = 8.0;
/// Beyond this autocorrelation a series wanders rather than scatters; no scale would be large enough.
const PHI_MAX: f64 = 0.98;
/// How much the scale is widened for its own uncertainty: the square root
/// of 1 + this / effective samples.
const SPREAD_CAUTION: f64 = 0.5;
/// How much it is widened for the level's: the square root of 1 + this / samples that the level
/// was learned from.
const LEVEL_CAUTION: f64 = 60.0;
/// A constant series has no spread; this share of its level stands in for it.
const RELATIVE_FLOOR: f64 = 1e-9;
/// The same for a series that is constantly zero.
const ABSOLUTE_FLOOR: f64 = 1e-12;

/// Running second moments of winsorized deviations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spread {
    square: f64,
    lagged: f64,
    last: f64,
    samples: u64,
    width: f64,
    scale: f64,
}

plain! {
    struct Spread { square, lagged, last, samples, width, scale }
}

impl Spread {
    /// Learns level and spread from a warm-up.
    pub(super) fn of(warm_up: &[f64], floor: f64) -> (f64, Self) {
        let center = robust::median(&mut warm_up.to_vec());
        let spread = robust::spread(warm_up, center).max(least(center, floor));
        let (mut sum, mut square, mut lagged, mut last) = (0.0, 0.0, 0.0, 0.0);
        for value in warm_up {
            sum += winsorize(value - center, LEVEL_WINSOR * spread);
            let deviation = winsorize(value - center, SPREAD_WINSOR * spread);
            square += deviation * deviation;
            lagged += deviation * last;
            last = deviation;
        }
        let phi = if square > 0.0 { lagged / square } else { 0.0 };
        let square = spread * spread;
        let samples = warm_up.len() as u64;
        // The winsorized mean and not the median, since it is what learning goes on with: on skewed values they differ.
        let level = center + sum / samples as f64;
        let mut start = Self { square, lagged: phi * square, last, samples, width: spread, scale: 0.0 };
        start.refresh(level, samples, floor);
        (level, start)
    }

    /// Learns a deviation from the reference level; returns what the level may learn of it.
    pub(super) fn learn(&mut self, deviation: f64, memory: f64) -> f64 {
        let for_level = winsorize(deviation, LEVEL_WINSOR * self.width);
        let deviation = winsorize(deviation, SPREAD_WINSOR * self.width);
        self.samples = self.samples.saturating_add(1);
        let weight = 1.0 / (self.samples as f64).min(memory);
        self.square += weight * (deviation * deviation - self.square);
        self.lagged += weight * (deviation * self.last - self.lagged);
        self.last = deviation;
        for_level
    }

    /// The unit of residuals.
    pub(super) fn scale(&self) -> f64 {
        self.scale
    }

    /// The standard deviation of single values.
    pub(super) fn width(&self) -> f64 {
        self.width
    }

    /// Brings the scale up to date for a level that was learned from so many samples.
    pub(super) fn refresh(&mut self, level: f64, learned: u64, floor: f64) {
        let samples = self.samples as f64;
        let raw = if self.square > 0.0 { self.lagged / self.square } else { 0.0 };
        // From n samples the lag-1 autocorrelation is estimated too low by about (1 + 4 phi) / n.
        let phi = (raw + (1.0 + 4.0 * raw) / samples).clamp(0.0, PHI_MAX);
        let factor = (1.0 + phi) / (1.0 - phi);
        self.width = sqrt(self.square).max(least(level, floor));
        let caution = (1.0 + SPREAD_CAUTION * factor / samples) * (1.0 + LEVEL_CAUTION / learned as f64);
        self.scale = self.width * sqrt(factor * caution);
    }

    /// Whether a decoded state is one that learning can lead to.
    pub(super) fn is_sane(&self) -> bool {
        let Self { square, lagged, last, samples, width, scale } = *self;
        // What the squares of the largest deviations can come to.
        let squares = (0.0..=1e303).contains(&square) && lagged.abs() <= 1e303 && last.abs() <= 1e152;
        squares && width >= ABSOLUTE_FLOOR && (width..=1e160).contains(&scale) && samples > 0
    }
}

fn winsorize(deviation: f64, limit: f64) -> f64 {
    deviation.min(limit).max(-limit)
}

fn least(level: f64, floor: f64) -> f64 {
    floor.max(RELATIVE_FLOOR * level.abs()).max(ABSOLUTE_FLOOR)
}
