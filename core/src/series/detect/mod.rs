//! How surprising: a residual becomes a score. Here stands the one list of detectors.

use serde::{Deserialize, Serialize};

use super::{baseline::Yardstick, dating::Change};
use crate::{
    Error,
    config::{self, Exit, Rules, Sides},
    event::{Aspect, Direction},
    plain::plain,
};

mod cusum;
mod ewma;
mod page_hinkley;
mod trend;
mod window_shift;
mod z_score;

/// A sample against its baseline. Observed value, level and spread are transformed as the baseline asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Residual {
    /// Distance from the level in units of scale.
    pub(crate) size: f64,
    pub(crate) observed: f64,
    pub(crate) yardstick: Yardstick,
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
    /// What of the series it is about.
    pub aspect: Aspect,
}

plain! {
    struct Score { value, direction, aspect }
}

impl Score {
    /// Whether a decoded score is one that there can be.
    pub(crate) fn is_sane(&self) -> bool {
        self.value.is_finite() && self.value >= 0.0
    }
}

/// What a detector makes of a sample.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Finding {
    pub(crate) score: Score,
    pub(crate) leaning: Leaning,
}

/// To which sides the evidence stands out enough to belong to a change, should one be announced.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leaning {
    pub(crate) up: bool,
    pub(crate) down: bool,
}

/// The decision that suits a detector, where the user leaves it open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Defaults {
    pub(crate) enter: Rules,
    pub(crate) exit: Exit,
    pub(crate) warn: f64,
    /// Whether in classical use an alarm makes its value the new level; if not, the baseline learns it as any other.
    pub(crate) adopts: bool,
    /// So many samples in a row that do not lean to a side end the excursion that a change is dated by.
    pub(crate) gap: u8,
}

/// What every detector is: parameters that score against a state, and learn it.
trait Detect {
    type State;

    /// The state before any sample.
    fn init(&self) -> Self::State;

    /// Scores a residual against the past, then learns it; `None` if there is too little to judge by.
    fn score(&self, state: &mut Self::State, residual: Residual) -> Option<Finding>;

    /// The decision that suits it.
    fn defaults(&self) -> Defaults;

    /// Whether a decoded state is one that scoring can lead to.
    fn is_sane(&self, state: &Self::State) -> bool;

    /// A value of the warm-up, when there is nothing to score it against.
    fn watch(&self, _state: &mut Self::State, _observed: f64, _at: f64) {}

    /// Whether samples are learned by the baseline only once they are no longer judged: see [`Detect::expire`].
    fn lags(&self) -> bool {
        false
    }

    /// Lets go of one sample that the next one, at a time in seconds, is not to be judged with: when it was, and the value
    /// to be learned of it, if any is.
    fn expire(&self, _state: &mut Self::State, _at: f64) -> Option<(f64, Option<f64>)> {
        None
    }

    /// A drift of this many units of scale is announced: from now on scores say whether it is still there.
    fn hold(&self, _state: &mut Self::State, _score: Score, _shift: f64) {}

    /// A change as dated from the samples that lean to its side, with what is known better.
    fn amend(&self, _state: &Self::State, _score: Score, _yardstick: Yardstick, dated: Change) -> Change {
        dated
    }

    /// The present level as it is better known than from the newest sample alone, transformed.
    fn present(&self, _state: &Self::State) -> Option<f64> {
        None
    }

    /// Starts from nothing.
    fn restart(&self, state: &mut Self::State) {
        *state = self.init();
    }

    /// A drift is over, or its level is declared normal: what spoke for it is dropped.
    fn release(&self, state: &mut Self::State) {
        self.restart(state);
    }
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
        let (value, direction) = if down > up { (down, Direction::Down) } else { (up, Direction::Up) };
        Score { value, direction, aspect: Aspect::Level }
    }

    /// What a signed statistic in units of the alarm line tells, which stands out beyond a share of it.
    #[inline]
    fn judge(self, signed: f64, stands_out: f64) -> Finding {
        let leaning = Leaning { up: signed > stands_out, down: signed < -stands_out };
        Finding { score: self.choose(signed, -signed), leaning }
    }
}

