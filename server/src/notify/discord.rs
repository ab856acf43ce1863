//! The message for Discord's "execute webhook" call.

use drift_sre::{Severity, quantity};
use serde_json::{Value, json};

use super::{
    alert::Alert,
    target::Target,
    wording::{clip, happened, held_back, is_over, plain, sentences, severity, title},
};

const GREEN: u32 = 0x002E_CC71;

// Discord refuses a message above its limits: title 256, field value 1024, all text 6000 characters. With these no
// message comes near 6000.
const TITLE_LIMIT: usize = 256;
const DESCRIPTION_LIMIT: usize = 2000;
const SHORT_LIMIT: usize = 128;

/// Outside of 2000 to 2100 it is the caller's own time scale, not seconds since the epoch.
const EPOCH_SECONDS: std::ops::Range<f64> = 946_684_800.0..4_102_444_800.0;

/// What to post so that people read `alerts`. Nothing in it mentions anyone.
pub(crate) fn payload(alerts: &[Alert], host: &str) -> Value {
    let mut embed = json!({
        "title": headline(alerts),
        "description": description(alerts),
        "color": colour(alerts),
        "fields": fields(alerts),
        "footer": {"text": format!("{} · drift-sre", clip(&plain(host), SHORT_LIMIT))},
    });
    if let Some(moment) = timestamp(alerts) {
        embed["timestamp"] = moment.into();
    }
    json!({"embeds": [embed], "allowed_mentions": {"parse": []}})
}

/// The address that Discord hands out has no version, which means version 6: there `retry_after` is in milliseconds,
/// since version 8 it is in seconds. `None` if it is no webhook's.
pub(crate) fn versioned(target: Target) -> Option<Target> {
    let segments: Vec<&str> = target.uri().path().trim_end_matches('/').split('/').skip(1).collect();
    let (id, token) = match segments[..] {
        ["api", "webhooks", id, token] => (id, token),
        ["api", version, "webhooks", id, token] if version.starts_with('v') => (id, token),
        _ => return None,
    };
    let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    let is_token =
        !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let path = format!("/api/v10/webhooks/{id}/{token}");
    if is_id && is_token { target.with_path(&path) } else { None }
}

/// Whether `host` is one of Discord's own, rather than one that takes the same messages.
pub(crate) fn is_discord(host: &str) -> bool {
    host == "discord.com" || host == "discordapp.com" || host.ends_with(".discord.com")
}

fn colour(alerts: &[Alert]) -> u32 {
    match severity(alerts) {
        _ if is_over(alerts) => GREEN,
        Severity::Info => 0x0034_98DB,
        Severity::Warning => 0x00F1_C40F,
        Severity::Critical => 0x00E7_4C3C,
    }
}

fn headline(alerts: &[Alert]) -> String {
    let text = match alerts {
        [Alert { facts, .. }] => {
            let (metric, service) =
                (escape(&facts.metric, SHORT_LIMIT), escape(&facts.service_id, SHORT_LIMIT));
            format!("{}: {metric} of {service}", happened(facts))
        }
        _ => title(alerts),
    };
    clip(&text, TITLE_LIMIT).into_owned()
}

fn description(alerts: &[Alert]) -> String {
    if let [alert] = alerts {
        return escape(&alert.facts.explanation, DESCRIPTION_LIMIT);
    }
    // Half the room, as each character may have to be escaped.
    let lines = sentences(alerts, DESCRIPTION_LIMIT / 2);
    let bullets: Vec<_> = lines.iter().map(|line| format!("• {}", escape(line, DESCRIPTION_LIMIT))).collect();
    clip(&bullets.join("\n"), DESCRIPTION_LIMIT).into_owned()
}

