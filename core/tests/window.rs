//! What holds of windows in event time, whatever is observed and however it comes.

use drift_sre::{Admission, Intake, Observation, Window, WindowConfig, WindowCounts, Windows};
use proptest::{collection::vec, prelude::*};
use serde::Deserialize;

/// Miri, which interprets every step, is given few and short cases.
const CASES: u32 = if cfg!(miri) { 2 } else { 1_000 };
const MOST: usize = if cfg!(miri) { 20 } else { 120 };
const STRIDE: usize = if cfg!(miri) { 37 } else { 1 };

fn configs() -> impl Strategy<Value = WindowConfig> {
    let lengths = prop::sample::subsequence(vec![0.7, 1.0, 3.0, 10.0, 60.0], 1..=3).prop_shuffle();
    let lateness = prop::sample::select(vec![0.0, 0.1, 1.0, 5.0, 17.3, 100.0]);
    (lengths, lateness).prop_map(|(window_secs, lateness_secs)| WindowConfig {
        window_secs,
        lateness_secs,
        capacity: 10_000,
    })
}

/// Times on a coarse grid, so that many are equal and many fall on boundaries, and ids that few share.
fn observations(ids: u64) -> impl Strategy<Value = Vec<Observation>> {
    let at = prop_oneof![
        6 => (-200i32..800).prop_map(|tenths| f64::from(tenths) / 10.0),
        1 => -20.0..80.0,
        1 => prop::sample::select(vec![-0.0, 0.0, 2_000.0]),
    ];
    let value = prop_oneof![
        8 => (-40i32..40).prop_map(|value| Some(f64::from(value) / 7.0)),
        1 => prop::sample::select(vec![Some(-0.0), Some(0.0), Some(1e150), Some(-1e150), Some(5e-324)]),
        1 => Just(None),
    ];
    let id = prop_oneof![1 => Just(None), 2 => (0..ids).prop_map(Some)];
    let observation = (at, value, any::<Option<bool>>(), id);
    vec(observation.prop_map(|(at, value, failed, id)| Observation { at, value, failed, id }), 0..MOST)
}

/// Those that have an id, each with one of its own.
fn told_apart(mut observations: Vec<Observation>) -> Vec<Observation> {
    for (id, observation) in observations.iter_mut().enumerate() {
        observation.id = observation.id.map(|_| id as u64);
    }
    observations
}

fn sorted(mut observations: Vec<Observation>) -> Vec<Observation> {
    observations.sort_by(|one, other| one.at.total_cmp(&other.at));
    observations
}

/// An order in which none comes after one that is more than the lateness newer. The picks say which of all
/// that may come is next.
fn shuffled(
    observations: &[Observation],
    lateness_secs: f64,
    picks: &[prop::sample::Index],
) -> Vec<Observation> {
    let mut waiting = sorted(observations.to_vec());
    let mut order = vec![];
    for pick in picks.iter().cycle() {
        let Some(oldest) = waiting.first() else { break };
        let may_come = waiting.iter().take_while(|other| oldest.at >= other.at - lateness_secs).count();
        order.push(waiting.remove(pick.index(may_come)));
    }
    order
}

fn bits(window: &Window) -> Vec<u64> {
    let Window { secs, start, end, moments, quantiles, judged, failures, missing, complete } = window;
    let mut bits: Vec<_> = [*secs, *start, *end].into_iter().map(f64::to_bits).collect();
    bits.extend([moments.count(), *judged, *failures, *missing, u64::from(*complete)]);
    let numbers = [
        moments.mean(),
        moments.variance(),
        quantiles.map(|quantiles| quantiles.p50),
        quantiles.map(|quantiles| quantiles.p95),
        quantiles.map(|quantiles| quantiles.p99),
        window.error_rate(),
        Some(window.rate()),
    ];
    bits.extend(
        numbers.into_iter().flat_map(|number| [u64::from(number.is_some()), number.map_or(0, f64::to_bits)]),
    );
    bits
}

