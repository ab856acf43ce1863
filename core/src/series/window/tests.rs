//! Windows, behaviour by behaviour.

use alloc::{vec, vec::Vec};

use super::*;
use crate::Sample;

fn windows(secs: &[f64], lateness_secs: f64, capacity: u32) -> Windows {
    Windows::new(WindowConfig { window_secs: secs.to_vec(), lateness_secs, capacity })
        .expect("valid settings")
}

fn told(windows: &mut Windows, observations: &[Observation]) -> Vec<Window> {
    observations.iter().flat_map(|observation| windows.update(*observation).closed).collect()
}

fn spans(closed: &[Window]) -> Vec<(f64, f64, u64, u64)> {
    closed.iter().map(|window| (window.start, window.end, window.count(), window.missing)).collect()
}

fn with_id(at: f64, value: f64, id: u64) -> Observation {
    Observation { id: Some(id), ..Observation::new(at, value) }
}

#[test]
fn a_window_answers_for_what_happened_in_it() {
    let mut windows = windows(&[10.0], 0.0, 100);
    let failed = [Some(false), Some(true), None, Some(true), Some(false)];
    let mut events = vec![];
    for (t, failed) in failed.into_iter().enumerate() {
        let at = 20.0 + 2.0 * t as f64;
        events.push(Observation { failed, ..Observation::new(at, [50.0, 10.0, 40.0, 20.0, 30.0][t]) });
    }
    assert_eq!(told(&mut windows, &events), []);
    let closed = told(&mut windows, &[Observation::heartbeat(30.0)]);
    let [window] = closed[..] else { panic!("one window closes: {closed:?}") };
    assert_eq!((window.secs, window.start, window.end), (10.0, 20.0, 30.0));
    assert_eq!((window.count(), window.average(), window.rate()), (5, Some(30.0), 0.5));
    assert_eq!(window.moments.variance(), Some(200.0));
    // Ranks 2, 3.8 and 3.96 of 10, 20, 30, 40, 50.
    assert_eq!(window.p50(), Some(30.0));
    assert!((window.p95().unwrap() - 48.0).abs() < 1e-12 && (window.p99().unwrap() - 49.6).abs() < 1e-12);
    assert_eq!((window.judged, window.failures, window.error_rate()), (4, 2, Some(0.5)));
    assert!(window.complete);
}

#[test]
fn a_boundary_belongs_to_the_window_that_it_starts() {
    let mut windows = windows(&[60.0], 0.0, 100);
    let events = [-60.0, -0.1, -0.0, 59.9, 60.0, 120.0].map(|at| Observation::new(at, at));
    let closed = told(&mut windows, &events);
    assert_eq!(spans(&closed), [(-60.0, 0.0, 2, 0), (0.0, 60.0, 2, 0), (60.0, 120.0, 1, 0)]);
}

#[test]
fn a_window_closes_when_the_watermark_reaches_its_end() {
    let mut windows = windows(&[60.0], 5.0, 100);
    assert_eq!(told(&mut windows, &[Observation::new(1.0, 1.0), Observation::new(64.9, 1.0)]), []);
    assert_eq!(spans(&told(&mut windows, &[Observation::new(65.0, 1.0)])), [(0.0, 60.0, 1, 0)]);
    assert_eq!(windows.watermark(), Some(60.0));
}

#[test]
fn late_within_the_lateness_is_put_in_order_and_later_is_dropped() {
    let mut windows = windows(&[10.0], 5.0, 100);
    for (at, wanted) in [
        (8.0, Admission::Accepted),
        (13.0, Admission::Accepted),
        (8.0, Admission::Accepted),
        (7.9, Admission::Late),
        (15.0, Admission::Accepted),
        (9.9, Admission::Late),
    ] {
        assert_eq!(windows.update(Observation::new(at, at)).admission, wanted, "{at}");
    }
    let rolling = windows.rolling(10.0).unwrap();
    assert_eq!((rolling.start, rolling.end, rolling.count()), (5.0, 15.0, 4));
    assert_eq!(windows.counts(), WindowCounts { accepted: 4, late: 2, ..WindowCounts::default() });
}

#[test]
fn an_empty_window_is_told_and_a_missing_one_is_counted() {
    let mut windows = windows(&[10.0], 0.0, 100);
    let closed = told(
        &mut windows,
        &[
            Observation::new(5.0, 1.0),
            Observation::heartbeat(15.0),
            Observation::new(45.0, 1.0),
            Observation::heartbeat(55.0),
            Observation::heartbeat(60.0),
        ],
    );
    assert_eq!(
        spans(&closed),
        [(0.0, 10.0, 1, 0), (10.0, 20.0, 0, 0), (40.0, 50.0, 1, 2), (50.0, 60.0, 0, 0)]
    );
    let empty = closed[1];
    assert_eq!((empty.rate(), empty.average(), empty.p50(), empty.error_rate()), (0.0, None, None, None));
}

