//! CSV: a header, then rows.

use std::{
    cell::Cell,
    collections::VecDeque,
    io::{self, BufRead, Read},
    rc::Rc,
};

use anyhow::{Context, bail};
use csv::{ByteRecord, Reader, ReaderBuilder};

use super::{
    clock::Clock,
    input::{LONGEST_ROW, Numbered, Row, Wanted, is_time_name, truth, value},
};
use crate::cli::moment::moment;

/// How many rows are looked at to find the first column of numbers.
const MOST_AHEAD: usize = 64;

pub(super) struct CsvRows {
    reader: Reader<Bounded>,
    left: Rc<Cell<usize>>,
    names: Vec<String>,
    columns: Columns,
    /// Rows that were read to find the columns.
    ahead: VecDeque<ByteRecord>,
    record: ByteRecord,
}

#[derive(Clone, Copy)]
struct Columns {
    value: usize,
    time: Option<usize>,
    truth: Option<usize>,
}

/// What a column seems to hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Numbers,
    Text,
    Nothing,
}

/// Fails where a row takes more than is left of its allowance, as one that is not closed would take all memory.
struct Bounded {
    inner: Box<dyn BufRead>,
    left: Rc<Cell<usize>>,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.left.get();
        if left == 0 {
            let why = format!("a row must be at most {LONGEST_ROW} bytes long, got more");
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
        let most = buffer.len().min(left);
        let read = self.inner.read(&mut buffer[..most])?;
        self.left.set(left - read);
        Ok(read)
    }
}

impl CsvRows {
    pub(super) fn new(mut input: Box<dyn BufRead>, header: bool, wanted: &Wanted) -> anyhow::Result<Self> {
        let delimiter = delimiter(input.fill_buf()?);
        let left = Rc::new(Cell::new(LONGEST_ROW));
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(Bounded { inner: input, left: Rc::clone(&left) });
        let columns = Columns { value: 0, time: None, truth: None };
        let mut rows = Self {
            reader,
            left,
            names: Vec::new(),
            columns,
            ahead: VecDeque::new(),
            record: ByteRecord::new(),
        };
        rows.read_header(header)?;
        rows.find_columns(wanted)?;
        Ok(rows)
    }

    fn read_header(&mut self, header: bool) -> anyhow::Result<()> {
        if !self.read()? {
            bail!("the file must hold samples, got empty lines");
        }
        if !header {
            self.names = (1..=self.record.len()).map(|number| number.to_string()).collect();
            self.ahead.push_back(self.record.clone());
            return Ok(());
        }
        self.names = self.record.iter().map(|name| text(name).trim().to_owned()).collect();
        if self.names.iter().all(|name| name.parse::<f64>().is_ok()) {
            bail!("the first line must be a header, got numbers; --no-header names columns 1, 2, 3");
        }
        Ok(())
    }

    fn find_columns(&mut self, wanted: &Wanted) -> anyhow::Result<()> {
        let truth = wanted.truth.as_deref().map(|name| self.named("truth-column", name)).transpose()?;
        let mut time = wanted.time.as_deref().map(|name| self.named("time", name)).transpose()?;
        let chosen = wanted.column.as_deref().map(|name| self.named("column", name)).transpose()?;
        let free = |column: &usize| Some(*column) != truth && Some(*column) != chosen;
        time = time.or_else(|| (0..self.names.len()).filter(free).find(|at| is_time_name(&self.names[*at])));
        if self.ahead.is_empty() {
            self.look_ahead()?;
        }
        if time.is_none() {
            let first = self.ahead.front();
            let cell = |column: usize| first.and_then(|row| row.get(column)).map(text);
            let is_moment = |column: &usize| {
                cell(*column)
                    .is_some_and(|cell| cell.trim().parse::<f64>().is_err() && moment(&cell).is_some())
            };
            time = (0..self.names.len()).filter(free).find(is_moment);
        }
        self.columns = Columns { value: 0, time, truth };
        self.columns.value = match chosen {
            Some(column) => column,
            None => self.first_numbers()?,
        };
        Ok(())
    }

