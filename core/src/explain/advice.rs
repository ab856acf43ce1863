//! What an incident may mean and what to do about it, as data.

use alloc::{vec, vec::Vec};

use crate::correlate::{GoldenSignal, Incident, trend::DriftScores};

/// A drift score above this speaks of a trend rather than of a bad window.
const TREND: f64 = 0.5;
const HOUR: f64 = 3_600.0;

/// What an incident may mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Insight {
    /// Latency degraded, and its drift score is above 0.5.
    LatencyRegression,
    /// Latency degraded.
    LatencyImpact,
    /// Errors increased, and their drift score is above 0.5.
    ErrorsSystemic,
    /// Errors increased.
    ErrorsFailing,
    /// Traffic changed.
    TrafficShift,
    /// A resource is fuller than it was.
    ResourcesFilling,
    /// None of these.
    Unclear,
}

impl Insight {
    /// The insight in `snake_case`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LatencyRegression => "latency_regression",
            Self::LatencyImpact => "latency_impact",
            Self::ErrorsSystemic => "errors_systemic",
            Self::ErrorsFailing => "errors_failing",
            Self::TrafficShift => "traffic_shift",
            Self::ResourcesFilling => "resources_filling",
            Self::Unclear => "unclear",
        }
    }
}

/// What to do about an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recommendation {
    /// The incident is less than an hour old.
    InvestigateNow,
    /// It is less than four hours old.
    WithinTheHour,
    /// Look at recent deployments and the database.
    CheckDeployments,
    /// Look for patterns in the error logs.
    ReadErrorLogs,
    /// Go back to the release before.
    ConsiderRollback,
    /// Find out where the time goes.
    ProfileCode,
    /// Look at queries and indexes.
    CheckQueries,
    /// Look at how full the resources are.
    CheckResources,
    /// Look at what the source depends on.
    CheckDependencies,
    /// Look at settings and credentials.
    CheckConfiguration,
    /// Nothing for now.
    KeepWatching,
}

impl Recommendation {
    /// The recommendation in `snake_case`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvestigateNow => "investigate_now",
            Self::WithinTheHour => "within_the_hour",
            Self::CheckDeployments => "check_deployments",
            Self::ReadErrorLogs => "read_error_logs",
            Self::ConsiderRollback => "consider_rollback",
            Self::ProfileCode => "profile_code",
            Self::CheckQueries => "check_queries",
            Self::CheckResources => "check_resources",
            Self::CheckDependencies => "check_dependencies",
            Self::CheckConfiguration => "check_configuration",
            Self::KeepWatching => "keep_watching",
        }
    }
}

/// What an incident with signals may mean, by type.
pub(super) fn insights(incident: &Incident, scores: &DriftScores) -> Vec<Insight> {
    let stronger = |score: Option<f64>, trend, window| {
        if score.is_some_and(|score| score > TREND) { trend } else { window }
    };
    let present = GoldenSignal::ALL.into_iter().filter(|golden_signal| incident.has(*golden_signal));
    present
        .map(|golden_signal| match golden_signal {
            GoldenSignal::Latency => {
                stronger(scores.latency, Insight::LatencyRegression, Insight::LatencyImpact)
            }
            GoldenSignal::Errors => stronger(scores.errors, Insight::ErrorsSystemic, Insight::ErrorsFailing),
            GoldenSignal::Traffic => Insight::TrafficShift,
            GoldenSignal::Saturation => Insight::ResourcesFilling,
        })
        .collect()
}

/// What to do about an incident with signals, the most urgent first.
pub(super) fn recommendations(incident: &Incident, age_secs: f64) -> Vec<Recommendation> {
    let urgency = if age_secs < HOUR {
        Some(Recommendation::InvestigateNow)
    } else {
        (age_secs < 4.0 * HOUR).then_some(Recommendation::WithinTheHour)
    };
    let checks: &[Recommendation] =
        match (incident.has(GoldenSignal::Latency), incident.has(GoldenSignal::Errors)) {
            (true, true) => &[
                Recommendation::CheckDeployments,
                Recommendation::ReadErrorLogs,
                Recommendation::ConsiderRollback,
            ],
            (true, false) => {
                &[Recommendation::ProfileCode, Recommendation::CheckQueries, Recommendation::CheckResources]
            }
            (false, true) => &[
                Recommendation::ReadErrorLogs,
                Recommendation::CheckDependencies,
                Recommendation::CheckConfiguration,
            ],
            (false, false) if incident.has(GoldenSignal::Saturation) => &[],
            // Not even urgent: to watch is all there is to do.
            (false, false) => return vec![Recommendation::KeepWatching],
        };
    let resources = incident.has(GoldenSignal::Saturation).then_some(Recommendation::CheckResources);
    let mut told = vec![];
    for recommendation in urgency.into_iter().chain(checks.iter().copied()).chain(resources) {
        if !told.contains(&recommendation) {
            told.push(recommendation);
        }
    }
    told
}
