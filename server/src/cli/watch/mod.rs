//! `drift-sre watch`: this host's metrics into a server.

mod counters;
mod host;
mod linux;
mod metric;
mod outbox;
mod portable;
mod sampler;

use std::{
    sync::mpsc,
    time::{Duration, Instant},
};

use anyhow::Context;
use clap::Args;
use drift_sre::quantity;
use sysinfo::System;

use self::outbox::Outbox;
pub use self::{
    host::LeftOut,
    metric::{HostMetric, HostSample},
    sampler::{Watching, start},
};
use super::{
    console,
    options::{ServerOptions, some_seconds},
    stop::Stop,
};

const STATUS: Duration = Duration::from_mins(1);
/// The longest that a sample lies around before it is sent.
const TICK: Duration = Duration::from_secs(1);

/// Send this host's metrics to a server: cpu, ram, disk_io, network, load and socket_errors
///
/// The server then tells drifts of them, under this host's name. While the server is away samples are
/// kept, up to --keep of them. A line a minute says how it goes. SIGINT and SIGTERM end it cleanly.
#[derive(Args)]
#[expect(clippy::doc_markdown, reason = "it is shown as help, where backticks would be noise")]
#[command(
    verbatim_doc_comment,
    after_help = "\
Metrics:
  cpu            % of the time busy
  ram            % of the memory not available
  disk_io        % of the time waiting for disks
  network        bytes a second, both ways, without loopback
  load           mean number of processes that run or wait, of a minute
  socket_errors  failed connections a second
What this system does not count is left out, and said at the start.

Examples:
  drift-sre watch
  drift-sre watch --url http://drift:8000 --source db-1 --interval 5
  drift-sre watch --url https://drift.example --api-key-file /run/secrets/drift-sre

Exit codes: 0 stopped; 3 wrong usage, or a server that will never take the samples"
)]
pub(crate) struct Watch {
    #[command(flatten)]
    server: ServerOptions,
    /// How often the metrics are read: seconds, or 500ms, 5s, 1m
    #[arg(long, value_name = "TIME", default_value = "1", value_parser = some_seconds)]
    interval: f64,
    /// What the server calls this host [default: its name]
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// How many samples are kept while the server is away
    #[arg(long, value_name = "SAMPLES", default_value_t = 20_000)]
    keep: u32,
}

impl Watch {
    pub(crate) fn run(&self) -> anyhow::Result<u8> {
        let client = self.server.client()?;
        let source = match &self.source {
            Some(source) => source.clone(),
            None => System::host_name().context("this host has no name; --source gives one")?,
        };
        let stop = Stop::on_signals()?;
        let interval = Duration::from_secs_f64(self.interval);
        let (sender, receiver) = mpsc::channel();
        // The receiver outlives the thread.
        let watching = start(interval, move |samples| drop(sender.send(samples)))?;
        for LeftOut { metric, why } in watching.left_out() {
            console::say(&console::plain(&format!("{metric} is left out: {why}")));
        }
        let (metrics, to) = (watching.metrics().join(", "), client.base());
        console::say(&console::plain(&format!("watching {metrics} of {source} for {to}")));
        let mut outbox = Outbox::new(&client, &source, getrandom::u64()?, self.keep as usize);
        let mut newest: Vec<HostSample> = Vec::new();
        let mut told = Instant::now();
        while !stop.wait(interval.min(TICK)) {
            for samples in receiver.try_iter() {
                newest.clone_from(&samples);
                outbox.push(samples);
            }
            outbox.send(Instant::now())?;
            if told.elapsed() >= STATUS {
                told = Instant::now();
                super::print(&status(&outbox, &newest))?;
            }
        }
        drop(watching);
        for samples in receiver.try_iter() {
            outbox.push(samples);
        }
        // Once, whether or not the server is back by now.
        let last = outbox.send_all();
        super::print(&status(&outbox, &newest))?;
        last.map(|()| 0).map_err(Into::into)
    }
}

fn status(outbox: &Outbox<'_>, newest: &[HostSample]) -> String {
    let value = |sample: &HostSample| {
        format!("{} {}", sample.metric.name, quantity(sample.value, sample.metric.unit))
    };
    let values: Vec<_> = newest.iter().map(value).collect();
    let Outbox { accepted, rejected, dropped, .. } = outbox;
    let kept = outbox.len();
    format!("{accepted} sent, {rejected} rejected, {dropped} dropped, {kept} kept: {}\n", values.join(", "))
}
