//! How soon a change can be found at all: a CUSUM that knows the law before and the law after, at one false alarm in 10,000
//! samples. Of autocorrelated series it knows the innovations, of seasonal ones the season.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Gamma, StandardNormal};

use crate::families::Change;

const ARL0: usize = 10_000;
const IN_CONTROL: usize = 2_000_000;
const RUNS: u32 = 2_000;
/// A change comes when the statistic is as it is in control.
const BEFORE: u32 = 200;

/// Mean samples from the change to the alarm.
pub(crate) fn delay(family: &str, change: Change) -> f64 {
    let mut random = ChaCha8Rng::seed_from_u64(99);
    let ratio = Ratio::new(family, change);
    let (mut sum, mut peak, mut peaks) = (0.0_f64, 0.0_f64, Vec::new());
    for _ in 0..IN_CONTROL {
        sum += ratio.sample(&mut random, false);
        if sum > 0.0 {
            peak = peak.max(sum);
        } else {
            peaks.push(peak);
            (sum, peak) = (0.0, 0.0);
        }
    }
    peaks.sort_unstable_by(|a, b| b.total_cmp(a));
    let line = peaks[IN_CONTROL / ARL0];
    let mut total = 0;
    for _ in 0..RUNS {
        let mut sum = 0.0_f64;
        for _ in 0..BEFORE {
            sum = (sum + ratio.sample(&mut random, false)).max(0.0);
            if sum > line {
                sum = 0.0;
            }
        }
        loop {
            total += 1;
            sum = (sum + ratio.sample(&mut random, true)).max(0.0);
            if sum > line {
                break;
            }
        }
    }
    f64::from(total) / f64::from(RUNS)
}

/// The logarithm of the likelihood ratio of one sample.
enum Ratio {
    /// Standard normal before; another mean and variance after.
    Normal { mean: f64, variance: f64 },
    /// Gamma of shape 2 before; another shape and scale after.
    Gamma { shape: f64, scale: f64 },
}

impl Ratio {
    fn new(family: &str, change: Change) -> Self {
        let innovation = |phi: f64| (1.0 - phi) / (1.0 - phi * phi).sqrt();
        // The squared coefficient of variation of lognormal values of sigma .5.
        let variation = 0.25_f64.exp() - 1.0;
        let (mean, variance) = match (family, change) {
            ("gamma", Change::Mean(size)) => {
                return Self::Gamma { shape: 2.0, scale: 1.0 + size / 2.0_f64.sqrt() };
            }
            ("gamma", Change::Variance(factor)) => {
                return Self::Gamma { shape: 2.0 / factor, scale: factor };
            }
            ("lognormal", Change::Mean(size)) => ((1.0 + size * variation.sqrt()).ln() / 0.5, 1.0),
            ("lognormal", Change::Variance(factor)) => {
                let square = (1.0 + factor * variation).ln();
                ((0.125 - square / 2.0) / 0.5, square / 0.25)
            }
            ("ar .5", Change::Mean(size)) => (size * innovation(0.5), 1.0),
            ("ar .9", Change::Mean(size)) => (size * innovation(0.9), 1.0),
            (_, Change::Mean(size)) => (size, 1.0),
            (_, Change::Variance(factor)) => (0.0, factor),
            (_, Change::None | Change::Ramp(..)) => panic!("no oracle for {change:?}"),
        };
        Self::Normal { mean, variance }
    }

    fn sample(&self, random: &mut ChaCha8Rng, after: bool) -> f64 {
        match *self {
            Self::Normal { mean, variance } => {
                let noise: f64 = random.sample(StandardNormal);
                let value = if after { mean + variance.sqrt() * noise } else { noise };
                let apart = value - mean;
                0.5 * (value * value - apart * apart / variance - variance.ln())
            }
            Self::Gamma { shape, scale } => {
                let (of, by) = if after { (shape, scale) } else { (2.0, 1.0) };
                let value = by * Gamma::new(of, 1.0).expect("valid").sample(random);
                let log = |shape: f64, scale: f64| {
                    (shape - 1.0) * value.ln() - value / scale - shape * scale.ln() - log_gamma(shape)
                };
                log(shape, scale) - log(2.0, 1.0)
            }
        }
    }
}

/// The logarithm of the gamma function. C. Lanczos, *SIAM Journal on Numerical Analysis* 1 (1964).
fn log_gamma(x: f64) -> f64 {
    const COEFFICIENTS: [f64; 6] = [
        76.180_091_729_471_46,
        -86.505_320_329_416_77,
        24.014_098_240_830_91,
        -1.231_739_572_450_155,
        0.120_865_097_386_617_9e-2,
        -0.539_523_938_495_3e-5,
    ];
    let base = x + 5.5;
    let series: f64 = COEFFICIENTS.iter().zip(1_u8..).map(|(c, k)| c / (x + f64::from(k))).sum();
    (x + 0.5) * base.ln() - base + (2.506_628_274_631_000_5 * (1.000_000_000_190_015 + series) / x).ln()
}
