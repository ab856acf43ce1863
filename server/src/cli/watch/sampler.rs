//! A thread that reads this host at a steady pace.

use std::{
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use jiff::Timestamp;

use super::{
    host::{Host, LeftOut},
    metric::HostSample,
};
use crate::cli::{moment::epoch_secs, stop::Stop};

/// This host being read, until it is dropped.
pub struct Watching {
    stop: Stop,
    thread: Option<JoinHandle<()>>,
    metrics: Vec<&'static str>,
    left_out: Vec<LeftOut>,
}

impl Watching {
    /// The metrics that are read.
    #[must_use]
    pub fn metrics(&self) -> &[&'static str] {
        &self.metrics
    }

    /// The metrics that cannot be had here.
    #[must_use]
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.stop.wish();
        if let Some(thread) = self.thread.take() {
            // A sink that panicked has said so itself.
            let _ = thread.join();
        }
    }
}

/// Reads this host's metrics every interval and hands them to the sink, on a thread of its own, until what it answers is
/// dropped. The first reading comes after one interval, as most metrics are growth. Readings that a slow sink holds up are
/// left out, not made up for.
///
/// # Errors
/// If nothing at all can be read here, or there can be no thread.
pub fn start(
    interval: Duration,
    mut sink: impl FnMut(Vec<HostSample>) + Send + 'static,
) -> anyhow::Result<Watching> {
    if interval.is_zero() {
        bail!("interval must be above 0, got 0");
    }
    let began = Instant::now();
    let (mut host, left_out) = Host::open(0.0);
    let metrics = host.names();
    if metrics.is_empty() {
        bail!("a host must have metrics, got none");
    }
    let stop = Stop::default();
    let wish = stop.clone();
    let read = move || {
        let mut due = interval;
        while !wish.wait(due.saturating_sub(began.elapsed())) {
            let now = began.elapsed();
            let samples = host.read(now.as_secs_f64(), epoch_secs(Timestamp::now()));
            if !samples.is_empty() {
                sink(samples);
            }
            due = following(due, interval, began.elapsed());
        }
    };
    let thread = thread::Builder::new()
        .name("watch-host".into())
        .spawn(read)
        .context("no thread to read this host")?;
    Ok(Watching { stop, thread: Some(thread), metrics, left_out })
}

/// The next multiple of the interval after the one that was due, but not before now.
fn following(due: Duration, interval: Duration, now: Duration) -> Duration {
    let late = now.saturating_sub(due).as_nanos() / interval.as_nanos().max(1);
    let skipped = u32::try_from(late).unwrap_or(u32::MAX);
    due + interval.saturating_mul(skipped.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn readings_that_were_held_up_are_left_out() {
        let secs = Duration::from_secs;
        assert_eq!(following(secs(5), secs(5), secs(5)), secs(10));
        assert_eq!(following(secs(5), secs(5), secs(9)), secs(10));
        assert_eq!(following(secs(5), secs(5), secs(21)), secs(25));
    }

    #[test]
    fn samples_reach_the_sink_until_it_is_dropped() {
        let (sender, receiver) = mpsc::channel();
        let watching = start(Duration::from_millis(5), move |samples| drop(sender.send(samples))).unwrap();
        let samples = receiver.recv().unwrap();
        assert!(samples.iter().all(|sample| watching.metrics().contains(&sample.metric.name)));
        drop(watching);
        // The thread is gone and its sink with it, so that this comes to an end.
        assert!(receiver.iter().all(|samples| !samples.is_empty()));
    }

    #[test]
    fn an_interval_of_nothing_is_refused() {
        assert!(start(Duration::ZERO, |_| {}).is_err());
    }
}
