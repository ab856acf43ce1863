//! One line for people who look at the process itself.

use std::fmt::Write;

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
        let _ = write!(line, " (held back since the last message: {count})");
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use drift_sre::Severity;

    use super::*;
    use crate::notify::stub::{alert, facts, hostile};

    #[test]
    fn a_line_says_how_severe_what_where() {
        let mut opened = alert("latency_ms", 1);
        opened.suppressed = 3;
        assert_eq!(
            line(&[opened.clone()]),
            "drift-sre: warning: shop: latency_ms rose from 20 ms to 80 ms (+60 ms, 9 sigma) over the last 2 min \
             (held back since the last message: 3)\n"
        );
        let closed = Alert::new(&facts(Kind::Closed, Severity::Info, "m", 2), 0, "console");
        assert!(line(std::slice::from_ref(&closed)).starts_with("drift-sre: info: over: shop: m rose"));
        assert!(line(&[opened, closed]).starts_with("drift-sre: warning: Changes: 2 alerts at once: shop: "));
    }

    #[test]
    fn whatever_comes_is_one_line_without_control_characters() {
        for alerts in [vec![hostile()], vec![hostile(); 100]] {
            let line = line(&alerts);
            let text = line.strip_suffix('\n').unwrap();
            assert!(
                !text.contains(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{202e}' | '\u{200b}'))
            );
        }
    }
}