#[test]
fn a_leap_of_the_clock_tells_no_flood_of_windows() {
    let mut windows = windows(&[0.001, 60.0], 0.0, 100);
    let events = [-1e12, 1e12, 1e12].map(|at| Observation::new(at, 1.0));
    let closed = told(&mut windows, &events);
    assert_eq!(closed.iter().map(|window| window.secs).collect::<Vec<_>>(), [0.001, 60.0]);
}

#[test]
fn each_length_has_its_own_windows() {
    let mut windows = windows(&[60.0, 300.0, 900.0], 0.0, 2_000);
    let mut closed = vec![];
    for second in 0..=900 {
        closed.extend(windows.update(Observation::new(f64::from(second), 1.0)).closed);
    }
    let number = |secs: f64| closed.iter().filter(|window| window.secs == secs).count();
    assert_eq!((number(60.0), number(300.0), number(900.0)), (15, 3, 1));
    assert!(closed.iter().all(|window| window.count() as f64 == window.secs && window.rate() == 1.0));
    assert!(closed.is_sorted_by(|one, other| (one.end, one.secs) < (other.end, other.secs)));
}

#[test]
fn of_several_with_one_id_the_first_in_time_counts() {
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let copies = [with_id(3.0, 7.0, 1), with_id(4.0, 1.0, 1), with_id(4.0, 2.0, 1)];
        let mut windows = windows(&[10.0], 5.0, 100);
        told(&mut windows, &order.map(|position| copies[position]));
        let rolling = windows.rolling(10.0).unwrap();
        assert_eq!((rolling.count(), rolling.average()), (1, Some(7.0)), "{order:?}");
        assert_eq!((windows.counts().accepted, windows.counts().duplicate), (1, 2), "{order:?}");
    }
}

#[test]
fn an_id_is_remembered_for_the_longest_window() {
    let mut windows = windows(&[10.0, 30.0], 5.0, 100);
    for (at, wanted) in [
        (0.0, Admission::Accepted),
        (30.0, Admission::Duplicate),
        (30.5, Admission::Accepted),
        (0.0, Admission::Duplicate),
        (60.5, Admission::Duplicate),
        (61.0, Admission::Accepted),
        (0.0, Admission::Late),
    ] {
        assert_eq!(windows.update(with_id(at, 1.0, 9)).admission, wanted, "{at}");
    }
}

#[test]
fn equal_observations_without_ids_all_count() {
    let mut windows = windows(&[10.0], 0.0, 100);
    told(&mut windows, &[Observation::new(1.0, 2.0); 3]);
    assert_eq!(windows.rolling(10.0).unwrap().count(), 3);
}

#[test]
fn what_is_lost_for_want_of_room_is_the_oldest_and_is_counted() {
    let mut windows = windows(&[10.0], 0.0, 3);
    let events = [0.0, 1.0, 2.0, 3.0, 4.0].map(|at| Observation::new(at, at));
    assert_eq!(told(&mut windows, &events), []);
    assert_eq!((windows.counts().accepted, windows.counts().lost, windows.kept()), (5, 2, 3));
    let closed = told(&mut windows, &[Observation::new(10.0, 1.0), Observation::new(20.0, 1.0)]);
    assert_eq!(spans(&closed), [(0.0, 10.0, 3, 0), (10.0, 20.0, 1, 0)]);
    assert_eq!(closed.iter().map(|window| window.complete).collect::<Vec<_>>(), [false, true]);
}

#[test]
fn what_was_not_heard_from_its_start_is_not_complete() {
    let mut windows = windows(&[10.0], 0.0, 100);
    let events = [12.0, 20.0, 22.0, 30.0].map(|at| Observation::new(at, 1.0));
    let closed = told(&mut windows, &events[..2]);
    assert_eq!((spans(&closed), closed[0].complete), (vec![(10.0, 20.0, 1, 0)], false));
    assert!(!windows.rolling(10.0).unwrap().complete);
    assert!(told(&mut windows, &events[2..])[0].complete);
    assert!(windows.rolling(10.0).unwrap().complete && windows.settled(10.0).unwrap().complete);
}

#[test]
fn rolling_windows_end_with_the_newest_and_settled_ones_before_the_watermark() {
    let mut windows = windows(&[10.0], 5.0, 100);
    assert!(windows.rolling(10.0).is_none() && windows.settled(10.0).is_none());
    told(&mut windows, &[0.0, 5.0, 10.0, 15.0, 20.0].map(|at| Observation::new(at, at)));
    let (rolling, settled) = (windows.rolling(10.0).unwrap(), windows.settled(10.0).unwrap());
    assert_eq!((rolling.start, rolling.end, rolling.average()), (10.0, 20.0, Some(17.5)));
    assert_eq!((settled.start, settled.end, settled.average()), (5.0, 15.0, Some(7.5)));
    assert!(windows.rolling(11.0).is_none() && windows.settled(f64::NAN).is_none());
}

