//! Events, which cross with their ids, and what they mean in English.

#[cfg(feature = "explain")]
use alloc::string::String;
#[cfg(any(feature = "series", feature = "adaptive"))]
use alloc::vec::Vec;

#[cfg(any(feature = "series", feature = "adaptive"))]
use drift_sre::Event;
#[cfg(feature = "explain")]
use drift_sre::Subject;
#[cfg(any(feature = "series", feature = "adaptive"))]
use serde::{Deserialize, Serialize};
#[cfg(feature = "explain")]
use wasm_bindgen::prelude::*;

use crate::wire;

/// An event, at which position of a batch, and its id.
#[cfg(any(feature = "series", feature = "adaptive"))]
#[derive(Debug, Serialize, Deserialize)]
pub struct Told {
    index: u32,
    /// JavaScript's numbers do not hold 64 bits.
    id_high: u32,
    id_low: u32,
    event: Event,
}

#[cfg(any(feature = "series", feature = "adaptive"))]
impl Told {
    pub(crate) fn new(index: u32, event: Event) -> Self {
        let id = event.id();
        #[expect(clippy::cast_possible_truncation, reason = "each half has 32 bits")]
        let (id_high, id_low) = ((id >> 32) as u32, id as u32);
        Self { index, id_high, id_low, event }
    }
}

/// No events, or one.
#[cfg(any(feature = "series", feature = "adaptive"))]
pub(crate) fn told(event: Option<Event>) -> Vec<u8> {
    let told: Vec<Told> = event.into_iter().map(|event| Told::new(0, event)).collect();
    wire::write(&told)
}

/// An event in English.
///
/// # Errors
/// Bytes that are no event.
#[cfg(feature = "explain")]
#[wasm_bindgen]
pub fn explain(event: &[u8], name: &str, unit: &str) -> Result<String, JsValue> {
    Ok(drift_sre::explain(&wire::read(event)?, &Subject { name, unit }))
}
