//! What the tests share: a server, calls to it, and signals to send.

mod answer;
mod server;
mod signal;

pub(crate) use self::{
    answer::Answer,
    server::{Home, Server},
    signal::{Signal, iso, now_ms, telemetry},
};
