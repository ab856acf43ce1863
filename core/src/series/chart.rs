//! A control chart: a baseline and a detector that starts afresh after each alarm, for one series.
//!
//! It is the corridor without the decision: no states, no events, one comparison a sample.

use alloc::vec::Vec;
use core::mem;

use serde::{Deserialize, Serialize};

use super::{
    baseline::{self, Baseline, Reference},
    detect::{self, Detector, Finding, Score},
    kernel::{Kernel, Lane},
    speculate,
};
use crate::{
    Error, Sample,
    config::Transform,
    plain::{Plain, plain},
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
/// the alarming value is then the new level, and for a window its mean; else the baseline learns it as any other value.
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
    /// The configuration again, where there is a shorter way to carry it out.
    kernel: Option<Kernel>,
    state: State,
}

/// What a chart remembers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct State {
    baseline: baseline::State,
    detector: detect::State,
    last: Option<Score>,
}

plain! {
    struct ChartConfig { transform, baseline, detector }
    struct State { baseline, detector, last }
}

impl Chart {
    /// A chart that has seen nothing.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] names the first setting that cannot be.
    #[cfg_attr(feature = "small", inline(never))]
    pub fn new(config: ChartConfig) -> Result<Self, Error> {
        config.validate()?;
        Ok(Self { kernel: Kernel::of(&config), state: config.init(), config })
    }

    /// Takes one value and tells whether it alarms. A value that is not usable (see [`Sample::usable`]) changes
    /// nothing and never alarms.
    #[inline]
    pub fn update(&mut self, value: f64) -> bool {
        let mut alarm = false;
        if self.run::<false>(core::slice::from_ref(&value), |_| alarm = true) {
            return alarm;
        }
        self.step(value).is_some_and(|score| score.value > 1.0)
    }

    /// Takes many values; the answer is the positions of those that alarm.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "callers may have wider vector instructions than this function")]
    pub fn update_many(&mut self, values: &[f64]) -> Vec<usize> {
        let mut alarms = Vec::new();
        self.each_alarm(values, |position| alarms.push(position));
        alarms
    }

    /// As [`Chart::update_many`], telling the positions one by one.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "callers may have wider vector instructions than this function")]
    pub fn each_alarm(&mut self, values: &[f64], mut alarm: impl FnMut(usize)) {
        for (position, value) in values.iter().enumerate() {
            if self.run::<true>(&values[position..], |after| alarm(position + after)) {
                return;
            }
            if self.step(*value).is_some_and(|score| score.value > 1.0) {
                alarm(position);
            }
        }
    }

    /// Takes values by the kernel, if there is one and the chart is warm; tells whether it did. `MANY` of them may be taken
    /// in pieces.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is all that an update is")]
    fn run<const MANY: bool>(&mut self, values: &[f64], alarm: impl FnMut(usize)) -> bool {
        if !MANY && cfg!(feature = "small") {
            return false;
        }
        let Self { kernel: Some(kernel), state: State { baseline, detector, last }, .. } = self else {
            return false;
        };
        let (baseline::State::Exponential(plain), detect::State::PageHinkley(sums)) = (baseline, detector)
        else {
            return false;
        };
        let ((learned, level), Some((up, down))) = (plain.plain(), sums.sums()) else { return false };
        if *learned < kernel.min_samples {
            return false;
        }
        let mut lane = Lane { level: *level, up: *up, down: *down };
        let (count, score) = if MANY && !cfg!(feature = "small") {
            speculate::run(kernel, &mut lane, values, alarm)
        } else {
            kernel.run(&mut lane, values, alarm)
        };
        *learned = learned.saturating_add(count);
        (*level, *up, *down) = (lane.level, lane.up, lane.down);
        *last = score.or(*last);
        true
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
        Some(transform.undo(baseline.yardstick(state)?.level))
    }

    /// The whole of what is normal; `None` in the warm-up. A rolling baseline sorts its samples for it.
    #[must_use]
    pub fn reference(&self) -> Option<Reference> {
        self.config.baseline.reference(&self.state.baseline, self.config.transform)
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
        self.clone().to_bytes_mut()
    }

    /// As [`Chart::to_bytes`], without a copy in between. Nothing is changed.
    #[must_use]
    pub fn to_bytes_mut(&mut self) -> Vec<u8> {
        let mut saved = (self.config, mem::replace(&mut self.state, State::EMPTY));
        let bytes = snapshot::pack(Kind::Chart, &mut saved);
        self.state = saved.1;
        bytes
    }

    /// The chart that [`Chart::to_bytes`] wrote, which goes on bit for bit.
    ///
    /// # Errors
    /// The snapshot errors of [`Error`]; bytes of any origin are safe to try.
    #[cfg_attr(feature = "small", inline(never))]
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let (config, state): (ChartConfig, State) = snapshot::unpack(Kind::Chart, bytes)?;
        config.validate().map_err(|_| Error::SnapshotCorrupt)?;
        config.check(&state)?;
        Ok(Self { kernel: Kernel::of(&config), config, state })
    }

    #[cfg_attr(not(feature = "small"), inline)]
    #[cfg_attr(feature = "small", inline(never))]
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
        while detector.lags()
            && let Some((at, expired)) = detector.expire(&mut state.detector, 0.0)
        {
            if let Some(expired) = expired {
                baseline.learn(&mut state.baseline, expired, at);
            }
        }
        let Some(residual) = baseline.residual(&state.baseline, value, 0.0) else {
            detector.watch(&mut state.detector, value, 0.0);
            baseline.learn(&mut state.baseline, value, 0.0);
            return None;
        };
        let finding = detector.score(&mut state.detector, residual);
        if let Some(Finding { score, .. }) = finding {
            state.last = Some(score);
            if score.value > 1.0 {
                let present = detector.present(&state.detector).unwrap_or(value);
                detector.restart(&mut state.detector);
                if detector.defaults().adopts {
                    baseline.adopt(&mut state.baseline, present);
                    return Some(score);
                }
            }
        }
        if !detector.lags() {
            baseline.learn(&mut state.baseline, value, 0.0);
        }
        Some(finding?.score)
    }

    /// Refuses a decoded state that no chart of this configuration can come to.
    pub(crate) fn check(&self, state: &State) -> Result<(), Error> {
        self.baseline.check(&state.baseline)?;
        self.detector.check(&state.detector)?;
        let told = state.last.is_none_or(|score| score.is_sane());
        if told { Ok(()) } else { Err(Error::SnapshotCorrupt) }
    }
}
