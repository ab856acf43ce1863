//! The newest lines as a window: one that stands out of it, an episode of many, and how rare either is.

use alloc::{collections::VecDeque, vec::Vec};

use serde::{Deserialize, Serialize};

use super::line::count_from;
use crate::{Error, math};

/// Windows that ended up to so many lines ago rank the newest, and no fewer than so many that share no line.
const REACH: usize = 1_000;
const WINDOWS: usize = 20;

/// With so many disjoint windows before it, sliding ones rank a window: the tests at 5 % then have a rank to fall below.
const BLOCKS: usize = 19;

/// Beyond the highest of few disjoint windows the tail falls off by e each time the statistic rises by so many times
/// the distance from their median to the highest.
const TAIL: f64 = 0.17;

/// By how much an alarm lowers the level of the next.
const STEP: f64 = 0.002;

/// How many of the highest scores make an episode.
const EPISODE: usize = 10;

/// One of the two ways in which a window is odd.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct WindowTest {
    /// What is compared, in bits.
    pub statistic: f64,
    /// How often windows of the past were at least so odd: a rank among them, above 0 and at most 1.
    pub p_value: f64,
    /// Whether that is at most the level that is asked for.
    pub detected: bool,
}

/// The level that p-values are held to.
///
/// Where windows of late say little of the next ones, ranks among them alarm too often. So the level is lowered with each
/// alarm and rises again without: in the long run no more than the promised share alarms, whatever the stream.
/// Source: I. Gibbs, E. Candès, *Adaptive conformal inference under distribution shift*, `NeurIPS` 2021.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Level {
    /// How far below the level that is asked for.
    lowered: f64,
}

impl Level {
    /// Whether a p-value alarms where so many are to.
    pub(crate) fn alarms(&mut self, p_value: f64, level: f64) -> bool {
        let alarms = p_value <= level - self.lowered;
        let step = STEP * (f64::from(u8::from(alarms)) - level);
        self.lowered = (self.lowered + step).clamp(0.0, level);
        alarms
    }

    fn is_sane(self) -> bool {
        (0.0..=1.0).contains(&self.lowered)
    }
}

/// Where a window stands among those of the past.
#[derive(Clone, Copy)]
pub(crate) struct Rank {
    /// (1 + k) / (1 + n): k of n were at least so odd.
    pub(crate) p_value: f64,
    /// What is held to a level: the same, or that among the few which share no line, beyond which a tail is drawn.
    pub(crate) held: f64,
}

/// A statistic of every window there was of late.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Past {
    newest: VecDeque<f32>,
}

impl Past {
    pub(crate) fn push(&mut self, statistic: f64, window: usize) {
        self.newest.push_back(statistic as f32);
        if self.newest.len() > reach(window) {
            self.newest.pop_front();
        }
    }

    /// Where the newest window, of so many lines, ranks; `None` before there were two others that share no line with it
    /// and one another.
    pub(crate) fn rank(&self, window: usize) -> Option<Rank> {
        let newest = *self.newest.back()?;
        let others = self.newest.len().saturating_sub(window);
        let blocks = others.div_ceil(window);
        if blocks < 2 {
            return None;
        }
        let (one, other) = self.newest.as_slices();
        let (one, other) = match others.checked_sub(one.len()) {
            Some(rest) => (one, &other[..rest]),
            None => (&one[..others], &other[..0]),
        };
        let above = count_from(one, newest) + count_from(other, newest);
        let p_value = (1.0 + above as f64) / (1.0 + others as f64);
        if blocks >= BLOCKS {
            return Some(Rank { p_value, held: p_value });
        }
        // Of few windows that share no line the neighbours are no further evidence.
        let ends = (1..=blocks).filter_map(|block| self.newest.len().checked_sub(1 + block * window));
        let mut disjoint: Vec<f32> = ends.filter_map(|end| self.newest.get(end)).copied().collect();
        disjoint.sort_unstable_by(f32::total_cmp);
        Some(Rank { p_value, held: rank_among_few(&disjoint, newest)? })
    }

    /// How many windows the newest is ranked among.
    pub(crate) fn others(&self, window: usize) -> u32 {
        self.newest.len().saturating_sub(window) as u32
    }

    /// The middle of the past; `None` of none.
    pub(crate) fn median(&self) -> Option<f64> {
        let mut sorted: Vec<f32> = self.newest.iter().copied().collect();
        let middle = sorted.len() / 2;
        (!sorted.is_empty()).then(|| f64::from(*sorted.select_nth_unstable_by(middle, f32::total_cmp).1))
    }

    pub(crate) fn check(self, window: usize) -> Result<Self, Error> {
        let sane =
            self.newest.len() <= reach(window) && self.newest.iter().all(|statistic| statistic.is_finite());
        if sane { Ok(self) } else { Err(Error::SnapshotCorrupt) }
    }
}

/// The p-value of one more than these, which rise; beyond the highest an exponential tail is drawn. `None` of fewer
/// than two.
pub(crate) fn rank_among_few(others: &[f32], one: f32) -> Option<f64> {
    let (highest, median) = (*others.last()?, *others.get(others.len() / 2)?);
    let count = others.len() as f64;
    if others.len() < 2 {
        return None;
    }
    if one <= highest {
        return Some((1.0 + count_from(others, one) as f64) / (1.0 + count));
    }
    let scale = TAIL * f64::from(highest - median).max(1e-3);
    Some((math::exp(-f64::from(one - highest) / scale) / (1.0 + count)).max(1e-4))
}

