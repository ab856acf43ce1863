//! The commands of `drift-sre`.

pub mod serve;
