//! Point anomalies: how far a value, or an average of some, leaves the range it has ever had.
//!
//! In units of that range, so a series that always had outliers needs larger ones. Of n values, whatever their law, the
//! newest is the largest once in n: records grow rare by themselves, and what passes the line by chance does so ever more
//! rarely. What passed it is part of the range from then on, so only a stronger one passes it again.

use serde::{Deserialize, Serialize};

use super::excess::{DECAY, Excess, GROWTH};
use crate::{event::Direction, math};

/// Averages are taken over about so many values; 1 is the value itself.
const SCALES: [f64; 3] = [1.0, 8.0, 64.0];
/// The innovation has a range of its own: what is normal by day may be a record at night.
const TRACKS: usize = SCALES.len() + 1;

/// A track is judged once it has so many values for each of its scale.
const LEAST: f64 = 200.0;
/// The line: this share of the range beyond it, more while the range is young.
const LINE: f64 = 0.25;
/// So many budgets to an alarm, once they come too often.
const SLACK: f64 = 1.25;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Records {
    tracks: [Track; TRACKS],
    /// The logarithm of how far the line was raised, by alarms that came too often.
    raised: f64,
    excess: Excess,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Track {
    mean: f64,
    count: f64,
    low: f64,
    high: f64,
}

/// How far the newest value is out, and to which side: 1 is the line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Record {
    pub(crate) value: f64,
    pub(crate) direction: Direction,
}

impl Records {
    /// Takes a value and its innovation.
    pub(crate) fn take(&mut self, value: f64, innovation: f64, arl0: f64) -> Record {
        self.excess.pass(SLACK * arl0);
        self.raised -= DECAY * (1.0 / (SLACK * arl0)) * self.raised;
        let mut most = Record { value: 0.0, direction: Direction::Up };
        for (k, track) in self.tracks.iter_mut().enumerate() {
            let (value, scale) = SCALES.get(k).map_or((innovation, 1.0), |scale| (value, *scale));
            let record = track.take(value, scale);
            if record.value > most.value {
                most = record;
            }
        }
        if self.raised > 0.0 {
            most.value *= math::exp(-self.raised);
        }
        most
    }

    /// The line was passed.
    pub(crate) fn alarm(&mut self) {
        const STEP: f64 = 0.2;
        self.raised += self.excess.get() * (GROWTH * self.raised + STEP);
        self.raised = if self.raised < 20.0 { self.raised } else { 20.0 };
        self.excess.add();
    }

    /// All values move by so much.
    pub(crate) fn shift(&mut self, by: f64) {
        for track in &mut self.tracks[..SCALES.len()] {
            track.mean += by;
            track.low += by;
            track.high += by;
        }
    }

    /// Whether a decoded state is one that there can be.
    pub(crate) fn is_sane(&self) -> bool {
        let sane = |track: &Track| {
            [track.mean, track.count, track.low, track.high].iter().all(|number| number.abs() <= 1e60)
                && track.low <= track.high
                && track.count >= 0.0
        };
        self.tracks.iter().all(sane) && (0.0..=20.0).contains(&self.raised) && self.excess.is_sane()
    }
}

impl Track {
    fn take(&mut self, value: f64, scale: f64) -> Record {
        self.count += 1.0;
        let weight = if self.count < scale { self.count } else { scale };
        self.mean += (value - self.mean) / weight;
        let mean = self.mean;
        let settled = self.count / scale;
        let mut record = Record { value: 0.0, direction: Direction::Up };
        if self.count <= 2.0 * scale {
            // The average is still that of few values.
            (self.low, self.high) = (mean, mean);
            return record;
        }
        let range = self.high - self.low;
        let (above, below) = (mean - self.high, self.low - mean);
        let out = if above > below { above } else { below };
        if out > 0.0 {
            if settled >= LEAST && range > 0.0 {
                let line = LINE * (1.0 + LEAST / settled) * range;
                let direction = if above > below { Direction::Up } else { Direction::Down };
                // However narrow the range, it stays a number.
                let value = if out < 1e6 * line { out / line } else { 1e6 };
                record = Record { value, direction };
            }
            if above > 0.0 {
                self.high = mean;
            } else {
                self.low = mean;
            }
        }
        record
    }
}