#[test]
fn settings_that_cannot_be_are_named() {
    let config = WindowConfig::default;
    for (wrong, name) in [
        (WindowConfig { window_secs: vec![], ..config() }, "window_secs"),
        (WindowConfig { window_secs: vec![1.0; 9], ..config() }, "window_secs"),
        (WindowConfig { window_secs: vec![60.0, 60.0], ..config() }, "window_secs"),
        (WindowConfig { window_secs: vec![0.0], ..config() }, "window_secs"),
        (WindowConfig { window_secs: vec![60.0, f64::NAN], ..config() }, "window_secs"),
        (WindowConfig { lateness_secs: -1.0, ..config() }, "lateness_secs"),
        (WindowConfig { lateness_secs: f64::INFINITY, ..config() }, "lateness_secs"),
        (WindowConfig { capacity: 0, ..config() }, "capacity"),
        (WindowConfig { capacity: u32::MAX, ..config() }, "capacity"),
    ] {
        let error = Windows::new(wrong.clone()).unwrap_err();
        assert!(matches!(error, Error::OutOfRange { field, .. } if field == name), "{wrong:?}: {error}");
        assert_eq!(Windows::resume(wrong, &[]).unwrap_err().code(), "out_of_range");
    }
}

#[test]
fn a_snapshot_fits_its_lengths_and_nothing_else() {
    let mut windows = windows(&[10.0, 30.0], 5.0, 100);
    told(&mut windows, &[0.0, 8.0, 40.0].map(|at| Observation::new(at, at)));
    let saved = windows.snapshot();
    let config = windows.config().clone();
    assert_eq!(Windows::resume(config.clone(), &saved), Ok(windows.clone()));
    let other = WindowConfig { window_secs: vec![30.0, 10.0], ..config.clone() };
    assert_eq!(Windows::resume(other, &saved), Err(Error::SnapshotMismatch));
    let monitor = crate::Monitor::new(crate::MonitorConfig::default()).unwrap().snapshot();
    assert_eq!(Windows::resume(config.clone(), &monitor), Err(Error::SnapshotMismatch));

    let mut patient =
        Windows::resume(WindowConfig { lateness_secs: 100.0, ..config.clone() }, &saved).unwrap();
    assert_eq!(patient.update(Observation::new(20.0, 1.0)).admission, Admission::Late);
    let small = Windows::resume(WindowConfig { capacity: 1, ..config }, &saved).unwrap();
    assert_eq!((small.kept(), small.counts().lost), (1, windows.kept() as u64 - 1));
}

#[test]
fn states_that_no_update_leads_to_are_refused() {
    let mut sound = windows(&[10.0], 5.0, 100);
    told(&mut sound, &[with_id(0.0, 1.0, 1), with_id(18.0, 1.0, 1), with_id(19.0, 1.0, 2)]);
    assert!(Windows::resume(sound.config().clone(), &sound.snapshot()).is_ok());
    let refused = |change: fn(&mut State, &mut VecDeque<Observation>)| {
        let (mut state, mut kept) = (sound.state.clone(), sound.buffer.kept().clone());
        change(&mut state, &mut kept);
        let bytes = snapshot::seal(snapshot::Kind::Windows, &(&state, &kept));
        Windows::resume(sound.config().clone(), &bytes) == Err(Error::SnapshotCorrupt)
    };
    assert!(!refused(|_, _| ()));
    assert!(refused(|_, kept| kept.swap(0, 1)));
    assert!(refused(|_, kept| kept[0] = kept[1]));
    assert!(refused(|_, kept| kept[0].value = Some(f64::NAN)));
    assert!(refused(|_, kept| kept[0].value = Some(2.0 * Sample::LIMIT)));
    assert!(refused(|_, kept| kept[0].at = f64::NAN));
    assert!(refused(|state, _| state.progress = None));
    assert!(refused(|state, _| state.lost = Some(f64::INFINITY)));
    assert!(refused(|state, _| state.tumbling[0].next = Some(i64::MAX)));
    assert!(refused(|state, _| state.progress.as_mut().unwrap().newest = f64::NAN));
    assert!(refused(|state, _| state.progress.as_mut().unwrap().watermark = 1e300));
    assert!(refused(|state, _| state.progress.as_mut().unwrap().first = 18.5));
}

#[test]
fn rounding_forgets_nothing_of_an_open_window() {
    for secs in [0.7, 0.1, 1.1, 3.3, 1.0 / 3.0, 60.0] {
        // Miri, which interprets every step, is given few of them.
        let stride = if cfg!(miri) { 150 } else { 1 };
        for number in (-600..600).step_by(stride).map(f64::from) {
            let (start, end) = (number * secs, (number + 1.0) * secs);
            let mut windows = windows(&[secs], 0.0, 100);
            let events = [start, end.next_down(), end].map(|at| Observation::new(at, 1.0));
            assert_eq!(spans(&told(&mut windows, &events)), [(start, end, 2, 0)]);
        }
    }
}
