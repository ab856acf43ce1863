//! Alerts on their way out: what is worth telling, to whom, and until it is told.
//!
//! An event becomes [`Facts`]; [`quiet::decide`] says whether they are told; [`Notifier::alerts_for`] makes one
//! [`Alert`] for each destination, which the store keeps in the commit that records the event; and one thread for each
//! destination carries them there, at least once, and settles them.

mod address;
mod alert;
mod channel;
mod clock;
mod config;
mod console;
mod courier;
mod discord;
mod egress;
mod outbox;
pub mod quiet;
mod reply;
mod slack;
#[cfg(test)]
mod stub;
mod target;
mod webhook;
mod wording;

use std::{
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};

pub use address::{Reach, reach};
pub use alert::{Alert, AlertId, Facts};
pub use clock::{Clock, SystemClock};
pub use config::{Destinations, Error, Settings};
pub use courier::{DestinationStatus, Jitter};
pub use egress::{Lookup, SystemLookup};
pub use outbox::{MemoryOutbox, Outbox, Queued, Settled};
pub use target::{Policy, Target};
pub use webhook::{IDEMPOTENCY_KEY, SIGNATURE};

use channel::Channel;
use courier::Courier;

/// A stop takes no longer than this, whatever is under way.
pub const STOP_WITHIN: Duration = Duration::from_secs(2);

/// Couriers look at the outbox so often even if nobody wakes them.
const IDLE: Duration = Duration::from_mins(1);

/// One alert for each of `destinations`. `suppressed` is what [`quiet`] said with its decision.
#[must_use]
pub fn alerts_for(destinations: &[String], facts: &Facts, suppressed: u32) -> Vec<Alert> {
    destinations.iter().map(|name| Alert::new(facts, suppressed, name)).collect()
}

/// The couriers at work. Dropping it stops them.
pub struct Notifier {
    names: Vec<String>,
    channels: Vec<Arc<Channel>>,
    statuses: Vec<Arc<Mutex<DestinationStatus>>>,
    outbox: Arc<dyn Outbox>,
    signal: Arc<Signal>,
    /// Each courier holds the sender until it is done.
    done: Mutex<mpsc::Receiver<()>>,
}

impl Notifier {
    /// Sets one courier to work for each destination.
    ///
    /// # Errors
    ///
    /// When the system gives no thread.
    pub fn start(destinations: Destinations, outbox: &Arc<dyn Outbox>) -> io::Result<Self> {
        Self::start_by(destinations, outbox, &(Arc::new(SystemClock::default()) as Arc<dyn Clock>), || {
            Box::new(jitter)
        })
    }

    /// The same by another clock and other random numbers.
    ///
    /// # Errors
    ///
    /// As for [`Self::start`].
    pub fn start_by(
        destinations: Destinations,
        outbox: &Arc<dyn Outbox>,
        clock: &Arc<dyn Clock>,
        jitter: impl Fn() -> Jitter,
    ) -> io::Result<Self> {
        let (working, done) = mpsc::channel();
        let mut notifier = Self {
            names: destinations.names(),
            channels: Vec::new(),
            statuses: Vec::new(),
            outbox: outbox.clone(),
            signal: Arc::default(),
            done: Mutex::new(done),
        };
        for (name, channel) in destinations.channels {
            let channel = Arc::new(channel);
            let courier = Courier::new(
                &name,
                &destinations.host,
                channel.clone(),
                outbox.clone(),
                clock.clone(),
                jitter(),
            );
            notifier.channels.push(channel);
            notifier.statuses.push(courier.status());
            let (signal, clock, working) = (notifier.signal.clone(), clock.clone(), working.clone());
            let work = move || {
                signal.work(courier, &*clock);
                drop(working);
            };
            thread::Builder::new().name(format!("alert-{name}")).spawn(work)?;
        }
        Ok(notifier)
    }

    /// One alert for each destination.
    #[must_use]
    pub fn alerts_for(&self, facts: &Facts, suppressed: u32) -> Vec<Alert> {
        alerts_for(&self.names, facts, suppressed)
    }

    /// Says that something was put into the outbox. To be called after the commit; it does not block.
    pub fn wake(&self) {
        self.signal.wake(false);
    }

    /// How each destination is doing.
    #[must_use]
    pub fn statuses(&self) -> Vec<DestinationStatus> {
        let read = |status: &Arc<Mutex<DestinationStatus>>| {
            let mut status = status.lock().unwrap_or_else(PoisonError::into_inner).clone();
            status.pending = self.outbox.pending(&status.name).ok();
            status
        };
        self.statuses.iter().map(read).collect()
    }

    /// Ends all sending within [`STOP_WITHIN`]. What waits, waits for the next start; a message that was under way may
    /// be sent again then. Returns whether every courier has ended; one that hangs in the system is left behind.
    pub fn stop(&self) -> bool {
        self.signal.wake(true);
        for channel in &self.channels {
            channel.shut_down();
        }
        let until = Instant::now() + STOP_WITHIN;
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        // Nothing is ever sent: the wait ends when the last courier lets go of the other end.
        let ended = done.recv_timeout(until.saturating_duration_since(Instant::now()));
        ended == Err(mpsc::RecvTimeoutError::Disconnected)
    }
}

impl Drop for Notifier {
    fn drop(&mut self) {
        self.stop();
    }
}

#[derive(Default)]
struct Signal {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// How often somebody called.
    calls: u64,
    stopping: bool,
}

impl Signal {
    fn wake(&self, stop: bool) {
        let mut state = self.state();
        state.calls = state.calls.wrapping_add(1);
        state.stopping |= stop;
        drop(state);
        self.changed.notify_all();
    }

    fn work(&self, mut courier: Courier, clock: &dyn Clock) {
        let mut seen = self.state().calls;
        while !self.state().stopping {
            let next = courier.turn();
            let left = next.map(|at| Duration::from_millis(at.saturating_sub(clock.steady_ms())));
            let idle = |state: &mut State| state.calls == seen && !state.stopping;
            let wait = self.changed.wait_timeout_while(self.state(), left.unwrap_or(IDLE).min(IDLE), idle);
            seen = wait.unwrap_or_else(PoisonError::into_inner).0.calls;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// 53 random bits as a number in [0, 1).
fn jitter() -> f64 {
    (getrandom::u64().unwrap_or(1 << 63) >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests;
