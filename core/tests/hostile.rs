//! Settings and forged snapshots from which a number would overflow.

use drift_sre::{
    Baseline, Chart, ChartConfig, Cusum, Detector, Error, Ewma, Exponential, Fixed, Forgetting, Monitor,
    MonitorConfig, PageHinkley, Rolling, Sample, Scale, State, Transform, ZScore,
};

/// Miri, which interprets every step, is given shorter series.
const LONG: u32 = if cfg!(miri) { 20 } else { 500 };

/// A snapshot in which one number stands for another, wherever it occurs, and whose checksum holds.
fn forged(snapshot: &[u8], was: f64, is: f64) -> Vec<u8> {
    let mut bytes = snapshot[..snapshot.len() - 4].to_vec();
    let positions: Vec<_> =
        (0..=bytes.len() - 8).filter(|at| bytes[*at..at + 8] == was.to_le_bytes()).collect();
    assert!(!positions.is_empty(), "{was} occurs");
    for at in positions {
        bytes[at..at + 8].copy_from_slice(&is.to_le_bytes());
    }
    let check = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&bytes);
    bytes.extend_from_slice(&check.to_le_bytes());
    bytes
}

#[test]
fn settings_under_which_a_number_would_overflow_are_refused() {
    let given =
        |scale| Baseline::Exponential(Exponential { scale: Scale::Fixed(scale), ..Exponential::default() });
    let forgetting = Forgetting { half_life: Some(0.01), ..Forgetting::default() };
    for (baseline, wanted) in [
        (given(1e-145), "scale must be at least 1e-140, got 0."),
        (Baseline::Forgetting(forgetting), "half_life must be at least 0.1 samples, got 0.01"),
    ] {
        let error = Monitor::new(MonitorConfig { baseline, ..MonitorConfig::default() }).unwrap_err();
        assert!(error.to_string().starts_with(wanted), "{error}");
    }
    let threshold = 1e-7;
    for detector in [
        Detector::PageHinkley(PageHinkley { threshold, ..PageHinkley::default() }),
        Detector::ZScore(ZScore { threshold, ..ZScore::default() }),
        Detector::Cusum(Cusum { threshold, ..Cusum::default() }),
        Detector::Ewma(Ewma { threshold, ..Ewma::default() }),
    ] {
        let error = Monitor::new(MonitorConfig { detector, ..MonitorConfig::default() }).unwrap_err();
        assert_eq!(error.to_string(), "threshold must be at least 1e-6, got 0.0000001");
    }
}

#[test]
fn at_the_least_settings_the_largest_values_leave_finite_scores_and_states() {
    let fixed = Fixed { m2: 0.0, ..Fixed::default() };
    let forgetting = Forgetting { half_life: Some(0.1), min_samples: 2, floor: 0.0 };
    let least = Exponential { scale: Scale::Fixed(1e-140), ..Exponential::default() };
    for baseline in [Baseline::Fixed(fixed), Baseline::Forgetting(forgetting), Baseline::Exponential(least)] {
        for detector in [
            Detector::PageHinkley(PageHinkley { threshold: 1e-6, cap: None, ..PageHinkley::default() }),
            Detector::ZScore(ZScore { threshold: 1e-6, ..ZScore::default() }),
            Detector::Cusum(Cusum { threshold: 1e-6, ..Cusum::default() }),
            Detector::Ewma(Ewma { weight: 1e-9, threshold: 1e-6, ..Ewma::default() }),
        ] {
            let config = MonitorConfig { baseline, detector, ..MonitorConfig::default() };
            let mut monitor = Monitor::new(config).unwrap();
            for t in 0..200 {
                let value = if t < 50 { 0.0 } else { [1e150, -1e150][usize::from(t > 100)] };
                let verdict = monitor.update(Sample::new(f64::from(t), value));
                assert!(verdict.score.is_none_or(|score| score.value.is_finite()), "{config:?} {verdict:?}");
            }
            assert!(Monitor::resume(config, &monitor.snapshot()).is_ok(), "{monitor:?}");
        }
    }
}

