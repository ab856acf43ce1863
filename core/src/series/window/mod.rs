//! Windows in event time: what happened at one source, whatever the order in which it was told.
//!
//! The watermark is the largest time seen minus the allowed lateness. What lies behind it is settled: an observation
//! that comes from there is late and is not applied, and a window that ends there is closed. Everything is computed anew
//! from the observations in their one order, so it cannot show how they came, and no rounding error adds up.

mod buffer;
pub(crate) mod intake;
pub(crate) mod observation;
pub(crate) mod summary;
mod tumbling;

#[cfg(test)]
mod tests;

use alloc::{collections::VecDeque, vec::Vec};

use serde::{Deserialize, Serialize};

use self::{
    buffer::Buffer,
    intake::{Admission, Intake, WindowCounts},
    observation::Observation,
    summary::Window,
    tumbling::Tumbling,
};
use crate::{Error, config::WindowConfig, snapshot};

/// Tumbling and rolling windows over the observations of one source.
///
/// *Tumbling* windows of each length start at whole multiples of it and follow upon each other: `[start, end)`. Each is
/// told once, by the update that moves the watermark to its end or beyond. Silence moves nothing: a source that has
/// nothing to tell sends heartbeats, and a heartbeat at the end plus the lateness closes what is open at the end of a
/// file. *Rolling* windows can be asked for at any time.
///
/// *The law*: observations in any order in which none comes after one that is more than the lateness newer give, bit for
/// bit, the windows that they give in order of time, as long as capacity suffices. So do observations some of which come
/// more than once: of several that share an id and lie no further apart than the longest window (or the lateness, if that
/// is longer), the first in order of time counts. (A copy with a newer time still moves the watermark.)
///
/// *Blind to* clocks that run ahead: a single time far in the future makes all that comes after it late. Whoever has a
/// clock refuses such times.
///
/// *Cost*: an observation is kept for the longest window and the lateness, about 100 bytes, at most `capacity` of them;
/// over that the oldest is lost and counted, and the windows that it lay in are not `complete`. An update takes
/// O(log kept) steps and moves what it overtakes; a window takes O(n log n) steps for its n observations.
///
/// ```
/// use drift_sre::{Admission, Observation, WindowConfig, Windows};
///
/// let config = WindowConfig { window_secs: vec![60.0], lateness_secs: 5.0, ..WindowConfig::default() };
/// let mut windows = Windows::new(config)?;
/// windows.update(Observation::new(58.0, 20.0));
/// windows.update(Observation::new(61.0, 90.0));
/// windows.update(Observation::new(57.0, 10.0)); // within five seconds of 61: in time
/// let intake = windows.update(Observation::new(65.0, 90.0));
/// assert_eq!((intake.closed[0].count(), intake.closed[0].average()), (2, Some(15.0)));
/// assert_eq!(windows.update(Observation::new(59.0, 30.0)).admission, Admission::Late);
/// assert_eq!(windows.rolling(60.0).map(|window| window.count()), Some(4));
/// # Ok::<(), drift_sre::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Windows {
    config: WindowConfig,
    buffer: Buffer,
    state: State,
}

/// All but the observations that are kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct State {
    progress: Option<Progress>,
    tumbling: Vec<Tumbling>,
    /// Time of the newest observation that was lost.
    lost: Option<f64>,
    counts: WindowCounts,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Progress {
    /// The smallest time accepted.
    first: f64,
    /// The largest time seen.
    newest: f64,
    watermark: f64,
}

impl Windows {
    /// Windows that have seen nothing.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] names the first setting that cannot be.
    pub fn new(config: WindowConfig) -> Result<Self, Error> {
        config.validate()?;
        let tumbling = config.window_secs.iter().map(|secs| Tumbling { secs: *secs, next: None }).collect();
        let state = State { progress: None, tumbling, lost: None, counts: WindowCounts::default() };
        Ok(Self { config, buffer: Buffer::default(), state })
    }

    /// Takes one observation or heartbeat, and tells what it closed.
    pub fn update(&mut self, observation: Observation) -> Intake {
        let Some(observation) = observation.usable() else {
            count(&mut self.state.counts.unusable);
            return Intake { admission: Admission::Unusable, closed: Vec::new() };
        };
        let admission = self.admit(observation);
        let closed = if self.advance(observation.at) { self.close() } else { Vec::new() };
        self.forget();
        Intake { admission, closed }
    }

