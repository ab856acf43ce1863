//! One line for people who look at the process itself.

use drift_sre::Kind;

use super::{
    alert::Alert,
    wording::{held_back, is_over, plain, sentences, severity, title},
};

/// Characters that one line of several alerts spends on what they say.
const SENTENCES_LIMIT: usize = 1000;

/// The line that tells of `alerts`, with its line end and no other control character.
pub(crate) fn line(alerts: &[Alert]) -> String {
    let level = if is_over(alerts) { "info" } else { severity(alerts).name() };
    let mut line = match alerts {
        [Alert { facts, .. }] => {
            let over = if facts.kind == Kind::Closed { "over: " } else { "" };
            format!("drift-sre: {level}: {over}{}: {}", plain(&facts.service_id), plain(&facts.explanation))
        }
        _ => {
            format!(
                "drift-sre: {level}: {}: {}",
                title(alerts),
                sentences(alerts, SENTENCES_LIMIT).join("; ")
            )
        }
    };
    let count = held_back(alerts);
    if count > 0 {
        line.push_str(&format!(" (held back since the last message: {count})"));
    }
    line.push('\n');
    line
}
