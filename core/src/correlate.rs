//! Several signals of one source in one window make one incident.

use alloc::{string::String, vec::Vec};
use core::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::{
    Error, Sample,
    config::CorrelationConfig,
    event::{Direction, Severity},
};

pub(crate) mod trend;

/// What a metric tells about a service: the four golden signals of site reliability engineering.
///
/// ```
/// use drift_sre::{Direction, GoldenSignal};
///
/// assert!(GoldenSignal::Latency.degrades(Direction::Up));
/// assert!(!GoldenSignal::Latency.degrades(Direction::Down));
/// assert!(GoldenSignal::Traffic.degrades(Direction::Down));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GoldenSignal {
    /// How long answers take.
    Latency,
    /// How many answers fail.
    Errors,
    /// How much is asked.
    Traffic,
    /// How full the resources are; what is measured as headroom has to be turned round by the host.
    Saturation,
}

impl GoldenSignal {
    /// Every golden signal, in the order in which changes are told.
    pub const ALL: [Self; 4] = [Self::Latency, Self::Errors, Self::Traffic, Self::Saturation];

    /// `latency`, `errors`, `traffic` or `saturation`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Latency => "latency",
            Self::Errors => "errors",
            Self::Traffic => "traffic",
            Self::Saturation => "saturation",
        }
    }

    /// The golden signal of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|golden_signal| golden_signal.name() == name)
    }

    /// Whether a move this way is for the worse: traffic either way, all others upwards.
    #[must_use]
    pub const fn degrades(self, direction: Direction) -> bool {
        matches!((self, direction), (Self::Traffic, _) | (_, Direction::Up))
    }
}

/// One metric of one source that left its normal range in one window of time.
///
/// ```
/// use drift_sre::{Direction, GoldenSignal, Severity, Signal};
///
/// let signal = Signal {
///     source: "/checkout".into(),
///     metric: "avg_latency".into(),
///     golden_signal: GoldenSignal::Latency,
///     unit: "ms".into(),
///     baseline: 100.0,
///     current: 220.0,
///     score: 1.4,
///     severity: Severity::Warning,
///     window_start: 0.0,
///     window_end: 60.0,
/// };
/// assert_eq!(signal.deviation_ratio(), 1.2);
/// assert_eq!(signal.direction(), Some(Direction::Up));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// What is observed: a host, a service, an endpoint.
    pub source: String,
    /// The metric's name, which the host gives.
    pub metric: String,
    /// What the metric tells about the source.
    pub golden_signal: GoldenSignal,
    /// The metric's unit as in [`quantity`](crate::quantity). Errors without a unit are a share, 0 to 1.
    pub unit: String,
    /// What was normal, in the metric's own unit, within [`Sample::LIMIT`].
    pub baseline: f64,
    /// What it is in the window, in the metric's own unit, within [`Sample::LIMIT`].
    pub current: f64,
    /// How surprising that is; 1 is the detector's alarm line.
    pub score: f64,
    /// How much the signal matters by itself.
    pub severity: Severity,
    /// The first moment of the window, in seconds.
    pub window_start: f64,
    /// The moment at which the window is over, in seconds; not before its start.
    pub window_end: f64,
}

impl Signal {
    /// The change as a share of what was normal: `(current - baseline) / |baseline|`, within [`Sample::LIMIT`].
    /// From a baseline of 0 it is 1 upwards and -1 downwards; it is 0 where nothing moved or a value cannot be read.
    #[must_use]
    pub fn deviation_ratio(&self) -> f64 {
        let sign = self.direction().map_or(0.0, Direction::sign);
        if self.baseline == 0.0 || sign == 0.0 {
            return sign;
        }
        let ratio = (self.current - self.baseline) / self.baseline.abs();
        ratio.clamp(-Sample::LIMIT, Sample::LIMIT)
    }

    /// Which way it moved; `None` where it did not, or where a value cannot be read.
    #[must_use]
    pub fn direction(&self) -> Option<Direction> {
        let readable = |value: f64| value.abs() <= Sample::LIMIT;
        if !readable(self.baseline) || !readable(self.current) {
            return None;
        }
        match self.current.partial_cmp(&self.baseline)? {
            Ordering::Greater => Some(Direction::Up),
            Ordering::Less => Some(Direction::Down),
            Ordering::Equal => None,
        }
    }

    /// A move for the worse, in a window that can be placed in time.
    fn counts(&self) -> bool {
        let placed = self.window_start.is_finite() && self.window_end.is_finite();
        let readable = placed && self.window_end >= self.window_start && self.score.is_finite();
        readable && self.direction().is_some_and(|direction| self.golden_signal.degrades(direction))
    }

    fn same_window(&self, other: &Self) -> bool {
        self.compare_windows(other).is_eq()
    }

    fn compare_windows(&self, other: &Self) -> Ordering {
        // Adding 0 turns -0 into 0: both are the same moment.
        (self.source.cmp(&other.source))
            .then((self.window_start + 0.0).total_cmp(&(other.window_start + 0.0)))
            .then((self.window_end + 0.0).total_cmp(&(other.window_end + 0.0)))
    }

