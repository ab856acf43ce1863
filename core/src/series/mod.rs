//! Numbers: sample -> baseline (residual) -> detector (score) -> decision -> event.

pub(crate) mod adaptive;
pub(crate) mod baseline;
pub(crate) mod chart;
pub(crate) mod dating;
pub(crate) mod detect;
pub(crate) mod fleet;
mod kernel;
pub(crate) mod monitor;
mod speculate;
pub(crate) mod window;
