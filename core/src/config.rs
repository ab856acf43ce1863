//! The only description of settings in the repository, and their validation.
//!
//! What users write are these plain structs; whatever takes one validates it once and keeps it unchanged.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::{Error, Sample, series::detect::Detector};

/// The whole corridor of one series: baseline, detector, decision.
///
/// ```
/// use drift_sre::{MonitorConfig, Scale};
///
/// let config = MonitorConfig::default();
/// assert_eq!(config.baseline.scale, Scale::Auto { floor: 0.0 });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MonitorConfig {
    /// What is normal.
    pub baseline: Exponential,
    /// How surprising a sample is.
    pub detector: Detector,
    /// When surprise becomes an event, and when it is over.
    pub decision: Decision,
}

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
    /// Applied to every value first.
    pub transform: Transform,
}

impl Default for Exponential {
    fn default() -> Self {
        Self {
            alpha: 0.005,
            min_samples: 30,
            scale: Scale::Auto { floor: 0.0 },
            transform: Transform::Identity,
        }
    }
}

/// The unit that residuals are measured in.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Scale {
    /// A given number of the (transformed) metric's own unit; 1 leaves residuals as they are.
    Fixed(f64),
    /// Learned: robust spread times the long-run factor for autocorrelation, so that residuals add up like
    /// independent ones of standard deviation 1.
    Auto {
        /// The least spread worth judging by, in the (transformed) metric's unit: what moves less is idle noise.
        floor: f64,
    },
}

/// A monotone map of values that makes heavy tails light.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transform {
    /// Values as they are.
    #[default]
    Identity,
    /// `ln(1 + |x|)` with the sign of `x`: for traffic, counts and durations.
    Log,
}

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
    /// Lambda: the accumulated deviation at which it alarms, above 0.
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

/// At least `hits` of the last `window` scores beyond (to enter) or within (to leave) `level`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunRule {
    /// How many scores must hit, 1 to `window`.
    pub hits: u8,
    /// How many of the newest scores count, 1 to 64.
    pub window: u8,
    /// In units of the detector's alarm line, at least 0.
    pub level: f64,
}

/// When surprise becomes an event, and when it is over.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Decision {
    /// A drift is announced when scores *above* the level fulfil this rule.
    pub enter: RunRule,
    /// How a drift ends.
    pub exit: Exit,
    /// Scores above this are a warning: nothing is announced, but nothing is learned either. At least 0.
    pub warn: f64,
    /// Silence of more than this many seconds makes the series stale; `None` for never.
    pub idle_secs: Option<f64>,
    /// A drift that lasts this many seconds is adopted as the new level; `None` for never.
    pub adopt_secs: Option<f64>,
}

impl Default for Decision {
    fn default() -> Self {
        Self {
            enter: RunRule { hits: 1, window: 1, level: 1.0 },
            exit: Exit::Within(RunRule { hits: 1, window: 1, level: 0.5 }),
            warn: 0.15,
            idle_secs: None,
            adopt_secs: None,
        }
    }
}

/// How a drift ends.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exit {
    /// When scores *at or below* the level fulfil this rule: the series is back.
    Within(RunRule),
    /// At once: the value that raised the alarm is the new level. The classical behaviour.
    Adopt,
}

/// Windows in event time over one source.
///
/// ```
/// use drift_sre::{Error, WindowConfig, Windows};
///
/// let wrong = WindowConfig { lateness_secs: -1.0, ..WindowConfig::default() };
/// assert!(matches!(Windows::new(wrong), Err(Error::OutOfRange { field: "lateness_secs", .. })));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WindowConfig {
    /// The windows' lengths in seconds: 1 to 8 different ones of 0.001 to 1e9.
    pub window_secs: Vec<f64>,
    /// How far behind the newest observation one may lie and still count, in seconds, 0 to 1e9.
    pub lateness_secs: f64,
    /// The most observations kept at a time, 1 to 1,048,576; each takes about 100 bytes. Those of the longest window
    /// and of the lateness must fit, else the oldest are lost.
    pub capacity: u32,
}

impl Default for WindowConfig {
    fn default() -> Self {
        Self { window_secs: Vec::from([60.0, 300.0, 900.0]), lateness_secs: 10.0, capacity: 65_536 }
    }
}

