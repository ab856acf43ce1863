//! The policy in scenes, and its law: nothing goes untold or uncounted.

use drift_sre::{Kind, Severity};

use super::*;
use crate::notify::stub::facts;

const SECOND: i64 = 1000;

/// A series told of at given seconds, in a short notation.
struct Series {
    quiet: Option<Quiet>,
    number: u32,
}

impl Series {
    fn new() -> Self {
        Self { quiet: None, number: 0 }
    }

    fn decide(&mut self, at: i64, kind: Kind, severity: Severity) -> Decision {
        self.number += 1;
        let facts = facts(kind, severity, "latency_ms", self.number);
        // What is kept between two events is kept as JSON.
        let stored = self.quiet.take().map(|quiet| serde_json::to_string(&quiet).unwrap());
        let loaded = stored.map(|text| serde_json::from_str(&text).unwrap());
        let (decision, quiet) = decide(loaded, &facts, at * SECOND, COOL_DOWN);
        self.quiet = Some(quiet);
        decision
    }

    fn open(&mut self, at: i64) -> Decision {
        self.decide(at, Kind::Opened, Severity::Warning)
    }

    fn close(&mut self, at: i64) -> Decision {
        self.decide(at, Kind::Closed, Severity::Info)
    }

    /// Which events are told when the cool-downs end, and how many each replaced.
    fn flush(&mut self, at: i64) -> Vec<(String, u32)> {
        let (told, quiet) = flush(self.quiet.take().unwrap(), at * SECOND, COOL_DOWN);
        self.quiet = Some(quiet);
        told.into_iter().map(|(facts, others)| (facts.event_id, others)).collect()
    }

    fn due(&self) -> Option<i64> {
        self.quiet.as_ref().unwrap().due_ms().map(|at| at / SECOND)
    }
}

const fn tell(suppressed: u32) -> Decision {
    Decision::Tell { suppressed }
}

fn told(number: u32, others: u32) -> Vec<(String, u32)> {
    vec![(format!("event-{number}"), others)]
}

#[test]
fn a_drift_and_its_end_are_told_at_once() {
    let mut series = Series::new();
    assert_eq!(series.open(0), tell(0));
    assert_eq!(series.close(5), tell(0));
    assert_eq!(series.due(), None);
    let quiet = series.quiet.clone().unwrap();
    assert!(!quiet.is_over(59 * SECOND));
    assert!(quiet.is_over(60 * SECOND));
}

#[test]
fn flapping_is_told_once_a_cool_down_with_the_count() {
    let mut series = Series::new();
    assert_eq!(series.open(0), tell(0));
    assert_eq!(series.close(5), tell(0));
    for at in [10, 20, 30] {
        assert_eq!(series.open(at), Decision::Suppress);
        assert_eq!(series.close(at + 5), Decision::Suppress);
    }
    assert_eq!(series.due(), Some(60));
    assert_eq!(series.flush(59), []);
    assert_eq!(series.flush(60), told(8, 5), "the last of six, which says how the series stands");
    assert_eq!(series.due(), None);
    assert_eq!(series.open(100), Decision::Suppress, "what was told late has a cool-down, too");
    assert_eq!(series.flush(120), told(9, 0));
    assert_eq!(series.close(121), tell(0));
}

#[test]
fn what_was_held_back_is_counted_by_the_next_message() {
    let mut series = Series::new();
    assert_eq!(series.open(0), tell(0));
    assert_eq!(series.open(10), Decision::Suppress);
    assert_eq!(series.open(20), Decision::Suppress);
    assert_eq!(series.open(61), tell(2), "nobody had flushed yet");
    assert_eq!(series.flush(200), []);

    assert_eq!(series.open(70), Decision::Suppress);
    assert_eq!(series.close(80), tell(1), "an end tells what it makes stale");
    assert_eq!(series.due(), None);
}

#[test]
fn a_higher_severity_is_told_at_once() {
    let mut series = Series::new();
    assert_eq!(series.open(0), tell(0));
    assert_eq!(series.decide(1, Kind::Opened, Severity::Critical), tell(0));
    assert_eq!(series.decide(2, Kind::Opened, Severity::Critical), Decision::Suppress);
    assert_eq!(series.decide(3, Kind::Opened, Severity::Info), tell(0));
    assert_eq!(series.close(4), tell(1), "one end for all of them");
    assert_eq!(series.close(5), Decision::Suppress, "and no other");
    assert_eq!(series.due(), None);
}

#[test]
fn the_end_of_a_drift_that_was_not_told_is_not_told() {
    let mut series = Series::new();
    assert_eq!(series.close(0), Decision::Suppress);
    assert!(series.quiet.unwrap().is_over(0));
}

#[test]
fn an_outlier_never_hides_a_drift() {
    let mut series = Series::new();
    assert_eq!(series.decide(0, Kind::Outlier, Severity::Warning), tell(0));
    assert_eq!(series.open(10), Decision::Suppress);
    assert_eq!(series.decide(20, Kind::Outlier, Severity::Warning), Decision::Suppress);
    assert_eq!(series.flush(60), told(2, 1));
    assert_eq!(series.close(70), tell(0));
}

#[test]
fn a_clock_that_is_set_back_keeps_nothing_quiet_for_longer_than_a_cool_down() {
    let mut series = Series::new();
    assert_eq!(series.open(1_000_000), tell(0));
    assert_eq!(series.open(0), Decision::Suppress);
    assert_eq!(series.due(), Some(60));
    assert_eq!(series.flush(60), told(2, 0));

    let (_, quiet) = decide(None, &facts(Kind::Opened, Severity::Info, "m", 1), i64::MAX - 1, COOL_DOWN);
    assert!(!quiet.clone().clamped(0, COOL_DOWN).is_over(0), "the drift is still open");
    assert_eq!(
        decide(Some(quiet), &facts(Kind::Opened, Severity::Info, "m", 2), 0, COOL_DOWN).0,
        Decision::Suppress
    );
}

#[test]
fn without_a_cool_down_everything_is_told() {
    let mut quiet = None;
    for number in 0..5 {
        let facts = facts(Kind::Opened, Severity::Warning, "m", number);
        let (decision, next) = decide(quiet, &facts, 7, Duration::ZERO);
        assert_eq!(decision, tell(0));
        quiet = Some(next);
    }
}

mod laws {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Every event is told, or counted by one that is; and what people were told last is how the series stands.
        #[test]
        fn nothing_goes_untold_or_uncounted(
            steps in prop::collection::vec((0i64..40, 0usize..6, any::<bool>()), 1..60)
        ) {
            let mut series = Series::new();
            let (mut at, mut accounted, mut open) = (0, 0u32, false);
            for (pause, what, in_time) in steps {
                at += pause;
                if in_time && series.quiet.is_some() {
                    accounted += series.flush(at).iter().map(|(_, others)| 1 + others).sum::<u32>();
                }
                let (kind, severity) = match what {
                    0 | 1 if open => (Kind::Closed, Severity::Info),
                    2 => (Kind::Outlier, Severity::Warning),
                    3 => (Kind::Opened, Severity::Critical),
                    _ => (Kind::Opened, Severity::Warning),
                };
                open = kind == Kind::Opened || (open && kind == Kind::Outlier);
                if let Decision::Tell { suppressed } = series.decide(at, kind, severity) {
                    accounted += 1 + suppressed;
                }
            }
            accounted += series.flush(at + 60).iter().map(|(_, others)| 1 + others).sum::<u32>();
            prop_assert_eq!(accounted, series.number);
            prop_assert_eq!(series.quiet.unwrap().open_told, open);
        }
    }
}
