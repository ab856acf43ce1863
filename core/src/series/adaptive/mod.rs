//! The adaptive detector: one configuration for any metric, whose only knob is how often it may cry wolf.
//!
//! ```text
//! sample -> whitening -> reference (normal score) -> evidence -> line -> event
//!              ^             ^                          |
//!              +--- learning lags behind, and waits ----+
//! ```
//! It is a corridor of its own, beside [`Monitor`](crate::Monitor): here the baseline learns only what the detector has let
//! pass, and after an alarm the detector goes on against a baseline of its own making. docs/algorithms.md says why each
//! part is there and what it gains.
//!
//! # Sees
//! Shifts of the level from a quarter of a standard deviation on, wider and narrower spread, either within a season and
//! through autocorrelation; and single values or short runs far out of the range so far.
//!
//! # Blind to
//! What changes within the first few hundred samples; the shape of a distribution that keeps mean and spread; a trend so
//! slow that it stays within what is learned.
//!
//! # Parameters
//! `arl0` the budget of false alarms, `season`, `direction`, `compact`, `adopt_after`.
//!
//! # Cost
//! At most 128 KB, in the compact mode 8 KB. A sample costs some hundred multiplications and two binary searches; coefficients are
//! solved for every 32 samples, the reference is sorted every 64. The search for a season takes time in proportion to the 4,096
//! samples that are held, at 200 samples, at each quarter more, and every 4,096 samples in the end.
//!
//! # References
//! M. Pollak, *Annals of Statistics* 13 (1985), for the Shiryaev-Roberts statistic; A. N. Shiryaev (1963). L. Breiman,
//! *Technometrics* 37 (1995), for the garrote. J. R. M. Hosking and J. R. Wallis, *Technometrics* 29 (1987), for the tails.

mod cycle;
mod evidence;
mod excess;
mod history;
mod judge;
mod learned;
mod records;
mod reference;
mod regime;
mod search;
mod season;
mod whitening;

use alloc::vec::Vec;

use self::learned::{JUDGED, Learned, Newest, room};
use super::{detect::Score, monitor::Verdict};
use crate::{
    Error, Sample,
    config::AdaptiveConfig,
    decide::{Cause, State},
    event::{Event, Kind},
    snapshot,
};

/// Finds drifts and point anomalies in any series, at the pace of false alarms that is asked for.
///
/// ```
/// use drift_sre::{Adaptive, AdaptiveConfig, Aspect, Sample};
///
/// let mut adaptive = Adaptive::new(AdaptiveConfig::default())?;
/// let noise = |t: u32| f64::from(t.wrapping_mul(2_654_435_769) >> 16) / 65_536.0;
/// let mut alarms = (0..3000).filter_map(|t| {
///     let value = noise(t) + if t < 2000 { 10.0 } else { 10.5 };
///     adaptive.update(Sample::new(f64::from(t), value)).event
/// });
/// let event = alarms.next().expect("a shift by nearly two standard deviations");
/// assert_eq!(event.aspect, Aspect::Level);
/// assert!((1998.0..=2002.0).contains(&event.onset) && event.at < 2015.0);
/// # Ok::<(), drift_sre::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Adaptive {
    config: AdaptiveConfig,
    learned: Learned,
}

impl Adaptive {
    /// A detector that has seen nothing.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] names the first setting that cannot be.
    pub fn new(config: AdaptiveConfig) -> Result<Self, Error> {
        config.validate()?;
        let learned = Learned::new(&config);
        Ok(Self { config, learned })
    }

    /// Takes one sample. A gap or an unusable value gets a verdict too, and changes no bit of what was learned.
    pub fn update(&mut self, sample: Sample) -> Verdict {
        let Some(value) = sample.usable() else {
            return Verdict { state: self.state(), score: None, event: None };
        };
        let silence = self.advance(sample.at);
        self.learned.stale = false;
        let event = self.learned.take(&self.config, value, sample.at).or(silence);
        if event.is_some_and(|event| event.kind != Kind::Closed) {
            self.learned.alarm = event;
        }
        let newest = self.learned.newest.as_mut();
        let score = newest.and_then(|newest| {
            newest.told = event;
            newest.score
        });
        Verdict { state: self.state(), score, event }
    }

    /// Time passes without a sample: past `idle_secs` the series goes stale, which closes its drift. Times before the
    /// newest sample, or not finite, say nothing.
    pub fn advance(&mut self, at: f64) -> Option<Event> {
        let (idle, newest) = (self.config.idle_secs?, self.learned.newest?);
        if !at.is_finite() || at - newest.at <= idle || self.learned.stale {
            return None;
        }
        self.learned.stale = true;
        self.learned.close(Cause::NoData, at)
    }

