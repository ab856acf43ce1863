//! How surprising a line is: its code length in bits, in its context and lately, less what a new line costs at its time.
//!
//! # Sees
//! Lines never seen, seldom seen, out of their order, in bursts, or of unknown words.
//! # Blind to
//! Values: numbers, addresses and names are dropped. Lines that are missing.
//! # Parameters
//! How many templates are remembered, and when the warm-up ends.
//! # Cost
//! 72 bytes a template, 24 a pair of words, a pattern or a context; some 15 table look-ups and 10 logarithms a line.
//! # References
//! Adaptive code lengths: R. Krichevsky, V. Trofimov, *IEEE Trans. Inf. Theory* 27 (1981). The mixture of two codes by
//! fixed share: M. Herbster, M. Warmuth, *Machine Learning* 32 (1998).

use alloc::{collections::VecDeque, vec::Vec};

use serde::{Deserialize, Serialize};

use super::{
    key::{Words, join},
    table::{Entry, Met, Table},
    templates::{Patterns, Template, place},
};
use crate::{Error, math};

/// Lines in a block; a burst within one counts once.
const BLOCK: u64 = 50;

/// Lines younger than this do not yet say what is usual.
const DELAY: usize = 200;

/// How much lines of late weigh, as forgotten by half in so many lines.
const HALF_LIFE: f64 = 10.0;
const BURST_HALF_LIFE: f64 = 30.0;

/// What one line less weighs where half is forgotten in 5, 10, 20 and 30 lines: 2^(-1/n).
const KEEP_5: f64 = 0.870_550_563_296_124_1;
const KEEP_10: f64 = 0.933_032_991_536_807_4;
const KEEP_20: f64 = 0.965_936_328_924_845_8;
const KEEP_30: f64 = 0.977_159_968_434_245_9;

/// A sixth of a millionth part of a line: nothing is left of what was.
const FORGOTTEN: f64 = 40.0;

/// Sources whose newest line is remembered, as the context of the next.
const SOURCES: usize = 1_024;

/// Levels of how many new lines there were of late.
const STATES: usize = 7;

/// Words by which people say that something is wrong add so many bits each, so many of them at most.
const SEVERE_BITS: f64 = 2.0;
const SEVERE_WORDS: u32 = 3;

/// Why a line is surprising: what each part adds to its score, in bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Parts {
    /// How unexpected it is after the line before it of the same source.
    pub context: f64,
    /// How unexpected it is after the last few lines of any source.
    pub recency: f64,
    /// How few blocks of 50 lines had one like it.
    pub rarity: f64,
    /// How much more often it comes now than it used to.
    pub burst: f64,
    /// How much of its wording was never seen.
    pub content: f64,
    /// Words by which people say that something is wrong.
    pub severity: f64,
    /// What any new line costs at its time, and how much is new just now: taken off.
    pub discount: f64,
}

impl Parts {
    /// Their sum: the line's score.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.context + self.recency + self.rarity + self.burst + self.content + self.severity - self.discount
    }
}

/// What was known of a line's template when it came.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Familiarity {
    /// Lines like it before.
    pub times: u64,
    /// All lines before.
    pub lines: u64,
    /// How many of the last 50 lines were like it, with itself.
    pub lately: u32,
    /// How many lines ago the newest like it came.
    pub ago: Option<u64>,
    /// Share of its pairs of words that were never seen, 0 to 1.
    pub unknown_words: f64,
    /// Words in it by which people say that something is wrong.
    pub severe_words: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Follows {
    before: u64,
    met: Met,
}

impl Entry for Follows {
    fn worth(&self) -> (u32, u64) {
        self.met.worth()
    }
}

/// The template of a source's newest line.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Source {
    template: u64,
    last: u64,
}

impl Entry for Source {
    fn worth(&self) -> (u32, u64) {
        (0, self.last)
    }
}

/// What is counted over all templates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Totals {
    lines: u64,
    /// Templates ever made.
    types: u64,
    settled_lines: u64,
    settled_types: u64,
    /// All lines of late, and new ones of late.
    recent: f64,
    new_lately: f64,
    /// Lines that were not new, and that were, by how many were new before.
    novelty: [[u32; 2]; STATES],
    /// Weight of the code that forgets nothing, in the mixture with that of late.
    steady: f64,
    /// How surprising and how new the last few lines were.
    surprise_lately: f64,
    newness_lately: f64,
    /// The newest templates, oldest first.
    pending: VecDeque<u64>,
}

