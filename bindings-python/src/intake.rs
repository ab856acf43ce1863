//! The answer to one observation.

use pyo3::prelude::*;

use crate::window::Window;

/// What became of an observation, and what it closed.
#[pyclass(frozen, module = "drift_sre")]
pub(crate) struct Intake(pub(crate) drift_sre::Intake);

#[pymethods]
impl Intake {
    /// "accepted", "duplicate", "late" or "unusable".
    #[getter]
    fn admission(&self) -> &'static str {
        self.0.admission.name()
    }

    /// The tumbling windows that it closed, by their end, then by their length.
    #[getter]
    fn closed(&self) -> Vec<Window> {
        self.0.closed.iter().copied().map(Window).collect()
    }

    fn __repr__(&self) -> String {
        format!("<Intake {}: {} closed>", self.admission(), self.0.closed.len())
    }
}
