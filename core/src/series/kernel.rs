//! The Page-Hinkley test on a given scale, in batches: the corridor of a chart with everything decided beforehand.
//!
//! It is what large fleets and long replays run, and answers as the corridor does, to the bit. One series is bound by the
//! time that one sample's level takes to become the next one's; many series side by side are taken without a branch,
//! over equally long columns, which is what the compiler turns into vector instructions.

use crate::{
    Sample,
    config::{PageHinkley, Scale, Sides, Transform},
    series::{
        baseline::Baseline,
        chart::ChartConfig,
        detect::{Detector, Score},
    },
};

/// So many series are taken together.
pub(super) const STRIP: usize = 16;

/// The numbers of the test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Kernel {
    detector: PageHinkley,
    alpha: f64,
    pub(super) min_samples: u64,
    /// The same as a float.
    pub(super) warm_at: f64,
    scale: f64,
    delta: f64,
    /// The threshold, or out of reach for the side that does not count.
    up_line: f64,
    down_line: f64,
    cap: f64,
}

/// What a warm series has learned.
#[derive(Clone, Copy)]
pub(crate) struct Lane {
    pub(crate) level: f64,
    pub(crate) up: f64,
    pub(crate) down: f64,
}

impl Kernel {
    /// The test that a configuration is, if it is one.
    pub(super) fn of(config: &ChartConfig) -> Option<Self> {
        let ChartConfig {
            transform: Transform::Identity,
            baseline: Baseline::Exponential(baseline),
            detector: Detector::PageHinkley(detector),
        } = config
        else {
            return None;
        };
        let Scale::Fixed(scale) = baseline.scale else { return None };
        Some(Self {
            detector: *detector,
            alpha: baseline.alpha,
            min_samples: u64::from(baseline.min_samples),
            warm_at: f64::from(baseline.min_samples),
            scale,
            delta: detector.delta,
            up_line: if detector.direction == Sides::Down { f64::INFINITY } else { detector.threshold },
            down_line: if detector.direction == Sides::Up { f64::INFINITY } else { detector.threshold },
            cap: detector.cap.map_or(f64::INFINITY, |cap| cap + detector.delta),
        })
    }

    /// Whether values are taken as they are.
    #[inline]
    pub(super) fn is_unit(&self) -> bool {
        self.scale == 1.0
    }

    /// One value, whose deviation the level learns by this weight.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "in a loop of its own it is what the loop is made of")]
    fn step<const UNIT: bool>(&self, lane: Lane, value: f64, weight: f64) -> Lane {
        let deviation = value - lane.level;
        let size = if UNIT { deviation } else { deviation / self.scale };
        // `clamp` can panic, and `min` allows for NaN, which there is none.
        let counted = if size < self.cap { size } else { self.cap };
        let counted = if counted > -self.cap { counted } else { -self.cap };
        let (up, down) = (lane.up + (counted - self.delta), lane.down + (-counted - self.delta));
        Lane {
            level: lane.level + weight * deviation,
            up: if up > 0.0 { up } else { 0.0 },
            down: if down > 0.0 { down } else { 0.0 },
        }
    }

    /// A correctly rounded quotient exceeds 1 exactly where the sum exceeds the line, so this is the corridor's own rule.
    #[inline]
    pub(super) fn alarms(&self, up: f64, down: f64) -> bool {
        up > self.up_line || down > self.down_line
    }

    /// Takes the values of one warm series and calls `alarm` with the position of each that alarms. Returns how many values
    /// were learned, and the score of the last usable one, if there is one.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "of a single value it is a few instructions")]
    pub(super) fn run(
        &self,
        lane: &mut Lane,
        values: &[f64],
        alarm: impl FnMut(usize),
    ) -> (u64, Option<Score>) {
        // The same numbers, without waiting for a division where values are taken as they are.
        if self.is_unit() {
            self.run_scaled::<true>(lane, values, alarm)
        } else {
            self.run_scaled::<false>(lane, values, alarm)
        }
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "of a single value it is a few instructions")]
    fn run_scaled<const UNIT: bool>(
        &self,
        lane: &mut Lane,
        values: &[f64],
        mut alarm: impl FnMut(usize),
    ) -> (u64, Option<Score>) {
        let (mut now, mut last, mut learned) = (*lane, None, 0);
        for (position, value) in values.iter().enumerate() {
            if value.is_nan() || value.abs() > Sample::LIMIT {
                continue;
            }
            now = self.step::<UNIT>(now, *value, self.alpha);
            last = Some(now);
            learned += 1;
            if self.alarms(now.up, now.down) {
                alarm(position);
                learned -= 1;
                now = Lane { level: *value, up: 0.0, down: 0.0 };
            }
        }
        *lane = now;
        (learned, last.map(|Lane { up, down, .. }| self.detector.score_of(up, down)))
    }
}

/// Takes one usable value for each of several warm series, and tells whether any sum passed its line. The caller sees
/// to what alarms. `UNIT` says that the scale is 1. Written as selects over equally long arrays: that is what the compiler
/// turns into vector instructions.
#[inline(always)]
#[expect(clippy::inline_always, reason = "callers may have wider vector instructions than this function")]
pub(super) fn take_warm<const UNIT: bool>(
    kernel: &Kernel,
    level: &mut [f64; STRIP],
    up: &mut [f64; STRIP],
    down: &mut [f64; STRIP],
    row: &[f64; STRIP],
) -> bool {
    let mut beyond = 0;
    for at in 0..STRIP {
        let lane = Lane { level: level[at], up: up[at], down: down[at] };
        let next = kernel.step::<UNIT>(lane, row[at], kernel.alpha);
        (level[at], up[at], down[at]) = (next.level, next.up, next.down);
        beyond |= u64::from(next.up > kernel.up_line) | u64::from(next.down > kernel.down_line);
    }
    beyond != 0
}

/// Whether all values are usable.
#[inline(always)]
#[expect(clippy::inline_always, reason = "callers may have wider vector instructions than this function")]
pub(super) fn all_usable(row: &[f64; STRIP]) -> bool {
    row.iter().fold(true, |usable, value| usable & (value.abs() <= Sample::LIMIT))
}

/// One value of one series that may still warm up; tells whether it alarms, which is seen to.
pub(super) fn take_any(kernel: &Kernel, learned: &mut f64, lane: Lane, value: f64) -> (Lane, bool) {
    if value.is_nan() || value.abs() > Sample::LIMIT {
        return (lane, false);
    }
    let judged = *learned >= kernel.warm_at;
    let weight = if *learned == 0.0 { 1.0 } else { kernel.alpha };
    let next = kernel.step::<false>(lane, value, weight);
    if !judged {
        // Counting stops where it no longer matters, or the sum of a very long run would lose ones.
        *learned += 1.0;
        return (Lane { level: next.level, ..lane }, false);
    }
    if kernel.alarms(next.up, next.down) {
        return (Lane { level: value, up: 0.0, down: 0.0 }, true);
    }
    (next, false)
}
