//! Where the tumbling windows of one length lie.

use serde::{Deserialize, Serialize};

use crate::math;

/// The tumbling windows of one length, numbered from the epoch on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Tumbling {
    pub(super) secs: f64,
    /// The window after the last one told.
    pub(super) next: Option<i64>,
}

impl Tumbling {
    /// The number of the window that a time lies in. Times and lengths are limited so that it is exact as a float.
    pub(super) fn number(&self, at: f64) -> i64 {
        #[expect(clippy::cast_possible_truncation, reason = "whole, and at most 2e15")]
        let number = math::floor(at / self.secs) as i64;
        // The quotient is rounded, the bounds of windows are what counts.
        if self.start(number) > at {
            number - 1
        } else if self.start(number + 1) <= at {
            number + 1
        } else {
            number
        }
    }

    pub(super) fn start(&self, number: i64) -> f64 {
        number as f64 * self.secs
    }
}