    /// Takes many, as so many updates would; all windows that they closed, as they did.
    pub fn update_many(&mut self, observations: impl IntoIterator<Item = Observation>) -> Vec<Window> {
        observations.into_iter().flat_map(|observation| self.update(observation).closed).collect()
    }

    /// The window of so many seconds that ends with the newest time seen, `(newest - secs, newest]`; what is late but in
    /// time can still change it. `None` for a length that is not configured, and where the source was not heard in it.
    #[must_use]
    pub fn rolling(&self, secs: f64) -> Option<Window> {
        let end = self.progress(secs)?.newest;
        let start = end - secs;
        let window = Window::over(secs, (start, end), self.buffer.after_to(start, end))?;
        // One lost at the start lay outside.
        let whole = self.state.lost.is_none_or(|lost| lost <= start);
        Some(Window { complete: self.is_heard_by(start) && whole, ..window })
    }

    /// The window of so many seconds that ends at the watermark, `[watermark - secs, watermark)`; nothing can change it
    /// any more. `None` for a length that is not configured, and where the source was not heard in it.
    #[must_use]
    pub fn settled(&self, secs: f64) -> Option<Window> {
        let end = self.progress(secs)?.watermark;
        let start = end - secs;
        let window = Window::over(secs, (start, end), self.buffer.since_until(start, end))?;
        Some(Window { complete: self.is_known_from(start), ..window })
    }

    /// The time in seconds before which everything is settled: the largest time seen minus the lateness. `None` before
    /// anything was seen.
    #[must_use]
    pub fn watermark(&self) -> Option<f64> {
        Some(self.state.progress?.watermark)
    }

    /// How many observations there were, by what became of them.
    #[must_use]
    pub fn counts(&self) -> WindowCounts {
        self.state.counts
    }

