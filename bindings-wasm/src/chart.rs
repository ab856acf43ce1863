//! Detectors in classical use.

use alloc::vec::Vec;

use drift_sre::Direction;
use wasm_bindgen::prelude::*;

use crate::{
    scratch::Scratch,
    wire::{self, refused},
};

/// A baseline and a detector that starts afresh after each alarm.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Chart(drift_sre::Chart);

#[wasm_bindgen]
impl Chart {
    /// A chart that has seen nothing.
    ///
    /// # Errors
    /// Those of the core.
    #[wasm_bindgen(constructor)]
    pub fn new(config: &[u8]) -> Result<Self, JsValue> {
        drift_sre::Chart::new(wire::read(config)?).map(Self).map_err(refused)
    }

    /// The chart that was saved.
    ///
    /// # Errors
    /// Those of the core.
    #[wasm_bindgen(js_name = fromBytes)]
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, JsValue> {
        drift_sre::Chart::from_bytes(bytes).map(Self).map_err(refused)
    }

    /// Takes one value and tells whether it alarms.
    pub fn update(&mut self, value: f64) -> bool {
        self.0.update(value)
    }

    /// Takes so many values from the scratch and leaves the positions of alarms there; tells how many.
    #[wasm_bindgen(js_name = updateMany)]
    pub fn update_many(&mut self, scratch: &mut Scratch, count: usize) -> usize {
        let alarms = self.0.update_many(scratch.values(count));
        scratch.alarms.clear();
        // As many as values at most, which a `u32` counts.
        scratch.alarms.extend(alarms.into_iter().filter_map(|position| u32::try_from(position).ok()));
        scratch.alarms.len()
    }

    /// Takes so many values from the scratch and leaves their scores there.
    #[wasm_bindgen(js_name = scoreMany)]
    pub fn score_many(&mut self, scratch: &mut Scratch, count: usize) {
        for position in 0..count.min(Scratch::size()) {
            let (value, _) = scratch.sample(position);
            let score = self.0.score_many(&[value]).next().flatten();
            scratch.answer(position, [score, None, None, None]);
        }
    }

    /// Whether the newest value alarmed.
    #[wasm_bindgen(js_name = driftDetected)]
    #[must_use]
    pub fn drift_detected(&self) -> bool {
        self.0.drift_detected()
    }

    /// The newest score.
    #[must_use]
    pub fn score(&self) -> f64 {
        self.0.score().map_or(f64::NAN, |score| score.value)
    }

    /// 1 if it leans up, -1 if down, 0 if there is none.
    #[must_use]
    pub fn lean(&self) -> f64 {
        self.0.score().map_or(0.0, |score| Direction::sign(score.direction))
    }

    /// What is normal.
    #[must_use]
    pub fn level(&self) -> f64 {
        self.0.level().unwrap_or(f64::NAN)
    }

    /// Its settings.
    #[must_use]
    pub fn config(&self) -> Vec<u8> {
        wire::write(self.0.config())
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        self.0.reset();
    }

    /// Settings and state.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.0.to_bytes()
    }
}
