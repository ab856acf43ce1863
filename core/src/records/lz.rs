//! How much of a text is new, without compressing anything: matches against an index of what came before.
//!
//! The greedy parse of LZ77 with an index of one newest position for each five bytes. What a compressor would write is
//! added up in bits instead of written: so much for a letter, so much for a match. A match that goes on where the last
//! one left off, behind a word or a number that differs, costs little, as it does in Zstandard.
//!
//! # References
//! J. Ziv, A. Lempel, *IEEE Trans. Inf. Theory* 23 (1977); the cross-parsing of one text by another: J. Ziv, N. Merhav,
//! *IEEE Trans. Inf. Theory* 39 (1993).

use alloc::{boxed::Box, collections::VecDeque, vec, vec::Vec};

use serde::{Deserialize, Serialize};

use super::compress::Compress;
use crate::Error;

/// Bits of a byte that is in no match: of a letter, of a digit. Bits of a match, besides those of its distance and its
/// length, and of one at the distance of the last, besides those of its length.
const LETTER: u64 = 6;
const DIGIT: u64 = 4;
const MATCH: u32 = 4;
const AGAIN: u32 = 6;

/// Shorter matches save nothing.
const SHORTEST: usize = 5;
const SHORTEST_AGAIN: usize = 3;

/// The index has at least so many places, 2 to the power of this, and at most that.
const FEWEST_BITS: u32 = 11;
const MOST_BITS: u32 = 17;

/// Twice the largest capacity can be told in so many bits.
const PLACE_BITS: u32 = 26;
const PLACE: u32 = (1 << PLACE_BITS) - 1;
const TAG_BITS: u32 = u32::BITS - PLACE_BITS;

/// Longer texts are seldom the same.
const LONGEST_WHOLE: usize = 512;

/// Every so many positions of a text are found again.
const STEP: usize = 2;

/// The newest texts, indexed: how much of another they hold, at some 1 ns a byte whatever there is of them.
///
/// ```
/// use drift_sre::NoveltyIndex;
///
/// let mut index = NoveltyIndex::new(100, 1 << 16);
/// for user in 0..100 {
///     index.learn(format!("session opened for user {user} by (uid=0)").as_bytes());
/// }
/// assert!(index.novelty(b"session opened for user 7421 by (uid=0)") < 0.3);
/// assert!(index.novelty(b"kernel BUG at mm/slub.c, tainted: G W") > 0.7);
/// ```
#[derive(Clone, Debug)]
pub struct NoveltyIndex {
    /// Texts, each ended by a newline; those before the first start are forgotten.
    bytes: Vec<u8>,
    /// Where each text starts.
    starts: VecDeque<u32>,
    /// The newest position of five bytes or a whole text, by its hash; counted from 1, below a few more of the hash's
    /// bits: most that are of something else need not be looked at.
    places: Box<[u32]>,
    /// To the bits of a hash that say which place.
    shift: u32,
    texts: usize,
    capacity: usize,
}

impl PartialEq for NoveltyIndex {
    fn eq(&self, other: &Self) -> bool {
        self.kept() == other.kept() && self.texts().eq(other.texts()) && self.texts == other.texts
    }
}

/// What a snapshot holds: the lengths of the texts, and the texts.
#[derive(Serialize, Deserialize)]
pub(crate) struct Saved {
    lengths: Vec<u32>,
    bytes: Vec<u8>,
}

impl Saved {
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn texts(&self) -> usize {
        self.lengths.len()
    }
}

impl NoveltyIndex {
    /// An index of the newest `texts` texts, as far as they fit into `capacity` bytes (1 KiB to 16 MiB). It takes up to
    /// 2.5 times that.
    #[must_use]
    pub fn new(texts: usize, capacity: usize) -> Self {
        let capacity = capacity.clamp(1 << 10, 16 << 20);
        let bits = (capacity / 8).ilog2().clamp(FEWEST_BITS, MOST_BITS);
        Self {
            bytes: Vec::new(),
            starts: VecDeque::new(),
            places: vec![0; 1 << bits].into_boxed_slice(),
            shift: u64::BITS - bits,
            texts: texts.max(1),
            capacity,
        }
    }

