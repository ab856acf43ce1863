//! The same chart over many series, a row of values at a time.
//!
//! Each series answers as a [`Chart`](crate::Chart) of its own would, to the bit. The Page-Hinkley test on a given scale,
//! which is what large fleets run, is laid out as one array for each number, so that the processor takes several
//! series at once; all else is a list of chart states.

use alloc::{vec, vec::Vec};

use serde::{Deserialize, Serialize};

use super::{
    chart::{self, ChartConfig},
    detect::Detector,
};
use crate::{
    Error, Sample,
    config::{Scale, Sides, Transform},
    series::baseline::Baseline,
    snapshot::{self, Kind},
};

/// The same chart over many series.
///
/// ```
/// use drift_sre::{ChartConfig, Fleet};
///
/// let mut fleet = Fleet::new(ChartConfig::default(), 1_000)?;
/// assert_eq!(fleet.tick(&[20.0; 1_000])?, []);
/// # Ok::<(), drift_sre::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Fleet {
    config: ChartConfig,
    states: States,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum States {
    PageHinkley(Columns),
    Any(Vec<chart::State>),
}

/// One array for each number of the Page-Hinkley test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Columns {
    /// Samples learned; a float, so that all columns are as wide.
    learned: Vec<f64>,
    level: Vec<f64>,
    up: Vec<f64>,
    down: Vec<f64>,
}

/// So many series are taken in one go before alarms are looked for among them.
const STRIP: usize = 64;

impl Fleet {
    /// The most series a fleet may have.
    pub const LARGEST: usize = 10_000_000;

    /// Charts that have seen nothing, one a series.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] names the first setting that cannot be, or `series` outside 1 to [`Fleet::LARGEST`].
    pub fn new(config: ChartConfig, series: usize) -> Result<Self, Error> {
        config.validate()?;
        if !(1..=Self::LARGEST).contains(&series) {
            return Err(Error::OutOfRange {
                field: "series",
                value: series as f64,
                wanted: "1 to 10,000,000",
            });
        }
        let states = if Test::of(&config).is_some() {
            let zeros = vec![0.0; series];
            States::PageHinkley(Columns {
                learned: zeros.clone(),
                level: zeros.clone(),
                up: zeros.clone(),
                down: zeros,
            })
        } else {
            States::Any((0..series).map(|_| config.init()).collect())
        };
        Ok(Self { config, states })
    }

    /// How many series there are.
    #[must_use]
    pub fn series(&self) -> usize {
        match &self.states {
            States::PageHinkley(columns) => columns.level.len(),
            States::Any(states) => states.len(),
        }
    }

    /// Takes one value for each series; the answer is the series that alarm. A value that is not usable (see
    /// [`Sample::usable`]) changes nothing.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if there are not as many values as series; nothing is taken then.
    pub fn tick(&mut self, row: &[f64]) -> Result<Vec<usize>, Error> {
        let mut alarms = Vec::new();
        self.check_width(row.len() as f64, row.len() == self.series())?;
        self.take(row, |series| alarms.push(series));
        Ok(alarms)
    }

    /// Takes many rows, one after the other in `rows`; the answer is row and series of every alarm.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if the rows are not whole; nothing is taken then.
    pub fn update_many(&mut self, rows: &[f64]) -> Result<Vec<(usize, usize)>, Error> {
        let width = self.series();
        self.check_width(rows.len() as f64, rows.len().is_multiple_of(width))?;
        let mut alarms = Vec::new();
        for (position, row) in rows.chunks_exact(width).enumerate() {
            self.take(row, |series| alarms.push((position, series)));
        }
        Ok(alarms)
    }

    /// The settings that all series run with.
    #[must_use]
    pub fn config(&self) -> &ChartConfig {
        &self.config
    }

    /// Forgets all that was seen.
    pub fn reset(&mut self) {
        match &mut self.states {
            States::PageHinkley(Columns { learned, level, up, down }) => {
                for column in [learned, level, up, down] {
                    column.fill(0.0);
                }
            }
            States::Any(states) => states.fill_with(|| self.config.init()),
        }
    }

    /// Settings and states as bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        snapshot::seal(Kind::Fleet, &(&self.config, &self.states))
    }

    /// The fleet that [`Fleet::to_bytes`] wrote, which goes on bit for bit.
    ///
    /// # Errors
    /// The snapshot errors of [`Error`]; bytes of any origin are safe to try.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let (config, states): (ChartConfig, States) = snapshot::open(Kind::Fleet, bytes)?;
        config.validate().map_err(|_| Error::SnapshotCorrupt)?;
        match &states {
            States::PageHinkley(columns) if Test::of(&config).is_some() => columns.check()?,
            States::Any(each) if Test::of(&config).is_none() && !each.is_empty() => {
                each.iter().try_for_each(|state| config.check(state))?;
            }
            _ => return Err(Error::SnapshotCorrupt),
        }
        Ok(Self { config, states })
    }

    fn check_width(&self, value: f64, fits: bool) -> Result<(), Error> {
        let wanted = "one value for each series, row after row";
        if fits { Ok(()) } else { Err(Error::OutOfRange { field: "values", value, wanted }) }
    }

    fn take(&mut self, row: &[f64], mut alarm: impl FnMut(usize)) {
        match (&mut self.states, Test::of(&self.config)) {
            (States::PageHinkley(columns), Some(test)) => columns.take(&test, row, alarm),
            (States::PageHinkley(_), None) => {}
            (States::Any(states), _) => {
                for (series, (state, value)) in states.iter_mut().zip(row).enumerate() {
                    if self.config.step(state, *value).is_some_and(|score| score.value > 1.0) {
                        alarm(series);
                    }
                }
            }
        }
    }
}

