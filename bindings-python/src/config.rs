//! Settings as Python gives them: a mapping with the keys of a core configuration.

use pyo3::prelude::*;
use pythonize::Depythonizer;
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};

use crate::error::coded;

/// The configuration that a mapping describes. Errors name the key, what was given for it, and what was wanted.
pub(crate) fn parse<T: DeserializeOwned>(given: &Bound<'_, PyAny>) -> PyResult<T> {
    serde_path_to_error::deserialize(&mut Depythonizer::from_object(given)).map_err(|error| {
        let place = found(given, error.path())
            .map_or_else(String::new, |value| format!(".{} = {value}", error.path()));
        coded(given.py(), "bad_config", format!("config{place}: {}", error.inner()))
    })
}

/// The same, or the defaults.
pub(crate) fn parse_or_default<T: DeserializeOwned + Default>(
    given: Option<&Bound<'_, PyAny>>,
) -> PyResult<T> {
    given.map_or_else(|| Ok(T::default()), parse)
}

/// What was given at a place within, as Python shows it.
fn found(given: &Bound<'_, PyAny>, path: &Path) -> Option<String> {
    let mut value = given.clone();
    for segment in path {
        value = match segment {
            Segment::Seq { index } => value.get_item(index).ok()?,
            Segment::Map { key } | Segment::Enum { variant: key } => value.get_item(key).ok()?,
            Segment::Unknown => return None,
        };
    }
    if value.is(given) { None } else { Some(value.repr().ok()?.to_string()) }
}
