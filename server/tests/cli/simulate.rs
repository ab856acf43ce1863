//! `drift-sre simulate` against a server that judges by a rule simple enough to know the answer.

use std::{
    collections::HashSet,
    process::{Command, Stdio},
    sync::mpsc,
};

use serde_json::{Value, json};

use crate::stub::{Answer, Request, Stub, accepted, drift_sre, ok, refuse, run, stderr, stdout};

/// Drift at the fifth latency above 300 in a row, over at the fiftieth below; a baseline at the hundredth sample.
#[derive(Default)]
struct Judge {
    latencies: Vec<f64>,
    run: usize,
    drifting: bool,
    events: Vec<Value>,
    keys: HashSet<String>,
}

impl Judge {
    fn state(&self) -> &'static str {
        match (self.latencies.len(), self.drifting) {
            (0..100, _) => "INSUFFICIENT_DATA",
            (_, true) => "DRIFT_DETECTED",
            (_, false) => "STABLE",
        }
    }

    fn take(&mut self, sample: &Value) {
        let latency = sample["latency_ms"].as_f64().unwrap();
        assert!(sample["payload_kb"].as_f64().unwrap() >= 0.1);
        assert_eq!(sample["service_id"], "pay");
        self.latencies.push(latency);
        self.run = if (latency > 300.0) == self.drifting { 0 } else { self.run + 1 };
        if self.run == if self.drifting { 50 } else { 5 } {
            self.drifting = !self.drifting;
            self.run = 0;
            let kind = if self.drifting { "opened" } else { "closed" };
            let at = &sample["timestamp"];
            self.events.push(json!({"metric": "latency_ms", "kind": kind, "onset": at, "detected_at": at,
                                    "new_state": self.state()}));
        }
    }

    fn answer(&mut self, request: &Request) -> Answer {
        match request.route.as_str() {
            "GET /health" => ok(json!({"status": "ok"})),
            "GET /v1/health/pay" => ok(json!({
                "service_id": "pay", "state": self.state(), "transition_timestamp": null,
                "sample_count": self.latencies.len(), "baseline": null, "metadata": {},
            })),
            "GET /v1/events" => {
                assert!(request.query.contains("service_id=pay") && request.query.contains("since="));
                ok(json!({"events": self.events}))
            }
            "POST /v1/telemetry/batch" => {
                assert!(
                    self.keys.insert(request.headers["idempotency-key"].clone()),
                    "each batch has its key"
                );
                request.body.as_array().unwrap().iter().for_each(|sample| self.take(sample));
                accepted(&request.body)
            }
            other => panic!("{other}"),
        }
    }
}

fn judge() -> Stub {
    let mut judge = Judge::default();
    Stub::new(move |request| judge.answer(request))
}

fn simulate(stub: &Stub, options: &[&str]) -> (Option<i32>, Value) {
    let url = stub.url();
    let args = ["simulate", "--url", &url, "--service-id", "pay", "--fast", "--json"];
    let output = run(&[&args[..], options].concat());
    (
        output.status.code(),
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(&output))),
    )
}

#[test]
fn a_spike_is_reported_with_its_delay_and_its_recovery() {
    let (code, report) = simulate(&judge(), &["--mode", "SPIKE", "--seed", "7"]);
    assert_eq!(code, Some(0));
    let samples = &report["samples"];
    assert_eq!(
        (&samples["planned"], &samples["sent"], &samples["accepted"]),
        (&json!(600), &json!(600), &json!(600))
    );
    assert_eq!(report["truth"], json!([{"start": 24.0, "end": 42.0, "kind": "shift"}]));
    assert_eq!(report["detected"], true);
    assert_eq!(report["time_to_detection"]["samples"], 5);
    assert!((report["time_to_detection"]["secs"].as_f64().unwrap() - 0.4).abs() < 1e-3);
    assert_eq!(report["false_alarms"], 0);
    // The fiftieth good sample is the one at 42 s and 49 more.
    assert!((report["recovered_at_secs"].as_f64().unwrap() - 46.9).abs() < 1e-3, "{report}");
    let states: Vec<_> = report["states"].as_array().unwrap().iter().map(|seen| &seen["state"]).collect();
    assert_eq!(states, ["INSUFFICIENT_DATA", "STABLE", "DRIFT_DETECTED", "STABLE"]);
}

#[test]
fn in_control_there_is_nothing_to_detect() {
    let (code, report) = simulate(&judge(), &["--duration", "2m", "--rate", "25"]);
    assert_eq!((code, &report["samples"]["accepted"]), (Some(0), &json!(3000)));
    assert_eq!((&report["detected"], &report["false_alarms"]), (&Value::Null, &json!(0)));
}

