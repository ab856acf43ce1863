//! The one thread that owns what was learned: it stores what is told, then learns from it, then says yes.
//!
//! All that waits is stored in one transaction, so the disk is waited for once, however many wait. What is announced of
//! it is stored in a second one, before the yes as well. A crash between the two loses nothing: what is in the journal is
//! learned from again at the start, and gives the same events with the same ids.

mod announce;
mod directory;
mod fold;
mod keep;
mod queue;

use std::{
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::Result;
use hashbrown::{HashMap, hash_map::Entry};

pub use self::{
    announce::Announcer,
    queue::{Intake, Refused},
};
use self::{
    directory::Directory,
    queue::{Command, Submission},
};
use crate::{
    config::Config,
    event::Change,
    observation::{Observation, What},
    registry::Registry,
    service::ServiceId,
    status::Status,
    store::{Batch, Store, StoreError, journal},
    time::now_ms,
};

/// What became of one observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is stored, and learned from.
    Accepted,
    /// It was taken before, under the same key.
    Duplicate,
    /// Something else was taken before under the same key.
    KeyReused,
    /// Its series would be one too many.
    StreamLimit,
    /// There is nothing of this name to do this to.
    NotTracked,
    /// The disk is full.
    DiskFull,
    /// The disk failed.
    StoreFailed,
}

/// Starts and stops the thread.
#[derive(Debug)]
pub struct Engine {
    intake: Intake,
    thread: Option<JoinHandle<()>>,
}

impl Engine {
    /// Brings back what was stored, and begins to take observations.
    ///
    /// # Errors
    /// Says what is wrong with the store.
    pub fn start(
        config: &Config,
        store: Box<dyn Store>,
        registry: Arc<Registry>,
        status: Arc<Status>,
        announcer: Announcer,
    ) -> Result<Self> {
        let (intake, commands) = Intake::new(config.limits.queue_bytes);
        let mut worker = Worker::new(config.clone(), store, registry, status, announcer);
        worker.begin()?;
        let thread = thread::Builder::new().name("engine".into()).spawn(move || worker.run(&commands))?;
        Ok(Self { intake, thread: Some(thread) })
    }

    /// The way in.
    #[must_use]
    pub fn intake(&self) -> &Intake {
        &self.intake
    }

