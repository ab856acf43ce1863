//! Structured events: read, without their secrets, in canonical form, which has its members sorted.

use alloc::string::{String, ToString};

use serde_json::Value;

use super::redact::{REDACTED, Secrets};

/// A longer text is not read as an event.
pub(crate) const LONGEST: usize = 256 << 10;

/// A structured event without its secrets.
pub(crate) struct Fields(Value);

impl Fields {
    /// Reads an object; `None` for any other text, and where it nests deeper than 127 times or is longer than 256 KiB.
    pub(crate) fn read(text: &str, secrets: &Secrets) -> Option<Self> {
        if text.len() > LONGEST || !text.trim_start().starts_with('{') {
            return None;
        }
        let mut value: Value = serde_json::from_str(text).ok().filter(Value::is_object)?;
        clean(&mut value, secrets);
        Some(Self(value))
    }

    /// Members sorted by name, no blanks.
    pub(crate) fn canonical(&self) -> String {
        self.0.to_string()
    }

    /// The text of a member.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// Tells every number that is not in an array, by its path from the root with dots.
    pub(crate) fn numbers(&self, mut tell: impl FnMut(&str, f64)) {
        walk(&self.0, &mut String::new(), &mut tell);
    }
}

fn clean(value: &mut Value, secrets: &Secrets) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let empty = matches!(value, Value::Null | Value::Bool(_));
                if !empty && secrets.holds(name.as_bytes()) {
                    *value = Value::String(REDACTED.to_string());
                } else {
                    clean(value, secrets);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| clean(value, secrets)),
        Value::String(text) => {
            if let alloc::borrow::Cow::Owned(cleaned) = secrets.redact(text) {
                *text = cleaned;
            }
        }
        Value::Number(number) => {
            // A card's number is no less secret where it is written as one.
            let written = number.to_string();
            if let alloc::borrow::Cow::Owned(cleaned) = secrets.redact(&written) {
                *value = Value::String(cleaned);
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

fn walk(value: &Value, path: &mut String, tell: &mut impl FnMut(&str, f64)) {
    match value {
        Value::Number(number) => {
            if let Some(number) = number.as_f64() {
                tell(path, number);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                let length = path.len();
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(name);
                walk(value, path, tell);
                path.truncate(length);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    fn read(text: &str) -> Option<Fields> {
        Fields::read(text, &Secrets::default())
    }

    #[test]
    fn members_are_sorted_and_secrets_gone() {
        let text = r#" {"z": 1, "a": {"password": "x", "user": "ada"}, "auth": null, "m": "token=abc", "pan": 4111111111111111,
            "card": [4111111111111111], "headers": {"Cookie": ["a=b"]}} "#;
        let wanted = concat!(
            r#"{"a":{"password":"<redacted>","user":"ada"},"auth":null,"card":["<card>"],"#,
            r#""headers":{"Cookie":"<redacted>"},"m":"token=<redacted>","pan":"<card>","z":1}"#
        );
        assert_eq!(read(text).unwrap().canonical(), wanted);
    }

    #[test]
    fn what_is_no_object_is_no_event() {
        let deep = "{\"a\":".repeat(200) + "1" + &"}".repeat(200);
        let long = alloc::format!("{{\"a\": \"{}\"}}", "x".repeat(LONGEST));
        for text in ["", "{", "[1]", "7", "text", "{} trailing", &deep, &long] {
            assert!(read(text).is_none());
        }
    }

    #[test]
    fn numbers_have_their_paths() {
        let mut told = Vec::new();
        read(r#"{"a": {"b": 2, "c": [3]}, "d": 4.5, "e": "5"}"#)
            .unwrap()
            .numbers(|path, number| told.push((path.to_string(), number)));
        assert_eq!(told, [("a.b".to_string(), 2.0), ("d".to_string(), 4.5)]);
    }
}
