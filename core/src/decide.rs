//! When surprise becomes an event and when it is over: a pure function of settings, memory and one input.
//!
//! ```text
//! warming_up -> in_control <-> warning -> drifting -> in_control        any -> stale -> back        any -> warming_up
//! ```
//! A drift that series and clock leave no way to judge is closed, never forgotten.

use serde::{Deserialize, Serialize};

use crate::{
    config::{Decision, Exit, Learning, Rules, RunRule},
    plain::plain,
    series::detect::Detector,
};

/// Where a series stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Its baseline is not learned yet.
    #[default]
    WarmingUp,
    /// As it should be.
    InControl,
    /// Suspicious; nothing is announced and nothing learned.
    Warning,
    /// A drift is announced and not over; nothing is learned.
    Drifting,
    /// It went silent.
    Stale,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::WarmingUp, Self::InControl, Self::Warning, Self::Drifting, Self::Stale];

    /// `warming_up`, `in_control`, `warning`, `drifting` or `stale`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::WarmingUp => "warming_up",
            Self::InControl => "in_control",
            Self::Warning => "warning",
            Self::Drifting => "drifting",
            Self::Stale => "stale",
        }
    }
}

/// Why a transition happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The warm-up is over.
    BaselineReady,
    /// A score passed the warning level.
    Suspicion,
    /// It fell back before the enter rule was met.
    Cleared,
    /// The enter rule was met.
    Drift,
    /// The exit rule was met.
    Recovered,
    /// Someone declared the present level normal.
    Accepted,
    /// The drift lasted so long that its level became the new baseline.
    Adopted,
    /// No data for too long.
    NoData,
    /// Data again.
    Resumed,
    /// Everything learned was forgotten on request.
    Reset,
}

impl Cause {
    /// The cause in `snake_case`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BaselineReady => "baseline_ready",
            Self::Suspicion => "suspicion",
            Self::Cleared => "cleared",
            Self::Drift => "drift",
            Self::Recovered => "recovered",
            Self::Accepted => "accepted",
            Self::Adopted => "adopted",
            Self::NoData => "no_data",
            Self::Resumed => "resumed",
            Self::Reset => "reset",
        }
    }
}

/// What can happen to a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Input {
    /// A sample that the baseline is still learning from.
    Learning,
    /// A sample that completes the baseline.
    Ready,
    /// A sample with this score.
    Scored(f64),
    /// Silence beyond what is allowed.
    Silence,
    /// The present level is declared normal.
    Accept,
    /// Everything learned is forgotten.
    Reset,
}

/// A run rule that was met, and how many of its scores hit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fired {
    /// The rule.
    pub rule: RunRule,
    /// Of the last `window` scores.
    pub hits: u8,
}

/// From one state to another. In classical use, [`Exit::Adopt`], a drift opens without leaving `in_control`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Transition {
    pub(crate) from: State,
    pub(crate) to: State,
    pub(crate) cause: Cause,
    pub(crate) fired: Option<Fired>,
}

/// What the decision remembers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Memory {
    pub(crate) state: State,
    /// When this state was entered, in seconds.
    pub(crate) since: f64,
    /// When a score was last counted, in seconds.
    counted: Option<f64>,
    /// For each rule that counts in this state, newest bit last: which of the last 64 scores hit it.
    hits: [u64; Rules::MOST],
}

plain! {
    struct Memory { state, since, counted, hits }
    struct Fired { rule, hits }
}

plain! {
    enum State { WarmingUp, InControl, Warning, Drifting, Stale }
    enum Cause {
        BaselineReady, Suspicion, Cleared, Drift, Recovered, Accepted, Adopted, NoData, Resumed, Reset,
    }
}

impl Memory {
    pub(crate) fn starting(state: State) -> Self {
        Self { state, ..Self::default() }
    }

    pub(crate) fn is_sane(&self) -> bool {
        self.since.is_finite() && self.counted.is_none_or(f64::is_finite)
    }
}

/// How much a new residual weighs in the lean, the mean of recent ones; each counts at most [`MOST_COUNTED`].
const LEAN_WEIGHT: f64 = 0.05;
const MOST_COUNTED: f64 = 3.0;
/// Four standard deviations of the lean of independent residuals.
const MOST_LEAN: f64 = 0.64;

/// The lean after one more residual.
pub(crate) fn lean(lean: f64, residual: f64) -> f64 {
    lean + LEAN_WEIGHT * (residual.clamp(-MOST_COUNTED, MOST_COUNTED) - lean)
}

/// A decision with nothing left open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Plan {
    pub(crate) enter: Rules,
    pub(crate) exit: Exit,
    pub(crate) warn: f64,
    every_secs: Option<f64>,
    learning: Learning,
    pub(crate) idle_secs: Option<f64>,
    pub(crate) adopt_secs: Option<f64>,
    /// As [`Defaults::gap`](crate::series::detect::Defaults::gap).
    pub(crate) gap: u8,
}

