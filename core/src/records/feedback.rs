//! What people say of what was found, and thresholds that follow it.

use alloc::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::{Error, config::RecordConfig};

/// Newest detections that can be judged, judgements and changes that are kept.
const DETECTIONS: usize = 1_024;
const JUDGEMENTS: usize = 1_024;
const CHANGES: usize = 20;

/// Thresholds follow so many judgements of the last 30 days, at most once an hour.
const ENOUGH: usize = 20;
const MEMORY_SECS: f64 = 30.0 * 86_400.0;
const COOL_DOWN_SECS: f64 = 3_600.0;

/// The share of false positives that is aimed at.
const TARGET: f64 = 0.05;

/// What someone says of a detection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feedback {
    /// It was nothing.
    FalsePositive,
    /// It was something.
    Confirmed,
    /// It is of no interest, whatever it was.
    Dismissed,
}

/// Which threshold was moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tuned {
    /// `ncd_threshold`.
    Ncd,
    /// `p_value_threshold`.
    PValue,
}

/// Why it was moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TuneReason {
    /// Too much of what was found was nothing.
    HighFalsePositiveRate,
    /// Hardly anything found was nothing, so more may be found.
    LowDetectionRate,
    /// What was nothing lies just above the threshold.
    FpNcdBoundary,
}

/// A threshold that was moved.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TuneRecord {
    /// Which.
    pub tune_type: Tuned,
    /// From here.
    pub old_value: f64,
    /// To here.
    pub new_value: f64,
    /// Why.
    pub reason: TuneReason,
    /// One less the share of false positives.
    pub confidence: f64,
    /// When, in seconds.
    pub at: f64,
}

/// What people have said in the last 30 days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct FeedbackStats {
    /// All judgements.
    pub total_feedback: u32,
    /// That it was nothing.
    pub false_positives: u32,
    /// That it was something.
    pub confirmed: u32,
    /// That it is of no interest.
    pub dismissed: u32,
    /// False positives among all; 0 of none.
    pub false_positive_rate: f64,
}

/// A detection, and the window's distance at it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Detection {
    id: u64,
    ncd: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Judgement {
    id: u64,
    kind: Feedback,
    ncd: f64,
    at: f64,
}

/// Detections, judgements and the thresholds they led to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Tuning {
    detections: VecDeque<Detection>,
    judgements: VecDeque<Judgement>,
    changes: VecDeque<TuneRecord>,
    /// Thresholds that were moved away from the settings.
    ncd: Option<f64>,
    p_value: Option<f64>,
    tuned_at: Option<f64>,
}

impl Tuning {
    pub(crate) fn new() -> Self {
        Self {
            detections: VecDeque::new(),
            judgements: VecDeque::new(),
            changes: VecDeque::new(),
            ncd: None,
            p_value: None,
            tuned_at: None,
        }
    }

    pub(crate) fn ncd_threshold(&self, config: &RecordConfig) -> f64 {
        self.ncd.unwrap_or(config.ncd_threshold)
    }

    pub(crate) fn p_value_threshold(&self, config: &RecordConfig) -> f64 {
        self.p_value.unwrap_or(config.p_value_threshold)
    }

    /// The share of lines that may alarm moves along with that of windows.
    pub(crate) fn line_level(&self, config: &RecordConfig) -> f64 {
        let moved = self.p_value.map_or(1.0, |p_value| p_value / config.p_value_threshold);
        (config.line_level * moved).clamp(1e-4, 0.5)
    }

    pub(crate) fn changes(&self) -> impl Iterator<Item = &TuneRecord> {
        self.changes.iter()
    }

    pub(crate) fn note(&mut self, id: u64, ncd: f64) {
        push(&mut self.detections, Detection { id, ncd }, DETECTIONS);
    }

    /// Takes what someone says of a detection at a time; what was said of it before no longer counts.
    pub(crate) fn judge(
        &mut self,
        id: u64,
        kind: Feedback,
        at: f64,
        config: &RecordConfig,
    ) -> Result<(), Error> {
        let found = self.detections.iter().rev().find(|detection| detection.id == id);
        let Some(&Detection { ncd, .. }) = found else { return Err(Error::UnknownDetection { id }) };
        if !at.is_finite() {
            return Err(Error::OutOfRange { field: "at", value: at, wanted: "a time in seconds" });
        }
        self.judgements.retain(|judgement| judgement.id != id);
        push(&mut self.judgements, Judgement { id, kind, ncd, at }, JUDGEMENTS);
        if config.auto_tune {
            self.tune(at, config);
        }
        Ok(())
    }