#[test]
fn a_series_at_the_limit_can_be_saved_at_any_time() {
    let robust = Rolling { robust: true, ..Rolling::default() };
    let memoryless = Exponential { alpha: 1.0, scale: Scale::Fixed(1.0), ..Exponential::default() };
    let variants = [Baseline::Rolling(robust), Baseline::Exponential(memoryless)];
    let constant = |_| 1e150;
    let falling = |t: u32| if t < 250 { 1e150 } else { -9.3e149 };
    let turning = |t: u32| if t.is_multiple_of(3) { -7.7e149 } else { 1e150 };
    for baseline in Baseline::all().chain(variants) {
        for detector in Detector::all() {
            for value in [constant, falling, turning] {
                let config = MonitorConfig { baseline, detector, ..MonitorConfig::default() };
                let mut monitor = Monitor::new(config).unwrap();
                for t in 0..LONG {
                    monitor.update(Sample::new(f64::from(t), value(t)));
                    let saved = t.is_multiple_of(7);
                    assert!(
                        !saved || Monitor::resume(config, &monitor.snapshot()).is_ok(),
                        "{t} {monitor:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_forged_drift_that_could_not_be_told_is_refused() {
    let mut monitor = Monitor::new(MonitorConfig::default()).unwrap();
    let step = (0..400).map(|t| (t, if t < 300 { 20.0 + f64::from(t % 7) } else { 75.25 }));
    let event = step.filter_map(|(t, value)| monitor.update(Sample::new(f64::from(t), value)).event).last();
    let (event, score) = (event.unwrap(), monitor.score().unwrap());
    assert_eq!(monitor.state(), State::Drifting);
    let evidence = event.evidence;
    for told in [event.onset, evidence.baseline, evidence.level, evidence.sigmas, evidence.score, score.value]
    {
        for forgery in [f64::NAN, f64::INFINITY] {
            let bytes = forged(&monitor.snapshot(), told, forgery);
            assert_eq!(
                Monitor::resume(MonitorConfig::default(), &bytes),
                Err(Error::SnapshotCorrupt),
                "{told}"
            );
        }
    }
}

#[test]
fn a_forged_score_is_refused() {
    let mut chart = Chart::new(ChartConfig::default()).unwrap();
    chart.update_many(&[20.0, 22.5, 19.0].repeat(20));
    let score = chart.score().unwrap().value;
    let bytes = forged(&chart.to_bytes(), score, -1.0);
    assert_eq!(Chart::from_bytes(&bytes), Err(Error::SnapshotCorrupt));
}

/// With such a weight the mean would pass beyond a value, and the variance below 0.
#[test]
fn a_forged_weight_below_one_sample_is_refused() {
    // After one sample half of it is left: 1.5 is a weight that every machine has the same bits for.
    let forgetting = Forgetting { half_life: Some(1.0), min_samples: 2, ..Forgetting::default() };
    let config = ChartConfig { baseline: Baseline::Forgetting(forgetting), ..ChartConfig::default() };
    let mut chart = Chart::new(config).unwrap();
    chart.update_many(&[20.0, 22.5]);
    let forgery = forged(&chart.to_bytes(), 1.5, 0.5);
    assert_eq!(Chart::from_bytes(&forgery), Err(Error::SnapshotCorrupt));
}

#[test]
fn a_forged_level_of_logarithms_is_finite_in_the_metrics_own_unit() {
    let baseline = Baseline::Fixed(Fixed { mean: 5.5, ..Fixed::default() });
    let chart =
        Chart::new(ChartConfig { transform: Transform::Log, baseline, ..ChartConfig::default() }).unwrap();
    let forged = Chart::from_bytes(&forged(&chart.to_bytes(), 5.5, 1e150)).unwrap();
    assert_eq!(forged.level(), Some(Sample::LIMIT));
}

#[test]
fn the_sign_of_a_score_of_nothing_is_the_same_on_every_machine() {
    for detector in [Detector::ZScore(ZScore::default()), Detector::Ewma(Ewma::default())] {
        let baseline = Baseline::Fixed(Fixed { mean: 0.0, ..Fixed::default() });
        let mut chart = Chart::new(ChartConfig { baseline, detector, ..ChartConfig::default() }).unwrap();
        for value in [0.0, -0.0] {
            chart.update(value);
            assert_eq!(
                chart.score().map(|score| score.value.to_bits()),
                Some(0),
                "{detector:?} at {value:?}"
            );
        }
    }
}