/// Whether a decoded number is one that sums of residuals can come to: finite, with room to add more.
fn is_bounded(x: f64) -> bool {
    x.abs() <= 1e300
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
                match self { $(Self::$name(config) => State::$name(config.init())),+ }
            }

            pub(crate) fn defaults(&self) -> Defaults {
                match self { $(Self::$name(config) => config.defaults()),+ }
            }

            /// Scores a residual against the past, then learns it; `None` if there is too little to judge by.
            #[cfg_attr(not(feature = "small"), inline(always))]
            #[cfg_attr(feature = "small", inline(never))]
            pub(crate) fn score(&self, state: &mut State, residual: Residual) -> Option<Finding> {
                match (self, state) {
                    $((Self::$name(config), State::$name(state)) => config.score(state, residual),)+
                    _ => None,
                }
            }

            /// A value of the warm-up, when there is nothing to score it against.
            pub(crate) fn watch(&self, state: &mut State, observed: f64, at: f64) {
                match (self, state) {
                    $((Self::$name(config), State::$name(state)) => config.watch(state, observed, at),)+
                    _ => {}
                }
            }

            /// Whether samples are learned only once they are no longer judged.
            #[inline(always)]
            pub(crate) fn lags(&self) -> bool {
                match self { $(Self::$name(config) => config.lags()),+ }
            }

            /// Lets go of one sample that the next one is not to be judged with: when it was, and what to learn of it.
            #[cfg_attr(not(feature = "small"), inline(always))]
            #[cfg_attr(feature = "small", inline(never))]
            pub(crate) fn expire(&self, state: &mut State, at: f64) -> Option<(f64, Option<f64>)> {
                match (self, state) {
                    $((Self::$name(config), State::$name(state)) => config.expire(state, at),)+
                    _ => None,
                }
            }

            /// A drift of this many units of scale is announced: from now on scores say whether it is still there.
            pub(crate) fn hold(&self, state: &mut State, score: Score, shift: f64) {
                match (self, state) {
                    $((Self::$name(config), State::$name(state)) => config.hold(state, score, shift),)+
                    _ => {}
                }
            }

            /// A change as dated, with what the detector knows better.
            pub(crate) fn amend(&self, state: &State, score: Score, yardstick: Yardstick, dated: Change) -> Change {
                match (self, state) {
                    $((Self::$name(config), State::$name(state)) => config.amend(state, score, yardstick, dated),)+
                    _ => dated,
                }
            }

            /// The present level as it is better known than from the newest sample alone, transformed.
            pub(crate) fn present(&self, state: &State) -> Option<f64> {
                match (self, state) {
                    $((Self::$name(config), State::$name(state)) => config.present(state),)+
                    _ => None,
                }
            }

            /// Starts from nothing.
            pub(crate) fn restart(&self, state: &mut State) {
                match (self, state) {
                    $((Self::$name(config), State::$name(state)) => config.restart(state),)+
                    _ => {}
                }
            }

            /// A drift is over, or its level is declared normal: what spoke for it is dropped.
            pub(crate) fn release(&self, state: &mut State) {
                match (self, state) {
                    $((Self::$name(config), State::$name(state)) => config.release(state),)+
                    _ => {}
                }
            }

            /// Refuses a decoded state that is not of this detector or not reachable by it.
            pub(crate) fn check(&self, state: &State) -> Result<(), Error> {
                match (self, state) {
                    $((Self::$name(config), State::$name(state)) if config.is_sane(state) => Ok(()),
                    (Self::$name(_), State::$name(_)) => Err(Error::SnapshotCorrupt),)+
                    _ => Err(Error::SnapshotMismatch),
                }
            }
        }

        /// What a detector remembers.
        #[derive(Clone, Debug, PartialEq)]
        pub(crate) enum State { $($name($module::State)),+ }

        plain! {
            enum Detector { $($name(config)),+ }
            enum State { $($name(state)),+ }
        }
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
    /// The newest samples together, in event time: small shifts of the mean, changes of the spread.
    WindowShift(config::WindowShift) in window_shift,
    /// A line through block means: slow leaks.
    Trend(config::Trend) in trend,
}

impl Default for Detector {
    fn default() -> Self {
        Self::PageHinkley(config::PageHinkley::default())
    }
}
