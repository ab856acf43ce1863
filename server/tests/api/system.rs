//! `/`, `/health`, `/livez`, `/readyz`, `/metrics`, `/v1/system/status`.

use serde_json::json;

use crate::support::{Home, Server, now_ms, telemetry};

#[test]
fn that_it_lives_is_told_with_these_keys() {
    let server = Server::new(&[]);
    for path in ["/health", "/livez"] {
        let body = server.get(path).expect(200);
        let keys: Vec<_> = body.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["service", "status", "timestamp"]);
        assert_eq!((&body["status"], &body["service"]), (&json!("ok"), &json!("drift-sre")));
        let told: jiff::Timestamp = body["timestamp"].as_str().unwrap().parse().unwrap();
        assert!(told.as_millisecond().abs_diff(now_ms()) < 60_000);
    }
    assert_eq!(server.get("/readyz").expect(200), json!({ "status": "ready", "trouble": null }));
}

#[test]
fn status_counts_what_was_taken() {
    let server = Server::new(&[]);
    for name in ["pay", "pay", "shop"] {
        server.post("/v1/telemetry", &telemetry(name, 1.0, now_ms())).expect(202);
    }
    let status = server.get("/v1/system/status").expect(200);
    for (key, wanted) in [
        ("status", json!("healthy")),
        ("trouble", json!(null)),
        ("services_monitored", json!(2)),
        ("series_monitored", json!(4)),
        ("total_telemetry_records", json!(3)),
        ("active_simulations", json!(0)),
        ("destinations", json!([])),
    ] {
        assert_eq!(status[key], wanted, "{key}");
    }
    assert!(status["uptime_seconds"].is_u64() && status["database_size_mb"].as_f64().unwrap() > 0.0);
    assert_eq!(status.as_object().unwrap().len(), 9);
}

#[test]
fn numbers_are_there_for_prometheus() {
    let server = Server::new(&[]);
    server.post("/v1/telemetry", &telemetry("pay", 1.0, now_ms())).expect(202);
    server.get("/nowhere");
    let answer = server.get("/metrics");
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let text = answer.text();
    for line in [
        "drift_sre_observations_total{outcome=\"accepted\"} 1",
        "drift_sre_services 1",
        "drift_sre_series 2",
        "drift_sre_store_degraded 0",
        "drift_sre_http_requests_total{method=\"POST\",route=\"/v1/telemetry\",status=\"202\"} 1",
        "drift_sre_http_requests_total{method=\"GET\",route=\"none\",status=\"404\"} 1",
    ] {
        assert!(text.lines().any(|told| told == line), "{line} in\n{text}");
    }
}

#[test]
fn what_is_where_is_told_at_the_root() {
    let server = Server::new(&[]);
    let body = server.get("/").expect(200);
    assert_eq!((&body["service"], &body["docs"]), (&json!("drift-sre"), &json!("/docs")));
    assert!(body["version"].is_string() && body["description"].is_string());
    assert!(body["endpoints"]["POST /v1/telemetry"].is_string(), "{body}");
}

#[test]
fn every_line_of_the_log_is_one_json_object_whatever_a_client_sends() {
    let server = Server::new(&[("DRIFT_SRE_LOG", "debug")]);
    let hostile = ["%0D%0Ax", "%1B%5B31m", "%E2%80%A8", "%C2%85"];
    for name in hostile {
        server.get(&format!("/v1/health/{name}"));
        server.get(&format!("/{name}?{name}={name}"));
    }
    server.post("/v1/telemetry", &telemetry("a\r\nb\u{1b}[31m\u{2028}", 1.0, now_ms()));
    server.post("/v1/telemetry", &telemetry(&"s".repeat(60_000), 1.0, now_ms()));
    let log = server.stop();
    assert!(log.len() > hostile.len(), "{log:?}");
    for line in log {
        assert!(
            serde_json::from_str::<serde_json::Value>(&line).is_ok_and(|line| line.is_object()),
            "{line}"
        );
        assert!(line.len() < 8 << 10 && !line.chars().any(char::is_control), "{line}");
    }
}

#[cfg(unix)]
#[test]
fn a_log_that_nobody_reads_keeps_no_request_waiting() {
    let home = Home::new();
    let log = home.path("log");
    assert!(std::process::Command::new("mkfifo").arg(&log).status().unwrap().success());
    // Open, and not read.
    let reader = std::thread::spawn(move || std::fs::File::open(log).unwrap());
    let server = Server::at(&home, &[]);
    let _reader = reader.join().unwrap();
    // A pipe holds 64 KiB, which is some four hundred lines.
    for _ in 0..2_000 {
        server.get("/livez").expect(200);
    }
    let numbers = server.get("/metrics").text();
    assert!(numbers.contains("\ndrift_sre_log_lines_lost_total 0\n"), "{numbers}");
    server.kill();
}
