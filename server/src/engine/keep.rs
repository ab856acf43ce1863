//! What is kept where: states brought back from disk, folded, put away when memory is short, and forgotten in time.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use drift_sre::MonitorConfig;
use hashbrown::hash_map::Entry;

use super::{Directory, Worker};
use crate::{
    service::{Service, ServiceId},
    store::{Batch, Fold, Older, Store, StoreError, journal},
    time::now_ms,
};

/// The journal is folded when it holds so much, or is so old: a start repeats no more than that.
const POINTS: usize = 1 << 17;
const BYTES: usize = 4 << 20;
const AGE: Duration = Duration::from_mins(1);
/// Services that are folded in one transaction, so that nobody waits for many.
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
        (self.weight, self.unfolded_bytes, self.unfolded_points) = (0, 0, 0);
        self.changes.clear();
        let count = journal.len();
        for (entry, bytes) in journal {
            for told in journal::Entries::new(&bytes) {
                let (id, at_ms, what) = told.context("an entry of the journal cannot be read")?;
                let name =
                    self.directory.name(id).context("an entry of the journal of an unknown service")?.clone();
                self.apply(entry, id, &name, at_ms, &what);
                self.total += 1;
            }
            self.entry = entry;
            self.unfolded_bytes += bytes.len();
        }
        self.weigh();
        self.status.set_totals(self.total, self.directory.services(), self.directory.series());
        self.announce();
        tracing::info!(entries = count, services = self.directory.services(), "what was stored is back");
        Ok(())
    }

    pub(super) fn recover_if_possible(&mut self) {
        match self.store.reopen().and_then(|()| self.recover()) {
            Ok(()) => {
                self.failed = false;
                self.status.set_failed(false);
                tracing::info!("the store works again");
            }
            Err(error) => tracing::error!(%error, "the store does not work yet"),
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
        if self.folded_at.elapsed() >= AGE {
            self.fold_all();
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
        if self.failed {
            return;
        }
        if self.unfolded_points >= POINTS || self.unfolded_bytes >= BYTES {
            self.fold_all();
        }
        if self.weight > self.config.limits.resident_bytes {
            self.put_away();
        }
    }

    /// Puts every state on disk that is newer in memory, and begins the journal anew.
    pub(super) fn fold_all(&mut self) {
        self.folded_at = Instant::now();
        // What is not announced yet must stay in the journal.
        if self.failed || self.unfolded_bytes == 0 || !self.changes.is_empty() {
            return;
        }
        let mut names = vec![];
        self.registry.each(|name, service| {
            if service.applied != service.folded {
                names.push(Arc::clone(name));
            }
        });
        let through = self.entry;
        for names in names.chunks(TOGETHER) {
            if !self.fold(names, None) {
                return;
            }
        }
        if self.fold(&[], Some(through)) {
            (self.unfolded_bytes, self.unfolded_points) = (0, 0);
        }
        self.weigh();
    }

    /// Puts the states of some services on disk; whether that was possible.
    fn fold(&mut self, names: &[Arc<str>], folded: Option<u64>) -> bool {
        let mut folds = Vec::with_capacity(names.len());
        for name in names {
            if let Some(Ok(fold)) = self.registry.ask(name, fold) {
                folds.push(fold);
            }
        }
        let total = self.total;
        let stored = self.store.commit(&Batch { folds, folded, total, now_ms: now_ms(), ..Batch::default() });
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

    /// Puts the services away that were not told anything for longest, until a quarter of the memory is free.
    fn put_away(&mut self) {
        // A state that is ahead of what is announced would keep the journal from announcing it after a crash.
        if !self.changes.is_empty() {
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
            if !self.fold(names, None) {
                return;
            }
            for name in names {
                self.registry.shard(name).remove(name);
            }
        }
        self.weigh();
    }

    fn weigh(&mut self) {
        self.weight = 0;
        self.registry.each(|_, service| self.weight += service.weight());
        self.status.set_resident(self.weight);
    }
}

fn fold(service: &Service) -> Result<Fold> {
    let points = service.series.iter().zip(0..).filter(|(series, _)| !series.pending.is_empty());
    let points = points.map(|(series, position)| {
        (position, series.taken - series.pending.len() as u64, series.pending.clone())
    });
    Ok(Fold { service: service.id, state: service.store()?, points: points.collect() })
}
