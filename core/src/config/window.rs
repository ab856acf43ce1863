//! Settings of the windows: how long they are and how long they wait.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::require;
use crate::Error;

/// Windows in event time over one source.
///
/// ```
/// use drift_sre::{Error, WindowConfig, Windows};
///
/// let wrong = WindowConfig { lateness_secs: -1.0, ..WindowConfig::default() };
/// assert!(matches!(Windows::new(wrong), Err(Error::OutOfRange { field: "lateness_secs", .. })));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WindowConfig {
    /// The windows' lengths in seconds: 1 to 8 different ones of 0.001 to 1e9.
    pub window_secs: Vec<f64>,
    /// How far behind the newest observation one may lie and still count, in seconds, 0 to 1e9.
    pub lateness_secs: f64,
    /// The most observations kept at a time, 1 to 1,048,576; each takes about 100 bytes. Those of the longest window
    /// and of the lateness must fit, else the oldest are lost.
    pub capacity: u32,
}

impl Default for WindowConfig {
    fn default() -> Self {
        Self { window_secs: Vec::from([60.0, 300.0, 900.0]), lateness_secs: 10.0, capacity: 65_536 }
    }
}

impl WindowConfig {
    pub(crate) fn validate(&self) -> Result<(), Error> {
        let lengths = self.window_secs.len();
        require("window_secs", lengths as f64, (1..=8).contains(&lengths), "1 to 8 lengths")?;
        for (position, secs) in self.window_secs.iter().enumerate() {
            // The limits keep the number of any window a whole number that a float can hold.
            require("window_secs", *secs, (1e-3..=1e9).contains(secs), "0.001 to 1e9 seconds")?;
            let new = !self.window_secs.iter().take(position).any(|other| other == secs);
            require("window_secs", *secs, new, "lengths that differ")?;
        }
        let lateness = self.lateness_secs;
        require("lateness_secs", lateness, (0.0..=1e9).contains(&lateness), "0 to 1e9 seconds")?;
        let capacity = f64::from(self.capacity);
        require("capacity", capacity, (1.0..=1_048_576.0).contains(&capacity), "1 to 1,048,576")
    }

    /// How long an observation can matter, in seconds: as one of a window, or because another has its id. Not below the
    /// lateness: else which of three with one id counts would depend on the order in which they come.
    pub(crate) fn memory_secs(&self) -> f64 {
        self.window_secs.iter().copied().fold(self.lateness_secs, f64::max)
    }
}
