//! The same chart over many series, a row of values at a time.
//!
//! Each series answers as a [`Chart`](crate::Chart) of its own would, to the bit. The Page-Hinkley test on a given scale,
//! which is what large fleets run, is laid out as one array for each number, so that the processor takes several
//! series at once; all else is a list of chart states.

use alloc::{vec, vec::Vec};
use core::ops::Range;

use super::{
    chart::{self, ChartConfig},
    kernel::{Kernel, Lane, Lanes, shaped, take_any},
};
use crate::{
    Error, Sample,
    plain::plain,
    snapshot::{self, Kind},
};

/// The same chart over many series.
///
/// ```
/// use drift_sre::{ChartConfig, Fleet};
///
/// let mut fleet = Fleet::new(ChartConfig::default(), 1_000)?;
/// assert!(fleet.tick(&[20.0; 1_000])?.is_empty());
/// # Ok::<(), drift_sre::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Fleet {
    config: ChartConfig,
    states: States,
}

#[derive(Clone, Debug, PartialEq)]
enum States {
    PageHinkley(Columns),
    Any(Vec<chart::State>),
}

/// One array for each number of the Page-Hinkley test.
#[derive(Clone, Debug, PartialEq)]
struct Columns {
    /// Samples learned; a float, so that all columns are as wide.
    learned: Vec<f64>,
    level: Vec<f64>,
    up: Vec<f64>,
    down: Vec<f64>,
}

plain! {
    enum States { PageHinkley(columns), Any(states) }
}

plain! {
    struct Columns { learned, level, up, down }
}

/// So many series are taken together.
const STRIP: usize = 16;

/// So many rows are taken by one strip of series before the next strip takes them.
const TILE: usize = 16;

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
        let states = if Kernel::of(&config).is_some() {
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
        self.check_width(row.len() as f64, row.len() == self.series())?;
        Ok(self.take(row).into_iter().map(|(_, series)| series).collect())
    }

    /// Takes many rows, one after the other in `rows`; the answer is row and series of every alarm.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if the rows are not whole; nothing is taken then.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "callers may have wider vector instructions than this function")]
    pub fn update_many(&mut self, rows: &[f64]) -> Result<Vec<(usize, usize)>, Error> {
        let width = self.series();
        self.check_width(rows.len() as f64, rows.len().is_multiple_of(width))?;
        Ok(self.take(rows))
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
        snapshot::pack(Kind::Fleet, &mut (self.config, self.states.clone()))
    }

    /// The fleet that [`Fleet::to_bytes`] wrote, which goes on bit for bit.
    ///
    /// # Errors
    /// The snapshot errors of [`Error`]; bytes of any origin are safe to try.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let (config, states): (ChartConfig, States) = snapshot::unpack(Kind::Fleet, bytes)?;
        config.validate().map_err(|_| Error::SnapshotCorrupt)?;
        match &states {
            States::PageHinkley(columns) if Kernel::of(&config).is_some() => columns.check()?,
            States::Any(each) if Kernel::of(&config).is_none() && !each.is_empty() => {
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

    /// Takes whole rows; the answer is row and series of every alarm, in this order.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "callers may have wider vector instructions than this function")]
    fn take(&mut self, rows: &[f64]) -> Vec<(usize, usize)> {
        let width = self.series();
        match (&mut self.states, Kernel::of(&self.config)) {
            (States::PageHinkley(columns), Some(kernel)) => columns.take(&kernel, rows),
            (States::PageHinkley(_), None) => Vec::new(),
            (States::Any(states), _) => {
                let mut alarms = Vec::new();
                for (position, row) in rows.chunks_exact(width).enumerate() {
                    for (series, (state, value)) in states.iter_mut().zip(row).enumerate() {
                        if self.config.step(state, *value).is_some_and(|score| score.value > 1.0) {
                            alarms.push((position, series));
                        }
                    }
                }
                alarms
            }
        }
    }
}

impl Columns {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "callers may have wider vector instructions than this function")]
    fn take(&mut self, kernel: &Kernel, rows: &[f64]) -> Vec<(usize, usize)> {
        let mut alarms = Vec::new();
        shaped!(kernel, Self::take_tiles(self, kernel, rows, &mut alarms));
        alarms.sort_unstable();
        alarms
    }

    /// A strip of series is taken through a tile of rows before the next one: what it has learned stays in registers,
    /// and the rows in the nearest cache. Rows that alarm or hold what is not usable are taken one by one.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "callers may have wider vector instructions than this function")]
    fn take_tiles<const UNIT: bool, const CAP: bool>(
        &mut self,
        kernel: &Kernel,
        rows: &[f64],
        alarms: &mut Vec<(usize, usize)>,
    ) {
        let width = self.level.len();
        for (tile, rows) in rows.chunks(width * TILE).enumerate() {
            for first in (0..width).step_by(STRIP) {
                let each = first..width.min(first + STRIP);
                let warm = self.learned[each.clone()].iter().all(|learned| *learned >= kernel.warm_at);
                let mut row = 0;
                while let Some(rest) = rows.get(row * width..).filter(|rest| !rest.is_empty()) {
                    if warm {
                        let taken = self.take_strip::<UNIT, CAP>(kernel, rest, first);
                        row += taken;
                        if taken > 0 {
                            continue;
                        }
                    }
                    self.take_each(kernel, each.clone(), &rest[..width], |series| {
                        alarms.push((tile * TILE + row, series));
                    });
                    row += 1;
                }
            }
        }
    }

    /// Takes rows with a whole strip of series from one on, as long as nothing alarms or is not usable; tells how many.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "callers may have wider vector instructions than this function")]
    fn take_strip<const UNIT: bool, const CAP: bool>(
        &mut self,
        kernel: &Kernel,
        rows: &[f64],
        first: usize,
    ) -> usize {
        let width = self.level.len();
        let Self { level, up, down, .. } = self;
        let (level, up, down) = (&mut level[first..], &mut up[first..], &mut down[first..]);
        let Some(mut lanes) = Lanes::<STRIP>::of(level, up, down) else { return 0 };
        // A copy, which nothing else can change meanwhile, stays in registers.
        let kernel = *kernel;
        let mut taken = rows.len() / width;
        for row in 0..taken {
            let values = rows[row * width + first..].first_chunk::<STRIP>();
            if !values.is_some_and(|values| lanes.take::<UNIT, CAP>(&kernel, values)) {
                taken = row;
                break;
            }
        }
        lanes.store(level, up, down);
        taken
    }

    /// Some series one by one, as where they warm up.
    fn take_each(&mut self, kernel: &Kernel, each: Range<usize>, row: &[f64], mut alarm: impl FnMut(usize)) {
        let Self { learned, level, up, down } = self;
        for series in each {
            let lane = Lane { level: level[series], up: up[series], down: down[series] };
            let (lane, alarms) = take_any(kernel, &mut learned[series], lane, row[series]);
            (level[series], up[series], down[series]) = (lane.level, lane.up, lane.down);
            if alarms {
                alarm(series);
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
