//! All series of one service, and the state that is told of it as a whole.

use drift_sre::{Event, Kind, MonitorConfig, State};
use serde::{Deserialize, Serialize};

use crate::{
    compress,
    event::{Change, Metadata},
    observation::{Definition, What},
    series::{Series, Stored},
};

/// Where a service stands, in the words of its interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Health {
    /// Its baseline is not learned yet.
    #[default]
    InsufficientData,
    /// As it should be.
    Stable,
    /// One of its metrics drifts.
    DriftDetected,
}

/// States are written over and over, and are not what fills the disk.
const LEVEL: i32 = 1;
/// More than any state takes.
const LARGEST: usize = 1 << 30;

/// The number of a service.
pub type ServiceId = u32;

/// A service in memory.
#[derive(Debug)]
pub struct Service {
    pub(crate) id: ServiceId,
    pub(crate) series: Vec<Series>,
    pub(crate) health: Health,
    /// When it was first told of, in milliseconds.
    pub(crate) created_ms: i64,
    /// When it came to stand where it stands, in milliseconds.
    pub(crate) since_ms: i64,
    /// What is known of that.
    pub(crate) metadata: Metadata,
    /// The newest entry of the journal that it has taken in.
    pub(crate) applied: u64,
    /// The same, when its state was last put on disk.
    pub(crate) folded: u64,
    /// When it was last told anything, as a count of batches.
    pub(crate) used: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct StoredService {
    series: Vec<Stored>,
    health: Health,
    created_ms: i64,
    since_ms: i64,
    metadata: String,
    applied: u64,
}

impl Service {
    pub(crate) fn new(id: ServiceId) -> Self {
        Self {
            id,
            series: vec![],
            health: Health::default(),
            created_ms: 0,
            since_ms: 0,
            metadata: Metadata::newly_tracked(),
            applied: 0,
            folded: 0,
            used: 0,
        }
    }

    /// The position of a series, which is made if it is new.
    pub(crate) fn position(
        &mut self,
        definition: &Definition,
        telemetry: &MonitorConfig,
    ) -> Result<usize, drift_sre::Error> {
        let found = self.series.iter().position(|series| series.definition.metric == definition.metric);
        if let Some(position) = found {
            return Ok(position);
        }
        self.series.push(Series::new(definition.clone(), telemetry)?);
        Ok(self.series.len() - 1)
    }

    /// Takes in what happened; what is to be announced of it is added to `changes`.
    pub(crate) fn apply(
        &mut self,
        name: &str,
        at_ms: i64,
        what: &What,
        telemetry: &MonitorConfig,
        changes: &mut Vec<Change>,
    ) -> Result<(), drift_sre::Error> {
        if self.created_ms == 0 {
            (self.created_ms, self.since_ms) = (at_ms, at_ms);
        }
        match what {
            What::Telemetry { latency_ms, payload_kb } => {
                for (definition, value) in [(&*LATENCY, *latency_ms), (&*PAYLOAD, *payload_kb)] {
                    self.update(name, at_ms, definition, value, telemetry, changes)?;
                }
            }
            What::Gauge(gauge) => {
                self.update(name, at_ms, &gauge.definition, gauge.value, telemetry, changes)?;
            }
            What::Accept | What::Reset => self.command(name, at_ms, what, changes),
        }
        Ok(())
    }

    fn update(
        &mut self,
        name: &str,
        at_ms: i64,
        definition: &Definition,
        value: f64,
        telemetry: &MonitorConfig,
        changes: &mut Vec<Change>,
    ) -> Result<(), drift_sre::Error> {
        let position = self.position(definition, telemetry)?;
        let series = &mut self.series[position];
        let before = series.state();
        let verdict = series.update(at_ms, value);
        if let Some(event) = verdict.event {
            self.announce(name, at_ms, position, event, changes);
        } else if before != verdict.state && before == State::WarmingUp {
            let ready = Metadata::baseline_established(&self.series[position]);
            self.turn(name, at_ms, position, ready, changes);
        }
        Ok(())
    }

