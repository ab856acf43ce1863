//! When to be quiet: a pure policy for one series. The store keeps its state beside the series, in the same commit as
//! the alerts that it lets through.
//!
//! The first event of a series and severity is told at once. Of those within the cool-down the latest is held, and told
//! when the cool-down ends, with the number of the others: so no count goes untold, and no channel ends on a drift that
//! is long over. A higher severity has a cool-down of its own, so it is told at once. The end of a drift that was told
//! is told at once as well; there is at most one for each that began.

use std::time::Duration;

use drift_sre::{Kind, Severity};
use serde::{Deserialize, Serialize};

use super::alert::Facts;

/// How long a series says nothing more at one severity, unless set otherwise.
pub const COOL_DOWN: Duration = Duration::from_mins(1);

/// What is remembered of one series, from its first alert until [`Quiet::is_over`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Quiet {
    /// Whether the last that was told is a drift that is still open.
    open_told: bool,
    /// One for each severity, the least first.
    lanes: [Lane; Severity::ALL.len()],
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Lane {
    /// Wall-clock time at which the cool-down ends, in milliseconds since the epoch.
    until_ms: i64,
    held: Option<Held>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Held {
    latest: Facts,
    /// How many it replaced.
    others: u32,
}

/// Whether an event is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Now, with the number of those that were held back before it.
    Tell {
        /// That number.
        suppressed: u32,
    },
    /// Not now; perhaps when the cool-down ends.
    Suppress,
}

impl Quiet {
    /// When [`flush`] has something to tell, in milliseconds since the epoch; `None` if nothing is held.
    #[must_use]
    pub fn due_ms(&self) -> Option<i64> {
        self.lanes.iter().filter(|lane| lane.held.is_some()).map(|lane| lane.until_ms).min()
    }

    /// Whether it says no more than a new one would, so that it may be forgotten.
    #[must_use]
    pub fn is_over(&self, now_ms: i64) -> bool {
        !self.open_told && self.lanes.iter().all(|lane| lane.held.is_none() && lane.until_ms <= now_ms)
    }

    /// The same with no cool-down longer than one that begins now: wall clocks jump, and one that was set back would
    /// keep a series silent for ever. To be called on whatever was loaded.
    #[must_use]
    pub fn clamped(mut self, now_ms: i64, cool_down: Duration) -> Self {
        let latest = end(now_ms, cool_down);
        for lane in &mut self.lanes {
            lane.until_ms = lane.until_ms.min(latest);
        }
        self
    }

    /// Lets go of what is held and `stale`, and counts it.
    fn release(&mut self, stale: impl Fn(&Facts) -> bool) -> u32 {
        let gone = self.lanes.iter_mut().filter_map(|lane| lane.held.take_if(|held| stale(&held.latest)));
        gone.map(Held::count).fold(0, u32::saturating_add)
    }
}

impl Held {
    fn count(self) -> u32 {
        self.others.saturating_add(1)
    }
}

/// Whether to tell of `facts` at `now_ms`, and what to remember of their series.
#[must_use]
pub fn decide(quiet: Option<Quiet>, facts: &Facts, now_ms: i64, cool_down: Duration) -> (Decision, Quiet) {
    let mut quiet = quiet.unwrap_or_default().clamped(now_ms, cool_down);
    if facts.kind == Kind::Closed {
        return (close(&mut quiet, facts), quiet);
    }
    let opens = facts.kind == Kind::Opened;
    let ended = if opens { quiet.release(|held| held.kind == Kind::Closed) } else { 0 };
    let lane = &mut quiet.lanes[facts.severity as usize];
    // An outlier says nothing of how the series stands, so it takes the place of nothing that does.
    if let Some(held) = lane.held.as_mut().filter(|held| !opens && held.latest.kind != Kind::Outlier) {
        held.others = held.others.saturating_add(1);
        return (Decision::Suppress, quiet);
    }
    let others = lane.held.take().map_or(0, Held::count).saturating_add(ended);
    if now_ms < lane.until_ms {
        lane.held = Some(Held { latest: facts.clone(), others });
        return (Decision::Suppress, quiet);
    }
    lane.until_ms = end(now_ms, cool_down);
    quiet.open_told |= opens;
    (Decision::Tell { suppressed: others }, quiet)
}

/// One end closes all that is open of a series, whatever the severities.
fn close(quiet: &mut Quiet, facts: &Facts) -> Decision {
    if quiet.open_told {
        quiet.open_told = false;
        return Decision::Tell { suppressed: quiet.release(|_| true) };
    }
    let opened = |lane: &Lane| lane.held.as_ref().is_some_and(|held| held.latest.kind == Kind::Opened);
    // The drift that ends here is being held; nobody has been told of any other.
    if let Some(index) = quiet.lanes.iter().rposition(opened) {
        let others = quiet.release(|_| true);
        quiet.lanes[index].held = Some(Held { latest: facts.clone(), others });
    }
    Decision::Suppress
}

/// What was held until now and is to be told, each with the number of those it replaced, and what to remember.
#[must_use]
pub fn flush(quiet: Quiet, now_ms: i64, cool_down: Duration) -> (Vec<(Facts, u32)>, Quiet) {
    let mut quiet = quiet.clamped(now_ms, cool_down);
    let mut told = Vec::new();
    for lane in &mut quiet.lanes {
        if now_ms < lane.until_ms {
            continue;
        }
        if let Some(Held { latest, others }) = lane.held.take() {
            lane.until_ms = end(now_ms, cool_down);
            told.push((latest, others));
        }
    }
    told.sort_by(|(one, _), (other, _)| one.detected_at.total_cmp(&other.detected_at));
    for (facts, _) in &told {
        match facts.kind {
            Kind::Opened => quiet.open_told = true,
            Kind::Closed => quiet.open_told = false,
            Kind::Outlier => {}
        }
    }
    (told, quiet)
}

fn end(now_ms: i64, cool_down: Duration) -> i64 {
    now_ms.saturating_add(i64::try_from(cool_down.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
