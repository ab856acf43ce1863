//! What a replay adds up to.

use std::time::Duration;

use drift_sre::{Event, Kind, Sample, State};

/// Counts of all samples so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) samples: u64,
    pub(super) gaps: u64,
    pub(super) malformed: u64,
    pub(super) first: Option<f64>,
    pub(super) last: Option<f64>,
    pub(super) drifts: u64,
    pub(super) outliers: u64,
    /// Since when a drift is open.
    pub(super) open: Option<f64>,
    in_drift: f64,
    longest: f64,
    /// Spent on judging alone.
    pub(super) spent: Duration,
}

impl Tally {
    pub(super) fn sample(&mut self, sample: Sample) {
        if sample.usable().is_some() {
            self.samples += 1;
        } else {
            self.gaps += 1;
        }
        self.first.get_or_insert(sample.at);
        self.last = Some(sample.at);
    }

    pub(super) fn event(&mut self, event: &Event, state: State) {
        match event.kind {
            Kind::Outlier => self.outliers += 1,
            Kind::Opened => {
                self.drifts += 1;
                // Where every alarm is adopted at once, none lasts.
                self.open = (state == State::Drifting).then_some(event.at);
            }
            Kind::Closed => self.close(event.at),
        }
    }

    fn close(&mut self, at: f64) {
        if let Some(since) = self.open.take() {
            self.in_drift += at - since;
            self.longest = self.longest.max(at - since);
        }
    }

    /// Seconds in drift, and of the longest drift, from the alarm to the end; one that is open lasts until the last sample.
    pub(super) fn in_drift(&self) -> (f64, f64) {
        let open = self.open.zip(self.last).map_or(0.0, |(since, last)| last - since);
        (self.in_drift + open, self.longest.max(open))
    }

    /// Nanoseconds a sample.
    pub(super) fn pace(&self) -> Option<f64> {
        let taken = self.samples + self.gaps;
        (taken > 0).then(|| self.spent.as_secs_f64() * 1e9 / taken as f64)
    }
}
