//! Log lines and structured events. What crosses here is text already, and crosses as JSON.

use alloc::{format, string::String, vec::Vec};

use drift_sre::{Compressor, Feedback, RecordConfig, RecordProfile};
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::prelude::*;

use crate::wire::refused;

/// Watches the records of one stream.
#[wasm_bindgen]
#[derive(Debug)]
pub struct RecordMonitor(drift_sre::RecordMonitor);

#[wasm_bindgen]
impl RecordMonitor {
    /// A monitor that has seen nothing.
    ///
    /// # Errors
    /// Those of the core.
    #[wasm_bindgen(constructor)]
    pub fn new(config: &str) -> Result<Self, JsValue> {
        drift_sre::RecordMonitor::new(settings(config)?).map(Self).map_err(refused)
    }

    /// A monitor that goes on from a snapshot.
    ///
    /// # Errors
    /// Those of the core.
    pub fn resume(config: &str, bytes: &[u8]) -> Result<Self, JsValue> {
        drift_sre::RecordMonitor::resume(settings(config)?, bytes).map(Self).map_err(refused)
    }

    /// Takes one record; the verdict and why, as JSON.
    pub fn update(&mut self, record: &[u8], source: Option<String>) -> String {
        let verdict = match source {
            Some(source) => self.0.update_from(&source, record),
            None => self.0.update(record),
        };
        json(&(&verdict, verdict.confidence(), verdict.why()))
    }

    /// The content of the newest window beside the baseline before it.
    pub fn metrics(&mut self) -> String {
        json(&self.0.metrics())
    }

    /// How far calibration has come.
    #[must_use]
    pub fn calibration(&self) -> String {
        json(&self.0.calibration())
    }

    /// Templates that are remembered.
    #[must_use]
    pub fn templates(&self) -> usize {
        self.0.templates()
    }

    /// Makes the newest records the anchor.
    ///
    /// # Errors
    /// Those of the core.
    #[wasm_bindgen(js_name = setAnchor)]
    pub fn set_anchor(&mut self) -> Result<String, JsValue> {
        self.0.set_anchor().map(|anchor| json(&anchor)).map_err(refused)
    }

    /// Forgets the anchor; tells whether there was one.
    #[wasm_bindgen(js_name = dropAnchor)]
    pub fn drop_anchor(&mut self) -> bool {
        self.0.drop_anchor()
    }

    /// The anchor.
    #[must_use]
    pub fn anchor(&self) -> String {
        json(&self.0.anchor())
    }

    /// Says of a detection what it was.
    ///
    /// # Errors
    /// Those of the core.
    pub fn feedback(&mut self, id: f64, kind: &str, at: f64) -> Result<(), JsValue> {
        let kind: Feedback = parse("kind", kind)?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "JavaScript asks for a whole number"
        )]
        self.0.feedback(id as u64, kind, at).map_err(refused)
    }

    /// The settings it runs with.
    #[must_use]
    pub fn config(&self) -> String {
        json(self.0.config())
    }

    /// What was learned.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        self.0.snapshot()
    }
}

/// The normalised compression distance by DEFLATE; `None` where both are empty.
#[wasm_bindgen]
pub fn ncd(x: &[u8], y: &[u8]) -> Option<f64> {
    drift_sre::ncd(x, y, &mut Compressor::Deflate)
}

/// What a text adds to a baseline.
#[wasm_bindgen]
pub fn conditional(x: &[u8], baseline: &[u8]) -> Option<f64> {
    drift_sre::conditional(x, baseline, &mut Compressor::Deflate)
}

/// Bits a byte.
#[wasm_bindgen]
#[must_use]
pub fn entropy(bytes: &[u8]) -> f64 {
    drift_sre::entropy(bytes)
}

/// How short bytes become.
#[wasm_bindgen(js_name = compressionRatio)]
pub fn compression_ratio(bytes: &[u8]) -> Option<f64> {
    drift_sre::compression_ratio(bytes, &mut Compressor::Deflate)
}

/// The name of a profile, or all that differs from the defaults.
fn settings(text: &str) -> Result<RecordConfig, JsValue> {
    if text.starts_with('"') {
        return Ok(parse::<RecordProfile>("config", text)?.config());
    }
    parse("config", text)
}

fn parse<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, JsValue> {
    serde_json::from_str(text).map_err(|error| JsValue::from_str(&format!("bad_config {what}: {error}")))
}

/// Plain data as text.
fn json(value: &impl Serialize) -> String {
    // Writing plain data to memory fails only where memory does.
    serde_json::to_string(value).unwrap_or_default()
}
