//! The message for a web address of one's own: JSON, signed so that the receiver knows who sent it.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha2::Sha256;

use super::{
    alert::{Alert, AlertId, Facts, hex},
    wording::held_back,
};

/// The header that holds `t=<seconds since the epoch>,v1=<hexadecimal HMAC-SHA256 of "t.body">`.
pub const SIGNATURE: &str = "X-Drift-Signature";

/// The header that holds the message's id. One that is sent again has the same.
pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// Events of one message at most; the others are to be read from the server.
const EVENTS: usize = 100;

#[derive(Serialize)]
struct Message<'a> {
    id: &'a AlertId,
    host: &'a str,
    suppressed: u64,
    count: usize,
    events: Vec<Event<'a>>,
}

#[derive(Serialize)]
struct Event<'a> {
    id: &'a AlertId,
    suppressed: u32,
    #[serde(flatten)]
    facts: &'a Facts,
}

/// The body that tells of `alerts`: `{"id", "host", "suppressed", "count", "events": [...]}`. `events` are the first
/// hundred of `count`.
///
/// # Errors
///
/// When a number is not finite, which no event's is.
pub(crate) fn body(id: &AlertId, alerts: &[Alert], host: &str) -> serde_json::Result<Vec<u8>> {
    let told = alerts.iter().take(EVENTS);
    let events = told.map(|alert| Event { id: &alert.id, suppressed: alert.suppressed, facts: &alert.facts });
    serde_json::to_vec(&Message {
        id,
        host,
        suppressed: held_back(alerts),
        count: alerts.len(),
        events: events.collect(),
    })
}

/// A signing key, which shows nowhere.
pub(crate) struct Secret(Hmac<Sha256>);

impl Secret {
    /// `None` for what HMAC takes for no key.
    pub(crate) fn new(key: &str) -> Option<Self> {
        Hmac::new_from_slice(key.as_bytes()).ok().filter(|_| !key.is_empty()).map(Self)
    }

    /// The signature's header for `body`, sent `at` so many seconds since the epoch.
    pub(crate) fn sign(&self, body: &[u8], at: i64) -> String {
        let mac = self.0.clone().chain_update(at.to_string()).chain_update(b".").chain_update(body);
        format!("t={at},v1={}", hex(&mac.finalize().into_bytes()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::notify::stub::alert;

    #[test]
    fn a_message_has_what_the_python_package_sends() {
        let mut told = alert("latency_ms", 1);
        told.suppressed = 2;
        let id = AlertId::of_all(&[told.clone()]);
        assert_eq!(id, told.id);
        let message: Value = serde_json::from_slice(&body(&id, &[told], "host-1").unwrap()).unwrap();
        let wanted = serde_json::json!({
            "id": id.0,
            "host": "host-1",
            "suppressed": 2,
            "count": 1,
            "events": [{
                "id": id.0,
                "suppressed": 2,
                "event_id": "event-1",
                "service_id": "shop",
                "metric": "latency_ms",
                "unit": "ms",
                "kind": "opened",
                "severity": "warning",
                "direction": "up",
                "reason": "drift",
                "explanation": "latency_ms rose from 20 ms to 80 ms (+60 ms, 9 sigma) over the last 2 min",
                "onset": 1_700_000_000.5,
                "detected_at": 1_700_000_121.25,
                "value": 81.5,
                "baseline": 20.0,
                "sigmas": 9.0,
            }],
        });
        assert_eq!(message, wanted);
    }

    #[test]
    fn signatures_are_those_of_the_python_package() {
        let signature = Secret::new("shared").unwrap().sign(br#"{"id": "x"}"#, 1_700_000_000);
        assert_eq!(
            signature,
            "t=1700000000,v1=fb5d0302b17b85755dc2a4af6961f41d4e6752049339f094f35060162a9f4ae1"
        );
        assert!(Secret::new("").is_none());
    }
}
