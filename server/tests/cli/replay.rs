//! `drift-sre replay` on files whose truth is known.

use std::{
    fmt::Write as _,
    fs,
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Output, Stdio},
};

use drift_sre::{Kind, Monitor, Preset, Sample, Scenario, ScenarioPreset};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::stub::{drift_sre, run, stderr, stdout};

/// Noon of a day in 2026.
const NOON: f64 = 1_768_219_200.0;

fn samples(preset: ScenarioPreset) -> Vec<Sample> {
    Scenario::new(preset.config(), 7).unwrap().collect()
}

fn file(name: &str, text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    (folder, path)
}

fn replay(name: &str, text: &str, options: &[&str]) -> Output {
    let (_folder, path) = file(name, text);
    run(&[&["replay", path.to_str().unwrap()], options].concat())
}

/// Host, time in ms since 1970, value, and whether it is out of control.
fn as_csv(preset: ScenarioPreset) -> String {
    let scenario = Scenario::new(preset.config(), 7).unwrap();
    let mut text = String::from("host,ts,latency_ms,wrong\n");
    for Sample { at, value } in samples(preset) {
        let value = value.map_or_else(String::new, |value| value.to_string());
        writeln!(text, "db,{},{value},{}", (NOON + at) * 1e3, scenario.drifting(at)).unwrap();
    }
    text
}

fn as_ndjson(preset: ScenarioPreset) -> String {
    let line = |Sample { at, value }| json!({"host": {"load": value}, "at": NOON + at}).to_string() + "\n";
    samples(preset).into_iter().map(line).collect()
}

/// The last line of `--json`.
fn summary(output: &Output) -> Value {
    serde_json::from_str(stdout(output).lines().last().expect("a summary")).unwrap()
}

#[test]
fn its_events_are_those_of_the_core_on_the_same_samples() {
    for preset in Preset::ALL {
        let mut monitor = Monitor::new(preset.config()).unwrap();
        let events = samples(ScenarioPreset::Step).into_iter().filter_map(|sample| {
            // The same floats as those that are read back.
            let at = (NOON + sample.at) * 1e3 / 1e3;
            monitor.update(Sample { at, ..sample }).event
        });
        let wanted: Vec<Value> = events.map(|event| serde_json::to_value(event).unwrap()).collect();
        let opened = wanted.iter().any(|event| event["kind"] == "opened");
        let output = replay("a.csv", &as_csv(ScenarioPreset::Step), &["--json", "--preset", preset.name()]);
        assert_eq!(output.status.code(), Some(i32::from(opened)), "{}", stderr(&output));
        let lines: Vec<Value> =
            stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let (summary, events) = lines.split_last().unwrap();
        assert_eq!(events.len(), wanted.len());
        for (event, wanted) in events.iter().zip(&wanted) {
            assert_eq!(event["type"], "event");
            let line = NOON * 1e3 + (event["line"].as_f64().unwrap() - 2.0) * 1e3;
            assert_eq!(line, event["at"].as_f64().unwrap() * 1e3);
            for (key, value) in wanted.as_object().unwrap() {
                assert_eq!(&event[key], value, "{key} by {}", preset.name());
            }
        }
        assert_eq!((&summary["samples"], &summary["preset"]), (&json!(1800), &json!(preset.name())));
    }
}

