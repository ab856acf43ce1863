//! A given reference: it needs no warm-up and never learns.

use super::Yardstick;
use crate::{Error, Sample, config::Fixed, math, plain::plain};

/// The level that was adopted, if one was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct State {
    level: f64,
    spread: f64,
}

plain! {
    struct State { level, spread }
}

impl Fixed {
    pub(crate) fn init(&self) -> State {
        let spread = math::sqrt(self.m2 / (self.count - 1.0));
        State { level: self.mean, spread: spread.max(self.floor).max(super::LEAST_SPREAD) }
    }

    pub(crate) fn is_ready(&self, _state: &State) -> bool {
        true
    }

    pub(crate) fn yardstick(&self, state: &State) -> Yardstick {
        Yardstick { level: state.level, unit: state.spread, spread: state.spread, samples: self.count }
    }

    pub(crate) fn learn(&self, _state: &mut State, _value: f64, _at: f64) {}

    pub(crate) fn adopt(&self, state: &mut State, value: f64) {
        state.level = value;
    }

    pub(crate) fn check(&self, state: &State) -> Result<(), Error> {
        let fits = state.spread == self.init().spread && state.level.abs() <= Sample::LIMIT;
        if fits { Ok(()) } else { Err(Error::SnapshotCorrupt) }
    }
}
