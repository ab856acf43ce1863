//! What each detector makes of a series, with answers worked out by hand.

use drift_sre::{
    Aspect, Baseline, Cause, Chart, ChartConfig, Cusum, Decision, Detector, Direction, Event, Ewma, Fixed,
    Forgetting, Kind, Learning, Monitor, MonitorConfig, PageHinkley, Sample, Sides, State, Trend,
    WindowShift, ZScore,
};

const REFERENCE: Baseline = Baseline::Fixed(Fixed { count: 10_001.0, mean: 0.0, m2: 10_000.0, floor: 0.0 });

/// Values are z-values: the reference has mean 0 and standard deviation 1.
fn standard(detector: Detector) -> ChartConfig {
    ChartConfig { baseline: REFERENCE, detector, ..ChartConfig::default() }
}

fn scores(detector: Detector, values: &[f64]) -> Vec<f64> {
    Chart::new(standard(detector)).expect("valid").score_many(values).flatten().collect()
}

/// The same of a monitor, which does not start afresh after an alarm.
fn watched(detector: Detector, values: &[f64]) -> Vec<f64> {
    let config = MonitorConfig { baseline: REFERENCE, detector, ..MonitorConfig::default() };
    let mut monitor = Monitor::new(config).expect("valid");
    let scores =
        values.iter().zip(0..).map(|(value, t)| monitor.update(Sample::new(f64::from(t), *value)).score);
    scores.flatten().map(|score| score.value).collect()
}

fn events(detector: Detector, values: &[f64]) -> Vec<Event> {
    let config = MonitorConfig { baseline: REFERENCE, detector, ..MonitorConfig::default() };
    let mut monitor = Monitor::new(config).expect("valid");
    let sample = |(t, value): (usize, &f64)| Sample::new(t as f64, *value);
    values.iter().enumerate().filter_map(|each| monitor.update(sample(each)).event).collect()
}

fn times(event: &Event) -> (f64, f64) {
    (event.onset, event.at)
}

#[test]
fn z_score_opens_at_five_in_a_row_or_ten_of_twenty() {
    let detector = Detector::ZScore(ZScore::default());
    let calm = vec![0.0; 30];
    assert_eq!(events(detector, &[&calm[..], &[3.1; 4], &calm[..]].concat()), []);
    let severe = events(detector, &[&calm[..], &[3.1; 5]].concat());
    assert_eq!(times(&severe[0]), (30.0, 34.0));
    let every_other: Vec<f64> = (0..40).map(|t| if t % 2 == 0 { 2.6 } else { 0.0 }).collect();
    let moderate = events(detector, &[&calm[..], &every_other].concat());
    assert_eq!(times(&moderate[0]), (30.0, 48.0));
    assert_eq!(moderate[0].fired.unwrap().hits, 10);
    assert_eq!(events(detector, &[2.9; 9]), [], "nine of twenty");
}

#[test]
fn z_score_closes_when_forty_five_of_fifty_are_back() {
    let detector = Detector::ZScore(ZScore::default());
    let after = |outliers: usize| {
        let mut tail = vec![0.0; 50];
        tail[..outliers].fill(2.5);
        events(detector, &[&[4.0; 5][..], &tail].concat())
    };
    assert_eq!(after(5).last().unwrap().kind, Kind::Closed);
    assert_eq!(after(6).last().unwrap().kind, Kind::Opened);
}

#[test]
fn cusum_adds_what_exceeds_its_slack() {
    let detector = Detector::Cusum(Cusum::default());
    assert_eq!(scores(detector, &[1.0, 1.0, 0.0, -3.0, 2.5]), [0.1, 0.2, 0.1, 0.5, 0.4]);
    let chart_scores = scores(detector, &[1.0; 12]);
    let alarm = chart_scores.iter().position(|score| *score > 1.0);
    assert_eq!(alarm, Some(10), "half a sigma a sample passes 5 at the eleventh");
}

