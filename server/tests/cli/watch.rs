//! `drift-sre watch` against a server that is away first.

use std::{
    process::{Child, Command, Output, Stdio},
    sync::mpsc,
};

use serde_json::{Value, json};

use crate::stub::{Answer, Stub, accepted, drift_sre, refuse, run, stderr, stdout};

fn watch(stub: &Stub, options: &[&str]) -> Child {
    let url = stub.url();
    let args = ["watch", "--url", &url, "--source", "db-1", "--interval", "50ms"];
    let mut command = drift_sre(&[&args[..], options].concat());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn terminate(child: Child) -> Output {
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    output
}

#[test]
fn what_was_read_while_the_server_was_away_arrives_once_it_is_back() {
    let (sender, receiver) = mpsc::channel();
    let mut asked = 0;
    let stub = Stub::new(move |request| {
        asked += 1;
        assert_eq!(request.route, "POST /v1/metrics");
        assert_eq!(request.body["source"], "db-1");
        let samples = request.body["samples"].clone();
        let answer = match asked {
            1 => Answer::HangUp,
            2 => Answer::Json(503, Some(("retry-after", "0")), json!({"detail": "queue full"})),
            _ => accepted(&samples),
        };
        // The test ends before the program does.
        let _ = sender.send((request.headers["idempotency-key"].clone(), samples));
        answer
    });
    let child = watch(&stub, &[]);
    let tries: Vec<_> = receiver.iter().take(4).collect();
    assert_eq!(tries[0], tries[1]);
    assert_eq!(tries[0], tries[2]);
    let (last, samples) = &tries[3];
    assert_ne!(*last, tries[0].0);
    assert!(samples.as_array().unwrap().len() > tries[0].1.as_array().unwrap().len(), "all that was kept");
    let ram = tries[0].1.as_array().unwrap().iter().find(|sample| sample["metric"] == "ram").unwrap();
    let hints = (&ram["unit"], &ram["direction"], &ram["transform"], &ram["floor"]);
    assert_eq!(hints, (&json!("%"), &json!("up"), &json!("identity"), &json!(0.2)));
    assert!(ram["value"].as_f64().unwrap() > 0.0 && ram["timestamp"].as_f64().unwrap() > 1.7e9);
    let output = terminate(child);
    assert!(stderr(&output).contains("samples are kept until it is back"), "{}", stderr(&output));
    assert!(stderr(&output).contains("the server is back after"), "{}", stderr(&output));
    assert!(stdout(&output).contains("0 rejected, 0 dropped, 0 kept: cpu "), "{}", stdout(&output));
}

#[test]
fn a_server_that_will_never_take_them_ends_it() {
    let stub = Stub::new(|_| refuse(401, "who are you"));
    let output = run(&["watch", "--url", &stub.url(), "--interval", "0.01"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("answered 401: who are you"), "{}", stderr(&output));
}

#[test]
fn a_server_that_is_away_too_long_costs_the_oldest_samples() {
    const KEEP: usize = 15;
    let (sender, receiver) = mpsc::channel();
    let mut asked = 0;
    let stub = Stub::new(move |request| {
        asked += 1;
        if asked <= 20 {
            return Answer::Json(503, Some(("retry-after", "0")), json!({"detail": "queue full"}));
        }
        let samples = request.body["samples"].clone();
        let answer = accepted(&samples);
        // The test ends before the program does.
        let _ = sender.send(samples);
        answer
    });
    let child = watch(&stub, &["--keep", &KEEP.to_string()]);
    let kept: usize = receiver.iter().take(2).map(|samples| samples.as_array().unwrap().len()).sum();
    assert!((1..=KEEP).contains(&kept), "{kept}");
    let output = terminate(child);
    assert!(stderr(&output).contains("15 samples are kept; from now on the oldest are dropped"));
    assert!(!stdout(&output).contains(" 0 dropped"), "{}", stdout(&output));
}

#[test]
fn a_batch_that_is_too_large_is_sent_in_parts() {
    let (sender, receiver) = mpsc::channel();
    let stub = Stub::new(move |request| {
        let samples = request.body["samples"].clone();
        if samples.as_array().unwrap().len() > 2 {
            return refuse(413, "too large");
        }
        let answer = accepted(&samples);
        let _ = sender.send(samples);
        answer
    });
    let child = watch(&stub, &[]);
    let parts: Vec<_> = receiver.iter().take(6).collect();
    let named = |sample: &Value| (sample["timestamp"].to_string(), sample["metric"].to_string());
    let mut sent: Vec<_> = parts.iter().flat_map(|part| part.as_array().unwrap()).map(named).collect();
    let count = sent.len();
    assert!(sent.is_sorted_by_key(|(timestamp, _)| timestamp.clone()), "{sent:?}");
    sent.sort();
    sent.dedup();
    assert_eq!(sent.len(), count, "none twice");
    assert!(stdout(&terminate(child)).contains(" 0 rejected, 0 dropped, 0 kept"));
}
