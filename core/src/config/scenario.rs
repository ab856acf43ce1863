//! Settings of the scenarios: what a signal is made of.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{Law, ScenarioPreset, is_level, is_magnitude, require};
use crate::{
    Error, Sample,
    plain::plain,
    scenario::truth::{Interval, PhaseKind},
};

/// A signal: `limit(law + season + outlier)` at equal distances of time, with phases of another law, and holes.
///
/// The default is [`ScenarioPreset::Normal`]: 100 ± 10, independent, once a second for half an hour.
///
/// ```
/// use drift_sre::{Law, Phase, Scenario, ScenarioConfig};
///
/// let leak = Phase {
///     start_secs: 600.0,
///     end_secs: 1200.0,
///     law: Law::Normal { mean: 100.0, sd: 10.0, phi: 0.0 },
///     to: Some(Law::Normal { mean: 160.0, sd: 10.0, phi: 0.0 }),
/// };
/// let scenario = Scenario::new(ScenarioConfig { phases: vec![leak], ..ScenarioConfig::default() }, 1)?;
/// assert!(!scenario.drifting(599.0) && scenario.drifting(600.0));
/// # Ok::<(), drift_sre::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScenarioConfig {
    /// How many samples there are, at least 1.
    pub samples: u32,
    /// Seconds from one sample to the next, above 0. The first is at 0 seconds.
    pub interval_secs: f64,
    /// How values scatter in control.
    pub law: Law,
    /// When they scatter otherwise: in order of time, not overlapping.
    pub phases: Vec<Phase>,
    /// A rhythm that is part of normal.
    pub season: Option<Season>,
    /// Wild values that are part of normal.
    pub outliers: Option<Outliers>,
    /// The share of samples that are gaps, each by itself, 0 to 1.
    pub gap_share: f64,
    /// When all samples are gaps.
    pub outages: Vec<Outage>,
    /// Values below count as this: what the metric cannot fall below.
    pub min: Option<f64>,
    /// Values above count as this, at least `min`: what the metric cannot exceed.
    pub max: Option<f64>,
}

impl Default for ScenarioConfig {
    fn default() -> Self {
        ScenarioPreset::Normal.config()
    }
}

/// A time in which values follow another law than in control.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// Seconds from the first sample, at least 0.
    pub start_secs: f64,
    /// Seconds from the first sample, after `start_secs`: the first moment at which all is as it was. It may lie behind
    /// the last sample.
    pub end_secs: f64,
    /// The law at the start.
    pub law: Law,
    /// The law that it moves to until the end; `None` if it stays. The parameters move linearly; where the law is of
    /// another family, the share of the values that follow it grows linearly instead.
    #[serde(default)]
    pub to: Option<Law>,
}

/// A sine that is added to the values.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Season {
    /// The most it adds, in the metric's own unit, at least 0.
    pub amplitude: f64,
    /// Seconds from one crest to the next, above 0. It starts at zero and rises.
    pub period_secs: f64,
}

/// Single wild values.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outliers {
    /// The share of samples that are wild, 0 to 1.
    pub share: f64,
    /// What is added to them or, as often, subtracted, in the metric's own unit, at least 0.
    pub size: f64,
}

/// A time in which nothing could be measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outage {
    /// Seconds from the first sample, at least 0.
    pub start_secs: f64,
    /// Seconds from the first sample, after `start_secs`: the first moment at which there are values again.
    pub end_secs: f64,
}

plain! {
    struct ScenarioConfig {
        samples, interval_secs, law, phases, season, outliers, gap_share, outages, min, max,
    }
    struct Phase { start_secs, end_secs, law, to }
    struct Season { amplitude, period_secs }
    struct Outliers { share, size }
    struct Outage { start_secs, end_secs }
}

impl ScenarioConfig {
    /// Seconds from the first sample to where the next after the last would be.
    #[must_use]
    pub fn duration_secs(&self) -> f64 {
        f64::from(self.samples) * self.interval_secs
    }

