//! Mean and standard deviation, or median and its absolute deviation, of the newest samples.
//!
//! The reference is computed anew after every `refresh_every` samples and held in between: sorting or summing a
//! thousand samples for each one would cost more than it tells.

use alloc::{collections::VecDeque, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{Error, Sample, config::Rolling, math, stats::robust};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct State {
    /// Time and value of the newest samples, oldest first.
    samples: VecDeque<(f64, f64)>,
    /// Samples since the reference was computed.
    unseen: u32,
    reference: Option<Reference>,
    /// For sorting; always empty between two steps.
    #[serde(skip)]
    scratch: Vec<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Reference {
    level: f64,
    spread: f64,
}

impl Rolling {
    pub(crate) fn init(&self) -> State {
        let size = self.size as usize;
        let scratch = if self.robust { Vec::with_capacity(2 * size) } else { Vec::new() };
        State { samples: VecDeque::with_capacity(size), unseen: 0, reference: None, scratch }
    }

    pub(crate) fn is_ready(&self, state: &State) -> bool {
        state.reference.is_some()
    }

    pub(crate) fn level(&self, state: &State) -> f64 {
        state.reference.map_or(0.0, |reference| reference.level)
    }

    pub(crate) fn unit(&self, state: &State) -> f64 {
        state.reference.map_or(1.0, |reference| reference.spread)
    }

    pub(crate) fn learn(&self, state: &mut State, value: f64, at: f64) {
        if state.samples.len() >= self.size as usize {
            state.samples.pop_front();
        }
        state.samples.push_back((at, value));
        state.unseen = state.unseen.saturating_add(1);
        if let Some(age) = self.max_age_secs {
            while state.samples.front().is_some_and(|(then, _)| at - then > age) {
                state.samples.pop_front();
            }
        }
        let enough = state.samples.len() >= self.min_samples as usize;
        if enough && (state.reference.is_none() || state.unseen >= self.refresh_every) {
            state.unseen = 0;
            state.reference = Some(self.reference(state));
        }
    }

    fn reference(&self, state: &mut State) -> Reference {
        let values = state.samples.iter().map(|(_, value)| *value);
        let (level, spread) = if self.robust {
            state.scratch.extend(values);
            let level = robust::median(&mut state.scratch);
            let spread = robust::spread_in_place(&mut state.scratch, level);
            state.scratch.clear();
            (level, spread)
        } else {
            // Two passes: exact where a running sum of squares would cancel.
            let count = state.samples.len() as f64;
            let mean = values.clone().sum::<f64>() / count;
            let squares: f64 = values.map(|value| (value - mean) * (value - mean)).sum();
            (mean, math::sqrt(squares / (count - 1.0)))
        };
        Reference { level, spread: self.least(spread, level) }
    }

    fn least(&self, spread: f64, level: f64) -> f64 {
        spread.max(self.floor).max(self.relative_floor * level.abs()).max(super::LEAST_SPREAD)
    }

    /// The samples of the old level are forgotten; its spread holds until there are enough of the new one.
    pub(crate) fn adopt(&self, state: &mut State, value: f64) {
        state.samples.clear();
        state.unseen = 0;
        if let Some(reference) = &mut state.reference {
            reference.level = value;
        }
    }

    pub(crate) fn check(&self, state: &State) -> Result<(), Error> {
        let sample_fits = |(at, value): &(f64, f64)| Sample::new(*at, *value).usable().is_some();
        let reference_fits = |reference: Reference| {
            Sample::can_be_mean(reference.level)
                && reference.spread >= super::LEAST_SPREAD
                && reference.spread.is_finite()
        };
        let fits = state.samples.len() <= self.size as usize
            && state.samples.iter().all(sample_fits)
            && state.reference.is_none_or(reference_fits);
        if fits { Ok(()) } else { Err(Error::SnapshotCorrupt) }
    }
}
