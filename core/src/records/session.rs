//! Records of many lines, which belong together: a job, a request, a block. Odd are those with lines too many or too few.

use alloc::{collections::BTreeMap, vec, vec::Vec};

use serde::{Deserialize, Serialize};

use super::{
    key::Words,
    line::Lines,
    monitor::read,
    redact::Secrets,
    table::{Met, Table},
    templates::{Patterns, place},
};
use crate::{Error, config::RecordConfig, math, snapshot};

/// Counts are told apart up to 4, then by halves of their logarithm, up to some millions.
const BUCKETS: usize = 48;

/// The answer to one session.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionVerdict {
    /// The session's number, from 0.
    pub id: u64,
    /// Whether the monitor is calibrated; until then nothing is detected.
    pub ready: bool,
    /// How odd its counts of lines are, in bits: those of lines that are missing too.
    pub score: f64,
    /// Share of the newest 1,000 sessions that were at least so odd, itself among them; `None` until calibrated.
    pub p_value: Option<f64>,
    /// Whether it alarms.
    pub detected: bool,
    /// Kinds of lines in it that no session had before.
    pub unknown: u32,
    /// Kinds of lines that most sessions have and it has not.
    pub missing: u32,
}

impl SessionVerdict {
    /// Why it was detected, in words; `None` if it was not.
    #[must_use]
    pub fn why(&self) -> Option<alloc::string::String> {
        self.detected.then(|| match (self.unknown, self.missing) {
            (0, 0) => "its lines come in numbers that are unusual".into(),
            (unknown, 0) => alloc::format!("{unknown} kinds of its lines were never seen in a session"),
            (0, missing) => alloc::format!("{missing} kinds of lines that most sessions have are missing"),
            (unknown, missing) => alloc::format!(
                "{unknown} kinds of its lines were never seen in a session, and {missing} that most have are missing"
            ),
        })
    }
}

/// Sessions by how often a kind of line came in them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Counts {
    /// Sessions for each bucket of counts from 1; the others had none.
    buckets: Vec<u32>,
    met: Met,
}

/// Watches records that are made of several lines.
///
/// Each kind of line has a law of its own: in how many sessions it came how often. A session's score is the code length
/// of its counts under these laws, over all kinds that were ever seen.
///
/// ```
/// use drift_sre::{RecordConfig, SessionMonitor};
///
/// let mut monitor = SessionMonitor::new(RecordConfig::default())?;
/// for n in 0..500 {
///     monitor.update(&[format!("open block {n}"), format!("write block {n}"), format!("close block {n}")]);
/// }
/// let verdict = monitor.update(&["open block 501", "write block 501"]);
/// assert!(verdict.detected && verdict.missing == 1);
/// # Ok::<(), drift_sre::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SessionMonitor {
    config: RecordConfig,
    secrets: Secrets,
    sessions: u64,
    kinds: BTreeMap<u64, Counts>,
    patterns: Table<Met>,
    lines: Lines,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    sessions: u64,
    kinds: BTreeMap<u64, Counts>,
    patterns: Vec<(u64, Met)>,
    lines: Lines,
}

impl SessionMonitor {
    /// A monitor that has seen nothing. Of the settings it takes `baseline_size`, which is its warm-up in sessions,
    /// `line_level`, `templates` and `secret_fields`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] names the first setting that cannot be.
    pub fn new(config: RecordConfig) -> Result<Self, Error> {
        config.validate()?;
        let (secrets, patterns) =
            (Secrets::new(&config.secret_fields), Table::new(8 * config.templates as usize));
        Ok(Self { config, secrets, sessions: 0, kinds: BTreeMap::new(), patterns, lines: Lines::new() })
    }

    /// Takes the lines of one session.
    pub fn update<L: AsRef<[u8]>>(&mut self, lines: &[L]) -> SessionVerdict {
        let (id, mut words, mut scratch) = (self.sessions, Words::default(), Patterns::default());
        let mut counts: BTreeMap<u64, u32> = BTreeMap::new();
        for line in lines {
            words.read(read(line.as_ref(), &self.secrets).text.as_bytes());
            let is_known = |key| self.kinds.contains_key(&key) || counts.contains_key(&key);
            let (key, _) = place(&words, is_known, &mut self.patterns, &mut scratch, id);
            let count = counts.entry(key).or_insert(0);
            *count = count.saturating_add(1);
        }
        let (score, unknown, missing) = self.score(&counts);
        self.learn(&counts);
        self.sessions = self.sessions.saturating_add(1);
        let standing = self.lines.take(score, self.config.baseline_size as usize, self.config.line_level);
        SessionVerdict {
            id,
            ready: standing.is_some(),
            score,
            p_value: standing.map(|standing| standing.p_value),
            detected: standing.is_some_and(|standing| standing.alarms),
            unknown,
            missing,
        }
    }

