//! The corridor itself, for one series: sample -> residual -> score -> decision -> event.

use alloc::vec::Vec;

use super::{
    baseline::{self, Reference, Yardstick},
    dating::{Change, Dating},
    detect::{self, Finding, Score},
};
use crate::{
    Error, Sample,
    config::{Exit, MonitorConfig},
    decide::{self, Cause, Input, Plan, State, Transition},
    event::{Aspect, Direction, Event, Evidence, Kind, Severity},
    plain::plain,
    snapshot,
};

/// Watches one series. It never learns the series' name, reads no clock and cannot fail.
///
/// ```
/// use drift_sre::{Direction, Monitor, MonitorConfig, Sample};
///
/// let mut monitor = Monitor::new(MonitorConfig::default())?;
/// let latency = |t: i32| if t < 300 { 20.0 + f64::from(t % 7) } else { 45.0 };
/// let event = (0..400)
///     .find_map(|t| monitor.update(Sample::new(f64::from(t), latency(t))).event)
///     .expect("a rise from 23 to 45 is seen");
/// assert_eq!(event.direction, Direction::Up);
/// assert_eq!(event.onset, 300.0);
/// # Ok::<(), drift_sre::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Monitor {
    config: MonitorConfig,
    plan: Plan,
    learned: Learned,
}

/// The answer to one sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// Where the series stands after the sample.
    pub state: State,
    /// How surprising the sample was; `None` for an unusable one and in the warm-up.
    pub score: Option<Score>,
    /// What is to be announced.
    pub event: Option<Event>,
}

#[derive(Clone, Debug, PartialEq)]
struct Learned {
    baseline: baseline::State,
    detector: detect::State,
    dating: Dating,
    decision: decide::Memory,
    /// The mean of recent residuals.
    lean: f64,
    samples: u64,
    /// When a sample was last judged, or learned from in the warm-up; at first, when the first one came.
    judged: f64,
    newest: Option<Newest>,
    open: Option<Open>,
}

/// The newest usable sample.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Newest {
    at: f64,
    value: f64,
    score: Option<Score>,
}

/// A drift that is announced and not over.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Open {
    aspect: Aspect,
    direction: Direction,
    onset: f64,
    evidence: Evidence,
}

plain! {
    struct Learned { baseline, detector, dating, decision, lean, samples, judged, newest, open }
    struct Newest { at, value, score }
    struct Open { aspect, direction, onset, evidence }
}

impl Monitor {
    /// A monitor that has seen nothing.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] names the first setting that cannot be.
    #[cfg_attr(feature = "small", inline(never))]
    pub fn new(config: MonitorConfig) -> Result<Self, Error> {
        config.validate()?;
        let baseline = config.baseline.init();
        // A given reference needs no warm-up.
        let state = if config.baseline.is_ready(&baseline) { State::InControl } else { State::WarmingUp };
        let learned = Learned {
            baseline,
            detector: config.detector.init(),
            dating: Dating::default(),
            decision: decide::Memory::starting(state),
            lean: 0.0,
            samples: 0,
            judged: 0.0,
            newest: None,
            open: None,
        };
        Ok(Self { config, plan: Plan::new(&config.decision, &config.detector), learned })
    }

    /// Takes one sample. A gap or an unusable value gets a verdict too, and changes no bit of what was learned.
    pub fn update(&mut self, sample: Sample) -> Verdict {
        let Some(value) = sample.usable() else {
            return Verdict { state: self.state(), score: None, event: None };
        };
        let closed_by_silence = self.advance(sample.at);
        let MonitorConfig { transform, baseline, detector, .. } = self.config;
        let observed = transform.apply(value);
        let learned = &mut self.learned;
        learned.samples = learned.samples.saturating_add(1);
        if learned.newest.is_none() {
            // Waiting begins with the first sample, whatever the epoch.
            learned.judged = sample.at;
        }
        while let Some((at, expired)) = detector.expire(&mut learned.detector, sample.at) {
            if let Some(expired) = expired.filter(|_| self.plan.learns(learned.decision.state, learned.lean))
            {
                baseline.learn(&mut learned.baseline, expired, at);
            }
        }
        let residual = baseline.residual(&learned.baseline, observed, sample.at);
        let finding = residual.map(|residual| detector.score(&mut learned.detector, residual));
        let (score, input) = match (residual, finding) {
            (Some(residual), Some(Some(Finding { score, leaning }))) => {
                if learned.open.is_none() {
                    learned.dating.add(residual, leaning, self.plan.gap);
                }
                learned.judged = sample.at;
                (Some(score), Some(Input::Scored(score.value)))
            }
            (Some(_), _) => {
                let starved = self.plan.idle_secs.is_some_and(|idle| sample.at - learned.judged > idle);
                (None, starved.then_some(Input::Silence))
            }
            (None, _) => {
                detector.watch(&mut learned.detector, observed, sample.at);
                baseline.learn(&mut learned.baseline, observed, sample.at);
                learned.judged = sample.at;
                let ready = baseline.is_ready(&learned.baseline);
                (None, Some(if ready { Input::Ready } else { Input::Learning }))
            }
        };
        learned.newest = Some(Newest { at: sample.at, value, score });
        let (cause, event) = input.map_or((None, None), |input| self.decide(input, sample.at));
        let adopted =
            cause == Some(Cause::Adopted) || (cause == Some(Cause::Drift) && self.plan.exit == Exit::Adopt);
        let Some(residual) = residual else {
            return Verdict { state: self.state(), score, event: closed_by_silence.or(event) };
        };
        self.learned.lean = decide::lean(self.learned.lean, residual.size);
        if !detector.lags() && self.plan.learns(self.state(), self.learned.lean) && !adopted {
            baseline.learn(&mut self.learned.baseline, observed, sample.at);
        }
        Verdict { state: self.state(), score, event: closed_by_silence.or(event) }
    }

