//! How the values of a signal scatter.

use serde::{Deserialize, Serialize};

use super::{is_level, is_magnitude, require};
use crate::{Error, Sample, math, plain::plain};

/// The distribution of a signal's values. Means, deviations and the like are in the metric's own unit and of a magnitude
/// of at most [`Sample::LIMIT`].
///
/// ```
/// use drift_sre::Law;
///
/// assert_eq!(Law::Gamma { shape: 4.0, scale: 10.0 }.mean(), 40.0);
/// assert_eq!(Law::Gamma { shape: 4.0, scale: 10.0 }.sd(), 20.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Law {
    /// Normal values: saturation, levels, averages of anything.
    Normal {
        /// Their mean.
        mean: f64,
        /// Their standard deviation, at least 0.
        sd: f64,
        /// The correlation of a value with the one before it, in (-1, 1): a first-order autoregression.
        #[serde(default)]
        phi: f64,
    },
    /// Values whose logarithm is normal: traffic, sizes, durations.
    LogNormal {
        /// Half of the values lie above it; above 0.
        median: f64,
        /// Standard deviation of the natural logarithm, 0 to 10.
        sigma: f64,
    },
    /// Student's t: like normal values, with heavier tails.
    StudentT {
        /// Their mean.
        mean: f64,
        /// Their standard deviation, at least 0.
        sd: f64,
        /// Degrees of freedom, above 2 and up to a million. The tails are the heavier, the fewer there are; below 2
        /// there is no standard deviation.
        freedom: f64,
    },
    /// Sums of waiting times.
    Gamma {
        /// The number of waits, 0.01 to a million.
        shape: f64,
        /// The mean of one, above 0.
        scale: f64,
    },
    /// Counts of rare events.
    Poisson {
        /// Their mean, 0 to [`Law::POISSON_LIMIT`].
        mean: f64,
    },
    /// Any value between two is as likely as any other.
    Uniform {
        /// The least value.
        low: f64,
        /// The bound above, at least `low`.
        high: f64,
    },
    /// 1 with the given probability, else 0: whether a request failed.
    Bernoulli {
        /// Probability of 1, 0 to 1.
        share: f64,
    },
}

plain! {
    enum Law {
        Normal { mean, sd, phi },
        LogNormal { median, sigma },
        StudentT { mean, sd, freedom },
        Gamma { shape, scale },
        Poisson { mean },
        Uniform { low, high },
        Bernoulli { share },
    }
}

impl Law {
    /// Greater means are refused: the cost of a count grows with it, and by then counts are normal enough.
    pub const POISSON_LIMIT: f64 = 500.0;

    /// The mean of its values.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match *self {
            Self::Normal { mean, .. } | Self::StudentT { mean, .. } | Self::Poisson { mean } => mean,
            Self::LogNormal { median, sigma } => median * math::exp(sigma * sigma / 2.0),
            Self::Gamma { shape, scale } => shape * scale,
            Self::Uniform { low, high } => low + (high - low) / 2.0,
            Self::Bernoulli { share } => share,
        }
    }

    /// The standard deviation of its values.
    #[must_use]
    pub fn sd(&self) -> f64 {
        match *self {
            Self::Normal { sd, .. } | Self::StudentT { sd, .. } => sd,
            Self::LogNormal { sigma, .. } => self.mean() * math::sqrt(math::exp_m1(sigma * sigma)),
            Self::Gamma { shape, scale } => math::sqrt(shape) * scale,
            Self::Poisson { mean } => math::sqrt(mean),
            Self::Uniform { low, high } => (high - low) / math::sqrt(12.0),
            Self::Bernoulli { share } => math::sqrt(share * (1.0 - share)),
        }
    }

    /// The law of the same family at the given share in [0, 1] of the way to another; `None` for another family.
    pub(crate) fn toward(self, to: Self, done: f64) -> Option<Self> {
        // Not `a + (b - a) * done`, which is off `b` by a rounding error at the end and could leave the valid range.
        let mix = |a: f64, b: f64| (1.0 - done) * a + done * b;
        Some(match (self, to) {
            (Self::Normal { mean, sd, phi }, Self::Normal { mean: to_mean, sd: to_sd, phi: to_phi }) => {
                Self::Normal { mean: mix(mean, to_mean), sd: mix(sd, to_sd), phi: mix(phi, to_phi) }
            }
            (Self::LogNormal { median, sigma }, Self::LogNormal { median: to_median, sigma: to_sigma }) => {
                Self::LogNormal { median: mix(median, to_median), sigma: mix(sigma, to_sigma) }
            }
            (
                Self::StudentT { mean, sd, freedom },
                Self::StudentT { mean: to_mean, sd: to_sd, freedom: to_freedom },
            ) => Self::StudentT {
                mean: mix(mean, to_mean),
                sd: mix(sd, to_sd),
                freedom: mix(freedom, to_freedom),
            },
            (Self::Gamma { shape, scale }, Self::Gamma { shape: to_shape, scale: to_scale }) => {
                Self::Gamma { shape: mix(shape, to_shape), scale: mix(scale, to_scale) }
            }
            (Self::Poisson { mean }, Self::Poisson { mean: to_mean }) => {
                Self::Poisson { mean: mix(mean, to_mean) }
            }
            (Self::Uniform { low, high }, Self::Uniform { low: to_low, high: to_high }) => {
                Self::Uniform { low: mix(low, to_low), high: mix(high, to_high) }
            }
            (Self::Bernoulli { share }, Self::Bernoulli { share: to_share }) => {
                Self::Bernoulli { share: mix(share, to_share) }
            }
            _ => return None,
        })
    }

    /// Errors name the first field that lies outside of what it may be.
    pub(crate) fn validate(&self) -> Result<(), Error> {
        let value =
            |field, value: f64| require(field, value, value.abs() <= Sample::LIMIT, "a finite number");
        let spread = |field, value| require(field, value, is_level(value), "a number of at least 0");
        let positive = |field, value| require(field, value, is_magnitude(value), "a positive number");
        match *self {
            Self::Normal { mean, sd, phi } => {
                value("mean", mean)?;
                spread("sd", sd)?;
                require("phi", phi, phi > -1.0 && phi < 1.0, "in (-1, 1)")
            }
            Self::LogNormal { median, sigma } => {
                positive("median", median)?;
                require("sigma", sigma, (0.0..=10.0).contains(&sigma), "0 to 10")
            }
            Self::StudentT { mean, sd, freedom } => {
                value("mean", mean)?;
                spread("sd", sd)?;
                require("freedom", freedom, freedom > 2.0 && freedom <= 1e6, "in (2, 1,000,000]")
            }
            Self::Gamma { shape, scale } => {
                require("shape", shape, (0.01..=1e6).contains(&shape), "0.01 to 1,000,000")?;
                positive("scale", scale)
            }
            Self::Poisson { mean } => {
                require("mean", mean, (0.0..=Self::POISSON_LIMIT).contains(&mean), "0 to 500 for counts")
            }
            Self::Uniform { low, high } => {
                value("low", low)?;
                value("high", high)?;
                require("high", high, high >= low, "at least low")
            }
            Self::Bernoulli { share } => {
                require("share", share, (0.0..=1.0).contains(&share), "a share, 0 to 1")
            }
        }
    }
}
