//! The message for a Slack incoming webhook. What comes from metrics is plain text, in which nothing mentions or links.

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
        footer.push_str(&format!(" · held back since the last message: {count}"));
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
