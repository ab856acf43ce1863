//! What is kept where: states brought back from disk, put away when memory is short, and forgotten in time.

use std::sync::Arc;

use anyhow::Context;
use drift_sre::MonitorConfig;
use hashbrown::hash_map::Entry;

use super::{Directory, Worker, fold::Journal};
use crate::{
    service::{Service, ServiceId},
    store::{Batch, Older, Store, StoreError, journal},
    time::now_ms,
};

/// Services that are put away in one transaction.
const TOGETHER: usize = 256;
/// For how long a repetition is known as one.
const KEYS_MS: i64 = 86_400_000;

/// A service from disk, or a new one. One whose state was damaged is begun anew, and said so; where the disk did not answer
/// nothing is begun, as what is on it may be whole.
pub(super) fn bring(
    store: &mut dyn Store,
    id: ServiceId,
    name: &str,
    telemetry: &MonitorConfig,
) -> Result<Service, StoreError> {
    let Some(bytes) = store.state(id)? else { return Ok(Service::new(id)) };
    Ok(Service::revive(id, &bytes, telemetry).unwrap_or_else(|error| {
        tracing::error!(
            error = format!("{error:#}"),
            service = name,
            "its state is damaged; it is learned anew"
        );
        Service::new(id)
    }))
}

impl Worker {
    /// Brings back what was stored, and learns from the journal what is not in the states.
    pub(super) fn recover(&mut self) -> Result<(), StoreError> {
        let loaded = self.store.load()?;
        let journal = self.store.journal()?;
        (self.total, self.entry) = (loaded.total, loaded.folded);
        self.directory = Directory::new(loaded, self.config.limits.series);
        for mut shard in self.registry.shards() {
            shard.clear();
        }
        (self.weight, self.unfolded, self.folding) = (0, Journal::default(), None);
        self.changes.clear();
        let count = journal.len();
        for (entry, bytes) in journal {
            for told in journal::Entries::new(&bytes) {
                let (id, at_ms, what) =
                    told.context("an entry of the journal").map_err(StoreError::Damaged)?;
                let name = self.directory.name(id).context("an entry of the journal of no service");
                let name = name.map_err(StoreError::Damaged)?.clone();
                self.apply(entry, id, &name, at_ms, &what)?;
                self.total += 1;
            }
            self.entry = entry;
            self.unfolded.bytes += bytes.len();
        }
        self.weigh();
        self.status.set_totals(self.total, self.directory.services(), self.directory.series());
        self.announce();
        tracing::info!(entries = count, services = self.directory.services(), "what was stored is back");
        Ok(())
    }

    /// The same at the start.
    pub(super) fn begin(&mut self) -> Result<(), StoreError> {
        let recovered = self.recover();
        self.unless_damaged(recovered)
    }

    /// Where what was stored is damaged it is better to learn anew than not at all.
    fn unless_damaged(&mut self, recovered: Result<(), StoreError>) -> Result<(), StoreError> {
        let Err(StoreError::Damaged(error)) = recovered else { return recovered };
        tracing::error!(error = format!("{error:#}"), "what was stored cannot be read");
        self.store.set_aside()?;
        self.recover()
    }

    pub(super) fn recover_if_possible(&mut self) {
        self.failed = false;
        let recovered = self.store.reopen().and_then(|()| self.recover());
        match self.unless_damaged(recovered) {
            Ok(()) if !self.failed => {
                self.status.set_failed(false);
                tracing::info!("the store works again");
            }
            Ok(()) => tracing::error!("the store does not work yet"),
            Err(error) => {
                self.failed = true;
                tracing::error!(%error, "the store does not work yet");
            }
        }
    }

    /// Brings a service into memory to be asked, if there is one of this name.
    pub(super) fn revive(&mut self, name: &str) -> bool {
        let Some((id, name)) = self.directory.find(name) else { return false };
        let registry = Arc::clone(&self.registry);
        if let Entry::Vacant(place) = registry.shard(&name).entry(Arc::clone(&name)) {
            match bring(&mut *self.store, id, &name, &self.config.telemetry) {
                Ok(mut service) => {
                    service.used = self.batches;
                    self.weight += service.weight();
                    place.insert(service);
                }
                Err(error) => {
                    tracing::error!(%error, service = &*name, "its state could not be read");
                    self.fail(&error);
                    return false;
                }
            }
        }
        true
    }

    pub(super) fn tick(&mut self) {
        if self.failed {
            self.recover_if_possible();
            return;
        }
        if self.status.trouble().is_some() {
            self.look_for_room();
        }
        self.announce();
        self.flush_held();
        if self.is_fold_due() {
            self.begin_fold();
            let now = now_ms();
            let older = Older {
                points_ms: now - self.config.retention.telemetry_ms,
                events_ms: now - self.config.retention.events_ms,
                keys_ms: now - KEYS_MS,
            };
            self.forget_before(older);
        }
    }

    /// Whoever asks whether the server is ready sends nothing while it is not: an entry of nothing finds out whether the
    /// disk has room again.
    fn look_for_room(&mut self) {
        let entry = self.entry + 1;
        let batch =
            Batch { journal: Some((entry, &[])), total: self.total, now_ms: now_ms(), ..Batch::default() };
        match self.store.commit(&batch) {
            Ok(()) => {
                self.entry = entry;
                self.status.set_full(false);
                tracing::info!("the disk has room again");
            }
            Err(error) => {
                self.fail(&error);
            }
        }
    }

    fn forget_before(&mut self, older: Older) {
        // A bound, so that observations do not wait; the rest goes next time.
        for _ in 0..64 {
            match self.store.forget(older) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::error!(%error, "what is old could not be removed");
                    self.fail(&error);
                    break;
                }
            }
        }
    }

    pub(super) fn keep_within_bounds(&mut self) {
        self.keep_journal_short();
        if !self.failed && self.weight > self.config.limits.resident_bytes {
            self.put_away();
        }
    }

    /// Puts the services away that were not told anything for longest, until a quarter of the memory is free.
    fn put_away(&mut self) {
        if !self.may_fold() {
            return;
        }
        self.weigh();
        let enough = self.config.limits.resident_bytes / 4 * 3;
        if self.weight <= enough {
            return;
        }
        let mut all = vec![];
        self.registry.each(|name, service| all.push((service.used, Arc::clone(name), service.weight())));
        all.sort();
        let mut surplus = self.weight - enough;
        let count = all.iter().take_while(|(_, _, weight)| {
            let more = surplus > 0;
            surplus = surplus.saturating_sub(*weight);
            more
        });
        let count = count.count();
        let names: Vec<_> = all.into_iter().take(count).map(|(_, name, _)| name).collect();
        for names in names.chunks(TOGETHER) {
            if !self.fold(names) {
                return;
            }
            for name in names {
                self.registry.shard(name).remove(name);
            }
        }
        self.weigh();
    }

    pub(super) fn weigh(&mut self) {
        self.weight = 0;
        self.registry.each(|_, service| self.weight += service.weight());
        self.status.set_resident(self.weight);
    }
}
