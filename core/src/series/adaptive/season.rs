//! Finds the season of a series in the series itself.
//!
//! A line of the periodogram that stands out of its neighbourhood proposes a period; it is taken only if the season fitted
//! to the older part of the values predicts the newer one. What merely swings, without keeping time, fails that.

use alloc::{vec, vec::Vec};

use crate::{
    math,
    stats::{
        fourier,
        moments::Moments,
        regression::{Regression, Term},
    },
};

/// Fewer values say nothing of a season.
pub(crate) const LEAST: usize = 200;

/// Harmonics of a season that are looked at, and used.
pub(crate) const HARMONICS: usize = 4;

/// So many of the strongest lines are looked at more closely.
const LINES: usize = 8;
/// A line must stand out of its neighbourhood so many times; among a thousand lines of noise one reaches 7 to 14.
const STANDS_OUT: f64 = 20.0;
/// A period is seen at least so many times, and has at least so many samples.
const TIMES: f64 = 2.5;
const SHORTEST: usize = 8;

/// The share of values that the season is fitted to, and the share of variance that it must predict in the others.
const FITTED: f64 = 0.6;
const PREDICTS: f64 = 0.03;

/// Numbers of samples that a period is likely to have: whole numbers of hours a day, days a week, minutes an hour, and the
/// like.
const LIKELY: [f64; 17] = [
    12.0, 24.0, 48.0, 60.0, 96.0, 144.0, 168.0, 288.0, 336.0, 360.0, 480.0, 672.0, 720.0, 1008.0, 1440.0,
    2016.0, 2880.0,
];
/// Seconds that a period is likely to have, where times are not just numbers.
const CALENDAR: [f64; 4] = [86_400.0, 604_800.0, 43_200.0, 3_600.0];

/// The terms of a season that begins at a feature.
pub(crate) fn terms(first: usize) -> [Term; HARMONICS] {
    core::array::from_fn(|harmonic| Term { first: first + 2 * harmonic, len: 2, penalty: 9.0 })
}

/// Sine and cosine of the harmonics at a share of the period.
pub(crate) fn harmonics(phase: f64, into: &mut [f64]) {
    let angle = core::f64::consts::TAU * phase;
    let (sin, cos) = (math::sin(angle), math::cos(angle));
    let (mut s, mut c) = (sin, cos);
    for pair in into.chunks_exact_mut(2) {
        pair[0] = s;
        pair[1] = c;
        (s, c) = (s * cos + c * sin, c * cos - s * sin);
    }
}

/// The period of values that were taken at one interval, in the unit of the interval; `None` if there is none to be seen.
/// It allocates, and takes a time that grows a little faster than the number of values: see [`super`] for how rarely.
pub(crate) fn find(values: &[f64], interval: f64) -> Option<f64> {
    let count = values.len();
    if count < LEAST {
        return None;
    }
    let tapered = taper(&standardise(values));
    let power = periodogram(&tapered);
    let line = strongest(&power, count)?;
    let period = fundamental(&tapered, line as f64 / (2 * power.len()) as f64);
    let period = likely(period, count, interval);
    predicts(&standardise(values), period).then_some(period * interval)
}

/// Robustly standardised and capped, without a linear trend.
fn standardise(values: &[f64]) -> Vec<f64> {
    let count = values.len();
    let mut ordered = values.to_vec();
    ordered.sort_unstable_by(f64::total_cmp);
    let (median, wide) = (ordered[count / 2], ordered[count * 84 / 100] - ordered[count * 16 / 100]);
    let spread = if wide > 0.0 { wide / 2.0 } else { 1.0 };
    let mut values: Vec<f64> =
        values.iter().map(|value| ((value - median) / spread).clamp(-4.0, 4.0)).collect();
    let mean = values.iter().sum::<f64>() / count as f64;
    let middle = (count - 1) as f64 / 2.0;
    let (mut along, mut squares) = (0.0, 0.0);
    for (n, value) in values.iter().enumerate() {
        let x = n as f64 - middle;
        along += x * (value - mean);
        squares += x * x;
    }
    for (n, value) in values.iter_mut().enumerate() {
        *value -= mean + along / squares * (n as f64 - middle);
    }
    values
}

/// Fades values out to both ends, so that a strong line does not leak over weak ones: a Hann window.
fn taper(values: &[f64]) -> Vec<f64> {
    let count = values.len() as f64;
    let weight = |n: usize| 0.5 - 0.5 * math::cos(core::f64::consts::TAU * (n as f64 + 0.5) / count);
    values.iter().enumerate().map(|(n, value)| value * weight(n)).collect()
}

/// The power of each frequency: line `k` of `n` is `k / (2 n)` periods a sample.
fn periodogram(tapered: &[f64]) -> Vec<f64> {
    let size = (2 * tapered.len()).next_power_of_two();
    let mut re = vec![0.0; size];
    let mut im = vec![0.0; size];
    re[..tapered.len()].copy_from_slice(tapered);
    fourier::transform(&mut re, &mut im);
    re.iter().zip(&im).take(size / 2).map(|(re, im)| re * re + im * im).collect()
}

