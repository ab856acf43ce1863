//! Settings of the correlation: when signals of one source make an incident.

use serde::{Deserialize, Serialize};

use super::require;
use crate::Error;

/// When signals of one source make an incident.
///
/// ```
/// use drift_sre::{CorrelationConfig, Correlator};
///
/// assert_eq!(CorrelationConfig::default().min_signals, 2);
/// let error = Correlator::new(CorrelationConfig { min_signals: 0 }).unwrap_err();
/// assert_eq!(error.to_string(), "min_signals must be 1 to 4, got 0");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CorrelationConfig {
    /// How many *types* of signal have to agree, 1 to 4.
    pub min_signals: u8,
}

impl Default for CorrelationConfig {
    fn default() -> Self {
        Self { min_signals: 2 }
    }
}

impl CorrelationConfig {
    pub(crate) fn validate(self) -> Result<(), Error> {
        let holds = (1..=4).contains(&self.min_signals);
        require("min_signals", f64::from(self.min_signals), holds, "1 to 4")
    }
}
