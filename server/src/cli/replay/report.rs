//! A replay's events and summary, as text or as JSON lines.

use std::{
    fmt::Display,
    io::{self, BufWriter, Stdout, Write},
};

use anstream::AutoStream;
use drift_sre::{Event, Severity, Subject, explain};
use serde::Serialize;

use super::{clock::Clock, tally::Tally};
use crate::cli::{
    console::{BAD, GOOD, UNSURE, plain, styled},
    truth::{Found, Scoring},
};

/// Known changes are told one by one up to here, then summed up.
const MOST_TOLD: usize = 20;

pub(super) struct Report<'a> {
    out: BufWriter<AutoStream<Stdout>>,
    preset: &'static str,
    unit: &'a str,
    json: bool,
    column: String,
    time: Option<String>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Line<'a> {
    Event {
        line: u64,
        #[serde(flatten)]
        event: &'a Event,
        explanation: &'a str,
    },
    Summary(Summary<'a>),
}

#[derive(Serialize)]
struct Summary<'a> {
    preset: &'static str,
    column: &'a str,
    time: Option<&'a str>,
    samples: u64,
    gaps: u64,
    malformed: u64,
    first: Option<f64>,
    last: Option<f64>,
    drifts: u64,
    outliers: u64,
    still_drifting: bool,
    drift_secs: f64,
    longest_drift_secs: f64,
    ns_per_sample: Option<f64>,
    truth: Option<Known>,
}

#[derive(Serialize)]
struct Known {
    changes: Vec<KnownChange>,
    missed: usize,
    false_alarms: u64,
}

#[derive(Serialize)]
struct KnownChange {
    start: f64,
    end: Option<f64>,
    delay: Option<Found>,
}

impl<'a> Report<'a> {
    pub(super) fn new(preset: &'static str, unit: &'a str, json: bool) -> Self {
        let out = BufWriter::new(AutoStream::auto(io::stdout()));
        Self { out, preset, unit, json, column: String::new(), time: None }
    }

    /// The columns are known.
    pub(super) fn begin(&mut self, column: &str, time: Option<&str>) {
        column.clone_into(&mut self.column);
        self.time = time.map(str::to_owned);
    }

    pub(super) fn event(&mut self, line: u64, event: &Event, clock: &Clock) -> anyhow::Result<()> {
        let told = explain(event, &Subject { name: &self.column, unit: self.unit });
        if self.json {
            return self.write_json(&Line::Event { line, event, explanation: &told });
        }
        let style = match event.severity {
            Severity::Info => GOOD,
            Severity::Warning => UNSURE,
            Severity::Critical => BAD,
        };
        let severity = styled(style, format_args!("{:<8}", event.severity.name()));
        writeln!(self.out, "{}  line {line}  {severity}  {}", clock.shown(event.at), plain(&told))?;
        Ok(())
    }

    pub(super) fn flush(&mut self) -> anyhow::Result<()> {
        Ok(self.out.flush()?)
    }

    pub(super) fn finish(
        &mut self,
        tally: &Tally,
        scoring: Option<&Scoring>,
        clock: &Clock,
    ) -> anyhow::Result<()> {
        if self.json {
            self.summary_as_json(tally, scoring)?;
        } else {
            self.summary(tally, clock)?;
            if let Some(scoring) = scoring {
                self.score(scoring, clock)?;
            }
        }
        self.flush()
    }

    fn row(&mut self, name: &str, what: impl Display) -> io::Result<()> {
        writeln!(self.out, "{name:<13} {what}")
    }

    fn summary(&mut self, tally: &Tally, clock: &Clock) -> io::Result<()> {
        if tally.drifts + tally.outliers > 0 {
            writeln!(self.out)?;
        }
        let time = self.time.as_deref().map_or("no time column: a second apart", |name| name);
        let series = format!("{} over {time}, judged by {}", plain(&self.column), self.preset);
        self.row("series", series)?;
        let Tally { samples, gaps, malformed, .. } = tally;
        self.row("samples", format_args!("{samples}, {gaps} gaps, {malformed} malformed rows"))?;
        if let Some((first, last)) = tally.first.zip(tally.last) {
            let (from, to) = (clock.shown(first), clock.shown(last));
            self.row("time", format_args!("{from} to {to}, {}", lasting(last - first)))?;
        }
        let style = if tally.drifts == 0 { GOOD } else { BAD };
        let open = if tally.open.is_some() { ", the last one not over" } else { "" };
        self.row("drifts", format_args!("{}{open}", styled(style, tally.drifts)))?;
        if tally.outliers > 0 {
            self.row("outliers", tally.outliers)?;
        }
        let (total, longest) = tally.in_drift();
        self.row("in drift", format_args!("{}, longest {}", lasting(total), lasting(longest)))?;
        if let Some(pace) = tally.pace() {
            self.row("speed", format_args!("{pace:.0} ns a sample"))?;
        }
        Ok(())
    }

    fn score(&mut self, scoring: &Scoring, clock: &Clock) -> io::Result<()> {
        let (changes, missed) = (scoring.changes.len(), scoring.missed());
        let style = if missed == 0 { GOOD } else { BAD };
        self.row("true changes", format_args!("{changes}, {} missed", styled(style, missed)))?;
        for change in scoring.changes.iter().take(MOST_TOLD) {
            let end = change.end.map_or_else(|| String::from("the end"), |end| clock.shown(end));
            let outcome = match (change.found, change.first) {
                (Some(Found { samples, secs }), _) => {
                    format!("found by sample {samples}, after {}", lasting(secs))
                }
                (None, Some(_)) => styled(BAD, "missed"),
                (None, None) => String::from("no samples"),
            };
            self.row("", format_args!("{} to {end}: {outcome}", clock.shown(change.start)))?;
        }
        if changes > MOST_TOLD {
            self.row("", format_args!("and {} more", changes - MOST_TOLD))?;
        }
        let style = if scoring.false_alarms == 0 { GOOD } else { BAD };
        self.row("false alarms", styled(style, scoring.false_alarms))
    }

    fn summary_as_json(&mut self, tally: &Tally, scoring: Option<&Scoring>) -> anyhow::Result<()> {
        let (drift_secs, longest_drift_secs) = tally.in_drift();
        let known = |scoring: &Scoring| Known {
            changes: (scoring.changes.iter())
                .map(|change| KnownChange { start: change.start, end: change.end, delay: change.found })
                .collect(),
            missed: scoring.missed(),
            false_alarms: scoring.false_alarms,
        };
        let (column, time) = (self.column.clone(), self.time.clone());
        let Tally { samples, gaps, malformed, first, last, drifts, outliers, .. } = *tally;
        self.write_json(&Line::Summary(Summary {
            preset: self.preset,
            column: &column,
            time: time.as_deref(),
            samples,
            gaps,
            malformed,
            first,
            last,
            drifts,
            outliers,
            still_drifting: tally.open.is_some(),
            drift_secs,
            longest_drift_secs,
            ns_per_sample: tally.pace(),
            truth: scoring.map(known),
        }))
    }

    fn write_json(&mut self, line: &Line<'_>) -> anyhow::Result<()> {
        serde_json::to_writer(&mut self.out, line).map_err(io::Error::from)?;
        self.out.write_all(b"\n")?;
        Ok(())
    }
}

/// A time span as people read it.
fn lasting(secs: f64) -> String {
    match secs {
        86_400.0.. => format!("{:.1} days", secs / 86_400.0),
        7200.0.. => format!("{:.1} h", secs / 3600.0),
        120.0.. => format!("{:.1} min", secs / 60.0),
        _ => format!("{} s", (secs * 1e3).round() / 1e3),
    }
}
