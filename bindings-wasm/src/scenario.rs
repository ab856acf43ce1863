//! Signals whose truth is known.

use alloc::vec::Vec;

use wasm_bindgen::prelude::*;

use crate::{
    scratch::{Scratch, TIMES},
    wire::{self, refused},
};

/// A signal before its next sample.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Scenario(drift_sre::Scenario);

#[wasm_bindgen]
impl Scenario {
    /// A signal before its first sample.
    ///
    /// # Errors
    /// Those of the core.
    #[wasm_bindgen(constructor)]
    pub fn new(config: &[u8], seed: u64) -> Result<Self, JsValue> {
        drift_sre::Scenario::new(wire::read(config)?, seed).map(Self).map_err(refused)
    }

    /// Leaves up to so many samples in the scratch, as values and times, and whether the signal is out of control in the
    /// states; tells how many.
    pub fn take(&mut self, scratch: &mut Scratch, count: usize) -> usize {
        let mut taken = 0;
        while taken < count.min(Scratch::size())
            && let Some(sample) = self.0.next()
        {
            scratch.columns[taken] = sample.value.unwrap_or(f64::NAN);
            scratch.columns[TIMES * Scratch::size() + taken] = sample.at;
            scratch.states[taken] = u8::from(self.0.drifting(sample.at));
            taken += 1;
        }
        taken
    }

    /// How many samples are left.
    #[must_use]
    pub fn left(&self) -> usize {
        self.0.len()
    }

    /// When it is out of control.
    #[must_use]
    pub fn truth(&self) -> Vec<u8> {
        let truth: Vec<_> = self.0.truth().collect();
        wire::write(&truth)
    }
}
