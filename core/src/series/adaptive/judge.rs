//! What is said of a sample, and what follows from it: drifts open, go on, and end.

use serde::{Deserialize, Serialize};

use super::{
    evidence::{Evidence, Leader},
    learned::{FAR, JUDGED, Learned, Newest, room},
    records::Record,
    reference,
    regime::Regime,
    whitening::{Features, Whitening},
};
use crate::{
    Sides,
    config::AdaptiveConfig,
    decide::Cause,
    event::{Aspect, Direction, Event, Evidence as Numbers, Kind, Severity},
    math,
    series::detect::Score,
};

/// The line stands higher while few are known, by this many natural logarithms at first.
const EARLY: f64 = 12.0;
/// Scores of so many samples tell what variance ties leave them.
const TIED_MEMORY: f64 = 2000.0;

/// After so many samples, what came after an alarm is known well enough to be learned from.
const SETTLED: f64 = 500.0;
/// So many samples after an alarm it may turn out that there was nothing.
const NOTHING: f64 = 32.0;
/// What is settled and slighter than any shift or factor that is looked for is taken for granted.
const SLIGHT: f64 = 0.2;
const SLIGHT_FACTOR: f64 = 0.15;
/// A return is believed at the odds of one in so many budgets: by chance, a drift is closed as rarely as one is opened.
const HOME: f64 = 2.0;
/// Back is what has undone so much of the change, or of the logarithm of a factor.
const UNDONE: f64 = 0.5;
const UNDONE_FACTOR: f64 = 0.2;

/// A drift that is announced and not over.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Incident {
    pub(super) aspect: Aspect,
    pub(super) direction: Direction,
    /// Its first sample, and when that was.
    pub(super) first: u64,
    pub(super) onset: f64,
    pub(super) evidence: Numbers,
    /// The sample that it was announced at.
    pub(super) announced: u64,
    /// How far the level that is taken for granted has come from where it was, and by what factor the spread.
    pub(super) away: f64,
    pub(super) wider: f64,
    /// How much speaks for a return.
    pub(super) home: f64,
}

impl Learned {
    /// Scores a sample against the past and decides what to say of it.
    pub(super) fn judge(
        &mut self,
        config: &AdaptiveConfig,
        number: u64,
        features: &Features,
        innovation: f64,
        record: Record,
    ) -> Option<Event> {
        let settled = self.whitening.response.settled;
        let out = innovation - self.reference.mean;
        let slot = self.slot(number);
        #[expect(clippy::cast_possible_truncation, reason = "the nearest number there is")]
        let kept = out.clamp(-reference::FAR, reference::FAR) as f32;
        self.recent[slot] = kept;
        let (shift, factor, doubt) = self
            .regime
            .map_or((0.0, 1.0, 1.0), |regime| (regime.shift, regime.factor, regime.uncertainty(settled)));
        let plain = self.reference.score(self.reference.mean + (out - shift) / factor);
        let score = plain / math::sqrt(self.whitening.uncertainty() * doubt);
        let evidence = self.evidence.weigh(score, number, config.direction, config.arl0);
        let young = JUDGED as f64 / self.reference.len() as f64;
        let line = Evidence::line(config.arl0) + EARLY * young * math::sqrt(young);
        let drift = if evidence > 0.0 { evidence / line } else { 0.0 };
        let leader = self.evidence.leader();
        let counted = match config.direction {
            Sides::Both => true,
            Sides::Up => record.direction == Direction::Up,
            Sides::Down => record.direction == Direction::Down,
        };
        let point = counted && record.value > drift;
        let newest = self.newest.as_mut()?;
        newest.score = Some(if point {
            Score { value: record.value, direction: record.direction, aspect: Aspect::Point }
        } else {
            Score { value: drift, direction: leader.direction, aspect: leader.aspect }
        });
        let at = newest.at;
        if self.regime.is_none() {
            let memory = (self.reference.len() as f64).min(TIED_MEMORY);
            self.tied += (score * score - self.tied) / memory;
        }
        if let Some(event) = self.follow(config, number, out, at) {
            return Some(event);
        }
        if drift > 1.0 {
            return self.alarm(config, number, features, leader, at);
        }
        if point && record.value > 1.0 {
            self.records.alarm();
            return Some(self.point(record, at));
        }
        None
    }

