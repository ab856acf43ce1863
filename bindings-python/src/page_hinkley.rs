//! The Page-Hinkley test in classical use.

use drift_sre::{
    Baseline, Chart, ChartConfig, Detector, Exponential, PageHinkley as Parameters, Scale, Transform,
};
use pyo3::{prelude::*, pybacked::PyBackedStr};

use crate::{
    chart::{chart_class, parse_count, parse_direction, quoted},
    error::{coded, value_error},
};

chart_class! {
    /// Page-Hinkley test against an exponentially weighted reference.
    ///
    /// Starts afresh after each alarm, with the alarming value as the new reference. `delta` and `threshold` are in units
    /// of `scale`: None takes them in the metric's own unit, a number divides by it, "auto" learns it.
    PageHinkley,
    ChartConfig { baseline: Baseline::Exponential(_), detector: Detector::PageHinkley(_), .. },
    arguments,
    {
    #[new]
    #[pyo3(signature = (delta=0.05, threshold=50.0, alpha=0.1, *, direction="both", min_samples=30, scale=None))]
    fn new(
        py: Python<'_>,
        delta: f64,
        threshold: f64,
        alpha: f64,
        direction: &str,
        min_samples: i64,
        scale: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let direction = parse_direction(py, direction)?;
        let scale = parse_scale(py, scale)?;
        let min_samples = parse_count(py, "min_samples", min_samples, "1 to 65,536")?;
        let cap = if let Scale::Auto { .. } = scale { Parameters::default().cap } else { None };
        let config = ChartConfig {
            transform: Transform::Identity,
            baseline: Baseline::Exponential(Exponential { alpha, min_samples, scale }),
            detector: Detector::PageHinkley(Parameters { delta, threshold, direction, cap }),
        };
        Chart::new(config).map(Self).map_err(|error| value_error(py, error))
    }

    }
}

fn arguments(config: &ChartConfig) -> String {
    let ChartConfig {
        baseline: Baseline::Exponential(baseline),
        detector: Detector::PageHinkley(detector),
        ..
    } = config
    else {
        // Neither the constructor nor `from_bytes` makes any other.
        return String::new();
    };
    let Parameters { delta, threshold, direction, .. } = detector;
    let Exponential { alpha, min_samples, .. } = baseline;
    let direction = quoted(*direction);
    let scale = match baseline.scale {
        Scale::Auto { .. } => "'auto'".to_owned(),
        // Not to be had from the constructor.
        Scale::Weighted { .. } => "'weighted'".to_owned(),
        Scale::Fixed(1.0) => "None".to_owned(),
        Scale::Fixed(scale) => scale.to_string(),
    };
    format!(
        "delta={delta}, threshold={threshold}, alpha={alpha}, direction={direction}, min_samples={min_samples}, \
         scale={scale}"
    )
}

fn parse_scale(py: Python<'_>, scale: Option<&Bound<'_, PyAny>>) -> PyResult<Scale> {
    let Some(scale) = scale else { return Ok(Scale::Fixed(1.0)) };
    if let Ok(number) = scale.extract::<f64>() {
        return Ok(Scale::Fixed(number));
    }
    if scale.extract::<PyBackedStr>().is_ok_and(|name| *name == *"auto") {
        return Ok(Scale::Auto { floor: 0.0 });
    }
    let message = format!("scale must be 'auto', None or a positive number, got {}", scale.repr()?);
    Err(coded(py, "out_of_range", message))
}
