//! What presets promise on the systems' own signals.

use drift_sre::{
    Baseline, Cause, Event, Fixed, Forgetting, Kind, Law, Moments, Monitor, Preset, Sample, Scenario,
    ScenarioConfig, ScenarioPreset, State,
};

/// A source of the pipeline at its shipped rates: 1.67 samples a second, and for 20 s of take-over 16.7. The drifting
/// values are those of a scenario whose times are not used.
fn shipped(drifting: ScenarioPreset, seed: u64) -> Vec<Sample> {
    let quiet = values(ScenarioPreset::PipelineCpu, 400, seed);
    let config = drifting.config();
    let taken_over = config.phases[0].law;
    let wild = values_of(
        ScenarioConfig { samples: 334, law: taken_over, phases: vec![], ..config },
        seed + 1_000_000,
    );
    let at = |value: &f64, from: f64, step: f64, t: usize| Sample::new(from + step * t as f64, *value);
    let before = quiet[..200].iter().enumerate().map(|(t, value)| at(value, 0.0, 0.6, t));
    let during = wild.iter().enumerate().map(|(t, value)| at(value, 120.0, 0.06, t));
    let after = quiet[200..].iter().enumerate().map(|(t, value)| at(value, 140.1, 0.6, t));
    before.chain(during).chain(after).collect()
}

fn values(preset: ScenarioPreset, samples: u32, seed: u64) -> Vec<f64> {
    values_of(ScenarioConfig { samples, ..preset.config() }, seed)
}

fn values_of(config: ScenarioConfig, seed: u64) -> Vec<f64> {
    Scenario::new(config, seed).expect("valid").filter_map(|sample| sample.value).collect()
}

fn events(preset: Preset, samples: &[Sample]) -> Vec<Event> {
    let mut monitor = Monitor::new(preset.config()).expect("valid");
    samples.iter().filter_map(|sample| monitor.update(*sample).event).collect()
}

#[test]
fn shipped_pipeline_rates_leave_the_warm_up_and_write_start_and_end() {
    for drifting in [ScenarioPreset::PipelineCpuMeanShift, ScenarioPreset::PipelineCpuVarianceIncrease] {
        for seed in 0..100 {
            let told = events(Preset::Pipeline, &shipped(drifting, seed));
            let [start, end] = told[..] else { panic!("{drifting:?} {seed}: {told:?}") };
            assert_eq!((start.kind, end.kind, end.cause), (Kind::Opened, Kind::Closed, Cause::Recovered));
            assert!((119.0..140.0).contains(&start.onset) && start.at < 145.0, "{seed}: {start:?}");
            assert!((165.0..215.0).contains(&end.at), "{seed}: {end:?}");
        }
    }
    // The original never leaves the warm-up before it is taken over, and then learns the take-over.
    let literal = events(Preset::PipelineLiteral, &shipped(ScenarioPreset::PipelineCpuMeanShift, 1));
    assert_eq!(literal, []);
}

#[test]
fn a_stable_source_of_the_pipeline_is_left_alone() {
    for seed in 0..20 {
        let quiet = values(ScenarioPreset::PipelineLatency, 10_000, seed);
        let samples: Vec<_> =
            quiet.iter().enumerate().map(|(t, value)| Sample::new(0.6 * t as f64, *value)).collect();
        assert_eq!(events(Preset::Pipeline, &samples), [], "{seed}");
    }
}

#[test]
fn stationary_windows_are_flagged_in_less_than_one_of_a_hundred() {
    let share = |preset: Preset| {
        let flagged: usize = (0..50)
            .map(|seed| {
                let mut monitor = Monitor::new(preset.config()).expect("valid");
                let scenario =
                    Scenario::new(ScenarioConfig { samples: 1_000, ..ScenarioConfig::default() }, seed);
                scenario
                    .expect("valid")
                    .filter(|sample| monitor.update(*sample).state == State::Drifting)
                    .count()
            })
            .sum();
        flagged as f64 / 50_000.0
    };
    let (mended, literal) = (share(Preset::Degradation), share(Preset::DegradationLiteral));
    assert!(mended < 0.01, "{mended}");
    assert!(literal > 0.1, "{literal}: the original flags one in six");
}

#[test]
fn latency_that_rises_for_five_minutes_is_found_within_four() {
    for seed in 0..100 {
        let calm =
            values_of(ScenarioConfig { samples: 60, law: latency(100.0), ..ScenarioConfig::default() }, seed);
        let noise = values_of(
            ScenarioConfig { samples: 5, law: latency(0.0), ..ScenarioConfig::default() },
            seed + 500,
        );
        let rise = noise.iter().enumerate().map(|(minute, noise)| 100.0 + 80.0 * (minute + 1) as f64 + noise);
        let samples: Vec<_> = calm
            .into_iter()
            .chain(rise)
            .enumerate()
            .map(|(minute, value)| Sample::new(60.0 * minute as f64, value))
            .collect();
        let opened = events(Preset::Degradation, &samples).into_iter().find(|event| event.at >= 3_600.0);
        assert!(opened.is_some_and(|event| event.at < 3_600.0 + 240.0), "{seed}: {opened:?}");
    }
}

fn latency(mean: f64) -> Law {
    Law::Normal { mean, sd: 10.0, phi: 0.0 }
}

#[test]
fn the_deviation_of_a_long_history_neither_grows_nor_shrinks() {
    let mut config = Preset::Degradation.config();
    config.decision.learning = drift_sre::Learning::Always;
    let mut monitor = Monitor::new(config).expect("valid");
    for sample in
        Scenario::new(ScenarioConfig { samples: 20_000, law: latency(100.0), ..ScenarioConfig::default() }, 1)
            .expect("valid")
    {
        monitor.update(sample);
    }
    let spread = monitor.reference().expect("warm").spread;
    assert!((9.5..10.5).contains(&spread), "{spread}; the original's was 29.7");
}

#[test]
fn merged_references_are_the_reference_of_all_their_samples() {
    let all = values(ScenarioPreset::Normal, 900, 3);
    let of = |values: &[f64]| {
        let mut moments = Moments::default();
        for value in values {
            moments.update(*value);
        }
        Fixed::from(moments)
    };
    let (whole, merged) = (of(&all), of(&all[..250]).merge(&of(&all[250..])));
    assert_eq!(whole.count, merged.count);
    assert!((whole.mean - merged.mean).abs() < 1e-12 * whole.mean);
    assert!((whole.m2 - merged.m2).abs() < 1e-11 * whole.m2);
    // A monitor that learned the same stands where the given reference stands.
    let learning = Baseline::Forgetting(Forgetting { half_life: None, min_samples: 900, floor: 0.0 });
    let mut monitor =
        Monitor::new(drift_sre::MonitorConfig { baseline: learning, ..Preset::Degradation.config() })
            .expect("valid");
    for (t, value) in all.iter().enumerate() {
        monitor.update(Sample::new(t as f64, *value));
    }
    let learned = monitor.reference().expect("warm");
    let given = Monitor::new(drift_sre::MonitorConfig {
        baseline: Baseline::Fixed(merged),
        ..Preset::Degradation.config()
    })
    .expect("valid")
    .reference()
    .expect("given");
    assert!((learned.level - given.level).abs() < 1e-10 && (learned.spread - given.spread).abs() < 1e-10);
    assert_eq!(given.quantiles, None);
}
