//! How much speaks for a change: a mixture of Shiryaev-Roberts statistics, one for each change that is looked for.
//!
//! Each multiplies up how much likelier the scores are under its change than without, summed over every sample at which the
//! change may have begun. Without a change its mean is the number of samples, so a line at `arl0` is passed at most once in
//! so many on average (M. Pollak, *Annals of Statistics* 13 (1985)) as long as scores are what they should be. Where they
//! are not, [`Line`] raises the line for what alarms too often.

use serde::{Deserialize, Serialize};

use super::{
    excess::{DECAY, Excess, GROWTH},
    reference::CAP,
    whitening::Response,
};
use crate::{
    config::Sides,
    event::{Aspect, Direction},
    math,
};

/// Shifts of the level that are looked for, up and down, in standard deviations of values.
const SHIFTS: [f64; 5] = [0.25, 0.5, 1.0, 2.0, 4.0];
/// Factors of the variance that are looked for.
const FACTORS: [f64; 4] = [1.5, 2.0, 4.0, 0.4];
/// Where the spread begins in the list of all hypotheses; each shift stands there twice, upward and downward.
const SPREADS: usize = 2 * SHIFTS.len();
const HYPOTHESES: usize = SPREADS + FACTORS.len();

/// The mixture passes `arl0` late, by what samples overshoot and ties take away; of standard normal scores, a line at this
/// share is passed once in `arl0` or more.
const SHARE: f64 = 0.45;

/// What is not known of the level counts as normal, this many of its standard errors to each side ...
const LEVEL_DOUBT: f64 = 0.6;
/// ... at most this share of the shift. Of the variance it is so many standard errors of the level.
const MOST_DOUBT: f64 = 0.7;
const SPREAD_DOUBT: f64 = 0.72;

/// Evidence beyond it says no more.
const MOST: f64 = 1e100;

/// One change that is looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Hypothesis {
    /// The Shiryaev-Roberts statistic.
    sum: f64,
    /// The CUSUM of the same likelihood ratios: the most likely beginning alone.
    cusum: f64,
    /// The most likely beginning, as the number of a sample.
    since: u64,
    /// How far its own line was raised, as a logarithm, and what that leaves of its evidence.
    raised: f64,
    discount: f64,
}

/// The logarithm of a likelihood ratio as a line in the score, or in its square.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Ratio {
    slope: f64,
    cost: f64,
    /// `exp(-cost)`.
    weight: f64,
}

/// What is looked for at each shift and factor, given what is known of the series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Tuning {
    /// At the sample where the step comes, before lags know of it.
    fresh: [Ratio; SHIFTS.len()],
    settled: [Ratio; SHIFTS.len()],
    spreads: [Ratio; FACTORS.len()],
}

/// The hypothesis that has most to say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Leader {
    pub(crate) aspect: Aspect,
    pub(crate) direction: Direction,
    /// The most likely beginning, as the number of a sample.
    pub(crate) since: u64,
    hypothesis: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Evidence {
    hypotheses: [Hypothesis; HYPOTHESES],
    tuning: Tuning,
    leading: u8,
    line: Line,
}

/// The budget: alarms that come faster than it allows raise the line, the more the more of them there were.
///
/// Evidence is a product, so a line that is too low for a series is too low by a factor, which its false alarms find: each
/// raises it by half of what it was raised already, and by what its haste says. What was raised decays at the pace at which
/// the budget allows alarms. In the long run there are no more of them than it allows, whatever the series is. One alarm
/// within the budget costs nothing, so that a true one does not delay the next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Line {
    /// Alarms beyond the budget.
    excess: Excess,
    /// Samples since the last alarm, and until what was raised decays the next time.
    since: u64,
    pending: u32,
}

impl Line {
    /// So many budgets to an alarm, once they come too often: the first ones are made up for.
    const SLACK: f64 = 1.4;
    const MOST: f64 = 5.0;
    const FREE: f64 = 0.5;
    const LEAST_STEP: f64 = 0.7;
    const PACE: u32 = 64;

    fn pass(&mut self, arl0: f64) {
        self.since += 1;
        self.excess.pass(Self::SLACK * arl0);
    }

    /// How much an alarm raises the line, and how hasty it was.
    fn alarm(&mut self, arl0: f64) -> (f64, f64) {
        let haste = math::ln(Self::SLACK * arl0 / self.since.max(1) as f64);
        let haste = if haste > Self::LEAST_STEP { haste } else { Self::LEAST_STEP };
        let excess = if self.excess.get() < Self::MOST { self.excess.get() } else { Self::MOST };
        self.since = 0;
        self.excess.add();
        (if excess > Self::FREE { excess - Self::FREE } else { 0.0 }, haste)
    }
}

