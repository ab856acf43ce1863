//! Mean and variance of a window that slides, without ever subtracting what leaves it.
//!
//! Taking a value out of a running sum of squares leaves the rounding error of the largest value that was ever in it. Two
//! piles avoid it: totals of the newest values are added up as they come, those of the oldest ones were added up
//! from the newest of them backwards, one total each, so that the last total is dropped with its value.

use alloc::{collections::VecDeque, vec::Vec};

use crate::plain::{Pass, Plain};

/// The window: its values with their times, and the totals of both piles.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sliding {
    /// Time and value, oldest first.
    values: VecDeque<(f64, f64)>,
    /// Of the oldest values: each one's total with all newer ones of the pile, the oldest last.
    old: Vec<Totals>,
    new: Totals,
}

/// Count, mean and squared deviations from it, added up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Totals {
    pub(crate) count: f64,
    pub(crate) mean: f64,
    m2: f64,
}

impl Sliding {
    /// An empty window. It takes memory as it fills, and gives none back.
    pub(crate) fn new() -> Self {
        Self::EMPTY
    }

    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// Time and value, oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &(f64, f64)> {
        self.values.iter()
    }

    /// Time and value of the oldest.
    pub(crate) fn oldest(&self) -> Option<(f64, f64)> {
        self.values.front().copied()
    }

    #[inline]
    pub(crate) fn push(&mut self, at: f64, value: f64) {
        self.values.push_back((at, value));
        self.new = self.new.with(value);
    }

    /// Drops the oldest value. All are added up anew when the pile of the old ones is used up, which is once a window.
    #[inline]
    pub(crate) fn pop(&mut self) {
        if self.old.is_empty() {
            let everything = self.values.len();
            self.pile_up(everything);
        }
        self.old.pop();
        self.values.pop_front();
    }

    pub(crate) fn clear(&mut self) {
        self.values.clear();
        self.old.clear();
        self.new = Totals::NONE;
    }

    #[inline]
    pub(crate) fn totals(&self) -> Totals {
        self.old.last().map_or(self.new, |old| old.merge(self.new))
    }

    /// Makes so many of the oldest values the old pile, and the others the new one.
    fn pile_up(&mut self, old: usize) {
        let Self { values, old: pile, new } = self;
        *new = (old..values.len()).fold(Totals::NONE, |total, at| total.with(values[at].1));
        let mut total = Totals::NONE;
        pile.clear();
        pile.extend((0..old).rev().map(|at| {
            total = total.with(values[at].1);
            total
        }));
    }
}

impl Totals {
    const NONE: Self = Self { count: 0.0, mean: 0.0, m2: 0.0 };

    /// Mean square of the deviations, with divisor n.
    #[inline]
    pub(crate) fn variance(&self) -> f64 {
        self.m2 / self.count.max(1.0)
    }

    #[inline]
    fn with(self, value: f64) -> Self {
        let count = self.count + 1.0;
        let deviation = value - self.mean;
        let mean = self.mean + deviation / count;
        Self { count, mean, m2: self.m2 + deviation * (value - mean) }
    }

    #[inline]
    fn merge(self, other: Self) -> Self {
        let count = self.count + other.count;
        let (apart, share) = (other.mean - self.mean, other.count / count);
        let m2 = self.m2 + other.m2 + apart * apart * (self.count * share);
        Self { count, mean: self.mean + apart * share, m2 }
    }
}

/// Totals are not saved: they follow from the values and from where the piles meet.
impl Plain for Sliding {
    const EMPTY: Self = Self { values: VecDeque::new(), old: Vec::new(), new: Totals::NONE };

    fn pass(&mut self, by: &mut Pass<'_>) {
        self.values.pass(by);
        // Windows are limited to far fewer values than that.
        let mut old = u32::try_from(self.old.len()).unwrap_or(u32::MAX);
        old.pass(by);
        if by.reads() {
            self.pile_up(self.values.len().min(old as usize));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plain::{pack, unpack};

    #[test]
    fn totals_are_those_of_the_window_and_of_nothing_before() {
        let mut window = Sliding::new();
        let values = [3.0, 1e12, 5.0, 7.0, 1.0, 9.0, 5.0, 5.0, 2.0];
        for (t, value) in values.iter().enumerate() {
            window.push(t as f64, *value);
            if window.len() > 3 {
                window.pop();
            }
            let Totals { count, mean, .. } = window.totals();
            let last = &values[t.saturating_sub(2)..=t];
            let exact = last.iter().sum::<f64>() / last.len() as f64;
            let variance = last.iter().map(|x| (x - exact) * (x - exact)).sum::<f64>() / last.len() as f64;
            assert_eq!(count, last.len() as f64);
            assert!((mean - exact).abs() <= 1e-15 * exact.abs(), "{t}: {mean}");
            assert!((window.totals().variance() - variance).abs() <= 1e-14 * variance, "{t}");
        }
        assert_eq!(window.oldest(), Some((6.0, 5.0)));
        assert_eq!((window.totals().mean, window.totals().variance()), (4.0, 2.0));
    }

    #[test]
    fn resuming_keeps_every_bit_at_every_step() {
        let mut window = Sliding::new();
        for t in 0..100 {
            window.push(f64::from(t), 1.0 / f64::from(1 + t * t % 17));
            if window.len() > 7 {
                window.pop();
            }
            let again: Sliding = unpack(&pack(window.clone())).unwrap();
            assert_eq!(again, window);
            assert_eq!(again.totals(), window.totals());
        }
    }

    #[test]
    fn an_emptied_window_starts_from_nothing() {
        let mut window = Sliding::new();
        window.push(0.0, 1.0);
        window.pop();
        window.pop();
        assert_eq!((window.len(), window.totals()), (0, Totals::NONE));
        window.push(1.0, 2.0);
        window.clear();
        assert_eq!(window, Sliding::new());
    }
}
