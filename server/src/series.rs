//! One metric of one service: its monitor, and what was seen since it was last put on disk.

use drift_sre::{Baseline, Event, Monitor, MonitorConfig, Sample, State, Verdict};
use serde::{Deserialize, Serialize};

use crate::{config, observation::Definition};

/// What was measured, beside what was expected just before.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// The measurement.
    pub value: f64,
    /// What was expected; NaN, as the next two, before the baseline is known.
    pub baseline: f32,
    /// The least that was expected.
    pub lower: f32,
    /// The most that was expected.
    pub upper: f32,
    /// How surprising it was, 1 being the alarm line.
    pub score: f32,
}

/// How many of the newest distances are kept, which is more than any enter rule looks at.
const RECENT: usize = 64;

/// A series in memory.
#[derive(Debug)]
pub struct Series {
    pub(crate) definition: Definition,
    pub(crate) monitor: Monitor,
    /// Measurements ever taken.
    pub(crate) taken: u64,
    /// The time of the newest.
    pub(crate) newest_ms: i64,
    /// Distances of the newest from what was expected, in standard deviations, oldest first.
    pub(crate) recent: Vec<f32>,
    /// What is stored in the journal alone.
    pub(crate) pending: Vec<Point>,
    /// The newest.
    pub(crate) newest: Option<Point>,
}

/// The same as it is stored.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Stored {
    definition: Definition,
    monitor: Vec<u8>,
    taken: u64,
    newest_ms: i64,
    recent: Vec<f32>,
    newest: Option<Point>,
}

impl Series {
    pub(crate) fn new(definition: Definition, telemetry: &MonitorConfig) -> Result<Self, drift_sre::Error> {
        let monitor = Monitor::new(judge(&definition, telemetry))?;
        Ok(Self {
            definition,
            monitor,
            taken: 0,
            newest_ms: i64::MIN,
            recent: vec![],
            pending: vec![],
            newest: None,
        })
    }

    /// Takes a measurement. One that is older than the newest counts as of the same time, as a monitor's time goes one way.
    pub(crate) fn update(&mut self, at_ms: i64, value: f64) -> Verdict {
        self.newest_ms = self.newest_ms.max(at_ms);
        let (level, band) = (self.monitor.level(), self.monitor.band());
        let verdict = self.monitor.update(Sample::new(seconds(self.newest_ms), value));
        self.taken += 1;
        let (lower, upper) = band.unwrap_or((f64::NAN, f64::NAN));
        let level = level.unwrap_or(f64::NAN);
        if let Some(distance) = distance(value, level, lower, upper) {
            if self.recent.len() == RECENT {
                self.recent.remove(0);
            }
            self.recent.push(distance);
        }
        let score = verdict.score.map_or(f64::NAN, |score| score.value);
        let point = Point {
            at_ms,
            value,
            baseline: single(level),
            lower: single(lower),
            upper: single(upper),
            score: single(score),
        };
        self.pending.push(point);
        self.newest = Some(point);
        verdict
    }

    pub(crate) fn accept(&mut self) -> Option<Event> {
        self.monitor.accept()
    }

    pub(crate) fn reset(&mut self) -> Option<Event> {
        self.recent.clear();
        self.monitor.reset()
    }

    pub(crate) fn state(&self) -> State {
        self.monitor.state()
    }

    /// About how many bytes it takes.
    pub(crate) fn weight(&self) -> usize {
        let window = match self.monitor.config().baseline {
            // A time and a value, and room to sort the values.
            Baseline::Rolling(rolling) => 24 * self.monitor.samples().min(u64::from(rolling.size)),
            _ => 512,
        };
        let window = usize::try_from(window).unwrap_or(usize::MAX);
        size_of::<Self>() + window + self.pending.capacity() * size_of::<Point>() + self.recent.capacity() * 4
    }

    pub(crate) fn store(&self) -> Stored {
        Stored {
            definition: self.definition.clone(),
            monitor: self.monitor.snapshot(),
            taken: self.taken,
            newest_ms: self.newest_ms,
            recent: self.recent.clone(),
            newest: self.newest,
        }
    }

    /// The series that was stored. What was learned under settings too different to go on from is learned anew.
    pub(crate) fn revive(stored: Stored, telemetry: &MonitorConfig) -> Result<Self, drift_sre::Error> {
        let Stored { definition, monitor, taken, newest_ms, mut recent, newest } = stored;
        let config = judge(&definition, telemetry);
        let monitor = match Monitor::resume(config, &monitor) {
            Err(drift_sre::Error::SnapshotMismatch) => {
                tracing::warn!(metric = %definition.metric, "the settings changed; the series is learned anew");
                recent.clear();
                Monitor::new(config)?
            }
            other => other?,
        };
        Ok(Self { definition, monitor, taken, newest_ms, recent, pending: vec![], newest })
    }
}

/// Milliseconds as the seconds that a monitor takes.
#[must_use]
pub fn seconds(ms: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "exact for a quarter of a million years")]
    let ms = ms as f64;
    ms / 1000.0
}

fn judge(definition: &Definition, telemetry: &MonitorConfig) -> MonitorConfig {
    match definition.judged {
        None => *telemetry,
        Some(judged) => config::gauge(judged.direction, judged.transform, judged.floor),
    }
}

/// How far a value is from what was expected, in standard deviations.
fn distance(value: f64, level: f64, lower: f64, upper: f64) -> Option<f32> {
    let reach = if value < level { level - lower } else { upper - level };
    let spread = reach / 3.0;
    (spread > 0.0).then(|| single((value - level) / spread))
}

/// Enough for a chart.
fn single(value: f64) -> f32 {
    #[expect(clippy::cast_possible_truncation, reason = "rounding is what is wanted")]
    let single = value as f32;
    single
}
