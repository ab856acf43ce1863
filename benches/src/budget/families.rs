//! Series in control, and how each changes.

use std::f64::consts::TAU;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp1, Gamma, Poisson, StandardNormal, StudentT};

/// What happens to a series. Sizes are in standard deviations of its values, and in factors of their variance; those of
/// lognormal and gamma values are multiplied, and keep their mean where only the variance changes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Change {
    None,
    Mean(f64),
    Variance(f64),
    /// The mean rises by so much over so many samples.
    Ramp(f64, f64),
}

pub(crate) const CHANGES: [Change; 8] = [
    Change::Mean(0.25),
    Change::Mean(0.5),
    Change::Mean(1.0),
    Change::Mean(2.0),
    Change::Mean(4.0),
    Change::Variance(1.5),
    Change::Variance(2.0),
    Change::Variance(4.0),
];

/// Those that goals are set for.
pub(crate) const SIX: [&str; 6] = ["gauss", "lognormal", "gamma", "ar .5", "ar .9", "season"];

/// Those that are none of the six, each with what is hard about it.
pub(crate) const OTHERS: [(&str, &str); 28] = [
    ("student t3", "heavy tails"),
    ("laplace", "heavier tails than normal"),
    ("uniform", "no tails"),
    ("lognormal 1.5", "very skewed"),
    ("ar(2) 1.5 -.75", "swings by itself"),
    ("ar(2) .5 .4", "slow autocorrelation"),
    ("ma(1) .8", "no autoregression"),
    ("long memory", "correlated over tens of thousands of samples"),
    ("wander", "a level that wanders"),
    ("garch", "its spread swings"),
    ("spread by hour", "a spread with a season"),
    ("day of 1440", "a long season"),
    ("season, ar .7", "a season and autocorrelation"),
    ("season, ar .97", "a season and strong autocorrelation"),
    ("square wave", "a season of edges"),
    ("week", "a weekend"),
    ("bimodal", "two levels, at random"),
    ("markov", "two levels, for some fifty samples each"),
    ("levels", "four levels, for some hundred samples each"),
    ("sawtooth", "rises and falls back"),
    ("bursts", "rare runs far out"),
    ("rounded", "few distinct values"),
    ("poisson 3", "counts"),
    ("poisson .3", "rare counts"),
    ("bernoulli .01", "nearly always 0"),
    ("zero-inflated", "nine of ten are 0"),
    ("clipped", "a ceiling"),
    ("slow trend", "a rise of .2 in 10,000 samples"),
];

const DAY: f64 = 288.0;
const LOGNORMAL: f64 = 0.5;
const SHAPE: f64 = 2.0;

/// One series.
pub(crate) struct Series {
    family: &'static str,
    random: ChaCha8Rng,
    t: f64,
    phase: f64,
    state: [f64; 8],
    change: Change,
    since: f64,
}

impl Series {
    pub(crate) fn new(family: &'static str, seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let phase = random.random();
        let mut state = [0.0; 8];
        match family {
            "ar .5" | "ar .9" | "season, ar .97" => state[0] = random.sample(StandardNormal),
            "long memory" => state = std::array::from_fn(|_| random.sample(StandardNormal)),
            "garch" => state[0] = 1.0,
            _ => {}
        }
        Self { family, random, t: 0.0, phase, state, change: Change::None, since: 0.0 }
    }

    /// Changes from the next sample on.
    pub(crate) fn change(&mut self, change: Change) {
        (self.change, self.since) = (change, 0.0);
    }

    fn normal(&mut self) -> f64 {
        self.random.sample(StandardNormal)
    }

    fn chance(&mut self, share: f64) -> bool {
        self.random.random_bool(share)
    }

    /// How far the mean is shifted now.
    fn shift(&self) -> f64 {
        match self.change {
            Change::Mean(size) => size,
            Change::Ramp(size, over) => size * (self.since / over).min(1.0),
            Change::None | Change::Variance(_) => 0.0,
        }
    }

    fn factor(&self) -> f64 {
        if let Change::Variance(factor) = self.change { factor } else { 1.0 }
    }

    /// Noise of mean 0 and variance 1, changed.
    fn changed(&self, noise: f64) -> f64 {
        noise * self.factor().sqrt() + self.shift()
    }

