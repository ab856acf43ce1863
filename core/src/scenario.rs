//! Seeded signals with known ground truth, for demonstrations, simulators, tests and benchmarks.

mod generator;
mod noise;
pub(crate) mod truth;

use core::iter::FusedIterator;

use self::{generator::Generator, noise::Noise, truth::Interval};
use crate::{Error, Outliers, Phase, Sample, ScenarioConfig, math};

/// A signal: an iterator of samples that knows when it is out of control.
///
/// The same configuration and seed give the same bits on every target. Gaps and outliers are drawn apart from the
/// values, so that with other gaps the values that are left are the same.
///
/// ```
/// use drift_sre::{Kind, Monitor, MonitorConfig, Scenario, ScenarioPreset};
///
/// let mut scenario = Scenario::new(ScenarioPreset::Step.config(), 1)?;
/// let truth = scenario.truth().next().expect("a step is out of control");
/// let mut monitor = Monitor::new(MonitorConfig::default())?;
/// let opened = scenario
///     .find_map(|sample| monitor.update(sample).event.filter(|event| event.kind == Kind::Opened))
///     .expect("a step of three sigma is seen");
/// assert!(truth.contains(opened.at));
/// # Ok::<(), drift_sre::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    config: ScenarioConfig,
    noise: Noise,
    faults: Generator,
    taken: u32,
}

impl Scenario {
    /// A signal before its first sample. Any seed will do; those of several signals should differ.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] names the first setting that cannot be.
    pub fn new(config: ScenarioConfig, seed: u64) -> Result<Self, Error> {
        config.validate()?;
        let (noise, faults) = Generator::pair(seed);
        Ok(Self { config, noise: Noise::new(noise), faults, taken: 0 })
    }

    /// When it is out of control, in order of time. What is part of normal is not in it: season, outliers, gaps. An
    /// interval may end after the last sample.
    pub fn truth(&self) -> impl Iterator<Item = Interval> {
        self.config.truth()
    }

    /// Whether it is out of control at a time in seconds.
    #[must_use]
    pub fn drifting(&self, at: f64) -> bool {
        self.truth().any(|interval| interval.contains(at))
    }

    /// What it is made of.
    #[must_use]
    pub fn config(&self) -> &ScenarioConfig {
        &self.config
    }

    fn value(&mut self, at: f64) -> f64 {
        let config = &self.config;
        let present = |phase: &&Phase| phase.start_secs <= at && at < phase.end_secs;
        let mut value = match config.phases.iter().find(present) {
            Some(Phase { start_secs, end_secs, law, to: Some(to) }) => {
                self.noise.between(*law, *to, (at - start_secs) / (end_secs - start_secs))
            }
            Some(phase) => self.noise.draw(phase.law),
            None => self.noise.draw(config.law),
        };
        if let Some(season) = config.season {
            // The remainder is exact, so that the wave is as sharp after a year as on the first day.
            let turn = at % season.period_secs / season.period_secs;
            value += season.amplitude * math::sin(core::f64::consts::TAU * turn);
        }
        if let Some(Outliers { share, size }) = config.outliers {
            let (wild, up) = (self.faults.uniform() < share, self.faults.uniform() < 0.5);
            value += if !wild {
                0.0
            } else if up {
                size
            } else {
                -size
            };
        }
        let (min, max) = config.limits();
        // Not `max` and `min`, which may answer either of 0 and -0.
        if value < min {
            min
        } else if value > max {
            max
        } else {
            value
        }
    }

    fn is_lost(&mut self, at: f64) -> bool {
        let by_chance = self.faults.uniform() < self.config.gap_share;
        by_chance || self.config.outages.iter().any(|outage| outage.start_secs <= at && at < outage.end_secs)
    }
}

impl Iterator for Scenario {
    type Item = Sample;

    fn next(&mut self) -> Option<Sample> {
        if self.taken == self.config.samples {
            return None;
        }
        let at = self.config.at(self.taken);
        self.taken += 1;
        let value = self.value(at);
        Some(if self.is_lost(at) { Sample::gap(at) } else { Sample::new(at, value) })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = (self.config.samples - self.taken) as usize;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Scenario {}

impl FusedIterator for Scenario {}
