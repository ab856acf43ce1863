//! What becomes of an observation, and what it closes.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::summary::Window;

/// The answer to one observation.
#[derive(Clone, Debug, PartialEq)]
pub struct Intake {
    /// What became of it.
    pub admission: Admission,
    /// The tumbling windows that it closed, by their end, then by their length. Mostly none, and then nothing is
    /// allocated.
    pub closed: Vec<Window>,
}

/// What became of an observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Admission {
    /// It counts.
    Accepted,
    /// Another with its id counts.
    Duplicate,
    /// It lies behind the watermark and was dropped.
    Late,
    /// It has no time or value that could be used, and changed nothing.
    Unusable,
}

impl Admission {
    /// `accepted`, `duplicate`, `late` or `unusable`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Duplicate => "duplicate",
            Self::Late => "late",
            Self::Unusable => "unusable",
        }
    }
}

/// How many observations and heartbeats there were, by what became of them. The first four add up to all updates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowCounts {
    /// They count, or counted for their time.
    pub accepted: u64,
    /// Others with their ids count.
    pub duplicate: u64,
    /// They lay behind the watermark and were dropped.
    pub late: u64,
    /// They had no time or value that could be used.
    pub unusable: u64,
    /// Of the accepted: given up for want of capacity, oldest first.
    pub lost: u64,
}
