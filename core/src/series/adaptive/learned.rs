//! What an adaptive detector has learned, and how a sample goes through it.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{
    cycle::Cycle,
    evidence::{Evidence, Tuning},
    history::History,
    judge::Incident,
    records::Records,
    reference::Reference,
    regime::Regime,
    season,
    whitening::{Prediction, Whitening},
};
use crate::{
    Sample,
    config::{AdaptiveConfig, Seasonality},
    event::Event,
    math,
    series::detect::Score,
    stats::quantile::quantile,
};

/// Values are standardised by the first so many.
const START: u64 = 32;
/// Nothing is judged against fewer innovations.
pub(super) const JUDGED: usize = 128;
/// No decoded number is larger: sums and products of some of them stay finite.
pub(super) const MOST: f64 = 1e155;
/// Standardised values beyond it are no further out.
pub(super) const FAR: f64 = 1e30;

/// The variance that ties leave to normal scores; until scores tell, little is taken for granted.
const TIED_AT_FIRST: f64 = 0.3;

/// How much is remembered.
pub(super) struct Room {
    pub(super) history: usize,
    pub(super) reference: usize,
    pub(super) recent: usize,
    /// Learning lags this many samples behind at most, and waits for so many if there is something suspicious.
    pub(super) lag: u64,
    pub(super) wait: u64,
}

const FULL: Room = Room { history: 4096, reference: 4096, recent: 512, lag: 512, wait: 2048 };
const COMPACT: Room = Room { history: 112, reference: 320, recent: 128, lag: 80, wait: 104 };

/// Everything that samples leave behind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Learned {
    /// Values are held less `center`, in units of `unit`.
    pub(super) center: f64,
    pub(super) unit: f64,
    pub(super) history: History,
    pub(super) cycle: Cycle,
    pub(super) whitening: Whitening,
    pub(super) reference: Reference,
    pub(super) evidence: Evidence,
    pub(super) records: Records,
    /// Innovations from the mean of the reference, by the number of their sample.
    pub(super) recent: Vec<f32>,
    /// The next sample to be learned, and samples that are not to be.
    pub(super) next: u64,
    pub(super) skip: Option<(u64, u64)>,
    pub(super) next_search: u64,
    /// The variance that normal scores have.
    pub(super) tied: f64,
    pub(super) regime: Option<Regime>,
    pub(super) incident: Option<Incident>,
    pub(super) newest: Option<Newest>,
    /// The last drift that was opened, or point anomaly.
    pub(super) alarm: Option<Event>,
    /// Silence was too long, and still is.
    pub(super) stale: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Newest {
    pub(super) at: f64,
    pub(super) value: f64,
    pub(super) prediction: Prediction,
    pub(super) score: Option<Score>,
    /// What there was to tell of it.
    pub(super) told: Option<Event>,
}

impl Learned {
    pub(super) fn new(config: &AdaptiveConfig) -> Self {
        let Room { history, reference, recent, .. } = *room(config);
        let period = match config.season {
            Seasonality::Given { period, .. } => Some(period),
            Seasonality::Auto | Seasonality::None => None,
        };
        Self {
            center: 0.0,
            unit: 1.0,
            history: History::new(history),
            cycle: Cycle::new(period),
            whitening: Whitening::new(),
            reference: Reference::new(reference),
            evidence: Evidence::new(),
            records: Records::default(),
            recent: alloc::vec![0.0; recent],
            next: 0,
            skip: None,
            next_search: season::LEAST as u64,
            tied: TIED_AT_FIRST,
            regime: None,
            incident: None,
            newest: None,
            alarm: None,
            stale: false,
        }
    }

    pub(super) fn take(&mut self, config: &AdaptiveConfig, value: f64, at: f64) -> Option<Event> {
        let room = room(config);
        let standard = ((value - self.center) / self.unit).clamp(-FAR, FAR);
        self.history.push(standard, at, room.history);
        let number = self.history.total() - 1;
        if number + 1 < START {
            let prediction = Prediction { value: standard, spread: 1.0 };
            self.newest = Some(Newest { at, value, prediction, score: None, told: None });
            return None;
        }
        if number + 1 == START {
            self.begin(config);
        }
        let found = self.search(config, at);
        let standard = self.history.get(number).0;
        let features = Whitening::features(&self.history, &self.cycle, number);
        let prediction = self.whitening.predict(&features);
        let innovation = self.whitening.innovation(standard, prediction);
        self.whitening.notice(standard - prediction.value);
        self.newest = Some(Newest { at, value, prediction, score: None, told: None });
        let record = self.records.take(standard, innovation, config.arl0);
        let event = if self.reference.len() >= JUDGED {
            self.judge(config, number, &features, innovation, record)
        } else {
            None
        };
        if self.incident.is_none() && self.regime.is_none() {
            self.learn(config);
        }
        found.or(event)
    }