impl MonitorConfig {
    /// Errors name the first field that lies outside of what it may be.
    pub(crate) fn validate(&self) -> Result<(), Error> {
        self.baseline.validate()?;
        self.detector.validate()?;
        self.decision.validate()
    }
}

impl Exponential {
    pub(crate) fn validate(&self) -> Result<(), Error> {
        require("alpha", self.alpha, self.alpha > 0.0 && self.alpha <= 1.0, "in (0, 1]")?;
        let samples = f64::from(self.min_samples);
        match self.scale {
            Scale::Fixed(scale) => {
                require("scale", scale, is_magnitude(scale), "a positive number")?;
                require("min_samples", samples, (1.0..=65_536.0).contains(&samples), "1 to 65,536")
            }
            Scale::Auto { floor } => {
                require("floor", floor, floor == 0.0 || is_magnitude(floor), "0 or a positive number")?;
                let wanted = "8 to 65,536 with an automatic scale";
                require("min_samples", samples, (8.0..=65_536.0).contains(&samples), wanted)
            }
        }
    }
}

impl PageHinkley {
    pub(crate) fn validate(&self) -> Result<(), Error> {
        let delta = self.delta;
        require("delta", delta, delta == 0.0 || is_magnitude(delta), "a number of at least 0")?;
        require("threshold", self.threshold, is_magnitude(self.threshold), "a positive number")?;
        match self.cap {
            Some(cap) => require("cap", cap, is_magnitude(cap), "a positive number"),
            None => Ok(()),
        }
    }
}

impl RunRule {
    fn validate(&self, field: &'static str) -> Result<(), Error> {
        let (hits, window) = (f64::from(self.hits), f64::from(self.window));
        require(field, window, (1..=64).contains(&self.window), "a rule over 1 to 64 scores")?;
        require(field, hits, (1..=self.window).contains(&self.hits), "a rule of 1 to window hits")?;
        require(field, self.level, is_level(self.level), "a rule at a level of at least 0")
    }
}

impl Decision {
    pub(crate) fn validate(&self) -> Result<(), Error> {
        self.enter.validate("enter")?;
        if let Exit::Within(rule) = &self.exit {
            rule.validate("exit")?;
        }
        require("warn", self.warn, is_level(self.warn), "a number of at least 0")?;
        for (field, secs) in [("idle_secs", self.idle_secs), ("adopt_secs", self.adopt_secs)] {
            if let Some(secs) = secs {
                require(field, secs, is_magnitude(secs), "a positive number of seconds")?;
            }
        }
        Ok(())
    }
}

impl WindowConfig {
    pub(crate) fn validate(&self) -> Result<(), Error> {
        let lengths = self.window_secs.len();
        require("window_secs", lengths as f64, (1..=8).contains(&lengths), "1 to 8 lengths")?;
        for (position, secs) in self.window_secs.iter().enumerate() {
            // The limits keep the number of any window a whole number that a float can hold.
            require("window_secs", *secs, (1e-3..=1e9).contains(secs), "0.001 to 1e9 seconds")?;
            let new = !self.window_secs.iter().take(position).any(|other| other == secs);
            require("window_secs", *secs, new, "lengths that differ")?;
        }
        let lateness = self.lateness_secs;
        require("lateness_secs", lateness, (0.0..=1e9).contains(&lateness), "0 to 1e9 seconds")?;
        let capacity = f64::from(self.capacity);
        require("capacity", capacity, (1.0..=1_048_576.0).contains(&capacity), "1 to 1,048,576")
    }

    /// How long an observation can matter, in seconds: as one of a window, or because another has its id. Not below the
    /// lateness: else which of three with one id counts would depend on the order in which they come.
    pub(crate) fn memory_secs(&self) -> f64 {
        self.window_secs.iter().copied().fold(self.lateness_secs, f64::max)
    }
}

fn require(field: &'static str, value: f64, holds: bool, wanted: &'static str) -> Result<(), Error> {
    if holds { Ok(()) } else { Err(Error::OutOfRange { field, value, wanted }) }
}

/// A positive number that neither vanishes nor overflows when it is squared or divided by.
fn is_magnitude(value: f64) -> bool {
    (1.0 / Sample::LIMIT..=Sample::LIMIT).contains(&value)
}

fn is_level(value: f64) -> bool {
    (0.0..=Sample::LIMIT).contains(&value)
}
