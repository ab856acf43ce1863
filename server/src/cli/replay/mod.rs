//! `drift-sre replay`: what would have been found in a recorded series?

mod clock;
mod csv;
mod input;
mod judge;
mod ndjson;
mod report;
mod tally;

use std::{path::PathBuf, str::FromStr};

use anyhow::{anyhow, bail};
use clap::{
    Args,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
};
use drift_sre::{AdaptiveConfig, Preset, Sample};

use self::{
    clock::{Bound, Clock},
    input::{Format, Rows, Wanted},
    judge::{Detector, Judge, Taken},
    report::Report,
};
use super::{
    console,
    truth::{Change, Scoring},
};

/// Malformed rows are told one by one up to here, then counted.
const MOST_TOLD: u64 = 10;
/// Samples are judged so many at a time, so that reading the clock does not count as judging.
const CHUNK: usize = 1024;

/// Run a recorded series through a detector: its events, its delays, a summary; exit code 1 if it drifted
///
/// Reads CSV with a header, or one JSON object a line, of any length in little memory. Times are ISO 8601
/// or seconds, milliseconds or finer since 1970; without a time column, samples count as a second apart. An
/// empty cell is a gap. With --truth, what is known to have changed, it counts delays, misses and false alarms.
#[derive(Args)]
#[command(
    verbatim_doc_comment,
    after_help = "\
Exit codes:
  0  no drift
  1  a drift was found
  3  wrong usage, or a file that cannot be read

Examples:
  drift-sre replay latency.csv
  drift-sre replay requests.csv --column latency_ms --time ts --preset driftwatch
  drift-sre replay metrics.ndjson --preset adaptive --arl0 1e6
  drift-sre replay run.csv --truth 2026-01-12T10:30:00Z..2026-01-12T10:45:00Z --json
  kubectl exec db -- cat /log/io.csv | drift-sre replay - --column await_ms --unit ms"
)]
pub(crate) struct Replay {
    /// CSV or NDJSON; - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What judges the series
    #[arg(long, default_value = "drift_sre", value_parser = detector_names())]
    preset: Judging,
    /// Of the preset adaptive: mean samples between false alarms, 100 to 1e9 [default: 10000]
    #[arg(long, value_name = "SAMPLES")]
    arl0: Option<f64>,
    /// Which column or field to judge [default: the first that holds numbers]
    #[arg(long, value_name = "NAME")]
    column: Option<String>,
    /// Which column or field is the time [default: one that is called like it or looks like it]
    #[arg(long, value_name = "NAME")]
    time: Option<String>,
    /// What values are measured in, for the sentences
    #[arg(long, default_value = "", hide_default_value = true)]
    unit: String,
    /// A known change; may be repeated. END may be left out: it lasts
    #[arg(long, value_name = "START..END", value_parser = truth)]
    truth: Vec<(Bound, Option<Bound>)>,
    /// A column or field that is true while the series is known to be out of control
    #[arg(long, value_name = "NAME", conflicts_with = "truth")]
    truth_column: Option<String>,
    /// How the file is written [default: by its name, or by how it starts]
    #[arg(long, value_enum, ignore_case = true)]
    format: Option<Format>,
    /// The first line of the CSV is a sample; columns are called 1, 2, 3
    #[arg(long)]
    no_header: bool,
    /// Refuse the file at the first malformed row instead of counting them
    #[arg(long)]
    strict: bool,
    /// Write one JSON object a line: events, then the summary
    #[arg(long)]
    json: bool,
}

/// What judges a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Judging {
    Preset(Preset),
    Adaptive,
}

impl Judging {
    const ADAPTIVE: &'static str = "adaptive";

    const fn name(self) -> &'static str {
        match self {
            Self::Preset(preset) => preset.name(),
            Self::Adaptive => Self::ADAPTIVE,
        }
    }
}

impl FromStr for Judging {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        if name == Self::ADAPTIVE {
            return Ok(Self::Adaptive);
        }
        Preset::named(name).map(Self::Preset).ok_or_else(|| format!("there is no preset {name}"))
    }
}