    /// Time passes without a sample: past `idle_secs` the series goes stale, which closes its drift. Times before the
    /// newest sample, or not finite, say nothing.
    pub fn advance(&mut self, at: f64) -> Option<Event> {
        let (idle, newest) = (self.plan.idle_secs?, self.learned.newest?);
        let silent = at - newest.at > idle && at.is_finite();
        if silent { self.decide(Input::Silence, at).1 } else { None }
    }

    /// Declares the present level normal: closes an open drift, calms a warning; else does nothing.
    pub fn accept(&mut self) -> Option<Event> {
        let at = self.learned.newest?.at;
        self.decide(Input::Accept, at).1
    }

    /// Forgets all it has seen, and closes an open drift.
    pub fn reset(&mut self) -> Option<Event> {
        let at = self.learned.newest?.at;
        self.decide(Input::Reset, at).1
    }

    /// Where the series stands.
    #[must_use]
    pub fn state(&self) -> State {
        self.learned.decision.state
    }

    /// When it came to stand there, in seconds.
    #[must_use]
    pub fn since(&self) -> f64 {
        self.learned.decision.since
    }

    /// Usable samples seen since the start or the last reset.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.learned.samples
    }

    /// The time of the newest usable sample.
    #[must_use]
    pub fn newest(&self) -> Option<f64> {
        Some(self.learned.newest?.at)
    }

    /// The score of the newest usable sample; `None` in the warm-up.
    #[must_use]
    pub fn score(&self) -> Option<Score> {
        self.learned.newest?.score
    }

    /// What is normal, in the metric's own unit; `None` in the warm-up.
    #[must_use]
    pub fn level(&self) -> Option<f64> {
        let MonitorConfig { transform, baseline, .. } = &self.config;
        let state = &self.learned.baseline;
        Some(transform.undo(baseline.yardstick(state)?.level))
    }

    /// Between what bounds values are expected, in the metric's own unit: three standard deviations to either side, so
    /// that all but 27 of 10,000 normally distributed ones lie within. `None` in the warm-up.
    ///
    /// ```
    /// use drift_sre::{Monitor, Preset, Sample};
    ///
    /// let mut monitor = Monitor::new(Preset::Driftwatch.config())?;
    /// for t in 0..100 {
    ///     assert_eq!(monitor.band(), None);
    ///     monitor.update(Sample::new(f64::from(t), 150.0 + f64::from(t % 5)));
    /// }
    /// let (lower, upper) = monitor.band().expect("a hundred samples are enough");
    /// // 152 and three times 1.52: at least 1 % of the level counts as spread.
    /// assert!((147.4..147.5).contains(&lower) && (156.5..156.6).contains(&upper), "{lower} {upper}");
    /// # Ok::<(), drift_sre::Error>(())
    /// ```
    #[must_use]
    pub fn band(&self) -> Option<(f64, f64)> {
        let MonitorConfig { transform, baseline, .. } = &self.config;
        let Yardstick { level, spread, .. } = baseline.yardstick(&self.learned.baseline)?;
        Some((transform.undo(level - 3.0 * spread), transform.undo(level + 3.0 * spread)))
    }

    /// The whole of what is normal; `None` in the warm-up. It costs more than [`Monitor::level`]: a rolling baseline sorts
    /// its samples.
    #[must_use]
    pub fn reference(&self) -> Option<Reference> {
        let MonitorConfig { transform, baseline, .. } = &self.config;
        baseline.reference(&self.learned.baseline, *transform)
    }

    /// The settings it runs with.
    #[must_use]
    pub fn config(&self) -> &MonitorConfig {
        &self.config
    }

    /// Changes settings from the next sample on. What was learned and accumulated stays.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] names the first setting that cannot be, [`Error::SnapshotMismatch`] says that another
    /// detector or kind of scale cannot go on from what was learned. Nothing is changed then.
    #[cfg_attr(feature = "small", inline(never))]
    pub fn reconfigure(&mut self, config: MonitorConfig) -> Result<(), Error> {
        config.validate()?;
        check(&config, &self.learned)?;
        self.config = config;
        self.plan = Plan::new(&config.decision, &config.detector);
        Ok(())
    }

    /// What was learned, as bytes; the settings are not in it.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        snapshot::pack(snapshot::Kind::Monitor, &mut self.learned.clone())
    }

    /// As [`Monitor::snapshot`], without a copy of what was learned in between. Nothing is changed.
    #[must_use]
    pub fn snapshot_mut(&mut self) -> Vec<u8> {
        snapshot::pack(snapshot::Kind::Monitor, &mut self.learned)
    }

    /// A monitor that goes on from a snapshot, bit for bit if the settings are those it was taken with.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for settings, the snapshot errors for bytes; bytes of any origin are safe to try.
    #[cfg_attr(feature = "small", inline(never))]
    pub fn resume(config: MonitorConfig, bytes: &[u8]) -> Result<Self, Error> {
        config.validate()?;
        let learned: Learned = snapshot::unpack(snapshot::Kind::Monitor, bytes)?;
        check(&config, &learned)?;
        Ok(Self { config, plan: Plan::new(&config.decision, &config.detector), learned })
    }

    /// Steps the state machine and carries out what follows for baseline and detector.
    fn decide(&mut self, input: Input, at: f64) -> (Option<Cause>, Option<Event>) {
        let Some(transition) = self.plan.step(&mut self.learned.decision, input, at) else {
            return (None, None);
        };
        let event = match transition.cause {
            Cause::Drift => self.open(transition, at),
            Cause::Suspicion | Cause::Cleared => None,
            _ => self.start_afresh(transition, at),
        };
        (Some(transition.cause), event)
    }

    fn open(&mut self, transition: Transition, at: f64) -> Option<Event> {
        let Self { config: MonitorConfig { transform, baseline, detector, .. }, learned, .. } = self;
        let newest = learned.newest?;
        let score = newest.score?;
        let residual = baseline.residual(&learned.baseline, transform.apply(newest.value), newest.at)?;
        let yardstick = residual.yardstick;
        let dated = learned.dating.change(score.direction, residual);
        let Change { onset, before, level, samples } =
            detector.amend(&learned.detector, score, yardstick, dated);
        let is_spread = score.aspect == Aspect::Spread;
        let unit = if is_spread { yardstick.spread } else { yardstick.unit };
        let undo = |number| {
            if is_spread { transform.undo_spread(yardstick.level, number) } else { transform.undo(number) }
        };
        let sigmas = (level - before) / unit;
        let evidence = Evidence {
            value: newest.value,
            baseline: undo(before),
            level: undo(level),
            sigmas,
            samples,
            score: score.value,
        };
        if transition.to == State::Drifting {
            detector.hold(&mut learned.detector, score, sigmas);
            let Score { direction, aspect, .. } = score;
            learned.open = Some(Open { aspect, direction, onset, evidence });
        } else {
            let present = detector.present(&learned.detector).unwrap_or(residual.observed);
            detector.restart(&mut learned.detector);
            learned.dating = Dating::default();
            baseline.adopt(&mut learned.baseline, present);
        }
        let critical = sigmas.abs() >= Severity::CRITICAL_SIGMAS;
        let severity = if critical { Severity::Critical } else { Severity::Warning };
        Some(Event {
            kind: Kind::Opened,
            cause: transition.cause,
            aspect: score.aspect,
            direction: score.direction,
            severity,
            onset,
            at,
            fired: transition.fired,
            evidence,
        })
    }

    fn start_afresh(&mut self, transition: Transition, at: f64) -> Option<Event> {
        let Self { config: MonitorConfig { transform, baseline, detector, .. }, learned, .. } = self;
        let Transition { cause, fired, .. } = transition;
        let newest = learned.newest?;
        match cause {
            Cause::Accepted | Cause::Adopted => {
                let present = detector.present(&learned.detector);
                let level = present.unwrap_or_else(|| transform.apply(newest.value));
                baseline.adopt(&mut learned.baseline, level);
            }
            Cause::Reset => {
                learned.baseline = baseline.init();
                learned.samples = 0;
                detector.restart(&mut learned.detector);
            }
            _ => {}
        }
        detector.release(&mut learned.detector);
        learned.dating = Dating::default();
        learned.lean = 0.0;
        let Open { aspect, direction, onset, mut evidence } = learned.open.take()?;
        evidence.value = newest.value;
        evidence.score = newest.score.map_or(evidence.score, |score| score.value);
        Some(Event {
            kind: Kind::Closed,
            cause,
            aspect,
            direction,
            severity: Severity::Info,
            onset,
            at,
            fired,
            evidence,
        })
    }
}

/// Refuses what was learned under settings too different to go on from.
fn check(config: &MonitorConfig, learned: &Learned) -> Result<(), Error> {
    config.baseline.check(&learned.baseline)?;
    config.detector.check(&learned.detector)?;
    let newest = learned.newest.is_none_or(|Newest { at, value, score }| {
        Sample::new(at, value).usable().is_some() && score.is_none_or(|score| score.is_sane())
    });
    let dates = learned.decision.is_sane()
        && learned.dating.is_sane()
        && learned.judged.is_finite()
        && learned.lean.abs() <= 3.0;
    let drift = learned.open.is_some() == (learned.decision.state == State::Drifting);
    let told = learned.open.is_none_or(|open| open.onset.is_finite() && open.evidence.is_finite());
    if newest && dates && drift && told { Ok(()) } else { Err(Error::SnapshotCorrupt) }
}