    /// The texts that are kept, oldest first, each ended by a newline.
    #[must_use = "iterators do nothing unless asked"]
    pub fn texts(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        (0..self.starts.len()).map(|number| self.text(number))
    }

    /// The same, newest first.
    pub(crate) fn newest_texts(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.starts.len()).rev().map(|number| self.text(number))
    }

    /// All texts that are kept.
    pub(crate) fn kept(&self) -> &[u8] {
        &self.bytes[self.first()..]
    }

    /// The newest so many texts, and what is kept before them.
    pub(crate) fn split(&self, newest: usize) -> (&[u8], &[u8]) {
        let number = self.starts.len().saturating_sub(newest);
        let at = self.starts.get(number).map_or(self.bytes.len(), |start| *start as usize);
        (&self.bytes[self.first()..at], &self.bytes[at..])
    }

    fn text(&self, number: usize) -> &[u8] {
        &self.bytes[self.start(number)..self.start(number + 1)]
    }

    fn start(&self, number: usize) -> usize {
        self.starts.get(number).map_or(self.bytes.len(), |start| *start as usize)
    }

    fn first(&self) -> usize {
        self.starts.front().map_or(self.bytes.len(), |start| *start as usize)
    }

    /// What a text takes where the kept texts are known, in bits.
    #[must_use]
    pub fn bits(&self, text: &[u8]) -> u64 {
        let first = self.first();
        // The text is thought of as standing behind all that is kept.
        let end = self.bytes.len();
        if let Some(from) = self.whole(text, first) {
            return u64::from(MATCH + (end - from).ilog2() + text.len().ilog2());
        }
        let (mut bits, mut at, mut told, mut distance, mut misses) = (0u64, 0, 0, usize::MAX, 0);
        while at + 8 <= text.len() {
            let here = word(text, at);
            let again = (end + at).wrapping_sub(distance);
            let same = if again >= first && again + 8 <= end { common(self.word(again), here) } else { 0 };
            let (from, same) = if same >= SHORTEST_AGAIN {
                (again, same)
            } else {
                let found = self.newest(five(here), first).map(|from| (from, common(self.word(from), here)));
                let Some(found) = found.filter(|(_, same)| *same >= SHORTEST) else {
                    // What matches nowhere is gone over ever faster.
                    at += 1 + (misses >> 2);
                    misses += 1;
                    continue;
                };
                found
            };
            let mut before = 0;
            while at - before > told
                && from - before > first
                && text[at - before - 1] == self.bytes[from - before - 1]
            {
                before += 1;
            }
            let length = if same < 8 { same } else { 8 + self.match_length(from + 8, &text[at + 8..]) };
            let apart = end + at - from;
            let cost = if apart == distance { AGAIN } else { MATCH + apart.ilog2() };
            bits += letters(&text[told..at - before]) + u64::from(cost + (before + length).ilog2());
            distance = apart;
            at += length;
            told = at;
            misses = 0;
        }
        bits + letters(&text[told..])
    }

    /// Where a text that is no longer than most lines is kept whole.
    fn whole(&self, text: &[u8], first: usize) -> Option<usize> {
        let from = self.newest(whole(text)?, first)?;
        (self.bytes[from..].starts_with(text) && self.bytes.get(from + text.len()) == Some(&b'\n'))
            .then_some(from)
    }

    /// Where something of this hash was seen last, if that is kept; seldom where something else was.
    fn newest(&self, hash: u64, first: usize) -> Option<usize> {
        let entry = self.places[(hash >> self.shift) as usize];
        let place = (entry & PLACE) as usize;
        (entry >> PLACE_BITS == tag(hash) && place > first).then(|| place - 1)
    }

    /// Share of a text that is new, 0 to 1: what it takes, beside what it would take letter by letter. 0 of nothing.
    #[must_use]
    pub fn novelty(&self, text: &[u8]) -> f64 {
        let letters = letters(text);
        if letters == 0 { 0.0 } else { (self.bits(text) as f64 / letters as f64).min(1.0) }
    }

    /// Adds a text, and forgets the oldest there is no room for. Of a text longer than the capacity the end is kept.
    pub fn learn(&mut self, text: &[u8]) {
        let text = &text[text.len().saturating_sub(self.capacity - 1)..];
        while self.starts.len() >= self.texts
            || (!self.starts.is_empty() && self.kept().len() + text.len() + 1 > self.capacity)
        {
            self.starts.pop_front();
        }
        if self.bytes.len() + text.len() + 1 > 2 * self.capacity {
            self.move_up();
        }
        let start = self.bytes.len();
        // Capacities are far below 2^32.
        self.starts.push_back(start as u32);
        self.bytes.extend_from_slice(text);
        self.bytes.push(b'\n');
        self.index(start, self.bytes.len());
    }

    /// Throws away what is forgotten.
    fn move_up(&mut self) {
        let first = self.first();
        self.bytes.drain(..first);
        for start in &mut self.starts {
            *start -= first as u32;
        }
        self.places.fill(0);
        for number in 0..self.starts.len() {
            self.index(self.start(number), self.start(number + 1));
        }
    }

    /// Every second position of a text is found again: a match that began between is grown backwards.
    fn index(&mut self, start: usize, end: usize) {
        let Self { bytes, places, shift, .. } = self;
        let text = &bytes[start..end];
        let mut found_at = |hash: u64, at: usize| {
            places[(hash >> *shift) as usize] = tag(hash) << PLACE_BITS | (at as u32 + 1);
        };
        for (number, eight) in text.array_windows().step_by(STEP).enumerate() {
            found_at(five(u64::from_le_bytes(*eight)), start + STEP * number);
        }
        if let Some(hash) = text.split_last().and_then(|(_, text)| whole(text)) {
            found_at(hash, start);
        }
    }

    fn word(&self, at: usize) -> u64 {
        word(&self.bytes, at)
    }

    fn match_length(&self, from: usize, text: &[u8]) -> usize {
        let mut length = 0;
        while length + 8 <= text.len() && from + length + 8 <= self.bytes.len() {
            let same = common(word(&self.bytes, from + length), word(text, length));
            length += same;
            if same < 8 {
                return length;
            }
        }
        let rest = self.bytes[from + length..].iter().zip(&text[length..]);
        length + rest.take_while(|(one, other)| one == other).count()
    }

    pub(crate) fn save(&self) -> Saved {
        Saved { lengths: self.texts().map(|text| text.len() as u32).collect(), bytes: self.kept().to_vec() }
    }

    pub(crate) fn resume(saved: &Saved, texts: usize, capacity: usize) -> Result<Self, Error> {
        let mut index = Self::new(texts, capacity);
        let mut rest = &saved.bytes[..];
        for length in &saved.lengths {
            let (text, after) = rest.split_at_checked(*length as usize).ok_or(Error::SnapshotCorrupt)?;
            let Some((b'\n', text)) = text.split_last() else { return Err(Error::SnapshotCorrupt) };
            if core::str::from_utf8(text).is_err() {
                return Err(Error::SnapshotCorrupt);
            }
            index.learn(text);
            rest = after;
        }
        if rest.is_empty() { Ok(index) } else { Err(Error::SnapshotCorrupt) }
    }
}

