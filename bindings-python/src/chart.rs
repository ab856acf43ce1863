//! What the classes of all detectors have in common: a core chart and its verbs.

use std::borrow::Cow;

use drift_sre::{Baseline, Chart, ChartConfig, Detector, Sides, Transform};
use numpy::{AllowTypeChange, PyArrayLike1};
use pyo3::{prelude::*, types::PyDict};
use pythonize::depythonize;

use crate::error::{coded, value_error};

/// Numbers in any array or sequence.
pub(crate) type Values<'py> = PyArrayLike1<'py, f64, AllowTypeChange>;

/// A class that is a chart.
pub(crate) trait IsChart {
    fn chart(&mut self) -> &mut Chart;
}

/// Makes a class of a detector: its constructor, how it is shown, and the verbs that all have.
macro_rules! chart_class {
    ($(#[$doc:meta])* $name:ident, $variant:pat, $repr:path, { $($constructor:tt)* }) => {
        $(#[$doc])*
        #[pyclass(module = "drift_sre", skip_from_py_object)]
        #[derive(Clone)]
        pub(crate) struct $name(Chart);

        impl crate::chart::IsChart for $name {
            fn chart(&mut self) -> &mut Chart {
                &mut self.0
            }
        }

        #[pymethods]
        impl $name {
            $($constructor)*

            /// Takes many values; the positions of those that alarm.
            fn update_many<'py>(
                &mut self,
                py: Python<'py>,
                values: crate::chart::Values<'py>,
            ) -> Bound<'py, numpy::PyArray1<isize>> {
                let alarms = crate::wide::chart(&mut self.0, &crate::chart::contiguous(&values));
                // NumPy indexes with signed numbers; no array is long enough to wrap one.
                let alarms: Vec<isize> = alarms.into_iter().map(usize::cast_signed).collect();
                numpy::IntoPyArray::into_pyarray(alarms, py)
            }

            /// Takes many values; their scores, 1.0 being the alarm line and NaN meaning that there is none yet.
            fn score_many<'py>(
                &mut self,
                py: Python<'py>,
                values: crate::chart::Values<'py>,
            ) -> Bound<'py, numpy::PyArray1<f64>> {
                let values = crate::chart::contiguous(&values);
                let scores: Vec<f64> = self.0.score_many(&values).map(|score| score.unwrap_or(f64::NAN)).collect();
                numpy::IntoPyArray::into_pyarray(scores, py)
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
            fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, pyo3::types::PyBytes> {
                pyo3::types::PyBytes::new(py, &self.0.to_bytes())
            }

            /// The detector that `to_bytes` wrote, which goes on bit for bit.
            #[classmethod]
            fn from_bytes(cls: &Bound<'_, pyo3::types::PyType>, data: &[u8]) -> PyResult<Self> {
                let refused = |error| crate::error::value_error(cls.py(), error);
                let chart = Chart::from_bytes(data).map_err(refused)?;
                match chart.config() {
                    $variant => Ok(Self(chart)),
                    _ => Err(refused(drift_sre::Error::SnapshotMismatch)),
                }
            }

            fn __reduce__<'py>(
                slf: &Bound<'py, Self>,
            ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, pyo3::types::PyTuple>)> {
                let py = slf.py();
                let rebuild = slf.get_type().getattr("from_bytes")?;
                Ok((rebuild, pyo3::types::PyTuple::new(py, [slf.borrow().to_bytes(py)])?))
            }

            fn __copy__(&self) -> Self {
                self.clone()
            }

            #[expect(unused_variables, reason = "the protocol passes a memo; there is nothing in here to share")]
            fn __deepcopy__(&self, memo: &Bound<'_, PyAny>) -> Self {
                self.clone()
            }

            fn __repr__(&self) -> String {
                format!("{}({})", stringify!($name), $repr(self.0.config()))
            }
        }
    };
}

pub(crate) use chart_class;

/// A chart of this detector on a baseline that is named, described or left to `default`.
pub(crate) fn on_baseline(
    py: Python<'_>,
    detector: Detector,
    baseline: Option<&Bound<'_, PyAny>>,
    default: Baseline,
) -> PyResult<Chart> {
    let baseline = baseline.map_or(Ok(default), parse_baseline)?;
    let config = ChartConfig { transform: Transform::Identity, baseline, detector };
    Chart::new(config).map_err(|error| value_error(py, error))
}

/// `"rolling"` or `{"rolling": {"size": 500}}`, with the names of the core's configuration.
fn parse_baseline(given: &Bound<'_, PyAny>) -> PyResult<Baseline> {
    let py = given.py();
    let described = PyDict::new(py);
    let described = if given.extract::<String>().is_ok() {
        described.set_item(given, PyDict::new(py))?;
        described.as_any()
    } else {
        given
    };
    depythonize(described).map_err(|error| coded(py, "bad_config", format!("baseline: {error}")))
}

/// The array's own memory where it is one run, else a copy.
pub(crate) fn contiguous<'a>(values: &'a Values<'_>) -> Cow<'a, [f64]> {
    values.as_slice().map_or_else(|_| Cow::Owned(values.as_array().to_vec()), Cow::Borrowed)
}

pub(crate) fn parse_direction(py: Python<'_>, direction: &str) -> PyResult<Sides> {
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

/// A count that the core limits further.
pub(crate) fn parse_count(py: Python<'_>, field: &str, value: i64, wanted: &str) -> PyResult<u32> {
    u32::try_from(value)
        .map_err(|_| coded(py, "out_of_range", format!("{field} must be {wanted}, got {value}")))
}

/// A direction as Python shows it.
pub(crate) fn quoted(direction: Sides) -> &'static str {
    match direction {
        Sides::Up => "'up'",
        Sides::Down => "'down'",
        Sides::Both => "'both'",
    }
}

/// A baseline as Python shows it.
pub(crate) fn named(baseline: &Baseline) -> &'static str {
    match baseline {
        Baseline::Exponential(_) => "'exponential'",
        Baseline::Rolling(_) => "'rolling'",
        Baseline::Fixed(_) => "'fixed'",
        Baseline::Forgetting(_) => "'forgetting'",
    }
}