impl Tuning {
    /// `error` is the standard error of the level in innovations, `tied` the variance that normal scores have.
    pub(crate) fn new(response: Response, error: f64, tied: f64) -> Self {
        let shift = |size: f64| {
            let size = if size < CAP { size } else { CAP };
            let (doubt, most) = (LEVEL_DOUBT * error, MOST_DOUBT * size);
            let near = if doubt < most { doubt } else { most };
            Ratio::new(size - near, 0.5 * (size * size - near * near))
        };
        let sizes = SHIFTS.map(|size| size * response.gain);
        let doubt = 1.0 + SPREAD_DOUBT * error;
        let spreads = FACTORS.map(|factor| {
            let normal = if factor > 1.0 {
                let widest = math::sqrt(factor);
                if doubt < widest { doubt } else { widest }
            } else {
                // Ties leave scores less variance than normal ones have.
                let normal = if tied < 1.0 { tied / doubt } else { 1.0 / doubt };
                if normal > factor { normal } else { factor }
            };
            Ratio::new(0.5 * (1.0 / normal - 1.0 / factor), 0.5 * math::ln(factor / normal))
        });
        Self { fresh: sizes.map(shift), settled: sizes.map(|size| shift(size * response.settled)), spreads }
    }

    fn is_sane(&self) -> bool {
        let ratios = self.fresh.iter().chain(&self.settled).chain(&self.spreads);
        ratios.into_iter().all(|ratio| {
            ratio.slope.abs() <= CAP
                && ratio.cost.abs() <= CAP * CAP
                && ratio.weight >= 0.0
                && ratio.weight.is_finite()
        })
    }
}

impl Evidence {
    pub(crate) fn new() -> Self {
        let hypothesis = Hypothesis { discount: 1.0, ..Hypothesis::default() };
        Self {
            hypotheses: [hypothesis; HYPOTHESES],
            tuning: Tuning::default(),
            leading: 0,
            line: Line { excess: Excess::default(), since: 0, pending: 0 },
        }
    }

    pub(crate) fn tune(&mut self, tuning: Tuning) {
        self.tuning = tuning;
    }

    /// Takes a score; the logarithm of the evidence for any change.
    pub(crate) fn weigh(&mut self, score: f64, number: u64, direction: Sides, arl0: f64) -> f64 {
        self.pass(arl0);
        let Tuning { fresh, settled, spreads } = self.tuning;
        for (k, (fresh, settled)) in fresh.iter().zip(&settled).enumerate() {
            let (rise, fall) = settled.ratios(score);
            // Without lags a step looks the same at every age.
            let (fresh_rise, fresh_fall) = if fresh == settled { (rise, fall) } else { fresh.ratios(score) };
            self.hypotheses[2 * k].take(rise, fresh_rise, number);
            self.hypotheses[2 * k + 1].take(fall, fresh_fall, number);
        }
        let square = score * score;
        for (k, ratio) in spreads.iter().enumerate() {
            let log = ratio.slope * square - ratio.cost;
            let likelihood = (math::exp(ratio.slope * square) * ratio.weight, log);
            self.hypotheses[SPREADS + k].take(likelihood, likelihood, number);
        }
        let (mut sum, mut count, mut most) = (0.0, 0.0, 0.0);
        for (k, hypothesis) in self.hypotheses.iter().enumerate() {
            if !counts(k, direction) {
                continue;
            }
            let evidence = hypothesis.sum * hypothesis.discount;
            count += 1.0;
            sum += evidence;
            if evidence > most {
                most = evidence;
                // There are fewer hypotheses than a byte can number.
                self.leading = u8::try_from(k).unwrap_or(0);
            }
        }
        math::ln(sum / count + 1e-300)
    }

    fn pass(&mut self, arl0: f64) {
        self.line.pass(arl0);
        self.line.pending += 1;
        if self.line.pending >= Line::PACE {
            let keep = math::exp(-DECAY * f64::from(self.line.pending) / (Line::SLACK * arl0));
            self.line.pending = 0;
            for hypothesis in &mut self.hypotheses {
                if hypothesis.raised > 0.0 {
                    hypothesis.raised *= keep;
                    hypothesis.discount = math::exp(-hypothesis.raised);
                }
            }
        }
    }