fn reach(window: usize) -> usize {
    REACH.max(WINDOWS * window)
}

/// The scores of the newest lines and what they come to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Scores {
    newest: VecDeque<f32>,
    /// The same, falling.
    sorted: Vec<f32>,
    isolated: Past,
    episode: Past,
    /// Of the two by themselves, and of either.
    levels: [Level; 3],
}

/// The newest window, judged.
pub(crate) struct Judged {
    pub(crate) isolated: WindowTest,
    pub(crate) episode: WindowTest,
    /// Twice the smaller p-value.
    pub(crate) p_value: f64,
    pub(crate) detected: bool,
}

impl Scores {
    pub(crate) fn new() -> Self {
        let levels = [Level::default(); 3];
        Self {
            newest: VecDeque::new(),
            sorted: Vec::new(),
            isolated: Past::default(),
            episode: Past::default(),
            levels,
        }
    }

    /// Judges the newest window where so many are to alarm; `None` before there were others to compare it with.
    pub(crate) fn judge(&mut self, window: usize, level: f64) -> Option<Judged> {
        let [of_isolated, of_episode, of_either] = &mut self.levels;
        let test = |past: &Past, held: &mut Level| {
            let (statistic, rank) = (f64::from(*past.newest.back()?), past.rank(window)?);
            let detected = held.alarms(rank.held, level);
            Some((rank, WindowTest { statistic, p_value: rank.p_value, detected }))
        };
        let (one, isolated) = test(&self.isolated, of_isolated)?;
        let (other, episode) = test(&self.episode, of_episode)?;
        let either = |one: f64, other: f64| (2.0 * one.min(other)).min(1.0);
        let detected = of_either.alarms(either(one.held, other.held), level);
        Some(Judged { isolated, episode, p_value: either(one.p_value, other.p_value), detected })
    }

    /// Takes a line's score; from the first full window on, every window counts.
    pub(crate) fn push(&mut self, score: f64, window: usize) {
        let score = score.clamp(-1e6, 1e6) as f32;
        if self.newest.len() == window
            && let Some(oldest) = self.newest.pop_front()
        {
            self.sorted.remove(self.sorted.partition_point(|other| *other > oldest));
        }
        self.newest.push_back(score);
        self.sorted.insert(self.sorted.partition_point(|other| *other > score), score);
        if self.newest.len() == window {
            let highest = &self.sorted[..EPISODE.min(window)];
            let third = highest[2.min(window - 1)];
            self.isolated.push(f64::from(highest[0]) - 0.5 * f64::from(third), window);
            let sum: f64 = highest.iter().copied().map(f64::from).sum();
            self.episode.push(sum / highest.len() as f64, window);
        }
    }

    /// How high each line of the window came, oldest first.
    pub(crate) fn newest(&self) -> impl DoubleEndedIterator<Item = f32> + ExactSizeIterator {
        self.newest.iter().copied()
    }

    pub(crate) fn check(self, window: usize) -> Result<Self, Error> {
        let sane = self.newest.len() <= window && self.newest.iter().all(|score| score.is_finite());
        let (isolated, episode) = (self.isolated.clone().check(window)?, self.episode.clone().check(window)?);
        let mut sorted: Vec<f32> = self.newest.iter().copied().collect();
        sorted.sort_unstable_by(|one, other| other.total_cmp(one));
        let sane = sane && sorted == self.sorted && self.levels.iter().all(|level| level.is_sane());
        if sane { Ok(Self { isolated, episode, ..self }) } else { Err(Error::SnapshotCorrupt) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(t: u32) -> f64 {
        f64::from((t.wrapping_mul(2_654_435_761) >> 8) % 1_000) / 100.0
    }

    #[test]
    fn one_that_stands_out_is_isolated_and_many_are_an_episode() {
        let mut quiet = Scores::new();
        (0..1_441).for_each(|t| quiet.push(noise(t), 50));
        assert!(quiet.isolated.rank(50).unwrap().held > 0.05 && quiet.episode.rank(50).unwrap().held > 0.05);
        let mut lone = quiet.clone();
        lone.push(40.0, 50);
        assert!(lone.isolated.rank(50).unwrap().held < 0.01);
        let mut many = quiet;
        (0..12).for_each(|_| many.push(14.0, 50));
        assert!(many.episode.rank(50).unwrap().held < 0.01);
    }

    #[test]
    fn few_windows_give_a_p_value_too_and_it_falls_with_the_statistic() {
        let mut scores = Scores::new();
        (0..400).for_each(|t| scores.push(noise(t), 50));
        let p = |score: f64| {
            let mut scores = scores.clone();
            scores.push(score, 50);
            scores.isolated.rank(50).unwrap().held
        };
        let ps = [5.0, 12.0, 15.0, 20.0].map(p);
        assert!(ps.is_sorted_by(|one, other| one >= other) && ps[0] > 0.1 && ps[3] < 0.01, "{ps:?}");
    }

    #[test]
    fn before_three_windows_there_is_no_p_value() {
        let mut scores = Scores::new();
        (0..100).for_each(|t| scores.push(noise(t), 50));
        assert!(scores.isolated.rank(50).is_none());
    }
}
