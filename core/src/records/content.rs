//! What windows say beside the baseline before them, in bits: the metrics of compression, and a test of them.

use alloc::{collections::VecDeque, vec::Vec};

use serde::{Deserialize, Serialize};

use super::{
    compress::Compress,
    lz::{self, Direct, NoveltyIndex},
    ncd::{Lengths, entropy},
    window::Past,
};
use crate::{Error, config::RecordConfig};

/// Bytes of room for each record; longer ones take that of others.
const ROOM: usize = 256;

/// Windows that are compared share no record, so each of the past is a case.
const DISJOINT: usize = 1;

/// The longest part of a record that is kept.
pub(crate) const LONGEST: usize = 2_048;

/// How a window compares with the baseline before it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RecordMetrics {
    /// The compression distance, corrected for size: 0 is the usual distance of windows of this stream from their
    /// baseline, 1 that of a window which shares nothing with it.
    pub ncd: f64,
    /// The conditional novelty that it comes from: what the window takes where the baseline is known, as a share of
    /// what it takes alone.
    pub novelty: f64,
    /// How often windows of the past were at least so novel.
    pub p_value: f64,
    /// How many windows that is of.
    pub null_size: u32,
    /// What takes a pass over the baseline; `None` where nothing was detected.
    pub detail: Option<RecordDetail>,
}

/// What a pass over the baseline tells of it and the window.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RecordDetail {
    /// The normalised compression distance as it is. It depends on the sizes: a window far smaller than its baseline
    /// never comes near 0.
    pub ncd_raw: f64,
    /// How many times shorter each becomes.
    pub baseline_compression_ratio: f64,
    /// The window's.
    pub window_compression_ratio: f64,
    /// Shannon's entropy in bits a byte.
    pub baseline_entropy: f64,
    /// The window's.
    pub window_entropy: f64,
}

impl RecordMetrics {
    /// 1 - p.
    #[must_use]
    pub fn confidence_level(&self) -> f64 {
        1.0 - self.p_value
    }

    /// Half the distance, a quarter of the confidence, a quarter of what compresses worse than the baseline.
    #[must_use]
    pub fn composite(&self) -> f64 {
        let worse = self.detail.map_or(0.0, |detail| (-detail.compression_ratio_change()).max(0.0));
        0.5 * self.ncd + 0.25 * self.confidence_level() + 0.25 * worse.min(1.0)
    }
}

impl RecordDetail {
    /// Relative to the baseline's.
    #[must_use]
    pub fn compression_ratio_change(&self) -> f64 {
        change(self.baseline_compression_ratio, self.window_compression_ratio)
    }

    /// Relative to the baseline's.
    #[must_use]
    pub fn entropy_change(&self) -> f64 {
        change(self.baseline_entropy, self.window_entropy)
    }
}

fn change(before: f64, now: f64) -> f64 {
    (now - before) / before.max(1e-3)
}

/// The newest records as text, indexed, and what earlier windows took.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Content {
    index: NoveltyIndex,
    /// Bits of each record of the window, given all before it.
    bits: VecDeque<u32>,
    past: Past,
    newest: Option<RecordMetrics>,
    /// Records since a window was judged.
    since: u32,
    /// The baseline as it was some records ago.
    known: Option<Known>,
}

/// What a pass over the baseline told.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Known {
    /// Records ago.
    age: u32,
    bytes: f64,
    length: f64,
    entropy: f64,
}

/// What a snapshot holds.
#[derive(Serialize, Deserialize)]
pub(crate) struct Saved {
    index: lz::Saved,
    bits: Vec<u32>,
    past: Past,
    newest: Option<(f64, f64, f64, u32)>,
    since: u32,
    known: Option<Known>,
}

fn texts(config: &RecordConfig) -> usize {
    config.warm_up()
}

fn capacity(config: &RecordConfig) -> usize {
    (texts(config) * ROOM).next_power_of_two()
}

impl Content {
    pub(crate) fn new(config: &RecordConfig) -> Self {
        Self {
            index: NoveltyIndex::new(texts(config), capacity(config)),
            bits: VecDeque::new(),
            past: Past::default(),
            newest: None,
            since: 0,
            known: None,
        }
    }

    /// Takes a record that is masked.
    pub(crate) fn push(&mut self, text: &[u8], window: usize) {
        let bits = self.index.bits(text).min(u64::from(u32::MAX)) as u32;
        self.index.learn(text);
        self.bits.push_back(bits);
        while self.bits.len() > window {
            self.bits.pop_front();
        }
        self.since = self.since.saturating_add(1);
        if let Some(known) = &mut self.known {
            known.age = known.age.saturating_add(1);
        }
    }

