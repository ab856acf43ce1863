//! `GET /v1/health/{service_id}`, `/v1/baseline/…`, `/v1/timeline/…`, `/v1/services`; `POST …/accept`, `…/reset`.

use serde_json::{Value, json};

use crate::support::{Server, Signal, iso, now_ms, telemetry};

/// A server that was told so many normal observations of `pay`, a tenth of a second apart, and when the last one was.
fn told(count: u32) -> (Server, i64) {
    let server = Server::new(&[]);
    let start = now_ms() - 600_000;
    let values = Signal::normal(count).values(7);
    let items: Vec<_> =
        (0..).zip(values).map(|(i, value)| telemetry("pay", value, start + 100 * i)).collect();
    server.post("/v1/telemetry/batch", &json!(items)).expect(202);
    (server, start + 100 * (i64::from(count) - 1))
}

/// The kind of each value, by its key.
fn kinds(value: &Value) -> Vec<(&str, &'static str)> {
    let kind = |value: &Value| match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_u64() => "count",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    };
    value.as_object().expect("an object").iter().map(|(key, value)| (&**key, kind(value))).collect()
}

#[test]
fn a_service_that_nothing_was_told_of_has_insufficient_data() {
    let server = Server::new(&[]);
    let wanted = json!({
        "service_id": "nobody", "state": "INSUFFICIENT_DATA", "transition_timestamp": null, "sample_count": 0,
        "baseline": null, "metadata": { "reason": "not_tracked" }, "metrics": {},
    });
    assert_eq!(server.get("/v1/health/nobody").expect(200), wanted);
    let message = server.get("/v1/baseline/nobody").refused(404, "no_baseline");
    assert_eq!(message, "No baseline found for service: nobody");
    server.get("/v1/timeline/nobody").refused(404, "not_tracked");
    for command in ["accept", "reset"] {
        let path = format!("/v1/services/nobody/{command}");
        server.post(&path, &Value::Null).refused(404, "not_tracked");
    }
    assert_eq!(server.get("/v1/services").expect(200), json!({ "services": [], "count": 0 }));
}

#[test]
fn before_its_hundredth_observation_a_service_has_no_baseline() {
    let (server, last) = told(99);
    let health = server.get("/v1/health/pay").expect(200);
    assert_eq!(health["state"], "INSUFFICIENT_DATA");
    assert_eq!((&health["sample_count"], &health["baseline"]), (&json!(99), &Value::Null));
    assert_eq!(health["metadata"], json!({ "reason": "newly_tracked" }));
    server.get("/v1/baseline/pay").refused(404, "no_baseline");
    server.post("/v1/telemetry", &telemetry("pay", 150.0, last + 100)).expect(202);
    let health = server.get("/v1/health/pay").expect(200);
    assert_eq!(health["state"], "STABLE");
    assert_eq!(health["transition_timestamp"], iso(last + 100));
    assert_eq!(health["metadata"], json!({ "reason": "baseline_established", "sample_count": 100 }));
}

#[test]
fn health_has_these_keys_and_kinds() {
    let (server, _) = told(150);
    let health = server.get("/v1/health/pay").expect(200);
    let wanted = [
        ("baseline", "object"),
        ("metadata", "object"),
        ("metrics", "object"),
        ("sample_count", "count"),
        ("service_id", "text"),
        ("state", "text"),
        ("transition_timestamp", "text"),
    ];
    assert_eq!(kinds(&health), wanted);
    let wanted = [
        ("baseline", "number"),
        ("last_seen", "text"),
        ("lower", "number"),
        ("sample_count", "count"),
        ("score", "number"),
        ("state", "text"),
        ("unit", "text"),
        ("upper", "number"),
        ("value", "number"),
    ];
    assert_eq!(kinds(&health["metrics"]["latency_ms"]), wanted);
}

#[test]
fn a_baseline_has_these_keys_and_the_numbers_of_its_samples() {
    let (server, last) = told(150);
    let baseline = server.get("/v1/baseline/pay").expect(200);
    let wanted = [
        ("created_at", "text"),
        ("last_updated", "text"),
        ("mean_latency", "number"),
        ("mean_payload", "number"),
        ("p50_latency", "number"),
        ("p95_latency", "number"),
        ("p99_latency", "number"),
        ("sample_count", "count"),
        ("service_id", "text"),
        ("stddev_latency", "number"),
        ("stddev_payload", "number"),
    ];
    assert_eq!(kinds(&baseline), wanted);
    assert_eq!(server.get("/v1/health/pay").expect(200)["baseline"], baseline);
    let values = &Signal::normal(150).values(7);
    let mean = values.iter().sum::<f64>() / 150.0;
    let square = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
    let near = |key: &str, wanted: f64| {
        let got = baseline[key].as_f64().unwrap();
        assert!((got - wanted).abs() < 1e-9 * wanted.abs().max(1.0), "{key}: {got} for {wanted}");
    };
    assert_eq!(baseline["sample_count"], 150);
    near("mean_latency", mean);
    near("stddev_latency", (square / 149.0).sqrt());
    near("mean_payload", 2.5);
    let mut sorted = values.clone();
    sorted.sort_by(f64::total_cmp);
    // Between the 150 values in order: half of 149, and so on.
    for (key, place, share) in
        [("p50_latency", 74, 0.5), ("p95_latency", 141, 0.55), ("p99_latency", 147, 0.51)]
    {
        near(key, sorted[place] + (sorted[place + 1] - sorted[place]) * share);
    }
    assert_eq!(baseline["created_at"], iso(last - 14_900));
}

