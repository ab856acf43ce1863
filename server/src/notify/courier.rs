//! Carries alerts from the outbox to one destination, one message at a time and in order.
//!
//! The queue of a destination has one gate: nothing goes out while its first message is waiting to be tried again, so
//! no alert overtakes another. What fails is tried again for as long as it takes, with exponential back-off and full
//! jitter, and never before the receiver wants it. A crash between sending and settling tells of an alert twice, under
//! the same id; nothing is lost.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde::Serialize;

use super::{
    alert::{Alert, AlertId},
    channel::Channel,
    clock::Clock,
    outbox::{Outbox, Queued, Settled},
    quiet::COOL_DOWN,
    reply::{LONGEST_PAUSE, Outcome},
};

/// More alerts than these that wait at once make one message. After it comes none for a cool-down, so that a storm that
/// takes a while to arrive is told in few messages.
const GROUP_ABOVE: usize = 3;

/// Alerts that one message tells of at most. Those that wait take memory.
const GROUP_LIMIT: usize = 10_000;

/// How often a message is tried that the receiver does not want.
const REFUSALS: u32 = 5;

const FIRST_BACK_OFF: Duration = Duration::from_secs(1);
const LONGEST_BACK_OFF: Duration = Duration::from_mins(5);

/// How long to wait for a store that fails.
const STORE_PAUSE: Duration = Duration::from_secs(5);

/// How a destination is doing, for the operator. There is no secret in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DestinationStatus {
    /// Its name.
    pub name: String,
    /// `discord`, `slack`, `webhook` or `console`.
    pub kind: &'static str,
    /// Alerts that it took since the start.
    pub delivered: u64,
    /// Messages that it did not take since the start.
    pub failed: u64,
    /// Alerts that wait; `None` if the store cannot say.
    pub pending: Option<u64>,
    /// Why nothing more is sent there until the next start.
    pub disabled_because: Option<String>,
    /// What went wrong last, until a message is taken.
    pub last_error: Option<String>,
}

/// A number in [0, 1), each time another.
pub type Jitter = Box<dyn FnMut() -> f64 + Send>;

pub(crate) struct Courier {
    name: String,
    host: String,
    channel: Arc<Channel>,
    outbox: Arc<dyn Outbox>,
    clock: Arc<dyn Clock>,
    jitter: Jitter,
    status: Arc<Mutex<DestinationStatus>>,
    /// Steady time before which nothing is sent; `None` until the one of the last run was read.
    gate_ms: Option<u64>,
    /// Of how many alerts the message tells that is to be tried again: it must be the same, as its id is.
    retrying: usize,
    /// What the store could not be told yet. Before it is, the queue still shows what is done.
    unsettled: Vec<(AlertId, Settled)>,
}

impl Courier {
    pub(crate) fn new(
        name: &str,
        host: &str,
        channel: Arc<Channel>,
        outbox: Arc<dyn Outbox>,
        clock: Arc<dyn Clock>,
        jitter: Jitter,
    ) -> Self {
        let status =
            DestinationStatus { name: name.into(), kind: channel.kind(), ..DestinationStatus::default() };
        Self {
            name: name.into(),
            host: host.into(),
            channel,
            outbox,
            clock,
            jitter,
            status: Arc::new(Mutex::new(status)),
            gate_ms: None,
            retrying: 0,
            unsettled: Vec::new(),
        }
    }

    pub(crate) fn status(&self) -> Arc<Mutex<DestinationStatus>> {
        self.status.clone()
    }

    /// Sends one message if one is due. Returns the steady time at which to call again, or `None` for when something is
    /// put into the outbox.
    pub(crate) fn turn(&mut self) -> Option<u64> {
        match self.try_turn() {
            Ok(next) => next,
            Err(error) => {
                self.failed(format!("the store fails: {error:#}"));
                Some(self.close_gate(STORE_PAUSE))
            }
        }
    }