/// The line that stands out most of its neighbourhood, if one does.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "lines of a periodogram are few")]
fn strongest(power: &[f64], count: usize) -> Option<usize> {
    // Lines to one natural resolution.
    let resolution = 2.0 * power.len() as f64 / count as f64;
    let first = (TIMES * resolution) as usize + 1;
    let last = 2 * power.len() / SHORTEST;
    let mut peaks: Vec<usize> =
        (first..last).filter(|&k| power[k] >= power[k - 1] && power[k] >= power[k + 1]).collect();
    // Red noise is strongest at its lowest frequencies; times the frequency its lines compare better.
    let weight = |k: usize| power[k] * k as f64;
    peaks.sort_unstable_by(|a, b| weight(*b).total_cmp(&weight(*a)).then(a.cmp(b)));
    let mut best = None;
    let mut most = STANDS_OUT;
    for &k in peaks.iter().take(LINES) {
        let reach = ((k as f64 * 0.4) as usize).max((6.0 * resolution) as usize);
        let (guard, from) = ((3.0 * resolution) as usize, (resolution as usize).max(k.saturating_sub(reach)));
        let to = (k + reach).min(power.len() - 1);
        let mut around: Vec<f64> = (from..=to).filter(|j| j.abs_diff(k) > guard).map(|j| power[j]).collect();
        if around.len() < 6 {
            continue;
        }
        let middle = around.len() / 2;
        let (_, median, _) = around.select_nth_unstable_by(middle, f64::total_cmp);
        // The median of exponential values is ln 2 of their mean.
        let ratio = power[k] / (*median / core::f64::consts::LN_2 + 1e-12);
        if ratio > most {
            most = ratio;
            best = Some(k);
        }
    }
    best
}

/// The period, in samples, whose harmonics hold most power, where one of them has this frequency.
fn fundamental(tapered: &[f64], frequency: f64) -> f64 {
    let count = tapered.len() as f64;
    let mut best = (0.0, frequency);
    for division in [1.0, 2.0, 3.0] {
        let mut near = (0.0, frequency / division);
        if 2.5 * division / frequency > count {
            continue;
        }
        // Coarse steps, then finer ones.
        for step in [1.0 / (16.0 * count), 1.0 / (128.0 * count)] {
            let centre = near.1;
            for n in -16..=16 {
                let candidate = centre + f64::from(n) * step / division;
                let power = harmonic_power(tapered, candidate);
                if power > near.0 {
                    near = (power, candidate);
                }
            }
        }
        // A longer period has more lines to gather noise with.
        if near.0 > 1.08 * best.0 {
            best = near;
        }
    }
    1.0 / best.1
}

fn harmonic_power(tapered: &[f64], frequency: f64) -> f64 {
    (1..=HARMONICS)
        .map(|harmonic| {
            let angle = core::f64::consts::TAU * frequency * harmonic as f64;
            let (sin, cos) = (math::sin(angle), math::cos(angle));
            let (mut s, mut c) = (0.0, 1.0);
            let (mut real, mut imaginary) = (0.0, 0.0);
            for value in tapered {
                real += value * c;
                imaginary += value * s;
                (s, c) = (s * cos + c * sin, c * cos - s * sin);
            }
            real * real + imaginary * imaginary
        })
        .sum()
}

/// The likeliest period within the uncertainty of an estimate, in samples.
fn likely(period: f64, count: usize, interval: f64) -> f64 {
    let uncertain = 0.15 * period * period / count as f64;
    let uncertain = if uncertain > 0.5 { uncertain } else { 0.5 };
    let known = CALENDAR.iter().filter(|_| interval != 1.0).map(|secs| secs / interval).chain(LIKELY);
    let near = known.filter(|known| (known - period).abs() < uncertain);
    let nearest = near.min_by(|a, b| (a - period).abs().total_cmp(&(b - period).abs()));
    nearest.unwrap_or(math::floor(period + 0.5))
}

/// Whether the season of the older values predicts the newer ones.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a length")]
fn predicts(values: &[f64], period: f64) -> bool {
    const FEATURES: usize = 1 + 2 * HARMONICS;
    let features = |n: usize| {
        let mut features = [1.0; FEATURES];
        harmonics(n as f64 / period, &mut features[1..]);
        features
    };
    let fitted = (values.len() as f64 * FITTED) as usize;
    let mut regression = Regression::new(FEATURES);
    for (n, value) in values[..fitted].iter().enumerate() {
        regression.add(&features(n), *value);
    }
    let mut coefficients = [0.0; FEATURES];
    regression.fit(&terms(1), &mut coefficients);
    let (mut seen, mut left) = (Moments::default(), Moments::default());
    for (n, value) in values.iter().enumerate().skip(fitted) {
        let predicted: f64 = features(n).iter().zip(&coefficients).map(|(x, b)| x * b).sum();
        seen.update(*value);
        left.update(value - predicted);
    }
    left.variance() < seen.variance().map(|variance| (1.0 - PREDICTS) * variance)
}
