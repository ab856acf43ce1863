//! `GET /v1/events`, `GET /v1/live`.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    time::Duration,
};

use serde_json::{Value, json};

use crate::support::{Server, Signal, iso, now_ms, telemetry};

/// A server whose services `pay` and `shop` became known, drifted and recovered, and when that began.
fn eventful() -> (Server, i64) {
    let server = Server::new(&[]);
    let start = now_ms() - 600_000;
    for (seed, name) in [(1, "pay"), (2, "shop")] {
        let values = Signal::spike().values(seed);
        let items: Vec<_> =
            (0..).zip(values).map(|(i, value)| telemetry(name, value, start + 100 * i)).collect();
        server.post("/v1/telemetry/batch", &json!(items)).expect(202);
    }
    (server, start)
}

fn kinds(list: &Value) -> Vec<&str> {
    list["events"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect()
}

#[test]
fn there_are_none_at_first() {
    let server = Server::new(&[]);
    assert_eq!(server.get("/v1/events").expect(200), json!({ "events": [], "count": 0 }));
}

#[test]
fn a_drift_is_told_from_its_onset_to_its_end() {
    let (server, start) = eventful();
    let list = server.get("/v1/events?service_id=pay").expect(200);
    assert_eq!((kinds(&list), &list["count"]), (vec!["closed", "opened", "ready"], &json!(3)));
    let opened = &list["events"][1];
    for (key, wanted) in [
        ("service_id", json!("pay")),
        ("metric", json!("latency_ms")),
        ("direction", json!("up")),
        ("previous_state", json!("STABLE")),
        ("new_state", json!("DRIFT_DETECTED")),
        ("unit", json!("ms")),
    ] {
        assert_eq!(opened[key], wanted, "{key}");
    }
    // The spike begins at 24 s; when that was is estimated.
    let onset = opened["onset"].as_str().unwrap();
    assert!((iso(start + 23_000)..=iso(start + 24_400)).contains(&onset.to_owned()), "{onset}");
    assert_eq!(opened["metadata"]["reason"], "consecutive_severe_anomalies");
    assert_eq!(opened["metadata"]["consecutive_count"], 5);
    assert_eq!(opened["metadata"]["threshold"], 3.0);
    assert_eq!(opened["trigger_samples"].as_array().unwrap().len(), 5);
    let explanation = opened["explanation"].as_str().unwrap();
    assert!(explanation.contains("latency_ms"), "{explanation}");
    assert_eq!(list["events"][0]["metadata"]["reason"], "recovered");
    let keys: Vec<_> = opened.as_object().unwrap().keys().collect();
    let wanted = [
        "detected_at",
        "direction",
        "evidence",
        "explanation",
        "id",
        "kind",
        "metadata",
        "metric",
        "new_state",
        "onset",
        "previous_state",
        "service_id",
        "severity",
        "trigger_samples",
        "unit",
    ];
    assert_eq!(keys, wanted);
}

#[test]
fn events_are_chosen_by_service_number_and_time() {
    let (server, start) = eventful();
    assert_eq!(server.get("/v1/events").expect(200)["count"], 6);
    assert_eq!(server.get("/v1/events?service_id=nobody").expect(200)["count"], 0);
    assert_eq!(kinds(&server.get("/v1/events?service_id=pay&limit=1").expect(200)), ["closed"]);
    let since = iso(start + 20_000);
    let list = server.get(&format!("/v1/events?service_id=shop&since={since}")).expect(200);
    assert_eq!(kinds(&list), ["closed", "opened"]);
    for query in [
        "limit=0",
        "limit=1001",
        "limit=ten",
        "limit=-1",
        "since=yesterday",
        "limit=1&limit=2",
        "service_id=a&service_id=b",
        "severity=info",
    ] {
        server.get(&format!("/v1/events?{query}")).refused(422, "invalid_observation");
    }
}

#[test]
fn what_happens_is_streamed_as_it_does() {
    let server = Server::new(&[]);
    let start = now_ms() - 600_000;
    let values = Signal::normal(100).values(1);
    let items: Vec<_> =
        (0..).zip(values).map(|(i, value)| telemetry("pay", value, start + 100 * i)).collect();
    server.post("/v1/telemetry/batch", &json!(items)).expect(202);
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream.write_all(b"GET /v1/live?service_id=pay HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    assert_eq!(lines.next().unwrap(), "HTTP/1.1 200 OK");
    let drifting: Vec<_> = (1..=5).map(|i| telemetry("pay", 900.0, start + 60_000 + i)).collect();
    server.post("/v1/telemetry/batch", &json!(drifting)).expect(202);
    let mut told = lines.skip_while(|line| line != "event: drift");
    assert_eq!(told.next().unwrap(), "event: drift");
    let data = told.next().unwrap();
    let event: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
    let listed = server.get("/v1/events?service_id=pay&limit=1").expect(200);
    assert_eq!(event, listed["events"][0]);
}
