//! What clients write, read and checked: JSON into observations.

use std::borrow::Cow;

use drift_sre::{Sides, Transform, fnv1a};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::error::Refusal;
use crate::{
    config::Limits,
    observation::{Definition, Gauge, Judged, Key, Observation, Once, What},
    time::Iso,
};

/// One request that a service answered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Telemetry<'a> {
    /// Which service, at most 64 characters.
    #[serde(borrow)]
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]+$",
        example = "pay"
    )]
    service_id: Cow<'a, str>,
    /// How long it took, in milliseconds.
    #[schema(minimum = 0, maximum = 300_000, example = 156.7)]
    latency_ms: f64,
    /// How much was sent, in kilobytes.
    #[schema(minimum = 0, maximum = 1_048_576, example = 2.3)]
    payload_kb: f64,
    /// When, in ISO 8601; now if not told. Not further from the server's time than an hour.
    #[schema(value_type = Option<String>, format = DateTime)]
    timestamp: Option<Text<'a>>,
    /// A name of this observation: told again under the same name it counts once.
    #[schema(
        min_length = 1,
        max_length = 128,
        value_type = Option<String>,
        pattern = r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]+$"
    )]
    event_id: Option<Text<'a>>,
}

/// A text that is not copied where it need not be; serde copies what is optional.
#[derive(Debug, Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// Readings of one host.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Readings<'a> {
    /// Which host, at most 64 characters.
    #[serde(borrow)]
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]+$",
        example = "host-a"
    )]
    pub(super) source: Cow<'a, str>,
    /// What was read.
    #[schema(max_items = 10_000)]
    #[serde(borrow)]
    pub(super) samples: Vec<Reading<'a>>,
}

/// One reading of a metric.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reading<'a> {
    /// Which metric, at most 128 characters.
    #[serde(borrow)]
    #[schema(min_length = 1, max_length = 128, example = "cpu")]
    metric: Cow<'a, str>,
    /// What was read.
    #[schema(example = 12.5)]
    value: f64,
    /// When, in ISO 8601 or seconds since 1970; now if not told.
    timestamp: Option<When<'a>>,
    /// The metric's unit. This and what follows is read when the series is new.
    #[schema(max_length = 16, example = "%")]
    unit: Option<Cow<'a, str>>,
    /// Which change alarms: up, down or both, which it is if not told.
    #[schema(value_type = Option<String>, pattern = "^(up|down|both)$", example = "up")]
    direction: Option<Sides>,
    /// `log` for what is never negative and heavy-tailed, else `identity`.
    #[schema(value_type = Option<String>, pattern = "^(identity|log)$", example = "identity")]
    transform: Option<Transform>,
    /// The least spread worth judging by.
    #[schema(minimum = 0, example = 1.0)]
    floor: Option<f64>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
enum When<'a> {
    Seconds(f64),
    Iso(Cow<'a, str>),
}

const LONGEST_MS: f64 = 300_000.0;
const LARGEST_KB: f64 = 1_048_576.0;
const LONGEST_KEY: usize = 128;
const LONGEST_UNIT: usize = 16;
/// Metrics may be routes.
const LONGEST_METRIC: usize = 128;
/// Deeper nesting is nothing that is asked for here.
const DEEPEST: usize = 64;

/// Reads what is against what there may be, at a time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    pub(super) limits: &'a Limits,
    pub(super) now_ms: i64,
}

