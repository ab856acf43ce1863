//! Estimators that know nothing of monitoring.

pub(crate) mod moments;
pub(crate) mod quantile;
pub(crate) mod robust;
