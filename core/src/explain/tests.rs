//! The wording, with stated answers.

use super::*;
use crate::{
    decide::Cause,
    event::{Evidence, Severity},
};

const EVENT: Event = Event {
    kind: Kind::Opened,
    cause: Cause::Drift,
    direction: Direction::Up,
    severity: Severity::Warning,
    onset: 100.0,
    at: 108.0,
    fired: None,
    evidence: Evidence { value: 88.0, baseline: 12.31, level: 87.04, sigmas: 14.2, samples: 9, score: 1.04 },
};

fn say(event: Event, unit: &str) -> String {
    explain(&event, &Subject { name: "cpu", unit })
}

#[test]
fn opened_says_from_where_to_where_by_how_much_and_since_when() {
    assert_eq!(say(EVENT, "%"), "cpu rose from 12.3 % to 87 % (+74.7 %, 14.2 sigma) over the last 8 s");
    let evidence = Evidence { baseline: 2.5e6, level: 1200.0, sigmas: -7.0, ..EVENT.evidence };
    let fell = Event { direction: Direction::Down, onset: -1_000.0, evidence, ..EVENT };
    assert_eq!(
        say(fell, "B/s"),
        "cpu fell from 2.5 MB/s to 1.2 kB/s (-2.5 MB/s, 7 sigma) over the last 18.5 min"
    );
}

#[test]
fn a_change_of_one_sample_has_no_duration() {
    let evidence = Evidence { samples: 1, ..EVENT.evidence };
    let sudden = Event { onset: EVENT.at, evidence, ..EVENT };
    assert_eq!(say(sudden, "%"), "cpu rose from 12.3 % to 87 % (+74.7 %, 14.2 sigma) in one sample");
}

#[test]
fn closed_says_how_it_ended() {
    let closed = |cause| {
        let evidence = Evidence { value: 11.9, ..EVENT.evidence };
        say(Event { kind: Kind::Closed, cause, at: 190.0, evidence, ..EVENT }, "%")
    };
    assert_eq!(closed(Cause::Recovered), "cpu is back at 11.9 % after 90 s above 12.3 %");
    assert_eq!(closed(Cause::Accepted), "cpu at 11.9 % was accepted as normal after 90 s above 12.3 %");
    assert_eq!(
        closed(Cause::Adopted),
        "cpu at 11.9 % is taken as normal from now on, after 90 s above 12.3 %"
    );
    assert_eq!(closed(Cause::NoData), "cpu went silent after 90 s above 12.3 %; its last value was 11.9 %");
    assert_eq!(closed(Cause::Reset), "cpu starts afresh after 90 s above 12.3 %");
}

#[test]
fn quantities_are_short_and_keep_their_unit() {
    let table = [
        (0.0, "%", "0 %"),
        (0.5, "/s", "0.5/s"),
        (1234.5, "", "1234"),
        (0.012_34, "s", "0.0123 s"),
        (0.83844, "", "0.838"),
        (0.001_234, "", "0.00123"),
        (-2.345_6, "", "-2.35"),
        (99.96, "%", "100 %"),
        (999.6, "ms", "1000 ms"),
        (1.5e-7, "s", "1.50e-7 s"),
        (2e20, "", "2.00e20"),
        (9_999.4, "jobs", "9999 jobs"),
        (-1_234_567.8, "jobs", "-1,234,568 jobs"),
        (123_456.0, "", "123,456"),
        (999.0, "B/s", "999 B/s"),
        (12_345_678.0, "B", "12.3 MB"),
        (5e13, "B/s", "50 TB/s"),
        (7.0, "Bananas", "7 Bananas"),
    ];
    for (value, unit, wanted) in table {
        assert_eq!(quantity(value, unit), wanted);
    }
}

#[test]
fn durations_use_the_unit_people_would() {
    let table = [(0.0, "0 s"), (119.0, "119 s"), (120.0, "2 min"), (7_200.0, "2 h"), (172_800.0, "2 days")];
    for (seconds, wanted) in table {
        assert_eq!(duration(seconds), wanted);
    }
}