    /// What comes after an alarm: the new level is learned, and it may turn out that the series is back or never left.
    pub(super) fn follow(
        &mut self,
        config: &AdaptiveConfig,
        number: u64,
        out: f64,
        at: f64,
    ) -> Option<Event> {
        let settled = self.whitening.response.settled;
        // As it was before this sample.
        let (shift, factor) = self.regime.map_or((0.0, 1.0), |regime| (regime.shift, regime.factor));
        if let Some(mut regime) = self.regime {
            regime.add(out, settled);
            regime.scatter(out - regime.shift, &self.reference);
            regime.settle(settled, &self.reference);
            self.regime = Some(regime);
            if regime.samples >= NOTHING && !regime.is_change() {
                // There was nothing, or there is nothing any more; what came since can be learned.
                self.regime = None;
                self.evidence.restart(number + 1);
                let gone =
                    self.incident.is_some_and(|incident| incident.away == 0.0 && incident.wider == 1.0);
                if gone || self.incident.is_none() {
                    return self.close(Cause::Recovered, at);
                }
            } else if regime.samples > SETTLED {
                self.adopt(config);
                let unit = self.reference.spread * self.whitening.response.gain;
                let slight = self.incident.is_some_and(|incident| {
                    incident.away.abs() < SLIGHT * unit && math::ln(incident.wider).abs() < SLIGHT_FACTOR
                });
                if slight {
                    return self.close(Cause::Recovered, at);
                }
            }
        }
        let incident = self.incident.as_mut()?;
        let density = |out: f64| self.reference.log_density(self.reference.mean + out);
        let home = density((out + incident.away * settled) * incident.wider) + math::ln(incident.wider);
        let ratio = home - density((out - shift) / factor) + math::ln(factor);
        let sum = incident.home + ratio.clamp(-4.0, 4.0);
        incident.home = if sum > 0.0 { sum } else { 0.0 };
        if sum > math::ln(HOME * config.arl0) {
            let (away, first) = (incident.away, incident.first);
            if away == 0.0 && incident.wider == 1.0 {
                self.leave_out(first, number + 1);
            } else {
                self.move_by(-away);
                self.next = number + 1;
            }
            self.regime = None;
            self.evidence.restart(number + 1);
            return self.close(Cause::Recovered, at);
        }
        if number - incident.announced >= u64::from(config.adopt_after) {
            self.adopt(config);
            return self.close(Cause::Adopted, at);
        }
        None
    }

    /// The line was passed: what came since the most likely change is a regime of its own, which is judged from now on.
    pub(super) fn alarm(
        &mut self,
        config: &AdaptiveConfig,
        number: u64,
        features: &Features,
        leader: Leader,
        at: f64,
    ) -> Option<Event> {
        let settled = self.whitening.response.settled;
        let spread = self.reference.spread;
        let before = self.regime;
        let held = self.recent.len() as u64;
        let first = leader.since.min(number).max((number + 1).saturating_sub(held));
        let mut regime =
            Regime::new(before.map_or(1.0, |before| before.factor), leader.aspect == Aspect::Spread);
        let response = |n: u64| if n == first && leader.aspect == Aspect::Level { 1.0 } else { settled };
        let out = |this: &Self, n: u64| f64::from(this.recent[this.slot(n)]);
        for n in first..=number {
            regime.add(out(self, n), response(n));
        }
        regime.settle(settled, &self.reference);
        for n in first..=number {
            let rest = out(self, n) - regime.shift / settled * response(n);
            regime.scatter(rest, &self.reference);
        }
        regime.settle(settled, &self.reference);
        self.evidence.alarm(config.arl0);
        self.evidence.restart(number + 1);
        self.regime = Some(regime);
        let (shift, factor) = (regime.shift / settled, regime.factor);
        if let Some(incident) = &mut self.incident {
            let past = before.map_or((0.0, 1.0), |before| (before.shift / settled, before.factor));
            let left = (incident.away + shift).abs();
            let least = 2.0 * regime.error(settled) * spread / settled;
            let came = UNDONE * (incident.away + past.0).abs();
            let narrow = math::ln(incident.wider * factor).abs();
            let was = UNDONE * math::ln(incident.wider * past.1).abs();
            incident.home = 0.0;
            // Only what undoes a change is a return.
            if leader.aspect == incident.aspect
                && leader.direction != incident.direction
                && left < (if came > least { came } else { least })
                && narrow < (if was > UNDONE_FACTOR { was } else { UNDONE_FACTOR })
            {
                self.evidence.forgive();
                if incident.away == 0.0 && incident.wider == 1.0 {
                    let first = incident.first;
                    self.regime = None;
                    self.leave_out(first, number + 1);
                }
                return self.close(Cause::Recovered, at);
            }
        }
        let Newest { value, score, .. } = self.newest?;
        let level = self.whitening.level(features);
        let wide = spread * self.whitening.response.gain * self.unit;
        let (baseline, present, sigmas) = if leader.aspect == Aspect::Spread {
            (wide, wide * factor, factor - 1.0)
        } else {
            let before = before.map_or(0.0, |before| before.shift / settled);
            let baseline = self.center + self.unit * (level + before);
            let step = (shift - before) * self.unit;
            (baseline, baseline + step, if wide > 0.0 { step / wide } else { 0.0 })
        };
        let numbers = Numbers {
            value,
            baseline,
            level: present,
            sigmas,
            samples: number + 1 - first,
            score: score.map_or(1.0, |score| score.value),
        };
        let onset = self.history.get(first).1;
        let Leader { aspect, direction, .. } = leader;
        // Another change within a drift belongs to the same departure from normal.
        let (away, wider, begun) =
            self.incident.map_or((0.0, 1.0, first), |open| (open.away, open.wider, open.first));
        self.incident = Some(Incident {
            aspect,
            direction,
            first: begun,
            onset,
            evidence: numbers,
            announced: number,
            away,
            wider,
            home: 0.0,
        });
        let critical = sigmas.abs() >= Severity::CRITICAL_SIGMAS;
        let severity = if critical { Severity::Critical } else { Severity::Warning };
        let (kind, cause) = (Kind::Opened, Cause::Drift);
        Some(Event { kind, cause, aspect, direction, severity, onset, at, fired: None, evidence: numbers })
    }