#[test]
fn the_same_seed_sends_the_same_values() {
    let sent = |seed: &'static str| {
        let (sender, receiver) = mpsc::channel();
        let mut judge = Judge::default();
        let stub = Stub::new(move |request| {
            if request.route.starts_with("POST") {
                for sample in request.body.as_array().unwrap() {
                    sender.send((sample["latency_ms"].as_f64(), sample["payload_kb"].as_f64())).unwrap();
                }
            }
            judge.answer(request)
        });
        simulate(&stub, &["--mode", "creep", "--seed", seed]);
        drop(stub);
        receiver.iter().collect::<Vec<_>>()
    };
    let first = sent("7");
    assert_eq!(first.len(), 600);
    assert_eq!(first, sent("7"));
    assert_ne!(first, sent("8"));
}

#[test]
fn an_alarm_of_the_payload_or_before_the_change_is_false() {
    let mut judge = Judge::default();
    let stub = Stub::new(move |request| {
        if request.route == "POST /v1/telemetry/batch" && judge.latencies.is_empty() {
            for metric in ["payload_kb", "latency_ms"] {
                let at = &request.body[0]["timestamp"];
                judge
                    .events
                    .push(json!({"metric": metric, "kind": "opened", "onset": at, "detected_at": at}));
            }
        }
        judge.answer(request)
    });
    let (_, report) = simulate(&stub, &["--mode", "spike"]);
    assert_eq!((&report["detected"], &report["false_alarms"]), (&json!(true), &json!(2)));
}

#[test]
fn without_events_states_tell() {
    let mut judge = Judge::default();
    let stub = Stub::new(move |request| match request.route.as_str() {
        "GET /v1/events" => refuse(404, "not found"),
        _ => judge.answer(request),
    });
    let (code, report) = simulate(&stub, &["--mode", "spike"]);
    assert_eq!((code, &report["detected"]), (Some(0), &json!(true)));
}

#[test]
fn a_passing_failure_is_tried_again_with_the_same_key() {
    let mut judge = Judge::default();
    let mut refused: Option<String> = None;
    let stub = Stub::new(move |request| {
        if request.route.starts_with("POST") {
            let key = request.headers["idempotency-key"].clone();
            let Some(first) = &refused else {
                refused = Some(key);
                return Answer::Json(503, Some(("retry-after", "0")), json!({"detail": "queue full"}));
            };
            assert!(!judge.latencies.is_empty() || *first == key);
        }
        judge.answer(request)
    });
    let (code, report) = simulate(&stub, &[]);
    assert_eq!((code, &report["samples"]["accepted"]), (Some(0), &json!(600)));
}

#[test]
fn rejections_are_counted_and_the_first_is_told() {
    let mut judge = Judge::default();
    let stub = Stub::new(move |request| match request.route.as_str() {
        "POST /v1/telemetry/batch" => Answer::Json(
            207,
            None,
            json!({"accepted": 98, "rejected": 2, "duplicates": 0,
                   "errors": [{"index": 3, "code": "x", "message": "too old"}]}),
        ),
        _ => judge.answer(request),
    });
    let (code, report) = simulate(&stub, &[]);
    let samples = &report["samples"];
    assert_eq!((code, &samples["accepted"], &samples["rejected"]), (Some(0), &json!(588), &json!(12)));
    assert_eq!(samples["first_rejection"], "too old");
}

#[test]
fn a_server_that_fails_is_exit_code_3_with_a_report() {
    let mut judge = Judge::default();
    let stub = Stub::new(move |request| {
        if request.route.starts_with("POST") && judge.latencies.len() == 300 {
            return refuse(403, "not yours");
        }
        judge.answer(request)
    });
    let (code, report) = simulate(&stub, &[]);
    assert_eq!((code, &report["samples"]["accepted"]), (Some(3), &json!(300)));
    let url = Stub::new(|_| refuse(401, "who are you")).url();
    let output = run(&["simulate", "--url", &url]);
    assert_eq!((output.status.code(), stdout(&output)), (Some(3), ""));
    let output = run(&["simulate", "--fast", "--duration", "2h"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("at most 3500 s"), "{}", stderr(&output));
    let output = run(&["simulate", "--rate", "10000", "--duration", "8736h"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(
        stderr(&output).contains("must be at most 4294967295 samples, got 314496000000"),
        "{}",
        stderr(&output)
    );
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_a_paced_run_with_a_report() {
    let (sender, receiver) = mpsc::channel();
    let mut judge = Judge::default();
    let stub = Stub::new(move |request| {
        let sent = request.route.starts_with("POST");
        let answer = judge.answer(request);
        if sent {
            // Only the first is waited for.
            let _ = sender.send(());
        }
        answer
    });
    let url = stub.url();
    let child =
        drift_sre(&["simulate", "--url", &url, "--service-id", "pay", "--duration", "1h", "--seed", "1"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
    receiver.recv().unwrap();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(
        stdout(&output).contains("normal on pay, 3600 s, 10/s, seed 1, interrupted"),
        "{}",
        stdout(&output)
    );
}
