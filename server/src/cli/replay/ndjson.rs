//! NDJSON: one JSON object a line.

use std::{
    fmt,
    io::{BufRead, Read},
};

use anyhow::bail;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::Value;

use super::{
    clock::Clock,
    input::{LONGEST_ROW, Numbered, Row, Wanted, is_time_name, truth, value},
};

pub(super) struct NdjsonRows {
    input: Box<dyn BufRead>,
    wanted: Wanted,
    /// Whether the columns are known.
    decided: bool,
    line: u64,
    text: Vec<u8>,
}

/// An object's fields in the order in which they were written, which a map would lose.
struct Fields(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

impl Fields {
    /// A field by its name, or by its path: `request.latency_ms`.
    fn get(&self, path: &str) -> Option<&Value> {
        let own = |name: &str| self.0.iter().find(|(field, _)| field == name).map(|(_, value)| value);
        own(path).or_else(|| {
            let mut names = path.split('.');
            let first = own(names.next()?)?;
            names.try_fold(first, |value, name| value.get(name))
        })
    }
}

impl NdjsonRows {
    pub(super) fn new(input: Box<dyn BufRead>, wanted: Wanted) -> Self {
        Self { input, wanted, decided: false, line: 0, text: Vec::new() }
    }

    pub(super) fn next(&mut self, clock: &mut Clock) -> anyhow::Result<Option<Numbered>> {
        loop {
            self.text.clear();
            self.line += 1;
            let read = self.input.by_ref().take(LONGEST_ROW as u64 + 1).read_until(b'\n', &mut self.text)?;
            if read == 0 {
                return Ok(None);
            }
            if read > LONGEST_ROW {
                bail!("line {}: a row must be at most {LONGEST_ROW} bytes long, got more", self.line);
            }
            if !self.text.trim_ascii().is_empty() {
                return Ok(Some((self.line, self.row(clock))));
            }
        }
    }

    fn row(&mut self, clock: &mut Clock) -> Result<Row, String> {
        let fields: Fields = serde_json::from_slice(&self.text)
            .map_err(|error| format!("a row must be a JSON object, got something else: {error}"))?;
        self.find_columns(&fields);
        let Wanted { column: Some(column), time, truth: truth_column } = &self.wanted else {
            return Err(String::from("a row must hold a number, got none"));
        };
        let value = match fields.get(column) {
            None => return Err(format!("{column} is missing")),
            Some(Value::Null) => None,
            Some(Value::Number(number)) => number.as_f64(),
            Some(Value::String(text)) => value(text)?,
            Some(other) => return Err(format!("value must be a finite number, got {other}")),
        };
        let known = |name: &String| match fields.get(name) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(known)) => Ok(*known),
            Some(Value::String(text)) => truth(text),
            Some(other) => truth(&other.to_string()),
        };
        let known = truth_column.as_ref().map(known).transpose()?;
        let at = match time.as_ref().map(|name| (name, fields.get(name))) {
            None => None,
            Some((_, Some(Value::String(text)))) => Some(clock.text(text)?),
            Some((_, Some(Value::Number(number)))) => {
                Some(clock.number(number.as_f64().unwrap_or(f64::NAN))?)
            }
            Some((name, _)) => return Err(format!("{name} is missing, which is the time")),
        };
        Ok(Row { at, value, truth: known })
    }

    /// What was not said is decided by the first row that has a number.
    fn find_columns(&mut self, fields: &Fields) {
        let Wanted { column, time, truth } = &mut self.wanted;
        if self.decided {
            return;
        }
        let free = |name: &String| Some(name) != column.as_ref() && Some(name) != truth.as_ref();
        let mut names = fields.0.iter().map(|(name, _)| name);
        let found = time.clone().or_else(|| names.find(|name| free(name) && is_time_name(name)).cloned());
        let numbers = |(name, value): &&(String, Value)| {
            value.is_number() && Some(name) != found.as_ref() && Some(name) != truth.as_ref()
        };
        let first = || fields.0.iter().find(numbers).map(|(name, _)| name.clone());
        if let Some(name) = column.clone().or_else(first) {
            (*column, *time, self.decided) = (Some(name), found, true);
        }
    }

    pub(super) fn column(&self) -> &str {
        self.wanted.column.as_deref().unwrap_or("value")
    }

    pub(super) fn time(&self) -> Option<&str> {
        self.wanted.time.as_deref()
    }
}