/// The line score and all that it learns from.
#[derive(Clone, Debug)]
pub(crate) struct Novelty {
    totals: Totals,
    templates: Table<Template>,
    patterns: Table<Met>,
    pairs: Table<Met>,
    contexts: Table<Follows>,
    sources: Table<Source>,
    words: Words,
    scratch: Patterns,
    severity: bool,
}

/// What a snapshot holds.
#[derive(Serialize, Deserialize)]
pub(crate) struct Saved {
    totals: Totals,
    templates: Vec<(u64, Template)>,
    patterns: Vec<(u64, Met)>,
    pairs: Vec<(u64, Met)>,
    contexts: Vec<(u64, Follows)>,
    sources: Vec<(u64, Source)>,
}

impl PartialEq for Novelty {
    fn eq(&self, other: &Self) -> bool {
        self.totals == other.totals
            && self.templates == other.templates
            && self.patterns == other.patterns
            && self.pairs == other.pairs
            && self.contexts == other.contexts
            && self.sources == other.sources
            && self.severity == other.severity
    }
}

impl Novelty {
    pub(crate) fn new(templates: usize, severity: bool) -> Self {
        Self {
            totals: Totals {
                lines: 0,
                types: 0,
                settled_lines: 0,
                settled_types: 0,
                recent: 0.0,
                new_lately: 0.0,
                novelty: [[0; 2]; STATES],
                steady: 0.5,
                surprise_lately: 0.0,
                newness_lately: 0.0,
                pending: VecDeque::new(),
            },
            templates: Table::new(templates),
            patterns: Table::new(templates * 8),
            pairs: Table::new(templates * 4),
            contexts: Table::new(templates * 4),
            sources: Table::new(SOURCES),
            words: Words::default(),
            scratch: Patterns::default(),
            severity,
        }
    }

    /// Lines taken.
    pub(crate) fn lines(&self) -> u64 {
        self.totals.lines
    }

    /// Templates known.
    pub(crate) fn known(&self) -> usize {
        self.templates.len()
    }

    /// Scores a line of a source against all lines before, then learns it.
    pub(crate) fn score(&mut self, line: &[u8], source: u64) -> (Parts, Familiarity) {
        let Self { words, scratch, templates, patterns, totals, .. } = self;
        words.read(line);
        let now = totals.lines;
        let (key, before) = place(words, |key| templates.get(key).is_some(), patterns, scratch, now);
        let known = templates.get(key).copied();
        let mut template = known.unwrap_or(Template { lines: before, ..Template::default() });
        let seen = f64::from(template.lines);
        let is_new = template.lines == 0;
        let (t, types) = (totals.lines as f64, totals.types as f64);
        let age = math::log2(t + 2.0);
        let block = now / BLOCK;
        let block_age = math::log2(block as f64 + 2.0);
        let plain = (seen + 0.5) / (t + 1.0 + 0.5 * (types + 1.0));
        let surprise = -math::log2(plain) - age;
        let (severe, unknown) = (words.severe(), self.learn_words(now));
        let context = self.context(key, source, plain, now);
        let ago = now - template.last.min(now);
        let gap = ago as f64;
        let recency = self.recency(&template, gap);
        let rarity = math::log2((block as f64 + 2.0) / (f64::from(template.blocks) + 0.5));
        let burst = self.burst(&mut template, gap);
        let totals = &mut self.totals;
        let local = 0.3 * totals.surprise_lately + 3.0 * totals.newness_lately;
        let severity = if self.severity { SEVERE_BITS * f64::from(severe.min(SEVERE_WORDS)) } else { 0.0 };
        let parts = Parts {
            context,
            recency,
            rarity: 0.5 * rarity,
            burst: 0.5 * math::log2(1.0 + burst),
            content: unknown,
            severity,
            discount: 1.5 * age + 0.5 * block_age + local,
        };
        totals.surprise_lately = KEEP_5 * totals.surprise_lately + (1.0 - KEEP_5) * surprise;
        totals.newness_lately = KEEP_5 * totals.newness_lately + (1.0 - KEEP_5) * f64::from(u8::from(is_new));
        self.learn(key, template, gap, now);
        let familiarity = Familiarity {
            times: seen as u64,
            lines: now,
            lately: self.lately(key),
            ago: known.map(|_| ago),
            unknown_words: unknown,
            severe_words: severe,
        };
        (parts, familiarity)
    }

