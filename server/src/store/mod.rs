//! Where observations, states and events are kept, whatever keeps them.
//!
//! What was told goes into a journal first, in one transaction for all that arrived together; that is what a yes stands
//! for. From time to time the journal is folded: each service's state is put beside its observations, column by column,
//! and the journal begins anew. State is what was folded and the journal since, so a restart repeats the journal and is,
//! bit for bit, where it was.

#![expect(clippy::missing_errors_doc, reason = "whatever is asked of a store fails when the store does")]

pub mod chunk;
pub mod journal;
pub mod memory;
pub mod sqlite;

use std::{fmt, sync::Arc};

use crate::{
    event::Change,
    notify::{Alert, Outbox, quiet::Quiet},
    observation::Key,
    service::ServiceId,
};

/// What changes together or not at all.
#[derive(Debug, Default)]
pub struct Batch<'a> {
    /// Services that are new, with their numbers.
    pub services: Vec<(ServiceId, Arc<str>)>,
    /// Names of metrics that are new, with their service and position.
    pub series: Vec<(ServiceId, u32, Box<str>)>,
    /// Keys that were used, with a digest of what was told under them.
    pub keys: Vec<(Key, u64)>,
    /// An entry of the journal with its number.
    pub journal: Option<(u64, &'a [u8])>,
    /// What is put beside the journal.
    pub folds: Vec<Fold>,
    /// Entries of the journal up to this one are folded.
    pub folded: Option<u64>,
    /// What is announced.
    pub changes: Vec<Change>,
    /// Who is told of it.
    pub alerts: Vec<Alert>,
    /// For series, by name: until when they are not told of again, and what was held back; `None` to forget it.
    pub quiet: Vec<(String, Option<Quiet>)>,
    /// Observations ever taken, kept with what is folded.
    pub total: u64,
    /// When this is.
    pub now_ms: i64,
}

/// A service's state, and what was seen since it was folded before.
#[derive(Debug)]
pub struct Fold {
    /// Of which service.
    pub service: ServiceId,
    /// Its state.
    pub state: Vec<u8>,
    /// For each of its series what was seen, from the how-manieth measurement on.
    pub points: Vec<(u32, u64, Vec<crate::series::Point>)>,
}

/// What there was at the start.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Every service.
    pub services: Vec<(ServiceId, Box<str>)>,
    /// Every series, in order of its position.
    pub series: Vec<(ServiceId, Box<str>)>,
    /// Observations ever taken, without those in the journal.
    pub total: u64,
    /// The newest entry of the journal that was folded: the next one has a higher number, as states tell by it what they
    /// have taken in.
    pub folded: u64,
}

/// What is asked of the events.
#[derive(Clone, Debug)]
pub struct EventQuery {
    /// Of one service.
    pub service: Option<String>,
    /// Decided at or after this time.
    pub since_ms: Option<i64>,
    /// At most so many, the newest first.
    pub limit: usize,
}

/// Why something could not be stored.
#[derive(Debug)]
pub enum StoreError {
    /// The disk is full. Nothing of it was stored.
    Full,
    /// The disk did not do as it was told. Some of it may have been stored.
    Broken(anyhow::Error),
    /// What is on the disk is not what was put there.
    Damaged(anyhow::Error),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => f.write_str("the disk is full"),
            Self::Broken(error) => write!(f, "the store failed: {error:#}"),
            Self::Damaged(error) => write!(f, "the store is damaged: {error:#}"),
        }
    }
}

impl std::error::Error for StoreError {}

/// What keeps things. One thread writes; any number read what is committed.
pub trait Store: Send {
    /// What there was at the start, or after a failure.
    fn load(&mut self) -> Result<Loaded, StoreError>;

    /// Entries of the journal in order, each with its number.
    fn journal(&mut self) -> Result<Vec<(u64, Vec<u8>)>, StoreError>;

    /// Stores a batch whole, or not at all.
    fn commit(&mut self, batch: &Batch<'_>) -> Result<(), StoreError>;

    /// A service's state, as it was folded last.
    fn state(&mut self, service: ServiceId) -> Result<Option<Vec<u8>>, StoreError>;

    /// The digest of what was told under a key.
    fn content(&mut self, key: &Key) -> Result<Option<u64>, StoreError>;

    /// Whether a change of this id was announced.
    fn is_announced(&mut self, id: &str) -> Result<bool, StoreError>;

    /// Until when a series is not told of again.
    fn quiet(&mut self, series: &str) -> Result<Option<Quiet>, StoreError>;

    /// Series with something held back that is due now.
    fn held(&mut self, now_ms: i64) -> Result<Vec<(String, Quiet)>, StoreError>;

    /// Drops some of what is older than it need be; whether there is more.
    fn forget(&mut self, older: Older) -> Result<bool, StoreError>;

    /// After a failure: lets go of what failed and opens it again, checked as far as it can be opened at all.
    fn reopen(&mut self) -> Result<(), StoreError>;

    /// Puts what is damaged where it can be looked at, and begins anew with nothing.
    fn set_aside(&mut self) -> Result<(), StoreError>;

    /// The same for readers.
    fn reader(&self) -> Arc<dyn Reader>;
}

/// What is older than these may go.
#[derive(Clone, Copy, Debug)]
pub struct Older {
    /// Observations.
    pub points_ms: i64,
    /// Events.
    pub events_ms: i64,
    /// Keys.
    pub keys_ms: i64,
}

/// Reads what is committed.
pub trait Reader: Outbox {
    /// Events, the newest first.
    fn events(&self, query: &EventQuery) -> anyhow::Result<Vec<Change>>;

    /// What is folded of a series: its newest points, oldest first, and the number of the first.
    fn points(
        &self,
        service: ServiceId,
        series: u32,
        most: usize,
    ) -> anyhow::Result<(u64, Vec<crate::series::Point>)>;

    /// Bytes on disk.
    fn bytes(&self) -> anyhow::Result<u64>;
}
