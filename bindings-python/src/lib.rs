//! The native half of `drift_sre`: opens the core to Python, one file a class.

use pyo3::prelude::*;

mod call;
mod error;
mod event;
mod monitor;
mod page_hinkley;

/// Detectors and monitors in Rust; what users import is in the package above.
#[pymodule]
mod _drift_sre {
    #[pymodule_export]
    use crate::{
        event::{Event, Verdict, quantity},
        monitor::Monitor,
        page_hinkley::PageHinkley,
    };
    use pyo3::{prelude::*, types::PyModule};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        crate::call::add_update(&module.py().get_type::<PageHinkley>())
    }
}
