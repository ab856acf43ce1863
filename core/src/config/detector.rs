//! Settings of the detectors. All are in units of the baseline's scale, or of samples.

use serde::{Deserialize, Serialize};

use super::{is_magnitude, require};
use crate::{Error, plain::plain};

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

/// The newest samples together, in event time, against the baseline. At least one of the four limits must be given.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WindowShift {
    /// Samples older than this many seconds are out of the window; `None` for no limit but `size`.
    pub window_secs: Option<f64>,
    /// The most samples in the window, 2 to 65,536.
    pub size: u32,
    /// A window of fewer samples is not judged, 2 to `size`.
    pub min_samples: u32,
    /// The distance of the window's mean at which it alarms, in standard deviations of single values.
    pub effect: Option<f64>,
    /// The same in standard errors of the distance. Where both are given, both must be exceeded.
    pub significance: Option<f64>,
    /// The ratio of the window's standard deviation to the baseline's at which it alarms, above 1.
    pub spread_above: Option<f64>,
    /// The same for a spread that shrinks, at least 0 and below 1.
    pub spread_below: Option<f64>,
    /// The most that one sample deviates for its part, in standard deviations; `None` for no limit.
    pub cap: Option<f64>,
    /// Which change of the mean alarms.
    pub direction: Sides,
}

impl Default for WindowShift {
    fn default() -> Self {
        Self {
            window_secs: Some(60.0),
            size: 1000,
            min_samples: 30,
            effect: Some(0.5),
            significance: Some(5.0),
            spread_above: Some(2.0),
            spread_below: Some(0.5),
            cap: Some(5.0),
            direction: Sides::Both,
        }
    }
}

/// A line through block means, against a baseline that stands still.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Trend {
    /// Samples in a block, 1 to 1,000,000.
    pub block: u32,
    /// How many blocks the line is fitted to, 6 to 64.
    pub blocks: u32,
    /// The slope in its standard errors at which it alarms.
    pub threshold: f64,
    /// The least distance of the line's end from the baseline, in standard deviations of single values.
    pub rise: f64,
    /// Which trend alarms.
    pub direction: Sides,
}

impl Default for Trend {
    fn default() -> Self {
        Self { block: 600, blocks: 12, threshold: 6.0, rise: 1.0, direction: Sides::Both }
    }
}

plain! {
    struct PageHinkley { delta, threshold, direction, cap }
    struct ZScore { threshold, direction }
    struct Cusum { slack, threshold, direction }
    struct Ewma { weight, threshold, direction }
    struct WindowShift {
        window_secs, size, min_samples, effect, significance, spread_above, spread_below, cap, direction,
    }
    struct Trend { block, blocks, threshold, rise, direction }
}

plain! {
    enum Sides { Up, Down, Both }
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

impl WindowShift {
    pub(crate) fn validate(&self) -> Result<(), Error> {
        if let Some(secs) = self.window_secs {
            require("window_secs", secs, is_magnitude(secs), "a positive number of seconds")?;
        }
        let (size, least) = (f64::from(self.size), f64::from(self.min_samples));
        require("size", size, (2..=65_536).contains(&self.size), "2 to 65,536")?;
        require("min_samples", least, (2..=self.size).contains(&self.min_samples), "2 to size")?;
        for (field, limit) in
            [("effect", self.effect), ("significance", self.significance), ("cap", self.cap)]
        {
            require_limit(field, limit.unwrap_or(1.0))?;
        }
        let above = self.spread_above.unwrap_or(2.0);
        require("spread_above", above, (1.0 + LEAST_LIMIT..=MOST_LIMIT).contains(&above), "above 1, to 1e6")?;
        let below = self.spread_below.unwrap_or(0.0);
        require("spread_below", below, (0.0..=1.0 - LEAST_LIMIT).contains(&below), "at least 0, below 1")?;
        let limits = [self.effect, self.significance, self.spread_above, self.spread_below];
        let wanted = "given, or another of significance, spread_above and spread_below";
        require("effect", f64::NAN, limits.iter().any(Option::is_some), wanted)
    }
}

impl Trend {
    pub(crate) fn validate(&self) -> Result<(), Error> {
        let (block, blocks) = (f64::from(self.block), f64::from(self.blocks));
        require("block", block, (1..=1_000_000).contains(&self.block), "1 to 1,000,000")?;
        require("blocks", blocks, (6..=64).contains(&self.blocks), "6 to 64")?;
        require_limit("threshold", self.threshold)?;
        require_limit("rise", self.rise)
    }
}

/// Limits of statistics that are quotients already: any score stays finite.
const LEAST_LIMIT: f64 = 1e-6;
const MOST_LIMIT: f64 = 1e6;

fn require_limit(field: &'static str, limit: f64) -> Result<(), Error> {
    require(field, limit, (LEAST_LIMIT..=MOST_LIMIT).contains(&limit), "1e-6 to 1e6")
}

/// No residual, however far out on however constant a series, overflows when it is divided by such a line.
fn require_line(threshold: f64) -> Result<(), Error> {
    require("threshold", threshold, is_magnitude(threshold), "a positive number")?;
    require("threshold", threshold, threshold >= 1e-6, "at least 1e-6")
}
