//! How surprising: a residual becomes a score. Here stands the one list of detectors.

use serde::{Deserialize, Serialize};

use crate::{
    Error, Sample,
    config::{self, Exit, Rules, Sides},
    event::Direction,
};

mod cusum;
mod ewma;
mod excursion;
mod page_hinkley;
mod z_score;

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

impl Score {
    /// Whether a decoded score is one that there can be.
    pub(crate) fn is_sane(&self) -> bool {
        self.value.is_finite() && self.value >= 0.0
    }
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

    /// One more sample, which is the first if there was none.
    #[inline]
    fn add(&mut self, residual: Residual) {
        if self.samples == 0 {
            self.onset = residual.at;
            self.before = residual.level;
        }
        self.samples = self.samples.saturating_add(1);
        self.total += residual.observed;
    }

    fn is_sane(&self) -> bool {
        let measured = [self.before, self.level()].iter().all(|x| Sample::can_be_mean(*x));
        measured && self.onset.is_finite()
    }
}

/// The decision that suits a detector, where the user leaves it open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Defaults {
    pub(crate) enter: Rules,
    pub(crate) exit: Exit,
    pub(crate) warn: f64,
    /// Whether in classical use an alarm makes its value the new level; if not, the baseline learns it as any other.
    pub(crate) adopts: bool,
}

impl Sides {
    /// The score of the side that counts, or of the higher one if both do. One below 0 counts as 0.
    #[inline]
    fn choose(self, up: f64, down: f64) -> Score {
        // Not `max`: of 0 and -0 it may give either, on another machine the other.
        let [up, down] = [up, down].map(|side| if side > 0.0 { side } else { 0.0 });
        let (up, down) = match self {
            Self::Both => (up, down),
            Self::Up => (up, 0.0),
            Self::Down => (0.0, down),
        };
        if down > up {
            Score { value: down, direction: Direction::Down }
        } else {
            Score { value: up, direction: Direction::Up }
        }
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

            pub(crate) fn defaults(&self) -> Defaults {
                match self { $(Self::$name(config) => config.defaults()),+ }
            }

            /// Scores a residual against the past, then learns it.
            #[inline(always)]
            pub(crate) fn score(&self, state: &mut State, residual: Residual) -> Score {
                match (self, state) {
                    $((Self::$name(config), State::$name(state)) => config.score(state, residual),)+
                    _ => Score { value: 0.0, direction: Direction::Up },
                }
            }

            /// A drift of this many units of scale is announced: from now on scores say whether it is still there.
            pub(crate) fn hold(&self, state: &mut State, direction: Direction, shift: f64) {
                match (self, state) {
                    $((Self::$name(config), State::$name(state)) => config.hold(state, direction, shift),)+
                    _ => {}
                }
            }

            /// The change that points in this direction.
            pub(crate) fn change(&self, state: &State, direction: Direction) -> Change {
                match state { $(State::$name(state) => state.change(direction)),+ }
            }

            /// Refuses a decoded state that is not of this detector or not reachable by it.
            pub(crate) fn check(&self, state: &State) -> Result<(), Error> {
                match (self, state) {
                    $((Self::$name(_), State::$name(state)) if state.is_sane() => Ok(()),
                    (Self::$name(_), State::$name(_)) => Err(Error::SnapshotCorrupt),)+
                    _ => Err(Error::SnapshotMismatch),
                }
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
    /// Distance of single values, for run rules.
    ZScore(config::ZScore) in z_score,
    /// Accumulated deviation from a reference that does not follow.
    Cusum(config::Cusum) in cusum,
    /// A moving mean of residuals.
    Ewma(config::Ewma) in ewma,
}

impl Default for Detector {
    fn default() -> Self {
        Self::PageHinkley(config::PageHinkley::default())
    }
}
