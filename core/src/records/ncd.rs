//! Distances by compression: how much of one text is in another.
//!
//! Source: M. Li et al., *The similarity metric*, IEEE Trans. Inf. Theory 50 (2004); R. Cilibrasi, P. Vitányi,
//! *Clustering by compression*, IEEE Trans. Inf. Theory 51 (2005).

use alloc::vec::Vec;

use super::compress::Compress;
use crate::math;

/// Lengths after compression, in bytes: each text by itself, and the second behind the first.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Lengths {
    pub(crate) first: f64,
    pub(crate) second: f64,
    pub(crate) both: f64,
}

impl Lengths {
    /// Three runs. Texts that are longer together than the compressor sees are cut into as many parts each, and part is
    /// laid to part, so that all of both is compared and nothing beyond its window is asked of the compressor.
    pub(crate) fn measure(first: &[u8], second: &[u8], compressor: &mut impl Compress) -> Self {
        let mut lengths = Self::default();
        let parts = (first.len() + second.len()).div_ceil(compressor.window()).max(1);
        let mut both = Vec::new();
        for part in 0..parts {
            let (one, other) = (nth_part(first, part, parts), nth_part(second, part, parts));
            both.clear();
            both.extend_from_slice(one);
            both.extend_from_slice(other);
            lengths.first += compressor.compressed_len(one) as f64;
            lengths.second += compressor.compressed_len(other) as f64;
            lengths.both += compressor.compressed_len(&both) as f64;
        }
        lengths
    }

    /// The normalised compression distance.
    pub(crate) fn ncd(self) -> f64 {
        let (shorter, longer) = (self.first.min(self.second), self.first.max(self.second));
        if longer > 0.0 { ((self.both - shorter) / longer).clamp(0.0, 1.0) } else { 0.0 }
    }

    /// What the second takes when the first is known, as a share of what it takes alone.
    pub(crate) fn conditional(self) -> f64 {
        if self.second > 0.0 { ((self.both - self.first) / self.second).max(0.0) } else { 0.0 }
    }
}

fn nth_part(text: &[u8], part: usize, parts: usize) -> &[u8] {
    let bound = |part: usize| (text.len() as u128 * part as u128 / parts as u128) as usize;
    &text[bound(part)..bound(part + 1)]
}

/// The normalised compression distance of two texts, 0 (the same) to 1 (nothing shared): `(C(xy) - min(C(x), C(y))) /
/// max(C(x), C(y))`; `None` if one is empty.
///
/// Of texts that are longer together than the compressor sees, equal shares are compared in their order.
///
/// ```
/// use drift_sre::{Compressor, ncd};
///
/// let log = "GET /index.html 200\n".repeat(50);
/// let other = "disk sda1 is full, journal aborted; remounting read-only";
/// let same = ncd(log.as_bytes(), log.as_bytes(), &mut Compressor::Deflate);
/// let apart = ncd(log.as_bytes(), other.as_bytes(), &mut Compressor::Deflate);
/// assert!(same < Some(0.2) && apart > Some(0.6));
/// ```
pub fn ncd(x: &[u8], y: &[u8], compressor: &mut impl Compress) -> Option<f64> {
    (!x.is_empty() && !y.is_empty()).then(|| Lengths::measure(x, y, compressor).ncd())
}

/// How much of a text is new where a baseline is known, 0 to about 1: `(C(baseline x) - C(baseline)) / C(x)`; `None` if
/// one is empty. Long texts are compared as by [`ncd`].
pub fn conditional(x: &[u8], baseline: &[u8], compressor: &mut impl Compress) -> Option<f64> {
    (!x.is_empty() && !baseline.is_empty()).then(|| Lengths::measure(baseline, x, compressor).conditional())
}

/// Shannon's entropy of the bytes, in bits a byte, 0 to 8; 0 of none.
#[must_use]
pub fn entropy(bytes: &[u8]) -> f64 {
    // Bytes that are the same need not wait for one another.
    let mut each = [[0u32; 256]; 4];
    let (fours, rest) = bytes.as_chunks::<4>();
    for four in fours {
        for (counts, byte) in each.iter_mut().zip(four) {
            counts[usize::from(*byte)] += 1;
        }
    }
    for byte in rest {
        each[0][usize::from(*byte)] += 1;
    }
    let [mut counts, others @ ..] = each;
    for other in others {
        counts.iter_mut().zip(other).for_each(|(count, more)| *count += more);
    }
    let all = bytes.len() as f64;
    let share = |count: &u32| f64::from(*count) / all;
    counts.iter().filter(|count| **count > 0).map(|count| -share(count) * math::log2(share(count))).sum()
}

/// How many times shorter the bytes become; `None` of none.
pub fn compression_ratio(bytes: &[u8], compressor: &mut impl Compress) -> Option<f64> {
    (!bytes.is_empty()).then(|| bytes.len() as f64 / compressor.compressed_len(bytes).max(1) as f64)
}
