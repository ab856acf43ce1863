//! Opens the core to JavaScript: what the npm package's classes, in `js/`, are made of.
//!
//! Functions are exported as they are. Objects cross as their addresses, numbers as numbers, and many of them at once through
//! memory that both sides see (`Scratch`); all else crosses as bytes, by the schema that `examples/schema.rs` writes for
//! the other side. What wraps every call in checks of its own would take a third of the module that a page waits for; the
//! other side owns what it is given, and gives it back once.
#![cfg_attr(target_arch = "wasm32", no_std)]
#![cfg_attr(
    target_arch = "wasm32",
    expect(unsafe_code, reason = "exports keep their names, and the allocator hands out raw memory")
)]
#![allow(dead_code, reason = "no module has every sort of batch, and elsewhere there is nobody to export to")]

extern crate alloc;

#[cfg(feature = "adaptive")]
mod adaptive;
#[cfg(all(target_arch = "wasm32", not(any(feature = "fleet", feature = "records"))))]
mod blocks;
#[cfg(feature = "series")]
mod chart;
#[cfg(any(feature = "series", feature = "adaptive"))]
mod corridor;
#[cfg(any(feature = "series", feature = "adaptive"))]
mod event;
#[cfg(feature = "explain")]
mod explain;
#[cfg(feature = "fleet")]
mod fleet;
#[cfg(feature = "series")]
mod monitor;
#[cfg(target_arch = "wasm32")]
mod platform;
#[cfg(feature = "records")]
mod records;
#[cfg(feature = "scenario")]
mod scenario;
mod scratch;
mod wire;

#[cfg(any(feature = "series", feature = "adaptive"))]
pub use event::Told;
pub use scratch::SIZE;

/// Makes functions exports. Modules have one feature each, so that names need to differ within that alone.
macro_rules! exports {
    ($($(#[$doc:meta])* fn $name:ident($($argument:tt)*) $(-> $answer:ty)? $body:block)+) => {$(
        $(#[$doc])*
        #[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
        pub(crate) extern "C" fn $name($($argument)*) $(-> $answer)? $body
    )+};
}
pub(crate) use exports;
