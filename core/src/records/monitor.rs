//! The record monitor: record -> secrets out -> template and score -> lines and windows -> verdict.

use alloc::{borrow::Cow, string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use super::{
    anchor::{self, Anchor, AnchorDetails},
    content::{self, Content, RecordMetrics},
    feedback::{Feedback, FeedbackStats, TuneRecord, Tuning},
    fields::{self, FieldOutlier, Numbers},
    json::{self, Fields},
    line::Lines,
    mask::mask,
    novelty::{self, Novelty},
    redact::Secrets,
    verdict::{Culprit, RecordCalibration, RecordVerdict, WindowVerdict},
    window::{Judged, Scores},
};
use crate::{Error, config::RecordConfig, fnv1a, snapshot};

/// The longest part of a text that is looked at.
const LONGEST: usize = 16 << 10;

/// The oddest records of a window that are named.
const CULPRITS: usize = 3;

/// Watches the records of one stream: says which are odd, and which windows of them.
///
/// It learns from every record, and never stops: what is odd today is not tomorrow. Secrets are taken out before
/// anything is kept, and what is kept is bounded by the settings. Any bytes are a record; one that is a JSON object is
/// read as one.
///
/// ```
/// use drift_sre::{RecordConfig, RecordMonitor};
///
/// let mut monitor = RecordMonitor::new(RecordConfig::default())?;
/// for n in 0..600 {
///     monitor.update(format!("GET /item/{n} 200 {} ms", n % 7));
/// }
/// let verdict = monitor.update("disk sda1: I/O error, journal aborted");
/// assert!(verdict.detected);
/// assert_eq!(verdict.why().as_deref(), Some("never seen in 600 records before; all of its wording is new; it says that something is wrong"));
/// # Ok::<(), drift_sre::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RecordMonitor {
    config: RecordConfig,
    secrets: Secrets,
    novelty: Novelty,
    lines: Lines,
    scores: Scores,
    content: Content,
    numbers: Numbers,
    anchor: Option<Anchor>,
    tuning: Tuning,
    /// The masked text of the newest record, kept for its room.
    masked: Scratch,
}

/// Room that no two monitors differ by.
#[derive(Clone, Debug, Default)]
struct Scratch(String);

impl PartialEq for Scratch {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

#[derive(Serialize, Deserialize)]
struct Saved {
    /// Sizes of baseline, window and hop: a past of others says nothing.
    sizes: (u32, u32, u32),
    novelty: novelty::Saved,
    lines: Lines,
    scores: Scores,
    content: content::Saved,
    numbers: fields::Saved,
    anchor: Option<anchor::Saved>,
    tuning: Tuning,
}

impl RecordMonitor {
    /// A monitor that has seen nothing.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] names the first setting that cannot be.
    pub fn new(config: RecordConfig) -> Result<Self, Error> {
        config.validate()?;
        Ok(Self {
            secrets: Secrets::new(&config.secret_fields),
            novelty: Novelty::new(config.templates as usize, config.severity_words),
            lines: Lines::new(),
            scores: Scores::new(),
            content: Content::new(&config),
            numbers: Numbers::new(),
            anchor: None,
            tuning: Tuning::new(),
            masked: Scratch::default(),
            config,
        })
    }

    /// Takes one record. Its source, which has a context of its own, is the member `source_field` of a structured one.
    pub fn update(&mut self, record: impl AsRef<[u8]>) -> RecordVerdict {
        self.take(record.as_ref(), None)
    }

    /// Takes one record of a source: a host, a process, a logger.
    pub fn update_from(&mut self, source: &str, record: impl AsRef<[u8]>) -> RecordVerdict {
        self.take(record.as_ref(), Some(source))
    }

    /// Takes many, as so many updates would.
    pub fn update_many<R: AsRef<[u8]>>(
        &mut self,
        records: impl IntoIterator<Item = R>,
    ) -> Vec<RecordVerdict> {
        records.into_iter().map(|record| self.update(record)).collect()
    }