    /// The warm-up is over: all that was seen says what is usual.
    pub(crate) fn settle(&mut self) {
        while let Some(key) = self.totals.pending.pop_front() {
            self.settle_one(key);
        }
    }

    /// Share of the line's pairs of neighbouring words that were never seen.
    fn learn_words(&mut self, now: u64) -> f64 {
        let (mut last, mut unknown, mut pairs) = (0, 0u32, 0u32);
        for word in self.words.hashes().iter().copied().chain([1]) {
            let met = self.pairs.entry(join(last, word), || Met::at(now), |_, _| {});
            unknown += u32::from(met.times == 0);
            pairs += 1;
            met.again(now);
            last = word;
        }
        f64::from(unknown) / f64::from(pairs)
    }

    /// Code length after the line before of the same source; what that source says next is learned.
    fn context(&mut self, key: u64, source: u64, plain: f64, now: u64) -> f64 {
        let entry = self.sources.entry(source, || Source { template: 0, last: now }, |_, _| {});
        let before = core::mem::replace(entry, Source { template: key, last: now }).template;
        let Some(&Template { followed, followers, .. }) = self.templates.get(before) else {
            // Nothing is known of what follows.
            return -math::log2(plain);
        };
        let pair = join(before, key);
        let times = self.contexts.get(pair).map_or(0, |follows| follows.met.times);
        let trust = f64::from(followers) + 1.0;
        let likely = (f64::from(times) + trust * plain) / (f64::from(followed) + trust);
        let templates = &mut self.templates;
        let lost = |_, lost: Follows| {
            if let Some(template) = templates.get_mut(lost.before) {
                template.followed = template.followed.saturating_sub(lost.met.times);
                template.followers = template.followers.saturating_sub(1);
            }
        };
        let follows = self.contexts.entry(pair, || Follows { before, met: Met::at(now) }, lost);
        let first = follows.met.times == 0;
        follows.met.again(now);
        if let Some(template) = self.templates.get_mut(before) {
            template.followed = template.followed.saturating_add(1);
            template.followers = template.followers.saturating_add(u32::from(first));
        }
        -math::log2(likely)
    }

    /// Code length by what came of late, all new templates being one symbol.
    fn recency(&mut self, template: &Template, gap: f64) -> f64 {
        let totals = &mut self.totals;
        let is_new = template.lines == 0;
        let level = math::floor(math::log2(1.0 + 16.0 * totals.new_lately)).clamp(0.0, STATES as f64 - 1.0);
        let [known, new] = &mut totals.novelty[level as usize];
        let (olds, news) = (f64::from(*known), f64::from(*new));
        let fresh = (news + 0.3) / (news + olds + 1.3);
        let t = (totals.lines as f64).max(1.0);
        let steady = if is_new { fresh } else { (1.0 - fresh) * f64::from(template.lines) / t };
        let recent = if is_new { 0.0 } else { template.recent * keep(gap, HALF_LIFE) };
        let late = (recent + steady) / (totals.recent + 1.0);
        let mixed = totals.steady * steady + (1.0 - totals.steady) * late;
        totals.steady = 0.98 * totals.steady * steady / mixed + 0.01;
        let counted = if is_new { new } else { known };
        *counted = counted.saturating_add(1);
        totals.new_lately = KEEP_20 * totals.new_lately + f64::from(u8::from(is_new));
        totals.recent = KEEP_10 * (totals.recent + 1.0);
        -math::log2(mixed)
    }

