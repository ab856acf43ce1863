//! The server behind the program `drift-sre`: DriftWatch's interface on one binary, durable before it says yes.

pub mod cli;
pub mod client;
pub mod notify;