fn fields(alerts: &[Alert]) -> Vec<Value> {
    let mut fields = Vec::new();
    let mut field = |name: &str, value: String| {
        // Discord refuses a field without a value.
        if !value.is_empty() {
            fields.push(json!({"name": name, "value": value, "inline": true}));
        }
    };
    if let [Alert { facts, .. }] = alerts {
        let unit = plain(&facts.unit);
        field("service", escape(&facts.service_id, SHORT_LIMIT));
        field("metric", escape(&facts.metric, SHORT_LIMIT));
        field("value", escape(&quantity(facts.value, &unit), SHORT_LIMIT));
        field("baseline", escape(&quantity(facts.baseline, &unit), SHORT_LIMIT));
        field("shift", format!("{} sigma", quantity(facts.sigmas, "")));
        field("direction", String::from(facts.direction.name()));
    }
    let count = held_back(alerts);
    field("held back since the last message", if count > 0 { count.to_string() } else { String::new() });
    fields
}

fn timestamp(alerts: &[Alert]) -> Option<String> {
    let latest = alerts.iter().map(|alert| alert.facts.detected_at).fold(f64::NEG_INFINITY, f64::max);
    if !EPOCH_SECONDS.contains(&latest) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "within the years 2000 to 2100")]
    let moment = jiff::Timestamp::from_millisecond((latest * 1e3) as i64).ok()?;
    Some(format!("{moment:.3}"))
}

