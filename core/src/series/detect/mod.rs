//! How surprising: a residual becomes a score. Here stands the one list of detectors.

use serde::{Deserialize, Serialize};

use crate::{Error, config, event::Direction};

pub(crate) mod page_hinkley;

/// A sample against its baseline. Observed value and level are transformed as the baseline asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Residual {
    /// Distance from the level in units of scale.
    pub(crate) size: f64,
    pub(crate) observed: f64,
    pub(crate) level: f64,
    /// Seconds.
    pub(crate) at: f64,
}

/// How far a detector is on its way to an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// 1 is the alarm line, which alarms when it is passed.
    pub value: f64,
    /// Which way the evidence points.
    pub direction: Direction,
}

/// Where a change began and what it amounts to, as estimated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Change {
    /// Time of its first sample, in seconds.
    pub(crate) onset: f64,
    /// The baseline's level before it, transformed.
    pub(crate) before: f64,
    /// Samples since, the first included.
    pub(crate) samples: u64,
    /// Their values added up, transformed.
    pub(crate) total: f64,
}

impl Change {
    /// Mean of the samples since the onset, transformed.
    pub(crate) fn level(&self) -> f64 {
        self.total / self.samples.max(1) as f64
    }
}

/// Makes the enums of parameters and states and their dispatch out of a list of detectors. Each entry names the
/// variant, its configuration and the module that has `State` and the methods called here.
macro_rules! detectors {
    ($($(#[$doc:meta])* $name:ident($config:path) in $module:ident),+ $(,)?) => {
        /// A detector and its parameters.
        #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Detector { $($(#[$doc])* $name($config)),+ }

        impl Detector {
            /// Their names, in the same order.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($module)),+];

            /// Every detector there is, at its defaults.
            pub fn all() -> impl Iterator<Item = Self> {
                [$(Self::$name(<$config>::default())),+].into_iter()
            }

            pub(crate) fn validate(&self) -> Result<(), Error> {
                match self { $(Self::$name(config) => config.validate()),+ }
            }

            pub(crate) fn init(&self) -> State {
                match self { $(Self::$name(_) => State::$name($module::State::default())),+ }
            }

            /// Scores a residual against the past, then learns it.
            #[inline]
            pub(crate) fn score(&self, state: &mut State, residual: Residual) -> Score {
                match (self, state) { $((Self::$name(config), State::$name(state)) => config.score(state, residual)),+ }
            }

            /// A drift of this many units of scale is announced: from now on scores say whether it is still there.
            pub(crate) fn hold(&self, state: &mut State, direction: Direction, shift: f64) {
                match (self, state) { $((Self::$name(config), State::$name(state)) => config.hold(state, direction, shift)),+ }
            }

            /// The change that points in this direction.
            pub(crate) fn change(&self, state: &State, direction: Direction) -> Change {
                match (self, state) { $((Self::$name(_), State::$name(state)) => state.change(direction)),+ }
            }

            /// Refuses a decoded state that is not of this detector or not reachable by it.
            pub(crate) fn check(&self, state: &State) -> Result<(), Error> {
                let sane = match (self, state) { $((Self::$name(_), State::$name(state)) => state.is_sane()),+ };
                if sane { Ok(()) } else { Err(Error::SnapshotCorrupt) }
            }
        }

        /// What a detector remembers.
        #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
        pub(crate) enum State { $($name($module::State)),+ }
    };
}

detectors! {
    /// Accumulated deviation from a moving reference: small persistent shifts of the mean.
    PageHinkley(config::PageHinkley) in page_hinkley,
}

impl Default for Detector {
    fn default() -> Self {
        Self::PageHinkley(config::PageHinkley::default())
    }
}
