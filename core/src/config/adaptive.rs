//! Settings of the adaptive detector: how often it may cry wolf, and little else.

use serde::{Deserialize, Serialize};

use super::{Sides, is_magnitude, require};
use crate::{Error, plain::plain};

/// The adaptive detector's settings; the defaults suit any metric.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdaptiveConfig {
    /// The alarm budget: the mean number of samples between false alarms, 100 to 1e9.
    pub arl0: f64,
    /// Which seasons there are.
    pub season: Seasonality,
    /// Which change alarms.
    pub direction: Sides,
    /// At most 8 KB of state instead of 128 KB. A season must then be given, and has no longer cycle.
    pub compact: bool,
    /// A change that lasts this many samples is closed as the new normal, at least 1,000.
    pub adopt_after: u32,
    /// More than this long without a sample, in the unit of their times, makes the series stale and closes its drift; `None`
    /// for never.
    pub idle_secs: Option<f64>,
}

impl Default for AdaptiveConfig {
    fn default() -> Self {
        Self {
            arl0: 10_000.0,
            season: Seasonality::Auto,
            direction: Sides::Both,
            compact: false,
            adopt_after: 10_000,
            idle_secs: None,
        }
    }
}

/// The seasons of a series, in the unit of its samples' times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Seasonality {
    /// Found in the data: a period, and a cycle of seven of them. Days and weeks are told by their seconds.
    #[default]
    Auto,
    /// None.
    None,
    /// Given.
    Given {
        /// The period, above 0: 86,400 for a day where times are in seconds.
        period: f64,
        /// A longer cycle, such as a week: a multiple of the period, at most 31 of them.
        #[serde(default)]
        cycle: Option<f64>,
    },
}

plain! {
    struct AdaptiveConfig { arl0, season, direction, compact, adopt_after, idle_secs }
}

plain! {
    enum Seasonality { Auto, None, Given { period, cycle } }
}

impl AdaptiveConfig {
    pub(crate) fn validate(&self) -> Result<(), Error> {
        require("arl0", self.arl0, (100.0..=1e9).contains(&self.arl0), "100 to 1e9 samples")?;
        let adopt_after = f64::from(self.adopt_after);
        require("adopt_after", adopt_after, adopt_after >= 1000.0, "at least 1,000 samples")?;
        if let Some(secs) = self.idle_secs {
            require("idle_secs", secs, is_magnitude(secs), "a positive number of seconds")?;
        }
        let Seasonality::Given { period, cycle } = self.season else { return Ok(()) };
        require("season", period, is_magnitude(period), "a positive period")?;
        let Some(cycle) = cycle else { return Ok(()) };
        require("season", cycle, !self.compact, "a single period in the compact mode")?;
        let ratio = cycle / period;
        let wanted = "a cycle of 2 to 31 whole periods";
        require("season", cycle, (2.0..=31.0).contains(&ratio) && ratio % 1.0 == 0.0, wanted)
    }
}
