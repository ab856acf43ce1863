//! A frozen reference: slow drift, which a baseline that goes along forgives, adds up against it.

use alloc::{vec, vec::Vec};

use serde::{Deserialize, Serialize};

use super::{
    compress::Compress,
    lz::{self, Direct, NoveltyIndex},
    ncd::entropy,
    window::rank_among_few,
};
use crate::{Error, config::RecordConfig};

/// So many of an anchor's windows say how far windows lie from it by nature.
const BLOCKS: usize = 20;

/// Where a stream stands against its anchor.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct AnchorVerdict {
    /// Size-corrected distance of the window from the anchor: 0 is that of the anchor's own windows from the rest of it,
    /// 1 that of a window which shares nothing with it.
    pub drift_score: f64,
    /// How often windows of the anchor itself are so far from the rest of it.
    pub p_value: f64,
    /// Whether the score is at least `drift_ncd_threshold`, and that so unlikely, through a whole window.
    pub drift_detected: bool,
}

/// What an anchor was taken from.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct AnchorDetails {
    /// The number of the record that it was taken behind.
    pub set_at: u64,
    /// Records in it.
    pub event_count: u32,
    /// Shannon's entropy, in bits a byte.
    pub baseline_entropy: f64,
    /// How many times shorter it becomes.
    pub baseline_compression_ratio: f64,
}

/// The frozen records, and how far windows of theirs lie from the rest.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Anchor {
    index: NoveltyIndex,
    null: Vec<f32>,
    set_at: u64,
    /// Bits of each record of the window, given the anchor.
    bits: Vec<u32>,
    /// Hops in a row at which it was far and unlikely.
    streak: u32,
}

/// What a snapshot holds.
#[derive(Serialize, Deserialize)]
pub(crate) struct Saved {
    index: lz::Saved,
    set_at: u64,
    bits: Vec<u32>,
    streak: u32,
}

impl Anchor {
    /// Freezes what is kept, of which there are several windows.
    pub(crate) fn new(kept: &NoveltyIndex, config: &RecordConfig, set_at: u64) -> Self {
        let mut index = NoveltyIndex::new(usize::MAX, kept.kept().len().next_power_of_two());
        kept.texts().for_each(|text| index.learn(without_end(text)));
        let null = null(&index, config.window_size as usize);
        Self { index, null, set_at, bits: Vec::new(), streak: 0 }
    }

    pub(crate) fn push(&mut self, text: &[u8], window: usize) {
        if self.bits.len() >= window {
            self.bits.remove(0);
        }
        self.bits.push(self.index.bits(text).min(u64::from(u32::MAX)) as u32);
    }

    /// Compares the newest window, given its text; `None` before there is a whole one behind the anchor.
    pub(crate) fn judge(
        &mut self,
        window: &[u8],
        config: &RecordConfig,
        p_threshold: f64,
    ) -> Option<AnchorVerdict> {
        if self.bits.len() < config.window_size as usize {
            return None;
        }
        let far = share(&self.bits, window);
        let usual = f64::from(*self.null.get(self.null.len() / 2)?).min(0.99);
        let drift_score = ((far - usual) / (1.0 - usual)).clamp(0.0, 1.0);
        let p_value = rank_among_few(&self.null, far as f32)?;
        let is_far = drift_score >= config.drift_ncd_threshold && p_value <= p_threshold;
        self.streak = if is_far { self.streak.saturating_add(1) } else { 0 };
        let whole = self.streak > config.window_size / config.hop_size;
        Some(AnchorVerdict { drift_score, p_value, drift_detected: whole })
    }

    pub(crate) fn details(&self) -> AnchorDetails {
        let kept = self.index.kept();
        AnchorDetails {
            set_at: self.set_at,
            event_count: self.index.texts().len() as u32,
            baseline_entropy: entropy(kept),
            baseline_compression_ratio: kept.len() as f64 / Direct.compressed_len(kept).max(1) as f64,
        }
    }

    pub(crate) fn save(&self) -> Saved {
        Saved { index: self.index.save(), set_at: self.set_at, bits: self.bits.clone(), streak: self.streak }
    }

    pub(crate) fn resume(saved: &Saved, config: &RecordConfig, now: u64) -> Result<Self, Error> {
        let too_many =
            saved.bits.len() > config.window_size as usize || saved.index.texts() > config.warm_up();
        if saved.set_at > now || too_many {
            return Err(Error::SnapshotCorrupt);
        }
        // Room enough for what was there; the bytes that are there bound it.
        let index = NoveltyIndex::resume(&saved.index, usize::MAX, saved.index.len().next_power_of_two())?;
        let null = null(&index, config.window_size as usize);
        Ok(Self { index, null, set_at: saved.set_at, bits: saved.bits.clone(), streak: saved.streak })
    }
}

/// How far each block of an anchor lies from the rest of it, rising.
fn null(index: &NoveltyIndex, window: usize) -> Vec<f32> {
    let texts: Vec<&[u8]> = index.texts().collect();
    // The newest whole windows count.
    let blocks = (texts.len() / window).min(BLOCKS);
    let first = texts.len() - blocks * window;
    let mut null: Vec<f32> = vec![];
    for block in 0..blocks {
        let (from, to) = (first + block * window, first + (block + 1) * window);
        let mut rest = NoveltyIndex::new(usize::MAX, index.kept().len().next_power_of_two());
        texts[..from].iter().chain(&texts[to..]).for_each(|text| rest.learn(without_end(text)));
        let bits: Vec<u32> = texts[from..to].iter().map(|text| rest.bits(without_end(text)) as u32).collect();
        null.push(share(&bits, &texts[from..to].concat()) as f32);
    }
    null.sort_unstable_by(f32::total_cmp);
    null
}

/// What the records take where the anchor is known, as a share of what they take alone.
fn share(bits: &[u32], text: &[u8]) -> f64 {
    let known: u64 = bits.iter().map(|bits| u64::from(*bits)).sum();
    known as f64 / 8.0 / Direct.compressed_len(text).max(1) as f64
}

fn without_end(text: &[u8]) -> &[u8] {
    text.strip_suffix(b"\n").unwrap_or(text)
}
