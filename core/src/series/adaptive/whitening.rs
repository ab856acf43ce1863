//! What the past and the season say of the next value, and how widely it then scatters.
//!
//! Two regressions. One predicts the value from a level, three lags, the season's harmonics and the profile of a longer
//! cycle, all at once: a season fitted by itself would take autocorrelation for its own. The other predicts the logarithm
//! of the prediction's error from the season and from recent errors. Terms that are not there are dropped, so that what is
//! independent and steady is left as it is.

use core::ops::Range;

use serde::{Deserialize, Serialize};

use super::{
    cycle::Cycle,
    history::History,
    season::{self, HARMONICS},
};
use crate::{
    math,
    stats::regression::{Fit, Regression, Term},
};

const LAGS: usize = 3;
const SEASON: usize = 1 + LAGS;
const PROFILE: usize = SEASON + 2 * HARMONICS;
const FEATURES: usize = PROFILE + 1;

/// Features of the spread: a constant, two harmonics, and the size of recent errors.
const SPREAD_SEASON: usize = 4;
const SWING: usize = 1 + SPREAD_SEASON;
const SPREAD_FEATURES: usize = SWING + 1;

/// Samples after which one has lost 1/e of its weight.
const MEMORY: f64 = 20_000.0;
/// Coefficients are brought up to date after so many samples, more often at first.
const REFIT: u32 = 32;
const REFIT_EARLY: u32 = 8;
const EARLY: u64 = 128;
const PENALTY: f64 = 6.0;
/// Weight of a new error in the size of recent ones, in which one counts at most so many times that size.
const SWING_WEIGHT: f64 = 0.05;
const SWING_MOST: f64 = 6.0;
/// Fewer samples say nothing of how the spread varies.
const SPREAD_LEAST: f64 = 64.0;

/// A step never leaves less of itself than this, and values never scatter so many times as widely as innovations.
const LEAST_SETTLED: f64 = 0.02;
const MOST_GAIN: f64 = 5.0;

pub(crate) type Features = [f64; FEATURES];

/// A sample as it is predicted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Prediction {
    /// The value expected.
    pub(crate) value: f64,
    /// How widely it scatters, relative to what is usual.
    pub(crate) spread: f64,
}

/// How innovations answer to a lasting step of the values by 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Response {
    /// What is left of the step once the lags know it.
    pub(crate) settled: f64,
    /// Standard deviation of values, in those of innovations.
    pub(crate) gain: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Whitening {
    level: Regression,
    coefficients: [f64; FEATURES],
    fit: Fit,
    spread: Regression,
    spread_coefficients: [f64; SPREAD_FEATURES],
    /// Size of recent errors, up to the newest sample and up to the newest one that was learned.
    swing: f64,
    swing_learned: f64,
    /// Lags are measured from here where innovations are remembered: changes of the level alone then leave those of
    /// independent values as they are, to the bit.
    anchor: f64,
    next_anchor: u64,
    learned: u64,
    unfitted: u32,
    pub(crate) response: Response,
}

/// What learning a sample asks of the reference.
pub(crate) struct Lesson {
    /// The innovation, to be remembered.
    pub(crate) innovation: f64,
    /// The coefficients were brought up to date.
    pub(crate) refitted: bool,
    /// Remembered innovations move by so much.
    pub(crate) moved: f64,
    /// What level and season leave of the value.
    pub(crate) rest: f64,
}

impl Whitening {
    pub(crate) fn new() -> Self {
        Self {
            level: Regression::new(FEATURES),
            coefficients: [0.0; FEATURES],
            fit: Fit { variance: 0.0, coefficients: 1.0 },
            spread: Regression::new(SPREAD_FEATURES),
            spread_coefficients: [0.0; SPREAD_FEATURES],
            swing: 0.0,
            swing_learned: 0.0,
            anchor: 0.0,
            next_anchor: 64,
            learned: 0,
            unfitted: 0,
            response: Response { settled: 1.0, gain: 1.0 },
        }
    }

    /// What is known when a sample of this number comes.
    pub(crate) fn features(history: &History, cycle: &Cycle, number: u64) -> Features {
        let mut features = [0.0; FEATURES];
        features[0] = 1.0;
        for (lag, feature) in features[1..SEASON].iter_mut().enumerate() {
            *feature = history.get(number.saturating_sub(lag as u64 + 1)).0;
        }
        if let Some(period) = cycle.period {
            let (_, at) = history.get(number);
            season::harmonics(Cycle::phase(at, period), &mut features[SEASON..PROFILE]);
            features[PROFILE] = cycle.profile(at);
        }
        features
    }

