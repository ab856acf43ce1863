//! Estimators that know nothing of monitoring.

pub(crate) mod fourier;
pub(crate) mod line;
pub(crate) mod moments;
pub(crate) mod normal;
pub(crate) mod quantile;
pub(crate) mod regression;
pub(crate) mod robust;
pub(crate) mod sliding;
