//! The server's interface over HTTP.

mod body;
mod dashboard;
pub mod error;
#[expect(unused_qualifications, reason = "utoipa qualifies the parameters it is given")]
mod events;
mod guard;
mod linger;
pub(crate) mod listen;
pub mod openapi;
pub(crate) mod prometheus;
mod read;
pub(crate) mod router;
#[expect(unused_qualifications, reason = "utoipa qualifies the parameters it is given")]
mod services;
mod split;
mod system;
mod telemetry;

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize},
};

use axum::extract::rejection::QueryRejection;
use tokio::sync::broadcast;

use self::error::Refusal;
use crate::{
    config::Config, engine::Intake, event::Change, notify::Notifier, registry::Registry, status::Status,
    store::Reader,
};

/// All that answering a request takes.
pub struct App {
    /// The settings.
    pub config: Config,
    /// The way in.
    pub intake: Intake,
    /// What is in memory.
    pub registry: Arc<Registry>,
    /// What is on disk.
    pub reader: Arc<dyn Reader>,
    /// How the server is doing.
    pub status: Arc<Status>,
    /// Where alerts go.
    pub notifier: Arc<Notifier>,
    /// Every change, as it is announced.
    pub live: broadcast::Sender<Arc<Change>>,
    /// How many listen to that.
    pub listeners: AtomicUsize,
    /// Whether the server is about to stop.
    pub stopping: AtomicBool,
}

fn bad_query(error: &QueryRejection) -> Refusal {
    read::invalid(error.body_text().escape_debug().to_string())
}
