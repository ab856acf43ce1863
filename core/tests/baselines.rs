//! What each baseline takes for normal, with answers worked out by hand.

use drift_sre::{
    Baseline, Cause, Decision, Detector, Exit, Fixed, Forgetting, Learning, Monitor, MonitorConfig, Rolling,
    RunRule, Sample, State, ZScore,
};

/// A threshold of 1, so that a score is the z-value itself.
fn monitor(baseline: Baseline, decision: Decision) -> Monitor {
    let detector = Detector::ZScore(ZScore { threshold: 1.0, ..ZScore::default() });
    Monitor::new(MonitorConfig { baseline, detector, decision, ..MonitorConfig::default() })
        .expect("valid settings")
}

/// Learns whatever happens.
fn open_minded() -> Decision {
    Decision { learning: Learning::Always, ..Decision::default() }
}

fn feed(monitor: &mut Monitor, values: &[f64]) -> Option<f64> {
    let start = monitor.samples() as f64;
    let mut score = None;
    for (t, value) in values.iter().enumerate() {
        score = monitor.update(Sample::new(start + t as f64, *value)).score;
    }
    score.map(|score| score.value)
}

fn close(left: Option<f64>, right: f64) -> bool {
    left.is_some_and(|left| (left - right).abs() < 1e-12 * right.abs().max(1.0))
}

#[test]
fn rolling_is_mean_and_standard_deviation_of_the_newest() {
    let rolling =
        Rolling { size: 4, min_samples: 4, refresh_every: 1, relative_floor: 0.0, ..Rolling::default() };
    let mut monitor = monitor(Baseline::Rolling(rolling), open_minded());
    assert_eq!(feed(&mut monitor, &[100.0, 1.0, 2.0]), None);
    assert_eq!(monitor.state(), State::WarmingUp);
    feed(&mut monitor, &[3.0, 4.0]);
    assert_eq!(monitor.level(), Some(2.5));
    let sd = (5.0_f64 / 3.0).sqrt();
    assert!(close(feed(&mut monitor, &[10.0]), 7.5 / sd));
    assert_eq!(monitor.level(), Some(4.75), "of 2, 3, 4 and 10");
}

#[test]
fn rolling_is_computed_anew_once_in_fifty_samples() {
    let mut monitor = monitor(Baseline::Rolling(Rolling::default()), open_minded());
    let mut computed = 0;
    let mut level = None;
    for t in 0..5_000 {
        monitor.update(Sample::new(f64::from(t), f64::from(t)));
        if monitor.level() != level {
            level = monitor.level();
            computed += 1;
        }
    }
    assert_eq!(computed, 99);
    assert_eq!(level, Some(4_499.5), "of the last thousand");
}

#[test]
fn rolling_forgets_what_is_too_old() {
    let rolling =
        Rolling { max_age_secs: Some(10.0), min_samples: 2, refresh_every: 1, ..Rolling::default() };
    let mut monitor = monitor(Baseline::Rolling(rolling), open_minded());
    for (at, value) in [(0.0, 50.0), (1.0, 52.0), (100.0, 10.0), (101.0, 12.0)] {
        monitor.update(Sample::new(at, value));
    }
    assert_eq!(monitor.level(), Some(11.0));
}

#[test]
fn robust_rolling_is_not_moved_by_an_outlier() {
    let rolling =
        Rolling { size: 5, min_samples: 5, robust: true, relative_floor: 0.0, ..Rolling::default() };
    let mut monitor = monitor(Baseline::Rolling(rolling), open_minded());
    feed(&mut monitor, &[1.0, 2.0, 3.0, 4.0, 1e9]);
    assert_eq!(monitor.level(), Some(3.0));
    // Median absolute deviation 1; a normal distribution's is .6745 of its standard deviation.
    assert!(close(feed(&mut monitor, &[5.0]), 2.0 * 0.674_489_750_196_081_7));
}

#[test]
fn a_constant_series_has_the_least_spread_and_not_none() {
    let mut monitor = monitor(Baseline::Rolling(Rolling::default()), open_minded());
    feed(&mut monitor, &[200.0; 150]);
    assert!(close(feed(&mut monitor, &[203.0]), 1.5), "1 % of the level");
}

#[test]
fn fixed_is_what_it_was_given_and_never_learns() {
    let fixed = Fixed { count: 5.0, mean: 20.0, m2: 16.0, floor: 0.0 };
    let mut monitor = monitor(Baseline::Fixed(fixed), open_minded());
    assert!(close(feed(&mut monitor, &[26.0]), 3.0), "no warm-up");
    feed(&mut monitor, &[26.0; 1_000]);
    assert!(close(feed(&mut monitor, &[18.0]), 1.0));
}

#[test]
fn forgetting_without_a_half_life_is_the_mean_of_everything() {
    let all = Forgetting { half_life: None, min_samples: 2, floor: 0.0 };
    let mut monitor = monitor(Baseline::Forgetting(all), open_minded());
    feed(&mut monitor, &[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
    assert_eq!(monitor.level(), Some(5.0));
    assert!(close(feed(&mut monitor, &[11.0]), 6.0 / (32.0_f64 / 7.0).sqrt()));
}

#[test]
fn forgetting_halves_a_sample_with_each_half_life() {
    let quick = Forgetting { half_life: Some(1.0), min_samples: 2, floor: 0.0 };
    let mut monitor = monitor(Baseline::Forgetting(quick), open_minded());
    feed(&mut monitor, &[8.0, 4.0, 2.0]);
    let weights = 1.0 / 4.0 + 1.0 / 2.0 + 1.0;
    assert!(close(monitor.level(), (8.0 / 4.0 + 4.0 / 2.0 + 2.0) / weights));
}

#[test]
fn the_spread_of_a_long_stream_neither_grows_nor_shrinks() {
    let mut monitor =
        monitor(Baseline::Forgetting(Forgetting { half_life: None, ..Forgetting::default() }), open_minded());
    // Two values alternating about 100: standard deviation 10.
    for t in 0..20_000 {
        monitor.update(Sample::new(f64::from(t), if t % 2 == 0 { 90.0 } else { 110.0 }));
    }
    let score = feed(&mut monitor, &[120.0]).unwrap();
    assert!((score - 2.0).abs() < 0.001, "{score}");
}

#[test]
fn a_lasting_regression_is_absorbed_only_by_a_baseline_that_always_learns() {
    let noise = |t: u32| 25.0 * [0.9, -1.2, -0.5, 0.8][(t % 4) as usize];
    let run = |decision: Decision| {
        let baseline = Baseline::Rolling(Rolling::default());
        let config = MonitorConfig {
            baseline,
            detector: Detector::ZScore(ZScore::default()),
            decision,
            ..MonitorConfig::default()
        };
        let mut monitor = Monitor::new(config).unwrap();
        let latency = |t: u32| noise(t) + if t < 600 { 150.0 } else { 500.0 };
        (0..3_600)
            .filter_map(|t| monitor.update(Sample::new(f64::from(t), latency(t))).event)
            .collect::<Vec<_>>()
    };
    let mended = run(Decision::default());
    assert_eq!(mended.len(), 1, "still drifting after 3,000 samples");
    assert_eq!((mended[0].onset, mended[0].at), (600.0, 604.0));
    assert_eq!(mended[0].fired.unwrap().hits, 5);
    let exit = Some(Exit::Within(RunRule { hits: 50, window: 50, level: 2.0 / 3.0 }));
    let literal = run(Decision { learning: Learning::Always, exit, ..Decision::default() });
    assert_eq!(literal[1].cause, Cause::Recovered, "taken for normal though nothing got better");
}