/// The tumbling windows of a run, the rolling ones at its end, and the windows it leaves.
fn run(config: &WindowConfig, observations: &[Observation]) -> (Vec<Vec<u64>>, Vec<Vec<u64>>, Windows) {
    let mut windows = Windows::new(config.clone()).expect("valid settings");
    let closed = observations.iter().flat_map(|observation| windows.update(*observation).closed);
    let tumbling: Vec<_> = closed.map(|window| bits(&window)).collect();
    let each = |secs: &f64| [windows.rolling(*secs), windows.settled(*secs)];
    let asked = config.window_secs.iter().flat_map(each).flatten();
    let rolling = asked.map(|window| bits(&window)).collect();
    (tumbling, rolling, windows)
}

fn cases() -> impl Strategy<Value = (WindowConfig, Vec<Observation>, Vec<prop::sample::Index>)> {
    (configs(), observations(12), vec(any::<prop::sample::Index>(), 1..120))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_within_the_lateness_is_the_sorted_run((config, observations, picks) in cases()) {
        let expected = run(&config, &sorted(observations.clone()));
        let order = shuffled(&observations, config.lateness_secs, &picks);
        let (tumbling, rolling, windows) = run(&config, &order);
        prop_assert_eq!(windows.counts().late, 0);
        prop_assert_eq!(&expected.0, &tumbling);
        prop_assert_eq!(&expected.1, &rolling);
        prop_assert_eq!(expected.2.snapshot(), windows.snapshot(), "and they go on alike");
    }

    #[test]
    fn copies_change_nothing((config, observations, picks) in cases(), copies in vec(any::<prop::sample::Index>(), 0..60)) {
        let single = told_apart(observations);
        // Without an id a copy cannot be told from a second event.
        let tagged: Vec<_> = single.iter().filter(|each| each.id.is_some() && each.value.is_some()).collect();
        let copies = copies.iter().filter(|_| !tagged.is_empty()).map(|copy| *tagged[copy.index(tagged.len())]);
        let doubled: Vec<_> = single.iter().copied().chain(copies).collect();
        let expected = run(&config, &sorted(single.clone()));
        let (tumbling, rolling, windows) = run(&config, &shuffled(&doubled, config.lateness_secs, &picks));
        prop_assert_eq!(&expected.0, &tumbling);
        prop_assert_eq!(&expected.1, &rolling);
        let WindowCounts { accepted, duplicate, late, .. } = windows.counts();
        prop_assert_eq!((accepted, duplicate, late), (single.len() as u64, (doubled.len() - single.len()) as u64, 0));
    }

    #[test]
    fn what_is_late_is_never_applied(config in configs(), observations in observations(12)) {
        let mut windows = Windows::new(config.clone()).unwrap();
        let mut in_time = vec![];
        for observation in &observations {
            let behind = windows.watermark().is_some_and(|watermark| observation.at < watermark);
            let admission = windows.update(*observation).admission;
            prop_assert!(admission != Admission::Accepted || !behind);
            prop_assert!(admission != Admission::Late || behind);
            if admission != Admission::Late {
                in_time.push(*observation);
            }
        }
        let (all, without) = (run(&config, &observations), run(&config, &in_time));
        prop_assert_eq!((all.0, all.1), (without.0, without.1));
        let WindowCounts { accepted, duplicate, late, unusable, .. } = windows.counts();
        prop_assert_eq!(late, (observations.len() - in_time.len()) as u64);
        prop_assert_eq!(accepted + duplicate + late + unusable, observations.len() as u64);
    }

    #[test]
    fn each_event_is_told_once_of_each_length((config, observations, picks) in cases()) {
        let single = told_apart(observations);
        let mut windows = Windows::new(config.clone()).unwrap();
        let mut order = shuffled(&single, config.lateness_secs, &picks);
        order.push(Observation::heartbeat(1e6));
        let closed: Vec<_> = order.iter().flat_map(|each| windows.update(*each).closed).collect();
        prop_assert!(closed.is_sorted_by(|one, other| (one.end, one.secs) < (other.end, other.secs)));
        let events = single.iter().filter(|each| each.value.is_some()).count() as u64;
        for secs in &config.window_secs {
            let mine: Vec<_> = closed.iter().filter(|window| window.secs == *secs).collect();
            prop_assert_eq!(mine.iter().map(|window| window.count()).sum::<u64>(), events);
            for pair in mine.windows(2) {
                let between = ((pair[1].start - pair[0].end) / secs).round();
                prop_assert_eq!(between, pair[1].missing as f64);
            }
            for window in mine {
                let inside = single.iter().filter(|each| window.start <= each.at && each.at < window.end);
                prop_assert_eq!(inside.filter(|each| each.value.is_some()).count() as u64, window.count());
            }
        }
    }

    #[test]
    fn resuming_equals_never_stopping(config in configs(), capacity in 1u32..60, observations in observations(6), cut in any::<prop::sample::Index>()) {
        let config = WindowConfig { capacity, ..config };
        let cut = cut.index(observations.len() + 1);
        let mut whole = Windows::new(config.clone()).unwrap();
        let mut parts = Windows::new(config.clone()).unwrap();
        for (t, observation) in observations.iter().enumerate() {
            if t == cut {
                parts = Windows::resume(config.clone(), &parts.snapshot()).unwrap();
            }
            let (expected, intake) = (whole.update(*observation), parts.update(*observation));
            prop_assert_eq!(expected.admission, intake.admission);
            let told = |intake: &Intake| intake.closed.iter().map(bits).collect::<Vec<_>>();
            prop_assert_eq!(told(&expected), told(&intake));
        }
        prop_assert_eq!(&whole, &parts);
        prop_assert_eq!(whole.snapshot(), parts.snapshot());
        let again = Windows::resume(config, &whole.snapshot());
        prop_assert_eq!(again, Ok(whole), "its own state passes its own checks");
    }

    #[test]
    fn many_at_once_equal_one_by_one(config in configs(), observations in observations(12)) {
        let (tumbling, _, single) = run(&config, &observations);
        let mut many = Windows::new(config).unwrap();
        let closed = many.update_many(observations);
        prop_assert_eq!(closed.iter().map(bits).collect::<Vec<_>>(), tumbling);
        prop_assert_eq!(many, single);
    }

    #[test]
    fn memory_is_bounded(config in configs(), capacity in 1u32..20, observations in observations(u64::MAX)) {
        let config = WindowConfig { capacity, ..config };
        let mut windows = Windows::new(config).unwrap();
        for observation in observations {
            windows.update(observation);
            prop_assert!(windows.kept() <= capacity as usize);
            prop_assert!(windows.snapshot().len() < 400 + 40 * capacity as usize);
        }
        let counts = windows.counts();
        prop_assert!(counts.lost <= counts.accepted);
    }

    #[test]
    fn what_no_window_needs_is_forgotten(config in configs(), observations in observations(u64::MAX)) {
        let mut windows = Windows::new(config).unwrap();
        for observation in observations {
            windows.update(observation);
        }
        windows.update(Observation::heartbeat(1e5));
        prop_assert_eq!(windows.kept(), 1);
        prop_assert_eq!(windows.counts().lost, 0);
    }

    #[test]
    fn hostile_observations_leave_every_answer_finite(
        config in configs(),
        raw in vec((any::<f64>(), any::<Option<f64>>(), any::<Option<bool>>(), any::<Option<u64>>()), 0..60),
        extreme in vec((prop::sample::select(vec![0.0, -0.0, 1e12, -1e12, 1.1e12, f64::NAN, f64::MAX, 5e-324]), prop::sample::select(vec![1e150, -1e150, 5e-324, f64::INFINITY, 0.0])), 0..40),
    ) {
        let mut windows = Windows::new(config.clone()).unwrap();
        let raw = raw.into_iter().map(|(at, value, failed, id)| Observation { at, value, failed, id });
        let extreme = extreme.into_iter().map(|(at, value)| Observation::new(at, value));
        for observation in extreme.chain(raw) {
            let before = windows.clone();
            let Intake { admission, closed } = windows.update(observation);
            let usable = observation.at.abs() <= 1e12 && observation.value.is_none_or(|value| value.abs() <= 1e150);
            prop_assert_eq!(admission == Admission::Unusable, !usable);
            if !usable {
                let unusable = before.counts().unusable + 1;
                prop_assert_eq!(windows.counts(), WindowCounts { unusable, ..before.counts() });
                prop_assert_eq!(windows.watermark(), before.watermark());
                prop_assert_eq!(windows.kept(), before.kept());
            }
            let asked = config.window_secs.iter().flat_map(|secs| [windows.rolling(*secs), windows.settled(*secs)]);
            for window in asked.flatten().chain(closed) {
                let Window { start, end, moments, .. } = window;
                let numbers = [Some(start), Some(end), window.average(), moments.sd(), window.p50(), window.p95(), window.p99(), window.error_rate()];
                prop_assert!(numbers.into_iter().flatten().all(f64::is_finite), "{window:?}");
                prop_assert!(start < end && window.p50() <= window.p95() && window.p95() <= window.p99());
            }
        }
        prop_assert!(Windows::resume(config, &windows.snapshot()).is_ok());
    }

    #[test]
    fn hostile_snapshots_are_refused_or_harmless(
        config in configs(),
        before in observations(12),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        after in observations(12),
    ) {
        let (.., windows) = run(&config, &before);
        let mut bytes = windows.snapshot();
        for length in (0..bytes.len()).step_by(STRIDE) {
            prop_assert!(Windows::resume(config.clone(), &bytes[..length]).is_err());
        }
        for (position, byte) in changes {
            let position = position.index(bytes.len());
            bytes[position] = byte;
        }
        // With its checksum mended it must be caught by what it says.
        let body = bytes.len() - 4;
        let check = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&bytes[..body]);
        bytes[body..].copy_from_slice(&check.to_le_bytes());
        if let Ok(mut windows) = Windows::resume(config, &bytes) {
            for observation in after {
                let closed = windows.update(observation).closed;
                prop_assert!(closed.iter().all(|window| window.average().is_none_or(f64::is_finite)));
            }
        }
    }
}

