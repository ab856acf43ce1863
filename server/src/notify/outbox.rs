//! What waits to be told: rows that someone else keeps, seen by those who deliver them.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::alert::{Alert, AlertId};

/// An alert that waits.
#[derive(Clone, Debug, PartialEq)]
pub struct Queued {
    /// What is to be told.
    pub alert: Alert,
    /// How often it was tried in vain.
    pub attempts: u32,
    /// Wall-clock time before which it must not be tried, in milliseconds since the epoch; 0 for one that is new.
    pub not_before_ms: i64,
}

/// What became of an alert that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It was taken, and need not be kept.
    Delivered,
    /// It stays where it is in the queue, with one attempt more.
    Again {
        /// Its `not_before_ms` from now on.
        at_ms: i64,
        /// What went wrong, without a secret.
        why: String,
    },
    /// It will not be tried again. Its event is still to be read from the server.
    GivenUp {
        /// What went wrong, without a secret.
        why: String,
    },
}

/// The store's side of delivery. Alerts are put there in the transaction that records their events, one for each
/// destination, and each id once.
pub trait Outbox: Send + Sync {
    /// The first `limit` alerts for `destination`, in the order in which they were put, whether due or not.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    fn oldest(&self, destination: &str, limit: usize) -> anyhow::Result<Vec<Queued>>;

    /// Records what became of alerts, all of it or nothing. Unknown ids are passed over.
    ///
    /// # Errors
    ///
    /// When the store cannot be written.
    fn settle(&self, settled: &[(AlertId, Settled)]) -> anyhow::Result<()>;

    /// How many alerts wait for `destination`.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    fn pending(&self, destination: &str) -> anyhow::Result<u64>;
}

/// Keeps alerts for as long as the process lives.
#[derive(Debug, Default)]
pub struct MemoryOutbox {
    queues: Mutex<BTreeMap<String, VecDeque<Queued>>>,
}

impl MemoryOutbox {
    /// Puts `alerts` at the end of their destinations' queues.
    pub fn put(&self, alerts: impl IntoIterator<Item = Alert>) {
        let mut queues = self.queues();
        for alert in alerts {
            let queue = queues.entry(alert.destination.clone()).or_default();
            queue.push_back(Queued { alert, attempts: 0, not_before_ms: 0 });
        }
    }

    fn queues(&self) -> MutexGuard<'_, BTreeMap<String, VecDeque<Queued>>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outbox for MemoryOutbox {
    fn oldest(&self, destination: &str, limit: usize) -> anyhow::Result<Vec<Queued>> {
        let queues = self.queues();
        Ok(queues.get(destination).into_iter().flatten().take(limit).cloned().collect())
    }

    fn settle(&self, settled: &[(AlertId, Settled)]) -> anyhow::Result<()> {
        let outcomes: BTreeMap<_, _> = settled.iter().map(|(id, outcome)| (id, outcome)).collect();
        for queue in self.queues().values_mut() {
            queue.retain_mut(|queued| match outcomes.get(&queued.alert.id) {
                None => true,
                Some(Settled::Again { at_ms, .. }) => {
                    queued.attempts = queued.attempts.saturating_add(1);
                    queued.not_before_ms = *at_ms;
                    true
                }
                Some(Settled::Delivered | Settled::GivenUp { .. }) => false,
            });
        }
        Ok(())
    }

    fn pending(&self, destination: &str) -> anyhow::Result<u64> {
        Ok(self.queues().get(destination).map_or(0, |queue| queue.len() as u64))
    }
}