    fn announce(&mut self, name: &str, at_ms: i64, position: usize, event: Event, changes: &mut Vec<Change>) {
        let metadata = match event.kind {
            Kind::Closed => Metadata::closed(&event, &self.series[position]),
            Kind::Opened | Kind::Outlier => Metadata::opened(&event, &self.series, position),
        };
        let previous = self.health;
        self.settle(at_ms, &metadata);
        changes.push(Change::drift(
            name,
            &self.series[position],
            &event,
            at_ms,
            [previous, self.health],
            metadata,
        ));
    }

    /// A change that no monitor announces: a baseline is there, or was declared void.
    fn turn(
        &mut self,
        name: &str,
        at_ms: i64,
        position: usize,
        metadata: Metadata,
        changes: &mut Vec<Change>,
    ) {
        let previous = self.health;
        self.settle(at_ms, &metadata);
        if previous != self.health {
            let series = &self.series[position];
            changes.push(Change::turn(name, series, at_ms, [previous, self.health], metadata));
        }
    }

    /// Works out the service's own state anew.
    fn settle(&mut self, at_ms: i64, metadata: &Metadata) {
        let is = |state| self.series.iter().any(|series| series.state() == state);
        let health = if is(State::Drifting) {
            Health::DriftDetected
        } else if is(State::InControl) || is(State::Warning) {
            Health::Stable
        } else {
            Health::InsufficientData
        };
        if health != self.health {
            self.since_ms = at_ms;
            self.health = health;
            self.metadata = metadata.clone();
        }
    }

    fn command(&mut self, name: &str, at_ms: i64, what: &What, changes: &mut Vec<Change>) {
        for position in 0..self.series.len() {
            let series = &mut self.series[position];
            let event = if *what == What::Accept { series.accept() } else { series.reset() };
            if let Some(event) = event {
                self.announce(name, at_ms, position, event, changes);
            }
        }
        if *what == What::Reset && !self.series.is_empty() {
            self.turn(name, at_ms, 0, Metadata::manual_reset(), changes);
        }
    }

    /// Points that are in the journal alone.
    pub(crate) fn pending(&self) -> usize {
        self.series.iter().map(|series| series.pending.len()).sum()
    }

    /// About how many bytes it takes.
    pub(crate) fn weight(&self) -> usize {
        size_of::<Self>() + 256 + self.series.iter().map(Series::weight).sum::<usize>()
    }

    /// Its state as bytes.
    pub(crate) fn store(&self) -> anyhow::Result<Vec<u8>> {
        let stored = StoredService {
            series: self.series.iter().map(Series::store).collect(),
            health: self.health,
            created_ms: self.created_ms,
            since_ms: self.since_ms,
            metadata: serde_json::to_string(&self.metadata)?,
            applied: self.applied,
        };
        Ok(compress::pack(&postcard::to_stdvec(&stored)?, LEVEL)?)
    }

    /// The service whose state these bytes are.
    pub(crate) fn revive(id: ServiceId, bytes: &[u8], telemetry: &MonitorConfig) -> anyhow::Result<Self> {
        let bytes = compress::unpack(bytes, LARGEST)?;
        let stored: StoredService = postcard::from_bytes(&bytes)?;
        let series = stored.series.into_iter().map(|series| Series::revive(series, telemetry));
        Ok(Self {
            id,
            series: series.collect::<Result<_, _>>()?,
            health: stored.health,
            created_ms: stored.created_ms,
            since_ms: stored.since_ms,
            metadata: serde_json::from_str(&stored.metadata)?,
            applied: stored.applied,
            folded: stored.applied,
            used: 0,
        })
    }
}

static LATENCY: std::sync::LazyLock<Definition> = std::sync::LazyLock::new(Definition::latency);
static PAYLOAD: std::sync::LazyLock<Definition> = std::sync::LazyLock::new(Definition::payload);
