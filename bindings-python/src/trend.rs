//! The trend test.

use drift_sre::{Baseline, Chart, ChartConfig, Detector, Forgetting, Trend as Parameters};
use pyo3::prelude::*;

use crate::chart::{chart_class, named, on_baseline, parse_count, parse_direction, quoted};

chart_class! {
    /// A line through the means of the last `blocks` blocks of `block` values: what creeps.
    ///
    /// Alarms when its slope exceeds `threshold` standard errors and its end lies `rise` standard deviations off the baseline.
    /// `baseline` is a name or a mapping such as {"rolling": {"size": 500}} (docs/configuration.md).
    Trend,
    ChartConfig { detector: Detector::Trend(_), .. },
    arguments,
    {
        #[new]
        #[pyo3(signature = (block=600, blocks=12, *, threshold=6.0, rise=1.0, direction="both", baseline=None))]
        fn new(
            py: Python<'_>,
            block: i64,
            blocks: i64,
            threshold: f64,
            rise: f64,
            direction: &str,
            baseline: Option<&Bound<'_, PyAny>>,
        ) -> PyResult<Self> {
            let direction = parse_direction(py, direction)?;
            let block = parse_count(py, "block", block, "1 to 1,000,000")?;
            let blocks = parse_count(py, "blocks", blocks, "6 to 64")?;
            let detector = Detector::Trend(Parameters { block, blocks, threshold, rise, direction });
            let everything = Forgetting { half_life: None, ..Forgetting::default() };
            on_baseline(py, detector, baseline, Baseline::Forgetting(everything)).map(Self)
        }
    }
}

fn arguments(config: &ChartConfig) -> String {
    let ChartConfig { baseline, detector: Detector::Trend(parameters), .. } = config else {
        // Neither the constructor nor `from_bytes` makes any other.
        return String::new();
    };
    let Parameters { block, blocks, threshold, rise, direction } = parameters;
    let (direction, baseline) = (quoted(*direction), named(baseline));
    format!(
        "block={block}, blocks={blocks}, threshold={threshold}, rise={rise}, direction={direction}, baseline={baseline}"
    )
}
