//! The wording, with stated answers.

use alloc::{string::String, vec, vec::Vec};

use super::{advice::*, english::*, incident::*, quantity::*};
use crate::{
    correlate::{GoldenSignal, Incident, Signal, trend::DriftScores},
    decide::Cause,
    event::{Aspect, Direction, Event, Evidence, Kind, Severity},
};

const EVENT: Event = Event {
    kind: Kind::Opened,
    cause: Cause::Drift,
    aspect: Aspect::Level,
    direction: Direction::Up,
    severity: Severity::Warning,
    onset: 100.0,
    at: 108.0,
    fired: None,
    evidence: Evidence { value: 88.0, baseline: 12.31, level: 87.04, sigmas: 14.2, samples: 9, score: 1.04 },
};

fn say(event: Event, unit: &str) -> String {
    explain(&event, &Subject { name: "cpu", unit })
}

#[test]
fn opened_says_from_where_to_where_by_how_much_and_since_when() {
    assert_eq!(say(EVENT, "%"), "cpu rose from 12.3 % to 87 % (+74.7 %, 14.2 sigma) over the last 8 s");
    let evidence = Evidence { baseline: 2.5e6, level: 1200.0, sigmas: -7.0, ..EVENT.evidence };
    let fell = Event { direction: Direction::Down, onset: -1_000.0, evidence, ..EVENT };
    assert_eq!(
        say(fell, "B/s"),
        "cpu fell from 2.5 MB/s to 1.2 kB/s (-2.5 MB/s, 7 sigma) over the last 18.5 min"
    );
}

#[test]
fn a_spread_is_not_taken_for_a_level() {
    let evidence = Evidence { baseline: 20.0, level: 61.0, sigmas: 2.05, ..EVENT.evidence };
    let wider = Event { aspect: Aspect::Spread, evidence, ..EVENT };
    assert_eq!(
        say(wider, "ms"),
        "the spread of cpu grew from 20 ms to 61 ms (standard deviations) over the last 8 s"
    );
    let narrower = Event { direction: Direction::Down, ..wider };
    assert!(say(narrower, "ms").starts_with("the spread of cpu shrank from 20 ms"));
    let back = Event { kind: Kind::Closed, cause: Cause::Recovered, ..wider };
    assert_eq!(say(back, "ms"), "the spread of cpu is back to normal after 8 s above 20 ms");
    let accepted = Event { cause: Cause::Accepted, ..back };
    assert_eq!(say(accepted, "ms"), "the spread of cpu was accepted as normal after 8 s above 20 ms");
}

#[test]
fn a_trend_says_its_pace() {
    let evidence = Evidence { baseline: 40.0, level: 47.2, ..EVENT.evidence };
    let leak = Event { aspect: Aspect::Trend, onset: 800.0, at: 8_000.0, evidence, ..EVENT };
    assert_eq!(
        say(leak, "%"),
        "cpu has crept up from 40 % to 47.2 % (+7.2 %, +3.6 % an hour) over the last 2 h"
    );
    let at_once = Event { onset: 8_000.0, ..leak };
    assert_eq!(say(at_once, "%"), "cpu has crept up from 40 % to 47.2 % (+7.2 %) over the last 0 s");
}

#[test]
fn a_change_of_one_sample_has_no_duration() {
    let evidence = Evidence { samples: 1, ..EVENT.evidence };
    let sudden = Event { onset: EVENT.at, evidence, ..EVENT };
    assert_eq!(say(sudden, "%"), "cpu rose from 12.3 % to 87 % (+74.7 %, 14.2 sigma) in one sample");
}

#[test]
fn closed_says_how_it_ended() {
    let closed = |cause| {
        let evidence = Evidence { value: 11.9, ..EVENT.evidence };
        say(Event { kind: Kind::Closed, cause, at: 190.0, evidence, ..EVENT }, "%")
    };
    assert_eq!(closed(Cause::Recovered), "cpu is back at 11.9 % after 90 s above 12.3 %");
    assert_eq!(closed(Cause::Accepted), "cpu at 11.9 % was accepted as normal after 90 s above 12.3 %");
    assert_eq!(
        closed(Cause::Adopted),
        "cpu at 11.9 % is taken as normal from now on, after 90 s above 12.3 %"
    );
    assert_eq!(closed(Cause::NoData), "cpu went silent after 90 s above 12.3 %; its last value was 11.9 %");
    assert_eq!(closed(Cause::Reset), "cpu starts afresh after 90 s above 12.3 %");
}

