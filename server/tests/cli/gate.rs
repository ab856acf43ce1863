//! `drift-sre gate` against a server that answers as wished.

use std::fs;

use quick_xml::{Reader, XmlVersion, events::Event};
use serde_json::{Value, json};

use crate::stub::{Answer, Request, Stub, drift_sre, ok, refuse, run, stderr, stdout};

fn health(state: &str) -> Answer {
    ok(json!({
        "service_id": "pay", "state": state, "transition_timestamp": "2026-01-12T10:30:45Z",
        "sample_count": 450,
        "baseline": {"mean_latency": 152.3, "stddev_latency": 24.8, "sample_count": 450},
        "metadata": {"reason": "because <\u{1b}[31m>"},
    }))
}

fn events() -> Answer {
    let event = |at: &str, explanation: &str| {
        json!({"metric": "latency_ms", "kind": "opened", "severity": "critical", "detected_at": at,
               "explanation": explanation})
    };
    let older = event("2026-01-12T09:00:00Z", "something long ago");
    let newer = event("2026-01-12T10:30:45Z", "latency_ms rose from 152 ms to 487 ms & <more>");
    ok(json!({"events": [older, newer], "count": 2}))
}

/// A service of a state by the last part of its path.
fn by_name(request: &Request) -> Answer {
    match request.route.as_str() {
        "GET /v1/events" => events(),
        "GET /v1/health/good" => health("STABLE"),
        "GET /v1/health/bad" => health("DRIFT_DETECTED"),
        "GET /v1/health/new" | "GET /v1/health/p%C3%A4y%2F%22%26" => health("INSUFFICIENT_DATA"),
        _ => refuse(500, "broken"),
    }
}

/// Of every element its name and attributes, unescaped.
fn elements(xml: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut reader = Reader::from_str(xml);
    let mut elements = Vec::new();
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Start(element) | Event::Empty(element) => {
                let attributes = element.attributes().map(|attribute| {
                    let attribute = attribute.unwrap();
                    let value = attribute.normalized_value(XmlVersion::Explicit1_0).unwrap();
                    (attribute.key.as_ref().to_owned(), value.into_owned())
                });
                elements.push((element.name().as_ref().to_owned(), attributes.collect()));
            }
            Event::Eof => return elements,
            _ => {}
        }
    }
}

#[test]
fn each_state_has_its_exit_code_in_every_output() {
    let stub = Stub::new(by_name);
    for (service, code, verdict, element) in [
        ("good", 0, "pass", "system-out"),
        ("bad", 1, "drift", "failure"),
        ("new", 2, "inconclusive", "error"),
        ("broken", 3, "error", "error"),
    ] {
        let gate = |output| run(&["gate", "--url", &stub.url(), "--service", service, "--output", output]);
        let text = gate("text");
        assert_eq!(text.status.code(), Some(code), "{}", stderr(&text));
        assert!(stdout(&text).starts_with(verdict), "{}", stdout(&text));
        let json = gate("json");
        assert_eq!(json.status.code(), Some(code));
        let report: Value = serde_json::from_slice(&json.stdout).unwrap();
        assert_eq!((&report["verdict"], &report["exit_code"]), (&json!(verdict), &json!(code)));
        assert_eq!(report["services"][0]["service_id"], service);
        let junit = gate("junit");
        assert_eq!(junit.status.code(), Some(code));
        let names: Vec<_> = elements(stdout(&junit)).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["testsuites", "testsuite", "testcase", element]);
    }
}