    fn score(&self, counts: &BTreeMap<u64, u32>) -> (f64, u32, u32) {
        let all = self.sessions as f64 + 1.0;
        let bits = |sessions: f64| -math::log2((sessions + 0.5) / all);
        let (mut score, mut unknown, mut missing) = (0.0, 0u32, 0u32);
        for (key, known) in &self.kinds {
            let with: f64 = known.buckets.iter().map(|sessions| f64::from(*sessions)).sum();
            if let Some(count) = counts.get(key) {
                score += bits(known.buckets.get(bucket(*count)).copied().map_or(0.0, f64::from));
            } else {
                score += bits((all - 1.0 - with).max(0.0));
                missing += u32::from(with > 0.9 * (all - 1.0));
            }
        }
        for _ in counts.keys().filter(|key| !self.kinds.contains_key(key)) {
            score += bits(0.0);
            unknown += 1;
        }
        (score, unknown, missing)
    }

    fn learn(&mut self, counts: &BTreeMap<u64, u32>) {
        for (key, count) in counts {
            if self.kinds.len() >= self.config.templates as usize && !self.kinds.contains_key(key) {
                self.halve();
            }
            let known = self.kinds.entry(*key).or_insert_with(|| Counts { buckets: vec![], met: Met::at(0) });
            let bucket = bucket(*count);
            if known.buckets.len() <= bucket {
                known.buckets.resize(bucket + 1, 0);
            }
            known.buckets[bucket] = known.buckets[bucket].saturating_add(1);
            known.met.again(self.sessions);
        }
    }

    /// Gives up the half of the kinds that were met least and longest ago.
    fn halve(&mut self) {
        let mut worths: Vec<_> = self.kinds.iter().map(|(key, known)| (known.met.worth(), *key)).collect();
        worths.sort_unstable();
        for (_, key) in &worths[..worths.len() / 2] {
            self.kinds.remove(key);
        }
    }

    /// Sessions taken.
    #[must_use]
    pub fn sessions(&self) -> u64 {
        self.sessions
    }

    /// The settings it runs with.
    #[must_use]
    pub fn config(&self) -> &RecordConfig {
        &self.config
    }

    /// What was learned, as bytes; the settings are not in it.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        let Self { sessions, kinds, patterns, lines, .. } = self;
        snapshot::seal(snapshot::Kind::SessionMonitor, &(sessions, kinds, patterns.sorted(), lines))
    }

    /// A monitor that goes on from a snapshot, bit for bit if the settings are those it was taken with.
    ///
    /// # Errors
    /// As for [`RecordMonitor::resume`](crate::RecordMonitor::resume).
    pub fn resume(config: RecordConfig, bytes: &[u8]) -> Result<Self, Error> {
        let monitor = Self::new(config)?;
        let Saved { sessions, kinds, patterns, lines } =
            snapshot::open(snapshot::Kind::SessionMonitor, bytes)?;
        let templates = monitor.config.templates as usize;
        let sane = sessions < 1 << 52
            && kinds.len() <= templates
            && kinds.values().all(|known| known.buckets.len() <= BUCKETS && known.met.last <= sessions);
        if !sane {
            return Err(Error::SnapshotCorrupt);
        }
        let patterns = Table::resume(patterns, 8 * templates, |met| met.last <= sessions)?;
        Ok(Self { sessions, kinds, patterns, lines: lines.check()?, ..monitor })
    }
}

/// Where a count of at least 1 belongs: those to 3 by themselves, then two for each doubling.
fn bucket(count: u32) -> usize {
    if count < 4 {
        return count.saturating_sub(1) as usize;
    }
    let halves = math::floor(2.0 * math::log2(f64::from(count) / 4.0)) as usize;
    (3 + halves).min(BUCKETS - 1)
}