#[test]
fn quantities_are_short_and_keep_their_unit() {
    let table = [
        (0.0, "%", "0 %"),
        (0.5, "/s", "0.5/s"),
        (1234.5, "", "1234"),
        (0.012_34, "s", "0.0123 s"),
        (0.83844, "", "0.838"),
        (0.001_234, "", "0.00123"),
        (-2.345_6, "", "-2.35"),
        (99.96, "%", "100 %"),
        (999.6, "ms", "1000 ms"),
        (1.5e-7, "s", "1.50e-7 s"),
        (2e20, "", "2.00e20"),
        (9_999.4, "jobs", "9999 jobs"),
        (-1_234_567.8, "jobs", "-1,234,568 jobs"),
        (123_456.0, "", "123,456"),
        (999.0, "B/s", "999 B/s"),
        (12_345_678.0, "B", "12.3 MB"),
        (5e13, "B/s", "50 TB/s"),
        (7.0, "Bananas", "7 Bananas"),
    ];
    for (value, unit, wanted) in table {
        assert_eq!(quantity(value, unit), wanted);
    }
}

#[test]
fn durations_use_the_unit_people_would() {
    let table = [(0.0, "0 s"), (119.0, "119 s"), (120.0, "2 min"), (7_200.0, "2 h"), (172_800.0, "2 days")];
    for (seconds, wanted) in table {
        assert_eq!(duration(seconds), wanted);
    }
}

fn signal(metric: &str, golden_signal: GoldenSignal, unit: &str, baseline: f64, current: f64) -> Signal {
    Signal {
        source: "/checkout".into(),
        metric: metric.into(),
        golden_signal,
        unit: unit.into(),
        baseline,
        current,
        score: 1.2,
        severity: Severity::Warning,
        window_start: 1_000.0,
        window_end: 1_300.0,
    }
}

fn incident(signals: &[Signal]) -> Incident {
    Incident {
        source: "/checkout".into(),
        window_start: 1_000.0,
        window_end: 1_300.0,
        severity: Severity::Warning,
        signals: signals.to_vec(),
    }
}

fn tell(signals: &[Signal]) -> String {
    narrate(&explain_incident(Some(&incident(signals)), &Context::default())).explanation
}

/// One signal of each of these types.
fn of_types(types: &[GoldenSignal]) -> Incident {
    let signals: Vec<Signal> = types.iter().map(|kind| signal("m", *kind, "", 0.1, 0.2)).collect();
    incident(&signals)
}

#[test]
fn latency_tells_every_metric_and_which_one_drives_it() {
    let average = signal("avg_latency", GoldenSignal::Latency, "ms", 100.0, 220.0);
    let tail = signal("p95_latency", GoldenSignal::Latency, "ms", 200.0, 500.0);
    assert_eq!(
        tell(core::slice::from_ref(&average)),
        "On /checkout, over 5 min: Latency: avg_latency increased by 120.0% (100 ms → 220 ms). \
         Confidence: uncertain."
    );
    assert_eq!(
        tell(&[average.clone(), tail.clone()]),
        "On /checkout, over 5 min: Latency: avg_latency increased by 120.0% (100 ms → 220 ms) and p95_latency \
         increased by 150.0% (200 ms → 500 ms), driven by p95_latency. Confidence: uncertain."
    );
    let worst = Signal { metric: "p99_latency".into(), ..tail.clone() };
    assert_eq!(
        tell(&[average, tail, worst]),
        "On /checkout, over 5 min: Latency: avg_latency increased by 120.0% (100 ms → 220 ms), p95_latency \
         increased by 150.0% (200 ms → 500 ms) and p99_latency increased by 150.0% (200 ms → 500 ms), driven by \
         p95_latency. Confidence: uncertain."
    );
}

