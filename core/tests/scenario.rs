//! Scenarios: their bits, their laws and their ground truth.

use crc::{CRC_32_ISO_HDLC, Crc};
use drift_sre::{
    Error, Law, Outage, Outliers, Phase, PhaseKind, Sample, Scenario, ScenarioConfig, ScenarioPreset, Season,
};
use serde::Deserialize;

const NORMAL: Law = Law::Normal { mean: 100.0, sd: 10.0, phi: 0.0 };

fn samples(config: ScenarioConfig, seed: u64) -> Vec<Sample> {
    Scenario::new(config, seed).expect("the test's settings are valid").collect()
}

fn bits(samples: &[Sample]) -> Vec<Option<u64>> {
    samples.iter().map(|sample| sample.value.map(f64::to_bits)).collect()
}

fn values(law: Law, count: u32) -> Vec<f64> {
    let config = ScenarioConfig { law, samples: count, ..ScenarioConfig::default() };
    samples(config, 11).iter().map(|sample| sample.value.expect("there are no gaps")).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Means of the powers 2 and 4 of the distances from a centre.
fn moments(values: &[f64], centre: f64) -> (f64, f64) {
    let power = |exponent| values.iter().map(|value| (value - centre).powi(exponent)).sum::<f64>();
    (power(2) / values.len() as f64, power(4) / values.len() as f64)
}

#[derive(Deserialize)]
struct Pinned {
    seed: u64,
    scenarios: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    samples: usize,
    first: Vec<Option<String>>,
    crc32: String,
}

#[test]
fn presets_give_the_pinned_bits() {
    let pinned: Pinned = serde_json::from_str(include_str!("../../vectors/pinned/scenario.json"))
        .expect("the vectors are JSON of this shape");
    assert_eq!(pinned.scenarios.len(), ScenarioPreset::ALL.len());
    for (preset, case) in ScenarioPreset::ALL.into_iter().zip(pinned.scenarios) {
        let bits = bits(&samples(preset.config(), pinned.seed));
        let first: Vec<_> = bits[..10].iter().map(|bits| bits.map(|bits| format!("{bits:016x}"))).collect();
        let bytes: Vec<u8> = bits.iter().flat_map(|bits| bits.unwrap_or(u64::MAX).to_le_bytes()).collect();
        let crc = Crc::<u32>::new(&CRC_32_ISO_HDLC).checksum(&bytes);
        assert_eq!(preset.name(), case.name);
        assert_eq!(bits.len(), case.samples, "{}", case.name);
        assert_eq!(first, case.first, "{}", case.name);
        assert_eq!(format!("{crc:08x}"), case.crc32, "{}", case.name);
    }
}

#[test]
fn every_preset_is_documented() {
    let documentation = include_str!("../../docs/configuration.md");
    let (_, scenarios) = documentation.split_once("## Scenarios").expect("the section is there");
    for preset in ScenarioPreset::ALL {
        assert!(scenarios.contains(&format!("| `{}` |", preset.name())), "{}", preset.name());
    }
}

#[test]
fn a_seed_repeats_itself_and_no_other() {
    for preset in ScenarioPreset::ALL {
        let run = |seed| bits(&samples(preset.config(), seed));
        assert_eq!(run(3), run(3), "{}", preset.name());
        assert_ne!(run(3), run(4), "{}", preset.name());
    }
}

#[test]
fn times_do_not_add_up_rounding_errors() {
    let config = ScenarioConfig { samples: 1_000_000, interval_secs: 0.1, ..ScenarioConfig::default() };
    let times: Vec<f64> = config.times().collect();
    assert_eq!((times.len(), times[0], times[999_990]), (1_000_000, 0.0, 99_999.0));
    assert!(Scenario::new(config, 1).unwrap().zip(times).all(|(sample, at)| sample.at == at));
}

#[test]
fn neighbouring_seeds_are_unrelated() {
    let config = ScenarioConfig { samples: 100_000, ..ScenarioConfig::default() };
    let (one, other) = (samples(config.clone(), 0), samples(config, 1));
    let product =
        |(a, b): (&Sample, &Sample)| (a.value.unwrap() - 100.0) * (b.value.unwrap() - 100.0) / 100.0;
    let correlation = one.iter().zip(&other).map(product).sum::<f64>() / 100_000.0;
    // Five standard errors of 1 / sqrt(100,000).
    assert!(correlation.abs() < 0.016, "{correlation}");
}

#[test]
fn a_clone_goes_on_alike() {
    let mut scenario = Scenario::new(ScenarioPreset::Gaps.config(), 5).unwrap();
    let before: Vec<Sample> = scenario.by_ref().take(777).collect();
    assert_eq!(before.len(), 777);
    assert_eq!(scenario.len(), 1023);
    let ahead = scenario.clone();
    assert_eq!(bits(&scenario.collect::<Vec<_>>()), bits(&ahead.collect::<Vec<_>>()));
}

#[test]
fn mean_and_deviation_are_those_of_the_law() {
    let laws = [
        NORMAL,
        Law::Normal { mean: -5.0, sd: 2.0, phi: 0.9 },
        Law::Normal { mean: -5.0, sd: 2.0, phi: -0.5 },
        Law::LogNormal { median: 2.5, sigma: 0.32 },
        // The fourth moments, by which the tolerance goes, exist from five degrees of freedom.
        Law::StudentT { mean: 100.0, sd: 10.0, freedom: 9.0 },
        Law::Gamma { shape: 0.3, scale: 10.0 },
        Law::Gamma { shape: 2.0, scale: 10.0 },
        Law::Gamma { shape: 250.0, scale: 0.1 },
        Law::Poisson { mean: 0.02 },
        Law::Poisson { mean: 5.0 },
        Law::Poisson { mean: 500.0 },
        Law::Uniform { low: 1.0, high: 3.0 },
        Law::Bernoulli { share: 0.02 },
    ];
    for law in laws {
        let values = values(law, 200_000);
        let (variance, fourth) = moments(&values, law.mean());
        // An autoregression's sums, and those of its squares, scatter as if there were fewer values.
        let phi = if let Law::Normal { phi, .. } = law { phi } else { 0.0 };
        let count = |phi: f64| 200_000.0 * (1.0 - phi) / (1.0 + phi);
        // Five standard errors: one seed in some 100,000 would fail a law.
        let off = (mean(&values) - law.mean()).abs();
        assert!(off < 5.0 * law.sd() / count(phi).sqrt(), "{law:?}: mean off by {off}");
        let off = (variance - law.sd() * law.sd()).abs();
        let error = ((fourth - variance * variance) / count(phi * phi)).sqrt();
        assert!(off < 5.0 * error, "{law:?}: variance off by {off}, {error}");
    }
}

#[test]
fn shares_beyond_a_bound_are_those_of_the_law() {
    let cases = [
        (NORMAL, 119.599_64, 0.975),
        (NORMAL, 69.097_68, 0.001),
        (Law::Normal { mean: 100.0, sd: 10.0, phi: 0.9 }, 100.0, 0.5),
        (Law::LogNormal { median: 2.5, sigma: 0.32 }, 2.5, 0.5),
        // Quantile 3.182446 of Student's t, in units of its deviation sqrt(3).
        (Law::StudentT { mean: 0.0, sd: 3f64.sqrt(), freedom: 3.0 }, 3.182_446, 0.975),
        (Law::Gamma { shape: 1.0, scale: 1.0 }, 3.0, 1.0 - (-3f64).exp()),
        (Law::Gamma { shape: 0.5, scale: 2.0 }, 3.841_459, 0.95),
        (Law::Poisson { mean: 0.3 }, 0.0, (-0.3f64).exp()),
        (Law::Poisson { mean: 5.0 }, 1.0, 6.0 * (-5f64).exp()),
        (Law::Uniform { low: 1.0, high: 3.0 }, 1.5, 0.25),
    ];
    for (law, bound, wanted) in cases {
        let values = values(law, 200_000);
        let share = values.iter().filter(|value| **value <= bound).count() as f64 / 200_000.0;
        let phi = if let Law::Normal { phi, .. } = law { phi } else { 0.0 };
        let error = (wanted * (1.0 - wanted) / 200_000.0 * (1.0 + phi) / (1.0 - phi)).sqrt();
        assert!((share - wanted).abs() < 5.0 * error, "{law:?}: {share} up to {bound}, not {wanted}");
    }
}

#[test]
fn neighbours_correlate_as_asked() {
    for phi in [-0.5, 0.0, 0.9] {
        let values = values(Law::Normal { mean: 0.0, sd: 1.0, phi }, 200_000);
        let products: f64 = values.windows(2).map(|pair| pair[0] * pair[1]).sum();
        let correlation = products / values.iter().map(|value| value * value).sum::<f64>();
        // Its standard error is sqrt((1 - phi^2) / n), at most 0.0023; five of them.
        assert!((correlation - phi).abs() < 0.0112, "{correlation}, not {phi}");
    }
}

#[test]
fn values_differ_from_the_undisturbed_signal_only_in_the_truth() {
    for preset in ScenarioPreset::ALL {
        let config = preset.config();
        let calm = samples(ScenarioConfig { phases: vec![], ..config.clone() }, 2);
        let scenario = Scenario::new(config.clone(), 2).unwrap();
        let differs: Vec<bool> =
            scenario.clone().zip(&calm).map(|(sample, calm)| sample.value != calm.value).collect();
        for (sample, differs) in calm.iter().zip(&differs) {
            assert!(!differs || scenario.drifting(sample.at), "{} at {}", preset.name(), sample.at);
        }
        for interval in scenario.truth() {
            let inside = || calm.iter().zip(&differs).filter(|(sample, _)| interval.contains(sample.at));
            let (changed, all) = (inside().filter(|(_, differs)| **differs).count(), inside().count());
            // A failure more is rare, and both signals may be at a limit; else each value is another, but for the
            // first of a ramp that starts at the law in control.
            let least = match config.law {
                Law::Bernoulli { .. } => 1,
                _ if config.max.is_some() => all * 9 / 10,
                _ => all - 1,
            };
            assert!(all > 0 && changed >= least, "{}: {changed} of {all} {interval:?}", preset.name());
        }
    }
}

#[test]
fn values_of_a_phase_follow_its_law() {
    let law = |mean, sd| Law::Normal { mean, sd, phi: 0.0 };
    let phase = |law, to| Phase { start_secs: 10_000.0, end_secs: 60_000.0, law, to };
    // What is expected of the mean over the whole phase, and of the deviation about it.
    let moved = 60.0 / 12f64.sqrt();
    let cases = [
        (phase(law(130.0, 10.0), None), PhaseKind::Shift, 130.0, 10.0),
        (phase(law(100.0, 30.0), None), PhaseKind::Spread, 100.0, 30.0),
        (phase(NORMAL, Some(law(160.0, 10.0))), PhaseKind::Ramp, 130.0, moved.hypot(10.0)),
        (phase(Law::Normal { mean: 100.0, sd: 10.0, phi: 0.5 }, None), PhaseKind::Shape, 100.0, 10.0),
        (phase(Law::Uniform { low: 90.0, high: 120.0 }, None), PhaseKind::Shift, 105.0, 30.0 / 12f64.sqrt()),
        // From one family to another, the values are of a mixture: half of each over the whole phase.
        (
            phase(NORMAL, Some(Law::Uniform { low: 40.0, high: 60.0 })),
            PhaseKind::Ramp,
            75.0,
            (25f64.powi(2) + 50.0 + 200.0 / 12.0).sqrt(),
        ),
    ];
    for (phase, kind, wanted_mean, wanted_sd) in cases {
        let config = ScenarioConfig { samples: 70_000, phases: vec![phase], ..ScenarioConfig::default() };
        let scenario = Scenario::new(config, 8).unwrap();
        let truth: Vec<_> = scenario.truth().collect();
        assert_eq!(truth.len(), 1);
        assert_eq!((truth[0].start, truth[0].end, truth[0].kind), (10_000.0, 60_000.0, kind));
        let (inside, outside): (Vec<Sample>, Vec<Sample>) =
            scenario.partition(|sample| truth[0].contains(sample.at));
        assert_eq!((inside.len(), outside.len()), (50_000, 20_000));
        for (part, wanted_mean, wanted_sd) in [(inside, wanted_mean, wanted_sd), (outside, 100.0, 10.0)] {
            let values: Vec<f64> = part.iter().filter_map(|sample| sample.value).collect();
            // Six standard errors of 20,000 independent values: also five of 50,000 with correlation 0.5.
            let (off, sd) = ((mean(&values) - wanted_mean).abs(), moments(&values, wanted_mean).0.sqrt());
            assert!(off < 6.0 * wanted_sd / 20_000f64.sqrt(), "{kind:?}: mean off by {off}");
            assert!((sd / wanted_sd - 1.0).abs() < 0.03, "{kind:?}: deviation {sd}, not {wanted_sd}");
        }
    }
}

#[test]
fn what_is_part_of_normal_is_not_in_the_truth() {
    let calm =
        ["normal", "seasonal", "autocorrelated", "heavy_tailed", "outliers", "gaps", "driftwatch_normal"];
    let more = ["driftwatch_payload", "api_requests", "pipeline_cpu", "pipeline_memory", "pipeline_latency"];
    for preset in ScenarioPreset::ALL {
        let in_control = calm.contains(&preset.name()) || more.contains(&preset.name());
        let intervals = preset.config().truth().count();
        assert_eq!(intervals == 0, in_control, "{}", preset.name());
    }
    let nothing = Phase { start_secs: 1.0, end_secs: 2.0, law: NORMAL, to: Some(NORMAL) };
    let config = ScenarioConfig { phases: vec![nothing], ..ScenarioConfig::default() };
    assert_eq!(config.truth().count(), 0);
}

#[test]
fn the_systems_phases_are_where_they_put_them() {
    let truth = |preset: ScenarioPreset| -> Vec<_> {
        preset.config().truth().map(|interval| (interval.start, interval.end, interval.kind)).collect()
    };
    assert_eq!(truth(ScenarioPreset::DriftwatchSpike), [(24.0, 42.0, PhaseKind::Shift)]);
    assert_eq!(truth(ScenarioPreset::DriftwatchCreep), [(0.0, 60.0, PhaseKind::Ramp)]);
    assert_eq!(
        truth(ScenarioPreset::ApiLatency),
        [(60.0, 180.0, PhaseKind::Ramp), (180.0, 240.0, PhaseKind::Shift), (240.0, 300.0, PhaseKind::Ramp)]
    );
    assert_eq!(
        truth(ScenarioPreset::ApiErrors),
        [(180.0, 240.0, PhaseKind::Shift), (240.0, 300.0, PhaseKind::Ramp)]
    );
    assert_eq!(truth(ScenarioPreset::PipelineCpuMeanShift), [(300.0, 320.0, PhaseKind::Shift)]);
    assert_eq!(truth(ScenarioPreset::PipelineLatencyVarianceIncrease), [(300.0, 320.0, PhaseKind::Spread)]);
    for preset in ScenarioPreset::ALL {
        let (min, max) = (preset.config().min.unwrap_or(f64::MIN), preset.config().max.unwrap_or(f64::MAX));
        let values = samples(preset.config(), 3).into_iter().filter_map(|sample| sample.value);
        assert!({ values }.all(|value| min <= value && value <= max), "{}", preset.name());
    }
}

#[test]
fn gaps_leave_the_other_values_as_they_are() {
    let holes = ScenarioConfig {
        samples: 20_000,
        gap_share: 0.1,
        outages: vec![Outage { start_secs: 5_000.0, end_secs: 6_000.0 }],
        ..ScenarioConfig::default()
    };
    let whole = ScenarioConfig { gap_share: 0.0, outages: vec![], ..holes.clone() };
    let (holes, whole) = (samples(holes, 4), samples(whole, 4));
    assert!(whole.iter().all(|sample| sample.value.is_some()));
    for (hole, whole) in holes.iter().zip(&whole) {
        assert_eq!(hole.at, whole.at);
        assert!(hole.value.is_none() || hole == whole, "at {}", hole.at);
    }
    let gaps = |from: usize, to: usize| holes[from..to].iter().filter(|hole| hole.value.is_none()).count();
    assert_eq!(gaps(5_000, 6_000), 1_000);
    // 1,900 of 19,000, whose standard deviation is 41; five of them.
    assert!((1_695..=2_105).contains(&(gaps(0, 5_000) + gaps(6_000, 20_000))));
}

#[test]
fn season_and_outliers_are_added() {
    let plain = ScenarioConfig { samples: 10_000, ..ScenarioConfig::default() };
    let season = Some(Season { amplitude: 20.0, period_secs: 600.0 });
    let outliers = Some(Outliers { share: 0.01, size: 100.0 });
    let seasonal = samples(ScenarioConfig { season, ..plain.clone() }, 6);
    let wild = samples(ScenarioConfig { outliers, ..plain.clone() }, 6);
    let plain = samples(plain, 6);
    let (mut up, mut down) = (0, 0);
    for ((plain, seasonal), wild) in plain.iter().zip(&seasonal).zip(&wild) {
        let value = plain.value.unwrap();
        let wave = 20.0 * (std::f64::consts::TAU * plain.at / 600.0).sin();
        assert!((seasonal.value.unwrap() - value - wave).abs() < 1e-9, "at {}", plain.at);
        match wild.value.unwrap() - value {
            0.0 => {}
            added if (added - 100.0).abs() < 1e-9 => up += 1,
            added if (added + 100.0).abs() < 1e-9 => down += 1,
            added => panic!("{added} added at {}", plain.at),
        }
    }
    // 50 each, whose standard deviation is 7; four of them.
    assert!((22..=78).contains(&up) && (22..=78).contains(&down), "{up} up, {down} down");
}

#[test]
fn extreme_settings_give_values_a_monitor_takes() {
    let laws = [
        Law::Normal { mean: 1e150, sd: 1e150, phi: 0.999 },
        Law::LogNormal { median: 1e150, sigma: 10.0 },
        Law::LogNormal { median: 1e-150, sigma: 10.0 },
        Law::StudentT { mean: -1e150, sd: 1e150, freedom: 2.000_001 },
        Law::Gamma { shape: 0.01, scale: 1e-150 },
        Law::Gamma { shape: 1e6, scale: 1e150 },
        Law::Uniform { low: -1e150, high: 1e150 },
        Law::Poisson { mean: 0.0 },
        Law::Bernoulli { share: 1.0 },
    ];
    for law in laws {
        for to in laws {
            let phase = Phase { start_secs: 0.0, end_secs: 1e150, law, to: Some(to) };
            let config = ScenarioConfig {
                samples: 2_000,
                interval_secs: 5e146,
                law,
                phases: vec![phase],
                season: Some(Season { amplitude: 1e150, period_secs: 1e-150 }),
                outliers: Some(Outliers { share: 0.5, size: 1e150 }),
                ..ScenarioConfig::default()
            };
            for sample in samples(config, 9) {
                assert!(sample.usable().is_some(), "{law:?} to {to:?}: {sample:?}");
            }
        }
    }
}

#[test]
fn settings_that_cannot_be_are_named() {
    let phase = |start_secs, end_secs| Phase { start_secs, end_secs, law: NORMAL, to: None };
    let with = |edit: &dyn Fn(&mut ScenarioConfig)| {
        let mut config = ScenarioConfig::default();
        edit(&mut config);
        config
    };
    let law = |law: Law| with(&|config| config.law = law);
    let cases = [
        ("samples", with(&|config| config.samples = 0)),
        ("samples", ScenarioConfig::default().lasting(f64::NAN)),
        ("interval_secs", with(&|config| config.interval_secs = 0.0)),
        ("mean", law(Law::Normal { mean: f64::NAN, sd: 1.0, phi: 0.0 })),
        ("sd", law(Law::Normal { mean: 0.0, sd: -1.0, phi: 0.0 })),
        ("phi", law(Law::Normal { mean: 0.0, sd: 1.0, phi: 1.0 })),
        ("median", law(Law::LogNormal { median: 0.0, sigma: 1.0 })),
        ("sigma", law(Law::LogNormal { median: 1.0, sigma: 11.0 })),
        ("freedom", law(Law::StudentT { mean: 0.0, sd: 1.0, freedom: 2.0 })),
        ("shape", law(Law::Gamma { shape: 0.0, scale: 1.0 })),
        ("scale", law(Law::Gamma { shape: 1.0, scale: f64::INFINITY })),
        ("mean", law(Law::Poisson { mean: 501.0 })),
        ("high", law(Law::Uniform { low: 1.0, high: 0.0 })),
        ("share", law(Law::Bernoulli { share: 1.1 })),
        ("start_secs", with(&|config| config.phases = vec![phase(-1.0, 1.0)])),
        ("end_secs", with(&|config| config.phases = vec![phase(1.0, 1.0)])),
        ("end_secs", with(&|config| config.phases = vec![phase(1.0, f64::INFINITY)])),
        ("start_secs", with(&|config| config.phases = vec![phase(1.0, 3.0), phase(2.0, 4.0)])),
        ("amplitude", with(&|config| config.season = Some(Season { amplitude: -1.0, period_secs: 1.0 }))),
        ("period_secs", with(&|config| config.season = Some(Season { amplitude: 1.0, period_secs: 0.0 }))),
        ("share", with(&|config| config.outliers = Some(Outliers { share: -0.1, size: 1.0 }))),
        ("size", with(&|config| config.outliers = Some(Outliers { share: 0.1, size: f64::NAN }))),
        ("gap_share", with(&|config| config.gap_share = 1.5)),
        ("end_secs", with(&|config| config.outages = vec![Outage { start_secs: 2.0, end_secs: 1.0 }])),
        ("min", with(&|config| config.min = Some(f64::NAN))),
        ("max", with(&|config| (config.min, config.max) = (Some(1.0), Some(0.0)))),
    ];
    for (wanted, config) in cases {
        match Scenario::new(config, 1) {
            Err(Error::OutOfRange { field, .. }) => assert_eq!(field, wanted),
            other => panic!("{wanted} is refused, not {other:?}"),
        }
    }
}

#[test]
fn configurations_are_plain_json() {
    for preset in ScenarioPreset::ALL {
        let text = serde_json::to_string(&preset.config()).unwrap();
        assert_eq!(serde_json::from_str::<ScenarioConfig>(&text).unwrap(), preset.config());
        assert_eq!(serde_json::to_value(preset).unwrap(), preset.name());
        assert_eq!(ScenarioPreset::named(preset.name()), Some(preset));
    }
    for kind in PhaseKind::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
    }
    let config: ScenarioConfig =
        serde_json::from_str(r#"{"law": {"normal": {"mean": 100, "sd": 10}}}"#).unwrap();
    assert_eq!(config, ScenarioConfig::default());
    assert!(serde_json::from_str::<ScenarioConfig>(r#"{"length": 3}"#).is_err());
    assert!(serde_json::from_str::<Law>(r#"{"poisson": {"mean": 3, "sd": 1}}"#).is_err());
}
