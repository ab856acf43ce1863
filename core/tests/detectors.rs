//! What each detector makes of a series, with answers worked out by hand.

use drift_sre::{
    Baseline, Chart, ChartConfig, Cusum, Detector, Direction, Event, Ewma, Fixed, Kind, Monitor,
    MonitorConfig, PageHinkley, Sample, Sides, ZScore,
};

/// Values are z-values: the reference has mean 0 and standard deviation 1.
fn standard(detector: Detector) -> ChartConfig {
    ChartConfig { baseline: Baseline::Fixed(Fixed::default()), detector, ..ChartConfig::default() }
}

fn scores(detector: Detector, values: &[f64]) -> Vec<f64> {
    Chart::new(standard(detector)).expect("valid").score_many(values).flatten().collect()
}

fn events(detector: Detector, values: &[f64]) -> Vec<Event> {
    let baseline = Baseline::Fixed(Fixed::default());
    let mut monitor =
        Monitor::new(MonitorConfig { baseline, detector, ..MonitorConfig::default() }).expect("valid");
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

#[test]
fn every_detector_opens_once_dates_the_change_and_closes() {
    let values = [&[0.3, -0.3].repeat(50)[..], &[6.3, 5.7].repeat(50), &[0.3, -0.3].repeat(50)].concat();
    for detector in Detector::all() {
        let told = events(detector, &values);
        let [opened, closed] = told[..] else { panic!("{detector:?}: {told:?}") };
        assert_eq!((opened.kind, closed.kind), (Kind::Opened, Kind::Closed), "{detector:?}");
        assert!((99.0..=100.0).contains(&opened.onset), "{detector:?}: {opened:?}");
        assert!(opened.at < 110.0, "{detector:?}: {opened:?}");
        assert!((200.0..260.0).contains(&closed.at), "{detector:?}: {closed:?}");
        assert!((opened.evidence.level - 6.0).abs() < 1.0, "{detector:?}: {opened:?}");
    }
}

#[test]
fn replaying_gives_the_same_event_ids_and_no_two_events_share_one() {
    let values: Vec<f64> = [&[0.3, -0.3].repeat(40)[..], &[6.3, 5.7].repeat(40)].concat().repeat(5);
    for detector in Detector::all() {
        let mut ids: Vec<u64> = events(detector, &values).iter().map(Event::id).collect();
        let again: Vec<u64> = events(detector, &values).iter().map(Event::id).collect();
        assert_eq!(ids, again);
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert!(count >= 8 && ids.len() == count, "{detector:?}: {count}");
    }
}
