//! A fleet answers as so many charts would, to the bit.

use drift_sre::{
    Baseline, Chart, ChartConfig, Detector, Exponential, Fleet, PageHinkley, Rolling, Scale, Sides,
    Transform, ZScore,
};
use proptest::{collection::vec, prelude::*};

/// Miri, which interprets every step, is given few and small cases.
const CASES: u32 = if cfg!(miri) { 2 } else { 200 };
/// Not below 65, so that series are taken in more than one strip.
const WIDEST: usize = if cfg!(miri) { 66 } else { 150 };
const ROWS: usize = if cfg!(miri) { 8 } else { 40 };

fn literal(alpha: f64, scale: f64, cap: Option<f64>, direction: Sides, transform: Transform) -> ChartConfig {
    ChartConfig {
        transform,
        baseline: Baseline::Exponential(Exponential { alpha, min_samples: 5, scale: Scale::Fixed(scale) }),
        detector: Detector::PageHinkley(PageHinkley { delta: 0.1, threshold: 20.0, direction, cap }),
    }
}

fn configs() -> impl Strategy<Value = ChartConfig> {
    let sides = prop::sample::select(vec![Sides::Up, Sides::Down, Sides::Both]);
    let transform = prop::sample::select(vec![Transform::Identity, Transform::Log]);
    let caps = prop::sample::select(vec![None, Some(3.0)]);
    let literal = (
        prop::sample::select(vec![0.01, 0.1, 1.0]),
        prop::sample::select(vec![1.0, 2.5]),
        caps,
        sides,
        transform,
    )
        .prop_map(|(alpha, scale, cap, side, transform)| literal(alpha, scale, cap, side, transform));
    let rolling = Rolling { size: 20, min_samples: 5, ..Rolling::default() };
    let any = ChartConfig {
        baseline: Baseline::Rolling(rolling),
        detector: Detector::ZScore(ZScore::default()),
        ..ChartConfig::default()
    };
    prop_oneof![4 => literal, 1 => Just(ChartConfig::default()), 1 => Just(any)]
}

fn values(count: usize) -> impl Strategy<Value = Vec<f64>> {
    let plausible = (any::<bool>(), -300i32..300)
        .prop_map(|(high, noise)| f64::from(noise) / 50.0 + if high { 20.0 } else { 0.0 });
    let hostile = prop::sample::select(vec![f64::NAN, f64::INFINITY, -1e150, 1e300, -0.0]);
    vec(prop_oneof![20 => plausible, 1 => hostile], count)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_series_answers_as_a_chart_of_its_own(config in configs(), width in 1..WIDEST, rows in values(WIDEST * ROWS), cut in 0..ROWS) {
        let rows = &rows[..width * ROWS];
        let mut fleet = Fleet::new(config, width).unwrap();
        let mut alarms = vec![];
        for (position, row) in rows.chunks(width).enumerate() {
            if position == cut {
                fleet = Fleet::from_bytes(&fleet.to_bytes()).unwrap();
            }
            alarms.extend(fleet.tick(row).unwrap().into_iter().map(|series| (position, series)));
        }
        let mut expected = vec![];
        for series in 0..width {
            let mut chart = Chart::new(config).unwrap();
            let own = rows.chunks(width).map(|row| row[series]).enumerate();
            expected.extend(own.filter(|(_, value)| chart.update(*value)).map(|(position, _)| (position, series)));
        }
        expected.sort_unstable();
        prop_assert_eq!(&alarms, &expected);
        let mut batch = Fleet::new(config, width).unwrap();
        prop_assert_eq!(batch.update_many(rows).unwrap(), expected);
        prop_assert_eq!(batch.to_bytes(), fleet.to_bytes());
    }
}

#[test]
fn rows_that_do_not_fit_are_refused_and_change_nothing() {
    let config = literal(0.1, 1.0, None, Sides::Both, Transform::Identity);
    let mut fleet = Fleet::new(config, 3).unwrap();
    let before = fleet.to_bytes();
    let error = fleet.tick(&[1.0, 2.0]).unwrap_err();
    assert_eq!(error.to_string(), "values must be one value for each series, row after row, got 2");
    assert!(fleet.update_many(&[1.0; 7]).is_err());
    assert_eq!(fleet.to_bytes(), before);
    assert_eq!(Fleet::new(config, 0).unwrap_err().to_string(), "series must be 1 to 10,000,000, got 0");
}

#[test]
fn resetting_forgets_every_series() {
    for config in [ChartConfig::default(), literal(0.1, 1.0, None, Sides::Both, Transform::Identity)] {
        let mut fleet = Fleet::new(config, 70).unwrap();
        let fresh = fleet.to_bytes();
        fleet.tick(&[5.0; 70]).unwrap();
        assert_ne!(fleet.to_bytes(), fresh);
        fleet.reset();
        assert_eq!(fleet.to_bytes(), fresh);
    }
}
