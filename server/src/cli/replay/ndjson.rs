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
    input::{LONGEST_ROW, Numbered, Row, Wanted, is_time_name, is_value, truth, value},
};
use crate::cli::moment::moment;

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
            Some(Value::String(text)) => value(text)?,
            Some(other) => match other.as_f64().filter(|number| is_value(*number)) {
                Some(number) => Some(number),
                None => return Err(format!("value must be a number of at most 1e150, got {other}")),
            },
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

    /// What was not said is decided by the first row that has the value.
    fn find_columns(&mut self, fields: &Fields) {
        if self.decided {
            return;
        }
        let Wanted { column, time, truth } = &mut self.wanted;
        let named = |wanted: &dyn Fn(&str, &Value) -> bool| {
            let taken = |name: &String| [&*column, &*truth].contains(&&Some(name.clone()));
            let mut free = fields.0.iter().filter(|(name, _)| !taken(name));
            free.find(|(name, value)| wanted(name, value)).map(|(name, _)| name.clone())
        };
        let time_of_row = time
            .clone()
            .or_else(|| named(&|name, _| is_time_name(name)))
            .or_else(|| named(&|_, value| value.as_str().is_some_and(|text| moment(text).is_some())));
        let value_of_row = match &*column {
            Some(column) => fields.get(column).map(|_| column.clone()),
            None => named(&|name, value| value.is_number() && Some(name) != time_of_row.as_deref()),
        };
        if value_of_row.is_some() {
            (*column, *time, self.decided) = (value_of_row, time_of_row, true);
        }
    }

    pub(super) fn column(&self) -> &str {
        self.wanted.column.as_deref().unwrap_or("value")
    }

    pub(super) fn time(&self) -> Option<&str> {
        self.wanted.time.as_deref()
    }
}
