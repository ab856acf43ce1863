//! Hostile input for the core: what the fuzzer, the tests and the endurance run feed it, and what must hold of its answers.
//!
//! Each module named in [`TARGETS`] has one function that takes any bytes and panics if the core breaks a promise. The
//! fuzzer calls it without end, the tests with the seeds and some thousand mutations of them.

pub mod adaptive;
pub mod chart;
pub mod endurance;
pub mod fleet;
pub mod monitor;
pub mod records;
pub mod seeds;
pub mod settings;
pub mod windows;

mod hostile;
mod input;

/// Panics if the core breaks a promise.
pub type TryOut = fn(&[u8]);

/// Every fuzz target: its name, which is that of its binary and of its folder of seeds, and what it does with bytes.
pub const TARGETS: [(&str, TryOut); 7] = [
    ("settings", settings::try_out),
    ("chart", chart::try_out),
    ("fleet", fleet::try_out),
    ("monitor", monitor::try_out),
    ("windows", windows::try_out),
    ("records", records::try_out),
    ("adaptive", adaptive::try_out),
];
