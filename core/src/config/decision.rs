//! Settings of the decision: when surprise becomes an event, and when it is over.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{is_level, is_magnitude, require};
use crate::{
    Error,
    plain::{Pass, Plain, plain},
};

/// At least `hits` of the last `window` scores beyond (to enter) or within (to leave) `level`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunRule {
    /// How many scores must hit, 1 to `window`.
    pub hits: u8,
    /// How many of the newest scores count, 1 to 64.
    pub window: u8,
    /// In units of the detector's alarm line, at least 0.
    pub level: f64,
}

/// Up to four run rules, any of which suffices.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<RunRule>", into = "Vec<RunRule>")]
pub struct Rules([Option<RunRule>; Rules::MOST]);

impl Rules {
    pub(crate) const MOST: usize = 4;

    /// Rules in order; the first that is met is the one an event names.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if there are none or more than four.
    pub fn new(rules: &[RunRule]) -> Result<Self, Error> {
        let count = rules.len();
        require("enter", count as f64, (1..=Self::MOST).contains(&count), "1 to 4 rules")?;
        let mut slots = [None; Self::MOST];
        for (slot, rule) in slots.iter_mut().zip(rules) {
            *slot = Some(*rule);
        }
        Ok(Self(slots))
    }

    /// One rule.
    #[must_use]
    pub const fn one(rule: RunRule) -> Self {
        Self([Some(rule), None, None, None])
    }

    pub(crate) const fn two(first: RunRule, second: RunRule) -> Self {
        Self([Some(first), Some(second), None, None])
    }

    /// The rules in order.
    pub fn iter(&self) -> impl Iterator<Item = &RunRule> {
        self.0.iter().flatten()
    }
}

impl TryFrom<Vec<RunRule>> for Rules {
    type Error = Error;

    fn try_from(rules: Vec<RunRule>) -> Result<Self, Error> {
        Self::new(&rules)
    }
}

impl From<Rules> for Vec<RunRule> {
    fn from(rules: Rules) -> Self {
        rules.iter().copied().collect()
    }
}

/// When surprise becomes an event, and when it is over. `None` leaves a choice to the detector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Decision {
    /// A drift is announced when scores *above* the level fulfil one of these.
    pub enter: Option<Rules>,
    /// How a drift is over.
    pub exit: Option<Exit>,
    /// Scores above this, at least 0, are a warning: nothing is announced, but nothing is learned either.
    pub warn: Option<f64>,
    /// The rules count at most one score in so many seconds; `None` for every score. A warning needs no waiting.
    pub every_secs: Option<f64>,
    /// When the baseline learns.
    pub learning: Learning,
    /// More than this many seconds without a sample, or with too few to judge by, make the series stale; `None` for
    /// never.
    pub idle_secs: Option<f64>,
    /// A drift that lasts this many seconds is adopted as the new level; `None` for never.
    pub adopt_secs: Option<f64>,
}

/// When the baseline learns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Learning {
    /// While in control only: an incident never becomes normal by lasting.
    #[default]
    InControl,
    /// The same, and only while recent residuals average out: what creeps up on a detector that judges samples by themselves
    /// is not learned either. A small lasting shift then leaves the reference as it is until someone accepts it.
    Steady,
    /// Until the first sample is judged: the reference stands as it is from then on.
    WarmUp,
    /// From every sample, which in time absorbs whatever lasts. The behaviour of some older systems.
    Always,
}

/// How a drift ends.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exit {
    /// When scores *at or below* the level fulfil this rule: the series is back.
    Within(RunRule),
    /// At once: the value that raised the alarm is the new level. The classical behaviour.
    Adopt,
}

plain! {
    struct RunRule { hits, window, level }
    struct Decision { enter, exit, warn, every_secs, learning, idle_secs, adopt_secs }
}

plain! {
    enum Learning { InControl, Steady, WarmUp, Always }
    enum Exit { Within(rule), Adopt }
}

/// As many as there are.
impl Plain for Rules {
    const EMPTY: Self = Self([None; Self::MOST]);

    fn pass(&mut self, by: &mut Pass<'_>) {
        let mut rules = Vec::from(*self);
        rules.pass(by);
        match Self::new(&rules) {
            Ok(rules) => *self = rules,
            Err(_) => by.fail(),
        }
    }
}

impl RunRule {
    fn validate(&self, field: &'static str) -> Result<(), Error> {
        let (hits, window) = (f64::from(self.hits), f64::from(self.window));
        require(field, window, (1..=64).contains(&self.window), "a rule over 1 to 64 scores")?;
        require(field, hits, (1..=self.window).contains(&self.hits), "a rule of 1 to window hits")?;
        require(field, self.level, is_level(self.level), "a rule at a level of at least 0")
    }
}

impl Decision {
    pub(crate) fn validate(&self) -> Result<(), Error> {
        for rule in self.enter.iter().flat_map(Rules::iter) {
            rule.validate("enter")?;
        }
        if let Some(Exit::Within(rule)) = &self.exit {
            rule.validate("exit")?;
        }
        if let Some(warn) = self.warn {
            require("warn", warn, is_level(warn), "a number of at least 0")?;
        }
        let spans =
            [("every_secs", self.every_secs), ("idle_secs", self.idle_secs), ("adopt_secs", self.adopt_secs)];
        for (field, secs) in spans {
            if let Some(secs) = secs {
                require(field, secs, is_magnitude(secs), "a positive number of seconds")?;
            }
        }
        Ok(())
    }
}
