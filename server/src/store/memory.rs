//! The store that keeps nothing beyond the process: for trying things out, and for tests.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::Result;

use super::{Batch, EventQuery, Loaded, Older, Reader, Store, StoreError};
use crate::{
    event::Change,
    notify::{AlertId, MemoryOutbox, Outbox, Queued, Settled, quiet::Quiet},
    observation::Key,
    series::Point,
    service::ServiceId,
};

/// Tables in memory. There is no journal: nothing is left to repeat it.
#[derive(Debug, Default)]
pub struct Memory(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    tables: Mutex<Tables>,
    outbox: MemoryOutbox,
}

#[derive(Debug, Default)]
struct Tables {
    states: HashMap<ServiceId, Vec<u8>>,
    points: HashMap<(ServiceId, u32), (u64, VecDeque<Point>)>,
    keys: HashMap<Key, (u64, i64)>,
    events: VecDeque<Change>,
    quiet: BTreeMap<String, Quiet>,
}

/// Points kept of a series, and events of all.
const POINTS: usize = 3600;
const EVENTS: usize = 10_000;

impl Shared {
    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for Memory {
    fn load(&mut self) -> Result<Loaded, StoreError> {
        Ok(Loaded::default())
    }

    fn journal(&mut self) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        Ok(vec![])
    }

    fn commit(&mut self, batch: &Batch<'_>) -> Result<(), StoreError> {
        let mut tables = self.0.tables();
        tables.keys.extend(batch.keys.iter().map(|(key, content)| (*key, (*content, batch.now_ms))));
        for fold in &batch.folds {
            tables.states.insert(fold.service, fold.state.clone());
            for (series, first, points) in &fold.points {
                let (begin, held) = tables.points.entry((fold.service, *series)).or_default();
                held.extend(points);
                let surplus = held.len().saturating_sub(POINTS);
                held.drain(..surplus);
                *begin = first + points.len() as u64 - held.len() as u64;
            }
        }
        tables.events.extend(batch.changes.iter().cloned());
        let surplus = tables.events.len().saturating_sub(EVENTS);
        tables.events.drain(..surplus);
        for (series, quiet) in &batch.quiet {
            match quiet {
                Some(quiet) => tables.quiet.insert(series.clone(), quiet.clone()),
                None => tables.quiet.remove(series),
            };
        }
        self.0.outbox.put(batch.alerts.iter().cloned());
        Ok(())
    }

    fn state(&mut self, service: ServiceId) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.tables().states.get(&service).cloned())
    }

    fn content(&mut self, key: &Key) -> Result<Option<u64>, StoreError> {
        Ok(self.0.tables().keys.get(key).map(|(content, _)| *content))
    }

    fn is_announced(&mut self, id: &str) -> Result<bool, StoreError> {
        Ok(self.0.tables().events.iter().any(|change| change.id == id))
    }

    fn quiet(&mut self, series: &str) -> Result<Option<Quiet>, StoreError> {
        Ok(self.0.tables().quiet.get(series).cloned())
    }

    fn held(&mut self, now_ms: i64) -> Result<Vec<(String, Quiet)>, StoreError> {
        let tables = self.0.tables();
        let due = tables.quiet.iter().filter(|(_, quiet)| quiet.due_ms().is_some_and(|due| due <= now_ms));
        Ok(due.map(|(series, quiet)| (series.clone(), quiet.clone())).collect())
    }

    fn forget(&mut self, older: Older) -> Result<bool, StoreError> {
        let mut tables = self.0.tables();
        for (begin, points) in tables.points.values_mut() {
            let gone = points.iter().take_while(|point| point.at_ms < older.points_ms).count();
            points.drain(..gone);
            *begin += gone as u64;
        }
        tables.events.retain(|change| change.detected_at.0 >= older.events_ms);
        tables.keys.retain(|_, (_, at_ms)| *at_ms >= older.keys_ms);
        Ok(false)
    }

    fn reopen(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    fn set_aside(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    fn reader(&self) -> Arc<dyn Reader> {
        self.0.clone()
    }
}

impl Reader for Shared {
    fn events(&self, query: &EventQuery) -> Result<Vec<Change>> {
        let tables = self.tables();
        let wanted = tables.events.iter().rev().filter(|change| {
            query.service.as_ref().is_none_or(|service| *service == change.service_id)
                && query.since_ms.is_none_or(|since| change.detected_at.0 >= since)
        });
        Ok(wanted.take(query.limit).cloned().collect())
    }

    fn points(&self, service: ServiceId, series: u32, most: usize) -> Result<(u64, Vec<Point>)> {
        let tables = self.tables();
        let Some((begin, points)) = tables.points.get(&(service, series)) else { return Ok((0, vec![])) };
        let surplus = points.len().saturating_sub(most);
        Ok((begin + surplus as u64, points.iter().skip(surplus).copied().collect()))
    }

    fn bytes(&self) -> Result<u64> {
        Ok(0)
    }
}

impl Outbox for Shared {
    fn oldest(&self, destination: &str, limit: usize) -> Result<Vec<Queued>> {
        self.outbox.oldest(destination, limit)
    }

    fn settle(&self, settled: &[(AlertId, Settled)]) -> Result<()> {
        self.outbox.settle(settled)
    }

    fn pending(&self, destination: &str) -> Result<u64> {
        self.outbox.pending(destination)
    }
}
