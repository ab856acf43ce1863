//! Alarms beside what is known to have changed: what was found and how soon, and what was made up.

use serde::Serialize;

/// A time in which a series is known to be out of control, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Change {
    pub(crate) start: f64,
    /// `None` while it is not known to be over.
    pub(crate) end: Option<f64>,
    /// The number of its first sample, once there is one.
    pub(crate) first: Option<u64>,
    pub(crate) found: Option<Found>,
}

/// When a change was noticed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Found {
    /// Samples from the start to the alarm, both counted.
    pub(crate) samples: u64,
    /// Seconds from the start to the alarm.
    pub(crate) secs: f64,
}

/// Counts as samples and alarms come, in order of time.
#[derive(Debug, Default)]
pub(crate) struct Scoring {
    pub(crate) changes: Vec<Change>,
    pub(crate) false_alarms: u64,
    /// The first change that no sample has reached.
    next: usize,
}

impl Change {
    pub(crate) fn new(start: f64, end: Option<f64>) -> Self {
        Self { start, end, first: None, found: None }
    }
}

impl Scoring {
    /// Changes in order of time, not overlapping.
    pub(crate) fn of(changes: Vec<Change>) -> Self {
        Self { changes, ..Self::default() }
    }

    /// Takes note of a sample, before the alarm it may raise.
    pub(crate) fn sample(&mut self, number: u64, at: f64) {
        while let Some(change) = self.changes.get_mut(self.next).filter(|change| change.start <= at) {
            // One that held no sample was not there to be found.
            change.first = change.end.is_none_or(|end| at < end).then_some(number);
            self.next += 1;
        }
    }

    /// Takes note of an alarm at a sample. It is for a change that it comes after the start of, unless it says itself that
    /// it is about what came after the end.
    pub(crate) fn alarm(&mut self, number: u64, onset: f64, at: f64) {
        let about = |change: &&mut Change| change.start <= at && change.end.is_none_or(|end| onset < end);
        let Some(change) = self.changes.iter_mut().rev().find(about) else {
            self.false_alarms += 1;
            return;
        };
        let samples = number.saturating_sub(change.first.unwrap_or(number)) + 1;
        change.found.get_or_insert(Found { samples, secs: at - change.start });
    }

    /// How many changes could have been found and were not.
    pub(crate) fn missed(&self) -> usize {
        self.changes.iter().filter(|change| change.first.is_some() && change.found.is_none()).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scoring() -> Scoring {
        let mut scoring = Scoring::of(vec![Change::new(10.0, Some(20.0)), Change::new(30.0, Some(40.0))]);
        for number in 0..50 {
            scoring.sample(number, number as f64);
        }
        scoring
    }

    #[test]
    fn the_first_alarm_within_a_change_is_its_delay() {
        let mut scoring = scoring();
        scoring.alarm(14, 11.0, 14.0);
        scoring.alarm(16, 15.0, 16.0);
        assert_eq!(scoring.changes[0].found, Some(Found { samples: 5, secs: 4.0 }));
        assert_eq!((scoring.missed(), scoring.false_alarms), (1, 0));
    }

    #[test]
    fn an_alarm_after_the_end_counts_if_it_is_about_the_change() {
        let mut scoring = scoring();
        scoring.alarm(21, 18.0, 21.0);
        scoring.alarm(45, 41.0, 45.0);
        assert_eq!(scoring.changes[0].found, Some(Found { samples: 12, secs: 11.0 }));
        assert_eq!((scoring.missed(), scoring.false_alarms), (1, 1));
    }

    #[test]
    fn an_alarm_before_the_start_is_false_even_if_the_drift_lasts() {
        let mut scoring = scoring();
        scoring.alarm(8, 8.0, 8.0);
        assert_eq!((scoring.missed(), scoring.false_alarms), (2, 1));
    }
}