#[test]
fn errors_tell_both_rates() {
    let errors = |unit, from, to| tell(&[signal("error_rate", GoldenSignal::Errors, unit, from, to)]);
    let table = [
        ("", 0.005, 0.02, "Error rate increased from 0.5% → 2.0%."),
        ("", 0.0, 0.05, "Error rate increased from 0.0% → 5.0%."),
        ("", 0.0001, 0.0004, "Error rate increased from 0.01% → 0.04%."),
        ("%", 0.5, 2.0, "Error rate increased from 0.5% → 2.0%."),
        ("/s", 0.1, 12.0, "Error rate increased from 0.1/s → 12/s."),
    ];
    for (unit, from, to, wanted) in table {
        let text = errors(unit, from, to);
        assert_eq!(
            text.strip_prefix("On /checkout, over 5 min: "),
            Some(alloc::format!("{wanted} Confidence: uncertain.").as_str())
        );
    }
    assert_eq!(
        tell(&[
            signal("http_5xx", GoldenSignal::Errors, "", 0.005, 0.02),
            signal("timeouts", GoldenSignal::Errors, "", 0.001, 0.01)
        ]),
        "On /checkout, over 5 min: Error rate increased from 0.5% → 2.0% (http_5xx) and increased from 0.1% → \
         1.0% (timeouts). Confidence: uncertain."
    );
}

#[test]
fn types_are_told_in_one_order() {
    let signals = [
        signal("cpu", GoldenSignal::Saturation, "%", 50.0, 90.0),
        signal("requests", GoldenSignal::Traffic, "/s", 40.0, 10.0),
        signal("error_rate", GoldenSignal::Errors, "", 0.005, 0.02),
        signal("avg_latency", GoldenSignal::Latency, "ms", 100.0, 220.0),
    ];
    assert_eq!(
        tell(&signals),
        "On /checkout, over 5 min: Latency: avg_latency increased by 120.0% (100 ms → 220 ms). Error rate \
         increased from 0.5% → 2.0%. Traffic: requests decreased by 75.0% (40/s → 10/s). Saturation: cpu \
         increased by 80.0% (50 % → 90 %). Confidence: uncertain."
    );
}

#[test]
fn changes_below_one_percent_are_left_out() {
    let latency = |current| signal("avg_latency", GoldenSignal::Latency, "ms", 100.0, current);
    assert_eq!(
        tell(&[latency(100.9)]),
        "On /checkout, over 5 min: no change reached 1%. Confidence: uncertain."
    );
    assert_eq!(
        tell(&[latency(101.0)]),
        "On /checkout, over 5 min: Latency: avg_latency increased by 1.0% (100 ms → 101 ms). Confidence: uncertain."
    );
    let unmoved = [latency(100.0), latency(f64::NAN), latency(f64::INFINITY)];
    assert_eq!(explain_incident(Some(&incident(&unmoved)), &Context::default()).changes, []);
}

#[test]
fn a_change_from_nothing_has_no_percent() {
    assert_eq!(
        tell(&[signal("queue", GoldenSignal::Saturation, "jobs", 0.0, 7.0)]),
        "On /checkout, over 5 min: Saturation: queue increased (0 jobs → 7 jobs). Confidence: uncertain."
    );
}

#[test]
fn changes_are_data() {
    let signals = [
        signal("requests", GoldenSignal::Traffic, "/s", 40.0, 10.0),
        signal("avg_latency", GoldenSignal::Latency, "ms", 100.0, 220.0),
    ];
    let scores = DriftScores { latency: Some(0.3), errors: Some(0.55), traffic: Some(0.9) };
    let change = |golden_signal, metric: &str, unit: &str, (from, to), ratio, direction| Change {
        golden_signal,
        metric: metric.into(),
        unit: unit.into(),
        from,
        to,
        ratio,
        direction,
    };
    assert_eq!(
        explain_incident(Some(&incident(&signals)), &Context { scores, age_secs: 20_000.0 }),
        Explanation {
            source: Some("/checkout".into()),
            duration_secs: 300.0,
            changes: vec![
                change(GoldenSignal::Latency, "avg_latency", "ms", (100.0, 220.0), 1.2, Direction::Up),
                change(GoldenSignal::Traffic, "requests", "/s", (40.0, 10.0), -0.75, Direction::Down),
            ],
            confidence: Confidence::Moderate,
            insights: vec![Insight::LatencyImpact, Insight::TrafficShift],
            recommendations: vec![
                Recommendation::ProfileCode,
                Recommendation::CheckQueries,
                Recommendation::CheckResources
            ],
        }
    );
}

