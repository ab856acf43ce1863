//! The way in: observations wait here, bounded by their bytes, until they are stored.

use std::sync::{Arc, mpsc};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError, oneshot};

use super::Outcome;
use crate::observation::Observation;

/// What the engine is asked to do.
#[derive(Debug)]
pub(super) enum Command {
    /// Take observations.
    Take(Submission),
    /// Bring a service into memory, if there is one of this name.
    Revive(Box<str>, oneshot::Sender<bool>),
    /// Put everything on disk and stop.
    Stop,
}

/// Observations that arrived together.
#[derive(Debug)]
pub(super) struct Submission {
    pub(super) observations: Vec<Observation>,
    pub(super) reply: oneshot::Sender<Vec<Outcome>>,
    /// Their place in the queue, given back when they are stored.
    pub(super) _room: OwnedSemaphorePermit,
}

/// Hands observations to the engine.
#[derive(Clone, Debug)]
pub struct Intake {
    commands: mpsc::Sender<Command>,
    room: Arc<Semaphore>,
    capacity: usize,
}

/// Why observations were not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Too many wait already.
    Full,
    /// The server is stopping.
    Stopping,
}

/// Bytes that one unit of room stands for, as there are only so many units.
const UNIT: usize = 64;

impl Intake {
    pub(super) fn new(bytes: usize) -> (Self, mpsc::Receiver<Command>) {
        let (commands, receiver) = mpsc::channel();
        let capacity = (bytes / UNIT).clamp(1, Semaphore::MAX_PERMITS);
        (Self { commands, room: Arc::new(Semaphore::new(capacity)), capacity }, receiver)
    }

    /// Takes observations if there is room; the answer comes when they are stored.
    ///
    /// # Errors
    /// [`Refused::Full`] at once if there is no room.
    pub fn submit(&self, observations: Vec<Observation>) -> Result<oneshot::Receiver<Vec<Outcome>>, Refused> {
        let units = self.units(&observations);
        let room = Arc::clone(&self.room).try_acquire_many_owned(units).map_err(|error| match error {
            TryAcquireError::NoPermits => Refused::Full,
            TryAcquireError::Closed => Refused::Stopping,
        })?;
        self.send(observations, room)
    }

    /// The same, waiting for room: for streams, whose sender is slowed down so.
    ///
    /// # Errors
    /// [`Refused::Stopping`] if there will not be any.
    pub async fn submit_when_free(
        &self,
        observations: Vec<Observation>,
    ) -> Result<oneshot::Receiver<Vec<Outcome>>, Refused> {
        let units = self.units(&observations);
        let room = Arc::clone(&self.room).acquire_many_owned(units).await.map_err(|_| Refused::Stopping)?;
        self.send(observations, room)
    }

    /// Whether a service of this name is in memory now, after bringing it there if there is one.
    pub async fn revive(&self, name: &str) -> bool {
        let (reply, answer) = oneshot::channel();
        self.commands.send(Command::Revive(name.into(), reply)).is_ok() && answer.await.unwrap_or(false)
    }

    /// Takes nothing more; what was taken is stored.
    pub fn stop(&self) {
        self.room.close();
        let _ = self.commands.send(Command::Stop);
    }

    /// Bytes that wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        (self.capacity - self.room.available_permits()) * UNIT
    }

    fn units(&self, observations: &[Observation]) -> u32 {
        let bytes: usize = observations.iter().map(Observation::weight).sum();
        u32::try_from(bytes.div_ceil(UNIT).min(self.capacity)).unwrap_or(u32::MAX)
    }

    fn send(
        &self,
        observations: Vec<Observation>,
        room: OwnedSemaphorePermit,
    ) -> Result<oneshot::Receiver<Vec<Outcome>>, Refused> {
        let (reply, answer) = oneshot::channel();
        let submission = Submission { observations, reply, _room: room };
        self.commands.send(Command::Take(submission)).map_err(|_| Refused::Stopping)?;
        Ok(answer)
    }
}
