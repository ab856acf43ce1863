//! Estimators that know nothing of monitoring.

pub(crate) mod line;
pub(crate) mod moments;
pub(crate) mod quantile;
pub(crate) mod robust;
pub(crate) mod sliding;
