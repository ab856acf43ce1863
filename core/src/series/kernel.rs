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

/// Calls a function compiled for the shape of a test, `<UNIT, CAP>`: whether values are taken as they are, which spares
/// waiting for a division that changes nothing, and whether a sample counts only so much.
macro_rules! shaped {
    ($kernel:expr, $room:ident :: $function:ident ($($argument:expr),*)) => {
        match $kernel.shape() {
            (true, true) => $room::$function::<true, true>($($argument),*),
            (true, false) => $room::$function::<true, false>($($argument),*),
            (false, true) => $room::$function::<false, true>($($argument),*),
            (false, false) => $room::$function::<false, false>($($argument),*),
        }
    };
}
pub(super) use shaped;

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

    /// Whether values are taken as they are, and whether a sample counts only so much.
    #[inline]
    pub(super) fn shape(&self) -> (bool, bool) {
        (self.scale == 1.0, self.cap < f64::INFINITY)
    }

    /// So many times the memory of the level, in samples.
    pub(super) fn memory(&self, times: f64) -> usize {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "positive; what is too much saturates"
        )]
        let samples = (times / self.alpha) as usize;
        samples
    }

    /// One value, whose deviation the level learns by this weight.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "in a loop of its own it is what the loop is made of")]
    fn step<const UNIT: bool, const CAP: bool>(&self, lane: Lane, value: f64, weight: f64) -> Lane {
        let deviation = value - lane.level;
        let size = if UNIT { deviation } else { deviation / self.scale };
        // `clamp` can panic, and `min` allows for NaN, which there is none.
        let counted = if CAP && size > self.cap { self.cap } else { size };
        let counted = if CAP && counted < -self.cap { -self.cap } else { counted };
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
        if cfg!(feature = "small") {
            // A scale of 1 and a cap of infinity change nothing, and no sample counts otherwise.
            return self.run_shaped::<false, true>(lane, values, alarm);
        }
        shaped!(self, Self::run_shaped(self, lane, values, alarm))
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "of a single value it is a few instructions")]
    fn run_shaped<const UNIT: bool, const CAP: bool>(
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
            now = self.step::<UNIT, CAP>(now, *value, self.alpha);
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

/// What several series, or pieces of one, have learned: one array for each number.
#[derive(Clone, Copy)]
pub(super) struct Lanes<const N: usize> {
    level: [f64; N],
    up: [f64; N],
    down: [f64; N],
}

impl<const N: usize> Lanes<N> {
    pub(super) fn at(lanes: [Lane; N]) -> Self {
        Self {
            level: lanes.map(|lane| lane.level),
            up: lanes.map(|lane| lane.up),
            down: lanes.map(|lane| lane.down),
        }
    }

    /// Lanes of neighbouring series, if so many are left.
    #[inline]
    pub(super) fn of(level: &[f64], up: &[f64], down: &[f64]) -> Option<Self> {
        Some(Self { level: *level.first_chunk()?, up: *up.first_chunk()?, down: *down.first_chunk()? })
    }

    /// Puts them back.
    #[inline]
    pub(super) fn store(&self, level: &mut [f64], up: &mut [f64], down: &mut [f64]) {
        level[..N].copy_from_slice(&self.level);
        up[..N].copy_from_slice(&self.up);
        down[..N].copy_from_slice(&self.down);
    }

    #[inline]
    pub(super) fn get(&self, at: usize) -> Lane {
        Lane { level: self.level[at], up: self.up[at], down: self.down[at] }
    }

    #[inline]
    pub(super) fn set(&mut self, at: usize, lane: Lane) {
        (self.level[at], self.up[at], self.down[at]) = (lane.level, lane.up, lane.down);
    }

    /// Takes one value in each lane if all of them are usable and none alarms, else none; tells whether it did. The lanes
    /// must be warm. Written as selects over arrays of one length, and as one test: that is what the compiler turns into
    /// vector instructions. `UNIT` says that the scale is 1, `CAP` that there is one.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "callers may have wider vector instructions than this function")]
    #[expect(
        clippy::needless_bitwise_bool,
        reason = "a lazy operator is a branch, which vector instructions cannot take"
    )]
    pub(super) fn take<const UNIT: bool, const CAP: bool>(
        &mut self,
        kernel: &Kernel,
        values: &[f64; N],
    ) -> bool {
        let Self { level, up, down } = *self;
        let (mut levels, mut ups, mut downs) = (level, up, down);
        let mut stop = 0u64;
        for at in 0..N {
            let lane = Lane { level: level[at], up: up[at], down: down[at] };
            let next = kernel.step::<UNIT, CAP>(lane, values[at], kernel.alpha);
            (levels[at], ups[at], downs[at]) = (next.level, next.up, next.down);
            let usable = values[at].abs() <= Sample::LIMIT;
            let calm = usable & (next.up <= kernel.up_line) & (next.down <= kernel.down_line);
            stop |= u64::from(!calm);
        }
        if stop == 0 {
            *self = Self { level: levels, up: ups, down: downs };
        }
        stop == 0
    }
}

impl Lane {
    /// Whether both are the same to the bit.
    pub(super) fn is_same(self, other: Self) -> bool {
        let bits = |lane: Self| [lane.level, lane.up, lane.down].map(f64::to_bits);
        bits(self) == bits(other)
    }
}

/// One value of one series that may still warm up; tells whether it alarms, which is seen to.
pub(super) fn take_any(kernel: &Kernel, learned: &mut f64, lane: Lane, value: f64) -> (Lane, bool) {
    if value.is_nan() || value.abs() > Sample::LIMIT {
        return (lane, false);
    }
    let judged = *learned >= kernel.warm_at;
    let weight = if *learned == 0.0 { 1.0 } else { kernel.alpha };
    let next = kernel.step::<false, true>(lane, value, weight);
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
