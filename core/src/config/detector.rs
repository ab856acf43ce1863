//! Settings of the detectors. All are in units of the baseline's scale, or of samples.

use serde::{Deserialize, Serialize};

use super::{is_magnitude, require};
use crate::Error;

/// Which change is looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sides {
    /// A rise.
    Up,
    /// A fall.
    Down,
    /// Either.
    #[default]
    Both,
}

/// The Page-Hinkley test; residuals are in units of the baseline's scale.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PageHinkley {
    /// The deviation that is forgiven at every sample, at least 0.
    pub delta: f64,
    /// Lambda: the accumulated deviation at which it alarms, at least 1e-6.
    pub threshold: f64,
    /// Which change alarms.
    pub direction: Sides,
    /// The most that one sample may add, above 0, so that a spike alone is no drift; `None` for no limit.
    pub cap: Option<f64>,
}

impl Default for PageHinkley {
    fn default() -> Self {
        Self { delta: 0.25, threshold: 50.0, direction: Sides::Both, cap: Some(7.75) }
    }
}

/// How far each value lies from the baseline.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ZScore {
    /// The distance at which it alarms, at least 1e-6.
    pub threshold: f64,
    /// Which change alarms.
    pub direction: Sides,
}

impl Default for ZScore {
    fn default() -> Self {
        Self { threshold: 3.0, direction: Sides::Both }
    }
}

/// Cumulated sums of what exceeds a slack, for a baseline that does not follow.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cusum {
    /// k: half of the shift it is tuned to, at least 0.
    pub slack: f64,
    /// h: the sum at which it alarms, at least 1e-6.
    pub threshold: f64,
    /// Which change alarms.
    pub direction: Sides,
}

impl Default for Cusum {
    fn default() -> Self {
        Self { slack: 0.5, threshold: 5.0, direction: Sides::Both }
    }
}

/// An exponentially weighted mean of residuals against its own control limits.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ewma {
    /// Weight of a new residual, in (0, 1].
    pub weight: f64,
    /// L: the limits' distance in standard deviations of the mean, at least 1e-6.
    pub threshold: f64,
    /// Which change alarms.
    pub direction: Sides,
}

impl Default for Ewma {
    fn default() -> Self {
        Self { weight: 0.1, threshold: 2.814, direction: Sides::Both }
    }
}

impl PageHinkley {
    pub(crate) fn validate(&self) -> Result<(), Error> {
        let delta = self.delta;
        require("delta", delta, delta == 0.0 || is_magnitude(delta), "a number of at least 0")?;
        require_line(self.threshold)?;
        match self.cap {
            Some(cap) => require("cap", cap, is_magnitude(cap), "a positive number"),
            None => Ok(()),
        }
    }
}

impl ZScore {
    pub(crate) fn validate(&self) -> Result<(), Error> {
        require_line(self.threshold)
    }
}

impl Cusum {
    pub(crate) fn validate(&self) -> Result<(), Error> {
        let slack = self.slack;
        require("slack", slack, slack == 0.0 || is_magnitude(slack), "a number of at least 0")?;
        require_line(self.threshold)
    }
}

impl Ewma {
    pub(crate) fn validate(&self) -> Result<(), Error> {
        require("weight", self.weight, self.weight >= 1e-9 && self.weight <= 1.0, "in [1e-9, 1]")?;
        require_line(self.threshold)
    }
}

/// No residual, however far out on however constant a series, overflows when it is divided by such a line.
fn require_line(threshold: f64) -> Result<(), Error> {
    require("threshold", threshold, is_magnitude(threshold), "a positive number")?;
    require("threshold", threshold, threshold >= 1e-6, "at least 1e-6")
}
