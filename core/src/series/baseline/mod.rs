//! What is normal: a sample becomes a residual, the distance from normal in units of scale.

pub(crate) mod exponential;
mod spread;