#[test]
fn ewma_is_a_mean_against_its_own_limits() {
    let detector = Detector::Ewma(Ewma { weight: 0.5, threshold: 3.0, direction: Sides::Both });
    let scores = scores(detector, &[3.0, 1.0]);
    // e = 1.5 with variance 1/4, then 1.25 with variance 5/16.
    assert_eq!(scores[0], 1.5 / (3.0 * 0.5));
    assert!((scores[1] - 1.25 / (3.0 * (5.0_f64 / 16.0).sqrt())).abs() < 1e-15);
}

#[test]
fn ewma_scored_before_the_baseline_learns_can_alarm_at_any_threshold() {
    let detector = Detector::Ewma(Ewma { weight: 0.1, threshold: 5.0, direction: Sides::Both });
    assert!(scores(detector, &[20.0])[0] > 1.0, "scored after the update it could never exceed 2.85 sigma");
}

#[test]
fn one_sided_detectors_are_blind_on_the_other_side() {
    let make = |direction| {
        [
            Detector::PageHinkley(PageHinkley { direction, ..PageHinkley::default() }),
            Detector::ZScore(ZScore { direction, ..ZScore::default() }),
            Detector::Cusum(Cusum { direction, ..Cusum::default() }),
            Detector::Ewma(Ewma { direction, ..Ewma::default() }),
        ]
    };
    for (side, sees, sign) in [(Sides::Up, Direction::Up, 1.0), (Sides::Down, Direction::Down, -1.0)] {
        for detector in make(side) {
            let toward = events(detector, &[sign * 6.0; 30]);
            assert_eq!(toward[0].direction, sees, "{detector:?}");
            assert_eq!(events(detector, &[-sign * 6.0; 30]), [], "{detector:?}");
        }
    }
}

/// All but the trend, which a step is not.
fn of_steps() -> impl Iterator<Item = Detector> {
    Detector::all().filter(|detector| !matches!(detector, Detector::Trend(_)))
}

#[test]
fn every_detector_opens_once_dates_the_change_and_closes() {
    let values = [&[1.0, -1.0].repeat(50)[..], &[7.0, 5.0].repeat(50), &[1.0, -1.0].repeat(50)].concat();
    for detector in of_steps() {
        let told = events(detector, &values);
        let [opened, closed] = told[..] else { panic!("{detector:?}: {told:?}") };
        assert_eq!((opened.kind, closed.kind), (Kind::Opened, Kind::Closed), "{detector:?}");
        assert_eq!((opened.aspect, opened.direction), (Aspect::Level, Direction::Up), "{detector:?}");
        assert!((99.0..=103.0).contains(&opened.onset), "{detector:?}: {opened:?}");
        assert!(opened.at < 110.0, "{detector:?}: {opened:?}");
        assert!((200.0..265.0).contains(&closed.at), "{detector:?}: {closed:?}");
        assert!((opened.evidence.level - 6.0).abs() <= 1.0, "{detector:?}: {opened:?}");
    }
}

#[test]
fn replaying_gives_the_same_event_ids_and_no_two_events_share_one() {
    let values: Vec<f64> = [&[1.0, -1.0].repeat(40)[..], &[7.0, 5.0].repeat(40)].concat().repeat(5);
    for detector in of_steps() {
        let mut ids: Vec<u64> = events(detector, &values).iter().map(Event::id).collect();
        let again: Vec<u64> = events(detector, &values).iter().map(Event::id).collect();
        assert_eq!(ids, again);
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert!(count >= 8 && ids.len() == count, "{detector:?}: {count}");
    }
}

/// Exact limits of one kind, over four samples.
fn window(limits: WindowShift) -> Detector {
    Detector::WindowShift(WindowShift { window_secs: None, size: 4, min_samples: 3, cap: None, ..limits })
}

const NO_LIMITS: WindowShift = WindowShift {
    window_secs: None,
    size: 4,
    min_samples: 3,
    effect: None,
    significance: None,
    spread_above: None,
    spread_below: None,
    cap: None,
    direction: Sides::Both,
};

#[test]
fn window_shift_is_the_distance_of_the_windows_mean() {
    let detector = window(WindowShift { effect: Some(2.0), ..NO_LIMITS });
    // The first two are too few; the fifth drops the first.
    assert_eq!(watched(detector, &[9.0, 1.0, 2.0, 0.0, 1.0, 5.0]), [2.0, 1.5, 0.5, 1.0]);
}