/// Bits of bytes that are in no match.
fn letters(text: &[u8]) -> u64 {
    let digits: u32 = text.iter().map(|byte| u32::from(byte.is_ascii_digit())).sum();
    LETTER * text.len() as u64 - (LETTER - DIGIT) * u64::from(digits)
}

/// The hash of the first five of eight bytes: a multiplicative one, of which the high bits are good.
fn five(word: u64) -> u64 {
    (word << 24).wrapping_mul(0x9e37_79b1_85eb_ca87)
}

/// The hash of a whole text, by five parts of it, as what it finds is compared anyway; `None` of one too long to be
/// worth it, or shorter than any match.
fn whole(text: &[u8]) -> Option<u64> {
    let last = text.len().checked_sub(8).filter(|_| text.len() <= LONGEST_WHOLE)?;
    let part = |number: usize| word(text, number * last / 4).wrapping_mul(0x9e37_79b1_85eb_ca87);
    let parts = (0..5).fold(text.len() as u64, |hash, number| hash.rotate_left(13) ^ part(number));
    Some(parts.wrapping_mul(0xff51_afd7_ed55_8ccd))
}

/// What else is kept of a hash, below the bits that say where.
const fn tag(hash: u64) -> u32 {
    (hash >> (u64::BITS - MOST_BITS - TAG_BITS)) as u32 & ((1 << TAG_BITS) - 1)
}

