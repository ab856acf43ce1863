//! The message for a web address of one's own: JSON, signed so that the receiver knows who sent it.

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

/// The signature's header for `body`, sent `at` so many seconds since the epoch.
#[must_use]
pub fn sign(secret: &[u8], body: &[u8], at: i64) -> String {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("a key of any length");
    mac.update(at.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    format!("t={at},v1={}", hex(&mac.finalize().into_bytes()))
}