    fn season(&self, period: f64) -> f64 {
        let angle = TAU * (self.t / period + self.phase);
        3.0 * angle.sin() + (2.0 * angle + 0.7).sin()
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each family")]
    pub(crate) fn next(&mut self) -> f64 {
        self.t += 1.0;
        self.since += 1.0;
        match self.family {
            "gauss" => self.white(),
            "lognormal" => self.lognormal(LOGNORMAL),
            "lognormal 1.5" => self.lognormal(1.5),
            "gamma" => {
                let (factor, scale) = (self.factor(), 1.0 + self.shift() / SHAPE.sqrt());
                self.gamma(SHAPE / factor) * factor * scale
            }
            "ar .5" => self.autoregressive(0.5),
            "ar .9" => self.autoregressive(0.9),
            "season" => self.season(DAY) + self.white(),
            "day of 1440" => self.season(1440.0) + self.white(),
            "season, ar .7" => self.season(DAY) + self.autoregressive(0.7),
            "season, ar .97" => self.season(DAY) + self.autoregressive(0.97),
            "student t3" => {
                let noise: f64 = self.random.sample(StudentT::new(3.0).expect("valid"));
                self.changed(noise / 3.0_f64.sqrt())
            }
            "laplace" => {
                let size: f64 = self.random.sample(Exp1);
                let noise = if self.chance(0.5) { size } else { -size };
                self.changed(noise / 2.0_f64.sqrt())
            }
            "uniform" => {
                let noise: f64 = self.random.random_range(-1.0..1.0);
                self.changed(noise * 3.0_f64.sqrt())
            }
            "ar(2) 1.5 -.75" => self.second_order(1.5, -0.75, 2.7),
            "ar(2) .5 .4" => self.second_order(0.5, 0.4, 1.96),
            "ma(1) .8" => {
                let noise = self.normal();
                let value = noise + 0.8 * self.state[0];
                self.state[0] = noise;
                self.changed(value / 1.28)
            }
            "long memory" => {
                let mut value = 0.0;
                let mut rate = 1.0_f64;
                for k in 0..self.state.len() {
                    let phi = (-rate).exp();
                    self.state[k] = phi * self.state[k] + (1.0 - phi * phi).sqrt() * self.normal();
                    value += self.state[k] * (1.0 - 0.09 * k as f64);
                    rate /= 4.0;
                }
                self.changed(value / 1.98)
            }
            "wander" => {
                self.state[0] = 0.9995 * self.state[0] + 0.02 * self.normal();
                self.state[0] + self.white()
            }
            "garch" => {
                let value = self.state[0].sqrt() * self.normal();
                self.state[0] = 0.05 + 0.1 * value * value + 0.85 * self.state[0];
                self.changed(value)
            }
            "spread by hour" => {
                let angle = TAU * (self.t / DAY + self.phase);
                2.0 * angle.sin() + self.white() * (1.2 + (angle + 1.0).sin())
            }
            "square wave" => {
                let high = (self.t / DAY + self.phase).fract() < 0.4;
                f64::from(u8::from(high)) * 5.0 + self.white()
            }
            "week" => {
                let load = if (self.t / DAY).rem_euclid(7.0) < 5.0 { 1.0 } else { 0.35 };
                let angle = TAU * self.t / DAY;
                load * (6.0 + 3.0 * angle.sin() + (2.0 * angle).cos()) + self.white()
            }
            "bimodal" => f64::from(u8::from(self.chance(0.3))) * 5.0 + self.white(),
            "markov" => {
                if self.chance(0.02) {
                    self.state[0] = 5.0 - self.state[0];
                }
                self.state[0] + self.white()
            }
            "levels" => {
                if self.chance(0.01) {
                    self.state[0] = 2.0 * f64::from(self.random.random_range(0..4_u8));
                }
                self.state[0] + 0.3 * self.white()
            }
            "sawtooth" => {
                self.state[0] += 1.0;
                if self.state[0] > self.state[1] {
                    (self.state[0], self.state[1]) = (0.0, self.random.random_range(60.0..120.0));
                }
                0.1 * self.state[0] + 0.5 * self.white()
            }
            "bursts" => {
                if self.state[0] > 0.0 {
                    self.state[0] -= 1.0;
                } else if self.chance(0.002) {
                    self.state[0] = 10.0;
                }
                f64::from(u8::from(self.state[0] > 0.0)) * 5.0 + self.white()
            }
            "rounded" => self.white().round(),
            "poisson 3" => {
                let mean = 3.0 + self.shift() * 3.0_f64.sqrt();
                self.poisson(mean * self.factor())
            }
            "poisson .3" => {
                let mean = 0.3 + self.shift() * 0.3_f64.sqrt();
                self.poisson(mean * self.factor())
            }
            "bernoulli .01" => {
                let share = 0.01 * self.factor() + 0.1 * self.shift();
                f64::from(u8::from(self.chance(share.clamp(0.0, 1.0))))
            }
            "zero-inflated" => {
                let size: f64 = self.random.sample(Exp1);
                f64::from(u8::from(self.chance(0.1))) * size * self.factor() * (1.0 + self.shift())
            }
            "clipped" => (90.0 + 10.0 * self.white()).min(100.0),
            "slow trend" => self.t * 2e-5 + self.white(),
            unknown => panic!("no family is called {unknown}"),
        }
    }

    fn white(&mut self) -> f64 {
        let noise = self.normal();
        self.changed(noise)
    }

    fn autoregressive(&mut self, phi: f64) -> f64 {
        // The variance of innovations changes, and that of values with it.
        let spread = ((1.0 - phi * phi) * self.factor()).sqrt();
        self.state[0] = phi * self.state[0] + spread * self.normal();
        self.state[0] + self.shift()
    }

    fn second_order(&mut self, first: f64, second: f64, spread: f64) -> f64 {
        let value = first * self.state[0] + second * self.state[1] + self.normal();
        (self.state[0], self.state[1]) = (value, self.state[0]);
        self.changed(value / spread)
    }

    fn lognormal(&mut self, sigma: f64) -> f64 {
        let (log_mean, variation) = (sigma * sigma / 2.0, ((sigma * sigma).exp() - 1.0).sqrt());
        let noise = self.normal();
        let square = (1.0 + self.factor() * variation * variation).ln();
        (log_mean - square / 2.0 + square.sqrt() * noise).exp() * (1.0 + self.shift() * variation)
    }

    fn gamma(&mut self, shape: f64) -> f64 {
        Gamma::new(shape, 1.0).expect("valid").sample(&mut self.random)
    }

    fn poisson(&mut self, mean: f64) -> f64 {
        Poisson::new(mean.max(1e-9)).expect("valid").sample(&mut self.random)
    }
}
