//! What holds of every detector in the list, whatever the samples.

use drift_sre::{
    Baseline, Chart, ChartConfig, Decision, Detector, Exit, Exponential, Fixed, Forgetting, Law, Learning,
    Monitor, MonitorConfig, PageHinkley, Rolling, Sample, Scale, Scenario, ScenarioConfig, Transform,
};
use proptest::{collection::vec, prelude::*};

/// Miri, which interprets every step, is given few and short cases.
const CASES: u32 = if cfg!(miri) { 2 } else { 300 };
const LONGEST: usize = if cfg!(miri) { 80 } else { 300 };
const STRIDE: usize = if cfg!(miri) { 37 } else { 1 };

/// Mostly plausible values, a level that jumps, and now and then what no metric should send.
fn values() -> impl Strategy<Value = Vec<f64>> {
    let plausible = (-3i32..4, -1000i32..1000).prop_map(|(jump, noise)| {
        50.0 * f64::from(jump.signum() * i32::from(jump.abs() == 3)) + f64::from(noise) / 100.0
    });
    let hostile = prop::sample::select(vec![
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::MAX,
        -1e150,
        1e150,
        f64::MIN_POSITIVE,
        5e-324,
        -0.0,
        0.0,
    ]);
    vec(prop_oneof![30 => plausible, 1 => hostile, 1 => any::<f64>()], 1..LONGEST)
}

fn baselines() -> impl Strategy<Value = Baseline> {
    let scale = prop_oneof![
        Just(Scale::Fixed(1.0)),
        Just(Scale::Fixed(3.5)),
        Just(Scale::Auto { floor: 0.0 }),
        Just(Scale::Auto { floor: 2.0 }),
        Just(Scale::Weighted { floor: 0.0 })
    ];
    let exponential = (scale, 8u32..40, prop::sample::select(vec![0.005, 0.1, 1.0])).prop_map(
        |(scale, min_samples, alpha)| Baseline::Exponential(Exponential { alpha, min_samples, scale }),
    );
    let rolling = (any::<bool>(), 2u32..60, 1u32..20).prop_map(|(robust, min_samples, refresh_every)| {
        let max_age_secs = robust.then_some(100.0);
        Baseline::Rolling(Rolling {
            size: 60,
            max_age_secs,
            refresh_every,
            min_samples,
            robust,
            ..Rolling::default()
        })
    });
    let fixed = (-50i32..50, 1u32..100).prop_map(|(mean, m2)| {
        Baseline::Fixed(Fixed { count: 30.0, mean: f64::from(mean), m2: f64::from(m2), floor: 0.1 })
    });
    let half_life = prop::sample::select(vec![None, Some(0.5), Some(20.0)]);
    let forgetting = (half_life, 2u32..40).prop_map(|(half_life, min_samples)| {
        Baseline::Forgetting(Forgetting { half_life, min_samples, floor: 1e-9 })
    });
    prop_oneof![3 => exponential, 1 => rolling, 1 => fixed, 1 => forgetting]
}

fn transforms() -> impl Strategy<Value = Transform> {
    prop_oneof![Just(Transform::Identity), Just(Transform::Log)]
}

fn detectors() -> impl Strategy<Value = Detector> {
    prop::sample::select(Detector::all().collect::<Vec<_>>())
}

fn charts() -> impl Strategy<Value = ChartConfig> {
    (transforms(), baselines(), detectors()).prop_map(|(transform, baseline, detector)| ChartConfig {
        transform,
        baseline,
        detector,
    })
}

fn monitors() -> impl Strategy<Value = MonitorConfig> {
    let decisions = prop_oneof![
        Just(Decision::default()),
        Just(Decision { exit: Some(Exit::Adopt), ..Decision::default() }),
        Just(Decision { learning: Learning::Always, ..Decision::default() }),
        Just(Decision { learning: Learning::WarmUp, every_secs: Some(3.0), ..Decision::default() }),
        Just(Decision { idle_secs: Some(5.0), adopt_secs: Some(60.0), ..Decision::default() }),
    ];
    (charts(), decisions).prop_map(|(chart, decision)| {
        let ChartConfig { transform, baseline, detector } = chart;
        MonitorConfig { transform, baseline, detector, decision }
    })
}

