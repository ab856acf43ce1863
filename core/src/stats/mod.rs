//! Estimators that know nothing of monitoring.

pub(crate) mod robust;