impl Plan {
    /// What the user decided, and for the rest what suits the detector.
    pub(crate) fn new(decision: &Decision, detector: &Detector) -> Self {
        let defaults = detector.defaults();
        let Decision { enter, exit, warn, every_secs, learning, idle_secs, adopt_secs } = *decision;
        let exit = exit.unwrap_or(defaults.exit);
        // Where every alarm is adopted at once there is nothing to be cautious about.
        let warn = warn.unwrap_or(if exit == Exit::Adopt { f64::INFINITY } else { defaults.warn });
        let enter = enter.unwrap_or(defaults.enter);
        Self { enter, exit, warn, every_secs, learning, idle_secs, adopt_secs, gap: defaults.gap }
    }

    /// Whether the baseline may learn a sample after which the series stands like this.
    pub(crate) fn learns(&self, state: State, lean: f64) -> bool {
        match self.learning {
            Learning::InControl => state == State::InControl,
            Learning::Steady => state == State::InControl && lean.abs() <= MOST_LEAN,
            Learning::WarmUp => false,
            Learning::Always => true,
        }
    }

    /// One step at a time in seconds; the answer is the transition it makes, if any.
    pub(crate) fn step(&self, memory: &mut Memory, input: Input, at: f64) -> Option<Transition> {
        let mut fired = None;
        let (to, cause) = self.next(memory, input, at, &mut fired)?;
        let transition = Transition { from: memory.state, to, cause, fired };
        let keeps_run = matches!(cause, Cause::Suspicion | Cause::Cleared);
        let hits = if keeps_run { memory.hits } else { Default::default() };
        // The first score that counts comes one interval after the baseline is complete.
        let counted = if cause == Cause::BaselineReady { Some(at) } else { memory.counted };
        *memory = Memory { state: to, since: at, counted, hits };
        Some(transition)
    }

    fn next(
        &self,
        memory: &mut Memory,
        input: Input,
        at: f64,
        fired: &mut Option<Fired>,
    ) -> Option<(State, Cause)> {
        match (memory.state, input) {
            (State::WarmingUp, Input::Reset | Input::Learning | Input::Accept)
            | (State::InControl | State::Stale, Input::Accept)
            | (State::Stale, Input::Silence) => None,
            (_, Input::Reset)
            | (State::InControl | State::Warning | State::Drifting, Input::Learning | Input::Ready) => {
                // The latter if the baseline was asked to learn for longer while it was in use.
                Some((State::WarmingUp, Cause::Reset))
            }
            (_, Input::Silence) => Some((State::Stale, Cause::NoData)),
            (_, Input::Accept) => Some((State::InControl, Cause::Accepted)),
            (State::Stale, Input::Learning) => Some((State::WarmingUp, Cause::Resumed)),
            (State::Stale, Input::Ready | Input::Scored(_)) => Some((State::InControl, Cause::Resumed)),
            (State::WarmingUp, Input::Ready | Input::Scored(_)) => {
                Some((State::InControl, Cause::BaselineReady))
            }
            (State::Drifting, Input::Scored(score)) => self.leave(memory, score, at, fired),
            (State::InControl | State::Warning, Input::Scored(score)) => self.enter(memory, score, at, fired),
        }
    }

    /// Whether the rules count a score at this time.
    fn counts(&self, memory: &mut Memory, at: f64) -> bool {
        let Some(every) = self.every_secs else { return true };
        let due = memory.counted.is_none_or(|last| at - last >= every);
        if due {
            memory.counted = Some(at);
        }
        due
    }

    fn enter(
        &self,
        memory: &mut Memory,
        score: f64,
        at: f64,
        fired: &mut Option<Fired>,
    ) -> Option<(State, Cause)> {
        if self.counts(memory, at) {
            for (rule, hits) in self.enter.iter().zip(&mut memory.hits) {
                // Every rule notes every score, also behind one that is met.
                *fired = fired.or(run(rule, hits, score > rule.level));
            }
        }
        if fired.is_some() {
            let to = if self.exit == Exit::Adopt { State::InControl } else { State::Drifting };
            return Some((to, Cause::Drift));
        }
        match (memory.state, score > self.warn) {
            (State::InControl, true) => Some((State::Warning, Cause::Suspicion)),
            (State::Warning, false) => Some((State::InControl, Cause::Cleared)),
            _ => None,
        }
    }

    fn leave(
        &self,
        memory: &mut Memory,
        score: f64,
        at: f64,
        fired: &mut Option<Fired>,
    ) -> Option<(State, Cause)> {
        let recovered = match &self.exit {
            Exit::Within(_) if !self.counts(memory, at) => false,
            Exit::Within(rule) => {
                *fired = run(rule, &mut memory.hits[0], score <= rule.level);
                fired.is_some()
            }
            // Reached only if the setting was changed while a drift was open.
            Exit::Adopt => true,
        };
        if recovered {
            return Some((State::InControl, Cause::Recovered));
        }
        let lasted = at - memory.since;
        self.adopt_secs.filter(|secs| lasted >= *secs).map(|_| (State::InControl, Cause::Adopted))
    }
}

/// Notes whether the newest score hit, and tells if that meets the rule.
fn run(rule: &RunRule, hits: &mut u64, hit: bool) -> Option<Fired> {
    *hits = *hits << 1 | u64::from(hit);
    let counted = *hits & (u64::MAX >> (64 - u32::from(rule.window)));
    // At most 64, so it fits.
    let hits = u8::try_from(counted.count_ones()).unwrap_or(u8::MAX);
    (hits >= rule.hits).then_some(Fired { rule: *rule, hits })
}

#[cfg(test)]
mod tests;