fn bits(scores: impl Iterator<Item = Option<f64>>) -> Vec<Option<u64>> {
    scores.map(|score| score.map(f64::to_bits)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn finite_in_finite_out(config in monitors(), values in values()) {
        let mut monitor = Monitor::new(config).unwrap();
        for (t, value) in values.iter().enumerate() {
            let verdict = monitor.update(Sample::new(t as f64, *value));
            prop_assert!(verdict.score.is_none_or(|score| score.value.is_finite() && score.value >= 0.0));
            if let Some(event) = verdict.event {
                let evidence = event.evidence;
                let numbers = [event.onset, event.at, evidence.value, evidence.baseline, evidence.level, evidence.sigmas];
                prop_assert!(numbers.iter().all(|x| x.is_finite()), "{event:?}");
                prop_assert!(event.onset <= event.at);
            }
        }
        prop_assert!(Monitor::resume(config, &monitor.snapshot()).is_ok(), "its own state passes its own checks");
    }

    #[test]
    fn unusable_samples_change_no_bit(config in monitors(), values in values(), at in any::<f64>()) {
        let mut monitor = Monitor::new(config).unwrap();
        for (t, value) in values.iter().enumerate() {
            monitor.update(Sample::new(t as f64, *value));
        }
        let before = monitor.snapshot();
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, -1.1e150] {
            let verdict = monitor.update(Sample::new(at, value));
            prop_assert!(verdict.score.is_none() && verdict.event.is_none());
        }
        monitor.update(Sample::gap(at));
        monitor.update(Sample::new(f64::NAN, 1.0));
        prop_assert_eq!(before, monitor.snapshot());
    }

    #[test]
    fn resuming_a_monitor_equals_never_stopping(config in monitors(), values in values(), cut in 0..LONGEST) {
        let cut = cut.min(values.len());
        let mut whole = Monitor::new(config).unwrap();
        let mut parts = Monitor::new(config).unwrap();
        for (t, value) in values.iter().enumerate() {
            if t == cut {
                parts = Monitor::resume(config, &parts.snapshot()).unwrap();
            }
            let sample = Sample::new(t as f64 * 2.0, *value);
            prop_assert_eq!(whole.update(sample), parts.update(sample));
        }
        prop_assert_eq!(whole.snapshot(), parts.snapshot());
    }

    #[test]
    fn resuming_a_chart_equals_never_stopping(config in charts(), values in values(), cut in 0..LONGEST) {
        let (first, second) = values.split_at(cut.min(values.len()));
        let mut whole = Chart::new(config).unwrap();
        let mut parts = Chart::new(config).unwrap();
        let expected = bits(whole.score_many(&values));
        let mut scores = bits(parts.score_many(first));
        parts = Chart::from_bytes(&parts.to_bytes()).unwrap();
        scores.extend(bits(parts.score_many(second)));
        prop_assert_eq!(expected, scores);
        prop_assert_eq!(whole.to_bytes(), parts.to_bytes());
    }

    #[test]
    fn many_equals_one_by_one(config in charts(), values in values()) {
        let (mut many, mut single) = (Chart::new(config).unwrap(), Chart::new(config).unwrap());
        let alarms = many.update_many(&values);
        let one_by_one: Vec<_> = (0..values.len()).filter(|t| single.update(values[*t])).collect();
        prop_assert_eq!(alarms, one_by_one);
        prop_assert_eq!(many.to_bytes(), single.to_bytes());
    }

    #[test]
    fn an_alarm_is_a_score_above_one(config in charts(), values in values()) {
        let (mut scored, mut updated) = (Chart::new(config).unwrap(), Chart::new(config).unwrap());
        let above: Vec<_> = scored
            .score_many(&values)
            .enumerate()
            .filter(|(_, score)| score.is_some_and(|score| score > 1.0))
            .map(|(t, _)| t)
            .collect();
        prop_assert_eq!(above, updated.update_many(&values));
    }

    #[test]
    fn shift_and_scale_leave_automatic_scores_alone(values in vec(-1000i32..1000, 60..LONGEST), shift in -64i32..64, exponent in -3i32..4) {
        let config = ChartConfig::default();
        let plain: Vec<f64> = values.iter().map(|x| f64::from(*x) / 64.0).collect();
        let factor = f64::from(exponent).exp2();
        let moved: Vec<f64> = plain.iter().map(|x| (x + f64::from(shift)) * factor).collect();
        let scores: Vec<_> = Chart::new(config).unwrap().score_many(&plain).flatten().collect();
        let others: Vec<_> = Chart::new(config).unwrap().score_many(&moved).flatten().collect();
        prop_assert_eq!(scores.len(), others.len());
        for (score, other) in scores.iter().zip(&others) {
            prop_assert!((score - other).abs() <= 1e-6 * score.max(1.0), "{score} {other}");
        }
    }

    #[test]
    fn hostile_snapshots_are_refused_or_harmless(
        config in monitors(),
        before in values(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        after in values(),
    ) {
        let mut monitor = Monitor::new(config).unwrap();
        for (t, value) in before.iter().enumerate() {
            monitor.update(Sample::new(t as f64, *value));
        }
        let mut bytes = monitor.snapshot();
        for (position, byte) in changes {
            let position = position.index(bytes.len());
            bytes[position] = byte;
        }
        // With its checksum mended it must be caught by what it says.
        let body = bytes.len() - 4;
        let check = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&bytes[..body]);
        bytes[body..].copy_from_slice(&check.to_le_bytes());
        if let Ok(mut monitor) = Monitor::resume(config, &bytes) {
            for (t, value) in after.iter().enumerate() {
                let verdict = monitor.update(Sample::new(1e4 + t as f64, *value));
                prop_assert!(verdict.score.is_none_or(|score| score.value.is_finite()));
            }
        }
    }

    #[test]
    fn damaged_snapshots_are_refused(config in monitors(), values in values(), position in any::<prop::sample::Index>(), flip in 1u8..) {
        let mut monitor = Monitor::new(config).unwrap();
        for (t, value) in values.iter().enumerate() {
            monitor.update(Sample::new(t as f64, *value));
        }
        let mut bytes = monitor.snapshot();
        for length in (0..bytes.len()).step_by(STRIDE) {
            prop_assert!(Monitor::resume(config, &bytes[..length]).is_err());
        }
        let position = position.index(bytes.len());
        bytes[position] ^= flip;
        prop_assert!(Monitor::resume(config, &bytes).is_err());
    }
}