    /// Puts everything on disk.
    pub fn stop(mut self) {
        self.intake.stop();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Observations that are stored in one go.
const TOGETHER: usize = 16_384;
const TICK: Duration = Duration::from_millis(500);
/// Where so many were stored together, as many are on their way again, and a moment's wait lets them share one
/// transaction instead of two. Whoever comes alone is not kept waiting.
const CROWD: usize = 8;
const MOMENT: Duration = Duration::from_micros(500);

struct Worker {
    config: Config,
    store: Box<dyn Store>,
    registry: Arc<Registry>,
    status: Arc<Status>,
    announcer: Announcer,
    directory: Directory,
    journal: journal::Writer,
    /// The newest entry of the journal.
    entry: u64,
    unfolded: fold::Journal,
    /// When it was begun to be folded last, and what is left of that.
    folded_at: Instant,
    folding: Option<fold::Folding>,
    /// About how much memory services take.
    weight: usize,
    /// Batches taken, as a clock for what is in use.
    batches: u64,
    /// Submissions that were stored together last.
    together: usize,
    total: u64,
    /// What is to be announced as soon as it can be stored.
    changes: Vec<Change>,
    /// The store failed, and is to be opened again.
    failed: bool,
}

impl Worker {
    fn new(
        config: Config,
        store: Box<dyn Store>,
        registry: Arc<Registry>,
        status: Arc<Status>,
        announcer: Announcer,
    ) -> Self {
        let directory = Directory::new(crate::store::Loaded::default(), config.limits.series);
        Self {
            config,
            store,
            registry,
            status,
            announcer,
            directory,
            journal: journal::Writer::default(),
            entry: 0,
            unfolded: fold::Journal::default(),
            folded_at: Instant::now(),
            folding: None,
            weight: 0,
            batches: 0,
            together: 0,
            total: 0,
            changes: vec![],
            failed: false,
        }
    }

    fn run(mut self, commands: &mpsc::Receiver<Command>) {
        let mut ticked = Instant::now();
        loop {
            let patience =
                if self.is_folding() { Duration::ZERO } else { TICK.saturating_sub(ticked.elapsed()) };
            match commands.recv_timeout(patience) {
                Ok(first) => {
                    if !self.serve(first, commands) {
                        break;
                    }
                }
                Err(mpsc::RecvTimeoutError::Timeout) if self.is_folding() => {
                    self.fold_some();
                }
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
            }
            if ticked.elapsed() >= TICK {
                self.tick();
                ticked = Instant::now();
            }
        }
        self.fold_all();
    }

    /// Carries out commands that wait; whether to go on.
    fn serve(&mut self, first: Command, commands: &mpsc::Receiver<Command>) -> bool {
        if self.together >= CROWD {
            thread::sleep(MOMENT);
        }
        let mut submissions = vec![];
        let (mut count, mut next) = (0, Some(first));
        let mut go_on = true;
        while let Some(command) = next {
            match command {
                Command::Take(submission) => {
                    count += submission.observations.len();
                    submissions.push(submission);
                }
                Command::Revive(name, reply) => {
                    let _ = reply.send(self.revive(&name));
                }
                Command::Stop => {
                    go_on = false;
                    break;
                }
            }
            next = if count < TOGETHER { commands.try_recv().ok() } else { None };
        }
        self.together = submissions.len();
        if !submissions.is_empty() {
            self.take(submissions);
        }
        go_on
    }

    /// Stores what is told, learns from it, and answers.
    fn take(&mut self, submissions: Vec<Submission>) {
        if self.failed {
            self.recover_if_possible();
        }
        self.batches += 1;
        let mut batch = Batch { now_ms: now_ms(), ..Batch::default() };
        self.journal.clear();
        let mut fresh = HashMap::new();
        let mut accepted = vec![];
        let mut answers = vec![];
        for (index, submission) in submissions.iter().enumerate() {
            let mut outcomes = Vec::with_capacity(submission.observations.len());
            for (place, observation) in submission.observations.iter().enumerate() {
                let admitted = self.admit(observation, &mut batch, &mut fresh);
                outcomes.push(match admitted {
                    Ok((id, name)) => {
                        accepted.push((index, place, id, name));
                        Outcome::Accepted
                    }
                    Err(outcome) => outcome,
                });
            }
            answers.push(outcomes);
        }
        if !accepted.is_empty() {
            match self.note(batch, accepted.len()) {
                Ok(()) => {
                    for (index, place, id, name) in accepted {
                        let Observation { at_ms, what, .. } = &submissions[index].observations[place];
                        if let Err(error) = self.apply(self.entry, id, &name, *at_ms, what) {
                            // It is in the journal, which is repeated as soon as the store answers again.
                            tracing::error!(%error, service = &*name, "its state could not be read");
                            self.fail(&error);
                        }
                    }
                    self.announce();
                }
                Err(outcome) => {
                    for (index, place, _, _) in accepted {
                        answers[index][place] = outcome;
                    }
                }
            }
        }
        for (submission, outcomes) in submissions.into_iter().zip(answers) {
            self.status.count(&outcomes);
            // Whoever asked may be gone by now.
            let _ = submission.reply.send(outcomes);
        }
        self.keep_within_bounds();
    }

    /// Whether an observation can be taken; if so it is in the batch.
    fn admit(
        &mut self,
        observation: &Observation,
        batch: &mut Batch<'_>,
        fresh: &mut HashMap<crate::observation::Key, u64>,
    ) -> Result<(ServiceId, Arc<str>), Outcome> {
        if self.failed {
            return Err(Outcome::StoreFailed);
        }
        if let Some(once) = observation.once {
            let known = match fresh.get(&once.key) {
                Some(content) => Some(*content),
                None => self.store.content(&once.key).map_err(|_| Outcome::StoreFailed)?,
            };
            match known {
                Some(content) if content == once.content => return Err(Outcome::Duplicate),
                Some(_) => return Err(Outcome::KeyReused),
                None => {}
            }
        }
        let commands = matches!(observation.what, What::Accept | What::Reset);
        if commands && self.directory.find(&observation.service).is_none() {
            return Err(Outcome::NotTracked);
        }
        let (id, name) = self.directory.admit(observation, batch).map_err(|_| Outcome::StreamLimit)?;
        self.journal.add(id, observation.at_ms, &observation.what).map_err(|_| Outcome::StoreFailed)?;
        if let Some(once) = observation.once {
            fresh.insert(once.key, once.content);
            batch.keys.push((once.key, once.content));
        }
        Ok((id, name))
    }

    /// Makes a batch an entry of the journal. From here on it is true.
    fn note(&mut self, batch: Batch<'_>, count: usize) -> Result<(), Outcome> {
        let (entry, total) = (self.entry + 1, self.total + count as u64);
        let batch = Batch { journal: Some((entry, self.journal.bytes())), ..batch };
        if let Err(error) = self.store.commit(&batch) {
            self.directory.undo(&batch);
            tracing::error!(%error, count, "observations were refused");
            return Err(self.fail(&error));
        }
        self.status.set_full(false);
        self.unfolded.bytes += self.journal.bytes().len();
        (self.entry, self.total) = (entry, total);
        self.status.set_totals(total, self.directory.services(), self.directory.series());
        Ok(())
    }

    /// What a failure of the store means for those who wait.
    fn fail(&mut self, error: &StoreError) -> Outcome {
        match error {
            StoreError::Full => {
                self.status.set_full(true);
                Outcome::DiskFull
            }
            StoreError::Broken(_) | StoreError::Damaged(_) => {
                self.failed = true;
                self.status.set_failed(true);
                Outcome::StoreFailed
            }
        }
    }

    /// Learns from an observation that is stored.
    fn apply(
        &mut self,
        entry: u64,
        id: ServiceId,
        name: &Arc<str>,
        at_ms: i64,
        what: &What,
    ) -> Result<(), StoreError> {
        let mut shard = self.registry.shard(name);
        let service = match shard.entry(Arc::clone(name)) {
            Entry::Occupied(place) => place.into_mut(),
            Entry::Vacant(place) => {
                let service = keep::bring(&mut *self.store, id, name, &self.config.telemetry)?;
                self.weight += service.weight();
                place.insert(service)
            }
        };
        if entry <= service.folded {
            // Its state was put on disk after this, and is being brought back with the journal.
            return Ok(());
        }
        service.used = self.batches;
        service.applied = entry;
        if let Err(error) = service.apply(name, at_ms, what, &self.config.telemetry, &mut self.changes) {
            tracing::error!(%error, service = &**name, "a series could not be made");
        }
        self.unfolded.points += 2;
        Ok(())
    }
}
