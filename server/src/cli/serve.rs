//! `drift-sre serve`: the server.

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use clap::Args;
use sysinfo::System;
use tokio::signal;
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::{EnvFilter, fmt};

use super::{
    print,
    watch::{self, HostMetric, HostSample, Watching},
};
use crate::{
    app::Server,
    config::Config,
    http::{App, prometheus},
    notify::{self, Destinations},
    observation::{Definition, Gauge, Judged, Observation, What},
    settings::{Layer, Settings},
    time::Iso,
};

/// Learns what is normal for services and says what changed
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// TOML file with settings; flags and the environment win over it
    #[arg(long, env = "DRIFT_SRE_CONFIG")]
    config: Option<PathBuf>,
    /// What is logged: error, warn, info, debug, or by target such as `info,access=warn`
    #[arg(long, env = "DRIFT_SRE_LOG", default_value = "info")]
    log: String,
    #[command(flatten)]
    layer: Layer,
}

/// How often this machine is read.
const EVERY: Duration = Duration::from_secs(1);
/// The environment variable that may hold an API key: as a flag it would show in every list of processes.
const API_KEY: &str = "DRIFT_SRE_API_KEY";

impl Serve {
    /// Runs until it is told to stop.
    pub(super) fn run(self) -> Result<u8> {
        let file = self.config.as_deref().map(Layer::read).transpose()?.unwrap_or_default();
        let settings = self.layer.over(file);
        let key = std::env::var(API_KEY).ok().filter(|key| !key.is_empty());
        let config = Config::new(&settings, key.as_deref())?;
        let destinations = destinations(&settings)?;
        let _log = log(&self.log)?;
        let server = Server::start(config, destinations)?;
        let _watching = settings.watch_host.then(|| watch(server.app())).transpose()?;
        let address = server.address()?;
        print(&format!("drift-sre {} is ready: http://{address}\n", env!("CARGO_PKG_VERSION")))?;
        server.run(told_to_stop());
        Ok(0)
    }
}

/// Reads this machine's metrics into the server, without a detour over the network.
fn watch(app: &Arc<App>) -> Result<Watching> {
    let source: Box<str> = System::host_name().unwrap_or_else(|_| "localhost".into()).into();
    let intake = app.intake.clone();
    watch::start(EVERY, move |samples| {
        let observations = samples.into_iter().map(|HostSample { metric, value, timestamp }| {
            let HostMetric { name, unit, direction, transform, floor } = metric;
            let judged = Some(Judged { direction, transform, floor });
            let definition = Definition { metric: name.into(), unit: unit.into(), judged };
            let what = What::Gauge(Box::new(Gauge { definition, value }));
            Observation { service: source.clone(), at_ms: Iso::from_seconds(timestamp).0, what, once: None }
        });
        // What cannot be stored now is not worth waiting for: there is another reading in a second.
        drop(intake.submit(observations.collect()));
    })
}

fn destinations(settings: &Settings) -> Result<Destinations> {
    let list = |text: &str| {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(ToOwned::to_owned).collect()
    };
    Ok(Destinations::new(&notify::Settings {
        discord_url: settings.discord_webhook_url.clone(),
        slack_url: settings.slack_webhook_url.clone(),
        webhook_url: settings.webhook_url.clone(),
        webhook_secret: settings.webhook_secret.clone(),
        console: settings.alert_console,
        webhook_allow: list(&settings.webhook_allow),
        webhook_allow_private: settings.webhook_allow_private,
    })?)
}

/// Lines of the log that wait for a reader, and bytes that are written to it at once.
const WAITING: usize = 16_384;
const TOGETHER: usize = 64 << 10;

/// One JSON object a line, on standard error; written by a thread of its own, so that no request waits for it. Where nobody
/// reads, lines are lost, and counted. What waits is written when the guard goes.
fn log(filter: &str) -> Result<WorkerGuard> {
    let filter = EnvFilter::try_new(filter)
        .with_context(|| format!("log must be a level, or levels by target, got '{filter}'"))?;
    let subscriber = fmt().json().flatten_event(true).with_current_span(false).with_span_list(false);
    let stderr = io::BufWriter::with_capacity(TOGETHER, io::stderr());
    let (writer, guard) = NonBlockingBuilder::default().buffered_lines_limit(WAITING).finish(stderr);
    prometheus::count_lost_lines(writer.error_counter());
    let subscriber = subscriber.with_env_filter(filter).with_writer(writer);
    subscriber.try_init().map_err(|error| anyhow::anyhow!("could not start the log: {error}"))?;
    Ok(guard)
}

async fn told_to_stop() {
    #[cfg(unix)]
    {
        let Ok(mut terminated) = signal::unix::signal(signal::unix::SignalKind::terminate()) else { return };
        tokio::select! {
            _ = terminated.recv() => {}
            _ = signal::ctrl_c() => {}
        }
    }
    #[cfg(not(unix))]
    {
        let _ = signal::ctrl_c().await;
    }
}
