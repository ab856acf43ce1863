//! Opens the core to JavaScript. The classes here are what the npm package's own classes, in `js/`, are made of.
//!
//! Numbers cross in batches through memory that both sides see ([`Scratch`](scratch::Scratch)); all else crosses as
//! postcard, by the schema that `examples/schema.rs` writes for the other side.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

#[cfg(feature = "series")]
mod adaptive;
#[cfg(feature = "series")]
mod chart;
#[cfg(feature = "series")]
mod corridor;
#[cfg(feature = "series")]
mod event;
#[cfg(feature = "series")]
mod fleet;
#[cfg(feature = "series")]
mod monitor;
mod platform;
#[cfg(feature = "series")]
mod scenario;
#[cfg(feature = "series")]
mod scratch;
mod wire;

#[cfg(feature = "series")]
pub use event::Told;