/// The numbers of a Page-Hinkley test on a given scale, if that is what a configuration is.
struct Test {
    alpha: f64,
    min_samples: f64,
    scale: f64,
    delta: f64,
    /// The threshold, or out of reach for the side that does not count.
    up_line: f64,
    down_line: f64,
    cap: f64,
}

impl Test {
    fn of(config: &ChartConfig) -> Option<Self> {
        let (Baseline::Exponential(baseline), Detector::PageHinkley(detector)) =
            (config.baseline, config.detector)
        else {
            return None;
        };
        let (Scale::Fixed(scale), Transform::Identity) = (baseline.scale, config.transform) else {
            return None;
        };
        Some(Self {
            alpha: baseline.alpha,
            min_samples: f64::from(baseline.min_samples),
            scale,
            delta: detector.delta,
            up_line: if detector.direction == Sides::Down { f64::INFINITY } else { detector.threshold },
            down_line: if detector.direction == Sides::Up { f64::INFINITY } else { detector.threshold },
            cap: detector.cap.map_or(f64::INFINITY, |cap| cap + detector.delta),
        })
    }
}

impl Columns {
    fn take(&mut self, test: &Test, row: &[f64], mut alarm: impl FnMut(usize)) {
        let Self { learned, level, up, down } = self;
        let columns = learned.chunks_mut(STRIP).zip(level.chunks_mut(STRIP));
        let sums = up.chunks_mut(STRIP).zip(down.chunks_mut(STRIP));
        for (strip, (((learned, level), (up, down)), row)) in
            columns.zip(sums).zip(row.chunks(STRIP)).enumerate()
        {
            if !take_strip(test, learned, level, up, down, row) {
                continue;
            }
            for (at, value) in row.iter().enumerate() {
                if test.alarms(up[at], down[at]) {
                    alarm(strip * STRIP + at);
                    (up[at], down[at]) = (0.0, 0.0);
                    level[at] = *value;
                }
            }
        }
    }

    /// Every column is as long and holds what taking values can lead to.
    fn check(&self) -> Result<(), Error> {
        let Self { learned, level, up, down } = self;
        let series = level.len();
        let as_long = [learned, up, down].iter().all(|column| column.len() == series);
        let fits = (1..=Fleet::LARGEST).contains(&series)
            && as_long
            && level.iter().all(|x| Sample::can_be_mean(*x))
            // As in a chart of one series.
            && [learned, up, down].into_iter().flatten().all(|x| (0.0..=1e300).contains(x));
        if fits { Ok(()) } else { Err(Error::SnapshotCorrupt) }
    }
}

impl Test {
    /// A correctly rounded quotient exceeds 1 exactly where the sum exceeds the line, so this is the chart's own rule.
    #[inline]
    #[expect(
        clippy::needless_bitwise_bool,
        reason = "a lazy operator is a branch, which vector instructions cannot take"
    )]
    fn alarms(&self, up: f64, down: f64) -> bool {
        (up > self.up_line) | (down > self.down_line)
    }
}

/// Takes a strip of values without branching, and tells whether any sum passed the line. Written as selects over equally
/// long slices: that is what the compiler turns into vector instructions.
#[inline]
#[expect(
    clippy::needless_bitwise_bool,
    reason = "a lazy operator is a branch, which vector instructions cannot take"
)]
fn take_strip(
    test: &Test,
    learned: &mut [f64],
    level: &mut [f64],
    up: &mut [f64],
    down: &mut [f64],
    row: &[f64],
) -> bool {
    let mut alarm = false;
    let columns = learned.iter_mut().zip(level).zip(up.iter_mut().zip(down)).zip(row);
    for (((learned, level), (up, down)), value) in columns {
        let usable = value.abs() <= Sample::LIMIT;
        let value = if usable { *value } else { 0.0 };
        let judged = usable & (*learned >= test.min_samples);
        let deviation = value - *level;
        let counted = (deviation / test.scale).min(test.cap).max(-test.cap);
        let (above, below) = (*up + (counted - test.delta), *down + (-counted - test.delta));
        *up = if judged { above.max(0.0) } else { *up };
        *down = if judged { below.max(0.0) } else { *down };
        let weight = if *learned == 0.0 { 1.0 } else { test.alpha };
        *level = if usable { *level + weight * deviation } else { *level };
        // Counting stops where it no longer matters, or the sum of a very long run would lose ones.
        *learned = if usable & (*learned < test.min_samples) { *learned + 1.0 } else { *learned };
        alarm |= judged & test.alarms(*up, *down);
    }
    alarm
}