impl Reader<'_> {
    /// An observation from its JSON.
    pub(super) fn telemetry(
        &self,
        json: &[u8],
        retry: Option<(&str, usize)>,
    ) -> Result<Observation, Refusal> {
        let told: Telemetry<'_> = parse(json)?;
        self.check_name("service_id", &told.service_id)?;
        check_range("latency_ms", told.latency_ms, LONGEST_MS)?;
        check_range("payload_kb", told.payload_kb, LARGEST_KB)?;
        let at_ms = told.timestamp.map(|Text(text)| self.time(&text)).transpose()?.unwrap_or(self.now_ms);
        if let Some(Text(id)) = &told.event_id {
            check_text("event_id", id, LONGEST_KEY)?;
        }
        let key = match (&told.event_id, retry) {
            (Some(Text(id)), _) => Some(key(&["event", &told.service_id, id])),
            (None, Some((retry, index))) => Some(key(&["request", retry, &index.to_string()])),
            (None, None) => None,
        };
        let once = key.map(|key| Once { key, content: fnv1a(json.iter().copied()) });
        let what = What::Telemetry { latency_ms: told.latency_ms, payload_kb: told.payload_kb };
        Ok(Observation { service: told.service_id.into(), at_ms, what, once })
    }

    /// An observation from a reading.
    pub(super) fn reading(
        &self,
        source: &str,
        told: Reading<'_>,
        retry: Option<(&str, usize)>,
    ) -> Result<Observation, Refusal> {
        check_text("metric", &told.metric, LONGEST_METRIC)?;
        if told.value.is_nan() || told.value.abs() > drift_sre::Sample::LIMIT {
            return Err(invalid(format!("value must be a number of at most 1e150, got {}", told.value)));
        }
        let at_ms = match told.timestamp {
            None => self.now_ms,
            Some(When::Iso(text)) => self.time(&text)?,
            Some(When::Seconds(seconds)) => self.near(Iso::from_seconds(seconds))?,
        };
        let unit = told.unit.unwrap_or_default();
        if !unit.is_empty() {
            check_text("unit", &unit, LONGEST_UNIT)?;
        }
        let floor = told.floor.unwrap_or(0.0);
        if !(0.0..=1e100).contains(&floor) {
            return Err(invalid(format!("floor must be a number of at least 0, got {floor}")));
        }
        let judged = Judged {
            direction: told.direction.unwrap_or(Sides::Both),
            transform: told.transform.unwrap_or_default(),
            floor,
        };
        let once = retry.map(|(retry, index)| Once {
            key: key(&["request", retry, &index.to_string()]),
            content: fnv1a(told.metric.bytes().chain(told.value.to_le_bytes())),
        });
        let definition = Definition { metric: told.metric.into(), unit: unit.into(), judged: Some(judged) };
        let what = What::Gauge(Box::new(Gauge { definition, value: told.value }));
        Ok(Observation { service: source.into(), at_ms, what, once })
    }

    /// Refuses a name that cannot be shown, or is too long.
    pub(super) fn check_name(&self, field: &str, name: &str) -> Result<(), Refusal> {
        check_text(field, name, self.limits.name_length)
    }

    fn time(&self, text: &str) -> Result<i64, Refusal> {
        // What is longer is none, and a message need not quote all of it.
        let short = text.char_indices().nth(64).map_or(text, |(end, _)| &text[..end]);
        let time =
            Iso::parse(short).map_err(|wanted| invalid(format!("timestamp {}", wanted.escape_debug())))?;
        self.near(time)
    }

    fn near(&self, time: Iso) -> Result<i64, Refusal> {
        let tolerance = self.limits.tolerance_ms;
        if time.0.abs_diff(self.now_ms) <= tolerance.unsigned_abs() {
            return Ok(time.0);
        }
        let seconds = tolerance / 1000;
        let message = format!(
            "timestamp must be within {seconds} s of the server's time {}, got {time}",
            Iso(self.now_ms)
        );
        Err(Refusal::new("timestamp_out_of_range", message))
    }
}

/// An `Idempotency-Key`, if one was sent.
pub(super) fn retry_key(headers: &axum::http::HeaderMap) -> Result<Option<&str>, Refusal> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    check_text("Idempotency-Key", text, LONGEST_KEY)?;
    Ok(Some(text))
}

/// Sixteen bytes that stand for these parts and no others.
fn key(parts: &[&str]) -> Key {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part);
    }
    let mut key = Key::default();
    key.copy_from_slice(&digest.finalize()[..16]);
    key
}

/// JSON as a value.
pub(super) fn parse<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, Refusal> {
    if is_deep(json) {
        return Err(Refusal::new(
            "invalid_json",
            format!("the body must not be nested deeper than {DEEPEST}"),
        ));
    }
    serde_json::from_slice(json).map_err(|error| {
        // A message of serde's quotes what it read.
        let message = error.to_string().escape_debug().to_string().replace("\\'", "'");
        if error.is_data() {
            invalid(message)
        } else {
            Refusal::new("invalid_json", format!("the body must be JSON: {message}"))
        }
    })
}

pub(super) fn invalid(message: String) -> Refusal {
    Refusal::new("invalid_observation", message)
}

fn check_text(field: &str, text: &str, most: usize) -> Result<(), Refusal> {
    if (1..=most).contains(&text.len()) && text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Ok(());
    }
    let count = text.chars().take(most + 1).count();
    let plain = !text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}'));
    if (1..=most).contains(&count) && plain {
        return Ok(());
    }
    let got = if plain && count == 0 {
        "none".to_owned()
    } else if plain {
        format!("more: '{}...'", text.chars().take(16).collect::<String>())
    } else {
        format!("'{}'", text.chars().take(64).collect::<String>().escape_debug())
    };
    Err(invalid(format!(
        "{field} must be 1 to {most} characters, none of them a control character, got {got}"
    )))
}

fn check_range(field: &str, value: f64, most: f64) -> Result<(), Refusal> {
    if (0.0..=most).contains(&value) {
        return Ok(());
    }
    Err(invalid(format!("{field} must be 0 to {most}, got {value}")))
}

fn is_deep(json: &[u8]) -> bool {
    if json.iter().filter(|byte| matches!(byte, b'{' | b'[')).count() <= DEEPEST {
        return false;
    }
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for byte in json {
        match (quoted, *byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => quoted = !quoted,
            (false, b'{' | b'[') => {
                depth += 1;
                if depth > DEEPEST {
                    return true;
                }
            }
            (false, b'}' | b']') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}
