//! What the commands ask of a server: one blocking HTTP client, and the answers as data.

mod error;

use std::time::Duration;

use jiff::{Timestamp, fmt::rfc2822};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use ureq::{
    Agent,
    http::{Response, Uri},
};

pub use self::error::ClientError;

/// No answer of a server comes near it.
const LONGEST_ANSWER: u64 = 16 << 20;
const PATIENCE: Duration = Duration::from_secs(10);

/// A server's address and the key to it.
pub struct Client {
    agent: Agent,
    base: String,
    authorization: Option<String>,
}

/// One request of a service, for `POST /v1/telemetry/batch`.
#[derive(Clone, Debug, Serialize)]
pub struct Telemetry {
    /// Which service answered it.
    pub service_id: String,
    /// How long that took.
    pub latency_ms: f64,
    /// How much the answer was.
    pub payload_kb: f64,
    /// When, ISO 8601.
    pub timestamp: String,
}

/// The answer to a batch. Fields that are missing count as nothing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Receipt {
    /// How many samples were taken.
    pub accepted: u64,
    /// How many were refused.
    pub rejected: u64,
    /// How many had been taken before.
    pub duplicates: u64,
    /// Why samples were refused.
    pub errors: Vec<Rejection>,
}

/// Why one sample of a batch was refused.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Rejection {
    /// In words.
    pub message: String,
}

/// How a service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ServiceState {
    /// Its baseline is not learned yet, or it was never heard of.
    InsufficientData,
    /// As it should be.
    Stable,
    /// A drift is open.
    DriftDetected,
}

impl ServiceState {
    /// As on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InsufficientData => "INSUFFICIENT_DATA",
            Self::Stable => "STABLE",
            Self::DriftDetected => "DRIFT_DETECTED",
        }
    }

    /// The state of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::InsufficientData, Self::Stable, Self::DriftDetected]
            .into_iter()
            .find(|state| state.name() == name)
    }
}

/// The answer of `GET /v1/health/{service_id}`.
#[derive(Clone, Debug, Deserialize)]
pub struct Health {
    /// How the service is.
    pub state: ServiceState,
    /// Since when, ISO 8601.
    #[serde(default)]
    pub transition_timestamp: Option<String>,
    /// How many samples were seen.
    #[serde(default)]
    pub sample_count: u64,
    /// What is normal.
    #[serde(default)]
    pub baseline: Option<Map<String, Value>>,
    /// Why it is so.
    #[serde(default)]
    pub metadata: Option<Map<String, Value>>,
}

impl Health {
    /// Why the service is in this state, as a word.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.metadata.as_ref()?.get("reason")?.as_str()
    }

    /// A number of the baseline.
    #[must_use]
    pub fn baseline(&self, name: &str) -> Option<f64> {
        self.baseline.as_ref()?.get(name)?.as_f64()
    }
}

/// One row of `GET /v1/events`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EventRow {
    /// The series.
    pub metric: Option<String>,
    /// `opened` or `closed`.
    pub kind: Option<String>,
    /// `info`, `warning` or `critical`.
    pub severity: Option<String>,
    /// When it began, as estimated; ISO 8601.
    pub onset: Option<String>,
    /// When it was noticed; ISO 8601.
    pub detected_at: Option<String>,
    /// The service's state from then on.
    pub new_state: Option<String>,
    /// In English.
    pub explanation: Option<String>,
}

#[derive(Deserialize)]
struct Events {
    events: Vec<EventRow>,
}

/// Checks the address of a server, and gives it without a slash at the end.
///
/// # Errors
/// Says what was wanted and what came, but for what may be a password.
pub fn parse_url(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.contains('@') {
        return Err(String::from("url must hold no user or password; a key comes from --api-key-file"));
    }
    let wanted = || format!("url must be http://host:port or https://host, got '{text}'");
    let uri: Uri = text.parse().map_err(|_| wanted())?;
    let known = matches!(uri.scheme_str(), Some("http" | "https"));
    if !known || uri.host().is_none_or(str::is_empty) || uri.query().is_some() {
        return Err(wanted());
    }
    Ok(text.trim_end_matches('/').to_owned())
}

impl Client {
    /// A client of the server at an address as [`parse_url`] gives it.
    #[must_use]
    pub fn new(base: &str, key: Option<&str>) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // A key must not follow anyone elsewhere, and a POST would turn into a GET on the way.
            .max_redirects(0)
            .user_agent(concat!("drift-sre/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(PATIENCE / 2))
            .timeout_global(Some(PATIENCE));
        Self {
            agent: config.build().new_agent(),
            base: base.to_owned(),
            authorization: key.map(|key| format!("Bearer {key}")),
        }
    }

    /// The server's address.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Asks `GET /health`.
    ///
    /// # Errors
    /// As all requests: see [`ClientError`].
    pub fn check(&self) -> Result<(), ClientError> {
        self.get::<Value>("/health", &[]).map(drop)
    }

    /// Asks how a service is.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn health(&self, service: &str) -> Result<Health, ClientError> {
        self.get(&format!("/v1/health/{}", utf8_percent_encode(service, NON_ALPHANUMERIC)), &[])
    }

