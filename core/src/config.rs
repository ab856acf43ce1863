//! The only description of settings in the repository, and their validation.
//!
//! What users write are these plain structs; whatever takes one validates it once and keeps it unchanged.

mod adaptive;
mod baseline;
mod correlation;
mod decision;
mod detector;
mod law;
mod preset;
#[cfg(feature = "records")]
mod records;
mod scenario;
mod scenario_preset;
mod window;

use serde::{Deserialize, Serialize};

#[cfg(feature = "records")]
pub use self::records::{Comparison, MaskConfig, RecordConfig, RecordProfile};
pub use self::{
    adaptive::{AdaptiveConfig, Seasonality},
    baseline::{Exponential, Fixed, Forgetting, Rolling, Scale},
    correlation::CorrelationConfig,
    decision::{Decision, Exit, Learning, Rules, RunRule},
    detector::{Cusum, Ewma, PageHinkley, Sides, Trend, WindowShift, ZScore},
    law::Law,
    preset::Preset,
    scenario::{Outage, Outliers, Phase, ScenarioConfig, Season},
    scenario_preset::ScenarioPreset,
    window::WindowConfig,
};
use crate::{
    Error, Sample, math,
    plain::plain,
    series::{baseline::Baseline, detect::Detector},
};

/// The whole corridor of one series: baseline, detector, decision.
///
/// ```
/// use drift_sre::{Detector, MonitorConfig, ZScore};
///
/// let config = MonitorConfig { detector: Detector::ZScore(ZScore::default()), ..MonitorConfig::default() };
/// assert!(drift_sre::Monitor::new(config).is_ok());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MonitorConfig {
    /// Applied to every value first; baselines and detectors see, and are set in, what comes of it.
    pub transform: Transform,
    /// What is normal.
    pub baseline: Baseline,
    /// How surprising a sample is.
    pub detector: Detector,
    /// When surprise becomes an event, and when it is over.
    pub decision: Decision,
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

plain! {
    struct MonitorConfig { transform, baseline, detector, decision }
}

plain! {
    enum Transform { Identity, Log }
}

impl MonitorConfig {
    /// Errors name the first field that lies outside of what it may be.
    pub(crate) fn validate(&self) -> Result<(), Error> {
        self.baseline.validate()?;
        self.detector.validate()?;
        self.decision.validate()
    }
}

#[cfg_attr(feature = "small", inline(never))]
pub(crate) fn require(
    field: &'static str,
    value: f64,
    holds: bool,
    wanted: &'static str,
) -> Result<(), Error> {
    if holds { Ok(()) } else { Err(Error::OutOfRange { field, value, wanted }) }
}

/// A positive number that neither vanishes nor overflows when it is squared or divided by.
fn is_magnitude(value: f64) -> bool {
    (1.0 / Sample::LIMIT..=Sample::LIMIT).contains(&value)
}

fn is_level(value: f64) -> bool {
    (0.0..=Sample::LIMIT).contains(&value)
}

impl Transform {
    #[inline]
    pub(crate) fn apply(self, value: f64) -> f64 {
        match self {
            Self::Identity => value,
            Self::Log => math::ln_1p(value.abs()).copysign(value),
        }
    }

    /// A transformed spread about a transformed level, in the metric's own unit.
    pub(crate) fn undo_spread(self, level: f64, spread: f64) -> f64 {
        match self {
            Self::Identity => spread,
            Self::Log => self.undo(level + spread) - self.undo(level),
        }
    }

    /// A transformed value in the metric's own unit.
    #[cfg_attr(feature = "small", inline(never))]
    pub(crate) fn undo(self, value: f64) -> f64 {
        match self {
            Self::Identity => value,
            // A mean of many logarithms may lie beyond that of the largest value, by rounding or in a forged snapshot.
            Self::Log => math::exp_m1(value.abs()).min(Sample::LIMIT).copysign(value),
        }
    }
}
