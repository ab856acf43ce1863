//! A control chart: a baseline and a detector that starts afresh after each alarm, for one series.
//!
//! It is the corridor without the decision: no states, no events, one comparison a sample.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{
    baseline::{self, Baseline},
    detect::{self, Detector, Score},
};
use crate::{
    Error, Sample,
    config::Transform,
    snapshot::{self, Kind},
};

/// What a chart is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChartConfig {
    /// Applied to every value first.
    pub transform: Transform,
    /// What is normal.
    pub baseline: Baseline,
    /// How surprising a sample is.
    pub detector: Detector,
}

/// A detector in classical use: after an alarm its statistic is zero. For the Page-Hinkley test, whose reference moves,
/// the alarming value is then the new level; other baselines learn it as any other value.
///
/// ```
/// use drift_sre::{Chart, ChartConfig};
///
/// let mut chart = Chart::new(ChartConfig::default())?;
/// let alarm = (0..400).position(|t| chart.update(if t < 300 { f64::from(t % 5) } else { 9.0 }));
/// assert!(alarm.is_some_and(|t| (300..320).contains(&t)));
/// # Ok::<(), drift_sre::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    config: ChartConfig,
    state: State,
}

/// What a chart remembers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct State {
    baseline: baseline::State,
    detector: detect::State,
    last: Option<Score>,
}

impl Chart {
    /// A chart that has seen nothing.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] names the first setting that cannot be.
    pub fn new(config: ChartConfig) -> Result<Self, Error> {
        config.baseline.validate()?;
        config.detector.validate()?;
        let state = State { baseline: config.baseline.init(), detector: config.detector.init(), last: None };
        Ok(Self { config, state })
    }

    /// Takes one value and tells whether it alarms. A value that is not usable (see [`Sample::usable`]) changes
    /// nothing and never alarms.
    #[inline]
    pub fn update(&mut self, value: f64) -> bool {
        self.step(value).is_some_and(|score| score.value > 1.0)
    }

    /// Takes many values; the answer is the positions of those that alarm.
    pub fn update_many(&mut self, values: &[f64]) -> Vec<usize> {
        let alarms = values.iter().enumerate().filter(|(_, value)| self.update(**value));
        alarms.map(|(position, _)| position).collect()
    }

    /// Takes many values; yields the score of each, `None` where there is none: in the warm-up and for unusable values.
    pub fn score_many(&mut self, values: &[f64]) -> impl ExactSizeIterator<Item = Option<f64>> {
        values.iter().map(|value| self.step(*value).map(|score| score.value))
    }

    /// The score of the newest usable value; `None` in the warm-up.
    #[must_use]
    pub fn score(&self) -> Option<Score> {
        self.state.last
    }

    /// Whether the newest usable value alarmed.
    #[must_use]
    pub fn drift_detected(&self) -> bool {
        self.state.last.is_some_and(|score| score.value > 1.0)
    }

    /// The reference level in the metric's own unit; `None` in the warm-up.
    #[must_use]
    pub fn level(&self) -> Option<f64> {
        let ChartConfig { transform, baseline, .. } = &self.config;
        let state = &self.state.baseline;
        baseline.is_ready(state).then(|| transform.undo(baseline.level(state)))
    }

    /// The settings it runs with.
    #[must_use]
    pub fn config(&self) -> &ChartConfig {
        &self.config
    }

    /// Forgets all it has seen.
    pub fn reset(&mut self) {
        self.state = self.config.init();
    }

    /// Settings and state as bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        snapshot::seal(Kind::Chart, &(&self.config, &self.state))
    }

    /// The chart that [`Chart::to_bytes`] wrote, which goes on bit for bit.
    ///
    /// # Errors
    /// The snapshot errors of [`Error`]; bytes of any origin are safe to try.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let (config, state): (ChartConfig, State) = snapshot::open(Kind::Chart, bytes)?;
        config.validate().map_err(|_| Error::SnapshotCorrupt)?;
        config.check(&state)?;
        Ok(Self { config, state })
    }

    #[inline]
    fn step(&mut self, value: f64) -> Option<Score> {
        self.config.step(&mut self.state, value)
    }
}

impl ChartConfig {
    pub(crate) fn validate(&self) -> Result<(), Error> {
        self.baseline.validate()?;
        self.detector.validate()
    }

    pub(crate) fn init(&self) -> State {
        State { baseline: self.baseline.init(), detector: self.detector.init(), last: None }
    }

    /// Takes one value; the score is `None` in the warm-up and for an unusable value.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "with several detectors it is no longer inlined by itself, a fifth slower"
    )]
    pub(crate) fn step(&self, state: &mut State, value: f64) -> Option<Score> {
        let value = Sample::new(0.0, value).usable()?;
        let Self { transform, baseline, detector } = self;
        let value = transform.apply(value);
        let Some(residual) = baseline.residual(&state.baseline, value, 0.0) else {
            baseline.learn(&mut state.baseline, value, 0.0);
            return None;
        };
        let score = detector.score(&mut state.detector, residual);
        state.last = Some(score);
        if score.value > 1.0 {
            state.detector = detector.init();
            if detector.defaults().adopts {
                baseline.adopt(&mut state.baseline, value);
                return Some(score);
            }
        }
        baseline.learn(&mut state.baseline, value, 0.0);
        Some(score)
    }

    /// Refuses a decoded state that no chart of this configuration can come to.
    pub(crate) fn check(&self, state: &State) -> Result<(), Error> {
        self.baseline.check(&state.baseline)?;
        self.detector.check(&state.detector)?;
        let told = state.last.is_none_or(|score| score.is_sane());
        if told { Ok(()) } else { Err(Error::SnapshotCorrupt) }
    }
}
