//! The adaptive detector.

use alloc::vec::Vec;

use drift_sre::{Direction, Sample, Verdict};
use wasm_bindgen::prelude::*;

use crate::{
    corridor::corridor_class,
    event::{Told, told},
    scratch::Scratch,
    wire::{self, refused},
};

corridor_class!(
    /// A detector whose only knob is how often it may cry wolf.
    Adaptive,
    to_bytes
);

#[wasm_bindgen]
impl Adaptive {
    /// A detector that has seen nothing.
    ///
    /// # Errors
    /// Those of the core.
    #[wasm_bindgen(constructor)]
    pub fn new(config: &[u8]) -> Result<Self, JsValue> {
        let inner = drift_sre::Adaptive::new(wire::read(config)?).map_err(refused)?;
        Ok(Self { inner, told: Vec::new() })
    }

    /// The detector that was saved.
    ///
    /// # Errors
    /// Those of the core.
    #[wasm_bindgen(js_name = fromBytes)]
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, JsValue> {
        Ok(Self { inner: drift_sre::Adaptive::from_bytes(bytes).map_err(refused)?, told: Vec::new() })
    }

    /// The period of the season.
    #[must_use]
    pub fn period(&self) -> f64 {
        self.inner.period().unwrap_or(f64::NAN)
    }

    /// The last alarm.
    #[must_use]
    pub fn alarm(&self) -> Vec<u8> {
        told(self.inner.alarm())
    }

    /// Its settings.
    #[must_use]
    pub fn config(&self) -> Vec<u8> {
        wire::write(self.inner.config())
    }
}
