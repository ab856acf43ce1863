//! The interface over HTTP, as a client meets it: each test has a server of its own, in a process of its own.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says where")]

mod access;
mod batch;
mod drift;
mod errors;
mod events;
mod interface;
mod metrics;
mod restart;
mod services;
mod support;
mod system;
mod telemetry;
mod wire;
