//! A file or standard input as rows of a time and a value, in bounded memory.

use std::{
    fs::File,
    io::{self, BufRead, BufReader},
    path::Path,
};

use anyhow::{Context, bail};
use clap::ValueEnum;
use drift_sre::Sample;

use super::{
    clock::{Clock, shortened},
    csv::CsvRows,
    ndjson::NdjsonRows,
};

/// A row may be this long; what is longer is no row of samples.
pub(super) const LONGEST_ROW: usize = 1 << 20;
const TIME_NAMES: [&str; 9] =
    ["time", "timestamp", "ts", "at", "date", "datetime", "event_time", "_time", "t"];

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// A header, then rows; separated by commas, semicolons or tabs
    Csv,
    /// One JSON object a line
    Ndjson,
}

/// Which columns are wanted, where that was said.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    pub(super) column: Option<String>,
    pub(super) time: Option<String>,
    pub(super) truth: Option<String>,
}

/// What a row says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Row {
    /// In seconds; `None` where there is no time column.
    pub(super) at: Option<f64>,
    /// `None` for a gap.
    pub(super) value: Option<f64>,
    /// Whether the series is known to be out of control here.
    pub(super) truth: Option<bool>,
}

pub(super) enum Rows {
    Csv(CsvRows),
    Ndjson(NdjsonRows),
}

/// A line's number, and the row or what is wrong with it.
pub(super) type Numbered = (u64, Result<Row, String>);

impl Rows {
    pub(super) fn open(
        path: &Path,
        format: Option<Format>,
        header: bool,
        wanted: Wanted,
    ) -> anyhow::Result<Self> {
        let mut input: Box<dyn BufRead> = if path == Path::new("-") {
            Box::new(BufReader::new(io::stdin()))
        } else {
            let file = File::open(path).with_context(|| format!("{} could not be opened", path.display()))?;
            Box::new(BufReader::with_capacity(1 << 16, file))
        };
        let start = input.fill_buf().with_context(|| format!("{} could not be read", path.display()))?;
        if start.is_empty() {
            bail!("{} must hold samples, got nothing", path.display());
        }
        if start.starts_with(b"\xef\xbb\xbf") {
            input.consume(3);
        }
        let format = match format.or_else(|| by_name(path)) {
            Some(format) => format,
            None if input.fill_buf()?.trim_ascii_start().starts_with(b"{") => Format::Ndjson,
            None => Format::Csv,
        };
        Ok(match format {
            Format::Csv => Self::Csv(CsvRows::new(input, header, &wanted)?),
            Format::Ndjson => Self::Ndjson(NdjsonRows::new(input, wanted)),
        })
    }

    /// The next row.
    ///
    /// # Errors
    /// Only where reading cannot go on; a row that makes no sense is in the answer.
    pub(super) fn next(&mut self, clock: &mut Clock) -> anyhow::Result<Option<Numbered>> {
        match self {
            Self::Csv(rows) => rows.next(clock),
            Self::Ndjson(rows) => rows.next(clock),
        }
    }

    /// The column that is judged, once a row was read.
    pub(super) fn column(&self) -> &str {
        match self {
            Self::Csv(rows) => rows.column(),
            Self::Ndjson(rows) => rows.column(),
        }
    }

    /// The column of times, if there is one.
    pub(super) fn time(&self) -> Option<&str> {
        match self {
            Self::Csv(rows) => rows.time(),
            Self::Ndjson(rows) => rows.time(),
        }
    }
}

fn by_name(path: &Path) -> Option<Format> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "csv" | "tsv" => Some(Format::Csv),
        "ndjson" | "jsonl" => Some(Format::Ndjson),
        _ => None,
    }
}

pub(super) fn is_time_name(name: &str) -> bool {
    TIME_NAMES.contains(&name.to_ascii_lowercase().as_str())
}

/// A value as text: empty or `nan` is a gap.
pub(super) fn value(text: &str) -> Result<Option<f64>, String> {
    let text = text.trim();
    if text.is_empty() || ["nan", "null", "na", "n/a"].contains(&text.to_ascii_lowercase().as_str()) {
        return Ok(None);
    }
    let number = text.parse().ok().filter(|number: &f64| is_value(*number));
    let wanted = || format!("value must be a number of at most 1e150, got '{}'", shortened(text));
    number.map(Some).ok_or_else(wanted)
}

/// Whether a number can be measured: what is beyond is refused, not taken for a gap.
pub(super) fn is_value(number: f64) -> bool {
    number.abs() <= Sample::LIMIT
}

pub(super) fn truth(text: &str) -> Result<bool, String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" => Ok(true),
        "false" | "0" | "no" | "" => Ok(false),
        _ => Err(format!("truth must be true or false, got '{}'", shortened(text))),
    }
}
