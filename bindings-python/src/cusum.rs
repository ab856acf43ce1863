//! The two-sided CUSUM.

use drift_sre::{Baseline, Chart, ChartConfig, Cusum as Parameters, Detector, Forgetting};
use pyo3::prelude::*;

use crate::chart::{chart_class, named, on_baseline, parse_direction, quoted};

chart_class! {
    /// Cumulated sums of what exceeds `slack`; alarms when one exceeds `threshold`.
    ///
    /// `baseline` is a name or a mapping such as {"rolling": {"size": 500}} (docs/configuration.md).
    Cusum,
    ChartConfig { detector: Detector::Cusum(_), .. },
    arguments,
    {
        #[new]
        #[pyo3(signature = (slack=0.5, threshold=5.0, *, direction="both", baseline=None))]
        fn new(
            py: Python<'_>,
            slack: f64,
            threshold: f64,
            direction: &str,
            baseline: Option<&Bound<'_, PyAny>>,
        ) -> PyResult<Self> {
            let direction = parse_direction(py, direction)?;
            let detector = Detector::Cusum(Parameters { slack, threshold, direction });
            on_baseline(py, detector, baseline, Baseline::Forgetting(Forgetting::default())).map(Self)
        }
    }
}

fn arguments(config: &ChartConfig) -> String {
    let ChartConfig {
        baseline, detector: Detector::Cusum(Parameters { slack, threshold, direction }), ..
    } = config
    else {
        // Neither the constructor nor `from_bytes` makes any other.
        return String::new();
    };
    let (direction, baseline) = (quoted(*direction), named(baseline));
    format!("slack={slack}, threshold={threshold}, direction={direction}, baseline={baseline}")
}
