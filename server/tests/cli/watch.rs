//! `drift-sre watch` against a server that is away first.

use std::{
    process::{Command, Stdio},
    sync::mpsc,
};

use serde_json::json;

use crate::stub::{Answer, Stub, accepted, drift_sre, refuse, run, stderr, stdout};

#[cfg(unix)]
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
    let args = ["watch", "--url", &stub.url(), "--source", "db-1", "--interval", "50ms"];
    let child = drift_sre(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
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
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
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