    /// Standardises what was held as it came, and learns it.
    pub(super) fn begin(&mut self, config: &AdaptiveConfig) {
        let mut ordered = self.history.values();
        ordered.sort_unstable_by(f64::total_cmp);
        let at = |share| quantile(&ordered, share).unwrap_or(0.0);
        self.center = at(0.5);
        // Half of the middle two thirds, or a sixth of all, is one standard deviation of normal values.
        let middle = 0.5 * at(0.8413) - 0.5 * at(0.1587);
        let all = at(1.0) / 6.0 - at(0.0) / 6.0;
        let least = 1e-9 * self.center.abs();
        let unit = [middle, all, least].into_iter().fold(0.0, |most, x| if x > most { x } else { most });
        self.unit = if unit > 0.0 { unit } else { 1.0 };
        self.history.standardise(self.center, self.unit);
        if let Seasonality::Given { cycle: Some(cycle), .. } = config.season {
            self.cycle.watch(cycle, self.history.interval());
        }
        self.rebuild(room(config), 0, 0);
    }

    /// Starts learning from the samples that are held, from one on but for the newest `lag`.
    pub(super) fn rebuild(&mut self, room: &Room, from: u64, lag: u64) {
        let until = self.history.total() - lag;
        let Self { whitening, reference, history, cycle, .. } = self;
        reference.clear();
        whitening.rebuild(history, cycle, from..until, |innovation| {
            reference.push(innovation, room.reference);
        });
        reference.refresh();
        self.next = until;
        self.skip = None;
        self.regime = None;
        self.tied = TIED_AT_FIRST;
        self.evidence = Evidence::new();
        self.evidence.restart(self.history.total());
        self.tune();
    }

    /// Learns a sample or two of those that were long enough ago to be above suspicion.
    pub(super) fn learn(&mut self, config: &AdaptiveConfig) {
        let room = room(config);
        let total = self.history.total();
        let waits = if self.evidence.is_suspicious() { room.wait } else { lag(room, total) };
        for _ in 0..2 {
            if let Some((first, next)) = self.skip
                && self.next >= first
            {
                self.next = self.next.max(next);
                self.skip = None;
            }
            self.next = self.next.max(self.history.first());
            if total - self.next <= waits {
                return;
            }
            let features = Whitening::features(&self.history, &self.cycle, self.next);
            let (value, at) = self.history.get(self.next);
            let lesson = self.whitening.learn(&features, value);
            self.reference.push(lesson.innovation, room.reference);
            if lesson.moved != 0.0 {
                self.reference.shift(lesson.moved);
            }
            if self.cycle.longer.is_some() {
                self.cycle.learn(at, lesson.rest, self.history.interval());
            }
            if lesson.refitted {
                self.tune();
            }
            self.next += 1;
        }
    }

    pub(super) fn tune(&mut self) {
        let known = (self.reference.len() as f64).min(self.whitening.weight()).max(1.0);
        let error = 1.0 / math::sqrt(known);
        self.evidence.tune(Tuning::new(self.whitening.response, error, self.tied));
    }

    /// Gives decoded buffers the room that new ones have, so that no later sample allocates.
    pub(super) fn reserve(&mut self, room: &Room) {
        self.history.reserve(room.history);
        self.reference.reserve(room.reference);
    }

    /// Whether a decoded state is one that there can be.
    pub(super) fn is_sane(&self, config: &AdaptiveConfig) -> bool {
        let room = room(config);
        let incident = self.incident.is_none_or(|incident| incident.is_sane(self.history.total()));
        let newest = self.newest.is_none_or(|newest| {
            Sample::new(newest.at, newest.value).usable().is_some()
                && newest.prediction.value.abs() <= MOST
                && (1e-3..=1e3).contains(&newest.prediction.spread)
                && newest.score.is_none_or(|score| score.is_sane())
                && newest.told.is_none_or(|event| event.is_sane())
        });
        self.center.abs() <= MOST
            && self.unit > 0.0
            && self.unit <= MOST
            && self.history.is_sane(room.history)
            && self.cycle.is_sane()
            && self.whitening.is_sane()
            && self.reference.is_sane(room.reference)
            && self.evidence.is_sane()
            && self.records.is_sane()
            && self.recent.len() == room.recent
            && self.recent.iter().all(|value| value.is_finite())
            && self.next <= self.history.total()
            && self.skip.is_none_or(|(first, next)| first <= next && next <= self.history.total())
            && (0.0..=16.0).contains(&self.tied)
            && self.regime.is_none_or(|regime| regime.is_sane())
            && self.alarm.is_none_or(|event| event.is_sane())
            && incident
            && newest
    }
}

pub(super) fn room(config: &AdaptiveConfig) -> &'static Room {
    if config.compact { &COMPACT } else { &FULL }
}

/// How many samples learning lags behind.
pub(super) fn lag(room: &Room, total: u64) -> u64 {
    room.lag.min(total / 4)
}
