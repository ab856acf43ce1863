//! Once warm, the corridor allocates nothing, whatever baseline and detector it is made of.

#![expect(unsafe_code, reason = "counting allocations takes an allocator of one's own")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

use drift_sre::{
    Adaptive, AdaptiveConfig, Baseline, ChartConfig, Detector, Fleet, Monitor, MonitorConfig, Rolling,
    Sample, Seasonality, Trend,
};

struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: hands everything to the system's allocator; counting touches no memory but its own.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.set(COUNT.get() + 1);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Quiet, a ramp, and quiet again: every state is passed through.
fn value(t: u32) -> f64 {
    let ramp = (t % 5_000).checked_sub(3_000).filter(|since| *since < 200).unwrap_or(0);
    [0.9, -1.2, -0.5, 0.8][(t % 4) as usize] + f64::from(ramp)
}

#[test]
fn a_warm_monitor_allocates_nothing() {
    let robust = Baseline::Rolling(Rolling { robust: true, ..Rolling::default() });
    for baseline in Baseline::all().chain([robust]) {
        let trend = Detector::Trend(Trend { block: 10, ..Trend::default() });
        for detector in Detector::all().chain([trend]) {
            let mut monitor =
                Monitor::new(MonitorConfig { baseline, detector, ..MonitorConfig::default() }).unwrap();
            let mut run = |times: std::ops::Range<u32>| {
                times
                    .filter(|t| monitor.update(Sample::new(f64::from(*t), value(*t))).event.is_some())
                    .count()
            };
            run(0..2_000);
            let before = COUNT.get();
            let events = run(2_000..20_000);
            assert_eq!(COUNT.get() - before, 0, "{baseline:?} {detector:?}");
            let slow = detector == Detector::Trend(Trend::default());
            assert!(slow || events >= 2, "{baseline:?} {detector:?}");
        }
    }
}

#[test]
fn a_warm_fleet_allocates_only_for_its_answer() {
    let mut fleet = Fleet::new(ChartConfig::default(), 100).unwrap();
    let mut row = [0.0; 100];
    for t in 0..1_000 {
        row.fill(value(t));
        let before = COUNT.get();
        let alarms = fleet.tick(&row).unwrap();
        assert!(t < 100 || alarms.is_empty());
        assert!(t < 100 || COUNT.get() == before);
    }
}

#[test]
fn a_warm_adaptive_detector_allocates_nothing_but_to_look_for_a_season() {
    for (season, compact) in [(Seasonality::None, false), (Seasonality::Auto, true)] {
        let config = AdaptiveConfig { season, compact, ..AdaptiveConfig::default() };
        let mut adaptive = Adaptive::new(config).unwrap();
        let mut run = |times: std::ops::Range<u32>| {
            times.filter(|t| adaptive.update(Sample::new(f64::from(*t), value(*t))).event.is_some()).count()
        };
        run(0..2_000);
        let before = COUNT.get();
        let events = run(2_000..20_000);
        assert_eq!(COUNT.get() - before, 0, "{config:?}");
        assert!(events >= 2, "{config:?}");
    }
}
