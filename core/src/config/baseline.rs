//! Settings of the baselines: what is normal, and in which unit distances from it are measured.

use serde::{Deserialize, Serialize};

use super::{is_magnitude, require};
use crate::{Error, Sample, plain::plain, series::baseline::LEAST_SPREAD, stats::moments::Moments};

/// An exponentially weighted reference level and the scale that residuals are measured in.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Exponential {
    /// Weight of a new sample in the reference level, in (0, 1]. The level's memory is about `1 / alpha` samples.
    pub alpha: f64,
    /// Samples to learn from before anything is judged, 1 to 65,536; at least 8 with an automatic scale.
    pub min_samples: u32,
    /// The unit that residuals are measured in.
    pub scale: Scale,
}

impl Default for Exponential {
    fn default() -> Self {
        Self { alpha: 0.005, min_samples: 30, scale: Scale::Auto { floor: 0.0 } }
    }
}

/// The unit that residuals are measured in.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Scale {
    /// A given number of the metric's own unit; 1 leaves residuals as they are.
    Fixed(f64),
    /// Learned: robust spread times the long-run factor for autocorrelation, so that residuals add up like
    /// independent ones of standard deviation 1.
    Auto {
        /// The least spread worth judging by, in the metric's unit: what moves less is idle noise.
        floor: f64,
    },
    /// Learned: the exponentially weighted standard deviation, with the level's own memory. It learns outliers and shifts
    /// as it learns anything else.
    Weighted {
        /// The least of it, in the metric's unit.
        floor: f64,
    },
}

/// The mean and standard deviation of the newest samples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rolling {
    /// How many of the newest samples count, 2 to 65,536.
    pub size: u32,
    /// Samples older than this many seconds do not count; `None` for no limit.
    pub max_age_secs: Option<f64>,
    /// The reference is computed anew after so many samples, at least 1.
    pub refresh_every: u32,
    /// Samples to learn from before anything is judged, 2 to `size`.
    pub min_samples: u32,
    /// Median and median absolute deviation instead of mean and standard deviation.
    pub robust: bool,
    /// The least spread, in the metric's own unit, at least 0.
    pub floor: f64,
    /// The least spread as a share of the level, at least 0.
    pub relative_floor: f64,
}

impl Default for Rolling {
    fn default() -> Self {
        Self {
            size: 1000,
            max_age_secs: Some(86_400.0),
            refresh_every: 50,
            min_samples: 100,
            robust: false,
            floor: 1e-9,
            relative_floor: 0.01,
        }
    }
}

/// A given reference that never learns: what an earlier period, or many of them merged, has shown to be normal.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixed {
    /// Samples it was made from, at least 2.
    pub count: f64,
    /// Their mean.
    pub mean: f64,
    /// Their squared deviations from the mean, added up, at least 0.
    pub m2: f64,
    /// The least spread, in the metric's own unit, at least 0.
    pub floor: f64,
}

/// A standard reference: mean 0, standard deviation 1, for values that are standardised already.
impl Default for Fixed {
    fn default() -> Self {
        Self { count: 2.0, mean: 0.0, m2: 1.0, floor: 0.0 }
    }
}

/// Mean and standard deviation over everything so far, in which a sample counts half as much after each half-life.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Forgetting {
    /// Samples after which one counts half, at least 0.1; `None` for a memory without end.
    pub half_life: Option<f64>,
    /// Samples to learn from before anything is judged, 2 to 65,536.
    pub min_samples: u32,
    /// The least spread, in the metric's own unit, at least 0.
    pub floor: f64,
}

impl Fixed {
    /// The reference of both periods together, exactly as if it had been made from all their samples, but for rounding. The
    /// greater floor holds. Source: T. F. Chan, G. H. Golub, R. J. `LeVeque` (1979).
    ///
    /// ```
    /// use drift_sre::Fixed;
    ///
    /// let monday = Fixed { count: 3.0, mean: 2.0, m2: 2.0, floor: 0.0 };
    /// let tuesday = Fixed { count: 1.0, mean: 6.0, m2: 0.0, floor: 0.1 };
    /// assert_eq!(monday.merge(&tuesday), Fixed { count: 4.0, mean: 3.0, m2: 14.0, floor: 0.1 });
    /// ```
    #[must_use]
    pub fn merge(&self, other: &Self) -> Self {
        let count = self.count + other.count;
        let (apart, share) = (other.mean - self.mean, other.count / count);
        Self {
            count,
            mean: self.mean + apart * share,
            m2: self.m2 + other.m2 + apart * apart * (self.count * share),
            floor: self.floor.max(other.floor),
        }
    }
}

