//! `drift-sre simulate`: a service that goes wrong on purpose, and whether the server notices.

mod delivery;
mod observer;
mod report;
mod signal;

use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use jiff::{SignedDuration, Timestamp};

use self::{delivery::Delivery, observer::Observer, report::Report, signal::Signal};
use super::{
    FAILED,
    console::Progress,
    options::{ServerOptions, some_seconds},
    stop::Stop,
};

/// How often progress is told.
const PROGRESS: Duration = Duration::from_secs(5);
/// The least time between two batches, so that a high rate makes larger batches, not more of them.
const BREATH: Duration = Duration::from_millis(20);
/// The most samples of one batch; without waiting fewer, as states are looked at after each.
const BATCH: u32 = 500;
const FAST_BATCH: u32 = 100;
/// What is later than this is not sent any more: catching up is no part of the signal.
const LATEST_SECS: f64 = 5.0;
/// Servers take samples that are up to an hour old.
const OLDEST_SECS: f64 = 3500.0;

/// Send a service's telemetry that goes wrong on purpose; report whether and how soon the server noticed
///
/// The signals are those of DriftWatch's simulator: normal is 150 ± 25 ms throughout, spike is 500 ± 75 ms
/// from 40 to 70 % of the run, creep rises from 150 to 300 ms over the whole run. What is wrong and when is
/// known, so that the report tells the time to detection and the false alarms.
#[derive(Args)]
#[expect(clippy::doc_markdown, reason = "it is shown as help, where backticks would be noise")]
#[command(
    verbatim_doc_comment,
    after_help = "\
Examples:
  drift-sre simulate                                         a minute of a healthy service
  drift-sre simulate --mode spike --duration 2m
  drift-sre simulate --mode creep --rate 50 --seed 7 --json
  drift-sre simulate --mode spike --fast --service-id try-1  the same without the wait

Exit codes: 0 the run is over, whatever was found; 3 wrong usage, or the server failed"
)]
pub(crate) struct Simulate {
    /// What happens to the latency
    #[arg(long, value_enum, ignore_case = true, default_value_t = Mode::Normal)]
    mode: Mode,
    /// How long it runs: seconds, or 90s, 5m, 1h
    #[arg(long, value_name = "TIME", default_value = "60", value_parser = some_seconds)]
    duration: f64,
    /// Samples a second
    #[arg(long, default_value = "10", value_parser = rate)]
    rate: f64,
    /// The service that is played
    #[arg(long, value_name = "ID", alias = "service", default_value = "test-payment-service")]
    service_id: String,
    #[command(flatten)]
    server: ServerOptions,
    /// The same seed gives the same values; chosen and told if not given
    #[arg(long)]
    seed: Option<u64>,
    /// Send without waiting, with the timestamps that would have been; for a service without newer samples
    #[arg(long)]
    fast: bool,
    /// Write the report as one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// In control throughout
    Normal,
    /// More than three times as slow from 40 to 70 % of the run
    Spike,
    /// Twice as slow in the end
    Creep,
}

impl Mode {
    const fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Spike => "spike",
            Self::Creep => "creep",
        }
    }
}

impl Simulate {
    pub(crate) fn run(&self) -> anyhow::Result<u8> {
        if self.fast && self.duration > OLDEST_SECS {
            anyhow::bail!(
                "--fast wants a --duration of at most {OLDEST_SECS} s, as servers refuse older samples; got {} s",
                self.duration
            );
        }
        let samples = self.duration * self.rate;
        if samples > f64::from(u32::MAX) {
            anyhow::bail!("--duration times --rate must be at most {} samples, got {samples:.0}", u32::MAX);
        }
        let stop = Stop::on_signals()?;
        let client = self.server.client()?;
        let seed = self.seed.map_or_else(|| getrandom::u64().map(|seed| seed >> 32), Ok)?;
        let mut signal = Signal::new(self.mode, self.duration, self.rate, seed)?;
        client.check()?;
        let mut observer = Observer::new(&client, &self.service_id, self.start()?)?;
        let mut delivery = Delivery::new(&client, &stop, format!("simulate-{:016x}", getrandom::u64()?));
        let outcome = self.drive(&mut signal, &mut delivery, &mut observer, &stop);
        if outcome.is_ok() {
            observer.settle(signal.at(), delivery.accepted);
        }
        observer.conclude();
        let report = Report::new(self, seed, &signal, &delivery, &observer, stop.is_wished());
        super::print(&if self.json { report.json()? } else { report.text() })?;
        outcome.map(|()| 0).or_else(|error| {
            super::console::complain(&format!("{error:#}"));
            Ok(FAILED)
        })
    }

    /// The time of the first sample, in whole milliseconds, as servers may keep no finer ones.
    fn start(&self) -> anyhow::Result<Timestamp> {
        let ago = if self.fast { self.duration } else { 0.0 };
        let start = Timestamp::now().checked_sub(SignedDuration::from_secs_f64(ago))?;
        Ok(Timestamp::from_millisecond(start.as_millisecond())?)
    }

    /// Sends what is due until all is sent or someone wishes to stop.
    fn drive(
        &self,
        signal: &mut Signal,
        delivery: &mut Delivery<'_>,
        observer: &mut Observer<'_>,
        stop: &Stop,
    ) -> anyhow::Result<()> {
        let mut progress = Progress::new();
        let most = if self.fast { FAST_BATCH } else { BATCH };
        let began = Instant::now();
        let mut told = began;
        let outcome = loop {
            let elapsed = if self.fast { f64::INFINITY } else { began.elapsed().as_secs_f64() };
            if !self.fast {
                signal.skip_until(elapsed - LATEST_SECS);
            }
            let batch = signal.take_due(elapsed, most, &self.service_id, observer.start());
            if !batch.is_empty()
                && let Err(error) = delivery.send(&batch)
            {
                break Err(error.into());
            }
            let over = signal.is_over();
            let due = over || told.elapsed() >= PROGRESS;
            if self.fast || due {
                observer.look(signal.at());
            }
            if due {
                told = Instant::now();
                progress.show(&observer.line(self.duration, signal, delivery));
            }
            if over || stop.is_wished() {
                break Ok(());
            }
            if !self.fast {
                let wait = Duration::from_secs_f64((signal.at() - began.elapsed().as_secs_f64()).max(0.0));
                stop.wait(wait.clamp(BREATH, PROGRESS));
            }
        };
        progress.end();
        outcome
    }
}

fn rate(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|rate| (0.01..=10_000.0).contains(rate))
        .ok_or_else(|| String::from("wanted 0.01 to 10000 samples a second"))
}
