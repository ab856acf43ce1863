//! The services that are in memory. One thread changes them; whoever asks sees what is stored, and nothing newer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use drift_sre::fnv1a;
use hashbrown::HashMap;

use crate::service::Service;

/// Services by name, in shards, so that a question holds up few others.
#[derive(Debug)]
pub struct Registry {
    shards: Box<[Mutex<Shard>]>,
}

/// Some of the services.
pub type Shard = HashMap<Arc<str>, Service>;

const SHARDS: usize = 64;

impl Default for Registry {
    fn default() -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect() }
    }
}

impl Registry {
    /// What is known of a service, if it is in memory.
    pub fn ask<T>(&self, name: &str, question: impl FnOnce(&Service) -> T) -> Option<T> {
        self.shard(name).get(name).map(question)
    }

    /// Each service in memory, a shard at a time.
    pub fn each(&self, mut visit: impl FnMut(&Arc<str>, &Service)) {
        for shard in self.shards() {
            for (name, service) in shard.iter() {
                visit(name, service);
            }
        }
    }

    pub(crate) fn shard(&self, name: &str) -> MutexGuard<'_, Shard> {
        #[expect(clippy::cast_possible_truncation, reason = "the lowest bits will do")]
        let index = fnv1a(name.bytes()) as usize % SHARDS;
        lock(&self.shards[index])
    }

    pub(crate) fn shards(&self) -> impl Iterator<Item = MutexGuard<'_, Shard>> {
        self.shards.iter().map(lock)
    }
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}