/// What was seen, as a reference; of fewer than two values it is refused where it is used.
impl From<Moments> for Fixed {
    fn from(moments: Moments) -> Self {
        let (count, mean) = (moments.count() as f64, moments.mean().unwrap_or(0.0));
        Self { count, mean, m2: moments.variance().unwrap_or(0.0) * count, floor: 0.0 }
    }
}

impl Default for Forgetting {
    fn default() -> Self {
        Self { half_life: Some(1000.0), min_samples: 30, floor: 1e-9 }
    }
}

plain! {
    struct Exponential { alpha, min_samples, scale }
    struct Rolling { size, max_age_secs, refresh_every, min_samples, robust, floor, relative_floor }
    struct Fixed { count, mean, m2, floor }
    struct Forgetting { half_life, min_samples, floor }
}

plain! {
    enum Scale { Fixed(scale), Auto { floor }, Weighted { floor } }
}

impl Exponential {
    pub(crate) fn validate(&self) -> Result<(), Error> {
        require("alpha", self.alpha, self.alpha > 0.0 && self.alpha <= 1.0, "in (0, 1]")?;
        let samples = f64::from(self.min_samples);
        match self.scale {
            Scale::Fixed(scale) => {
                require("scale", scale, is_magnitude(scale), "a positive number")?;
                require("scale", scale, scale >= LEAST_SPREAD, "at least 1e-140")?;
                require("min_samples", samples, (1.0..=65_536.0).contains(&samples), "1 to 65,536")
            }
            Scale::Weighted { floor } => {
                require_floor("floor", floor)?;
                require("min_samples", samples, (2.0..=65_536.0).contains(&samples), "2 to 65,536")
            }
            Scale::Auto { floor } => {
                require_floor("floor", floor)?;
                let wanted = "8 to 65,536 with an automatic scale";
                require("min_samples", samples, (8.0..=65_536.0).contains(&samples), wanted)
            }
        }
    }
}

impl Rolling {
    pub(crate) fn validate(&self) -> Result<(), Error> {
        let (size, least) = (f64::from(self.size), f64::from(self.min_samples));
        require("size", size, (2..=65_536).contains(&self.size), "2 to 65,536")?;
        require("min_samples", least, (2..=self.size).contains(&self.min_samples), "2 to size")?;
        let refresh = f64::from(self.refresh_every);
        require("refresh_every", refresh, self.refresh_every >= 1, "at least 1")?;
        if let Some(age) = self.max_age_secs {
            require("max_age_secs", age, is_magnitude(age), "a positive number of seconds")?;
        }
        require_floor("floor", self.floor)?;
        require_floor("relative_floor", self.relative_floor)
    }
}

impl Fixed {
    pub(crate) fn validate(&self) -> Result<(), Error> {
        require("count", self.count, (2.0..=Sample::LIMIT).contains(&self.count), "at least 2")?;
        require("mean", self.mean, self.mean.abs() <= Sample::LIMIT, "a finite number")?;
        require("m2", self.m2, self.m2 >= 0.0 && self.m2.is_finite(), "a number of at least 0")?;
        require_floor("floor", self.floor)
    }
}

impl Forgetting {
    pub(crate) fn validate(&self) -> Result<(), Error> {
        if let Some(half_life) = self.half_life {
            require("half_life", half_life, is_magnitude(half_life), "a positive number of samples")?;
            // Below, a spread would rest on a single sample.
            require("half_life", half_life, half_life >= 0.1, "at least 0.1 samples")?;
        }
        let least = f64::from(self.min_samples);
        require("min_samples", least, (2..=65_536).contains(&self.min_samples), "2 to 65,536")?;
        require_floor("floor", self.floor)
    }
}

fn require_floor(field: &'static str, floor: f64) -> Result<(), Error> {
    require(field, floor, floor == 0.0 || is_magnitude(floor), "0 or a positive number")
}
