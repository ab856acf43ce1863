//! The only place where events and incidents are put into English.

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

use super::{
    advice::{Insight, Recommendation},
    incident::{Change, Explanation},
    quantity::{duration, number, percent, quantity, shares, signed, span},
};
use crate::{
    correlate::GoldenSignal,
    decide::Cause,
    event::{Aspect, Direction, Event, Evidence, Kind},
};

/// What a series is called and measured in; the host knows, a monitor does not.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The metric's name.
    pub name: &'a str,
    /// Its unit, which may be empty. `B` and `B/s` are written with decimal prefixes.
    pub unit: &'a str,
}

/// One sentence without a full stop: what changed, from what to what, by how much, since when; or how it ended.
#[must_use]
pub fn explain(event: &Event, subject: &Subject<'_>) -> String {
    match event.kind {
        Kind::Opened => opened(event, subject),
        Kind::Closed => closed(event, subject),
        Kind::Outlier => outlier(event, subject),
    }
}

fn opened(event: &Event, Subject { name, unit }: &Subject<'_>) -> String {
    let evidence = &event.evidence;
    let (baseline, level) = (quantity(evidence.baseline, unit), quantity(evidence.level, unit));
    let secs = event.at - event.onset;
    let when = if evidence.samples > 1 {
        format!("over the last {}", duration(secs))
    } else {
        "in one sample".into()
    };
    let change = evidence.level - evidence.baseline;
    let rises = event.direction == Direction::Up;
    match event.aspect {
        Aspect::Level | Aspect::Point => {
            let verb = if rises { "rose" } else { "fell" };
            let (shift, sigmas) = (signed(change, unit), number(evidence.sigmas.abs()));
            format!("{name} {verb} from {baseline} to {level} ({shift}, {sigmas} sigma) {when}")
        }
        Aspect::Spread => {
            let verb = if rises { "grew" } else { "shrank" };
            format!("the spread of {name} {verb} from {baseline} to {level} (standard deviations) {when}")
        }
        Aspect::Trend => {
            let verb = if rises { "up" } else { "down" };
            let pace = if secs > 0.0 {
                format!(", {} an hour", signed(change / secs * 3600.0, unit))
            } else {
                String::new()
            };
            format!(
                "{name} has crept {verb} from {baseline} to {level} ({}{pace}) {when}",
                signed(change, unit)
            )
        }
    }
}

/// A value, or an average of some, that left the range of all before it.
fn outlier(event: &Event, Subject { name, unit }: &Subject<'_>) -> String {
    let Evidence { value, baseline, sigmas, .. } = event.evidence;
    let side = if event.direction == Direction::Up { "higher" } else { "lower" };
    let (value, expected, sigmas) = (quantity(value, unit), quantity(baseline, unit), number(sigmas.abs()));
    format!("{name} was {value} where {expected} was expected ({sigmas} sigma), {side} than ever before")
}

fn closed(event: &Event, Subject { name, unit }: &Subject<'_>) -> String {
    let evidence = &event.evidence;
    let (baseline, value) = (quantity(evidence.baseline, unit), quantity(evidence.value, unit));
    let lasted = duration(event.at - event.onset);
    let side = if event.direction == Direction::Up { "above" } else { "below" };
    let after = format!("after {lasted} {side} {baseline}");
    let what = match event.aspect {
        Aspect::Spread => format!("the spread of {name}"),
        Aspect::Level | Aspect::Trend | Aspect::Point => format!("{name} at {value}"),
    };
    match event.cause {
        Cause::Recovered if event.aspect == Aspect::Spread => {
            format!("{what} is back to normal {after}")
        }
        Cause::Recovered => format!("{name} is back at {value} {after}"),
        Cause::Accepted => format!("{what} was accepted as normal {after}"),
        Cause::Adopted => format!("{what} is taken as normal from now on, {after}"),
        Cause::NoData => format!("{name} went silent {after}; its last value was {value}"),
        _ => format!("{name} starts afresh {after}"),
    }
}

/// An [`Explanation`] in English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Narrative {
    /// What changed where, from what to what, by how much, over how long, and how certain that is.
    pub explanation: String,
    /// One sentence for each insight.
    pub insights: Vec<String>,
    /// One sentence for each recommendation.
    pub recommendations: Vec<String>,
}

/// Puts the explanation of an incident into English.
///
/// ```
/// use drift_sre::{Context, explain_incident, narrate};
///
/// let nothing = narrate(&explain_incident(None, &Context::default()));
/// assert_eq!(nothing.explanation, "Nothing out of the ordinary was found.");
/// assert_eq!(nothing.recommendations, ["No action is needed; keep watching."]);
/// ```
#[must_use]
pub fn narrate(explanation: &Explanation) -> Narrative {
    let insights = explanation.insights.iter().map(|insight| insight_sentence(*insight).to_string());
    let recommendations =
        explanation.recommendations.iter().map(|advice| advice_sentence(*advice).to_string());
    Narrative {
        explanation: summary(explanation),
        insights: insights.collect(),
        recommendations: recommendations.collect(),
    }
}