    fn take(&mut self, record: &[u8], source: Option<&str>) -> RecordVerdict {
        let Read { text, fields, truncated } = read(record, &self.secrets);
        let id = self.novelty.lines();
        let (window, warm_up) = (self.config.window_size as usize, self.config.warm_up());
        let named = |name: &String| fields.as_ref()?.text(name);
        let source = source.or_else(|| self.config.source_field.as_ref().and_then(named));
        let source = source.map_or(0, |name| fnv1a(name.bytes()));
        let (parts, familiarity) = self.novelty.score(text.as_bytes(), source);
        if self.novelty.lines() == warm_up as u64 {
            self.novelty.settle();
        }
        let score = parts.total();
        let standing = self.lines.take(score, warm_up, self.tuning.line_level(&self.config));
        self.scores.push(score, window);
        self.keep(&text, window);
        let outliers: Vec<FieldOutlier> = match fields.filter(|_| self.config.numeric_outliers) {
            Some(fields) => self.numbers.update(&fields, self.config.numeric_k_sigma, id),
            None => Vec::new(),
        };
        let hops = self.novelty.lines().is_multiple_of(u64::from(self.config.hop_size));
        let window = if hops { self.judge(id, standing.is_some()) } else { None };
        let anchor = if hops { self.judge_anchor() } else { None };
        let detected = standing.is_some_and(|standing| standing.alarms);
        let found = detected || window.as_ref().is_some_and(|window| window.detected);
        let metrics = if found { self.content.detail(&self.config) } else { self.content.newest() };
        if found {
            self.tuning.note(id, metrics.map_or(0.0, |metrics| metrics.ncd));
        }
        RecordVerdict {
            id,
            ready: standing.is_some(),
            score: standing.map(|standing| standing.emitted),
            p_value: standing.map(|standing| standing.p_value),
            detected,
            parts,
            familiarity,
            outliers,
            metrics,
            p_value_threshold: self.tuning.p_value_threshold(&self.config),
            window,
            anchor,
            text: detected.then(|| self.masked.0.clone()),
            truncated,
        }
    }

    fn keep(&mut self, text: &str, window: usize) {
        let masked = &mut self.masked.0;
        masked.clear();
        mask(text, &self.config.mask, masked);
        cut(masked, content::LONGEST);
        self.content.push(masked.as_bytes(), window);
        if let Some(anchor) = &mut self.anchor {
            anchor.push(masked.as_bytes(), window);
        }
    }

    fn judge(&mut self, id: u64, ready: bool) -> Option<WindowVerdict> {
        let fresh = self.content.judge(&self.config);
        if !ready {
            return None;
        }
        let level = self.tuning.p_value_threshold(&self.config);
        let window = self.config.window_size as usize;
        let Judged { isolated, episode, p_value, detected } = self.scores.judge(window, level)?;
        let content_detected = fresh.is_some_and(|metrics| {
            metrics.ncd >= self.tuning.ncd_threshold(&self.config) && metrics.p_value <= level
        });
        let detected = detected || content_detected;
        let culprits = if detected { self.culprits(id) } else { Vec::new() };
        let records = self.config.window_size;
        Some(WindowVerdict { records, isolated, episode, p_value, detected, content_detected, culprits })
    }

    fn judge_anchor(&mut self) -> Option<anchor::AnchorVerdict> {
        let level = self.tuning.p_value_threshold(&self.config);
        let (_, window) = self.content.index().split(self.config.window_size as usize);
        self.anchor.as_mut()?.judge(window, &self.config, level)
    }

    /// The records of the window that score highest, the oddest first.
    fn culprits(&self, id: u64) -> Vec<Culprit> {
        let scores = self.scores.newest().rev();
        let mut odd: Vec<_> = scores.zip(self.content.newest_texts()).zip(0u64..).collect();
        odd.sort_by(|((one, _), _), ((other, _), _)| other.total_cmp(one));
        let culprit = |((score, text), ago): ((f32, &[u8]), u64)| {
            let text = String::from_utf8_lossy(text.trim_ascii_end()).into_owned();
            Culprit { id: id.saturating_sub(ago), score: f64::from(score), text }
        };
        odd.into_iter().take(CULPRITS).map(culprit).collect()
    }

    /// The newest window beside its baseline, with what takes a pass over both; `None` until there are records enough.
    #[must_use]
    pub fn metrics(&mut self) -> Option<RecordMetrics> {
        self.content.detail(&self.config)
    }

    /// How far calibration has come.
    #[must_use]
    pub fn calibration(&self) -> RecordCalibration {
        RecordCalibration::new(self.novelty.lines(), self.config.warm_up() as u64)
    }

    /// Templates that are remembered.
    #[must_use]
    pub fn templates(&self) -> usize {
        self.novelty.known()
    }

    /// Freezes the newest records, baseline and window, as what the stream is compared with from now on. One that was
    /// set before is given up.
    ///
    /// # Errors
    /// [`Error::NotCalibrated`] before there is a baseline.
    pub fn set_anchor(&mut self) -> Result<AnchorDetails, Error> {
        let needed = self.calibration().detection_events_needed;
        if needed > 0 {
            return Err(Error::NotCalibrated { needed });
        }
        let anchor = Anchor::new(self.content.index(), &self.config, self.novelty.lines());
        Ok(self.anchor.insert(anchor).details())
    }

    /// Gives up the anchor; whether there was one.
    pub fn drop_anchor(&mut self) -> bool {
        self.anchor.take().is_some()
    }

    /// What the anchor was taken from; `None` without one.
    #[must_use]
    pub fn anchor(&self) -> Option<AnchorDetails> {
        self.anchor.as_ref().map(Anchor::details)
    }

