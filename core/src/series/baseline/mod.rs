//! What is normal: a sample becomes a residual, the distance from normal in units of scale. Here stands the one list
//! of baselines.

use serde::{Deserialize, Serialize};

use crate::{Error, config, series::detect::Residual};

mod exponential;
mod fixed;
mod forgetting;
mod rolling;
mod spread;

/// Of a constant series: small enough to see any change, large enough to divide by.
pub(crate) const LEAST_SPREAD: f64 = 1e-140;

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
            #[inline]
            pub(crate) fn is_ready(&self, state: &State) -> bool {
                match (self, state) { $((Self::$name(config), State::$name(state)) => config.is_ready(state),)+ _ => false }
            }

            /// The reference level; meaningful once ready.
            #[inline]
            pub(crate) fn level(&self, state: &State) -> f64 {
                match (self, state) { $((Self::$name(config), State::$name(state)) => config.level(state),)+ _ => 0.0 }
            }

            /// The size of one unit of residuals; meaningful once ready.
            #[inline]
            pub(crate) fn unit(&self, state: &State) -> f64 {
                match (self, state) { $((Self::$name(config), State::$name(state)) => config.unit(state),)+ _ => 1.0 }
            }

            /// A value against what is normal; `None` in the warm-up.
            #[inline]
            pub(crate) fn residual(&self, state: &State, observed: f64, at: f64) -> Option<Residual> {
                let (level, unit) = match (self, state) {
                    $((Self::$name(config), State::$name(state)) if config.is_ready(state) => {
                        (config.level(state), config.unit(state))
                    })+
                    _ => return None,
                };
                let deviation = observed - level;
                // The same number, without waiting for a division where values are taken as they are.
                let size = if unit == 1.0 { deviation } else { deviation / unit };
                Some(Residual { size, observed, level, at })
            }

            /// Learns a value at a time in seconds.
            #[inline]
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
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub(crate) enum State { $($name($module::State)),+ }
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
