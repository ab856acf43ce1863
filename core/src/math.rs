//! The only file that names `libm`: every target computes the same bits.

/// `e` to the power of `x`.
pub(crate) fn exp(x: f64) -> f64 {
    libm::exp(x)
}

/// `2^x`.
#[cfg(feature = "records")]
pub(crate) fn exp2(x: f64) -> f64 {
    libm::exp2(x)
}

/// `exp(x) - 1`.
pub(crate) fn exp_m1(x: f64) -> f64 {
    libm::expm1(x)
}

/// Natural logarithm.
pub(crate) fn ln(x: f64) -> f64 {
    libm::log(x)
}

/// `ln(1 + x)`.
pub(crate) fn ln_1p(x: f64) -> f64 {
    libm::log1p(x)
}

/// The largest whole number that is not above `x`.
pub(crate) fn floor(x: f64) -> f64 {
    libm::floor(x)
}

/// Cosine of an angle in radians.
pub(crate) fn cos(x: f64) -> f64 {
    libm::cos(x)
}

/// Sine of an angle in radians.
pub(crate) fn sin(x: f64) -> f64 {
    libm::sin(x)
}

/// Square root, correctly rounded.
pub(crate) fn sqrt(x: f64) -> f64 {
    libm::sqrt(x)
}

/// Base-2 logarithm.
#[cfg(feature = "records")]
pub(crate) fn log2(x: f64) -> f64 {
    libm::log2(x)
}
