//! What is timed and counted: every detector on the default baseline, and the default detector on every baseline.

pub mod logs;

use drift_sre::{Baseline, ChartConfig, Detector, Exponential, Law, Scale, Scenario, ScenarioConfig};

/// Independent normal values, 20 ± 5.
///
/// # Panics
/// Never: the configuration is valid.
#[must_use]
pub fn values(samples: u32) -> Vec<f64> {
    let law = Law::Normal { mean: 20.0, sd: 5.0, phi: 0.0 };
    let config = ScenarioConfig { samples, law, ..ScenarioConfig::default() };
    Scenario::new(config, 1).expect("valid").filter_map(|sample| sample.value).collect()
}

/// The Page-Hinkley test on a given scale, which is what peers have.
#[must_use]
pub fn given_scale() -> ChartConfig {
    let exponential = Exponential { scale: Scale::Fixed(5.0), ..Exponential::default() };
    ChartConfig { baseline: Baseline::Exponential(exponential), ..ChartConfig::default() }
}

/// Names and settings.
#[must_use]
pub fn charts() -> Vec<(String, ChartConfig)> {
    let detectors = Detector::all().zip(Detector::NAMES);
    let detectors = detectors.map(|(detector, name)| {
        (format!("{name}, learned scale"), ChartConfig { detector, ..ChartConfig::default() })
    });
    let baselines = Baseline::all().filter(|baseline| *baseline != Baseline::default()).map(|baseline| {
        let name = format!("{baseline:?}").to_lowercase();
        let name = name.split('(').next().unwrap_or_default();
        (format!("page_hinkley, {name}"), ChartConfig { baseline, ..ChartConfig::default() })
    });
    [("page_hinkley, given scale".to_owned(), given_scale())]
        .into_iter()
        .chain(detectors)
        .chain(baselines)
        .collect()
}