/// As it was published, it was computed anew with every observation from the 1,050th on.
#[test]
fn a_baseline_is_computed_once_in_fifty_observations() {
    let server = Server::new(&[("TIMESTAMP_TOLERANCE_HOURS", "48")]);
    let start = now_ms() - 3_600_000;
    let mut changes = vec![];
    let mut before = Value::Null;
    for (i, value) in (0..).zip(Signal::normal(1_300).values(3)) {
        server.post("/v1/telemetry", &telemetry("pay", value, start + 100 * i)).expect(202);
        let mean = server.get("/v1/health/pay").expect(200)["baseline"]["mean_latency"].clone();
        if mean != before {
            changes.push(i + 1);
            before = mean;
        }
    }
    // What is out of the ordinary is not learned from, so that some are a few observations later.
    assert_eq!(changes[..2], [100, 150]);
    let gaps: Vec<_> = changes.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(changes.len() >= 23 && gaps.iter().all(|gap| (50..=60).contains(gap)), "{changes:?}");
}

#[test]
fn a_timeline_is_as_long_as_it_is_asked_for() {
    let (server, last) = told(150);
    let timeline = server.get("/v1/timeline/pay").expect(200);
    let wanted = [
        ("baseline", "list"),
        ("lower", "list"),
        ("metric", "text"),
        ("scores", "list"),
        ("service_id", "text"),
        ("times", "list"),
        ("unit", "text"),
        ("upper", "list"),
        ("values", "list"),
    ];
    assert_eq!(kinds(&timeline), wanted);
    assert_eq!(timeline["values"], json!(Signal::normal(150).values(7)));
    assert_eq!(timeline["times"][149].as_f64().unwrap(), last as f64 / 1000.0);
    assert!(timeline["baseline"][98].is_null() && timeline["baseline"][100].is_number());
    for key in ["times", "values", "baseline", "lower", "upper", "scores"] {
        assert_eq!(timeline[key].as_array().unwrap().len(), 150, "{key}");
    }
    let short = server.get("/v1/timeline/pay?metric=payload_kb&points=3").expect(200);
    assert_eq!((&short["metric"], &short["values"]), (&json!("payload_kb"), &json!([2.5, 2.5, 2.5])));
    server.get("/v1/timeline/pay?metric=cpu").refused(404, "not_tracked");
    for query in ["points=0", "points=20001", "points=-1", "points=1&points=2", "from=0"] {
        server.get(&format!("/v1/timeline/pay?{query}")).refused(422, "invalid_observation");
    }
}

#[test]
fn services_are_listed_with_what_drifts_first() {
    let (server, last) = told(150);
    let drifting: Vec<_> = (1..=5).map(|i| telemetry("pay", 900.0, last + 100 * i)).collect();
    server.post("/v1/telemetry/batch", &json!(drifting)).expect(202);
    server.post("/v1/telemetry", &telemetry("shop", 1.0, last + 60_000)).expect(202);
    let answer = server.get("/v1/services").expect(200);
    assert_eq!(answer["count"], 2);
    assert_eq!(answer["services"][0]["service_id"], "pay");
    assert_eq!(answer["services"][0]["state"], "DRIFT_DETECTED");
    let wanted = [
        ("last_seen", "text"),
        ("metrics", "object"),
        ("sample_count", "count"),
        ("service_id", "text"),
        ("state", "text"),
        ("transition_timestamp", "text"),
    ];
    assert_eq!(kinds(&answer["services"][1]), wanted);
}

#[test]
fn a_level_that_is_declared_normal_ends_a_drift() {
    let (server, last) = told(150);
    let drifting: Vec<_> = (1..=5).map(|i| telemetry("pay", 900.0, last + 100 * i)).collect();
    server.post("/v1/telemetry/batch", &json!(drifting)).expect(202);
    assert_eq!(server.get("/v1/health/pay").expect(200)["state"], "DRIFT_DETECTED");
    let answer = server.post("/v1/services/pay/accept", &Value::Null).expect(200);
    assert_eq!(answer, json!({ "status": "accepted", "service_id": "pay" }));
    let health = server.get("/v1/health/pay").expect(200);
    assert_ne!(health["state"], "DRIFT_DETECTED");
    let events = server.get("/v1/events?service_id=pay").expect(200);
    assert_eq!(events["events"][0]["kind"], "closed");
    assert_eq!(events["events"][0]["metadata"]["reason"], "accepted");
}

#[test]
fn what_was_learned_can_be_forgotten() {
    let (server, _) = told(150);
    let answer = server.post("/v1/services/pay/reset", &Value::Null).expect(200);
    assert_eq!(answer, json!({ "status": "reset", "service_id": "pay" }));
    let health = server.get("/v1/health/pay").expect(200);
    assert_eq!(health["state"], "INSUFFICIENT_DATA");
    assert_eq!((&health["sample_count"], &health["baseline"]), (&json!(0), &Value::Null));
    assert_eq!(health["metadata"], json!({ "reason": "manual_reset" }));
}

#[test]
fn a_name_that_cannot_be_is_refused_everywhere() {
    let server = Server::new(&[]);
    let long = "s".repeat(65);
    for name in [long.as_str(), "%0A", "%E2%80%A8"] {
        for path in
            [format!("/v1/health/{name}"), format!("/v1/baseline/{name}"), format!("/v1/timeline/{name}")]
        {
            server.get(&path).refused(422, "invalid_observation");
        }
        server.post(&format!("/v1/services/{name}/reset"), &Value::Null).refused(422, "invalid_observation");
    }
    for path in ["/v1/health/%FF", "/v1/baseline/%FF", "/v1/timeline/%FF"] {
        server.get(path).refused(400, "invalid_request");
    }
}
