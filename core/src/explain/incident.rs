//! What an incident means, as data; [`narrate`](crate::narrate) finds the words.

use alloc::{string::String, vec, vec::Vec};

use super::advice::{Insight, Recommendation, insights, recommendations};
use crate::{
    correlate::{GoldenSignal, Incident, Signal, trend::DriftScores},
    event::Direction,
};

/// Smaller changes are not worth telling, in percent.
const WORTH_TELLING: f64 = 1.0;

/// What an explanation needs to know beside the incident.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Context {
    /// How far the source has been drifting.
    pub scores: DriftScores,
    /// Seconds since the incident was opened; 0, the default, is just now. `NaN` if that is not known, which leaves out how urgent it is.
    pub age_secs: f64,
}

/// What changed, how certain that is, what it may mean and what to do about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// What is observed; `None` if there was nothing to explain.
    pub source: Option<String>,
    /// Length of the incident's window in seconds.
    pub duration_secs: f64,
    /// Changes of at least 1 %, by type, then metric.
    pub changes: Vec<Change>,
    /// How certain a degradation is.
    pub confidence: Confidence,
    /// What it may mean; each once.
    pub insights: Vec<Insight>,
    /// What to do, the most urgent first; each once.
    pub recommendations: Vec<Recommendation>,
}

/// What one metric did.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What the metric tells about the source.
    pub golden_signal: GoldenSignal,
    /// The metric's name.
    pub metric: String,
    /// Its unit as in [`Signal::unit`].
    pub unit: String,
    /// What was normal, in the metric's own unit.
    pub from: f64,
    /// What it came to, in the metric's own unit.
    pub to: f64,
    /// See [`Signal::deviation_ratio`].
    pub ratio: f64,
    /// Which way it moved.
    pub direction: Direction,
}

impl Change {
    /// The change in percent of what was normal; `None` where that was 0.
    #[must_use]
    pub fn percent(&self) -> Option<f64> {
        (self.from != 0.0).then_some(100.0 * self.ratio)
    }

    fn of(signal: &Signal) -> Option<Self> {
        let change = Self {
            golden_signal: signal.golden_signal,
            metric: signal.metric.clone(),
            unit: signal.unit.clone(),
            from: signal.baseline,
            to: signal.current,
            ratio: signal.deviation_ratio(),
            direction: signal.direction()?,
        };
        let told = change.percent().is_none_or(|percent| percent.abs() >= WORTH_TELLING);
        told.then_some(change)
    }
}

/// How certain a degradation is, by the higher one of the scores for latency and errors.
///
/// ```
/// use drift_sre::Confidence;
///
/// assert_eq!(Confidence::of(0.81).name(), "high");
/// assert_eq!(Confidence::of(0.8).name(), "moderate");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// A score of at most 0.2, or none.
    Uncertain,
    /// A score above 0.2.
    Low,
    /// A score above 0.5.
    Moderate,
    /// A score above 0.8.
    High,
}

impl Confidence {
    /// The confidence that goes with a score, 0 to 1.
    #[must_use]
    pub fn of(score: f64) -> Self {
        if score > 0.8 {
            Self::High
        } else if score > 0.5 {
            Self::Moderate
        } else if score > 0.2 {
            Self::Low
        } else {
            Self::Uncertain
        }
    }

    /// `uncertain`, `low`, `moderate` or `high`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Uncertain => "uncertain",
            Self::Low => "low",
            Self::Moderate => "moderate",
            Self::High => "high",
        }
    }
}

/// Explains an incident. None, or one without signals, is explained too: nothing was found.
///
/// ```
/// use drift_sre::{
///     Context, DriftScores, GoldenSignal, Incident, Severity, Signal, explain_incident, narrate,
/// };
///
/// let signal = |metric: &str, golden_signal, unit: &str, baseline, current| Signal {
///     source: "/checkout".into(),
///     metric: metric.into(),
///     golden_signal,
///     unit: unit.into(),
///     baseline,
///     current,
///     score: 1.4,
///     severity: Severity::Warning,
///     window_start: 0.0,
///     window_end: 300.0,
/// };
/// let incident = Incident {
///     source: "/checkout".into(),
///     window_start: 0.0,
///     window_end: 300.0,
///     severity: Severity::Critical,
///     signals: vec![
///         signal("avg_latency", GoldenSignal::Latency, "ms", 100.0, 220.0),
///         signal("error_rate", GoldenSignal::Errors, "", 0.005, 0.02),
///     ],
/// };
/// let scores = DriftScores { latency: Some(0.9), ..DriftScores::default() };
/// let told = narrate(&explain_incident(Some(&incident), &Context { scores, age_secs: 30.0 }));
/// assert_eq!(
///     told.explanation,
///     "On /checkout, over 5 min: Latency: avg_latency increased by 120.0% (100 ms → 220 ms). \
///      Error rate increased from 0.5% → 2.0%. Confidence: high.",
/// );
/// assert_eq!(told.recommendations[0], "Urgent: look into this now.");
/// ```
#[must_use]
pub fn explain_incident(incident: Option<&Incident>, context: &Context) -> Explanation {
    let Some(incident) = incident.filter(|incident| !incident.signals.is_empty()) else {
        return Explanation {
            source: None,
            duration_secs: 0.0,
            changes: vec![],
            confidence: Confidence::Uncertain,
            insights: vec![Insight::Unclear],
            recommendations: vec![Recommendation::KeepWatching],
        };
    };
    let mut changes: Vec<Change> = incident.signals.iter().filter_map(Change::of).collect();
    changes.sort_by(|one, other| {
        (one.golden_signal, one.metric.as_str()).cmp(&(other.golden_signal, other.metric.as_str()))
    });
    Explanation {
        source: Some(incident.source.clone()),
        duration_secs: incident.window_end - incident.window_start,
        changes,
        confidence: Confidence::of(context.scores.degradation()),
        insights: insights(incident, &context.scores),
        recommendations: recommendations(incident, context.age_secs),
    }
}
