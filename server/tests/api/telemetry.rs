//! `POST /v1/telemetry`.

use serde_json::{Value, json};

use crate::support::{Home, Server, iso, now_ms};

fn pay() -> Value {
    json!({ "service_id": "pay", "latency_ms": 156.7, "payload_kb": 2.3 })
}

fn with(changes: &Value) -> Value {
    let mut body = pay();
    for (key, value) in changes.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

#[test]
fn an_observation_is_accepted_with_these_keys() {
    let server = Server::new(&[]);
    let at = iso(now_ms());
    let answer = server.post("/v1/telemetry", &with(&json!({ "timestamp": at }))).expect(202);
    let wanted = json!({ "status": "accepted", "service_id": "pay", "timestamp": at, "message": "stored" });
    assert_eq!(answer, wanted);
}

#[test]
fn without_a_timestamp_it_is_now() {
    let server = Server::new(&[]);
    let before = now_ms();
    let answer = server.post("/v1/telemetry", &pay()).expect(202);
    let told: jiff::Timestamp = answer["timestamp"].as_str().unwrap().parse().unwrap();
    assert!((before..=now_ms()).contains(&told.as_millisecond()), "{told}");
}

#[test]
fn times_are_told_with_z_with_an_offset_or_in_utc() {
    let server = Server::new(&[]);
    let now = now_ms();
    let z = iso(now);
    let naive = z.trim_end_matches('Z').to_owned();
    let offset = format!("{}+02:00", iso(now + 7_200_000).trim_end_matches('Z'));
    for text in [z.clone(), naive.clone(), naive.replace('T', " "), offset] {
        let answer = server.post("/v1/telemetry", &with(&json!({ "timestamp": text })));
        assert_eq!(answer.expect(202)["timestamp"], z, "{text}");
    }
}

/// The published description's own example was answered by 500 where it comes from.
#[test]
fn the_published_example_is_accepted_at_its_time() {
    let server = Server::new(&[("TIMESTAMP_TOLERANCE_HOURS", "36500")]);
    let at = "2026-01-12T10:30:45.123Z";
    let answer = server.post("/v1/telemetry", &with(&json!({ "timestamp": at })));
    assert_eq!(answer.expect(202)["timestamp"], at);
}

#[test]
fn a_time_further_off_than_an_hour_is_refused() {
    let server = Server::new(&[]);
    for (off_ms, status) in [(-3_590_000, 202), (3_590_000, 202), (-3_610_000, 422), (3_610_000, 422)] {
        let body = with(&json!({ "timestamp": iso(now_ms() + off_ms) }));
        let answer = server.post("/v1/telemetry", &body);
        if status == 422 {
            let message = answer.refused(422, "timestamp_out_of_range");
            assert!(message.starts_with("timestamp must be within 3600 s of the server's time"), "{message}");
        } else {
            answer.expect(status);
        }
    }
}

#[test]
fn what_cannot_be_is_refused_by_its_name() {
    let server = Server::new(&[]);
    let long = "s".repeat(65);
    let table = [
        (json!({ "latency_ms": -0.1 }), "latency_ms must be 0 to 300000, got -0.1"),
        (json!({ "latency_ms": 300_000.1 }), "latency_ms must be 0 to 300000, got 300000.1"),
        (json!({ "payload_kb": -1 }), "payload_kb must be 0 to 1048576, got -1"),
        (json!({ "payload_kb": 1_048_577 }), "payload_kb must be 0 to 1048576, got 1048577"),
        (json!({ "latency_ms": "fast" }), "invalid type: string"),
        (json!({ "latency_ms": null }), "invalid type: null"),
        (json!({ "latency_ms": true }), "invalid type: boolean"),
        (json!({ "service_id": 7 }), "invalid type: integer"),
        (json!({ "service_id": "" }), "service_id must be 1 to 64 characters"),
        (json!({ "service_id": long }), "service_id must be 1 to 64 characters"),
        (json!({ "service_id": "a\nb" }), "service_id must be 1 to 64 characters, none of them a control"),
        (
            json!({ "service_id": "\u{2028}" }),
            "service_id must be 1 to 64 characters, none of them a control",
        ),
        (json!({ "event_id": "" }), "event_id must be 1 to 128 characters"),
        (json!({ "event_id": "e".repeat(129) }), "event_id must be 1 to 128 characters"),
        (json!({ "timestamp": "yesterday" }), "timestamp must be an ISO 8601 time"),
        (json!({ "timestamp": 1_765_400_000 }), "invalid type: integer"),
        (json!({ "tenant_id": "other" }), "unknown field `tenant_id`"),
        (json!({ "is_admin": true }), "unknown field `is_admin`"),
    ];
    for (changes, wanted) in table {
        let message = server.post("/v1/telemetry", &with(&changes)).refused(422, "invalid_observation");
        assert!(message.starts_with(wanted), "{changes}: {message}");
    }
    for key in ["service_id", "latency_ms", "payload_kb"] {
        let mut body = pay();
        body.as_object_mut().unwrap().remove(key);
        let message = server.post("/v1/telemetry", &body).refused(422, "invalid_observation");
        assert!(message.starts_with(&format!("missing field `{key}`")), "{message}");
    }
    assert_eq!(server.get("/v1/system/status").expect(200)["total_telemetry_records"], 0);
}

#[test]
fn names_of_all_scripts_are_names() {
    let server = Server::new(&[]);
    let longest = "ü".repeat(64);
    for name in ["pay", "a/b", "a b", "Zahlung-ä", "支払い", "..", "%00", "💥", longest.as_str()] {
        server.post("/v1/telemetry", &with(&json!({ "service_id": name }))).expect(202);
        let path = percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC);
        let health = server.get(&format!("/v1/health/{path}")).expect(200);
        assert_eq!((&health["service_id"], &health["sample_count"]), (&json!(name), &json!(1)));
    }
}

