//! The native half of `drift_sre`: opens the core to Python, one file a class.

use pyo3::prelude::*;

mod call;
mod chart;
mod cusum;
mod error;
mod event;
mod ewma;
mod fleet;
mod monitor;
mod page_hinkley;
mod preset;
mod scenario;
mod z_score;

/// Detectors and monitors in Rust; what users import is in the package above.
#[pymodule]
mod _drift_sre {
    #[pymodule_export]
    use crate::{
        cusum::Cusum,
        event::{Event, Verdict, quantity},
        ewma::Ewma,
        fleet::Fleet,
        monitor::Monitor,
        page_hinkley::PageHinkley,
        scenario::Scenario,
        z_score::ZScore,
    };
    use pyo3::{prelude::*, types::PyModule};

    use crate::call::add_update;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        let py = module.py();
        add_update::<PageHinkley>(py)?;
        add_update::<ZScore>(py)?;
        add_update::<Cusum>(py)?;
        add_update::<Ewma>(py)
    }
}
