//! Mean and standard deviation, or median and its absolute deviation, of the newest samples.
//!
//! The reference is computed anew after every `refresh_every` samples and held in between: sorting or summing a
//! thousand samples for each one would cost more than it tells.

use alloc::{collections::VecDeque, vec::Vec};

use super::Yardstick;
use crate::{
    Error, Sample,
    config::Rolling,
    math,
    plain::{Pass, Plain, plain},
    stats::robust,
};

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct State {
    /// Time and value of the newest samples, oldest first.
    samples: VecDeque<(f64, f64)>,
    /// Samples since the reference was computed.
    unseen: u32,
    reference: Option<Reference>,
    /// For sorting; always empty between two steps.
    scratch: Vec<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Reference {
    level: f64,
    spread: f64,
    samples: f64,
}

impl Plain for State {
    const EMPTY: Self = Self { samples: VecDeque::new(), unseen: 0, reference: None, scratch: Vec::new() };

    fn pass(&mut self, by: &mut Pass<'_>) {
        let Self { samples, unseen, reference, scratch: _ } = self;
        samples.pass(by);
        unseen.pass(by);
        reference.pass(by);
    }
}

plain! {
    struct Reference { level, spread, samples }
}

impl Reference {
    /// Before there is one.
    const NONE: Self = Self { level: 0.0, spread: 1.0, samples: 0.0 };
}

impl State {
    /// The values that count now.
    pub(super) fn sorted(&self) -> Vec<f64> {
        let mut values: Vec<f64> = self.samples.iter().map(|(_, value)| *value).collect();
        values.sort_unstable_by(f64::total_cmp);
        values
    }
}

impl Rolling {
    pub(crate) fn init(&self) -> State {
        State::EMPTY
    }

    pub(crate) fn is_ready(&self, state: &State) -> bool {
        state.reference.is_some()
    }

    pub(crate) fn yardstick(&self, state: &State) -> Yardstick {
        let Reference { level, spread, samples } = state.reference.unwrap_or(Reference::NONE);
        Yardstick { level, unit: spread, spread, samples }
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
        let values = &mut state.scratch;
        values.extend(state.samples.iter().map(|(_, value)| *value));
        let count = values.len() as f64;
        let (level, spread) = if self.robust {
            let level = robust::median(values);
            (level, robust::spread_in_place(values, level))
        } else {
            // Two passes: exact where a running sum of squares would cancel.
            let mean = sum(values, |value| value) / count;
            let squares = sum(values, |value| (value - mean) * (value - mean));
            (mean, math::sqrt(squares / (count - 1.0)))
        };
        values.clear();
        Reference { level, spread: self.least(spread, level), samples: count }
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
                && (2.0..=f64::from(self.size)).contains(&reference.samples)
        };
        let fits = state.samples.len() <= self.size as usize
            && state.samples.iter().all(sample_fits)
            && state.reference.is_none_or(reference_fits);
        if fits { Ok(()) } else { Err(Error::SnapshotCorrupt) }
    }
}

/// A sum in eight parts, which do not wait for one another.
fn sum(values: &[f64], of: impl Fn(f64) -> f64) -> f64 {
    let (eights, rest) = values.as_chunks::<8>();
    let mut parts = [0.0; 8];
    for eight in eights {
        for (part, value) in parts.iter_mut().zip(eight) {
            *part += of(*value);
        }
    }
    parts.iter().sum::<f64>() + rest.iter().map(|value| of(*value)).sum::<f64>()
}
