//! What is normal: a sample becomes a residual, the distance from normal in units of scale. Here stands the one list
//! of baselines.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{detect::Residual, window::summary::Quantiles};
use crate::{
    Error,
    config::{self, Transform},
    plain::plain,
    stats::quantile::quantile,
};

mod exponential;
mod fixed;
mod forgetting;
mod rolling;
mod spread;

/// Of a constant series: small enough to see any change, large enough to divide by.
pub(crate) const LEAST_SPREAD: f64 = 1e-140;

/// What is normal, in the metric's own unit.
///
/// ```
/// use drift_sre::{Monitor, Preset, Reference, Sample};
///
/// let mut monitor = Monitor::new(Preset::Driftwatch.config())?;
/// for t in 0..101 {
///     monitor.update(Sample::new(f64::from(t), f64::from(t % 5)));
/// }
/// let Reference { level, spread, samples, quantiles } = monitor.reference().expect("learned from 100 samples");
/// assert_eq!((level, samples), (2.0, 100.0));
/// assert!((spread - (200.0_f64 / 99.0).sqrt()).abs() < 1e-12);
/// assert_eq!(quantiles.map(|quantiles| quantiles.p95), Some(4.0));
/// # Ok::<(), drift_sre::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reference {
    /// The level.
    pub level: f64,
    /// The standard deviation of single values.
    pub spread: f64,
    /// How many samples it was learned from, as they weigh.
    pub samples: f64,
    /// Percentiles of the samples that a rolling baseline holds now; `None` for the others, which hold none.
    pub quantiles: Option<Quantiles>,
}

/// What values are measured by. All is transformed as the baseline asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Yardstick {
    /// The reference level.
    pub(crate) level: f64,
    /// The size of one unit of residuals.
    pub(crate) unit: f64,
    /// The standard deviation of single values: the unit, less what that allows for autocorrelation.
    pub(crate) spread: f64,
    /// How many samples it was learned from, as they weigh.
    pub(crate) samples: f64,
}

/// Makes the enums of settings and states and their dispatch out of a list of baselines. Each entry names the variant,
/// its configuration and the module that has `State` and the methods called here.
macro_rules! baselines {
    ($($(#[$doc:meta])* $name:ident($config:path) in $module:ident),+ $(,)?) => {
        /// A baseline and its settings.
        #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Baseline { $($(#[$doc])* $name($config)),+ }

        impl Baseline {
            /// Every baseline there is, at its defaults.
            pub fn all() -> impl Iterator<Item = Self> {
                [$(Self::$name(<$config>::default())),+].into_iter()
            }

            pub(crate) fn validate(&self) -> Result<(), Error> {
                match self { $(Self::$name(config) => config.validate()),+ }
            }

            pub(crate) fn init(&self) -> State {
                match self { $(Self::$name(config) => State::$name(config.init())),+ }
            }

            /// Whether the warm-up is over.
            #[inline(always)]
            pub(crate) fn is_ready(&self, state: &State) -> bool {
                match (self, state) { $((Self::$name(config), State::$name(state)) => config.is_ready(state),)+ _ => false }
            }

            /// What values are measured by; `None` in the warm-up.
            #[cfg_attr(not(feature = "small"), inline(always))]
            #[cfg_attr(feature = "small", inline(never))]
            pub(crate) fn yardstick(&self, state: &State) -> Option<Yardstick> {
                match (self, state) {
                    $((Self::$name(config), State::$name(state)) if config.is_ready(state) => {
                        Some(config.yardstick(state))
                    })+
                    _ => None,
                }
            }

            /// What is normal, in the metric's own unit; `None` in the warm-up. Sorts the samples that are held.
            pub(crate) fn reference(&self, state: &State, transform: Transform) -> Option<Reference> {
                let Yardstick { level, spread, samples, .. } = self.yardstick(state)?;
                let held = match state { State::Rolling(state) => state.sorted(), _ => Vec::new() };
                let quantile = |share| Some(transform.undo(quantile(&held, share)?));
                let quantiles = match [0.5, 0.95, 0.99].map(quantile) {
                    [Some(p50), Some(p95), Some(p99)] => Some(Quantiles { p50, p95, p99 }),
                    _ => None,
                };
                let spread = transform.undo_spread(level, spread);
                Some(Reference { level: transform.undo(level), spread, samples, quantiles })
            }

            /// A value against what is normal; `None` in the warm-up.
            #[inline(always)]
            pub(crate) fn residual(&self, state: &State, observed: f64, at: f64) -> Option<Residual> {
                let yardstick = self.yardstick(state)?;
                let deviation = observed - yardstick.level;
                // The same number, without waiting for a division where values are taken as they are.
                let size = if yardstick.unit == 1.0 { deviation } else { deviation / yardstick.unit };
                Some(Residual { size, observed, yardstick, at })
            }

            /// Learns a value at a time in seconds.
            #[cfg_attr(not(feature = "small"), inline(always))]
            #[cfg_attr(feature = "small", inline(never))]
            pub(crate) fn learn(&self, state: &mut State, value: f64, at: f64) {
                match (self, state) { $((Self::$name(config), State::$name(state)) => config.learn(state, value, at),)+ _ => {} }
            }

            /// Makes a value the new level; the spread stays as learned.
            pub(crate) fn adopt(&self, state: &mut State, value: f64) {
                match (self, state) { $((Self::$name(config), State::$name(state)) => config.adopt(state, value),)+ _ => {} }
            }

            /// Refuses a decoded state that learning under this configuration cannot lead to.
            pub(crate) fn check(&self, state: &State) -> Result<(), Error> {
                match (self, state) {
                    $((Self::$name(config), State::$name(state)) => config.check(state),)+
                    _ => Err(Error::SnapshotMismatch),
                }
            }
        }

        /// What a baseline remembers. One of another kind than its configuration does not pass `check`; should it be
        /// met all the same it is a warm-up without end.
        #[derive(Clone, Debug, PartialEq)]
        pub(crate) enum State { $($name($module::State)),+ }

        plain! {
            enum Baseline { $($name(config)),+ }
            enum State { $($name(state)),+ }
        }
    };
}

baselines! {
    /// A level that follows, and a scale that allows for autocorrelation.
    Exponential(config::Exponential) in exponential,
    /// Mean and standard deviation of the newest samples.
    Rolling(config::Rolling) in rolling,
    /// A given reference.
    Fixed(config::Fixed) in fixed,
    /// Mean and standard deviation of everything so far, the older the less.
    Forgetting(config::Forgetting) in forgetting,
}

impl Default for Baseline {
    fn default() -> Self {
        Self::Exponential(config::Exponential::default())
    }
}