/// Eight bytes, the first as the lowest; 0 where there are none.
fn word(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_le_bytes)
}

/// How many of the first bytes are the same.
fn common(one: u64, other: u64) -> usize {
    ((one ^ other).trailing_zeros() / 8) as usize
}

/// Lengths by the index, as if it were a compressor: for distances without a compression run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Direct;

impl Compress for Direct {
    fn window(&self) -> usize {
        16 << 20
    }

    fn compressed_len(&mut self, bytes: &[u8]) -> usize {
        let mut index = NoveltyIndex::new(usize::MAX, bytes.len() + bytes.len() / 8 + 1);
        let bits: u64 = bytes
            .split_inclusive(|byte| *byte == b'\n')
            .flat_map(|line| line.chunks(256))
            .map(|part| {
                let part = part.strip_suffix(b"\n").unwrap_or(part);
                let bits = index.bits(part);
                // What is there whole is found as it is.
                if index.whole(part, 0).is_none() {
                    index.learn(part);
                }
                bits
            })
            .sum();
        (bits / 8) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(n: u32) -> Vec<u8> {
        alloc::format!("request {} took {} ms for user-{}", n * 7 % 91, n * n % 1_000, n % 13).into_bytes()
    }

    #[test]
    fn what_is_forgotten_no_longer_counts() {
        let mut index = NoveltyIndex::new(50, 1 << 12);
        index.learn(b"something that is never said again");
        assert!(index.novelty(b"something that is never said again") < 0.2);
        (0..50).for_each(|n| index.learn(&line(n)));
        assert!(index.novelty(b"something that is never said again") > 0.9);
        assert_eq!(index.texts().len(), 50);
    }

    #[test]
    fn an_index_saved_anywhere_goes_on_as_if_it_had_not_been() {
        let (mut one, texts, capacity) = (NoveltyIndex::new(30, 1 << 10), 30, 1 << 10);
        for n in 0..500 {
            one.learn(&line(n));
            assert!(one.kept().len() <= capacity && one.bytes.len() <= 2 * capacity);
            let mut other = NoveltyIndex::resume(&one.save(), texts, capacity).unwrap();
            assert_eq!(one, other);
            assert_eq!(one.bits(&line(n + 5)), other.bits(&line(n + 5)), "at {n}");
            other.learn(&line(n + 1));
            let mut plain = one.clone();
            plain.learn(&line(n + 1));
            assert_eq!(plain.bits(&line(n + 9)), other.bits(&line(n + 9)));
        }
    }

    #[test]
    fn a_text_beyond_the_capacity_leaves_its_end() {
        let mut index = NoveltyIndex::new(10, 1 << 10);
        index.learn(&[b'x'; 5_000]);
        assert_eq!(index.kept().len(), 1 << 10);
    }
}
