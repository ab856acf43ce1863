//! One observation: a time and a value, or the value's absence.

/// One observation of a series.
///
/// ```
/// use drift_sre::Sample;
///
/// assert_eq!(Sample::new(10.0, 0.25).usable(), Some(0.25));
/// assert_eq!(Sample::new(10.0, f64::NAN).usable(), None);
/// assert_eq!(Sample::gap(10.0).usable(), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Seconds since an epoch of the caller's choice; samples come in order of time.
    pub at: f64,
    /// The measured value in the metric's own unit; `None` where there was none.
    pub value: Option<f64>,
}

impl Sample {
    /// Values beyond this magnitude are no measurement. It keeps squares and their sums finite.
    pub const LIMIT: f64 = 1e150;

    /// Whether a number can be a mean of usable values, which rounding may lift beyond the largest of them.
    pub(crate) fn can_be_mean(level: f64) -> bool {
        level.abs() <= 2.0 * Self::LIMIT
    }

    /// A value measured at a time in seconds.
    #[must_use]
    pub const fn new(at: f64, value: f64) -> Self {
        Self { at, value: Some(value) }
    }

    /// A time at which no value could be had.
    #[must_use]
    pub const fn gap(at: f64) -> Self {
        Self { at, value: None }
    }

    /// The value, if there is one that a monitor can learn from: finite, within [`Sample::LIMIT`], at a finite time.
    #[must_use]
    pub fn usable(&self) -> Option<f64> {
        self.value.filter(|value| value.abs() <= Self::LIMIT && self.at.is_finite())
    }
}