#[test]
fn nothing_to_explain_is_explained() {
    let wanted = Narrative {
        explanation: "Nothing out of the ordinary was found.".into(),
        insights: vec!["Nothing points to a particular cause.".into()],
        recommendations: vec!["No action is needed; keep watching.".into()],
    };
    assert_eq!(narrate(&explain_incident(None, &Context::default())), wanted);
    assert_eq!(narrate(&explain_incident(Some(&incident(&[])), &Context::default())), wanted);
}

#[test]
fn spans_are_seconds_minutes_or_hours() {
    let table = [
        (0.0, "0 s"),
        (45.0, "45 s"),
        (59.9, "59 s"),
        (60.0, "1 min"),
        (119.0, "1 min"),
        (3_599.0, "59 min"),
        (3_600.0, "1.0 h"),
        (5_400.0, "1.5 h"),
        (86_400.0, "24.0 h"),
        (-5.0, "0 s"),
        (f64::NAN, "0 s"),
    ];
    for (seconds, wanted) in table {
        assert_eq!(span(seconds), wanted);
    }
}

#[test]
fn percents_have_one_decimal_while_that_is_readable() {
    for (value, wanted) in
        [(120.0, "120.0%"), (-12.34, "12.3%"), (99_999.0, "99999.0%"), (1e152, "1.00e152%")]
    {
        assert_eq!(percent(value), wanted);
    }
}

#[test]
fn confidence_is_a_word() {
    let table = [
        (1.0, "high"),
        (0.81, "high"),
        (0.8, "moderate"),
        (0.51, "moderate"),
        (0.5, "low"),
        (0.21, "low"),
        (0.2, "uncertain"),
        (0.0, "uncertain"),
        (f64::NAN, "uncertain"),
    ];
    for (score, wanted) in table {
        assert_eq!(Confidence::of(score).name(), wanted, "{score}");
    }
}

#[test]
fn insights_follow_types_and_trends() {
    use GoldenSignal::{Errors, Latency, Saturation, Traffic};
    let (steady, climbing) = (Some(0.5), Some(0.51));
    let table: [(&[GoldenSignal], Option<f64>, &[Insight]); 8] = [
        (&[Latency], None, &[Insight::LatencyImpact]),
        (&[Latency], steady, &[Insight::LatencyImpact]),
        (&[Latency], climbing, &[Insight::LatencyRegression]),
        (&[Errors], steady, &[Insight::ErrorsFailing]),
        (&[Errors], climbing, &[Insight::ErrorsSystemic]),
        (&[Traffic, Saturation], climbing, &[Insight::TrafficShift, Insight::ResourcesFilling]),
        (&[Latency, Latency, Errors], steady, &[Insight::LatencyImpact, Insight::ErrorsFailing]),
        (&[], climbing, &[Insight::Unclear]),
    ];
    for (types, score, wanted) in table {
        let scores = DriftScores { latency: score, errors: score, traffic: score };
        let context = Context { scores, age_secs: 0.0 };
        assert_eq!(
            explain_incident(Some(&of_types(types)), &context).insights,
            wanted,
            "{types:?}, {score:?}"
        );
    }
}

#[test]
fn recommendations_follow_types_each_once() {
    use GoldenSignal::{Errors, Latency, Saturation, Traffic};
    use Recommendation::{
        CheckConfiguration, CheckDependencies, CheckDeployments, CheckQueries, CheckResources,
        ConsiderRollback, KeepWatching, ProfileCode, ReadErrorLogs,
    };
    let table: [(&[GoldenSignal], &[Recommendation]); 7] = [
        (&[Latency, Errors], &[CheckDeployments, ReadErrorLogs, ConsiderRollback]),
        (&[Latency, Traffic], &[ProfileCode, CheckQueries, CheckResources]),
        (&[Latency, Saturation], &[ProfileCode, CheckQueries, CheckResources]),
        (&[Errors], &[ReadErrorLogs, CheckDependencies, CheckConfiguration]),
        (&[Errors, Saturation], &[ReadErrorLogs, CheckDependencies, CheckConfiguration, CheckResources]),
        (&[Traffic, Saturation], &[CheckResources]),
        (&[], &[KeepWatching]),
    ];
    let long_ago = Context { age_secs: 14_400.0, ..Context::default() };
    for (types, wanted) in table {
        assert_eq!(explain_incident(Some(&of_types(types)), &long_ago).recommendations, wanted, "{types:?}");
    }
}

