//! One detector over many series.

use drift_sre::Chart;
use numpy::{AllowTypeChange, IntoPyArray, PyArray1, PyArrayLike2, PyUntypedArrayMethods};
use pyo3::{
    prelude::*,
    types::{PyBytes, PyTuple, PyType},
};

use crate::{
    chart::{Values, contiguous},
    error::{coded, value_error},
    wide,
};

/// The same detector over many series, a row of values at a time.
///
/// Each series answers as a detector of its own would, to the bit. `detector` lends its parameters.
#[pyclass(module = "drift_sre")]
pub(crate) struct Fleet(drift_sre::Fleet);

type Positions<'py> = Bound<'py, PyArray1<isize>>;

#[pymethods]
impl Fleet {
    #[new]
    #[pyo3(signature = (detector, series))]
    fn new(py: Python<'_>, detector: &Bound<'_, PyAny>, series: usize) -> PyResult<Self> {
        let refused = |error| value_error(py, error);
        // Every detector's class writes itself as a chart.
        let bytes = detector.call_method0("to_bytes")?.extract::<Vec<u8>>()?;
        let chart = Chart::from_bytes(&bytes).map_err(refused)?;
        drift_sre::Fleet::new(*chart.config(), series).map(Self).map_err(refused)
    }

    /// Takes one value for each series; the series that alarm. A value that is not finite changes nothing.
    #[expect(clippy::needless_pass_by_value, reason = "arguments arrive by value")]
    fn tick<'py>(&mut self, py: Python<'py>, row: Values<'py>) -> PyResult<Positions<'py>> {
        let row = contiguous(&row);
        let alarms = self.0.tick(&row).map_err(|error| value_error(py, error))?;
        Ok(positions(py, alarms.into_iter()))
    }

    /// Takes a matrix with a row for each moment and a column for each series; rows and series of all alarms. Other
    /// threads run meanwhile.
    #[expect(clippy::needless_pass_by_value, reason = "arguments arrive by value")]
    fn update_many<'py>(
        &mut self,
        py: Python<'py>,
        matrix: PyArrayLike2<'py, f64, AllowTypeChange>,
    ) -> PyResult<(Positions<'py>, Positions<'py>)> {
        if matrix.shape()[1] != self.0.series() {
            let message = format!(
                "matrix must have a column for each of {} series, got {}",
                self.0.series(),
                matrix.shape()[1]
            );
            return Err(coded(py, "out_of_range", message));
        }
        // Row after row; a matrix that lies otherwise in memory is copied.
        let matrix = matrix.as_array();
        let rows = matrix.as_standard_layout();
        let values = rows.as_slice().unwrap_or_default();
        let fleet = &mut self.0;
        let alarms = py.detach(|| wide::fleet(fleet, values)).map_err(|error| value_error(py, error))?;
        let (rows, series): (Vec<usize>, Vec<usize>) = alarms.into_iter().unzip();
        Ok((positions(py, rows.into_iter()), positions(py, series.into_iter())))
    }

    fn __len__(&self) -> usize {
        self.0.series()
    }

    /// Forgets all that was seen; the parameters stay.
    fn reset(&mut self) {
        self.0.reset();
    }

    /// Parameters and states as bytes.
    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.to_bytes())
    }

    /// The fleet that `to_bytes` wrote, which goes on bit for bit.
    #[classmethod]
    fn from_bytes(cls: &Bound<'_, PyType>, data: &[u8]) -> PyResult<Self> {
        drift_sre::Fleet::from_bytes(data).map(Self).map_err(|error| value_error(cls.py(), error))
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let py = slf.py();
        Ok((slf.get_type().getattr("from_bytes")?, PyTuple::new(py, [slf.borrow().to_bytes(py)])?))
    }
}

/// NumPy indexes with signed numbers; no array is long enough to wrap one.
fn positions(py: Python<'_>, positions: impl Iterator<Item = usize>) -> Positions<'_> {
    let positions: Vec<isize> = positions.map(usize::cast_signed).collect();
    // Mostly there are none, and an array of its own memory costs less than one that keeps a vector alive.
    if positions.is_empty() { PyArray1::zeros(py, 0, false) } else { positions.into_pyarray(py) }
}
