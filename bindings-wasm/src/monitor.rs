//! The monitor of one series.

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
    /// A monitor of one series.
    Monitor,
    snapshot
);

#[wasm_bindgen]
impl Monitor {
    /// A monitor that has seen nothing.
    ///
    /// # Errors
    /// Those of the core.
    #[wasm_bindgen(constructor)]
    pub fn new(config: &[u8]) -> Result<Self, JsValue> {
        let inner = drift_sre::Monitor::new(wire::read(config)?).map_err(refused)?;
        Ok(Self { inner, told: Vec::new() })
    }

    /// A monitor that goes on from a snapshot.
    ///
    /// # Errors
    /// Those of the core.
    pub fn resume(config: &[u8], bytes: &[u8]) -> Result<Self, JsValue> {
        let inner = drift_sre::Monitor::resume(wire::read(config)?, bytes).map_err(refused)?;
        Ok(Self { inner, told: Vec::new() })
    }
}
