//! What drifts is found, soon, and what does not is left in peace: the published acceptance tests, over HTTP, and those
//! that follow from what was measured of the original, on the same monitor in process, where 200 seeds take a second.

use drift_sre::{Kind, Monitor, MonitorConfig, Sample};
use drift_sre_server::{
    config::Config,
    settings::{Layer, Settings},
};
use serde_json::json;

use crate::support::{Server, Signal, now_ms, telemetry};

/// The server's settings as they are without any being given.
fn judge() -> MonitorConfig {
    let settings: Settings = Layer::default().over(Layer::default());
    Config::new(&settings, None).unwrap().telemetry
}

/// Feeds observations one request each, and asks for the state after each; the first of each state.
fn states(server: &Server, values: &[f64]) -> Vec<(usize, String)> {
    let start = now_ms() - 600_000;
    let mut states: Vec<(usize, String)> = vec![];
    for (i, value) in values.iter().enumerate() {
        let at = start + 100 * i64::try_from(i).unwrap();
        server.post("/v1/telemetry", &telemetry("pay", *value, at)).expect(202);
        let state = server.get("/v1/health/pay").expect(200)["state"].as_str().unwrap().to_owned();
        if states.last().is_none_or(|(_, last)| *last != state) {
            states.push((i + 1, state));
        }
    }
    states
}

#[test]
fn normal_is_stable_after_a_hundred_observations() {
    let server = Server::new(&[]);
    let states = states(&server, &Signal::normal(600).values(11));
    assert_eq!(states, [(1, "INSUFFICIENT_DATA".to_owned()), (100, "STABLE".to_owned())]);
}

#[test]
fn a_spike_is_found_within_five_observations_and_ends_after_it() {
    for seed in 0..3 {
        let server = Server::new(&[]);
        let states = states(&server, &Signal::spike().values(seed));
        let names: Vec<_> = states.iter().map(|(_, state)| &**state).collect();
        assert_eq!(names, ["INSUFFICIENT_DATA", "STABLE", "DRIFT_DETECTED", "STABLE"], "{states:?}");
        assert!(
            (241..=245).contains(&states[2].0),
            "by the spike's fifth observation, seed {seed}: {states:?}"
        );
        assert!((465..=500).contains(&states[3].0), "fifty observations after it, or few more: {states:?}");
    }
}

#[test]
fn a_creep_is_found() {
    for (seed, normal) in [(1, 0), (2, 600)] {
        let server = Server::new(&[]);
        let values = Signal::creep(normal, 600).values(seed);
        let states = states(&server, &values);
        let found = states.iter().find(|(_, state)| state == "DRIFT_DETECTED");
        assert!(found.is_some_and(|(at, _)| *at > normal as usize), "{states:?}");
    }
}

/// When drifts opened and closed, in samples.
fn drifts(values: &[f64], interval_secs: f64) -> Vec<(usize, Kind)> {
    let mut monitor = Monitor::new(judge()).unwrap();
    let verdicts = values.iter().enumerate().map(|(i, value)| {
        let at = 1_768_000_000.0 + interval_secs * i as f64;
        (i, monitor.update(Sample::new(at, *value)))
    });
    verdicts.filter_map(|(i, verdict)| verdict.event.map(|event| (i, event.kind))).collect()
}

/// The original found it in 0 to 1 % of runs.
#[test]
fn a_creep_is_found_before_the_mean_is_half_as_large_again() {
    let found = (0..200).filter(|seed| {
        let drifts = drifts(&Signal::creep(600, 600).values(*seed), 0.1);
        drifts.iter().any(|(at, kind)| *kind == Kind::Opened && (600..900).contains(at))
    });
    let found = found.count();
    assert!(found >= 190, "{found} of 200");
}

/// The original went back to STABLE after 428 samples, in the middle.
#[test]
fn a_permanent_regression_is_still_a_drift_after_three_thousand_samples() {
    let server = Server::new(&[]);
    let values = Signal::regression(600, 3_000).values(5);
    let start = now_ms() - 600_000;
    let items: Vec<_> =
        (0..).zip(&values).map(|(i, value)| telemetry("pay", *value, start + 100 * i)).collect();
    server.post("/v1/telemetry/batch", &json!(items)).expect(202);
    assert_eq!(server.get("/v1/health/pay").expect(200)["state"], "DRIFT_DETECTED");
    for seed in 0..50 {
        let drifts = drifts(&Signal::regression(600, 3_000).values(seed), 0.1);
        assert_eq!(drifts, [(604, Kind::Opened)], "seed {seed}");
    }
}

#[test]
fn a_day_of_normal_raises_at_most_one_alarm() {
    let mut alarms: Vec<_> = (0..10)
        .map(|seed| {
            let drifts = drifts(&Signal::normal(86_400).values(seed), 1.0);
            drifts.iter().filter(|(_, kind)| *kind == Kind::Opened).count()
        })
        .collect();
    alarms.sort_unstable();
    assert!(alarms[8] <= 1, "{alarms:?}");
}

/// The same day over HTTP: batches, explicit times, a database that folds and forgets on the way.
#[test]
fn a_day_over_http_is_the_day_in_process() {
    let server = Server::new(&[("TIMESTAMP_TOLERANCE_HOURS", "48"), ("DRIFT_SRE_DURABILITY", "unsafe")]);
    let values = Signal::normal(86_400).values(0);
    let start = now_ms() / 1000 * 1000 - 86_400_000;
    for (first, part) in (0..).step_by(10_800).zip(values.chunks(10_800)) {
        let line = |(i, value): (i64, &f64)| telemetry("pay", *value, start + 1000 * i).to_string();
        let lines: Vec<_> = (first..).zip(part).map(line).collect();
        let headers = [("content-type", "application/x-ndjson")];
        server.call("POST", "/v1/telemetry/batch", &headers, lines.join("\n")).expect(202);
    }
    let events = server.get("/v1/events?service_id=pay&limit=1000").expect(200);
    let listed = events["events"].as_array().unwrap();
    let opened = listed.iter().filter(|event| event["kind"] == "opened" && event["metric"] == "latency_ms");
    let alarms = drifts(&values, 1.0).iter().filter(|(_, kind)| *kind == Kind::Opened).count();
    assert_eq!(opened.count(), alarms);
    assert_eq!(server.get("/v1/health/pay").expect(200)["sample_count"], 86_400);
}
