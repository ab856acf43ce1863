//! Signals whose truth is known.

use drift_sre::{ScenarioConfig, ScenarioPreset};
use numpy::{IntoPyArray, PyArray1};
use pyo3::{exceptions::PyMemoryError, prelude::*};

use crate::{config, error::value_error, preset};

/// A seeded signal that knows when it is out of control: pairs of time and value, None for a gap.
///
/// `config` is the name of a preset or a mapping with the keys of the core's `ScenarioConfig`. The same configuration and
/// seed give the same bits, here as in Rust, however often it is iterated over.
#[pyclass(frozen, module = "drift_sre")]
pub(crate) struct Scenario(drift_sre::Scenario);

#[pymethods]
impl Scenario {
    #[new]
    #[pyo3(signature = (config, seed))]
    fn new(config: &Bound<'_, PyAny>, seed: u64) -> PyResult<Self> {
        let py = config.py();
        drift_sre::Scenario::new(parse(config)?, seed).map(Self).map_err(|error| value_error(py, error))
    }

    /// The names of all presets.
    #[staticmethod]
    fn presets() -> Vec<&'static str> {
        ScenarioPreset::ALL.map(ScenarioPreset::name).into()
    }

    /// When it is out of control: start, end, and "shift", "ramp", "spread" or "shape". Samples at the end are as they
    /// should be.
    fn truth(&self) -> Vec<(f64, f64, &'static str)> {
        self.0.truth().map(|interval| (interval.start, interval.end, interval.kind.name())).collect()
    }

    /// The times of all samples, in seconds.
    fn times<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        array(py, self.0.config().times())
    }

    /// The values of all samples, NaN for a gap. Other threads run meanwhile.
    fn values<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        array(py, self.0.clone().map(|sample| sample.value.unwrap_or(f64::NAN)))
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    fn __iter__(&self) -> Samples {
        Samples(self.0.clone())
    }
}

#[pyclass(module = "drift_sre")]
struct Samples(drift_sre::Scenario);

#[pymethods]
impl Samples {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&mut self) -> Option<(f64, Option<f64>)> {
        self.0.next().map(|sample| (sample.at, sample.value))
    }
}

fn parse(given: &Bound<'_, PyAny>) -> PyResult<ScenarioConfig> {
    if let Some(preset) = preset::named(given, &ScenarioPreset::ALL, ScenarioPreset::name)? {
        return Ok(preset.config());
    }
    config::parse(given)
}

fn array(
    py: Python<'_>,
    numbers: impl ExactSizeIterator<Item = f64> + Send,
) -> PyResult<Bound<'_, PyArray1<f64>>> {
    let mut array = vec![];
    // Four billion samples may be too many to hold, which must not end the interpreter.
    array.try_reserve_exact(numbers.len()).map_err(|error| PyMemoryError::new_err(error.to_string()))?;
    py.detach(|| array.extend(numbers));
    Ok(array.into_pyarray(py))
}
