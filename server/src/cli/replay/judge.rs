//! Samples through a detector, and what it says beside what is known.

use std::time::Instant;

use drift_sre::{Adaptive, AdaptiveConfig, Error, Kind, Monitor, MonitorConfig, Sample, Verdict};

use super::{clock::Clock, report::Report, tally::Tally};
use crate::cli::truth::{Change, Scoring};

pub(super) enum Detector {
    Monitor(Box<Monitor>),
    Adaptive(Box<Adaptive>),
}

impl Detector {
    pub(super) fn monitor(config: MonitorConfig) -> Result<Self, Error> {
        Ok(Self::Monitor(Box::new(Monitor::new(config)?)))
    }

    pub(super) fn adaptive(config: AdaptiveConfig) -> Result<Self, Error> {
        Ok(Self::Adaptive(Box::new(Adaptive::new(config)?)))
    }

    fn update(&mut self, sample: Sample) -> Verdict {
        match self {
            Self::Monitor(monitor) => monitor.update(sample),
            Self::Adaptive(adaptive) => adaptive.update(sample),
        }
    }
}

/// A sample, where it was, and whether the series is known to be out of control there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken {
    pub(super) line: u64,
    pub(super) sample: Sample,
    pub(super) truth: Option<bool>,
}

pub(super) struct Judge<'a> {
    detector: Detector,
    pub(super) tally: Tally,
    /// `None` where nothing is known.
    pub(super) scoring: Option<Scoring>,
    pub(super) report: Report<'a>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(detector: Detector, report: Report<'a>) -> Self {
        Self { detector, tally: Tally::default(), scoring: None, report }
    }

    pub(super) fn take(&mut self, chunk: &[Taken], clock: &Clock) -> anyhow::Result<()> {
        let mut events = Vec::new();
        let began = Instant::now();
        for (position, taken) in chunk.iter().enumerate() {
            let verdict = self.detector.update(taken.sample);
            if let Some(event) = verdict.event {
                events.push((position, event, verdict.state));
            }
        }
        self.tally.spent += began.elapsed();
        let mut events = events.into_iter().peekable();
        for (position, taken) in chunk.iter().enumerate() {
            self.tally.sample(taken.sample);
            let number = self.tally.samples;
            if let Some(scoring) = &mut self.scoring {
                if let Some(known) = taken.truth {
                    note(scoring, known, taken.sample.at);
                }
                if taken.sample.usable().is_some() {
                    scoring.sample(number, taken.sample.at);
                }
            }
            while let Some((_, event, state)) = events.next_if(|(at, ..)| *at == position) {
                self.tally.event(&event, state);
                if let Some(scoring) = self.scoring.as_mut().filter(|_| event.kind != Kind::Closed) {
                    scoring.alarm(number, event.onset, event.at);
                }
                self.report.event(taken.line, &event, clock)?;
            }
        }
        self.report.flush()
    }

    pub(super) fn finish(&mut self, clock: &Clock) -> anyhow::Result<()> {
        self.report.finish(&self.tally, self.scoring.as_ref(), clock)
    }
}

/// Opens or closes a change as the column of truth turns.
fn note(scoring: &mut Scoring, known: bool, at: f64) {
    let open = scoring.changes.last_mut().filter(|change| change.end.is_none());
    match (known, open) {
        (true, None) => scoring.changes.push(Change::new(at, None)),
        (false, Some(change)) => change.end = Some(at),
        _ => {}
    }
}