#[test]
fn a_key_told_twice_is_refused() {
    let server = Server::new(&[]);
    let body = r#"{"service_id":"pay","latency_ms":1,"payload_kb":1,"latency_ms":2}"#;
    let answer = server.call("POST", "/v1/telemetry", &[("content-type", "application/json")], body);
    assert!(answer.refused(422, "invalid_observation").starts_with("duplicate field `latency_ms`"));
}

#[test]
fn what_is_no_json_is_refused() {
    let server = Server::new(&[]);
    let deep = "[".repeat(65);
    let bodies: [&[u8]; 8] = [
        b"",
        b"{",
        b"pay",
        b"{\"service_id\":\"pay\",\"latency_ms\":NaN,\"payload_kb\":1}",
        b"{\"service_id\":\"pay\",\"latency_ms\":1e999,\"payload_kb\":1}",
        b"{\"service_id\":\"\xff\",\"latency_ms\":1,\"payload_kb\":1}",
        b"{\"service_id\":\"pay\",\"latency_ms\":1,\"payload_kb\":1}{}",
        deep.as_bytes(),
    ];
    for body in bodies {
        let answer = server.call("POST", "/v1/telemetry", &[("content-type", "application/json")], body);
        answer.refused(400, "invalid_json");
    }
}

#[test]
fn only_json_is_taken() {
    let server = Server::new(&[]);
    let body = pay().to_string();
    for kind in ["application/json", "application/json; charset=utf-8"] {
        server.call("POST", "/v1/telemetry", &[("content-type", kind)], body.clone()).expect(202);
    }
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""] {
        let answer = server.call("POST", "/v1/telemetry", &[("content-type", kind)], body.clone());
        answer.refused(415, "unsupported_media_type");
    }
    let answer = server.call("POST", "/v1/telemetry", &[], body);
    assert_eq!(
        answer.refused(415, "unsupported_media_type"),
        "Content-Type must be application/json, got none"
    );
}

#[test]
fn told_again_under_the_same_name_it_counts_once() {
    let home = Home::new();
    let server = Server::at(&home, &[]);
    let named = with(&json!({ "event_id": "e-1", "timestamp": iso(now_ms()) }));
    assert_eq!(server.post("/v1/telemetry", &named).expect(202)["message"], "stored");
    for _ in 0..9 {
        assert_eq!(server.post("/v1/telemetry", &named).expect(202)["message"], "stored before");
    }
    let other = with(&json!({ "event_id": "e-1", "latency_ms": 1.0 }));
    server.post("/v1/telemetry", &other).refused(409, "idempotency_key_reused");
    let elsewhere = with(&json!({ "event_id": "e-1", "service_id": "shop" }));
    assert_eq!(server.post("/v1/telemetry", &elsewhere).expect(202)["message"], "stored");
    server.kill();

    let server = Server::at(&home, &[]);
    assert_eq!(server.post("/v1/telemetry", &named).expect(202)["message"], "stored before");
    server.post("/v1/telemetry", &other).refused(409, "idempotency_key_reused");
    assert_eq!(server.get("/v1/health/pay").expect(200)["sample_count"], 1);
}

#[test]
fn an_idempotency_key_names_a_request() {
    let server = Server::new(&[]);
    let send = |key: &str, body: &Value| {
        let headers = [("content-type", "application/json"), ("idempotency-key", key)];
        server.call("POST", "/v1/telemetry", &headers, body.to_string())
    };
    assert_eq!(send("k-1", &pay()).expect(202)["message"], "stored");
    assert_eq!(send("k-1", &pay()).expect(202)["message"], "stored before");
    send("k-1", &with(&json!({ "latency_ms": 2.0 }))).refused(409, "idempotency_key_reused");
    assert_eq!(send("k-2", &pay()).expect(202)["message"], "stored");
    assert!(send("", &pay()).refused(422, "invalid_observation").starts_with("Idempotency-Key must be"));
    send(&"k".repeat(129), &pay()).refused(422, "invalid_observation");
    assert_eq!(server.get("/v1/health/pay").expect(200)["sample_count"], 2);
}

#[test]
fn a_compressed_body_is_read() {
    use std::io::Write;
    let server = Server::new(&[]);
    let mut encoder = flate2::write::GzEncoder::new(vec![], flate2::Compression::default());
    encoder.write_all(pay().to_string().as_bytes()).unwrap();
    let headers = [("content-type", "application/json"), ("content-encoding", "gzip")];
    server.call("POST", "/v1/telemetry", &headers, encoder.finish().unwrap()).expect(202);
}
