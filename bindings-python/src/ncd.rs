//! Distances by compression.

use drift_sre::{Compress, Compressor, Direct};
use pyo3::{
    prelude::*,
    pybacked::PyBackedStr,
    types::{PyByteArray, PyBytes},
};

use crate::error::{coded, type_error, unknown_name};

/// Text or bytes.
pub(crate) fn bytes_of(name: &str, given: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    if let Ok(text) = given.extract::<PyBackedStr>() {
        return Ok(text.as_bytes().to_vec());
    }
    if let Ok(bytes) = given.cast::<PyBytes>() {
        return Ok(bytes.as_bytes().to_vec());
    }
    if let Ok(bytes) = given.cast::<PyByteArray>() {
        return Ok(bytes.to_vec());
    }
    if given.get_type().name().is_ok_and(|name| name == "memoryview") {
        return given.call_method0("tobytes")?.extract();
    }
    Err(type_error(format_args!("{name}"), "a text or bytes", given))
}

/// A compressor by its name; `direct` runs none.
enum By {
    Run(Compressor),
    Direct(Direct),
}

impl By {
    fn parse(py: Python<'_>, name: &str) -> PyResult<Self> {
        if name == "direct" {
            return Ok(Self::Direct(Direct));
        }
        let found = Compressor::ALL.iter().find(|compressor| compressor.name() == name);
        let names: Vec<_> =
            Compressor::ALL.iter().map(|compressor| compressor.name()).chain(["direct"]).collect();
        found.copied().map(Self::Run).ok_or_else(|| unknown_name(py, "compressor", &names, name))
    }
}

impl Compress for By {
    fn window(&self) -> usize {
        match self {
            Self::Run(compressor) => compressor.window(),
            Self::Direct(direct) => direct.window(),
        }
    }

    fn compressed_len(&mut self, bytes: &[u8]) -> usize {
        match self {
            Self::Run(compressor) => compressor.compressed_len(bytes),
            Self::Direct(direct) => direct.compressed_len(bytes),
        }
    }
}

type Measure = fn(&[u8], &[u8], &mut By) -> Option<f64>;

fn measure(names: [&str; 2], given: [&Bound<'_, PyAny>; 2], compressor: &str, of: Measure) -> PyResult<f64> {
    let py = given[0].py();
    let (one, other) = (bytes_of(names[0], given[0])?, bytes_of(names[1], given[1])?);
    let mut by = By::parse(py, compressor)?;
    let empty = if one.is_empty() { names[0] } else { names[1] };
    let refused = || coded(py, "out_of_range", format!("{empty} must not be empty, got 0 bytes"));
    py.detach(|| of(&one, &other, &mut by)).ok_or_else(refused)
}

/// The normalised compression distance of two texts: 0 is the same, 1 nothing shared. `compressor` is `deflate`, `lz4`,
/// `zstd`, or `direct`, which runs none. Texts that are longer together than it sees are compared share by share.
#[pyfunction]
#[pyo3(signature = (x, y, compressor="deflate"))]
pub(crate) fn ncd(x: &Bound<'_, PyAny>, y: &Bound<'_, PyAny>, compressor: &str) -> PyResult<f64> {
    measure(["x", "y"], [x, y], compressor, drift_sre::ncd)
}

/// How much of a text is new where a baseline is known, as a share of what it takes alone.
#[pyfunction]
#[pyo3(signature = (x, baseline, compressor="deflate"))]
pub(crate) fn conditional(
    x: &Bound<'_, PyAny>,
    baseline: &Bound<'_, PyAny>,
    compressor: &str,
) -> PyResult<f64> {
    measure(["x", "baseline"], [x, baseline], compressor, drift_sre::conditional)
}

/// Shannon's entropy in bits a byte, 0 to 8.
#[pyfunction]
pub(crate) fn entropy(data: &Bound<'_, PyAny>) -> PyResult<f64> {
    Ok(drift_sre::entropy(&bytes_of("data", data)?))
}

/// How many times shorter the data become.
#[pyfunction]
#[pyo3(signature = (data, compressor="deflate"))]
pub(crate) fn compression_ratio(data: &Bound<'_, PyAny>, compressor: &str) -> PyResult<f64> {
    measure(["data", "data"], [data, data], compressor, |data, _, by| drift_sre::compression_ratio(data, by))
}