    /// How far the rate of late lies above the usual one, as a log-likelihood ratio of Poisson counts.
    fn burst(&self, template: &mut Template, gap: f64) -> f64 {
        template.burst = template.burst * keep(gap, BURST_HALF_LIFE) + 1.0;
        let Totals { settled_lines, settled_types, .. } = self.totals;
        let usual =
            (f64::from(template.settled) + 0.5) / (settled_lines as f64 + 1.0 + 0.5 * settled_types as f64);
        let expected = usual / (1.0 - KEEP_30);
        let counted = template.burst;
        if counted > expected { counted * math::ln(counted / expected) - (counted - expected) } else { 0.0 }
    }

    fn learn(&mut self, key: u64, mut template: Template, gap: f64, now: u64) {
        let totals = &mut self.totals;
        // Blocks are counted from 1, so that 0 is none.
        let block = now / BLOCK + 1;
        template.blocks = template.blocks.saturating_add(u32::from(template.last_block != block));
        template.last_block = block;
        template.recent = template.recent * keep(gap, HALF_LIFE) + 1.0;
        template.lines = template.lines.saturating_add(1);
        template.last = now;
        let mut made = false;
        let known = self.templates.entry(
            key,
            || {
                made = true;
                Template::default()
            },
            |_, _| {},
        );
        // Its context may have been counted meanwhile.
        let Template { followed, followers, .. } = *known;
        *known = Template { followed, followers, ..template };
        totals.types = totals.types.saturating_add(u64::from(made));
        totals.lines = totals.lines.saturating_add(1);
        totals.pending.push_back(key);
        if totals.pending.len() > DELAY
            && let Some(settled) = totals.pending.pop_front()
        {
            self.settle_one(settled);
        }
    }

    fn settle_one(&mut self, key: u64) {
        self.totals.settled_lines = self.totals.settled_lines.saturating_add(1);
        if let Some(template) = self.templates.get_mut(key) {
            self.totals.settled_types =
                self.totals.settled_types.saturating_add(u64::from(template.settled == 0));
            template.settled = template.settled.saturating_add(1);
        }
    }

    fn lately(&self, key: u64) -> u32 {
        let pending = &self.totals.pending;
        let block = pending.iter().rev().take(BLOCK as usize);
        block.filter(|line| **line == key).fold(0, |count, _| count + 1)
    }

    pub(crate) fn save(&self) -> Saved {
        Saved {
            totals: self.totals.clone(),
            templates: self.templates.sorted(),
            patterns: self.patterns.sorted(),
            pairs: self.pairs.sorted(),
            contexts: self.contexts.sorted(),
            sources: self.sources.sorted(),
        }
    }

    /// Goes on from what was saved; a state that no lines lead to is refused as far as anything depends on it.
    pub(crate) fn resume(saved: Saved, capacity: usize, severity: bool) -> Result<Self, Error> {
        let Saved { totals, templates, patterns, pairs, contexts, sources } = saved;
        let now = totals.lines;
        let is_count = |value: f64| (0.0..=1e3).contains(&value);
        let sane = now < 1 << 52
            && totals.types <= now
            && totals.settled_lines <= now
            && totals.settled_types <= now
            && is_count(totals.recent)
            && is_count(totals.new_lately)
            && (1e-9..=1.0).contains(&totals.steady)
            && totals.surprise_lately.abs() <= 1e3
            && (0.0..=1.0).contains(&totals.newness_lately)
            && totals.pending.len() <= DELAY;
        if !sane {
            return Err(Error::SnapshotCorrupt);
        }
        let is_template = |template: &Template| {
            template.last <= now
                && is_count(template.recent)
                && is_count(template.burst)
                && template.last_block <= now
        };
        let is_met = |met: &Met| met.last <= now;
        Ok(Self {
            totals,
            templates: Table::resume(templates, capacity, is_template)?,
            patterns: Table::resume(patterns, capacity * 8, is_met)?,
            pairs: Table::resume(pairs, capacity * 4, is_met)?,
            contexts: Table::resume(contexts, capacity * 4, |follows| is_met(&follows.met))?,
            sources: Table::resume(sources, SOURCES, |source| source.last <= now)?,
            words: Words::default(),
            scratch: Patterns::default(),
            severity,
        })
    }
}

/// What is left of a count after so many lines.
fn keep(gap: f64, half_life: f64) -> f64 {
    let halvings = gap / half_life;
    if halvings > FORGOTTEN { 0.0 } else { math::exp2(-halvings) }
}
