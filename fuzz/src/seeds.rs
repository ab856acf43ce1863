//! What a fuzzer starts from: a small valid input for each kind of thing there is.

use drift_sre::{
    Adaptive, AdaptiveConfig, Baseline, Chart, ChartConfig, CorrelationConfig, Detector, Exponential, Fixed,
    Fleet, Forgetting, Monitor, MonitorConfig, Observation, Preset, RecordConfig, RecordMonitor, Rolling,
    Sample, Scale, Seasonality, WindowConfig, Windows,
};
use serde::Serialize;

use crate::input::compose;

/// Target, name and content of a seed.
pub type Seed = (&'static str, String, Vec<u8>);

/// Choices of samples: quiet, then high, then what is no value.
const CHOICES: [u8; 12] = [4, 5, 6, 4, 5, 6, 7, 7, 7, 4, 15, 10];

/// Every seed.
#[must_use]
pub fn all() -> Vec<Seed> {
    [settings(), charts(), fleets(), monitors(), windows(), records(), adaptives()].concat()
}

fn settings() -> Vec<Seed> {
    let seed = |name: String, content| ("settings", name, content);
    let mut seeds = vec![
        seed("windows.json".into(), json(&WindowConfig::default())),
        seed("windows.postcard".into(), postcard(&WindowConfig::default())),
        seed("correlation.json".into(), json(&CorrelationConfig::default())),
        seed("records.json".into(), json(&RecordConfig::default())),
    ];
    for preset in Preset::ALL {
        seeds.push(seed(format!("{}.json", preset.name()), json(&preset.config())));
        seeds.push(seed(format!("{}.postcard", preset.name()), postcard(&preset.config())));
    }
    for (name, config) in charted() {
        seeds.push(seed(format!("{name}.json"), json(&config)));
    }
    seeds
}

fn charts() -> Vec<Seed> {
    let seed = |(name, config)| {
        let mut chart = Chart::new(config).expect("valid");
        chart.update_many(&[20.0, 21.5, 19.0].repeat(4));
        ("chart", name, compose(None::<&()>, &CHOICES, &chart.to_bytes()))
    };
    charted().map(seed).collect()
}

/// In control, after an alarm, and long after it, on a season.
fn adaptives() -> Vec<Seed> {
    let season = Seasonality::Given { period: 50.0, cycle: None };
    let config = AdaptiveConfig { compact: true, season, ..AdaptiveConfig::default() };
    let mut adaptive = Adaptive::new(config).expect("valid");
    let mut seeds = vec![];
    for t in 0..1200_u32 {
        let level = if t < 500 { 20.0 } else { 40.0 };
        let noise = f64::from(t.wrapping_mul(2_654_435_769) >> 20) / 4_096.0;
        adaptive.update(Sample::new(f64::from(t), level + f64::from(t % 50) / 10.0 + noise));
        if [499, 510, 1199].contains(&t) {
            let name = format!("{}-{t}", adaptive.state().name());
            seeds.push(("adaptive", name, compose(None::<&()>, &CHOICES, &adaptive.to_bytes())));
        }
    }
    seeds
}

fn fleets() -> Vec<Seed> {
    let seed = |(name, config)| {
        let mut fleet = Fleet::new(config, 2).expect("valid");
        fleet.update_many(&[20.0, 21.5, 19.0].repeat(8)).expect("whole rows");
        ("fleet", name, compose(None::<&()>, &CHOICES, &fleet.to_bytes()))
    };
    charted().map(seed).collect()
}

/// In control, and in a drift.
fn monitors() -> Vec<Seed> {
    let mut seeds = vec![];
    for (name, ChartConfig { transform, baseline, detector }) in charted() {
        let config = MonitorConfig { transform, baseline, detector, ..MonitorConfig::default() };
        let mut monitor = Monitor::new(config).expect("valid");
        for t in 0..40 {
            let level = if t < 20 { 20.0 } else { 1e3 };
            monitor.update(Sample::new(f64::from(t), level + f64::from(t % 3)));
            if t == 15 || t == 39 {
                let name = format!("{name}-{}", monitor.state().name());
                seeds.push(("monitor", name, compose(Some(&config), &CHOICES, &monitor.snapshot())));
            }
        }
    }
    seeds
}

fn windows() -> Vec<Seed> {
    let seed = |(name, capacity): (&str, u32)| {
        let config = WindowConfig { window_secs: vec![5.0, 2.5], lateness_secs: 2.0, capacity };
        let mut windows = Windows::new(config.clone()).expect("valid");
        for t in 0..10u32 {
            let (id, failed) = ((t % 3 > 0).then_some(u64::from(t)), Some(t == 7));
            windows.update(Observation { id, failed, ..Observation::new(f64::from(t), 20.0) });
        }
        ("windows", name.into(), compose(Some(&config), &CHOICES, &windows.snapshot()))
    };
    [("roomy", 100), ("crowded", 4)].map(seed).into()
}

/// Calibrating, calibrated, and with an anchor.
fn records() -> Vec<Seed> {
    let lines = b"GET /a 200\n{\"ms\": 5, \"token\": \"x\"}\nFATAL out of memory\n\n\xff\xfe {\n";
    let seed = |(name, lines_before, anchored): (&str, u32, bool)| {
        let config = crate::records::small();
        let mut monitor = RecordMonitor::new(config.clone()).expect("valid");
        for n in 0..lines_before {
            monitor.update(format!(
                "{{\"ms\": {}, \"msg\": \"job {n} done by {}\"}}",
                n % 9,
                ["ada", "bob"][n as usize % 2]
            ));
        }
        if anchored {
            monitor.set_anchor().expect("calibrated");
            monitor.update("job done");
        }
        ("records", name.into(), compose(Some(&config), lines, &monitor.snapshot()))
    };
    [("calibrating", 5, false), ("calibrated", 60, false), ("anchored", 60, true)].map(seed).into()
}

/// Every baseline and every detector in few pairs, the baselines with short memories.
fn charted() -> impl Iterator<Item = (String, ChartConfig)> {
    let exponential = Exponential { min_samples: 8, ..Exponential::default() };
    let rolling = Rolling { size: 8, min_samples: 4, refresh_every: 2, ..Rolling::default() };
    let baselines = [
        ("given_scale", Baseline::Exponential(Exponential { scale: Scale::Fixed(1.0), ..exponential })),
        ("learned_scale", Baseline::Exponential(exponential)),
        ("rolling", Baseline::Rolling(rolling)),
        ("robust", Baseline::Rolling(Rolling { robust: true, ..rolling })),
        ("fixed", Baseline::Fixed(Fixed { mean: 20.0, ..Fixed::default() })),
        ("forgetting", Baseline::Forgetting(Forgetting { min_samples: 4, ..Forgetting::default() })),
    ];
    let detectors: Vec<_> = Detector::all().zip(Detector::NAMES).collect();
    let count = baselines.len().max(detectors.len());
    let pairs = baselines.into_iter().cycle().zip(detectors.into_iter().cycle()).take(count);
    let pairs = pairs.map(|((name, baseline), (detector, its_name))| {
        (format!("{name}-{its_name}"), ChartConfig { baseline, detector, ..ChartConfig::default() })
    });
    let baseline = Baseline::Exponential(exponential);
    pairs.chain([("default".into(), ChartConfig { baseline, ..ChartConfig::default() })])
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("settings are plain data")
}

fn postcard(value: &impl Serialize) -> Vec<u8> {
    postcard::to_allocvec(value).expect("settings are plain data")
}
