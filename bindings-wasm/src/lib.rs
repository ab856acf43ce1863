//! Opens the core to JavaScript. The classes here are what the npm package's own classes, in `js/`, are made of.
//!
//! Numbers cross in batches through memory that both sides see (`Scratch`); all else crosses as
//! postcard, by the schema that `examples/schema.rs` writes for the other side.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

#[cfg(feature = "adaptive")]
mod adaptive;
#[cfg(feature = "series")]
mod chart;
#[cfg(any(feature = "series", feature = "adaptive"))]
mod corridor;
#[cfg(any(feature = "series", feature = "adaptive", feature = "explain"))]
mod event;
#[cfg(feature = "fleet")]
mod fleet;
#[cfg(feature = "series")]
mod monitor;
mod platform;
#[cfg(feature = "records")]
mod records;
#[cfg(feature = "scenario")]
mod scenario;
#[cfg(any(feature = "series", feature = "adaptive", feature = "scenario"))]
#[cfg_attr(not(feature = "series"), allow(dead_code, reason = "not every module has every sort of batch"))]
mod scratch;
mod wire;

#[cfg(any(feature = "series", feature = "adaptive"))]
pub use event::Told;
#[cfg(feature = "explain")]
pub use event::explain;
#[cfg(feature = "records")]
pub use records::{compression_ratio, conditional, entropy, ncd};
