//! Literal behaviours against outside oracles.

use drift_sre::{
    Baseline, Chart, ChartConfig, Detector, Exponential, Kind, Monitor, PageHinkley, Preset, Sample, Scale,
    Sides, State, Transform,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    name: String,
    config: Config,
    values: Vec<f64>,
    scores: Vec<Option<f64>>,
    alarms: Vec<usize>,
}

#[derive(Deserialize)]
struct Config {
    delta: f64,
    threshold: f64,
    alpha: f64,
    direction: Sides,
    min_samples: u32,
    scale: f64,
}

fn chart(config: &Config) -> Chart {
    let Config { delta, threshold, alpha, direction, min_samples, scale } = *config;
    let scale = Scale::Fixed(scale);
    Chart::new(ChartConfig {
        transform: Transform::Identity,
        baseline: Baseline::Exponential(Exponential { alpha, min_samples, scale }),
        detector: Detector::PageHinkley(PageHinkley { delta, threshold, direction, cap: None }),
    })
    .expect("the vectors hold valid settings")
}

#[test]
fn literal_page_hinkley_agrees_with_exact_arithmetic() {
    let cases: Vec<Case> =
        serde_json::from_str(include_str!("../../vectors/reference/page_hinkley.json")).unwrap();
    assert!(cases.len() >= 9);
    for case in cases {
        let scores: Vec<_> = chart(&case.config).score_many(&case.values).collect();
        for (t, (ours, theirs)) in scores.iter().zip(&case.scores).enumerate() {
            let close = match (ours, theirs) {
                (Some(ours), Some(theirs)) => (ours - theirs).abs() <= 1e-9 * theirs.abs().max(1.0),
                (ours, theirs) => ours.is_none() && theirs.is_none(),
            };
            assert!(close, "{} at {t}: {ours:?}, wanted {theirs:?}", case.name);
        }
        assert_eq!(chart(&case.config).update_many(&case.values), case.alarms, "{}", case.name);
    }
}

#[derive(Deserialize)]
struct Service {
    name: String,
    values: Vec<f64>,
    transitions: Vec<(usize, String)>,
}

/// What the latency service calls its states.
fn named(state: State) -> &'static str {
    match state {
        State::WarmingUp | State::Stale => "INSUFFICIENT_DATA",
        State::InControl | State::Warning => "STABLE",
        State::Drifting => "DRIFT_DETECTED",
    }
}

#[test]
fn driftwatch_literal_goes_through_the_same_states() {
    let services: Vec<Service> =
        serde_json::from_str(include_str!("../../vectors/reference/driftwatch.json")).unwrap();
    assert!(services.iter().any(|service| service.transitions.len() > 2));
    for service in services {
        let mut monitor = Monitor::new(Preset::DriftwatchLiteral.config()).unwrap();
        let mut state = named(monitor.state());
        let mut transitions = vec![];
        for (t, value) in service.values.iter().enumerate() {
            let now = named(monitor.update(Sample::new(t as f64 / 10.0, *value)).state);
            if now != state {
                transitions.push((t, now.to_owned()));
                state = now;
            }
        }
        assert_eq!(transitions, service.transitions, "{}", service.name);
    }
}

#[test]
fn drift_sre_literal_is_the_oracle_s_readme_case() {
    let cases: Vec<Case> =
        serde_json::from_str(include_str!("../../vectors/reference/page_hinkley.json")).unwrap();
    for case in cases.iter().filter(|case| case.name.starts_with("readme defaults")) {
        let mut monitor = Monitor::new(Preset::DriftSreLiteral.config()).unwrap();
        let opened =
            |(t, value): (usize, &f64)| monitor.update(Sample::new(t as f64, *value)).event.map(|_| t);
        let alarms: Vec<_> = case.values.iter().enumerate().filter_map(opened).collect();
        assert_eq!(alarms, case.alarms, "{}", case.name);
    }
}

#[derive(Deserialize)]
struct Source {
    name: String,
    samples: Vec<(f64, f64)>,
    events: Vec<(usize, String)>,
}

#[test]
fn pipeline_literal_writes_the_same_starts_and_ends() {
    let sources: Vec<Source> =
        serde_json::from_str(include_str!("../../vectors/reference/pipeline.json")).unwrap();
    assert!(sources.iter().any(|source| source.events.len() == 2));
    for source in sources {
        let mut monitor = Monitor::new(Preset::PipelineLiteral.config()).unwrap();
        let mut written = vec![];
        for (position, (at, value)) in source.samples.iter().enumerate() {
            let Some(event) = monitor.update(Sample::new(*at, *value)).event else { continue };
            let name = if event.kind == Kind::Opened { "DRIFT_START" } else { "DRIFT_END" };
            written.push((position, name.to_owned()));
        }
        assert_eq!(written, source.events, "{}", source.name);
    }
}

#[derive(Deserialize)]
struct Endpoint {
    name: String,
    values: Vec<f64>,
    anomalies: Vec<usize>,
}

#[test]
fn degradation_literal_finds_the_same_anomalies() {
    let endpoints: Vec<Endpoint> =
        serde_json::from_str(include_str!("../../vectors/reference/degradation.json")).unwrap();
    assert!(endpoints.iter().all(|endpoint| !endpoint.anomalies.is_empty()));
    for endpoint in endpoints {
        let mut monitor = Monitor::new(Preset::DegradationLiteral.config()).unwrap();
        let mut drifting = |(t, value): (usize, &f64)| {
            let state = monitor.update(Sample::new(60.0 * t as f64, *value)).state;
            (state == State::Drifting).then_some(t)
        };
        let found: Vec<_> = endpoint.values.iter().enumerate().filter_map(&mut drifting).collect();
        assert_eq!(found, endpoint.anomalies, "{}", endpoint.name);
    }
}