#[test]
fn a_known_change_is_scored_by_intervals_and_by_a_column_alike() {
    let text = as_csv(ScenarioPreset::Step);
    let by_column = replay("a.csv", &text, &["--json", "--truth-column", "wrong"]);
    let by_iso = replay("a.csv", &text, &["--json", "--truth", "2026-01-12T12:15:00Z..2026-01-12T12:22:30Z"]);
    let by_millis = replay("a.csv", &text, &["--json", "--truth", "1768220100000..1768220550000"]);
    let truth = &summary(&by_column)["truth"];
    assert_eq!((&truth["missed"], &truth["false_alarms"]), (&json!(0), &json!(0)));
    let delay = &truth["changes"][0]["delay"];
    let mut monitor = Monitor::new(Preset::DriftSre.config()).unwrap();
    let mut events =
        samples(ScenarioPreset::Step).into_iter().filter_map(|sample| monitor.update(sample).event);
    let opened = events.find(|event| event.kind == Kind::Opened).unwrap();
    assert_eq!(delay["secs"], opened.at - 900.0);
    // Once a second, from the first one that is wrong.
    assert_eq!(delay["samples"].as_f64(), Some(opened.at - 900.0 + 1.0));
    assert_eq!(&summary(&by_iso)["truth"], truth);
    assert_eq!(&summary(&by_millis)["truth"], truth);
}

#[test]
fn what_is_not_found_is_missed_and_what_is_not_there_is_a_false_alarm() {
    let text = as_csv(ScenarioPreset::Step);
    let truth =
        ["--truth", "2026-01-12T12:10:00Z..2026-01-12T12:11:00Z", "--truth", "2027-01-01..2027-01-02"];
    let output = replay("a.csv", &text, &[&truth[..], &["--json"]].concat());
    let scored = summary(&output)["truth"].clone();
    assert_eq!((&scored["missed"], &scored["false_alarms"]), (&json!(1), &json!(1)));
    let told = replay("a.csv", &text, &truth);
    assert!(stdout(&told).contains("missed") && stdout(&told).contains("no samples"), "{}", stdout(&told));
}

#[test]
fn a_series_in_control_exits_with_0() {
    let output = replay("a.csv", &as_csv(ScenarioPreset::Normal), &["--preset", "adaptive", "--arl0", "1e6"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).contains("latency_ms over ts, judged by adaptive"), "{}", stdout(&output));
}

