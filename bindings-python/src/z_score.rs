//! The z-score of single values.

use drift_sre::{Baseline, Chart, ChartConfig, Detector, Rolling, ZScore as Parameters};
use pyo3::prelude::*;

use crate::chart::{chart_class, named, on_baseline, parse_direction, quoted};

chart_class! {
    /// Distance of a value from the baseline; alarms at every value beyond `threshold` times its spread.
    ///
    /// `baseline` is a name or a mapping such as {"rolling": {"size": 500}} (docs/configuration.md).
    ZScore,
    ChartConfig { detector: Detector::ZScore(_), .. },
    arguments,
    {
        #[new]
        #[pyo3(signature = (threshold=3.0, *, direction="both", baseline=None))]
        fn new(
            py: Python<'_>,
            threshold: f64,
            direction: &str,
            baseline: Option<&Bound<'_, PyAny>>,
        ) -> PyResult<Self> {
            let direction = parse_direction(py, direction)?;
            let detector = Detector::ZScore(Parameters { threshold, direction });
            on_baseline(py, detector, baseline, Baseline::Rolling(Rolling::default())).map(Self)
        }
    }
}

fn arguments(config: &ChartConfig) -> String {
    let ChartConfig { baseline, detector: Detector::ZScore(Parameters { threshold, direction }), .. } =
        config
    else {
        // Neither the constructor nor `from_bytes` makes any other.
        return String::new();
    };
    let (direction, baseline) = (quoted(*direction), named(baseline));
    format!("threshold={threshold}, direction={direction}, baseline={baseline}")
}