    /// Asks for the newest events of a service, those since a time where one is given.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn events(
        &self,
        service: &str,
        limit: u16,
        since: Option<Timestamp>,
    ) -> Result<Vec<EventRow>, ClientError> {
        let limit = limit.to_string();
        let since = since.map(|since| since.to_string());
        let mut query = vec![("service_id", service), ("limit", &limit)];
        query.extend(since.as_deref().map(|since| ("since", since)));
        let Events { events } = self.get("/v1/events", &query)?;
        Ok(events)
    }

    /// Sends requests of services. The same key for a second try makes that a duplicate.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn send_telemetry(&self, batch: &[Telemetry], key: &str) -> Result<Receipt, ClientError> {
        self.post("/v1/telemetry/batch", key, &batch)
    }

    /// Sends gauges of a source, each an object as `POST /v1/metrics` wants it.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn send_metrics<T: Serialize>(
        &self,
        source: &str,
        samples: &[T],
        key: &str,
    ) -> Result<Receipt, ClientError> {
        #[derive(Serialize)]
        struct Gauges<'a, T> {
            source: &'a str,
            samples: &'a [T],
        }
        self.post("/v1/metrics", key, &Gauges { source, samples })
    }

    fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<T, ClientError> {
        let url = self.base.clone() + path;
        let mut request = self.agent.get(&url).query_pairs(query.iter().copied());
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        read(&url, request.call())
    }

    fn post<T: Serialize>(&self, path: &str, key: &str, body: &T) -> Result<Receipt, ClientError> {
        let url = self.base.clone() + path;
        let mut request = self.agent.post(&url).header("idempotency-key", key);
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        read(&url, request.send_json(body))
    }
}

fn read<T: DeserializeOwned>(
    url: &str,
    answer: Result<Response<ureq::Body>, ureq::Error>,
) -> Result<T, ClientError> {
    let unreachable = |error: ureq::Error| ClientError::Unreachable { url: url.into(), why: reason(&error) };
    let mut answer = answer.map_err(unreachable)?;
    let (status, retry_after) = (answer.status().as_u16(), retry_after(&answer));
    let body = answer.body_mut().with_config().limit(LONGEST_ANSWER).read_to_vec().map_err(unreachable)?;
    if answer.status().is_success() {
        return serde_json::from_slice(&body)
            .map_err(|error| ClientError::Unreadable { url: url.into(), why: error.to_string() });
    }
    let location = answer.headers().get("location").and_then(|location| location.to_str().ok());
    let message = match location {
        Some(location) if answer.status().is_redirection() => format!("it is at {location} now"),
        _ => complaint(&body).unwrap_or_else(|| answer.status().canonical_reason().unwrap_or("").to_owned()),
    };
    Err(ClientError::Refused { url: url.into(), status, message, retry_after })
}

fn reason(error: &ureq::Error) -> String {
    let text = match error {
        ureq::Error::Io(error) => error.to_string(),
        other => other.to_string(),
    };
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

/// The server's own words: `{"error":{"message"}}`, `{"detail"}`, or the start of whatever came.
fn complaint(body: &[u8]) -> Option<String> {
    let parsed: Option<Value> = serde_json::from_slice(body).ok();
    let told = parsed.as_ref().and_then(|body| {
        body.pointer("/error/message").or_else(|| body.get("detail")).and_then(Value::as_str)
    });
    let text = told.map_or_else(|| String::from_utf8_lossy(body), Into::into);
    let line: String = text.lines().next()?.chars().take(300).collect();
    Some(line).filter(|line| !line.trim().is_empty())
}

fn retry_after<B>(answer: &Response<B>) -> Option<Duration> {
    let text = answer.headers().get("retry-after")?.to_str().ok()?.trim();
    if let Ok(secs) = text.parse() {
        return Some(Duration::from_secs(secs));
    }
    let at = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(Duration::try_from(at.duration_since(Timestamp::now())).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_loses_its_last_slash_and_keeps_its_path() {
        assert_eq!(parse_url("http://127.0.0.1:8000/").as_deref(), Ok("http://127.0.0.1:8000"));
        assert_eq!(parse_url("https://sre.example/drift/").as_deref(), Ok("https://sre.example/drift"));
    }

    #[test]
    fn an_address_that_cannot_be_asked_or_tells_secrets_is_refused() {
        for text in ["", "localhost:8000", "ftp://host", "http://me:secret@host", "http://host/?a=b"] {
            let error = parse_url(text).unwrap_err();
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        let answer =
            |text: &str| retry_after(&Response::builder().header("retry-after", text).body(()).unwrap());
        assert_eq!(answer("7"), Some(Duration::from_secs(7)));
        assert_eq!(answer("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        assert_eq!(answer("soon"), None);
    }

    #[test]
    fn a_complaint_is_the_servers_own_words_on_one_line() {
        let told = |body: &str| complaint(body.as_bytes());
        assert_eq!(told(r#"{"error":{"message":"queue full"},"detail":"x"}"#).as_deref(), Some("queue full"));
        assert_eq!(told(r#"{"detail":"no baseline"}"#).as_deref(), Some("no baseline"));
        assert_eq!(told("<html>\n<body>").as_deref(), Some("<html>"));
        assert_eq!(told(""), None);
    }
}
