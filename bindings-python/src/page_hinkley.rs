//! The Page-Hinkley test in classical use.

use std::borrow::Cow;

use drift_sre::{
    Baseline, Chart, ChartConfig, Detector, Exponential, PageHinkley as Parameters, Scale, Sides, Transform,
};
use numpy::{AllowTypeChange, IntoPyArray, PyArray1, PyArrayLike1};
use pyo3::{
    prelude::*,
    pybacked::PyBackedStr,
    types::{PyBytes, PyTuple, PyType},
};

use crate::error::{coded, value_error};

type Values<'py> = PyArrayLike1<'py, f64, AllowTypeChange>;

/// Page-Hinkley test against an exponentially weighted reference.
///
/// Starts afresh after each alarm, with the alarming value as the new reference. `delta` and `threshold` are in units
/// of `scale`: None takes them in the metric's own unit, a number divides by it, "auto" learns it.
#[pyclass(module = "drift_sre", skip_from_py_object)]
#[derive(Clone)]
pub(crate) struct PageHinkley(Chart);

#[pymethods]
impl PageHinkley {
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
        let Ok(min_samples) = u32::try_from(min_samples) else {
            let message = format!("min_samples must be 1 to 65,536, got {min_samples}");
            return Err(coded(py, "out_of_range", message));
        };
        let cap = if let Scale::Auto { .. } = scale { Parameters::default().cap } else { None };
        let config = ChartConfig {
            transform: Transform::Identity,
            baseline: Baseline::Exponential(Exponential { alpha, min_samples, scale }),
            detector: Detector::PageHinkley(Parameters { delta, threshold, direction, cap }),
        };
        Chart::new(config).map(Self).map_err(|error| value_error(py, error))
    }

    /// Takes many values; the positions of those that alarm.
    #[expect(clippy::needless_pass_by_value, reason = "arguments arrive by value")]
    fn update_many<'py>(&mut self, py: Python<'py>, values: Values<'py>) -> Bound<'py, PyArray1<isize>> {
        let alarms = self.0.update_many(&contiguous(&values));
        // NumPy indexes with signed numbers; no array is long enough to wrap one.
        alarms.into_iter().map(usize::cast_signed).collect::<Vec<_>>().into_pyarray(py)
    }

    /// Takes many values; their scores, 1.0 being the alarm line and NaN meaning that there is none yet.
    #[expect(clippy::needless_pass_by_value, reason = "arguments arrive by value")]
    fn score_many<'py>(&mut self, py: Python<'py>, values: Values<'py>) -> Bound<'py, PyArray1<f64>> {
        let values = contiguous(&values);
        let scores: Vec<f64> = self.0.score_many(&values).map(|score| score.unwrap_or(f64::NAN)).collect();
        scores.into_pyarray(py)
    }

    /// Whether the newest value alarmed.
    #[getter]
    fn drift_detected(&self) -> bool {
        self.0.drift_detected()
    }

    /// Score of the newest value, 1.0 being the alarm line; None in the warm-up.
    #[getter]
    fn score(&self) -> Option<f64> {
        self.0.score().map(|score| score.value)
    }

    /// Which way the newest score leans, "up" or "down"; None in the warm-up.
    #[getter]
    fn direction(&self) -> Option<&'static str> {
        self.0.score().map(|score| score.direction.name())
    }

    /// The reference that values are compared with; None in the warm-up.
    #[getter]
    fn baseline(&self) -> Option<f64> {
        self.0.level()
    }

    /// Forgets all it has seen; the parameters stay.
    fn reset(&mut self) {
        self.0.reset();
    }

    /// Parameters and state as bytes.
    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.to_bytes())
    }

    /// The detector that `to_bytes` wrote, which goes on bit for bit.
    #[classmethod]
    fn from_bytes(cls: &Bound<'_, PyType>, data: &[u8]) -> PyResult<Self> {
        let refused = |error| value_error(cls.py(), error);
        let chart = Chart::from_bytes(data).map_err(refused)?;
        let ChartConfig { baseline, detector, .. } = chart.config();
        match (baseline, detector) {
            (Baseline::Exponential(_), Detector::PageHinkley(_)) => Ok(Self(chart)),
            _ => Err(refused(drift_sre::Error::SnapshotMismatch)),
        }
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let py = slf.py();
        let rebuild = slf.get_type().getattr("from_bytes")?;
        Ok((rebuild, PyTuple::new(py, [slf.borrow().to_bytes(py)])?))
    }

    fn __copy__(&self) -> Self {
        self.clone()
    }

    #[expect(unused_variables, reason = "the protocol passes a memo; there is nothing in here to share")]
    fn __deepcopy__(&self, memo: &Bound<'_, PyAny>) -> Self {
        self.clone()
    }

    fn __repr__(&self) -> String {
        let ChartConfig {
            baseline: Baseline::Exponential(baseline),
            detector: Detector::PageHinkley(detector),
            ..
        } = self.0.config()
        else {
            // Neither the constructor nor `from_bytes` makes any other.
            return "PageHinkley(?)".to_owned();
        };
        let Parameters { delta, threshold, direction, .. } = detector;
        let direction = match direction {
            Sides::Up => "up",
            Sides::Down => "down",
            Sides::Both => "both",
        };
        let scale = match baseline.scale {
            Scale::Auto { .. } => "'auto'".to_owned(),
            Scale::Fixed(1.0) => "None".to_owned(),
            Scale::Fixed(scale) => scale.to_string(),
        };
        let Exponential { alpha, min_samples, .. } = baseline;
        format!(
            "PageHinkley(delta={delta}, threshold={threshold}, alpha={alpha}, direction='{direction}', \
             min_samples={min_samples}, scale={scale})"
        )
    }
}

impl PageHinkley {
    /// What `update` does.
    pub(crate) fn take(&mut self, x: f64) -> bool {
        self.0.update(x)
    }
}

/// The array's own memory where it is one run, else a copy.
fn contiguous<'a>(values: &'a Values<'_>) -> Cow<'a, [f64]> {
    values.as_slice().map_or_else(|_| Cow::Owned(values.as_array().to_vec()), Cow::Borrowed)
}

fn parse_direction(py: Python<'_>, direction: &str) -> PyResult<Sides> {
    match direction {
        "up" => Ok(Sides::Up),
        "down" => Ok(Sides::Down),
        "both" => Ok(Sides::Both),
        other => {
            let message = format!("direction must be 'up', 'down' or 'both', got {other:?}");
            Err(coded(py, "out_of_range", message))
        }
    }
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