    fn try_turn(&mut self) -> anyhow::Result<Option<u64>> {
        if !self.unsettled.is_empty() {
            self.outbox.settle(&self.unsettled)?;
            self.unsettled.clear();
        }
        if self.look(|status| status.disabled_because.is_some()) {
            return Ok(None);
        }
        let now = self.clock.steady_ms();
        if let Some(gate) = self.gate_ms.filter(|&gate| now < gate) {
            return Ok(Some(gate));
        }
        let message = self.next_message()?;
        let Some(first) = message.first() else { return Ok(None) };
        if self.gate_ms.is_none() {
            let left = first.not_before_ms.saturating_sub(self.clock.wall_ms());
            let left = Duration::from_millis(u64::try_from(left).unwrap_or(0)).min(LONGEST_PAUSE);
            let gate = self.close_gate(left);
            if now < gate {
                return Ok(Some(gate));
            }
        }
        let alerts: Vec<Alert> = message.iter().map(|queued| queued.alert.clone()).collect();
        let outcome = self.channel.tell(&alerts, &self.host, self.clock.wall_ms());
        let settled = self.weigh(outcome, &message);
        self.unsettled =
            alerts.into_iter().zip(settled).map(|(alert, settled)| (alert.id, settled)).collect();
        if !self.unsettled.is_empty() {
            self.outbox.settle(&self.unsettled)?;
            self.unsettled.clear();
        }
        Ok(Some(self.gate_ms.unwrap_or(now)))
    }

    /// What the next message tells of.
    fn next_message(&self) -> anyhow::Result<Vec<Queued>> {
        if self.retrying > 0 {
            return self.outbox.oldest(&self.name, self.retrying);
        }
        let mut few = self.outbox.oldest(&self.name, GROUP_ABOVE + 1)?;
        if few.len() > GROUP_ABOVE {
            return self.outbox.oldest(&self.name, GROUP_LIMIT);
        }
        few.truncate(1);
        Ok(few)
    }

    /// Draws the consequences of `outcome`: for the gate, the status, and each alert of `message`.
    fn weigh(&mut self, outcome: Outcome, message: &[Queued]) -> Vec<Settled> {
        let attempts = message[0].attempts.saturating_add(1);
        match outcome {
            Outcome::Taken { pause } => {
                self.retrying = 0;
                let storm = message.len() > GROUP_ABOVE;
                self.close_gate(if storm { pause.max(COOL_DOWN) } else { pause });
                self.delivered(message.len());
                vec![Settled::Delivered; message.len()]
            }
            Outcome::Later { pause, why } => {
                let pause = pause.max(self.back_off(attempts));
                self.again(pause, why, message.len())
            }
            Outcome::Failed { why } => {
                let pause = self.back_off(attempts);
                self.again(pause, why, message.len())
            }
            Outcome::Refused { why } if attempts < REFUSALS => {
                let pause = self.back_off(attempts);
                self.again(pause, why, message.len())
            }
            Outcome::Refused { why } => {
                self.retrying = 0;
                tracing::error!(destination = self.name, alerts = message.len(), why, "alerts are given up");
                self.failed(why.clone());
                vec![Settled::GivenUp { why }; message.len()]
            }
            Outcome::Unwanted { why } => {
                tracing::error!(
                    destination = self.name,
                    why,
                    "the destination is turned off until the next start"
                );
                self.failed(why.clone());
                self.change(|status| status.disabled_because = Some(why));
                Vec::new()
            }
        }
    }

    fn again(&mut self, pause: Duration, why: String, count: usize) -> Vec<Settled> {
        self.retrying = count;
        self.close_gate(pause);
        self.failed(why.clone());
        let at_ms = self.clock.wall_ms().saturating_add_unsigned(millis(pause));
        vec![Settled::Again { at_ms, why }; count]
    }

    /// Full jitter: anything from nothing to twice what it was before.
    fn back_off(&mut self, attempts: u32) -> Duration {
        let doubled = 2u32.saturating_pow(attempts.saturating_sub(1));
        FIRST_BACK_OFF.saturating_mul(doubled).min(LONGEST_BACK_OFF).mul_f64((self.jitter)().clamp(0.0, 1.0))
    }

    fn close_gate(&mut self, pause: Duration) -> u64 {
        let gate = self.clock.steady_ms().saturating_add(millis(pause));
        self.gate_ms = Some(gate);
        gate
    }

    fn delivered(&self, count: usize) {
        let failing = self.change(|status| {
            status.delivered += count as u64;
            status.last_error.take()
        });
        if failing.is_some() {
            tracing::info!(destination = self.name, "the destination takes messages again");
        }
    }

    fn failed(&self, why: String) {
        let first = self.look(|status| status.last_error.is_none());
        if first {
            tracing::warn!(
                destination = self.name,
                why,
                "alerts wait for a destination that does not take them"
            );
        }
        self.change(|status| {
            status.failed += 1;
            status.last_error = Some(why);
        });
    }

    fn look<T>(&self, read: impl FnOnce(&DestinationStatus) -> T) -> T {
        read(&self.status.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn change<T>(&self, write: impl FnOnce(&mut DestinationStatus) -> T) -> T {
        write(&mut self.status.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whole milliseconds that are no shorter.
fn millis(pause: Duration) -> u64 {
    u64::try_from(pause.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