    pub(crate) fn stats(&self, now: f64) -> FeedbackStats {
        let mut stats = FeedbackStats::default();
        for judgement in self.judgements.iter().filter(|judgement| now - judgement.at <= MEMORY_SECS) {
            stats.total_feedback += 1;
            match judgement.kind {
                Feedback::FalsePositive => stats.false_positives += 1,
                Feedback::Confirmed => stats.confirmed += 1,
                Feedback::Dismissed => stats.dismissed += 1,
            }
        }
        stats.false_positive_rate = f64::from(stats.false_positives) / f64::from(stats.total_feedback.max(1));
        stats
    }

    fn tune(&mut self, now: f64, config: &RecordConfig) {
        let stats = self.stats(now);
        let rests = self.tuned_at.is_some_and(|at| now - at < COOL_DOWN_SECS);
        if (stats.total_feedback as usize) < ENOUGH || rests {
            return;
        }
        let (ncd, p_value) = (self.ncd_threshold(config), self.p_value_threshold(config));
        let (mut new_ncd, mut new_p, mut reason) = (ncd, p_value, TuneReason::HighFalsePositiveRate);
        let excess = stats.false_positive_rate - TARGET;
        if excess > 0.1 {
            new_ncd += (0.25 * ncd).min(0.15 * excess);
            new_p -= (0.25 * p_value).min(0.075 * excess);
        } else if stats.false_positive_rate < 0.025 && stats.confirmed > 0 {
            new_ncd -= 0.075 * ncd;
            reason = TuneReason::LowDetectionRate;
        }
        let recent = self.judgements.iter().filter(|judgement| now - judgement.at <= MEMORY_SECS);
        let (mut sum, mut count) = (0.0, 0u32);
        for judgement in recent.filter(|judgement| judgement.kind == Feedback::FalsePositive) {
            sum += judgement.ncd;
            count += 1;
        }
        let mean = sum / f64::from(count.max(1));
        let boundary = (1.2 * ncd).min(1.1 * mean);
        if count > 5 && mean > 0.8 * ncd && boundary > new_ncd {
            (new_ncd, reason) = (boundary, TuneReason::FpNcdBoundary);
        }
        let confidence = 1.0 - stats.false_positive_rate;
        let mut change = |tune_type, old_value: f64, new_value: f64, least: f64| {
            let moved = (new_value - old_value).abs() > least;
            if moved {
                let record = TuneRecord { tune_type, old_value, new_value, reason, confidence, at: now };
                push(&mut self.changes, record, CHANGES);
            }
            moved.then_some(new_value)
        };
        let moved_ncd = change(Tuned::Ncd, ncd, new_ncd.clamp(0.1, 0.8), 0.01);
        let moved_p = change(Tuned::PValue, p_value, new_p.clamp(0.001, 0.2), 0.005);
        self.ncd = moved_ncd.or(self.ncd);
        self.p_value = moved_p.or(self.p_value);
        if moved_ncd.or(moved_p).is_some() {
            self.tuned_at = Some(now);
        }
    }

    pub(crate) fn check(self) -> Result<Self, Error> {
        let is_share = |value: &f64| (0.0..=1.0).contains(value);
        let sane = self.detections.len() <= DETECTIONS
            && self.judgements.len() <= JUDGEMENTS
            && self.changes.len() <= CHANGES
            && self.detections.iter().all(|detection| is_share(&detection.ncd))
            && self.judgements.iter().all(|judgement| is_share(&judgement.ncd) && judgement.at.is_finite())
            && self.changes.iter().all(|change| {
                let TuneRecord { old_value, new_value, confidence, at, .. } = change;
                [old_value, new_value, confidence].into_iter().all(is_share) && at.is_finite()
            })
            && self.ncd.as_ref().is_none_or(is_share)
            && self.p_value.is_none_or(|p_value| (1e-4..=0.5).contains(&p_value))
            && self.tuned_at.is_none_or(f64::is_finite);
        if sane { Ok(self) } else { Err(Error::SnapshotCorrupt) }
    }
}

fn push<T>(newest: &mut VecDeque<T>, one: T, most: usize) {
    newest.push_back(one);
    if newest.len() > most {
        newest.pop_front();
    }
}