    /// Where the series stands.
    #[must_use]
    pub fn state(&self) -> State {
        let learned = &self.learned;
        if learned.stale {
            State::Stale
        } else if learned.incident.is_some() {
            State::Drifting
        } else if learned.reference.len() < JUDGED {
            State::WarmingUp
        } else if learned.evidence.is_suspicious() {
            State::Warning
        } else {
            State::InControl
        }
    }

    /// The score of the newest usable sample; `None` in the warm-up.
    #[must_use]
    pub fn score(&self) -> Option<Score> {
        self.learned.newest?.score
    }

    /// What there was to tell of the newest usable sample.
    #[must_use]
    pub fn event(&self) -> Option<Event> {
        self.learned.newest?.told
    }

    /// The last drift that was opened, or point anomaly: what it was, and since when.
    #[must_use]
    pub fn alarm(&self) -> Option<Event> {
        self.learned.alarm
    }

    /// The level that values return to by themselves, season included, in the metric's own unit; `None` in the warm-up.
    #[must_use]
    pub fn level(&self) -> Option<f64> {
        self.score()?;
        Some(self.learned.level())
    }

    /// Whether the newest usable sample raised an alarm, for a drift or for itself.
    #[must_use]
    pub fn drift_detected(&self) -> bool {
        self.event().is_some_and(|event| event.kind != Kind::Closed)
    }

    /// Usable samples seen since the start or the last reset.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.learned.history.total()
    }

    /// The time of the newest usable sample.
    #[must_use]
    pub fn newest(&self) -> Option<f64> {
        Some(self.learned.newest?.at)
    }

    /// The period of the season, in the unit of the samples' times, if one is known.
    #[must_use]
    pub fn period(&self) -> Option<f64> {
        self.learned.cycle.period
    }

    /// Between what bounds the newest usable sample was expected, in the metric's own unit: all but 27 of 10,000 lie within.
    /// `None` in the warm-up.
    #[must_use]
    pub fn band(&self) -> Option<(f64, f64)> {
        const OUTSIDE: f64 = 0.00135;
        let Learned { center, unit, reference, incident, newest, whitening, .. } = &self.learned;
        let Newest { prediction, score, .. } = (*newest)?;
        score?;
        // What is normal, while a drift is open, is what was so before it.
        let away = incident.map_or(0.0, |incident| incident.away * whitening.response.settled);
        let bound = |share| {
            let out = prediction.spread * (reference.quantile(share) - reference.mean);
            center + unit * (prediction.value - away + out)
        };
        Some((bound(OUTSIDE), bound(1.0 - OUTSIDE)))
    }

    /// Declares the present level normal: closes an open drift; else does nothing.
    pub fn accept(&mut self) -> Option<Event> {
        let learned = &mut self.learned;
        let newest = learned.newest?;
        if learned.incident.is_some() {
            learned.adopt(&self.config);
        }
        learned.close(Cause::Accepted, newest.at)
    }

    /// Forgets all it has seen, and closes an open drift.
    pub fn reset(&mut self) -> Option<Event> {
        let newest = self.learned.newest;
        let event = newest.and_then(|newest| self.learned.close(Cause::Reset, newest.at));
        self.learned = Learned::new(&self.config);
        event
    }

    /// Changes settings from the next sample on. What was learned stays.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] names the first setting that cannot be, [`Error::SnapshotMismatch`] says that another season or
    /// size cannot go on from what was learned. Nothing is changed then.
    pub fn reconfigure(&mut self, config: AdaptiveConfig) -> Result<(), Error> {
        config.validate()?;
        if config.season != self.config.season || config.compact != self.config.compact {
            return Err(Error::SnapshotMismatch);
        }
        self.config = config;
        Ok(())
    }

    /// The settings it runs with.
    #[must_use]
    pub fn config(&self) -> &AdaptiveConfig {
        &self.config
    }

    /// Settings and state as bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        snapshot::seal(snapshot::Kind::Adaptive, &(&self.config, &self.learned))
    }

    /// The detector that [`Adaptive::to_bytes`] wrote, which goes on bit for bit.
    ///
    /// # Errors
    /// The snapshot errors of [`Error`]; bytes of any origin are safe to try.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let (config, mut learned): (AdaptiveConfig, Learned) =
            snapshot::open(snapshot::Kind::Adaptive, bytes)?;
        config.validate().map_err(|_| Error::SnapshotCorrupt)?;
        if !learned.is_sane(&config) {
            return Err(Error::SnapshotCorrupt);
        }
        learned.reserve(room(&config));
        Ok(Self { config, learned })
    }
}
