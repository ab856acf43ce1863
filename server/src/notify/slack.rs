//! The message for a Slack incoming webhook. What comes from metrics is plain text, in which nothing mentions or links.

use std::fmt::Write;

use drift_sre::{Severity, quantity};
use serde_json::{Value, json};

use super::{
    alert::{Alert, Facts},
    wording::{clip, held_back, is_over, plain, sentences, severity, title},
};

// Slack refuses a block above its limits: 3000 characters in a section, 2000 in a field.
const TITLE_LIMIT: usize = 150;
const SECTION_LIMIT: usize = 2900;
const FIELD_LIMIT: usize = 300;

/// What to post so that people read `alerts`.
pub(crate) fn message(alerts: &[Alert], host: &str) -> Value {
    let told = sentences(alerts, SECTION_LIMIT).join("\n");
    let mut blocks = vec![json!({"type": "section", "text": text(&told, SECTION_LIMIT)})];
    if let [Alert { facts, .. }] = alerts {
        blocks.push(json!({"type": "section", "fields": fields(facts)}));
    }
    let mut footer = format!("{} · drift-sre", clip(&plain(host), FIELD_LIMIT / 2));
    let count = held_back(alerts);
    if count > 0 {
        let _ = write!(footer, " · held back since the last message: {count}");
    }
    blocks.push(json!({"type": "context", "elements": [text(&footer, FIELD_LIMIT)]}));
    json!({
        "text": escape(&clip(&title(alerts), TITLE_LIMIT)),
        "mrkdwn": false,
        "attachments": [{"color": colour(alerts), "blocks": blocks}],
    })
}

fn colour(alerts: &[Alert]) -> &'static str {
    match severity(alerts) {
        _ if is_over(alerts) => "#2ECC71",
        Severity::Info => "#3498DB",
        Severity::Warning => "#F1C40F",
        Severity::Critical => "#E74C3C",
    }
}

fn fields(facts: &Facts) -> Vec<Value> {
    let unit = plain(&facts.unit);
    let named = [
        ("service", plain(&facts.service_id)),
        ("value", quantity(facts.value, &unit)),
        ("normal", quantity(facts.baseline, &unit)),
    ];
    named.iter().map(|(name, value)| text(&format!("{name}: {value}"), FIELD_LIMIT)).collect()
}

fn text(text: &str, limit: usize) -> Value {
    json!({"type": "plain_text", "text": clip(text, limit), "emoji": false})
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use drift_sre::Kind;

    use super::*;
    use crate::notify::stub::{alert, facts, hostile};

    #[test]
    fn one_alert_is_told_with_its_figures() {
        let mut told = alert("latency_ms", 1);
        told.suppressed = 2;
        let plain = |text| json!({"type": "plain_text", "text": text, "emoji": false});
        let footer = "host-1 · drift-sre · held back since the last message: 2";
        let sentence = "latency_ms rose from 20 ms to 80 ms (+60 ms, 9 sigma) over the last 2 min";
        let wanted = json!({
            "text": "Drift detected: latency_ms of shop",
            "mrkdwn": false,
            "attachments": [{"color": "#F1C40F", "blocks": [
                {"type": "section", "text": plain(sentence)},
                {"type": "section", "fields": [plain("service: shop"), plain("value: 81.5 ms"), plain("normal: 20 ms")]},
                {"type": "context", "elements": [plain(footer)]},
            ]}],
        });
        assert_eq!(message(&[told], "host-1"), wanted);
    }

    #[test]
    fn several_are_listed_and_what_is_over_is_green() {
        let closed = |number| Alert::new(&facts(Kind::Closed, Severity::Info, "m", number), 1, "slack");
        let told = message(&[closed(1), closed(2)], "host");
        assert_eq!(told["text"], "Recovered: 2 alerts at once");
        assert_eq!(told["attachments"][0]["color"], "#2ECC71");
        let mixed = message(&[closed(1), alert("m", 2)], "host");
        assert_eq!(mixed["text"], "Changes: 2 alerts at once");
        assert_eq!(mixed["attachments"][0]["color"], "#F1C40F");
    }

    #[test]
    fn no_text_breaks_a_limit_or_mentions_anyone() {
        for alerts in [vec![hostile()], vec![hostile(); 50]] {
            let told = message(&alerts, &"h".repeat(100_000));
            let text = told["text"].as_str().unwrap();
            assert!(!text.contains(['<', '>']) && text.contains("&lt;!channel&gt;") == (alerts.len() == 1));
            for block in told["attachments"][0]["blocks"].as_array().unwrap() {
                let texts = [&block["text"], &block["fields"], &block["elements"]];
                for part in
                    texts.into_iter().flat_map(|one| one.as_array().cloned().unwrap_or(vec![one.clone()]))
                {
                    assert!(part.is_null() || part["type"] == "plain_text");
                    assert!(part["text"].as_str().map_or(0, |text| text.chars().count()) <= 2900);
                }
            }
        }
    }
}