    pub(crate) fn predict(&mut self, features: &Features) -> Prediction {
        Prediction { value: dot(features, &self.coefficients), spread: self.spread_of(features, self.swing) }
    }

    /// The error of the newest prediction is recent from now on.
    pub(crate) fn notice(&mut self, error: f64) {
        self.swing = swing(self.swing, error);
    }

    /// A value as an innovation: its error in units of how widely it scatters, above a level that only moves when it is
    /// told to.
    pub(crate) fn innovation(&self, value: f64, prediction: Prediction) -> f64 {
        (value - prediction.value) / prediction.spread + self.floor()
    }

    fn floor(&self) -> f64 {
        self.coefficients[0] + self.lags() * self.anchor
    }

    fn lags(&self) -> f64 {
        self.coefficients[1..SEASON].iter().sum()
    }

    /// The level that values return to at a sample, without what the newest ones say.
    pub(crate) fn level(&self, features: &Features) -> f64 {
        let season = dot(&features[SEASON..], &self.coefficients[SEASON..]);
        (self.coefficients[0] + season) / self.response.settled
    }

    /// How much wider innovations scatter because coefficients are not known exactly.
    pub(crate) fn uncertainty(&self) -> f64 {
        1.0 + self.fit.coefficients / self.level.weight().max(1.0)
    }

    /// Samples learned, as they weigh.
    pub(crate) fn weight(&self) -> f64 {
        self.level.weight()
    }

    fn spread_of(&self, features: &Features, swing: f64) -> f64 {
        let steady = self.spread_coefficients[1..].iter().all(|coefficient| *coefficient == 0.0);
        if steady || self.spread.weight() < SPREAD_LEAST {
            return 1.0;
        }
        let features = spread_features(features, swing);
        let log: f64 = (1..SPREAD_FEATURES)
            .map(|i| self.spread_coefficients[i] * (features[i] - self.spread.mean(i)))
            .sum();
        math::exp(log.clamp(-5.0, 5.0))
    }

    /// Learns a sample.
    pub(crate) fn learn(&mut self, features: &Features, value: f64) -> Lesson {
        let error = value - dot(features, &self.coefficients);
        let spread = self.spread_of(features, self.swing_learned);
        let innovation = error / spread + self.floor();
        let season = dot(&features[SEASON..PROFILE], &self.coefficients[SEASON..PROFILE]);
        let rest = value - self.level.target_mean() - season;
        self.level.add(features, value);
        self.spread.add(&spread_features(features, self.swing_learned), self.log(error));
        self.swing_learned = swing(self.swing_learned, error);
        self.learned += 1;
        self.unfitted += 1;
        let due = if self.learned < EARLY { REFIT_EARLY } else { REFIT };
        let refitted = self.unfitted >= due;
        let mut moved = 0.0;
        if refitted {
            let keep = math::exp(-f64::from(self.unfitted) / MEMORY);
            self.level.forget(keep);
            self.spread.forget(keep);
            self.refit(features[SEASON] != 0.0 || features[SEASON + 1] != 0.0);
            if self.learned >= self.next_anchor {
                self.next_anchor = 2 * self.learned;
                moved = self.lags() * (self.level.target_mean() - self.anchor);
                self.anchor = self.level.target_mean();
            }
        }
        Lesson { innovation, refitted, moved, rest }
    }

    /// All errors, also those that were learned, are wider by a factor from now on.
    pub(super) fn widen(&mut self, factor: f64) {
        let by = math::ln(factor);
        self.spread.shift_target(by);
        self.spread.shift_feature(SWING, by);
        self.swing_learned *= factor;
    }

    fn log(&self, error: f64) -> f64 {
        let least = 1e-3 * math::sqrt(self.fit.variance) + 1e-12;
        math::ln(if error.abs() > least { error.abs() } else { least })
    }

