//! What crosses as bytes or as a refusal.

#[cfg(any(feature = "numbers", feature = "records"))]
use drift_sre::Error;
#[cfg(any(feature = "numbers", feature = "explain"))]
use drift_sre::Plain;

#[cfg(target_arch = "wasm32")]
mod other_side {
    #[link(wasm_import_module = "drift-sre")]
    unsafe extern "C" {
        /// Texts by where they begin and how long they are.
        pub(super) safe fn refused(
            code: *const u8,
            code_length: usize,
            field: *const u8,
            field_length: usize,
            wanted: *const u8,
            wanted_length: usize,
            value: f64,
            limit: f64,
        );
    }
}

/// Tells why a call is about to answer with nothing, in parts, of which `js/error.ts` makes core's own sentence: to write
/// numbers as text takes this side several kilobytes.
#[cfg_attr(not(target_arch = "wasm32"), expect(unused_variables, reason = "there is no other side"))]
pub(crate) fn refused(code: &str, field: &str, wanted: &str, value: f64, limit: f64) {
    #[cfg(target_arch = "wasm32")]
    other_side::refused(
        code.as_ptr(),
        code.len(),
        field.as_ptr(),
        field.len(),
        wanted.as_ptr(),
        wanted.len(),
        value,
        limit,
    );
}

/// What the other side wrote by the schema.
#[cfg(any(feature = "numbers", feature = "explain"))]
pub(crate) fn read<T: Plain>(bytes: &[u8]) -> Option<T> {
    let value = drift_sre::unpack(bytes);
    if value.is_none() {
        refused("bad_config", "", "", 0.0, 0.0);
    }
    value
}

/// Nothing can be done for want of memory.
#[cfg(any(target_arch = "wasm32", feature = "fleet"))]
pub(crate) fn out_of_memory() {
    refused("out_of_memory", "", "", 0.0, 0.0);
}

/// What core answered, unless it refused: that is told by its code and what its sentence needs.
#[cfg(any(feature = "numbers", feature = "records"))]
pub(crate) fn accepted<T>(answer: Result<T, Error>) -> Option<T> {
    let error = match answer {
        Ok(answer) => return Some(answer),
        Err(error) => error,
    };
    let (field, wanted, value, limit) = match error {
        Error::OutOfRange { field, value, wanted } => (field, wanted, value, 0.0),
        Error::SnapshotVersion { found, wanted } => ("", "", f64::from(found), f64::from(wanted)),
        #[cfg(feature = "records")]
        Error::NotCalibrated { needed } => ("", "", needed as f64, 0.0),
        #[cfg(feature = "records")]
        Error::UnknownDetection { id } => ("", "", id as f64, 0.0),
        _ => ("", "", 0.0, 0.0),
    };
    refused(error.code(), field, wanted, value, limit);
    None
}
