//! Alarm lines that hold: the score's own past says how high an odd line must come.

use alloc::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::Error;

/// So many newest scores rank the next.
const RANKED: usize = 1_000;

/// Scores by which the warm-up sets the lines.
const WARM_UP: usize = 20_000;

/// Steps of the two lines, in spreads: the slow one is where the emitted score is 0, the quick one alarms.
const SLOW: f64 = 0.05;
const QUICK: f64 = 0.5;

/// The emitted score is 0 where 1 in 100 lines lies above.
const ORIGIN: f64 = 0.01;

/// What the past says of a score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Standing {
    /// How far above the slow line, in spreads of scores.
    pub(crate) emitted: f64,
    /// Share of the past that was at least so high, with itself.
    pub(crate) p_value: f64,
    pub(crate) alarms: bool,
}

/// Two lines that follow the scores so that a promised share lies above, and the newest scores.
///
/// After an alarm the line rises by a step, else it falls by that step times the rate. So for any sequence of scores
/// the share of alarms is within (range + step) / (step n) of the rate: nothing need be independent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Lines {
    /// Scores of the warm-up, until it is over.
    early: VecDeque<f32>,
    newest: VecDeque<f32>,
    taken: u64,
    spread: f64,
    origin: f64,
    alarm: f64,
    /// Whether the alarm line was set.
    set: bool,
}

impl Lines {
    pub(crate) fn new() -> Self {
        Self {
            early: VecDeque::new(),
            newest: VecDeque::new(),
            taken: 0,
            spread: 1.0,
            origin: 0.0,
            alarm: 0.0,
            set: false,
        }
    }

    /// Takes the next score, of a warm-up of so many; `None` within it. `rate` is the share that is to alarm.
    pub(crate) fn take(&mut self, score: f64, warm_up: usize, rate: f64) -> Option<Standing> {
        let score = score.clamp(-1e6, 1e6);
        self.taken = self.taken.saturating_add(1);
        let half = warm_up.min(WARM_UP) / 2;
        let taken = usize::try_from(self.taken).unwrap_or(usize::MAX);
        let standing = self.set.then(|| self.stand(score));
        if let Some(standing) = standing {
            self.alarm += QUICK * self.spread * (f64::from(u8::from(standing.alarms)) - rate);
        }
        if self.set || taken > half {
            self.origin += SLOW * self.spread * (f64::from(u8::from(score > self.origin)) - ORIGIN);
        }
        // The very first lines are all new, which says nothing of later ones.
        if taken > half / 2 {
            self.newest.push_back(score as f32);
            if self.newest.len() > RANKED {
                self.newest.pop_front();
            }
        }
        if !self.set {
            self.early.push_back(score as f32);
            if taken == half.max(1) {
                let quarter = half / 2;
                self.early.drain(..quarter.min(self.early.len().saturating_sub(1)));
                let sorted = sorted(&self.early);
                self.spread = (quantile(&sorted, 0.95) - quantile(&sorted, 0.5)).max(1.0);
                self.origin = quantile(&sorted, 1.0 - ORIGIN);
                self.early.clear();
            } else if taken >= warm_up.clamp(2, WARM_UP) {
                self.alarm = quantile(&sorted(&self.early), 1.0 - rate);
                self.early = VecDeque::new();
                self.set = true;
            }
        }
        standing
    }

    fn stand(&self, score: f64) -> Standing {
        let (rounded, (one, other)) = (score as f32, self.newest.as_slices());
        let above = count_from(one, rounded) + count_from(other, rounded);
        Standing {
            emitted: (score - self.origin) / self.spread,
            p_value: (1.0 + above as f64) / (1.0 + self.newest.len() as f64),
            alarms: score > self.alarm,
        }
    }

    /// Refuses what no scores lead to.
    pub(crate) fn check(self) -> Result<Self, Error> {
        let scores = self.early.iter().chain(&self.newest).all(|score| score.is_finite());
        let is_level = |value: f64| value.abs() <= 1e12;
        let sane = self.early.len() <= WARM_UP
            && self.newest.len() <= RANKED
            && (1.0..=1e7).contains(&self.spread)
            && is_level(self.origin)
            && is_level(self.alarm);
        if scores && sane && !(self.set && self.newest.is_empty()) {
            Ok(self)
        } else {
            Err(Error::SnapshotCorrupt)
        }
    }
}

/// How many are at least so high.
pub(crate) fn count_from(scores: &[f32], least: f32) -> usize {
    // A count as wide as the scores is what vector registers add.
    scores.iter().map(|score| u32::from(*score >= least)).sum::<u32>() as usize
}

fn sorted(scores: &VecDeque<f32>) -> alloc::vec::Vec<f32> {
    let mut sorted: alloc::vec::Vec<f32> = scores.iter().copied().collect();
    sorted.sort_unstable_by(f32::total_cmp);
    sorted
}

/// The smallest that the share `q` does not exceed; 0 of none.
fn quantile(sorted: &[f32], q: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    let position = crate::math::floor(q * last as f64 + 0.5) as usize;
    sorted.get(position.min(last)).copied().map_or(0.0, f64::from)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    /// Scores whose law changes as it likes: the worst case for a frozen line.
    fn wild(t: u32) -> f64 {
        let noise = f64::from((t.wrapping_mul(2_654_435_761) >> 8) % 1_000) / 100.0;
        let level = if (t / 700).is_multiple_of(2) { 0.0 } else { 15.0 };
        level + noise + f64::from(t) / 500.0
    }

    #[test]
    fn the_promised_rate_holds_whatever_the_scores_do() {
        for rate in [0.01, 0.05] {
            let mut lines = Lines::new();
            let standings: Vec<_> = (0..20_000).filter_map(|t| lines.take(wild(t), 500, rate)).collect();
            assert_eq!(standings.len(), 19_500);
            let alarms = standings.iter().filter(|standing| standing.alarms).count() as f64;
            assert!((alarms / 19_500.0 - rate).abs() < 0.2 * rate, "{alarms} at {rate}");
        }
    }

    #[test]
    fn a_rank_is_never_zero_and_never_above_one() {
        let mut lines = Lines::new();
        let ps: Vec<_> = (0..3_000u32)
            .filter_map(|t| lines.take(f64::from(t % 10), 100, 0.01))
            .map(|standing| standing.p_value)
            .collect();
        assert!(ps.iter().all(|p| *p > 0.0 && *p <= 1.0));
        assert_eq!(ps.last(), Some(&((1.0 + 100.0) / 1_001.0)), "ties count against it");
    }

    #[test]
    fn chunks_count_what_one_by_one_does() {
        let scores: Vec<_> = (0..777u16).map(|score| f32::from(score % 91)).collect();
        assert_eq!(count_from(&scores, 45.0), scores.iter().filter(|score| **score >= 45.0).count());
    }
}