    /// By source, window and metric, the highest score first. All other fields follow, so that the order in which
    /// signals come decides nothing.
    fn compare(&self, other: &Self) -> Ordering {
        (self.compare_windows(other))
            .then_with(|| self.metric.cmp(&other.metric))
            .then_with(|| other.score.total_cmp(&self.score))
            .then_with(|| other.severity.cmp(&self.severity))
            .then_with(|| self.golden_signal.cmp(&other.golden_signal))
            .then_with(|| self.current.total_cmp(&other.current))
            .then_with(|| self.baseline.total_cmp(&other.baseline))
            .then_with(|| self.unit.cmp(&other.unit))
    }
}

/// What went wrong with one source in one window.
#[derive(Clone, Debug, PartialEq)]
pub struct Incident {
    /// What is observed: a host, a service, an endpoint.
    pub source: String,
    /// The first moment of the window, in seconds.
    pub window_start: f64,
    /// The moment at which the window is over, in seconds.
    pub window_end: f64,
    /// Critical if latency and errors degraded, a warning if one of them did, info if only resources fill up.
    pub severity: Severity,
    /// The signals it rests on, by metric; each metric once.
    pub signals: Vec<Signal>,
}

impl Incident {
    /// Whether one of its signals is of this type.
    #[must_use]
    pub fn has(&self, golden_signal: GoldenSignal) -> bool {
        has(&self.signals, golden_signal)
    }
}

/// Turns signals into incidents.
///
/// An incident needs signals of [`CorrelationConfig::min_signals`] types, for metrics of one type (mean and 95th
/// percentile of latency, say) move together and confirm nothing. More or less traffic alone is no incident: it says
/// something about those who ask, not about the source.
///
/// ```
/// use drift_sre::{CorrelationConfig, Correlator, GoldenSignal, Severity, Signal};
///
/// let signal = |metric: &str, golden_signal, baseline, current| Signal {
///     source: "/checkout".into(),
///     metric: metric.into(),
///     golden_signal,
///     unit: String::new(),
///     baseline,
///     current,
///     score: 1.4,
///     severity: Severity::Warning,
///     window_start: 0.0,
///     window_end: 60.0,
/// };
/// let average = signal("avg_latency", GoldenSignal::Latency, 100.0, 220.0);
/// let tail = signal("p95_latency", GoldenSignal::Latency, 180.0, 420.0);
/// let failed = signal("error_rate", GoldenSignal::Errors, 0.005, 0.02);
///
/// let correlator = Correlator::new(CorrelationConfig::default())?;
/// assert_eq!(correlator.correlate(vec![tail.clone(), average.clone()]), []);
/// let incidents = correlator.correlate(vec![tail, failed, average]);
/// assert_eq!(incidents.len(), 1);
/// assert_eq!(incidents[0].severity, Severity::Critical);
/// # Ok::<(), drift_sre::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Correlator {
    config: CorrelationConfig,
}

impl Correlator {
    /// # Errors
    ///
    /// [`Error::OutOfRange`] names the setting that lies outside of what it may be.
    pub fn new(config: CorrelationConfig) -> Result<Self, Error> {
        config.validate()?;
        Ok(Self { config })
    }

    /// The incidents in signals that come in any order: by source, then window; their signals by metric.
    ///
    /// Signals that moved for the better, or that cannot be read (a value, score or time that is not finite, a
    /// window that ends before it starts), count for nothing. Of several signals for one metric in one window the one
    /// with the highest score counts.
    #[must_use]
    pub fn correlate(&self, mut signals: Vec<Signal>) -> Vec<Incident> {
        signals.retain(Signal::counts);
        signals.sort_by(Signal::compare);
        signals.dedup_by(|next, kept| next.same_window(kept) && next.metric == kept.metric);
        let agreeing = signals.chunk_by(Signal::same_window).filter(|group| {
            let types = GoldenSignal::ALL.into_iter().filter(|golden_signal| has(group, *golden_signal));
            types.count() >= usize::from(self.config.min_signals)
        });
        agreeing.filter_map(incident).collect()
    }
}

fn incident(signals: &[Signal]) -> Option<Incident> {
    let first = signals.first()?;
    Some(Incident {
        source: first.source.clone(),
        window_start: first.window_start,
        window_end: first.window_end,
        severity: severity(signals)?,
        signals: signals.to_vec(),
    })
}

fn has(signals: &[Signal], golden_signal: GoldenSignal) -> bool {
    signals.iter().any(|signal| signal.golden_signal == golden_signal)
}

/// What users notice decides; resources that fill up are worth knowing before anybody notices. `None` for traffic alone.
fn severity(signals: &[Signal]) -> Option<Severity> {
    match (has(signals, GoldenSignal::Latency), has(signals, GoldenSignal::Errors)) {
        (true, true) => Some(Severity::Critical),
        (true, false) | (false, true) => Some(Severity::Warning),
        (false, false) => has(signals, GoldenSignal::Saturation).then_some(Severity::Info),
    }
}

#[cfg(test)]
mod tests;
