//! What a monitor of one series does, behaviour by behaviour.

use drift_sre::{
    Baseline, Cause, Decision, Detector, Direction, Error, Event, Exit, Exponential, Kind, Monitor,
    MonitorConfig, PageHinkley, Rules, RunRule, Sample, Scale, Severity, State, Transform,
};

/// Noise without randomness: four values that repeat, mean 0, of about unit spread.
fn noise(t: u32) -> f64 {
    [0.9, -1.2, -0.5, 0.8][(t % 4) as usize]
}

fn events(monitor: &mut Monitor, times: std::ops::Range<u32>, level: impl Fn(u32) -> f64) -> Vec<Event> {
    let sample = |t: u32| Sample::new(f64::from(t), level(t) + noise(t));
    times.filter_map(|t| monitor.update(sample(t)).event).collect()
}

fn learned(config: MonitorConfig) -> Monitor {
    let mut monitor = Monitor::new(config).expect("valid settings");
    assert_eq!(events(&mut monitor, 0..500, |_| 20.0), []);
    assert_eq!(monitor.state(), State::InControl);
    monitor
}

#[test]
fn a_rise_opens_with_direction_size_and_onset_and_closes_when_it_is_over() {
    let mut monitor = learned(MonitorConfig::default());
    let told = events(&mut monitor, 500..700, |t| if t < 600 { 32.0 } else { 20.0 });
    let [opened, closed] = told[..] else { panic!("one drift opens and closes: {told:?}") };
    assert_eq!((opened.kind, opened.cause, opened.direction), (Kind::Opened, Cause::Drift, Direction::Up));
    assert_eq!(opened.severity, Severity::Critical);
    assert_eq!(opened.onset, 500.0);
    assert!(opened.at < 510.0, "{opened:?}");
    assert!((opened.evidence.baseline - 20.0).abs() < 0.2, "{opened:?}");
    assert!((opened.evidence.level - 32.0).abs() < 0.5, "{opened:?}");
    assert_eq!((closed.kind, closed.cause, closed.onset), (Kind::Closed, Cause::Recovered, 500.0));
    assert!((600.0..612.0).contains(&closed.at), "{closed:?}");
    assert!((monitor.level().unwrap() - 20.0).abs() < 0.2, "nothing was learned from the drift");
}

#[test]
fn a_fall_is_told_as_a_fall() {
    let mut monitor = learned(MonitorConfig::default());
    let told = events(&mut monitor, 500..560, |_| 8.0);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].direction, Direction::Down);
    assert!(told[0].evidence.sigmas < -6.0);
}

#[test]
fn a_small_shift_is_a_warning_and_not_critical() {
    let mut monitor = learned(MonitorConfig::default());
    let told = events(&mut monitor, 500..700, |_| 22.0);
    assert_eq!(told.len(), 1, "one drift, one event, for as long as it lasts");
    assert_eq!(told[0].severity, Severity::Warning);
}

#[test]
fn a_spike_is_no_drift() {
    let mut monitor = learned(MonitorConfig::default());
    assert_eq!(events(&mut monitor, 500..700, |t| if t % 50 == 0 { 5_000.0 } else { 20.0 }), []);
}

#[test]
fn a_lasting_regression_stays_a_drift() {
    let mut monitor = learned(MonitorConfig::default());
    assert_eq!(events(&mut monitor, 500..5_000, |_| 32.0).len(), 1);
    assert_eq!(monitor.state(), State::Drifting);
}

#[test]
fn accepting_makes_the_present_level_normal() {
    let mut monitor = learned(MonitorConfig::default());
    events(&mut monitor, 500..600, |_| 32.0);
    let closed = monitor.accept().unwrap();
    assert_eq!((closed.kind, closed.cause), (Kind::Closed, Cause::Accepted));
    assert_eq!(monitor.accept(), None);
    assert_eq!(events(&mut monitor, 600..1_200, |_| 32.0), []);
    assert_eq!(events(&mut monitor, 1_200..1_260, |_| 44.0).len(), 1, "and from there the next rise is seen");
}