#[test]
fn urgency_comes_first_and_fades_with_age() {
    let table = [
        (-5.0, Some(Recommendation::InvestigateNow)),
        (3_599.0, Some(Recommendation::InvestigateNow)),
        (3_600.0, Some(Recommendation::WithinTheHour)),
        (14_399.0, Some(Recommendation::WithinTheHour)),
        (14_400.0, None),
        (f64::NAN, None),
    ];
    for (age_secs, wanted) in table {
        let context = Context { age_secs, ..Context::default() };
        let only_traffic = explain_incident(Some(&of_types(&[GoldenSignal::Traffic])), &context);
        assert_eq!(only_traffic.recommendations, [Recommendation::KeepWatching], "{age_secs}");
        let told = explain_incident(Some(&of_types(&[GoldenSignal::Saturation])), &context).recommendations;
        let wanted: Vec<Recommendation> =
            wanted.into_iter().chain([Recommendation::CheckResources]).collect();
        assert_eq!(told, wanted, "{age_secs}");
    }
}

#[test]
fn every_insight_and_recommendation_has_its_words() {
    let everything = Explanation {
        source: None,
        duration_secs: 0.0,
        changes: vec![],
        confidence: Confidence::High,
        insights: vec![
            Insight::LatencyRegression,
            Insight::LatencyImpact,
            Insight::ErrorsSystemic,
            Insight::ErrorsFailing,
            Insight::TrafficShift,
            Insight::ResourcesFilling,
            Insight::Unclear,
        ],
        recommendations: vec![
            Recommendation::InvestigateNow,
            Recommendation::WithinTheHour,
            Recommendation::CheckDeployments,
            Recommendation::ReadErrorLogs,
            Recommendation::ConsiderRollback,
            Recommendation::ProfileCode,
            Recommendation::CheckQueries,
            Recommendation::CheckResources,
            Recommendation::CheckDependencies,
            Recommendation::CheckConfiguration,
            Recommendation::KeepWatching,
        ],
    };
    let told = narrate(&everything);
    let insights = [
        "Latency has been climbing for several windows: a regression, not a spike.",
        "Users are waiting longer than usual.",
        "Errors have been building up for several windows: the fault is in the system.",
        "More requests than usual are failing.",
        "Demand itself has changed; the cause may lie outside, with callers or upstream.",
        "Resources are filling up; users will notice once they are full.",
        "Nothing points to a particular cause.",
    ];
    let recommendations = [
        "Urgent: look into this now.",
        "Look into this within the hour.",
        "Check what was deployed lately, and how the database is doing.",
        "Read the error logs for messages that repeat.",
        "If a release came just before, consider rolling it back.",
        "Profile the slow requests to find where the time goes.",
        "Look for slow queries and missing indexes.",
        "Check CPU, memory, disks and connection pools.",
        "Check the services that this one depends on.",
        "Check for settings or credentials that changed or expired.",
        "No action is needed; keep watching.",
    ];
    assert_eq!(told.insights, insights);
    assert_eq!(told.recommendations, recommendations);
    let names: Vec<&str> = everything.insights.iter().map(|insight| insight.name()).collect();
    assert_eq!(
        names,
        [
            "latency_regression",
            "latency_impact",
            "errors_systemic",
            "errors_failing",
            "traffic_shift",
            "resources_filling",
            "unclear"
        ]
    );
    let names: Vec<&str> = everything.recommendations.iter().map(|advice| advice.name()).collect();
    assert_eq!(
        names,
        [
            "investigate_now",
            "within_the_hour",
            "check_deployments",
            "read_error_logs",
            "consider_rollback",
            "profile_code",
            "check_queries",
            "check_resources",
            "check_dependencies",
            "check_configuration",
            "keep_watching"
        ]
    );
}