    /// Compares the window with the baseline, if it shares no record with the one that was compared before it: the
    /// windows of the past are then so many cases.
    pub(crate) fn judge(&mut self, config: &RecordConfig) -> Option<RecordMetrics> {
        let window = config.window_size as usize;
        if self.since < config.window_size {
            return None;
        }
        let (baseline, text) = self.index.split(window);
        if self.index.texts().len() < (2 * window).min(texts(config))
            || baseline.is_empty()
            || text.is_empty()
        {
            return None;
        }
        let novelty = match config.compressor.compressor() {
            None => self.added() / Direct.compressed_len(text).max(1) as f64,
            Some(mut compressor) => lengths(baseline, text, &mut compressor).conditional(),
        };
        let usual = self.past.median().unwrap_or(novelty).min(0.99);
        self.past.push(novelty.min(1e6), DISJOINT);
        self.since = 0;
        let ncd = ((novelty - usual) / (1.0 - usual)).clamp(0.0, 1.0);
        let p_value = self.past.rank(DISJOINT).map_or(1.0, |rank| rank.held);
        let metrics =
            RecordMetrics { ncd, novelty, p_value, null_size: self.past.others(DISJOINT), detail: None };
        self.newest = Some(metrics);
        self.newest
    }

    /// Bytes that the window adds to what was before it.
    fn added(&self) -> f64 {
        self.bits.iter().map(|bits| u64::from(*bits)).sum::<u64>() as f64 / 8.0
    }

    /// The metrics of the window that was judged last, with those of the window as it is now.
    pub(crate) fn detail(&mut self, config: &RecordConfig) -> Option<RecordMetrics> {
        let metrics = self.newest?;
        let (baseline, window) = self.index.split(config.window_size as usize);
        if baseline.is_empty() || window.is_empty() {
            return Some(metrics);
        }
        let pass = |length: f64| Known {
            age: 0,
            bytes: baseline.len() as f64,
            length: length.max(1.0),
            entropy: entropy(baseline),
        };
        // A baseline moves on slowly: one pass holds until all of it is another.
        let fresh = self.known.filter(|known| known.age < config.baseline_size);
        let (lengths, known) = match config.compressor.compressor() {
            None => {
                let known = fresh.unwrap_or_else(|| pass(Direct.compressed_len(baseline) as f64));
                let second = Direct.compressed_len(window) as f64;
                (Lengths { first: known.length, second, both: known.length + self.added() }, known)
            }
            Some(mut compressor) => {
                let lengths = lengths(baseline, window, &mut compressor);
                (lengths, fresh.unwrap_or_else(|| pass(lengths.first)))
            }
        };
        let detail = RecordDetail {
            ncd_raw: lengths.ncd(),
            baseline_compression_ratio: known.bytes / known.length,
            window_compression_ratio: window.len() as f64 / lengths.second.max(1.0),
            baseline_entropy: known.entropy,
            window_entropy: entropy(window),
        };
        self.known = Some(known);
        Some(RecordMetrics { detail: Some(detail), ..metrics })
    }

    /// Of the newest window that was judged.
    pub(crate) fn newest(&self) -> Option<RecordMetrics> {
        self.newest
    }

    /// The newest texts, newest first.
    pub(crate) fn newest_texts(&self) -> impl Iterator<Item = &[u8]> {
        self.index.newest_texts()
    }

    /// The baseline and the window, as an anchor takes them.
    pub(crate) fn index(&self) -> &NoveltyIndex {
        &self.index
    }

    pub(crate) fn save(&self) -> Saved {
        Saved {
            index: self.index.save(),
            bits: self.bits.iter().copied().collect(),
            past: self.past.clone(),
            newest: self.newest.map(|RecordMetrics { ncd, novelty, p_value, null_size, .. }| {
                (ncd, novelty, p_value, null_size)
            }),
            since: self.since,
            known: self.known,
        }
    }

    pub(crate) fn resume(saved: Saved, config: &RecordConfig) -> Result<Self, Error> {
        let newest = saved.newest.map(|(ncd, novelty, p_value, null_size)| RecordMetrics {
            ncd,
            novelty,
            p_value,
            null_size,
            detail: None,
        });
        let is_known = |known: &Known| {
            let Known { bytes, length, entropy, .. } = *known;
            (1.0..=1e9).contains(&length) && (0.0..=1e9).contains(&bytes) && (0.0..=8.0).contains(&entropy)
        };
        let sane = saved.known.as_ref().is_none_or(is_known)
            && saved.bits.len() <= config.window_size as usize
            && newest.is_none_or(|metrics| {
                [metrics.ncd, metrics.novelty, metrics.p_value]
                    .iter()
                    .all(|number| (0.0..=1e6).contains(number))
            });
        if !sane {
            return Err(Error::SnapshotCorrupt);
        }
        Ok(Self {
            index: NoveltyIndex::resume(&saved.index, texts(config), capacity(config))?,
            bits: saved.bits.into(),
            past: saved.past.check(DISJOINT)?,
            newest,
            since: saved.since,
            known: saved.known,
        })
    }
}

/// At most three runs: of the baseline as much as the compressor sees behind the window.
fn lengths(baseline: &[u8], window: &[u8], compressor: &mut impl Compress) -> Lengths {
    let room = compressor.window().saturating_sub(window.len()).max(window.len());
    Lengths::measure(&baseline[baseline.len().saturating_sub(room)..], window, compressor)
}