#[test]
fn a_drift_is_adopted_after_the_time_that_was_set() {
    let decision = Decision { adopt_secs: Some(100.0), ..Decision::default() };
    let mut monitor = learned(MonitorConfig { decision, ..MonitorConfig::default() });
    let told = events(&mut monitor, 500..1_000, |_| 32.0);
    assert_eq!(told.len(), 2);
    assert_eq!(told[1].cause, Cause::Adopted);
    assert_eq!(told[1].at - told[0].at, 100.0);
    assert!((monitor.level().unwrap() - 32.0).abs() < 0.5);
}

#[test]
fn silence_makes_a_series_stale_and_closes_its_drift() {
    let decision = Decision { idle_secs: Some(60.0), ..Decision::default() };
    let mut monitor = learned(MonitorConfig { decision, ..MonitorConfig::default() });
    events(&mut monitor, 500..520, |_| 32.0);
    assert_eq!(monitor.advance(579.0), None);
    let closed = monitor.advance(580.0).unwrap();
    assert_eq!((closed.cause, monitor.state()), (Cause::NoData, State::Stale));
    assert_eq!(events(&mut monitor, 900..960, |_| 20.0), [], "it resumes with what it knew");
    assert_eq!(monitor.state(), State::InControl);
}

#[test]
fn a_silence_that_nobody_told_of_is_noticed_at_the_next_sample() {
    let decision = Decision { idle_secs: Some(60.0), ..Decision::default() };
    let mut monitor = learned(MonitorConfig { decision, ..MonitorConfig::default() });
    events(&mut monitor, 500..520, |_| 32.0);
    let told = events(&mut monitor, 900..905, |_| 20.0);
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].kind, told[0].cause), (Kind::Closed, Cause::NoData));
}

#[test]
fn resetting_forgets_all_and_closes_the_drift() {
    let mut monitor = learned(MonitorConfig::default());
    events(&mut monitor, 500..520, |_| 32.0);
    assert_eq!(monitor.reset().unwrap().cause, Cause::Reset);
    assert_eq!((monitor.state(), monitor.level(), monitor.samples()), (State::WarmingUp, None, 0));
    assert_eq!(events(&mut monitor, 520..800, |_| 32.0), []);
}

#[test]
fn classical_use_alarms_and_adopts_at_once() {
    let config = MonitorConfig {
        baseline: Baseline::Exponential(Exponential {
            alpha: 0.1,
            min_samples: 30,
            scale: Scale::Fixed(1.0),
        }),
        detector: Detector::PageHinkley(PageHinkley { delta: 0.05, cap: None, ..PageHinkley::default() }),
        decision: Decision { exit: Some(Exit::Adopt), ..Decision::default() },
        ..MonitorConfig::default()
    };
    let mut monitor = learned(config);
    let told = events(&mut monitor, 500..560, |_| 60.0);
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].kind, monitor.state()), (Kind::Opened, State::InControl));
    assert!((monitor.level().unwrap() - 60.0).abs() < 1.0);
}

#[test]
fn heavy_tails_are_judged_by_their_logarithm() {
    let config = MonitorConfig { transform: Transform::Log, ..MonitorConfig::default() };
    let mut monitor = Monitor::new(config).unwrap();
    let traffic = |t: u32| if t < 500 { 1e5 } else { 1e7 } * (1.5_f64).powf(noise(t));
    let told: Vec<_> =
        (0..560).filter_map(|t| monitor.update(Sample::new(f64::from(t), traffic(t))).event).collect();
    assert_eq!(told.len(), 1);
    let evidence = told[0].evidence;
    assert!((9e4..1.1e5).contains(&evidence.baseline), "in the metric's own unit: {evidence:?}");
    assert!((9e6..1.1e7).contains(&evidence.level), "in the metric's own unit: {evidence:?}");
}