#[derive(Deserialize)]
struct Case {
    name: String,
    config: WindowConfig,
    observations: Vec<Observation>,
    late: u64,
    duplicate: u64,
    windows: Vec<Expected>,
}

#[derive(Deserialize)]
struct Expected {
    secs: f64,
    start: f64,
    end: f64,
    count: u64,
    missing: u64,
    average: Option<f64>,
    variance: Option<f64>,
    p50: Option<f64>,
    p95: Option<f64>,
    p99: Option<f64>,
    rate: f64,
    error_rate: Option<f64>,
}

#[test]
#[cfg_attr(miri, ignore = "reads long vectors")]
fn windows_agree_with_exact_arithmetic() {
    let cases: Vec<Case> =
        serde_json::from_str(include_str!("../../vectors/reference/windows.json")).unwrap();
    assert!(cases.len() >= 5);
    for Case { name, config, observations, late, duplicate, windows: expected } in cases {
        let mut windows = Windows::new(config).unwrap();
        let closed: Vec<_> = observations.iter().flat_map(|each| windows.update(*each).closed).collect();
        let counts = windows.counts();
        assert_eq!((counts.late, counts.duplicate, counts.unusable), (late, duplicate, 0), "{name}");
        assert_eq!(closed.len(), expected.len(), "{name}");
        for (ours, theirs) in closed.iter().zip(expected) {
            let span = (theirs.secs, theirs.start, theirs.end, theirs.count, theirs.missing);
            assert_eq!((ours.secs, ours.start, ours.end, ours.count(), ours.missing), span, "{name}");
            for (number, wanted) in [
                (ours.average(), theirs.average),
                (ours.moments.variance(), theirs.variance),
                (ours.p50(), theirs.p50),
                (ours.p95(), theirs.p95),
                (ours.p99(), theirs.p99),
                (Some(ours.rate()), Some(theirs.rate)),
                (ours.error_rate(), theirs.error_rate),
            ] {
                let close = match (number, wanted) {
                    (Some(number), Some(wanted)) => (number - wanted).abs() <= 1e-12 * wanted.abs().max(1.0),
                    (number, wanted) => number == wanted,
                };
                assert!(close, "{name} {span:?}: {number:?}, wanted {wanted:?}");
            }
        }
    }
}
