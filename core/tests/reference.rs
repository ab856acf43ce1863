//! The literal Page-Hinkley behaviour against an outside oracle.

use drift_sre::{Baseline, Chart, ChartConfig, Detector, Exponential, PageHinkley, Scale, Sides, Transform};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    name: String,
    config: Config,
    values: Vec<f64>,
    scores: Vec<Option<f64>>,
    alarms: Vec<usize>,
}

#[derive(Deserialize)]
struct Config {
    delta: f64,
    threshold: f64,
    alpha: f64,
    direction: Sides,
    min_samples: u32,
    scale: f64,
}

fn chart(config: &Config) -> Chart {
    let Config { delta, threshold, alpha, direction, min_samples, scale } = *config;
    let scale = Scale::Fixed(scale);
    Chart::new(ChartConfig {
        transform: Transform::Identity,
        baseline: Baseline::Exponential(Exponential { alpha, min_samples, scale }),
        detector: Detector::PageHinkley(PageHinkley { delta, threshold, direction, cap: None }),
    })
    .expect("the vectors hold valid settings")
}

#[test]
fn literal_page_hinkley_agrees_with_exact_arithmetic() {
    let cases: Vec<Case> =
        serde_json::from_str(include_str!("../../vectors/reference/page_hinkley.json")).unwrap();
    assert!(cases.len() >= 9);
    for case in cases {
        let scores: Vec<_> = chart(&case.config).score_many(&case.values).collect();
        for (t, (ours, theirs)) in scores.iter().zip(&case.scores).enumerate() {
            let close = match (ours, theirs) {
                (Some(ours), Some(theirs)) => (ours - theirs).abs() <= 1e-9 * theirs.abs().max(1.0),
                (ours, theirs) => ours.is_none() && theirs.is_none(),
            };
            assert!(close, "{} at {t}: {ours:?}, wanted {theirs:?}", case.name);
        }
        assert_eq!(chart(&case.config).update_many(&case.values), case.alarms, "{}", case.name);
    }
}