fn summary(explanation: &Explanation) -> String {
    let Some(source) = &explanation.source else {
        return String::from("Nothing out of the ordinary was found.");
    };
    let confidence = explanation.confidence.name();
    let lasted = span(explanation.duration_secs);
    if explanation.changes.is_empty() {
        return format!("On {source}, over {lasted}: no change reached 1%. Confidence: {confidence}.");
    }
    let mut text = format!("On {source}, over {lasted}:");
    for golden_signal in GoldenSignal::ALL {
        let of_this_type = |change: &&Change| change.golden_signal == golden_signal;
        let changes: Vec<&Change> = explanation.changes.iter().filter(of_this_type).collect();
        if !changes.is_empty() {
            text.push(' ');
            text.push_str(&sentence(golden_signal, &changes));
        }
    }
    format!("{text} Confidence: {confidence}.")
}

/// What happened to the metrics of one type.
fn sentence(golden_signal: GoldenSignal, changes: &[&Change]) -> String {
    let subject = match golden_signal {
        GoldenSignal::Latency => "Latency",
        GoldenSignal::Errors => return error_sentence(changes),
        GoldenSignal::Traffic => "Traffic",
        GoldenSignal::Saturation => "Saturation",
    };
    let clauses: Vec<String> = changes.iter().map(|change| moved(change)).collect();
    let driver = match golden_signal {
        GoldenSignal::Latency if changes.len() > 1 => furthest(changes),
        _ => None,
    };
    let by_which = driver.map_or_else(String::new, |change| format!(", driven by {}", change.metric));
    format!("{subject}: {}{by_which}.", listed(&clauses))
}

/// The change that went furthest from what was normal; of equals the first.
fn furthest<'a>(changes: &[&'a Change]) -> Option<&'a Change> {
    let distance = |change: &Change| change.ratio.abs();
    changes.iter().rev().copied().max_by(|one, other| distance(one).total_cmp(&distance(other)))
}

fn error_sentence(changes: &[&Change]) -> String {
    let clauses: Vec<String> = changes
        .iter()
        .map(|change| {
            let (from, to) = values(change);
            let name = if changes.len() > 1 { format!(" ({})", change.metric) } else { String::new() };
            format!("{} from {from} → {to}{name}", verb(change.direction))
        })
        .collect();
    format!("Error rate {}.", listed(&clauses))
}

fn moved(change: &Change) -> String {
    let (from, to) = values(change);
    let by = change.percent().map_or_else(String::new, |change| format!(" by {}", percent(change)));
    format!("{} {}{by} ({from} → {to})", change.metric, verb(change.direction))
}

fn values(change: &Change) -> (String, String) {
    let Change { from, to, unit, .. } = change;
    match (change.golden_signal, unit.as_str()) {
        (GoldenSignal::Errors, "") => shares(*from, *to),
        (GoldenSignal::Errors, "%") => shares(from / 100.0, to / 100.0),
        _ => (quantity(*from, unit), quantity(*to, unit)),
    }
}

const fn verb(direction: Direction) -> &'static str {
    match direction {
        Direction::Up => "increased",
        Direction::Down => "decreased",
    }
}

/// `a`, `a and b`, `a, b and c`.
fn listed(clauses: &[String]) -> String {
    match clauses {
        [] => String::new(),
        [only] => only.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

const fn insight_sentence(insight: Insight) -> &'static str {
    match insight {
        Insight::LatencyRegression => {
            "Latency has been climbing for several windows: a regression, not a spike."
        }
        Insight::LatencyImpact => "Users are waiting longer than usual.",
        Insight::ErrorsSystemic => {
            "Errors have been building up for several windows: the fault is in the system."
        }
        Insight::ErrorsFailing => "More requests than usual are failing.",
        Insight::TrafficShift => {
            "Demand itself has changed; the cause may lie outside, with callers or upstream."
        }
        Insight::ResourcesFilling => "Resources are filling up; users will notice once they are full.",
        Insight::Unclear => "Nothing points to a particular cause.",
    }
}

const fn advice_sentence(recommendation: Recommendation) -> &'static str {
    match recommendation {
        Recommendation::InvestigateNow => "Urgent: look into this now.",
        Recommendation::WithinTheHour => "Look into this within the hour.",
        Recommendation::CheckDeployments => "Check what was deployed lately, and how the database is doing.",
        Recommendation::ReadErrorLogs => "Read the error logs for messages that repeat.",
        Recommendation::ConsiderRollback => "If a release came just before, consider rolling it back.",
        Recommendation::ProfileCode => "Profile the slow requests to find where the time goes.",
        Recommendation::CheckQueries => "Look for slow queries and missing indexes.",
        Recommendation::CheckResources => "Check CPU, memory, disks and connection pools.",
        Recommendation::CheckDependencies => "Check the services that this one depends on.",
        Recommendation::CheckConfiguration => "Check for settings or credentials that changed or expired.",
        Recommendation::KeepWatching => "No action is needed; keep watching.",
    }
}
