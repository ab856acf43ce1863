//! A table that never holds more than so many entries: the least used make room.

use alloc::vec::Vec;
use core::hash::{BuildHasherDefault, Hasher};

use hashbrown::{HashMap, hash_map::Entry as Slot};
use serde::{Deserialize, Serialize};

use crate::Error;

/// Keys are hashes already.
#[derive(Clone, Copy, Debug, Default)]
struct Keep(u64);

impl Hasher for Keep {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| hash.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// What a table can hold.
pub(crate) trait Entry: Clone {
    /// How much is lost with it: how often it was met, up to a few times, and when last.
    fn worth(&self) -> (u32, u64);
}

/// At most `capacity` entries by key. Nothing depends on the order in which they lie.
#[derive(Clone, Debug)]
pub(crate) struct Table<V> {
    entries: HashMap<u64, V, BuildHasherDefault<Keep>>,
    capacity: usize,
}

impl<V: Entry + PartialEq> PartialEq for Table<V> {
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries && self.capacity == other.capacity
    }
}

impl<V: Entry> Table<V> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { entries: HashMap::default(), capacity: capacity.max(2) }
    }

    pub(crate) fn get(&self, key: u64) -> Option<&V> {
        self.entries.get(&key)
    }

    pub(crate) fn get_mut(&mut self, key: u64) -> Option<&mut V> {
        self.entries.get_mut(&key)
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The entry of a key, made if it is not there. A full table gives up the half that is worth least before, each of
    /// which `lost` is told.
    pub(crate) fn entry(&mut self, key: u64, make: impl FnOnce() -> V, lost: impl FnMut(u64, V)) -> &mut V {
        if self.entries.len() >= self.capacity && !self.entries.contains_key(&key) {
            self.halve(lost);
        }
        match self.entries.entry(key) {
            Slot::Occupied(slot) => slot.into_mut(),
            Slot::Vacant(slot) => slot.insert(make()),
        }
    }

    fn halve(&mut self, mut lost: impl FnMut(u64, V)) {
        let mut worths: Vec<_> = self.entries.iter().map(|(key, entry)| (entry.worth(), *key)).collect();
        let middle = worths.len() / 2;
        worths.select_nth_unstable(middle);
        worths[..middle].sort_unstable();
        for (_, key) in &worths[..middle] {
            if let Some(entry) = self.entries.remove(key) {
                lost(*key, entry);
            }
        }
    }

    /// Everything, by key.
    pub(crate) fn sorted(&self) -> Vec<(u64, V)> {
        let mut entries: Vec<_> = self.entries.iter().map(|(key, entry)| (*key, entry.clone())).collect();
        entries.sort_unstable_by_key(|(key, _)| *key);
        entries
    }

    /// The table of what [`Table::sorted`] told. One that was made with more room than this gives up what does not fit.
    pub(crate) fn resume(
        entries: Vec<(u64, V)>,
        capacity: usize,
        mut is_sound: impl FnMut(&V) -> bool,
    ) -> Result<Self, Error> {
        let rises = entries.windows(2).all(|pair| pair[0].0 < pair[1].0);
        if !rises || !entries.iter().all(|(_, entry)| is_sound(entry)) {
            return Err(Error::SnapshotCorrupt);
        }
        let mut table = Self::new(capacity);
        table.entries.extend(entries);
        while table.entries.len() > table.capacity {
            table.halve(|_, _| {});
        }
        Ok(table)
    }
}

/// How often something was met, and when last.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Met {
    pub(crate) times: u32,
    pub(crate) last: u64,
}

impl Met {
    pub(crate) fn at(last: u64) -> Self {
        Self { times: 0, last }
    }

    pub(crate) fn again(&mut self, at: u64) {
        self.times = self.times.saturating_add(1);
        self.last = at;
    }

    /// Beyond a few times, how long ago it was says more than how often.
    pub(crate) fn worth(self) -> (u32, u64) {
        (self.times.min(4), self.last)
    }
}

impl Entry for Met {
    fn worth(&self) -> (u32, u64) {
        Self::worth(*self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_table_keeps_what_was_met_often_and_lately() {
        let mut table = Table::new(4);
        for (key, times, last) in [(1, 9, 1), (2, 1, 2), (3, 1, 3), (4, 9, 4)] {
            *table.entry(key, || Met::at(0), |_, _| {}) = Met { times, last };
        }
        let mut lost = Vec::new();
        table.entry(5, || Met::at(5), |key, _| lost.push(key));
        assert_eq!(lost, [2, 3]);
        assert_eq!(table.sorted().iter().map(|(key, _)| *key).collect::<Vec<_>>(), [1, 4, 5]);
    }
}