    /// The time of every sample, in seconds.
    #[must_use]
    pub fn times(&self) -> impl ExactSizeIterator<Item = f64> {
        (0..self.samples).map(|position| self.at(position))
    }

    /// Not a running sum, whose rounding errors would add up.
    pub(crate) fn at(&self, position: u32) -> f64 {
        f64::from(position) * self.interval_secs
    }

    /// The same course of events in another time: phases and outages keep their shares of it, while the distance of
    /// samples and the season stay. What cannot be is refused where the scenario is made.
    ///
    /// ```
    /// use drift_sre::ScenarioPreset;
    ///
    /// let config = ScenarioPreset::DriftwatchSpike.config().lasting(600.0);
    /// assert_eq!(config.samples, 6000);
    /// assert_eq!((config.phases[0].start_secs, config.phases[0].end_secs), (240.0, 420.0));
    /// ```
    #[must_use]
    pub fn lasting(mut self, secs: f64) -> Self {
        let factor = secs / self.duration_secs();
        for phase in &mut self.phases {
            phase.start_secs *= factor;
            phase.end_secs *= factor;
        }
        for outage in &mut self.outages {
            outage.start_secs *= factor;
            outage.end_secs *= factor;
        }
        // The cast saturates: no time gives no samples, which validation refuses.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturation is wanted")]
        {
            self.samples = (secs / self.interval_secs + 0.5) as u32;
        }
        self
    }

    /// When the signal is out of control, in order of time: the phases that differ from normal.
    pub fn truth(&self) -> impl Iterator<Item = Interval> {
        self.phases.iter().filter_map(|phase| {
            let kind = PhaseKind::of(self.law, phase.law, phase.to.unwrap_or(phase.law))?;
            Some(Interval { start: phase.start_secs, end: phase.end_secs, kind })
        })
    }

    /// Errors name the first field that lies outside of what it may be.
    pub(crate) fn validate(&self) -> Result<(), Error> {
        require("samples", f64::from(self.samples), self.samples > 0, "at least 1")?;
        positive_secs("interval_secs", self.interval_secs)?;
        self.law.validate()?;
        let mut free = 0.0;
        for Phase { start_secs, end_secs, law, to } in &self.phases {
            let wanted = "at least 0, and not before the end of the phase before it";
            require("start_secs", *start_secs, is_level(*start_secs) && *start_secs >= free, wanted)?;
            ends_after(*start_secs, *end_secs)?;
            law.validate()?;
            to.unwrap_or(*law).validate()?;
            free = *end_secs;
        }
        if let Some(Season { amplitude, period_secs }) = self.season {
            require("amplitude", amplitude, is_level(amplitude), "a number of at least 0")?;
            positive_secs("period_secs", period_secs)?;
        }
        if let Some(Outliers { share, size }) = self.outliers {
            require("share", share, (0.0..=1.0).contains(&share), "a share, 0 to 1")?;
            require("size", size, is_level(size), "a number of at least 0")?;
        }
        require("gap_share", self.gap_share, (0.0..=1.0).contains(&self.gap_share), "a share, 0 to 1")?;
        for Outage { start_secs, end_secs } in &self.outages {
            require("start_secs", *start_secs, is_level(*start_secs), "at least 0")?;
            ends_after(*start_secs, *end_secs)?;
        }
        let (min, max) = self.limits();
        require("min", min, min.abs() <= Sample::LIMIT, "a finite number")?;
        require("max", max, max.abs() <= Sample::LIMIT && max >= min, "a finite number of at least min")
    }

    /// The bounds of its values: without bounds of its own, what a monitor can learn from.
    pub(crate) fn limits(&self) -> (f64, f64) {
        (self.min.unwrap_or(-Sample::LIMIT), self.max.unwrap_or(Sample::LIMIT))
    }
}

fn positive_secs(field: &'static str, secs: f64) -> Result<(), Error> {
    require(field, secs, is_magnitude(secs), "a positive number of seconds")
}

fn ends_after(start_secs: f64, end_secs: f64) -> Result<(), Error> {
    require("end_secs", end_secs, is_level(end_secs) && end_secs > start_secs, "after start_secs")
}
