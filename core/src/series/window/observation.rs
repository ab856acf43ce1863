//! One event of a source as it arrives: late, twice, or out of order.

use serde::{Deserialize, Serialize};

use crate::Sample;

/// One event of a source, such as a request and how long it took; or only a sign that the source is heard.
///
/// ```
/// use drift_sre::Observation;
///
/// let timed_out = Observation { failed: Some(true), id: Some(0xfeed), ..Observation::new(12.5, 3.0) };
/// assert_eq!((timed_out.at, timed_out.value), (12.5, Some(3.0)));
/// assert_eq!(Observation::heartbeat(12.5).value, None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// When it happened, in seconds since an epoch of the caller's choice, within [`Observation::TIME_LIMIT`].
    pub at: f64,
    /// What was measured, in its own unit, within [`Sample::LIMIT`]; `None` makes it a heartbeat, whose other fields
    /// do not matter.
    pub value: Option<f64>,
    /// Whether it was a failure; `None` where that is not known, which counts neither way.
    pub failed: Option<bool>,
    /// What tells it from any other event of the source; `None` where deliveries never repeat. Names become ids by
    /// [`fnv1a`](crate::fnv1a).
    pub id: Option<u64>,
}

/// The one order of observations: by time, then id, value and failure, each by its bits. Those that are equal in all of
/// it are interchangeable, so no arrival order shows in what is computed.
pub(super) type Key = (i64, Option<u64>, Option<i64>, Option<bool>);

impl Observation {
    /// Times beyond this many seconds, 31,700 years either way, are no times.
    pub const TIME_LIMIT: f64 = 1e12;

    /// A value measured at a time in seconds.
    #[must_use]
    pub const fn new(at: f64, value: f64) -> Self {
        Self { at, value: Some(value), failed: None, id: None }
    }

    /// The source is heard at a time in seconds, and has nothing to tell.
    #[must_use]
    pub const fn heartbeat(at: f64) -> Self {
        Self { at, value: None, failed: None, id: None }
    }

    /// In the form in which it is kept, if it is one to be kept.
    pub(super) fn usable(self) -> Option<Self> {
        if self.at.is_nan() || self.at.abs() > Self::TIME_LIMIT {
            return None;
        }
        // -0 is the same time as 0, and must not come before it.
        let at = self.at + 0.0;
        match self.value {
            None => Some(Self::heartbeat(at)),
            Some(value) => Sample::new(at, value).usable().map(|_| Self { at, ..self }),
        }
    }

    pub(super) fn key(&self) -> Key {
        (rank(self.at), self.id, self.value.map(rank), self.failed)
    }
}

/// A whole number that orders floats as `f64::total_cmp` does.
pub(super) fn rank(x: f64) -> i64 {
    flip(x.to_bits().cast_signed())
}

/// The float of a rank.
pub(super) fn unrank(rank: i64) -> f64 {
    f64::from_bits(flip(rank).cast_unsigned())
}

/// Negative floats grow with their bits falling; the sign bit stays, so that this undoes itself.
fn flip(bits: i64) -> i64 {
    if bits < 0 { bits ^ i64::MAX } else { bits }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_order_as_floats_do_and_can_be_undone() {
        let ordered = [f64::NEG_INFINITY, -2.0, -1.5, -5e-324, -0.0, 0.0, 5e-324, 1.5, 2.0, f64::INFINITY];
        assert!(ordered.is_sorted_by_key(|x| rank(*x)));
        assert!(ordered.iter().all(|x| unrank(rank(*x)).to_bits() == x.to_bits()));
    }

    #[test]
    fn only_what_can_be_placed_and_measured_is_usable() {
        for at in [f64::NAN, f64::INFINITY, -1.1e12] {
            assert_eq!(Observation::new(at, 1.0).usable(), None);
            assert_eq!(Observation::heartbeat(at).usable(), None);
        }
        for value in [f64::NAN, f64::NEG_INFINITY, 1.1e150] {
            assert_eq!(Observation::new(1.0, value).usable(), None);
        }
        assert_eq!(Observation::new(-0.0, 1.0).usable().unwrap().at.to_bits(), 0);
        assert!(Observation::new(-1e12, -1e150).usable().is_some());
    }
}
