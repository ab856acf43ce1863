//! Which signals make which incident, with stated answers.

use alloc::{vec, vec::Vec};

use proptest::prelude::*;

use super::*;

fn signal(source: &str, metric: &str, golden_signal: GoldenSignal, minute: u32) -> Signal {
    let window_start = 60.0 * f64::from(minute);
    Signal {
        source: source.into(),
        metric: metric.into(),
        golden_signal,
        unit: String::new(),
        baseline: 100.0,
        current: 220.0,
        score: 1.2,
        severity: Severity::Warning,
        window_start,
        window_end: window_start + 60.0,
    }
}

fn correlate(min_signals: u8, signals: Vec<Signal>) -> Vec<Incident> {
    Correlator::new(CorrelationConfig { min_signals }).unwrap().correlate(signals)
}

/// Source, minute and metrics of every incident.
fn outline(incidents: &[Incident]) -> Vec<(&str, f64, Vec<&str>)> {
    incidents
        .iter()
        .map(|incident| {
            let metrics = incident.signals.iter().map(|signal| signal.metric.as_str()).collect();
            (incident.source.as_str(), incident.window_start / 60.0, metrics)
        })
        .collect()
}

#[test]
fn names_are_found_again() {
    for golden_signal in GoldenSignal::ALL {
        assert_eq!(GoldenSignal::named(golden_signal.name()), Some(golden_signal));
    }
    for severity in Severity::ALL {
        assert_eq!(Severity::named(severity.name()), Some(severity));
    }
    assert_eq!((GoldenSignal::named("Latency"), Severity::named("")), (None, None));
}

#[test]
fn types_decide_the_severity() {
    use GoldenSignal::{Errors, Latency, Saturation, Traffic};
    let table: [(&[GoldenSignal], Option<Severity>, Option<Severity>); 13] = [
        // types, with min_signals 1, with min_signals 2
        (&[], None, None),
        (&[Latency], Some(Severity::Warning), None),
        (&[Errors], Some(Severity::Warning), None),
        (&[Traffic], None, None),
        (&[Saturation], Some(Severity::Info), None),
        (&[Latency, Latency], Some(Severity::Warning), None),
        (&[Traffic, Traffic], None, None),
        (&[Latency, Errors], Some(Severity::Critical), Some(Severity::Critical)),
        (&[Latency, Traffic], Some(Severity::Warning), Some(Severity::Warning)),
        (&[Errors, Saturation], Some(Severity::Warning), Some(Severity::Warning)),
        (&[Traffic, Saturation], Some(Severity::Info), Some(Severity::Info)),
        (&[Latency, Errors, Traffic], Some(Severity::Critical), Some(Severity::Critical)),
        (&GoldenSignal::ALL, Some(Severity::Critical), Some(Severity::Critical)),
    ];
    for (types, with_one, with_two) in table {
        for (min_signals, wanted) in [(1, with_one), (2, with_two)] {
            let signals = ["a", "b", "c", "d"].iter().zip(types);
            let signals = signals.map(|(metric, kind)| signal("s", metric, *kind, 0)).collect();
            let severity = correlate(min_signals, signals).first().map(|incident| incident.severity);
            assert_eq!(severity, wanted, "{types:?} with {min_signals}");
        }
    }
}

#[test]
fn three_types_can_be_asked_for() {
    let mut signals =
        vec![signal("s", "p95", GoldenSignal::Latency, 0), signal("s", "rate", GoldenSignal::Errors, 0)];
    assert_eq!(correlate(3, signals.clone()), []);
    signals.push(signal("s", "requests", GoldenSignal::Traffic, 0));
    assert_eq!(correlate(3, signals.clone()).len(), 1);
    assert_eq!(correlate(4, signals), []);
}

#[test]
fn an_incident_is_one_source_in_one_window() {
    let latency = |source, minute| signal(source, "p95", GoldenSignal::Latency, minute);
    let errors = |source, minute| signal(source, "error_rate", GoldenSignal::Errors, minute);
    let longer = Signal { window_end: 300.0, ..errors("c", 0) };
    let incidents = correlate(
        2,
        vec![
            latency("b", 7),
            errors("a", 9),
            errors("b", 7),
            latency("a", 9),
            latency("a", 2),
            errors("a", 2),
            latency("b", 8),
            errors("c", 8),
            latency("c", 0),
            longer,
        ],
    );
    let both = vec!["error_rate", "p95"];
    assert_eq!(outline(&incidents), [("a", 2.0, both.clone()), ("a", 9.0, both.clone()), ("b", 7.0, both)]);
    let first = &incidents[0];
    assert_eq!((first.window_start, first.window_end), (120.0, 180.0));
    assert!(first.has(GoldenSignal::Errors) && !first.has(GoldenSignal::Traffic));
}

#[test]
fn zero_has_no_sign() {
    let latency = Signal { window_start: -0.0, ..signal("a", "p95", GoldenSignal::Latency, 0) };
    assert_eq!(correlate(2, vec![signal("a", "rate", GoldenSignal::Errors, 0), latency]).len(), 1);
}

#[test]
fn the_highest_score_speaks_for_a_metric() {
    let scored = |score| Signal { score, ..signal("a", "p95", GoldenSignal::Latency, 0) };
    let incidents = correlate(1, vec![scored(1.1), scored(3.0), scored(2.0)]);
    assert_eq!(incidents[0].signals, [scored(3.0)]);
}