#[test]
fn ndjson_is_read_by_path_and_gaps_are_counted() {
    let text = as_ndjson(ScenarioPreset::Gaps);
    let output = replay("a.log", &text, &["--column", "host.load", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let summary = summary(&output);
    let gaps = samples(ScenarioPreset::Gaps).iter().filter(|sample| sample.value.is_none()).count();
    assert!(gaps > 100);
    assert_eq!((&summary["gaps"], &summary["samples"]), (&json!(gaps), &json!(1800 - gaps)));
    assert_eq!((&summary["time"], &summary["column"]), (&json!("at"), &json!("host.load")));
}

#[test]
fn records_of_another_kind_do_not_decide_what_is_judged() {
    let text = "{\"message\": \"started\"}\n\n{\"when\": \"2026-01-12\", \"host\": \"db\", \"b\": 1, \"a\": 2}\n\
                [1]\n{\"when\": \"2026-01-13\", \"b\": null}\n";
    let output = replay("a.ndjson", text, &["--json"]);
    let summary = summary(&output);
    assert_eq!((&summary["column"], &summary["time"]), (&json!("b"), &json!("when")));
    let counts = [&summary["samples"], &summary["gaps"], &summary["malformed"]];
    assert_eq!(counts, [&json!(1), &json!(1), &json!(2)], "{}", stderr(&output));
    assert_eq!(stderr(&output).lines().next(), Some("line 1: a row must hold a number, got none"));
}

#[test]
fn the_first_column_of_numbers_is_judged_even_if_it_begins_with_a_gap() {
    let column = |text: &str| summary(&replay("a.csv", text, &["--json"]))["column"].clone();
    assert_eq!(column("\u{feff}when;host;a;b\n2026-01-12;x;;1\n2026-01-13;x;2;1\n"), "a");
    assert_eq!(column("host,a,b\nx,,1\nx,,1\n"), "b");
    assert_eq!(column("time\tvalue\n0\t1\n"), "value");
}

#[test]
fn malformed_rows_are_named_counted_and_do_no_harm() {
    let good = as_csv(ScenarioPreset::Step);
    let mut lines: Vec<&str> = good.lines().collect();
    for bad in ["db,later,1,false", "db,1768220000000,fast,false", "db,1,1,false", "db"] {
        lines.insert(1000, bad);
    }
    let bad = lines.join("\n");
    let output = replay("a.csv", &bad, &["--json"]);
    let told = "\
line 1001: latency_ms is missing, the row has 1 cells
line 1002: time must not go back, got 1970-01-01T00:00:00.001Z after 2026-01-12T12:16:38Z
line 1003: value must be a number of at most 1e150, got 'fast'
line 1004: time must be ISO 8601 or a number of seconds, got 'later'
";
    assert_eq!(stderr(&output), told);
    assert_eq!(summary(&output)["malformed"], 4);
    let (mut with, mut without) = (summary(&output), summary(&replay("a.csv", &good, &["--json"])));
    for summary in [&mut with, &mut without] {
        for own in ["malformed", "ns_per_sample"] {
            summary.as_object_mut().unwrap().remove(own);
        }
    }
    assert_eq!(with, without);
    let strict = replay("a.csv", &bad, &["--strict"]);
    assert_eq!(strict.status.code(), Some(3));
    assert!(stderr(&strict).starts_with("error: line 1001: latency_ms is missing"), "{}", stderr(&strict));
}

#[test]
fn what_cannot_be_replayed_is_one_line_and_exit_code_3() {
    let endless = format!("a,b\n1,\"{}", "x\n".repeat(600_000));
    for (text, options, told) in [
        ("", &[][..], "must hold samples, got nothing"),
        ("a,b\n", &[], "must hold numbers, got none"),
        (
            "a\n1e200\n",
            &["--strict", "--column", "a"],
            "value must be a number of at most 1e150, got '1e200'",
        ),
        ("a,b\nx,y\n", &[], "one of the columns a, b must hold numbers"),
        ("1,2\n3,4\n", &[], "the first line must be a header, got numbers"),
        ("a\n1\n", &["--column", "b"], "column must be one of a, got 'b'"),
        ("a\n1\n", &["--arl0", "1000"], "--arl0 wants --preset adaptive"),
        ("a\n1\n", &["--preset", "adaptive", "--arl0", "1"], "arl0 must be 100 to 1e9 samples, got 1"),
        ("t,a\n5,1\n", &["--truth", "2026-01-12..2026-01-13"], "truth must be in seconds"),
        ("t,a\n5,1\n", &["--truth", "9..5"], "truth must end after it starts"),
        ("t,a\n5,1\n", &["--truth", "1..5", "--truth", "4..6"], "truth must be times that do not overlap"),
        ("t,a\n5,1\n", &["--truth", "later"], "wanted START..END"),
        ("a\nnan\n", &["--column", "a"], "must hold samples, got none that can be used"),
        (&endless, &[], "a row must be at most 1048576 bytes long"),
    ] {
        let output = replay("a.csv", text, options);
        assert_eq!(output.status.code(), Some(3), "{told}: {}", stdout(&output));
        assert_eq!(stderr(&output).lines().count(), 1, "{}", stderr(&output));
        assert!(stderr(&output).contains(told), "{}", stderr(&output));
    }
    assert_eq!(run(&["replay", "/nowhere/a.csv"]).status.code(), Some(3));
}

#[test]
fn an_event_is_told_as_soon_as_its_sample_came_through_a_pipe() {
    let mut child = drift_sre(&["replay", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    input.write_all(as_csv(ScenarioPreset::Step).as_bytes()).unwrap();
    // The pipe is still open.
    let first = lines.next().unwrap().unwrap();
    assert!(first.contains("latency_ms rose from"), "{first}");
    drop(input);
    assert!(lines.map_while(Result::ok).any(|line| line.starts_with("drifts")));
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let (_folder, path) = file("a.csv", &as_csv(ScenarioPreset::Step));
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = drift_sre(&["replay", path.to_str().unwrap()]).stdout(writer).output().unwrap();
    assert_eq!((output.status.code(), stderr(&output)), (Some(141), ""));
}
