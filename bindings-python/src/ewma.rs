//! The EWMA chart.

use drift_sre::{Baseline, Chart, ChartConfig, Detector, Ewma as Parameters, Forgetting};
use pyo3::prelude::*;

use crate::chart::{chart_class, named, on_baseline, parse_direction, quoted};

chart_class! {
    /// Weighted mean of residuals against its own control limits, `threshold` standard deviations off.
    ///
    /// `baseline` is a name or a mapping such as {"rolling": {"size": 500}} (docs/configuration.md).
    Ewma,
    ChartConfig { detector: Detector::Ewma(_), .. },
    arguments,
    {
        #[new]
        #[pyo3(signature = (weight=0.1, threshold=2.814, *, direction="both", baseline=None))]
        fn new(
            py: Python<'_>,
            weight: f64,
            threshold: f64,
            direction: &str,
            baseline: Option<&Bound<'_, PyAny>>,
        ) -> PyResult<Self> {
            let direction = parse_direction(py, direction)?;
            let detector = Detector::Ewma(Parameters { weight, threshold, direction });
            on_baseline(py, detector, baseline, Baseline::Forgetting(Forgetting::default())).map(Self)
        }
    }
}

fn arguments(config: &ChartConfig) -> String {
    let ChartConfig {
        baseline, detector: Detector::Ewma(Parameters { weight, threshold, direction }), ..
    } = config
    else {
        // Neither the constructor nor `from_bytes` makes any other.
        return String::new();
    };
    let (direction, baseline) = (quoted(*direction), named(baseline));
    format!("weight={weight}, threshold={threshold}, direction={direction}, baseline={baseline}")
}