#[test]
fn a_constant_series_that_changes_for_good_is_a_drift() {
    let mut monitor = Monitor::new(MonitorConfig::default()).unwrap();
    let value = |t: u32| if t < 200 { 5.0 } else { 6.0 };
    let told: Vec<_> =
        (0..300).filter_map(|t| monitor.update(Sample::new(f64::from(t), value(t))).event).collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].onset, 200.0);
}

#[test]
fn refused_settings_name_field_value_and_what_was_wanted() {
    let base = MonitorConfig::default();
    let with_baseline = |baseline| MonitorConfig { baseline: Baseline::Exponential(baseline), ..base };
    let exponential = Exponential::default();
    let with_detector = |detector| MonitorConfig { detector: Detector::PageHinkley(detector), ..base };
    let with_decision = |decision| MonitorConfig { decision, ..base };
    let enter = Some(Rules::one(RunRule { hits: 3, window: 1, level: 1.0 }));
    let table = [
        (with_baseline(Exponential { alpha: f64::NAN, ..exponential }), "alpha must be in (0, 1], got NaN"),
        (
            with_baseline(Exponential { scale: Scale::Fixed(0.0), ..exponential }),
            "scale must be a positive number, got 0",
        ),
        (
            with_baseline(Exponential { min_samples: 7, ..exponential }),
            "min_samples must be 8 to 65,536 with an automatic scale, got 7",
        ),
        (
            with_baseline(Exponential { scale: Scale::Auto { floor: -1.0 }, ..exponential }),
            "floor must be 0 or a positive number, got -1",
        ),
        (
            with_detector(PageHinkley { delta: -0.5, ..PageHinkley::default() }),
            "delta must be a number of at least 0, got -0.5",
        ),
        (
            with_detector(PageHinkley { threshold: f64::INFINITY, ..PageHinkley::default() }),
            "threshold must be a positive number, got inf",
        ),
        (
            with_detector(PageHinkley { cap: Some(0.0), ..PageHinkley::default() }),
            "cap must be a positive number, got 0",
        ),
        (
            with_decision(Decision { enter, ..base.decision }),
            "enter must be a rule of 1 to window hits, got 3",
        ),
        (
            with_decision(Decision { warn: Some(-1.0), ..base.decision }),
            "warn must be a number of at least 0, got -1",
        ),
        (
            with_decision(Decision { idle_secs: Some(0.0), ..base.decision }),
            "idle_secs must be a positive number of seconds, got 0",
        ),
    ];
    for (config, message) in table {
        let error = Monitor::new(config).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert_eq!(error.code(), "out_of_range");
    }
}

#[test]
fn every_error_has_a_code_of_its_own() {
    let errors = [
        Error::OutOfRange { field: "alpha", value: 2.0, wanted: "in (0, 1]" },
        Error::SnapshotCorrupt,
        Error::SnapshotVersion { found: 9, wanted: 1 },
        Error::SnapshotMismatch,
        Error::NotCalibrated { needed: 3 },
        Error::UnknownDetection { id: 7 },
    ];
    assert_eq!(errors.map(|error| error.code()), Error::CODES);
}

#[test]
fn reconfiguring_to_what_cannot_go_on_changes_nothing() {
    let mut monitor = learned(MonitorConfig::default());
    let before = monitor.clone();
    let fixed = Exponential { scale: Scale::Fixed(1.0), ..Exponential::default() };
    let fixed = Baseline::Exponential(fixed);
    let refused = monitor.reconfigure(MonitorConfig { baseline: fixed, ..MonitorConfig::default() });
    assert_eq!(refused, Err(Error::SnapshotMismatch));
    let invalid = Baseline::Exponential(Exponential { alpha: 0.0, ..Exponential::default() });
    assert!(monitor.reconfigure(MonitorConfig { baseline: invalid, ..MonitorConfig::default() }).is_err());
    assert_eq!(monitor, before);
}