#[test]
fn equal_scores_for_one_metric_do_not_leave_the_choice_to_chance() {
    let base = signal("a", "p95", GoldenSignal::Latency, 0);
    let others = [
        Signal { severity: Severity::Critical, ..base.clone() },
        Signal { golden_signal: GoldenSignal::Errors, ..base.clone() },
        Signal { current: 300.0, ..base.clone() },
        Signal { baseline: 50.0, ..base.clone() },
        Signal { unit: "ms".into(), ..base.clone() },
    ];
    for other in others {
        let forwards = correlate(1, vec![base.clone(), other.clone()]);
        assert_eq!(forwards, correlate(1, vec![other, base.clone()]));
        assert_eq!(forwards[0].signals.len(), 1);
    }
}

#[test]
fn only_a_move_for_the_worse_counts() {
    let table = [
        (GoldenSignal::Latency, 90.0, false),
        (GoldenSignal::Errors, 90.0, false),
        (GoldenSignal::Saturation, 90.0, false),
        (GoldenSignal::Traffic, 90.0, true),
        (GoldenSignal::Latency, 110.0, true),
        (GoldenSignal::Errors, 110.0, true),
        (GoldenSignal::Saturation, 110.0, true),
        (GoldenSignal::Traffic, 110.0, true),
        (GoldenSignal::Traffic, 100.0, false),
    ];
    for (golden_signal, current, wanted) in table {
        let signal = Signal { current, ..signal("a", "m", golden_signal, 0) };
        assert_eq!(signal.counts(), wanted, "{} at {current}", golden_signal.name());
    }
}

#[test]
fn what_cannot_be_read_counts_for_nothing() {
    let good = signal("a", "p95", GoldenSignal::Latency, 1);
    assert!(good.counts());
    let bad = [
        Signal { current: f64::NAN, ..good.clone() },
        Signal { current: f64::INFINITY, ..good.clone() },
        Signal { baseline: f64::NEG_INFINITY, ..good.clone() },
        Signal { score: f64::NAN, ..good.clone() },
        Signal { window_start: f64::NEG_INFINITY, ..good.clone() },
        Signal { window_end: f64::NAN, ..good.clone() },
        Signal { window_end: 59.0, ..good },
    ];
    assert_eq!(correlate(1, bad.to_vec()), []);
}

#[test]
fn deviation_is_a_share_of_the_baseline() {
    let table = [
        (100.0, 220.0, 1.2, Some(Direction::Up)),
        (100.0, 25.0, -0.75, Some(Direction::Down)),
        (-10.0, -5.0, 0.5, Some(Direction::Up)),
        (0.0, 7.0, 1.0, Some(Direction::Up)),
        (0.0, -7.0, -1.0, Some(Direction::Down)),
        (0.0, 0.0, 0.0, None),
        (5.0, 5.0, 0.0, None),
        (5e-324, 1.0, Sample::LIMIT, Some(Direction::Up)),
        (1.0, f64::NAN, 0.0, None),
        (f64::INFINITY, 1.0, 0.0, None),
    ];
    for (baseline, current, ratio, direction) in table {
        let signal = Signal { baseline, current, ..signal("a", "m", GoldenSignal::Traffic, 0) };
        assert_eq!(
            (signal.deviation_ratio(), signal.direction()),
            (ratio, direction),
            "{baseline}, {current}"
        );
    }
}

#[test]
fn settings_outside_of_their_range_are_refused() {
    for min_signals in [0, 5, 255] {
        let error = Correlator::new(CorrelationConfig { min_signals }).unwrap_err();
        assert_eq!(
            error,
            Error::OutOfRange { field: "min_signals", value: f64::from(min_signals), wanted: "1 to 4" }
        );
    }
}

#[test]
fn settings_are_read_strictly() {
    let read = serde_json::from_str::<CorrelationConfig>;
    assert_eq!(read("{}").unwrap(), CorrelationConfig::default());
    assert_eq!(read(r#"{"min_signals": 1}"#).unwrap().min_signals, 1);
    assert!(read(r#"{"min_signal": 1}"#).is_err());
}

fn any_signal() -> impl Strategy<Value = Signal> {
    let value = || prop::sample::select(vec![-0.0, 0.0, 1.0, 2.0, -1.0, f64::NAN]);
    let names = (prop::sample::select(vec!["a", "b"]), prop::sample::select(vec!["x", "y", "z"]));
    let kind = prop::sample::select(GoldenSignal::ALL.to_vec());
    (names, kind, (value(), value(), value()), 0u32..2, any::<bool>()).prop_map(
        |((source, metric), kind, (baseline, current, score), minute, critical)| Signal {
            baseline,
            current,
            score,
            severity: if critical { Severity::Critical } else { Severity::Warning },
            ..signal(source, metric, kind, minute)
        },
    )
}

proptest! {
    #[test]
    fn the_order_of_signals_decides_nothing(
        (signals, shuffled) in prop::collection::vec(any_signal(), 0..40)
            .prop_flat_map(|signals| (Just(signals.clone()), Just(signals).prop_shuffle())),
        min_signals in 1u8..=4,
    ) {
        let incidents = correlate(min_signals, signals);
        prop_assert_eq!(&incidents, &correlate(min_signals, shuffled));
        let sorted = |pair: &[Incident]| (&pair[0].source, pair[0].window_start) < (&pair[1].source, pair[1].window_start);
        prop_assert!(incidents.windows(2).all(sorted));
        for incident in &incidents {
            prop_assert!(incident.signals.windows(2).all(|pair| pair[0].metric < pair[1].metric));
            prop_assert!(incident.signals.iter().any(|signal| signal.golden_signal != GoldenSignal::Traffic));
        }
    }
}