    /// The first column of numbers that is neither time nor truth.
    fn first_numbers(&mut self) -> anyhow::Result<usize> {
        let taken = [self.columns.time, self.columns.truth];
        let free: Vec<usize> =
            (0..self.names.len()).filter(|column| !taken.contains(&Some(*column))).collect();
        let mut more = true;
        loop {
            let mut looks = free.iter().map(|column| (*column, self.looks_like(*column)));
            // One that is empty so far may yet hold numbers, and comes first then.
            let first = looks.find(|(_, look)| match look {
                Look::Numbers => true,
                Look::Nothing => more,
                Look::Text => false,
            });
            match first {
                Some((column, Look::Numbers)) => return Ok(column),
                Some(_) => more = self.ahead.len() < MOST_AHEAD && self.look_ahead()?,
                None => bail!(
                    "one of the columns {} must hold numbers, got none; --column says which",
                    self.names.join(", ")
                ),
            }
        }
    }

    /// Judged by the first cell that is not empty.
    fn looks_like(&self, column: usize) -> Look {
        let cells = self.ahead.iter().filter_map(|row| row.get(column));
        match cells.map(|cell| value(&text(cell))).find(|cell| *cell != Ok(None)) {
            Some(Ok(_)) => Look::Numbers,
            Some(Err(_)) => Look::Text,
            None => Look::Nothing,
        }
    }

    fn look_ahead(&mut self) -> anyhow::Result<bool> {
        let read = self.read()?;
        if read {
            self.ahead.push_back(self.record.clone());
        }
        Ok(read)
    }

    fn named(&self, option: &str, name: &str) -> anyhow::Result<usize> {
        self.names
            .iter()
            .position(|column| column == name)
            .with_context(|| format!("{option} must be one of {}, got '{name}'", self.names.join(", ")))
    }

    fn read(&mut self) -> anyhow::Result<bool> {
        self.left.set(LONGEST_ROW);
        let line = self.reader.position().line();
        self.reader.read_byte_record(&mut self.record).map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(error) => anyhow::Error::new(error).context(format!("line {line}")),
            other => anyhow::anyhow!("line {line}: {other:?}"),
        })
    }

    pub(super) fn next(&mut self, clock: &mut Clock) -> anyhow::Result<Option<Numbered>> {
        if let Some(record) = self.ahead.pop_front() {
            self.record = record;
        } else if !self.read()? {
            return Ok(None);
        }
        let line = self.record.position().map_or(0, csv::Position::line);
        Ok(Some((line, self.row(clock))))
    }

    fn row(&self, clock: &mut Clock) -> Result<Row, String> {
        let cell = |column: usize| {
            let missing =
                || format!("{} is missing, the row has {} cells", self.names[column], self.record.len());
            self.record.get(column).map(text).ok_or_else(missing)
        };
        let value = value(&cell(self.columns.value)?)?;
        let truth = self.columns.truth.map(|column| truth(&cell(column)?)).transpose()?;
        // Last, as only a row that is taken may move the clock.
        let at = self.columns.time.map(|column| clock.text(&cell(column)?)).transpose()?;
        Ok(Row { at, value, truth })
    }

    pub(super) fn column(&self) -> &str {
        &self.names[self.columns.value]
    }

    pub(super) fn time(&self) -> Option<&str> {
        self.columns.time.map(|column| self.names[column].as_str())
    }
}

fn text(cell: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(cell)
}

/// Whichever of the separators there is most of in the first line.
fn delimiter(start: &[u8]) -> u8 {
    let line = start.trim_ascii_start().split(|byte| *byte == b'\n').next().unwrap_or_default();
    let pieces = |separator: &u8| line.split(|byte| byte == separator).count();
    // Of equals the last counts.
    [b'\t', b';', b','].into_iter().max_by_key(pieces).unwrap_or(b',')
}