    fn refit(&mut self, seasonal: bool) {
        self.unfitted = 0;
        let lag = |first| Term { first, len: 1, penalty: PENALTY };
        let harmonics = season::terms(SEASON);
        let all =
            [lag(1), lag(2), lag(3), harmonics[0], harmonics[1], harmonics[2], harmonics[3], lag(PROFILE)];
        let terms = if seasonal { &all[..] } else { &all[..LAGS] };
        self.fit = self.level.fit(terms, &mut self.coefficients);
        let [first, second, ..] = season::terms(1);
        let all = [lag(SWING), first, second];
        let terms = if seasonal { &all[..] } else { &all[..1] };
        self.spread.fit(terms, &mut self.spread_coefficients);
        self.spread_coefficients[SWING] = self.spread_coefficients[SWING].clamp(0.0, 1.0);
        self.response = self.respond();
    }

    fn respond(&self) -> Response {
        let [_, a, b, c, ..] = self.coefficients;
        let settled = 1.0 - self.lags();
        let settled = if settled > LEAST_SETTLED { settled } else { LEAST_SETTLED };
        // The variance of values is the sum of squares of the response to one innovation.
        let (mut response, mut variance) = ([1.0, 0.0, 0.0], 1.0);
        if a != 0.0 || b != 0.0 || c != 0.0 {
            for _ in 0..100 {
                let next = a * response[0] + b * response[1] + c * response[2];
                variance += next * next;
                response = [next, response[0], response[1]];
                if variance > MOST_GAIN * MOST_GAIN || next.abs() < 1e-3 {
                    break;
                }
            }
        }
        let gain = math::sqrt(variance);
        Response { settled, gain: if gain < MOST_GAIN { gain } else { MOST_GAIN } }
    }

    /// Starts from nothing with some of the samples that are held; the innovations of these go to `remember`.
    pub(crate) fn rebuild(
        &mut self,
        history: &History,
        cycle: &Cycle,
        numbers: Range<u64>,
        mut remember: impl FnMut(f64),
    ) {
        *self = Self::new();
        let seasonal = cycle.period.is_some();
        for number in numbers.clone() {
            self.level.add(&Self::features(history, cycle, number), history.get(number).0);
        }
        self.refit(seasonal);
        self.anchor = self.level.target_mean();
        let swing_at_first = 0.8 * math::sqrt(self.fit.variance);
        let error = |this: &Self, features: &Features, number| {
            history.get(number).0 - dot(features, &this.coefficients)
        };
        self.swing = swing_at_first;
        for number in numbers.start..history.total() {
            let features = Self::features(history, cycle, number);
            let error = error(self, &features, number);
            if numbers.contains(&number) {
                self.spread.add(&spread_features(&features, self.swing), self.log(error));
            }
            self.swing = swing(self.swing, error);
            if numbers.contains(&number) {
                self.swing_learned = self.swing;
            }
        }
        self.refit(seasonal);
        let mut recent = swing_at_first;
        for number in numbers.clone() {
            let features = Self::features(history, cycle, number);
            let error = error(self, &features, number);
            remember(error / self.spread_of(&features, recent) + self.floor());
            recent = swing(recent, error);
        }
        self.learned = numbers.end - numbers.start;
        self.next_anchor = 2 * self.learned.max(32);
    }

    /// Whether a decoded state is one that there can be.
    pub(crate) fn is_sane(&self) -> bool {
        let numbers = [
            self.fit.variance,
            self.fit.coefficients,
            self.swing,
            self.swing_learned,
            self.anchor,
            self.response.settled,
            self.response.gain,
        ];
        self.level.is_sane(FEATURES)
            && self.spread.is_sane(SPREAD_FEATURES)
            && self
                .coefficients
                .iter()
                .chain(&self.spread_coefficients)
                .chain(&numbers)
                .all(|x| x.abs() <= 1e100)
            && self.fit.variance >= 0.0
            && (LEAST_SETTLED..=1e100).contains(&self.response.settled)
            && (1.0..=MOST_GAIN).contains(&self.response.gain)
    }
}

fn swing(swing: f64, error: f64) -> f64 {
    const LEAST: f64 = 1e-6;
    let most = SWING_MOST * swing;
    let size = if error.abs() < most { error.abs() } else { most };
    let next = swing + SWING_WEIGHT * (size - swing);
    if next > LEAST { next } else { LEAST }
}

fn spread_features(features: &Features, swing: f64) -> [f64; SPREAD_FEATURES] {
    let mut spread = [1.0; SPREAD_FEATURES];
    spread[1..SWING].copy_from_slice(&features[SEASON..SEASON + SPREAD_SEASON]);
    spread[SWING] = math::ln(swing + 1e-12);
    spread
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}
