//! The native half of `drift_sre`: opens the core to Python, one file a class.

use pyo3::prelude::*;

mod error;
mod event;
mod monitor;
mod page_hinkley;

/// Detectors and monitors in Rust; what users import is in the package above.
#[pymodule]
mod _drift_sre {
    #[pymodule_export]
    use crate::{
        event::{Event, Verdict},
        monitor::Monitor,
        page_hinkley::PageHinkley,
    };
}
