//! How the server is doing: what it counts, and what is wrong with it.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    time::{Duration, Instant},
};

use crate::engine::Outcome;

/// Counts and conditions, read by whoever asks.
#[derive(Debug)]
pub struct Status {
    started: Instant,
    total: AtomicU64,
    services: AtomicU64,
    series: AtomicU64,
    resident: AtomicU64,
    full: AtomicBool,
    failed: AtomicBool,
    accepted: AtomicU64,
    duplicates: AtomicU64,
    refused: AtomicU64,
    opened: AtomicU64,
}

/// The counts at one time.
#[derive(Clone, Copy, Debug)]
pub struct Counts {
    /// Observations ever taken.
    pub total: u64,
    /// Services there are.
    pub services: u64,
    /// Series there are.
    pub series: u64,
    /// Bytes of series in memory.
    pub resident: u64,
    /// Observations taken since the start.
    pub accepted: u64,
    /// Repetitions since the start.
    pub duplicates: u64,
    /// Observations refused since the start.
    pub refused: u64,
    /// Drifts opened since the start.
    pub opened: u64,
}

impl Default for Status {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            total: AtomicU64::default(),
            services: AtomicU64::default(),
            series: AtomicU64::default(),
            resident: AtomicU64::default(),
            full: AtomicBool::default(),
            failed: AtomicBool::default(),
            accepted: AtomicU64::default(),
            duplicates: AtomicU64::default(),
            refused: AtomicU64::default(),
            opened: AtomicU64::default(),
        }
    }
}

impl Status {
    /// Since the start.
    #[must_use]
    pub fn uptime(&self) -> Duration {
        self.started.elapsed()
    }

    /// What is wrong with the store, if anything is.
    #[must_use]
    pub fn trouble(&self) -> Option<&'static str> {
        if self.failed.load(Relaxed) {
            Some("store_failed")
        } else if self.full.load(Relaxed) {
            Some("disk_full")
        } else {
            None
        }
    }

    /// All counts.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts {
            total: self.total.load(Relaxed),
            services: self.services.load(Relaxed),
            series: self.series.load(Relaxed),
            resident: self.resident.load(Relaxed),
            accepted: self.accepted.load(Relaxed),
            duplicates: self.duplicates.load(Relaxed),
            refused: self.refused.load(Relaxed),
            opened: self.opened.load(Relaxed),
        }
    }

    pub(crate) fn set_full(&self, full: bool) {
        self.full.store(full, Relaxed);
    }

    pub(crate) fn set_failed(&self, failed: bool) {
        self.failed.store(failed, Relaxed);
    }

    pub(crate) fn set_totals(&self, total: u64, services: usize, series: usize) {
        self.total.store(total, Relaxed);
        self.services.store(services as u64, Relaxed);
        self.series.store(series as u64, Relaxed);
    }

    pub(crate) fn set_resident(&self, bytes: usize) {
        self.resident.store(bytes as u64, Relaxed);
    }

    pub(crate) fn count_opened(&self) {
        self.opened.fetch_add(1, Relaxed);
    }

    pub(crate) fn count(&self, outcomes: &[Outcome]) {
        let accepted = outcomes.iter().filter(|outcome| **outcome == Outcome::Accepted).count() as u64;
        let duplicates = outcomes.iter().filter(|outcome| **outcome == Outcome::Duplicate).count() as u64;
        self.accepted.fetch_add(accepted, Relaxed);
        self.duplicates.fetch_add(duplicates, Relaxed);
        self.refused.fetch_add(outcomes.len() as u64 - accepted - duplicates, Relaxed);
    }
}