/// Long enough to be taken in pieces, whose guesses must not show.
#[test]
#[cfg_attr(
    miri,
    ignore = "pieces are worth it from a hundred thousand samples on, which would take Miri hours"
)]
fn a_long_run_is_the_run_one_by_one() {
    let noise = |seed| {
        let law = Law::Normal { mean: 20.0, sd: 1.0, phi: 0.0 };
        let config = ScenarioConfig { samples: 150_003, law, ..ScenarioConfig::default() };
        Scenario::new(config, seed).unwrap().filter_map(|sample| sample.value).collect::<Vec<f64>>()
    };
    let mut steps = noise(2);
    let (mut gaps, mut wandering, mut late) = (noise(3), noise(4), noise(5));
    for (t, value) in steps.iter_mut().enumerate() {
        *value += if t / 9_000 % 2 == 1 { 40.0 } else { 0.0 };
    }
    for value in gaps.iter_mut().step_by(7) {
        *value = f64::NAN;
    }
    gaps[149_000..].fill(f64::INFINITY);
    for t in 1..wandering.len() {
        wandering[t] = wandering[t - 1] + wandering[t] - 20.0;
    }
    late[..100_000].fill(3.0);
    for scale in [1.0, 2.5] {
        for (alpha, cap) in [(0.1, None), (0.1, Some(4.0)), (0.005, None), (1e-6, Some(8.0)), (1.0, None)] {
            let config = ChartConfig {
                baseline: Baseline::Exponential(Exponential {
                    alpha,
                    min_samples: 30,
                    scale: Scale::Fixed(scale),
                }),
                detector: Detector::PageHinkley(PageHinkley { delta: 0.05, cap, ..PageHinkley::default() }),
                ..ChartConfig::default()
            };
            for values in [&noise(1), &steps, &gaps, &wandering, &late] {
                let (mut one, mut many) = (Chart::new(config).unwrap(), Chart::new(config).unwrap());
                let alarms: Vec<usize> = (0..values.len()).filter(|t| one.update(values[*t])).collect();
                assert_eq!(many.update_many(values), alarms, "{config:?}");
                assert_eq!(many.to_bytes(), one.to_bytes(), "{config:?}");
            }
        }
    }
}