#[test]
fn significance_counts_the_samples_and_how_alike_neighbours_are() {
    let significance = Some(2.0);
    let independent = window(WindowShift { significance, ..NO_LIMITS });
    // Differences of 2 at each step: no autocorrelation. Mean 1 over standard error sqrt(1 / 4 + 1 / 10,001), over 2.
    let told = watched(independent, &[2.0, 0.0, 2.0, 0.0])[1];
    assert!((told - 0.5 / (0.25_f64 + 1.0 / 10_001.0).sqrt()).abs() < 1e-15, "{told}");
    // Differences of 1 at each step: phi is 1/2, and three samples are worth one.
    let alike = watched(independent, &[0.5, 1.5, 0.5, 1.5])[1];
    assert!((alike - 0.5 / (0.75_f64 + 3.0 / 10_001.0).sqrt()).abs() < 1e-15, "{alike}");
    // Of two limits the higher one counts.
    let both = window(WindowShift { significance, effect: Some(4.0), ..NO_LIMITS });
    assert_eq!(watched(both, &[2.0, 0.0, 2.0, 0.0])[1], 0.25);
}

#[test]
fn a_spread_that_grows_or_shrinks_is_a_drift_of_the_spread() {
    let quiet = [1.0, -1.0].repeat(50);
    let wider = events(
        Detector::WindowShift(WindowShift::default()),
        &[&quiet[..], &[4.0, -4.0].repeat(50)].concat(),
    );
    assert_eq!(
        (wider[0].aspect, wider[0].direction, wider[0].evidence.baseline),
        (Aspect::Spread, Direction::Up, 1.0)
    );
    assert!((2.0..2.2).contains(&wider[0].evidence.level), "{wider:?}");
    let stuck = events(Detector::WindowShift(WindowShift::default()), &[&quiet[..], &[0.0; 100]].concat());
    assert_eq!((stuck[0].aspect, stuck[0].direction), (Aspect::Spread, Direction::Down));
    assert!(stuck[0].at < 150.0, "{stuck:?}");
}

#[test]
fn one_spike_is_neither_a_shift_nor_a_spread() {
    let mut values = [1.0, -1.0].repeat(60);
    values[90] = 1e6;
    assert_eq!(events(Detector::WindowShift(WindowShift::default()), &values), []);
    let uncapped = WindowShift { cap: None, ..WindowShift::default() };
    assert_ne!(events(Detector::WindowShift(uncapped), &values), []);
}

#[test]
fn a_window_lets_go_of_what_is_too_old() {
    let detector = Detector::WindowShift(WindowShift {
        window_secs: Some(10.0),
        effect: Some(1.0),
        min_samples: 2,
        ..NO_LIMITS
    });
    let config = MonitorConfig { baseline: REFERENCE, detector, ..MonitorConfig::default() };
    let mut monitor = Monitor::new(config).unwrap();
    let mut score = |at, value| monitor.update(Sample::new(at, value)).score.map(|score| score.value);
    assert_eq!(score(0.0, 0.9), None);
    assert_eq!(score(10.0, 0.3), Some(0.6));
    assert_eq!(score(20.0, 0.5), Some(0.4), "that of 10 s ago still counts");
    assert_eq!(score(31.0, 0.5), None, "one is too few");
}

#[test]
fn a_series_with_too_few_samples_to_judge_goes_stale_and_its_drift_is_closed() {
    let shift =
        WindowShift { window_secs: Some(10.0), size: 100, min_samples: 5, effect: Some(1.0), ..NO_LIMITS };
    let decision = Decision { idle_secs: Some(10.0), ..Decision::default() };
    let detector = Detector::WindowShift(shift);
    let mut monitor =
        Monitor::new(MonitorConfig { baseline: REFERENCE, detector, decision, ..MonitorConfig::default() })
            .unwrap();
    for t in 0..20 {
        monitor.update(Sample::new(f64::from(t), 4.0));
    }
    assert_eq!(monitor.state(), State::Drifting);
    let sparse: Vec<Event> =
        (0..10).filter_map(|t| monitor.update(Sample::new(20.0 + 5.0 * f64::from(t), 4.0)).event).collect();
    assert_eq!(sparse.len(), 1);
    assert_eq!((sparse[0].kind, sparse[0].cause, sparse[0].at), (Kind::Closed, Cause::NoData, 40.0));
    assert_eq!(monitor.state(), State::Stale);
}

