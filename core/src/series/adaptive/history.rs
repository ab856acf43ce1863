//! The newest samples in order, found by their number since the start.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

/// Values and their times; the oldest make room for new ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct History {
    values: Vec<f64>,
    times: Vec<f64>,
    /// Samples ever seen.
    total: u64,
}

impl History {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { values: Vec::with_capacity(capacity), times: Vec::with_capacity(capacity), total: 0 }
    }

    pub(crate) fn push(&mut self, value: f64, at: f64, capacity: usize) {
        if self.values.len() < capacity {
            self.values.push(value);
            self.times.push(at);
        } else {
            let slot = self.slot(self.total);
            self.values[slot] = value;
            self.times[slot] = at;
        }
        self.total += 1;
    }

    /// Samples ever seen.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// The number of the oldest sample that is held.
    pub(crate) fn first(&self) -> u64 {
        self.total - self.values.len() as u64
    }

    /// A sample that is held, or the nearest one that is: its value and its time.
    pub(crate) fn get(&self, number: u64) -> (f64, f64) {
        let number = number.clamp(self.first(), self.total.max(1) - 1);
        let slot = self.slot(number);
        (self.values.get(slot).copied().unwrap_or(0.0), self.times.get(slot).copied().unwrap_or(0.0))
    }

    fn slot(&self, number: u64) -> usize {
        #[expect(clippy::cast_possible_truncation, reason = "a remainder of a length")]
        let slot = (number % self.values.len().max(1) as u64) as usize;
        slot
    }

    /// Values that were held as they came are measured from a centre, in a unit.
    pub(crate) fn standardise(&mut self, center: f64, unit: f64) {
        for value in &mut self.values {
            *value = (*value - center) / unit;
        }
    }

    pub(crate) fn reserve(&mut self, capacity: usize) {
        self.values.reserve_exact(capacity.saturating_sub(self.values.len()));
        self.times.reserve_exact(capacity.saturating_sub(self.times.len()));
    }

    /// All values held, the oldest first.
    pub(crate) fn values(&self) -> Vec<f64> {
        (self.first()..self.total).map(|number| self.get(number).0).collect()
    }

    /// The mean time from one sample to the next.
    pub(crate) fn interval(&self) -> f64 {
        let steps = self.values.len().max(2) as f64 - 1.0;
        (self.get(self.total).1 - self.get(self.first()).1) / steps
    }

    /// All values move by so much.
    pub(crate) fn shift(&mut self, by: f64) {
        for value in &mut self.values {
            *value += by;
        }
    }

    /// Whether a decoded history is one that there can be.
    pub(crate) fn is_sane(&self, capacity: usize) -> bool {
        let full = self.values.len() == capacity;
        self.values.len() <= capacity
            && self.times.len() == self.values.len()
            && (full || self.total == self.values.len() as u64)
            && self.total >= self.values.len() as u64
            && self.total < u64::MAX / 2
            && self.values.iter().all(|value| value.abs() <= 1e40)
            && self.times.iter().all(|time| time.is_finite())
    }
}
