//! The server behind the program `drift-sre`: the interface of `DriftWatch` on one binary, durable before it says yes.
//!
//! ```text
//! http -> observation -> engine (store, learn, announce) -> registry -> http
//!                                      |-> outbox -> notify
//! ```

pub mod access;
pub mod app;
pub mod cli;
pub mod client;
mod compress;
pub mod config;
pub mod engine;
pub mod event;
pub mod http;
pub mod notify;
pub mod observation;
pub mod registry;
pub mod series;
pub mod service;
pub mod settings;
pub mod status;
pub mod store;
pub mod time;
