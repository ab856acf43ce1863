//! What crosses as bytes or as an error.

#[cfg(feature = "numbers")]
use alloc::vec::Vec;

#[cfg(any(feature = "numbers", feature = "records"))]
use drift_sre::Error;
#[cfg(feature = "numbers")]
use serde::Serialize;
#[cfg(any(feature = "numbers", feature = "explain"))]
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// A refusal in parts, of which `js/error.ts` makes core's own sentence: to write numbers as text takes this side
    /// several kilobytes.
    #[wasm_bindgen(js_namespace = Array, js_name = of)]
    fn refusal(code: &str, field: &str, wanted: &str, value: f64, limit: f64) -> JsValue;
}

/// Plain data as postcard.
#[cfg(feature = "numbers")]
pub(crate) fn write(value: &impl Serialize) -> Vec<u8> {
    // Writing plain data to memory fails only where memory does.
    postcard::to_allocvec(value).unwrap_or_default()
}

/// What the other side wrote by the schema.
#[cfg(any(feature = "numbers", feature = "explain"))]
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsValue> {
    postcard::from_bytes(bytes).map_err(|_| refusal("bad_config", "", "", 0.0, 0.0))
}

/// What is refused because memory could not hold it.
#[cfg(feature = "fleet")]
pub(crate) fn out_of_memory() -> JsValue {
    refusal("out_of_memory", "", "", 0.0, 0.0)
}

/// A core error by its code and what its sentence tells.
#[cfg(any(feature = "numbers", feature = "records"))]
pub(crate) fn refused(error: Error) -> JsValue {
    let (field, wanted, value, limit) = match error {
        Error::OutOfRange { field, value, wanted } => (field, wanted, value, 0.0),
        Error::SnapshotVersion { found, wanted } => ("", "", f64::from(found), f64::from(wanted)),
        Error::NotCalibrated { needed } => ("", "", needed as f64, 0.0),
        Error::UnknownDetection { id } => ("", "", id as f64, 0.0),
        _ => ("", "", 0.0, 0.0),
    };
    refusal(error.code(), field, wanted, value, limit)
}
