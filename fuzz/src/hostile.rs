//! Samples that no metric should send.

use drift_sre::{Observation, Sample};
use rand::{Rng, SeedableRng, rngs::StdRng};

/// Values on both sides of every limit, among some plausible ones.
pub(crate) const VALUES: [f64; 32] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    20.0,
    21.5,
    19.0,
    1e6,
    1e9 + 0.1,
    -1e9,
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::MAX,
    f64::MIN,
    1e150,
    -1e150,
    1.1e150,
    9.9e149,
    -1.1e150,
    f64::MIN_POSITIVE,
    -f64::MIN_POSITIVE,
    5e-324,
    -5e-324,
    1e-300,
    -1e-300,
    1e-150,
    1e-140,
    f64::EPSILON,
    1e75,
    -1e75,
    1e308,
];

/// Seconds from one sample to the next.
const STEPS: [f64; 8] = [1.0, 0.0, 60.0, -1.0, 1e5, 1e9, 1e300, f64::NAN];

/// The value and the step that each choice stands for, and then of an epilogue: every value once, the limits in turn,
/// quiet,
/// the limit alone.
fn picks(choices: &[u8]) -> impl Iterator<Item = (f64, f64)> {
    let epilogue = (0..32).chain([15, 16].repeat(6)).chain([4, 5, 6, 4].repeat(10)).chain([15; 30]);
    let all = choices.iter().copied().chain(epilogue);
    all.map(|choice| (VALUES[usize::from(choice % 32)], STEPS[usize::from(choice / 32)]))
}

/// Values for a series.
pub(crate) fn values(choices: &[u8]) -> impl Iterator<Item = f64> {
    picks(choices).map(|(value, _)| value)
}

/// Samples for a series. One in seven lacks its value.
pub(crate) fn samples(choices: &[u8]) -> impl Iterator<Item = Sample> {
    let mut at = 0.0;
    (0u32..).zip(picks(choices)).map(move |(position, (value, step))| {
        // A time that is not finite spoils one sample, and not all that follow.
        let now = at + step;
        at = if f64::is_finite(now) { now } else { at };
        if position % 7 == 6 { Sample::gap(now) } else { Sample::new(now, value) }
    })
}

/// Observations of a source, some of them failed, some without a value, some of them twice.
pub(crate) fn observations(choices: &[u8]) -> impl Iterator<Item = Observation> {
    let outcomes = [None, Some(false), Some(true)].into_iter().cycle();
    (0u64..).zip(outcomes).zip(samples(choices)).map(|((position, failed), Sample { at, value })| {
        Observation { at, value, failed, id: (position % 5 > 0).then_some(position / 2) }
    })
}

/// An endless series that is never the same for long: noise, steps, ramps and walks of any size, constants, limits in
/// turn, and what is no value at all.
pub(crate) struct Series {
    rng: StdRng,
    segment: Segment,
    left: u32,
}

#[derive(Clone, Copy)]
enum Segment {
    Noise {
        level: f64,
        spread: f64,
    },
    Ramp {
        at: f64,
        by: f64,
    },
    Walk {
        at: f64,
        by: f64,
    },
    /// One and the other in turn.
    Turns {
        next: f64,
        other: f64,
    },
    /// Any of [`VALUES`].
    Any,
}

impl Series {
    pub(crate) fn new(seed: u64) -> Self {
        Self { rng: StdRng::seed_from_u64(seed), segment: Segment::Any, left: 0 }
    }

    /// A plausible number, or now and then one of any size.
    fn size(&mut self) -> f64 {
        let magnitude = if self.rng.random_bool(0.8) { -1..4 } else { -310..151 };
        self.rng.random_range(-1.0..1.0) * 10f64.powi(self.rng.random_range(magnitude))
    }

    fn segment(&mut self) -> Segment {
        let (level, size) = (self.size(), self.size());
        match self.rng.random_range(0..10) {
            // A new level each time is a step.
            0..4 => Segment::Noise { level, spread: size },
            4 => Segment::Ramp { at: level, by: size },
            5 => Segment::Walk { at: level, by: size },
            6 => Segment::Turns { next: level, other: level },
            7 => Segment::Turns { next: 1e150, other: -1e150 },
            8 => {
                let limits =
                    [f64::NAN, f64::INFINITY, 1e150, 1e-300, -1e-300, f64::MIN_POSITIVE, 5e-324, -5e-324];
                let mut limit = || limits[self.rng.random_range(0..limits.len())];
                Segment::Turns { next: limit(), other: limit() }
            }
            _ => Segment::Any,
        }
    }
}

impl Iterator for Series {
    type Item = f64;

    fn next(&mut self) -> Option<f64> {
        if self.left == 0 {
            self.segment = self.segment();
            self.left = self.rng.random_range(1..2_000);
        }
        self.left -= 1;
        let Self { rng, segment, .. } = self;
        let mut noise = || rng.random_range(-1.0..1.0);
        Some(match segment {
            Segment::Noise { level, spread } => *level + *spread * noise(),
            Segment::Ramp { at, by } => {
                *at += *by;
                *at
            }
            Segment::Walk { at, by } => {
                *at += *by * noise();
                *at
            }
            Segment::Turns { next, other } => {
                std::mem::swap(next, other);
                *other
            }
            Segment::Any => VALUES[rng.random_range(0..VALUES.len())],
        })
    }
}
