//! Samples on their way to the server: kept while it is away, up to a bound.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::metric::HostSample;
use crate::{
    cli::console,
    client::{Client, ClientError},
};

const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Whatever a server says, after this long it is asked again.
const LONGEST_WAIT: Duration = Duration::from_mins(10);
const BATCH: usize = 1000;

pub(super) struct Outbox<'a> {
    client: &'a Client,
    source: &'a str,
    /// Names this run in the keys of batches, so that none counts twice.
    run: u64,
    batches: u64,
    /// What is being sent: the same until it is answered.
    batch: Vec<HostSample>,
    waiting: VecDeque<HostSample>,
    room: usize,
    most: usize,
    pause: Duration,
    next_try: Instant,
    away_since: Option<Instant>,
    pub(super) accepted: u64,
    pub(super) rejected: u64,
    pub(super) dropped: u64,
}

impl<'a> Outbox<'a> {
    /// An empty one that keeps at most so many samples.
    pub(super) fn new(client: &'a Client, source: &'a str, run: u64, room: usize) -> Self {
        Self {
            client,
            source,
            run,
            batches: 0,
            batch: Vec::new(),
            waiting: VecDeque::new(),
            room,
            most: BATCH,
            pause: FIRST_PAUSE,
            next_try: Instant::now(),
            away_since: None,
            accepted: 0,
            rejected: 0,
            dropped: 0,
        }
    }

    /// How many samples are kept.
    pub(super) fn len(&self) -> usize {
        self.batch.len() + self.waiting.len()
    }

    /// Takes samples; the oldest ones make room.
    pub(super) fn push(&mut self, samples: Vec<HostSample>) {
        self.waiting.extend(samples);
        let surplus = self.len().saturating_sub(self.room).min(self.waiting.len());
        if surplus > 0 && self.dropped == 0 {
            console::say(&format!("{} samples are kept; from now on the oldest are dropped", self.room));
        }
        self.waiting.drain(..surplus);
        self.dropped += surplus as u64;
    }

    /// Sends what there is, unless the server is to be left alone for now.
    ///
    /// # Errors
    /// If the server will never take it. Once it has taken something, any failure counts as passing.
    pub(super) fn send(&mut self, now: Instant) -> Result<(), ClientError> {
        if now < self.next_try {
            return Ok(());
        }
        self.send_all()
    }

    /// The same without waiting any longer.
    pub(super) fn send_all(&mut self) -> Result<(), ClientError> {
        while self.len() > 0 {
            if self.batch.is_empty() {
                let size = self.most.min(self.waiting.len());
                self.batch.extend(self.waiting.drain(..size));
                self.batches += 1;
            }
            let key = format!("watch-{:016x}-{}", self.run, self.batches);
            match self.client.send_metrics(self.source, &self.batch, &key) {
                Ok(receipt) => {
                    if receipt.rejected > 0 && self.rejected == 0 {
                        let why = receipt.errors.first().map_or("no reason given", |error| &error.message);
                        console::say(&format!("the server rejected samples: {}", console::plain(why)));
                    }
                    self.accepted += receipt.accepted + receipt.duplicates;
                    self.rejected += receipt.rejected;
                    self.batch.clear();
                    self.is_back();
                }
                Err(error) => {
                    if !self.mend(error)? {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    /// What follows from a failure: whether to go on at once, or to wait.
    fn mend(&mut self, error: ClientError) -> Result<bool, ClientError> {
        match error.status() {
            Some(413) if self.batch.len() > 1 => {
                self.most = self.batch.len() / 2;
                for sample in self.batch.drain(self.most..).rev() {
                    self.waiting.push_front(sample);
                }
                self.batches += 1;
                Ok(true)
            }
            Some(400 | 413 | 422) => {
                self.rejected += self.batch.len() as u64;
                self.batch.clear();
                console::say(&console::plain(&error.to_string()));
                Ok(true)
            }
            Some(429) => Ok(self.wait(&error)),
            _ if error.may_pass() || self.accepted > 0 => Ok(self.wait(&error)),
            _ => Err(error),
        }
    }

    /// Leaves the server alone for a while, twice as long each time, or for as long as it asks for.
    fn wait(&mut self, error: &ClientError) -> bool {
        let now = Instant::now();
        if self.away_since.is_none() {
            self.away_since = Some(now);
            console::say(&console::plain(&format!("{error}; samples are kept until it is back")));
        }
        self.next_try = now + error.retry_after().unwrap_or(self.pause).min(LONGEST_WAIT);
        self.pause = (2 * self.pause).min(LONGEST_PAUSE);
        false
    }

    fn is_back(&mut self) {
        self.pause = FIRST_PAUSE;
        if let Some(since) = self.away_since.take() {
            let (away, dropped) = (since.elapsed().as_secs(), self.dropped);
            console::say(&format!(
                "the server is back after {away} s, {dropped} samples were dropped so far"
            ));
        }
    }
}
