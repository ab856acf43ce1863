//! The window shift.

use drift_sre::{Baseline, Chart, ChartConfig, Detector, Forgetting, WindowShift as Parameters};
use pyo3::prelude::*;

use crate::chart::{chart_class, named, on_baseline, parse_count, parse_direction, quoted};

chart_class! {
    /// The newest `size` values together against the baseline: their mean, and how widely they scatter.
    ///
    /// Limits that are None are left aside. `baseline` is a name or a mapping such as {"rolling": {"size": 500}}
    /// (docs/configuration.md). A window in event time is to be had from a `Monitor`.
    WindowShift,
    ChartConfig { detector: Detector::WindowShift(_), .. },
    arguments,
    {
        #[new]
        #[pyo3(signature = (size=60, *, min_samples=30, effect=0.5, significance=5.0, spread_above=2.0,
            spread_below=0.5, cap=5.0, direction="both", baseline=None))]
        #[expect(clippy::too_many_arguments, reason = "they are keywords")]
        fn new(
            py: Python<'_>,
            size: i64,
            min_samples: i64,
            effect: Option<f64>,
            significance: Option<f64>,
            spread_above: Option<f64>,
            spread_below: Option<f64>,
            cap: Option<f64>,
            direction: &str,
            baseline: Option<&Bound<'_, PyAny>>,
        ) -> PyResult<Self> {
            let direction = parse_direction(py, direction)?;
            let detector = Detector::WindowShift(Parameters {
                window_secs: None,
                size: parse_count(py, "size", size, "2 to 65,536")?,
                min_samples: parse_count(py, "min_samples", min_samples, "2 to size")?,
                effect,
                significance,
                spread_above,
                spread_below,
                cap,
                direction,
            });
            on_baseline(py, detector, baseline, Baseline::Forgetting(Forgetting::default())).map(Self)
        }
    }
}

fn arguments(config: &ChartConfig) -> String {
    let ChartConfig { baseline, detector: Detector::WindowShift(parameters), .. } = config else {
        // Neither the constructor nor `from_bytes` makes any other.
        return String::new();
    };
    let Parameters {
        size,
        min_samples,
        effect,
        significance,
        spread_above,
        spread_below,
        cap,
        direction,
        ..
    } = parameters;
    let limits = [
        ("effect", effect),
        ("significance", significance),
        ("spread_above", spread_above),
        ("spread_below", spread_below),
        ("cap", cap),
    ];
    let limits = limits
        .map(|(name, limit)| limit.map_or_else(|| format!("{name}=None"), |limit| format!("{name}={limit}")));
    let (limits, direction, baseline) = (limits.join(", "), quoted(*direction), named(baseline));
    format!("size={size}, min_samples={min_samples}, {limits}, direction={direction}, baseline={baseline}")
}
