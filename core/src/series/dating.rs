//! Dates a change: from where its statistic first stood out on one side.
//!
//! A detector tells at each sample whether it leans to a side; here is kept since when, and what was measured since.

use super::detect::{Leaning, Residual};
use crate::{Sample, event::Direction, plain::plain};

/// Where a change began and what it amounts to, as estimated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change {
    /// Time of its first sample, in seconds.
    pub(crate) onset: f64,
    /// What was normal before it, transformed.
    pub(crate) before: f64,
    /// What was measured since, transformed.
    pub(crate) level: f64,
    /// Samples since, the first included.
    pub(crate) samples: u64,
}

/// The excursions that a series is on, one to each side.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Dating {
    up: Excursion,
    down: Excursion,
}

/// Samples that lean to one side, with short interruptions.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Excursion {
    onset: f64,
    before: f64,
    samples: u64,
    /// Their values added up, transformed.
    total: f64,
    /// Samples since it last stood out.
    quiet: u8,
}

plain! {
    struct Dating { up, down }
    struct Excursion { onset, before, samples, total, quiet }
}

impl Dating {
    /// One more sample. So many in a row that do not lean to a side end its excursion.
    #[inline]
    pub(crate) fn add(&mut self, residual: Residual, leaning: Leaning, gap: u8) {
        self.up = self.up.next(residual, leaning.up, gap);
        self.down = self.down.next(residual, leaning.down, gap);
    }

    /// The change to one side, of which the newest sample is one.
    pub(crate) fn change(&self, direction: Direction, newest: Residual) -> Change {
        let mut excursion = match direction {
            Direction::Up => self.up,
            Direction::Down => self.down,
        };
        if excursion.samples == 0 {
            // A rule at a level below what belongs to a change: it begins here.
            excursion = excursion.with(newest);
        }
        let Excursion { onset, before, samples, total, .. } = excursion;
        Change { onset, before, level: total / samples as f64, samples }
    }

    pub(crate) fn is_sane(&self) -> bool {
        let numbers = |side: &Excursion| {
            let mean = side.total / side.samples.max(1) as f64;
            side.onset.is_finite() && Sample::can_be_mean(side.before) && Sample::can_be_mean(mean)
        };
        numbers(&self.up) && numbers(&self.down)
    }
}

impl Excursion {
    /// Selects instead of branches: on a series in control, whether a sum stays positive is a coin toss.
    #[inline]
    fn next(self, residual: Residual, stands_out: bool, gap: u8) -> Self {
        let quiet = if stands_out { 0 } else { self.quiet.saturating_add(1) };
        let lasts = stands_out || (quiet < gap && self.samples > 0);
        let Self { onset, before, samples, total, .. } = self.with(residual);
        Self {
            onset,
            before,
            samples: if lasts { samples } else { 0 },
            total: if lasts { total } else { 0.0 },
            quiet,
        }
    }

    /// One more sample, which is the first if there was none.
    #[inline]
    fn with(self, residual: Residual) -> Self {
        let first = self.samples == 0;
        Self {
            onset: if first { residual.at } else { self.onset },
            before: if first { residual.yardstick.level } else { self.before },
            samples: self.samples.saturating_add(1),
            total: self.total + residual.observed,
            quiet: self.quiet,
        }
    }
}