    /// A point anomaly is told of by itself; nothing opens.
    pub(super) fn point(&self, record: Record, at: f64) -> Event {
        let (value, expected, unit) = self.newest.map_or((0.0, 0.0, 1.0), |newest| {
            (newest.value, newest.prediction.value, newest.prediction.spread)
        });
        let baseline = self.center + self.unit * expected;
        let wide = self.unit * unit * self.reference.spread;
        let sigmas = if wide > 0.0 { (value - baseline) / wide } else { 0.0 };
        let critical = sigmas.abs() >= Severity::CRITICAL_SIGMAS;
        Event {
            kind: Kind::Outlier,
            cause: Cause::Drift,
            aspect: Aspect::Point,
            direction: record.direction,
            severity: if critical { Severity::Critical } else { Severity::Warning },
            onset: at,
            at,
            fired: None,
            evidence: Numbers { value, baseline, level: value, sigmas, samples: 1, score: record.value },
        }
    }

    /// Takes the level and spread since the alarm for granted; the drift stays open, and learning goes on.
    pub(super) fn adopt(&mut self, config: &AdaptiveConfig) {
        let Some(regime) = self.regime.take() else { return };
        let number = self.history.total();
        self.evidence.restart(number);
        if !regime.is_change() {
            return;
        }
        let room = room(config);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count, and small")]
        let held = self.recent.len().min(regime.samples as usize);
        let first = number.saturating_sub(held as u64);
        let mean = self.reference.mean;
        if held >= JUDGED.min(self.recent.len()) {
            self.reference.clear();
            for n in first..number {
                let innovation = f64::from(self.recent[self.slot(n)]) - regime.shift + mean;
                self.reference.push(innovation, room.reference);
            }
            self.reference.refresh();
        }
        let away = regime.shift / self.whitening.response.settled;
        self.move_by(away);
        self.whitening.widen(regime.factor);
        if let Some(incident) = &mut self.incident {
            incident.away = (incident.away + away).clamp(-FAR, FAR);
            incident.wider = (incident.wider * regime.factor).clamp(1e-12, 1e12);
            incident.home = 0.0;
        }
        self.next = number;
        self.skip = None;
    }

    /// Standardised values are measured from further up, by so much.
    pub(super) fn move_by(&mut self, away: f64) {
        self.center += away * self.unit;
        self.history.shift(-away);
        self.records.shift(-away);
    }

    /// These samples are not to be learned; nor are those between them and others that are not.
    pub(super) fn leave_out(&mut self, first: u64, next: u64) {
        let first = self.skip.map_or(first, |(earlier, _)| earlier.min(first));
        self.skip = Some((first.max(self.next), next));
    }

    pub(super) fn close(&mut self, cause: Cause, at: f64) -> Option<Event> {
        let Incident { aspect, direction, onset, mut evidence, .. } = self.incident.take()?;
        let newest = self.newest?;
        evidence.value = newest.value;
        evidence.score = newest.score.map_or(evidence.score, |score| score.value);
        let (kind, severity) = (Kind::Closed, Severity::Info);
        Some(Event { kind, cause, aspect, direction, severity, onset, at, fired: None, evidence })
    }

    /// What is normal at the newest sample, in the metric's own unit; while a drift is open, what was so before it.
    pub(super) fn level(&self) -> f64 {
        let number = self.history.total().saturating_sub(1);
        let features = Whitening::features(&self.history, &self.cycle, number);
        let away = self.incident.map_or(0.0, |incident| incident.away);
        self.center + self.unit * (self.whitening.level(&features) - away)
    }

    pub(super) fn slot(&self, number: u64) -> usize {
        #[expect(clippy::cast_possible_truncation, reason = "a remainder of a length")]
        let slot = (number % self.recent.len().max(1) as u64) as usize;
        slot
    }
}

impl Incident {
    /// Whether a decoded incident is one that there can be, after so many samples.
    pub(super) fn is_sane(&self, total: u64) -> bool {
        self.onset.is_finite()
            && self.evidence.is_finite()
            && self.away.abs() <= FAR
            && (1e-12..=1e12).contains(&self.wider)
            && (0.0..=1e6).contains(&self.home)
            && self.announced <= total
            && self.first <= self.announced
    }
}
