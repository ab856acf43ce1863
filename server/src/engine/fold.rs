//! Folding: states and what was seen go where they are kept, and the journal begins anew. It goes on a little at a time
//! between what is told meanwhile, so that nobody waits for all of it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Result;

use super::Worker;
use crate::{
    service::Service,
    store::{Batch, Fold},
    time::now_ms,
};

/// The journal is folded when it holds so much, or is so old: a start repeats about that.
const POINTS: usize = 1 << 17;
const BYTES: usize = 4 << 20;
const AGE: Duration = Duration::from_mins(1);
/// Services and points that are folded in one transaction.
const SERVICES: usize = 256;
const PIECE: usize = 1 << 13;

/// What is still to be done of a fold.
#[derive(Debug)]
pub(super) struct Folding {
    names: Vec<Arc<str>>,
    /// The newest entry that it takes in, and what there was of everything then.
    through: u64,
    total: u64,
    journal: Journal,
}

/// How much of the journal is not folded.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Journal {
    pub(super) bytes: usize,
    pub(super) points: usize,
}

impl Journal {
    fn exceeds(self, times: usize) -> bool {
        self.points >= times * POINTS || self.bytes >= times * BYTES
    }
}

impl Worker {
    /// Whether there is something to fold now.
    pub(super) fn is_folding(&self) -> bool {
        self.folding.is_some() && self.may_fold()
    }

    /// Whether states may be put on disk. What is not announced yet must stay in the journal, and a state that is ahead of it
    /// would keep the journal from announcing it after a crash.
    pub(super) fn may_fold(&self) -> bool {
        !self.failed && self.changes.is_empty()
    }

    /// Whether the journal is so old that it is to be folded.
    pub(super) fn is_fold_due(&self) -> bool {
        self.folded_at.elapsed() >= AGE
    }

    /// Keeps the journal short: goes on folding, and only where more is told than can be folded meanwhile does all of it.
    pub(super) fn keep_journal_short(&mut self) {
        if !self.may_fold() {
            return;
        }
        if self.unfolded.exceeds(2) {
            self.fold_all();
        } else if self.unfolded.exceeds(1) {
            self.begin_fold();
        }
        if self.folding.is_some() {
            self.fold_some();
        }
    }

    /// Begins to fold all there is.
    pub(super) fn begin_fold(&mut self) {
        self.folded_at = Instant::now();
        if self.folding.is_some() || self.unfolded.bytes == 0 {
            return;
        }
        let mut names = vec![];
        self.registry.each(|name, service| {
            if service.applied != service.folded {
                names.push(Arc::clone(name));
            }
        });
        let (through, total, journal) = (self.entry, self.total, self.unfolded);
        self.folding = Some(Folding { names, through, total, journal });
    }

    /// Folds everything, while others wait.
    pub(super) fn fold_all(&mut self) {
        while self.unfolded.bytes > 0 {
            self.begin_fold();
            if !self.is_folding() || !self.fold_some() {
                return;
            }
        }
    }

    /// Folds some services, or ends the fold when none are left; whether that was possible.
    pub(super) fn fold_some(&mut self) -> bool {
        let Some(mut folding) = self.folding.take() else { return true };
        if folding.names.is_empty() {
            let Folding { through, total, journal, .. } = folding;
            let end = Batch { folded: Some(through), total, now_ms: now_ms(), ..Batch::default() };
            if let Err(error) = self.store.commit(&end) {
                tracing::error!(%error, "the journal could not be begun anew");
                self.fail(&error);
                return false;
            }
            self.unfolded.bytes -= journal.bytes;
            self.unfolded.points -= journal.points;
            self.weigh();
            return true;
        }
        let mut points = 0;
        let mut count = 0;
        for name in folding.names.iter().rev().take(SERVICES) {
            points += self.registry.ask(name, Service::pending).unwrap_or_default();
            count += 1;
            if points >= PIECE {
                break;
            }
        }
        let names = folding.names.split_off(folding.names.len() - count);
        let done = self.fold(&names);
        // What could not be folded is tried again from the beginning, when it is due.
        self.folding = done.then_some(folding);
        done
    }

    /// Puts the states of some services on disk; whether that was possible.
    pub(super) fn fold(&mut self, names: &[Arc<str>]) -> bool {
        let mut folds = Vec::with_capacity(names.len());
        for name in names {
            if let Some(Ok(fold)) = self.registry.ask(name, fold) {
                folds.push(fold);
            }
        }
        let stored = self.store.commit(&Batch { folds, now_ms: now_ms(), ..Batch::default() });
        if let Err(error) = stored {
            tracing::error!(%error, "states could not be put on disk");
            self.fail(&error);
            return false;
        }
        for name in names {
            if let Some(service) = self.registry.shard(name).get_mut(name) {
                service.folded = service.applied;
                for series in &mut service.series {
                    series.pending = Vec::new();
                }
            }
        }
        true
    }
}

fn fold(service: &Service) -> Result<Fold> {
    let points = service.series.iter().zip(0..).filter(|(series, _)| !series.pending.is_empty());
    let points = points.map(|(series, position)| {
        (position, series.taken - series.pending.len() as u64, series.pending.clone())
    });
    Ok(Fold { service: service.id, state: service.store()?, points: points.collect() })
}

#[cfg(test)]
mod tests;