    /// Takes what someone says of a detection, at a time in seconds. With `auto_tune` the thresholds follow.
    ///
    /// # Errors
    /// [`Error::UnknownDetection`] if that record was not detected or is too long ago, [`Error::OutOfRange`] for a time
    /// that is not finite.
    pub fn feedback(&mut self, id: u64, kind: Feedback, at: f64) -> Result<(), Error> {
        self.tuning.judge(id, kind, at, &self.config)
    }

    /// What was said in the 30 days before a time.
    #[must_use]
    pub fn feedback_stats(&self, now: f64) -> FeedbackStats {
        self.tuning.stats(now)
    }

    /// Thresholds that feedback has moved, oldest first, 20 at most.
    pub fn tune_history(&self) -> impl Iterator<Item = &TuneRecord> {
        self.tuning.changes()
    }

    /// `ncd_threshold` and `p_value_threshold` as they hold now: those of the settings, unless feedback has moved them.
    #[must_use]
    pub fn thresholds(&self) -> (f64, f64) {
        (self.tuning.ncd_threshold(&self.config), self.tuning.p_value_threshold(&self.config))
    }

    /// The settings it runs with.
    #[must_use]
    pub fn config(&self) -> &RecordConfig {
        &self.config
    }

    /// What was learned, as bytes; the settings are not in it.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        let saved = Saved {
            sizes: sizes(&self.config),
            novelty: self.novelty.save(),
            lines: self.lines.clone(),
            scores: self.scores.clone(),
            content: self.content.save(),
            numbers: self.numbers.save(),
            anchor: self.anchor.as_ref().map(Anchor::save),
            tuning: self.tuning.clone(),
        };
        snapshot::seal(snapshot::Kind::RecordMonitor, &saved)
    }

    /// A monitor that goes on from a snapshot, bit for bit if the settings are those it was taken with.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for settings, [`Error::SnapshotMismatch`] for other sizes of baseline, window or hop, the
    /// other snapshot errors for bytes; bytes of any origin are safe to try.
    pub fn resume(config: RecordConfig, bytes: &[u8]) -> Result<Self, Error> {
        config.validate()?;
        let saved: Saved = snapshot::open(snapshot::Kind::RecordMonitor, bytes)?;
        if saved.sizes != sizes(&config) {
            return Err(Error::SnapshotMismatch);
        }
        let novelty = Novelty::resume(saved.novelty, config.templates as usize, config.severity_words)?;
        let now = novelty.lines();
        let anchor = saved.anchor.as_ref().map(|anchor| Anchor::resume(anchor, &config, now)).transpose()?;
        Ok(Self {
            secrets: Secrets::new(&config.secret_fields),
            novelty,
            lines: saved.lines.check()?,
            scores: saved.scores.check(config.window_size as usize)?,
            content: Content::resume(saved.content, &config)?,
            numbers: Numbers::resume(saved.numbers, now)?,
            anchor,
            tuning: saved.tuning.check()?,
            masked: Scratch::default(),
            config,
        })
    }
}

fn sizes(config: &RecordConfig) -> (u32, u32, u32) {
    (config.baseline_size, config.window_size, config.hop_size)
}

/// A record as it is looked at.
pub(crate) struct Read<'a> {
    pub(crate) text: Cow<'a, str>,
    fields: Option<Fields>,
    truncated: bool,
}

/// A record without its secrets: a structured one in canonical form, any other as text.
pub(crate) fn read<'a>(record: &'a [u8], secrets: &Secrets) -> Read<'a> {
    let is_object = record.len() <= json::LONGEST && record.trim_ascii_start().starts_with(b"{");
    let fields = core::str::from_utf8(record).ok().filter(|_| is_object);
    if let Some(fields) = fields.and_then(|text| Fields::read(text, secrets)) {
        let mut text = fields.canonical();
        let truncated = cut(&mut text, LONGEST);
        return Read { text: Cow::Owned(text), fields: Some(fields), truncated };
    }
    let record = record.trim_ascii_end();
    let truncated = record.len() > LONGEST;
    let record = &record[..record.len().min(LONGEST)];
    let text = match core::str::from_utf8(record) {
        Ok(text) => secrets.redact(text),
        Err(_) => Cow::Owned(secrets.redact(&String::from_utf8_lossy(record)).into_owned()),
    };
    // A newline ends a record wherever it is kept.
    let text = if text.as_bytes().contains(&b'\n') { Cow::Owned(text.replace('\n', " ")) } else { text };
    Read { text, fields: None, truncated }
}

/// Cuts a text to at most so many bytes; whether anything was lost.
fn cut(text: &mut String, most: usize) -> bool {
    let longer = text.len() > most;
    if longer {
        text.truncate(text.floor_char_boundary(most));
    }
    longer
}