    /// How many observations are kept; never more than the capacity.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.buffer.kept().len()
    }

    /// The settings they run with.
    #[must_use]
    pub fn config(&self) -> &WindowConfig {
        &self.config
    }

    /// All that was seen and still matters, as bytes; the settings are not in it.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        snapshot::seal(snapshot::Kind::Windows, &(&self.state, self.buffer.kept()))
    }

    /// Windows that go on from a snapshot, bit for bit if the settings are those it was taken with. Lateness and
    /// capacity may differ; the watermark never goes back.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for settings, [`Error::SnapshotMismatch`] for other lengths, the other snapshot errors for
    /// bytes; bytes of any origin are safe to try.
    pub fn resume(config: WindowConfig, bytes: &[u8]) -> Result<Self, Error> {
        config.validate()?;
        let (state, kept): (State, VecDeque<Observation>) = snapshot::open(snapshot::Kind::Windows, bytes)?;
        if !state.tumbling.iter().map(|tumbling| &tumbling.secs).eq(&config.window_secs) {
            return Err(Error::SnapshotMismatch);
        }
        let buffer = Buffer::resume(kept).ok_or(Error::SnapshotCorrupt)?;
        let mut windows = Self { config, buffer, state };
        if !windows.is_sound() {
            return Err(Error::SnapshotCorrupt);
        }
        windows.forget();
        Ok(windows)
    }

    fn admit(&mut self, observation: Observation) -> Admission {
        let Self { config, buffer, state } = self;
        let late = state.progress.is_some_and(|progress| observation.at < progress.watermark);
        match buffer.rival(&observation, config.memory_secs()) {
            Some(rival) if late || rival.key() <= observation.key() => {
                count(&mut state.counts.duplicate);
                return Admission::Duplicate;
            }
            None if late => {
                count(&mut state.counts.late);
                return Admission::Late;
            }
            // The rival lies after the watermark as well, so no window told has counted it.
            Some(rival) => {
                buffer.remove(&rival);
                count(&mut state.counts.duplicate);
            }
            None => count(&mut state.counts.accepted),
        }
        buffer.insert(observation);
        let at = observation.at;
        let start = Progress { first: at, newest: at, watermark: at - config.lateness_secs };
        let progress = state.progress.get_or_insert(start);
        progress.first = progress.first.min(at);
        Admission::Accepted
    }

    /// Moves the newest time and the watermark; whether that may close anything.
    fn advance(&mut self, at: f64) -> bool {
        let Some(progress) = &mut self.state.progress else { return false };
        progress.newest = progress.newest.max(at);
        let watermark = progress.newest - self.config.lateness_secs;
        // It does not go back when windows are resumed with more lateness.
        let moves = watermark > progress.watermark;
        progress.watermark = progress.watermark.max(watermark);
        moves
    }

    fn close(&mut self) -> Vec<Window> {
        let mut closed = Vec::new();
        let Some(Progress { watermark, .. }) = self.state.progress else { return closed };
        for position in 0..self.state.tumbling.len() {
            while let Some(window) = self.tumble(position, watermark) {
                closed.push(window);
            }
        }
        closed.sort_by(|one, other| one.end.total_cmp(&other.end).then(one.secs.total_cmp(&other.secs)));
        closed
    }

    /// The next window of one length in which the source was heard, if it is over.
    fn tumble(&mut self, position: usize, watermark: f64) -> Option<Window> {
        let tumbling = *self.state.tumbling.get(position)?;
        let from = tumbling.next.map_or(f64::NEG_INFINITY, |next| tumbling.start(next));
        let number = tumbling.number(self.buffer.first_from(from)?.at);
        let (start, end) = (tumbling.start(number), tumbling.start(number + 1));
        if end > watermark {
            return None;
        }
        let window = Window::over(tumbling.secs, (start, end), self.buffer.since_until(start, end))?;
        let missing = tumbling.next.map_or(0, |next| number.abs_diff(next));
        self.state.tumbling.get_mut(position)?.next = Some(number + 1);
        Some(Window { missing, complete: self.is_known_from(start), ..window })
    }

    /// Gives up what can no longer matter, then what there is no room for.
    fn forget(&mut self) {
        let Self { config, buffer, state } = self;
        let Some(Progress { watermark, .. }) = state.progress else { return };
        // A window that is open ends after the watermark, so it starts no sooner than its length before: bounds and
        // this difference are each rounded by half a unit, and its end is a whole one away at least.
        let needed = watermark - config.memory_secs();
        while buffer.pop_if(|oldest| oldest.at < needed).is_some() {}
        while buffer.kept().len() > config.capacity as usize {
            let Some(lost) = buffer.pop_if(|_| true) else { return };
            count(&mut state.counts.lost);
            state.lost = Some(state.lost.map_or(lost.at, |newest| newest.max(lost.at)));
        }
    }

    fn progress(&self, secs: f64) -> Option<Progress> {
        self.state.progress.filter(|_| self.config.window_secs.contains(&secs))
    }

    fn is_known_from(&self, start: f64) -> bool {
        self.is_heard_by(start) && self.state.lost.is_none_or(|lost| lost < start)
    }

    fn is_heard_by(&self, start: f64) -> bool {
        self.state.progress.is_some_and(|progress| progress.first <= start)
    }

    /// Whether a state is one that updates can lead to, as far as anything depends on it.
    fn is_sound(&self) -> bool {
        let State { progress, tumbling, lost, .. } = &self.state;
        let is_time = |at: f64| at.abs() <= Observation::TIME_LIMIT;
        let Some(Progress { first, newest, watermark }) = *progress else {
            return self.kept() == 0 && lost.is_none() && tumbling.iter().all(|each| each.next.is_none());
        };
        let times = is_time(first) && is_time(newest) && lost.is_none_or(is_time);
        let behind = watermark <= newest && watermark.abs() <= 2.0 * Observation::TIME_LIMIT;
        let told = |each: &Tumbling| each.next.is_none_or(|next| next <= each.number(watermark));
        let kept = self.buffer.kept();
        let ends = kept.front().is_none_or(|oldest| oldest.at >= first)
            && kept.back().is_none_or(|latest| latest.at <= newest);
        times && behind && ends && tumbling.iter().all(told)
    }
}

fn count(counter: &mut u64) {
    *counter = counter.saturating_add(1);
}
