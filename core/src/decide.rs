//! When surprise becomes an event and when it is over: a pure function of settings, memory and one input.
//!
//! ```text
//! warming_up -> in_control <-> warning -> drifting -> in_control        any -> stale -> back        any -> warming_up
//! ```
//! A drift that series and clock leave no way to judge is closed, never forgotten.

use serde::{Deserialize, Serialize};

use crate::config::{Decision, Exit, RunRule};

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

/// From one state to another. In classical use, [`Exit::Adopt`], a drift opens without leaving `in_control`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Transition {
    pub(crate) from: State,
    pub(crate) to: State,
    pub(crate) cause: Cause,
}

/// What the decision remembers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Memory {
    pub(crate) state: State,
    /// When this state was entered, in seconds.
    pub(crate) since: f64,
    /// Newest bit last: which of the last 64 scores hit the rule that counts in this state.
    hits: u64,
}

impl Decision {
    /// One step at a time in seconds; the answer is the transition it makes, if any.
    pub(crate) fn step(&self, memory: &mut Memory, input: Input, at: f64) -> Option<Transition> {
        let (to, cause) = self.next(memory, input, at)?;
        let transition = Transition { from: memory.state, to, cause };
        let keeps_run = matches!(cause, Cause::Suspicion | Cause::Cleared);
        *memory = Memory { state: to, since: at, hits: if keeps_run { memory.hits } else { 0 } };
        Some(transition)
    }

    fn next(&self, memory: &mut Memory, input: Input, at: f64) -> Option<(State, Cause)> {
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
            (State::Drifting, Input::Scored(score)) => self.leave(memory, score, at),
            (State::InControl | State::Warning, Input::Scored(score)) => self.enter(memory, score),
        }
    }

    fn enter(&self, memory: &mut Memory, score: f64) -> Option<(State, Cause)> {
        if run(&self.enter, &mut memory.hits, score > self.enter.level) {
            let to = if self.exit == Exit::Adopt { State::InControl } else { State::Drifting };
            return Some((to, Cause::Drift));
        }
        match (memory.state, score > self.warn) {
            (State::InControl, true) => Some((State::Warning, Cause::Suspicion)),
            (State::Warning, false) => Some((State::InControl, Cause::Cleared)),
            _ => None,
        }
    }

    fn leave(&self, memory: &mut Memory, score: f64, at: f64) -> Option<(State, Cause)> {
        let recovered = match &self.exit {
            Exit::Within(rule) => run(rule, &mut memory.hits, score <= rule.level),
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

/// Notes whether the newest score hit, and tells whether the rule is met.
fn run(rule: &RunRule, hits: &mut u64, hit: bool) -> bool {
    *hits = *hits << 1 | u64::from(hit);
    let counted = *hits & (u64::MAX >> (64 - u32::from(rule.window)));
    counted.count_ones() >= u32::from(rule.hits)
}

#[cfg(test)]
mod tests;