impl Replay {
    pub(crate) fn run(&self) -> anyhow::Result<u8> {
        let detector = self.detector()?;
        let wanted =
            Wanted { column: self.column.clone(), time: self.time.clone(), truth: self.truth_column.clone() };
        let mut rows = Rows::open(&self.file, self.format, !self.no_header, wanted)?;
        let mut clock = Clock::default();
        let mut judge = Judge::new(detector, Report::new(self.preset.name(), &self.unit, self.json));
        let live = self.file.as_os_str() == "-";
        // Someone may be watching what comes through a pipe.
        let room = if live { 1 } else { CHUNK };
        let mut chunk = Vec::with_capacity(room);
        let mut number = 0_u64;
        while let Some((line, row)) = rows.next(&mut clock)? {
            let row = match row {
                Ok(row) => row,
                Err(why) => {
                    self.malformed(&mut judge, line, &why)?;
                    continue;
                }
            };
            if number == 0 {
                judge.scoring = self.scoring(&clock)?;
                judge.report.begin(rows.column(), rows.time());
            }
            let at = row.at.unwrap_or(number as f64);
            chunk.push(Taken { line, sample: Sample { at, value: row.value }, truth: row.truth });
            number += 1;
            if chunk.len() == room {
                judge.take(&chunk, &clock)?;
                chunk.clear();
            }
        }
        judge.take(&chunk, &clock)?;
        if judge.tally.samples == 0 {
            bail!("{} must hold samples, got none that can be used", self.file.display());
        }
        judge.finish(&clock)?;
        Ok(u8::from(judge.tally.drifts > 0))
    }

    fn detector(&self) -> anyhow::Result<Detector> {
        match (self.preset, self.arl0) {
            (Judging::Adaptive, arl0) => {
                let default = AdaptiveConfig::default();
                Ok(Detector::adaptive(AdaptiveConfig { arl0: arl0.unwrap_or(default.arl0), ..default })?)
            }
            (Judging::Preset(preset), None) => Ok(Detector::monitor(preset.config())?),
            (Judging::Preset(preset), Some(_)) => {
                bail!("--arl0 wants --preset adaptive, got {}", preset.name())
            }
        }
    }

    fn malformed(&self, judge: &mut Judge<'_>, line: u64, why: &str) -> anyhow::Result<()> {
        if self.strict {
            bail!("line {line}: {why}");
        }
        judge.tally.malformed += 1;
        match judge.tally.malformed {
            1..=MOST_TOLD => console::say(&console::plain(&format!("line {line}: {why}"))),
            count if count == MOST_TOLD + 1 => console::say("further malformed rows are only counted"),
            _ => {}
        }
        Ok(())
    }

    /// What is known, in the seconds of the file.
    fn scoring(&self, clock: &Clock) -> anyhow::Result<Option<Scoring>> {
        if self.truth.is_empty() && self.truth_column.is_none() {
            return Ok(None);
        }
        let secs = |bound: Bound| clock.secs(bound).map_err(|why| anyhow!(why));
        let mut changes = Vec::new();
        for (start, end) in &self.truth {
            let (start, end) = (secs(*start)?, end.map(secs).transpose()?);
            if end.is_some_and(|end| end <= start) {
                bail!("truth must end after it starts, got {start} s to {} s", end.unwrap_or(start));
            }
            changes.push(Change::new(start, end));
        }
        changes.sort_by(|one, other| one.start.total_cmp(&other.start));
        for pair in changes.windows(2) {
            if pair[0].end.is_none_or(|end| end > pair[1].start) {
                bail!(
                    "truth must be times that do not overlap, got one that starts at {} s within another",
                    pair[1].start
                );
            }
        }
        Ok(Some(Scoring::of(changes)))
    }
}

fn detector_names() -> impl TypedValueParser<Value = Judging> {
    let presets = Preset::ALL.map(|preset| PossibleValue::new(preset.name()));
    let names = presets.into_iter().chain([PossibleValue::new(Judging::ADAPTIVE)]);
    PossibleValuesParser::new(names).try_map(|name| name.parse())
}

fn truth(text: &str) -> Result<(Bound, Option<Bound>), String> {
    let wanted = || String::from("wanted START..END, each ISO 8601 or a number as in the file");
    let (start, end) = text.split_once("..").ok_or_else(wanted)?;
    let start = Bound::parse(start).ok_or_else(wanted)?;
    let end = if end.is_empty() { None } else { Some(Bound::parse(end).ok_or_else(wanted)?) };
    Ok((start, end))
}
