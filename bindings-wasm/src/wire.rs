//! What crosses as bytes or as an error.

use alloc::format;
#[cfg(any(feature = "series", feature = "adaptive"))]
use alloc::vec::Vec;

#[cfg(any(feature = "series", feature = "adaptive"))]
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::JsValue;

/// Plain data as postcard.
#[cfg(any(feature = "series", feature = "adaptive"))]
pub(crate) fn write(value: &impl Serialize) -> Vec<u8> {
    // Writing plain data to memory fails only where memory does.
    postcard::to_allocvec(value).unwrap_or_default()
}

/// What the other side wrote by the schema.
#[cfg(any(feature = "series", feature = "adaptive"))]
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsValue> {
    postcard::from_bytes(bytes)
        .map_err(|_| JsValue::from_str("bad_config config must be one that the core knows, got another"))
}

/// What is refused because memory could not hold it.
#[cfg(feature = "series")]
pub(crate) fn out_of_memory() -> JsValue {
    JsValue::from_str("out_of_memory there must be memory for this, got none")
}

/// A core error as the text that `js/error.ts` makes a `DriftError` of: its code, a space, its message.
pub(crate) fn refused(error: drift_sre::Error) -> JsValue {
    JsValue::from_str(&format!("{} {error}", error.code()))
}