/// `text` on one line of at most `limit` characters, with nothing that Discord would format, link or mention.
fn escape(text: &str, limit: usize) -> String {
    let plain: Vec<char> = plain(text).chars().take(limit + 1).collect();
    let mut escaped = String::new();
    for (position, &c) in plain.iter().enumerate() {
        let next = plain.get(position + 1);
        let steers = match c {
            '\\' | '*' | '~' | '`' | '|' | '>' | '#' | '[' | ']' | '<' | '@' => true,
            ':' => plain[position + 1..].starts_with(&['/', '/']),
            // Within a word it formats nothing, and names are full of them.
            '_' => {
                let in_word = |neighbour: Option<&char>| neighbour.is_some_and(|c| c.is_alphanumeric());
                let before = position.checked_sub(1).and_then(|before| plain.get(before));
                !(in_word(before) && in_word(next))
            }
            _ => false,
        };
        if steers {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    clip(&escaped, limit).into_owned()
}

#[cfg(test)]
mod tests {
    use drift_sre::Kind;

    use super::*;
    use crate::notify::{
        stub::{alert, facts, hostile},
        target::Policy,
    };

    #[test]
    fn one_alert_is_told_with_its_figures() {
        let mut told = alert("p99_latency_ms", 1);
        told.suppressed = 4;
        let wanted = json!({
            "embeds": [{
                "title": "Drift detected: p99_latency_ms of shop",
                "description": "p99_latency_ms rose from 20 ms to 80 ms (+60 ms, 9 sigma) over the last 2 min",
                "color": 0xF1_C40F,
                "fields": [
                    {"name": "service", "value": "shop", "inline": true},
                    {"name": "metric", "value": "p99_latency_ms", "inline": true},
                    {"name": "value", "value": "81.5 ms", "inline": true},
                    {"name": "baseline", "value": "20 ms", "inline": true},
                    {"name": "shift", "value": "9 sigma", "inline": true},
                    {"name": "direction", "value": "up", "inline": true},
                    {"name": "held back since the last message", "value": "4", "inline": true},
                ],
                "footer": {"text": "host-1 · drift-sre"},
                "timestamp": "2023-11-14T22:15:21.250Z",
            }],
            "allowed_mentions": {"parse": []},
        });
        assert_eq!(payload(&[told], "host-1"), wanted);
    }

    #[test]
    fn what_is_over_is_green_and_named_for_how_it_ended() {
        for (reason, title) in [("recovered", "Recovered: m of shop"), ("no_data", "Drift closed: m of shop")]
        {
            let mut facts = facts(Kind::Closed, Severity::Info, "m", 1);
            facts.reason = reason.into();
            let embed = &payload(&[Alert::new(&facts, 0, "discord")], "host")["embeds"][0];
            assert_eq!(
                (embed["title"].as_str(), embed["color"].as_u64()),
                (Some(title), Some(u64::from(GREEN)))
            );
        }
    }

    #[test]
    fn a_storm_is_listed_as_far_as_there_is_room_and_counted() {
        let mut alerts: Vec<_> =
            (0..1_000).map(|number| alert(&format!("metric_{number}"), number)).collect();
        alerts[700].facts.severity = Severity::Critical;
        let embed = &payload(&alerts, "host")["embeds"][0];
        assert_eq!(embed["title"], "Drift detected: 1000 alerts at once");
        let description = embed["description"].as_str().unwrap();
        let lines: Vec<_> = description.lines().collect();
        assert!(lines[0].starts_with("• shop: metric_700 rose"), "the severe ones first");
        assert_eq!(lines[lines.len() - 1], format!("• and {} more", 1_000 - (lines.len() - 1)));
        assert_eq!(embed["color"], 0x00E7_4C3C);
    }

    #[test]
    fn no_text_breaks_a_limit_or_mentions_anyone() {
        for alerts in [vec![hostile()], vec![hostile(); 4], vec![hostile(); 50]] {
            let message = payload(&alerts, &"h".repeat(100_000));
            assert_eq!(message["allowed_mentions"], json!({"parse": []}));
            let embed = &message["embeds"][0];
            let length = |value: &Value| value.as_str().unwrap().chars().count();
            assert!(length(&embed["title"]) <= 256 && length(&embed["description"]) <= 4096);
            let mut total =
                length(&embed["title"]) + length(&embed["description"]) + length(&embed["footer"]["text"]);
            for field in embed["fields"].as_array().unwrap() {
                assert!((1..=1024).contains(&length(&field["value"])), "{field}");
                total += length(&field["name"]) + length(&field["value"]);
            }
            assert!(total <= 6000, "{total}");
            let text = embed.to_string().replace("\\\\@", "").replace("\\\\:", "");
            assert!(!text.contains('@'), "{text}");
            assert!(!text.contains("[x](") && !text.contains("://"), "{text}");
        }
    }

    #[test]
    fn only_a_webhook_of_discord_is_taken_and_asked_in_the_version_that_counts_in_seconds() {
        let policy = Policy::new(&[], false).unwrap();
        let path = |url| versioned(policy.target("url", url).unwrap()).map(|target| target.uri().to_string());
        for (url, wanted) in [
            ("https://discord.com/api/webhooks/12/a-B_3", "https://discord.com/api/v10/webhooks/12/a-B_3"),
            (
                "https://ptb.discord.com/api/v6/webhooks/12/t/",
                "https://ptb.discord.com/api/v10/webhooks/12/t",
            ),
            (
                "https://discordapp.com/api/webhooks/12/t?thread_id=7",
                "https://discordapp.com/api/v10/webhooks/12/t?thread_id=7",
            ),
        ] {
            assert_eq!(path(url).as_deref(), Some(wanted));
        }
        for url in [
            "https://discord.com",
            "https://discord.com/api/webhooks/12",
            "https://discord.com/api/webhooks/x/token",
            "https://discord.com/api/webhooks/12/token/slack",
            "https://discord.com/api/webhooks/12/to%20ken",
            "https://discord.com/api/oauth2/12/token",
        ] {
            assert_eq!(path(url), None, "{url}");
        }
    }

    #[test]
    fn what_discord_would_act_on_is_escaped() {
        let cases = [
            ("p99_latency_ms", "p99_latency_ms"),
            ("_hidden_", "\\_hidden\\_"),
            ("a__b", "a\\_\\_b"),
            ("@everyone", "\\@everyone"),
            ("<@&123>", "\\<\\@&123\\>"),
            ("[x](javascript:alert)", "\\[x\\](javascript:alert)"),
            ("https://evil.example", "https\\://evil.example"),
            (
                "`code` **bold** ~~gone~~ ||spoiler||",
                "\\`code\\` \\*\\*bold\\*\\* \\~\\~gone\\~\\~ \\|\\|spoiler\\|\\|",
            ),
            ("# title\n> quote", "\\# title \\> quote"),
            ("back\\slash", "back\\\\slash"),
            ("zero\u{200b}@\u{200b}here", "zero\\@here"),
        ];
        for (text, wanted) in cases {
            assert_eq!(escape(text, 200), wanted);
        }
        assert_eq!(escape(&"@".repeat(100_000), 20), format!("{}\\…", "\\@".repeat(9)));
    }
}