#[test]
fn a_window_that_fills_for_the_first_time_is_not_stale_however_late_the_epoch() {
    let decision = Decision { idle_secs: Some(10.0), ..Decision::default() };
    let detector = window(WindowShift { effect: Some(1.0), ..NO_LIMITS });
    let config = MonitorConfig { baseline: REFERENCE, detector, decision, ..MonitorConfig::default() };
    let mut monitor = Monitor::new(config).unwrap();
    for second in 0..4 {
        let verdict = monitor.update(Sample::new(1.7e9 + f64::from(second), 0.5));
        assert_eq!((verdict.state, verdict.score.is_some()), (State::InControl, second >= 2), "{second}");
    }
}

#[test]
fn rules_count_one_score_in_so_many_seconds() {
    let decision = Decision { every_secs: Some(5.0), ..Decision::default() };
    let detector = Detector::ZScore(ZScore::default());
    let mut monitor =
        Monitor::new(MonitorConfig { baseline: REFERENCE, detector, decision, ..MonitorConfig::default() })
            .unwrap();
    let opened = (0..60).find_map(|t| monitor.update(Sample::new(f64::from(t), 4.0)).event).unwrap();
    assert_eq!(opened.at, 20.0, "the fifth that counts is the one at 20 s");
    assert_eq!(opened.onset, 0.0);
}

/// Alternating noise, and from 300 on a rise of .02 a sample.
fn creeping(t: u32) -> f64 {
    f64::from(t.saturating_sub(300)) * 0.02 + if t.is_multiple_of(2) { 1.0 } else { -1.0 }
}

#[test]
fn a_creep_is_a_trend_with_its_onset_and_is_over_when_half_of_it_is_gone() {
    let detector = Detector::Trend(Trend { block: 10, blocks: 10, ..Trend::default() });
    let values: Vec<f64> = (0..600).map(|t| creeping(if t < 500 { t } else { t % 2 })).collect();
    let told = events(detector, &values);
    let [opened, closed] = told[..] else { panic!("{told:?}") };
    assert_eq!((opened.aspect, opened.direction), (Aspect::Trend, Direction::Up));
    assert!((290.0..=310.0).contains(&opened.onset), "{opened:?}");
    assert!((350.0..=400.0).contains(&opened.at), "{opened:?}");
    let reached = creeping(399).max(creeping(398)) - 1.0;
    assert!(opened.evidence.level <= reached && opened.evidence.level > 0.8, "{opened:?}");
    assert_eq!((closed.kind, closed.cause, closed.at), (Kind::Closed, Cause::Recovered, 509.0));
}

#[test]
fn a_step_is_no_trend() {
    for step in [1.5, 5.0, 500.0] {
        let values: Vec<f64> = (0..800).map(|t| creeping(t % 2) + if t < 400 { 0.0 } else { step }).collect();
        assert_eq!(events(Detector::Trend(Trend { block: 10, ..Trend::default() }), &values), [], "{step}");
    }
}

#[test]
fn a_reference_of_the_warm_up_stands_still() {
    let config = |learning| MonitorConfig {
        baseline: Baseline::Forgetting(Forgetting { half_life: Some(10.0), min_samples: 20, floor: 1e-9 }),
        detector: Detector::ZScore(ZScore::default()),
        decision: Decision { learning, ..Decision::default() },
        ..MonitorConfig::default()
    };
    let after = |learning| {
        let mut monitor = Monitor::new(config(learning)).unwrap();
        for t in 0..200 {
            monitor.update(Sample::new(f64::from(t), creeping(t) + if t < 20 { 0.0 } else { 1.0 }));
        }
        monitor.level().unwrap()
    };
    assert!(after(Learning::WarmUp).abs() < 0.2 && after(Learning::InControl) > 0.8);
}