#[test]
fn a_drift_is_told_with_its_newest_event_and_nothing_a_terminal_obeys() {
    let stub = Stub::new(by_name);
    let told = run(&["gate", "--url", &stub.url(), "--service", "bad"]);
    let wanted = "\
drift         bad: DRIFT_DETECTED since 2026-01-12T10:30:45Z
              latest event: 2026-01-12T10:30:45Z latency_ms rose from 152 ms to 487 ms & <more>
              baseline: latency 152 ms ± 24.8 ms
              samples: 450, reason: because <\u{fffd}[31m>
";
    assert_eq!(stdout(&told), wanted);
}

#[test]
fn the_worst_service_decides() {
    let stub = Stub::new(by_name);
    let gate = |services: &[&str]| {
        let url = stub.url();
        let mut args = vec!["gate", "--url", &url, "--output", "json"];
        args.extend(services.iter().flat_map(|service| ["--service", service]));
        run(&args).status.code()
    };
    assert_eq!(gate(&["good", "new"]), Some(2));
    assert_eq!(gate(&["new", "broken", "good"]), Some(3));
    assert_eq!(gate(&["good", "broken", "bad", "new"]), Some(1));
}

#[test]
fn names_are_escaped_in_paths_and_in_xml() {
    let stub = Stub::new(by_name);
    let gate = run(&["gate", "--url", &stub.url(), "--service", "päy/\"&", "--output", "junit"]);
    assert_eq!(gate.status.code(), Some(2), "{}", stderr(&gate));
    let elements = elements(stdout(&gate));
    let (_, attributes) = elements.iter().find(|(name, _)| name == "testcase").unwrap();
    assert!(attributes.contains(&("name".into(), "päy/\"&".into())), "{attributes:?}");
    assert!(!stdout(&gate).contains('\u{1b}'));
}

#[test]
fn it_waits_until_the_server_can_say() {
    let mut answers =
        vec![health("STABLE"), health("INSUFFICIENT_DATA"), refuse(503, "starting"), Answer::HangUp];
    let stub = Stub::new(move |request| match request.route.as_str() {
        "GET /v1/events" => events(),
        _ => answers.pop().expect("no question after the decision"),
    });
    let gate = run(&["gate", "--url", &stub.url(), "--service", "pay", "--wait", "1h", "--every", "0.01"]);
    assert_eq!(gate.status.code(), Some(0), "{}", stderr(&gate));
}

#[test]
fn held_for_a_while_a_drift_ends_it_at_once() {
    let mut answers = vec![health("DRIFT_DETECTED"), health("STABLE"), health("STABLE")];
    let stub = Stub::new(move |request| match request.route.as_str() {
        "GET /v1/events" => events(),
        _ => answers.pop().expect("no question after the decision"),
    });
    let args =
        ["gate", "--url", &stub.url(), "--service", "pay", "--wait", "1h", "--hold", "--every", "0.01"];
    assert_eq!(run(&args).status.code(), Some(1));
    let stub = Stub::new(by_name);
    let args =
        ["gate", "--url", &stub.url(), "--service", "good", "--wait", "0.1", "--hold", "--every", "0.01"];
    assert_eq!(run(&args).status.code(), Some(0));
}

#[test]
fn a_server_that_will_never_answer_is_not_waited_for() {
    let mut asked = 0;
    let stub = Stub::new(move |request| {
        asked += usize::from(request.route == "GET /v1/health/pay");
        assert!(asked <= 1, "a wrong key does not become right");
        refuse(401, "who are you")
    });
    let gate = run(&["gate", "--url", &stub.url(), "--service", "pay", "--wait", "1h"]);
    assert_eq!(gate.status.code(), Some(3));
    assert!(stdout(&gate).contains("answered 401: who are you"), "{}", stdout(&gate));
}

#[test]
fn a_server_without_events_will_do() {
    let stub = Stub::new(|request| match request.route.as_str() {
        "GET /v1/events" => refuse(404, "not found"),
        _ => health("STABLE"),
    });
    assert_eq!(run(&["gate", "--url", &stub.url(), "--service", "pay"]).status.code(), Some(0));
}

#[test]
fn the_file_gets_the_report_and_people_get_text() {
    let stub = Stub::new(by_name);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gate.xml");
    let file = path.to_str().unwrap();
    let args =
        ["gate", "--url", &stub.url(), "--service", "good", "--output", "junit", "--output-file", file];
    let gate = run(&args);
    assert_eq!(gate.status.code(), Some(0));
    assert!(stdout(&gate).starts_with("pass"), "{}", stdout(&gate));
    assert_eq!(elements(&fs::read_to_string(&path).unwrap()).len(), 4);
    let args = ["gate", "--url", &stub.url(), "--service", "good", "--output-file", "/nowhere/gate.txt"];
    assert_eq!(run(&args).status.code(), Some(3));
}

#[test]
fn the_key_is_sent_and_never_told() {
    let stub = Stub::new(|request| {
        let key = request.headers.get("authorization").map(String::as_str);
        if key == Some("Bearer s3cret") { health("STABLE") } else { refuse(401, "who are you") }
    });
    let url = stub.url();
    let args = ["gate", "--url", &url, "--service", "pay", "--output", "json"];
    assert_eq!(run(&args).status.code(), Some(3));
    let gate = drift_sre(&args).env("DRIFT_SRE_API_KEY", "s3cret").output().unwrap();
    assert_eq!(gate.status.code(), Some(0), "{}", stderr(&gate));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    fs::write(&path, "s3cret\n").unwrap();
    let file = path.to_str().unwrap();
    assert_eq!(run(&[&args[..], &["--api-key-file", file]].concat()).status.code(), Some(0));
    fs::write(&path, "s3cret two").unwrap();
    let gate = run(&[&args[..], &["--api-key-file", file]].concat());
    assert_eq!(gate.status.code(), Some(3));
    assert!(stderr(&gate).contains("must hold one key") && !stderr(&gate).contains("s3cret"));
}

#[test]
fn wrong_usage_is_one_line_and_exit_code_3() {
    for (args, told) in [
        (&["gate"][..], "--service <ID>"),
        (&["gate", "--service", "pay", "--hold"], "--wait <TIME>"),
        (&["gate", "--service", "pay", "--wait", "soon"], "wanted seconds"),
        (&["gate", "--service", "pay", "--url", "http://me:s3cret@host"], "no user or password"),
        (&["gate", "--service", ""], "wanted the id of a service"),
    ] {
        let output = run(args);
        assert_eq!(output.status.code(), Some(3), "{args:?}");
        assert_eq!(stderr(&output).lines().count(), 1, "{}", stderr(&output));
        assert!(!stderr(&output).contains("s3cret"));
        assert!(
            stderr(&output).starts_with("error: ") && stderr(&output).contains(told),
            "{}",
            stderr(&output)
        );
        assert_eq!(stdout(&output), "");
    }
}
