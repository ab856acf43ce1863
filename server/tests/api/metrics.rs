//! `POST /v1/metrics`.

use serde_json::{Value, json};

use crate::support::{Server, iso, now_ms};

const PATH: &str = "/v1/metrics";

fn readings(samples: &Value) -> Value {
    json!({ "source": "host-a", "samples": samples })
}

#[test]
fn each_metric_of_a_source_is_a_series() {
    let server = Server::new(&[]);
    let now = now_ms();
    let samples = json!([
        { "metric": "cpu", "value": 12.5, "timestamp": iso(now), "unit": "%" },
        { "metric": "ram", "value": 40, "timestamp": now as f64 / 1000.0, "direction": "up", "floor": 0.5 },
        { "metric": "network", "value": 1e6, "transform": "log" },
    ]);
    let answer = server.post(PATH, &readings(&samples)).expect(202);
    assert_eq!(answer, json!({ "accepted": 3, "rejected": 0, "duplicates": 0, "errors": [] }));
    let health = server.get("/v1/health/host-a").expect(200);
    for (metric, unit, value) in [("cpu", "%", 12.5), ("ram", "", 40.0), ("network", "", 1e6)] {
        let told = &health["metrics"][metric];
        assert_eq!((&told["unit"], &told["value"]), (&json!(unit), &json!(value)), "{metric}");
    }
    assert_eq!(health["metrics"].as_object().unwrap().len(), 3);
    assert_eq!(health["metrics"]["cpu"]["last_seen"], iso(now));
    assert_eq!(health["metrics"]["ram"]["last_seen"], iso(now));
}

#[test]
fn what_is_wrong_with_a_reading_is_told_and_the_rest_is_kept() {
    let server = Server::new(&[]);
    let samples = json!([
        { "metric": "cpu", "value": 1 },
        { "metric": "", "value": 1 },
        { "metric": "cpu", "value": 1e151 },
        { "metric": "cpu", "value": 1, "floor": -1 },
        { "metric": "cpu", "value": 1, "unit": "seventeen letters" },
        { "metric": "cpu", "value": 1, "timestamp": 0 },
        { "metric": "cpu", "value": 1, "timestamp": 1e300 },
    ]);
    let answer = server.post(PATH, &readings(&samples)).expect(207);
    assert_eq!(answer["accepted"], 1);
    let told: Vec<_> = answer["errors"].as_array().unwrap().iter().map(index_and_words).collect();
    let wanted = [
        (1, "metric must be 1 to 128 characters"),
        (2, "value must be a number of at most 1e150"),
        (3, "floor must be a number of at least 0"),
        (4, "unit must be 1 to 16 characters"),
        (5, "timestamp must be within 3600 s"),
        (6, "timestamp must be within 3600 s"),
    ];
    assert_eq!(told.len(), wanted.len());
    for ((index, message), (at, words)) in told.iter().zip(wanted) {
        assert!(*index == at && message.starts_with(words), "{index}: {message}");
    }
}

fn index_and_words(error: &Value) -> (u64, &str) {
    (error["index"].as_u64().unwrap(), error["message"].as_str().unwrap())
}

#[test]
fn readings_of_another_shape_are_refused_as_a_whole() {
    let server = Server::new(&[]);
    for body in [
        json!([]),
        json!({ "source": "host-a" }),
        json!({ "source": "", "samples": [] }),
        json!({ "source": "host-a", "samples": [{ "metric": "cpu" }] }),
        json!({ "source": "host-a", "samples": [{ "metric": "cpu", "value": "1" }] }),
        json!({ "source": "host-a", "samples": [{ "metric": "cpu", "value": 1, "direction": "left" }] }),
        json!({ "source": "host-a", "samples": [{ "metric": "cpu", "value": 1, "transform": "sqrt" }] }),
        json!({ "source": "host-a", "samples": [{ "metric": "cpu", "value": 1, "labels": {} }] }),
        json!({ "source": "host-a", "samples": [], "tenant": 1 }),
    ] {
        server.post(PATH, &body).refused(422, "invalid_observation");
    }
    assert_eq!(server.get("/v1/system/status").expect(200)["services_monitored"], 0);
}

#[test]
fn an_idempotency_key_names_every_reading_of_a_request() {
    let server = Server::new(&[]);
    let body = readings(&json!([{ "metric": "cpu", "value": 1 }, { "metric": "ram", "value": 2 }]));
    let headers = [("content-type", "application/json"), ("idempotency-key", "tick-1")];
    let send = || server.call("POST", PATH, &headers, body.to_string()).expect(202);
    assert_eq!(send()["accepted"], 2);
    assert_eq!(send()["duplicates"], 2);
}