    /// The logarithm of the line, where nothing raised it.
    pub(crate) fn line(arl0: f64) -> f64 {
        math::ln(SHARE * arl0)
    }

    pub(crate) fn leader(&self) -> Leader {
        let hypothesis = usize::from(self.leading).min(HYPOTHESES - 1);
        let since = self.hypotheses[hypothesis].since;
        let (aspect, up) = if hypothesis < SPREADS {
            (Aspect::Level, hypothesis.is_multiple_of(2))
        } else {
            (Aspect::Spread, FACTORS[hypothesis - SPREADS] > 1.0)
        };
        let direction = if up { Direction::Up } else { Direction::Down };
        Leader { aspect, direction, since, hypothesis }
    }

    /// Whether something speaks for a change that is not announced: what is learned now may be part of it.
    pub(crate) fn is_suspicious(&self) -> bool {
        const SUSPICIOUS: f64 = 5.0;
        self.hypotheses.iter().any(|hypothesis| hypothesis.cusum > SUSPICIOUS)
    }

    /// The line was passed: what alarms too often needs more evidence from now on. Hypotheses near the one that alarmed,
    /// which the same samples would bring to an alarm, too.
    pub(crate) fn alarm(&mut self, arl0: f64) {
        let (weight, haste) = self.line.alarm(arl0);
        let leader = usize::from(self.leading);
        for (k, hypothesis) in self.hypotheses.iter_mut().enumerate() {
            let near = match (k < SPREADS, leader < SPREADS) {
                _ if k == leader => 1.0,
                (true, true) if (k / 2).abs_diff(leader / 2) <= 1 => 0.6,
                (false, false) => 0.6,
                _ => 0.25,
            };
            hypothesis.raised += weight * near * (GROWTH * hypothesis.raised + haste);
            if hypothesis.raised > 600.0 {
                hypothesis.raised = 600.0;
            }
            hypothesis.discount = math::exp(-hypothesis.raised);
        }
    }

    /// The last alarm told of a return to normal: it was none.
    pub(crate) fn forgive(&mut self) {
        self.line.excess.forgive();
    }

    /// What spoke for a change is dropped, and searched for anew from a sample on.
    pub(crate) fn restart(&mut self, number: u64) {
        for hypothesis in &mut self.hypotheses {
            (hypothesis.sum, hypothesis.cusum, hypothesis.since) = (0.0, 0.0, number);
        }
    }

    /// Whether a decoded state is one that there can be.
    pub(crate) fn is_sane(&self) -> bool {
        let sane = |hypothesis: &Hypothesis| {
            (0.0..=MOST).contains(&hypothesis.sum)
                && (0.0..=1e9).contains(&hypothesis.cusum)
                && (0.0..=600.0).contains(&hypothesis.raised)
                && (0.0..=1.0).contains(&hypothesis.discount)
        };
        self.hypotheses.iter().all(sane)
            && self.tuning.is_sane()
            && self.line.excess.is_sane()
            && self.line.pending < Line::PACE
            && self.line.since < u64::MAX / 2
    }
}

/// Whether a hypothesis counts where one side alone is asked for.
fn counts(hypothesis: usize, direction: Sides) -> bool {
    let up =
        if hypothesis < SPREADS { hypothesis.is_multiple_of(2) } else { FACTORS[hypothesis - SPREADS] > 1.0 };
    match direction {
        Sides::Both => true,
        Sides::Up => up,
        Sides::Down => !up,
    }
}

impl Ratio {
    fn new(slope: f64, cost: f64) -> Self {
        Self { slope, cost, weight: math::exp(-cost) }
    }

    /// Likelihood ratios of a score and their logarithms, for a rise and for a fall.
    fn ratios(self, score: f64) -> ((f64, f64), (f64, f64)) {
        let along = self.slope * score;
        let steep = math::exp(along);
        ((steep * self.weight, along - self.cost), (self.weight / steep, -along - self.cost))
    }
}

impl Hypothesis {
    fn take(&mut self, (ratio, log): (f64, f64), (fresh, fresh_log): (f64, f64), number: u64) {
        let sum = self.sum * ratio + fresh;
        self.sum = if sum < MOST { sum } else { MOST };
        let longer = self.cusum + log;
        let begins = self.cusum == 0.0 || fresh_log > longer;
        if begins {
            self.since = number;
        }
        let cusum = if begins { fresh_log } else { longer };
        self.cusum = if cusum > 0.0 { cusum.min(1e9) } else { 0.0 };
    }
}
