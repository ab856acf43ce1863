//! What a reply means: taken, refused for now, for good, or for ever; and for how long the receiver wants its peace.

use std::time::Duration;

use ureq::http::HeaderMap;

use super::egress::Reply;

/// A receiver is left alone for so long at most, whatever it asks for.
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// What a receiver gets that says "too many" and not for how long.
const DEFAULT_PAUSE: Duration = Duration::from_secs(5);

/// What came of sending a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was taken. The receiver may want no other for a while.
    Taken { pause: Duration },
    /// The receiver wants it again, no sooner than this.
    Later { pause: Duration, why: String },
    /// It may yet be taken: nobody knows whether it arrived.
    Failed { why: String },
    /// The receiver does not want this one.
    Refused { why: String },
    /// The receiver will never take any.
    Unwanted { why: String },
}

/// What `reply` means to a sender whose wall clock shows `now_ms`.
pub(crate) fn judge(reply: &Reply, now_ms: i64) -> Outcome {
    let status = reply.status.as_u16();
    let pause = pause(reply, now_ms);
    let why = format!("the receiver answered HTTP {status}");
    match status {
        200..=299 => Outcome::Taken { pause: pause.unwrap_or_default() },
        429 => Outcome::Later { pause: pause.unwrap_or(DEFAULT_PAUSE), why },
        401 | 403 | 404 | 410 => Outcome::Unwanted { why },
        408 | 425 | 500..=599 => match pause {
            Some(pause) if pause > Duration::ZERO => Outcome::Later { pause, why },
            _ => Outcome::Failed { why },
        },
        _ => Outcome::Refused { why },
    }
}

/// For how long the receiver wants no other message. Discord's global limit says so in the same places; as every
/// destination is one receiver, all that goes there waits in either case.
fn pause(reply: &Reply, now_ms: i64) -> Option<Duration> {
    let header = |name: &str| header(&reply.headers, name);
    let after = || header("Retry-After").and_then(|text| moment(text, now_ms));
    match reply.status.as_u16() {
        429 => {
            let said = serde_json::from_slice::<Limited>(&reply.body).ok();
            // The longer one: the header is in whole seconds, and a proxy may have put it there.
            said.and_then(|limited| seconds(limited.retry_after, now_ms)).max(after())
        }
        500.. => after(),
        _ => {
            // Discord's names, those of the IETF's draft, and what many have made of them.
            let names = [
                ("X-RateLimit-Remaining", "X-RateLimit-Reset-After"),
                ("RateLimit-Remaining", "RateLimit-Reset"),
                ("X-RateLimit-Remaining", "X-RateLimit-Reset"),
            ];
            names.into_iter().filter(|(remaining, _)| header(remaining) == Some("0")).find_map(
                |(_, resets)| {
                    let number = header(resets)?.parse().ok()?;
                    seconds(number, now_ms)
                },
            )
        }
    }
}

#[derive(serde::Deserialize)]
struct Limited {
    retry_after: f64,
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// A time as `Retry-After` has it: seconds from now, or a date.
fn moment(text: &str, now_ms: i64) -> Option<Duration> {
    if let Ok(number) = text.parse() {
        return seconds(number, now_ms);
    }
    let date = jiff::fmt::rfc2822::parse(text).ok()?;
    let left = date.timestamp().as_millisecond().saturating_sub(now_ms);
    Some(Duration::from_millis(u64::try_from(left).unwrap_or(0)).min(LONGEST_PAUSE))
}

/// Seconds from now; a number that large is seconds since the epoch.
fn seconds(number: f64, now_ms: i64) -> Option<Duration> {
    let number = if number > 1e9 { number - now_ms as f64 / 1e3 } else { number };
    (number >= 0.0).then(|| Duration::from_secs_f64(number.min(LONGEST_PAUSE.as_secs_f64())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, headers: &[(&'static str, &str)], body: &str) -> Reply {
        let headers = headers.iter().map(|(name, value)| {
            let name = ureq::http::HeaderName::from_bytes(name.as_bytes()).unwrap();
            (name, value.parse().unwrap())
        });
        Reply { status: status.try_into().unwrap(), headers: headers.collect(), body: body.into() }
    }

    /// 2024-07-13 00:00:00 UTC.
    const NOW_MS: i64 = 1_720_828_800_000;

    type Case = (&'static [(&'static str, &'static str)], &'static str, f64);

    #[test]
    fn the_longest_wish_of_a_429_is_obeyed_up_to_an_hour() {
        let cases: [Case; 15] = [
            (&[], "", 5.0),
            (&[], "{}", 5.0),
            (&[], "not json", 5.0),
            (&[], r#"{"retry_after": 0.65}"#, 0.65),
            (&[], r#"{"retry_after": 1.5, "global": true}"#, 1.5),
            (&[], r#"{"retry_after": -1}"#, 5.0),
            (&[], r#"{"retry_after": 1e300}"#, 3600.0),
            (&[("Retry-After", "7")], "", 7.0),
            (&[("Retry-After", "7")], r#"{"retry_after": 6.2}"#, 7.0),
            (&[("Retry-After", "1")], r#"{"retry_after": 6.2}"#, 6.2),
            (&[("Retry-After", "86400")], "", 3600.0),
            (&[("Retry-After", "Sat, 13 Jul 2024 00:00:30 GMT")], "", 30.0),
            (&[("Retry-After", "Fri, 12 Jul 2024 00:00:00 GMT")], "", 0.0),
            (&[("Retry-After", "1720828812")], "", 12.0),
            (&[("Retry-After", "soon")], "", 5.0),
        ];
        for (headers, body, wanted) in cases {
            let Outcome::Later { pause, .. } = judge(&reply(429, headers, body), NOW_MS) else {
                panic!("{headers:?} {body}");
            };
            assert!((pause.as_secs_f64() - wanted).abs() < 1e-6, "{headers:?} {body}: {pause:?}");
        }
    }

    #[test]
    fn a_success_may_ask_for_a_pause() {
        let cases: [(&[(&str, &str)], u64); 5] = [
            (&[], 0),
            (&[("X-RateLimit-Remaining", "4"), ("X-RateLimit-Reset-After", "2")], 0),
            (&[("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset-After", "2")], 2),
            (&[("RateLimit-Remaining", "0"), ("RateLimit-Reset", "3")], 3),
            (&[("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "1720828804")], 4),
        ];
        for (headers, wanted) in cases {
            let pause = Duration::from_secs(wanted);
            assert_eq!(judge(&reply(204, headers, ""), NOW_MS), Outcome::Taken { pause }, "{headers:?}");
        }
    }

    #[test]
    fn every_status_has_its_meaning() {
        let name = |status| match judge(&reply(status, &[], ""), NOW_MS) {
            Outcome::Taken { .. } => "taken",
            Outcome::Later { .. } => "later",
            Outcome::Failed { .. } => "failed",
            Outcome::Refused { .. } => "refused",
            Outcome::Unwanted { .. } => "unwanted",
        };
        for (wanted, statuses) in [
            ("taken", &[200, 202, 204][..]),
            ("later", &[429]),
            ("failed", &[408, 425, 500, 502, 503, 504]),
            ("refused", &[301, 302, 307, 308, 400, 405, 413, 422]),
            ("unwanted", &[401, 403, 404, 410]),
        ] {
            for &status in statuses {
                assert_eq!(name(status), wanted, "{status}");
            }
        }
        let asked = judge(&reply(503, &[("Retry-After", "9")], ""), NOW_MS);
        assert!(matches!(asked, Outcome::Later { pause, .. } if pause == Duration::from_secs(9)));
    }
}
