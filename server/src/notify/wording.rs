//! What messages say in words, the same for every destination and in the Python package.

use std::borrow::Cow;

use drift_sre::{Kind, Severity};

use super::alert::{Alert, Facts};

/// What has happened.
pub(crate) fn happened(facts: &Facts) -> &'static str {
    match facts.kind {
        Kind::Opened => "Drift detected",
        Kind::Outlier => "Outlier",
        // A drift also closes because it was accepted or its data ended; to call that recovered would be untrue.
        Kind::Closed if facts.reason == "recovered" => "Recovered",
        Kind::Closed => "Drift closed",
    }
}

/// What has happened to which metric, in a few words.
pub(crate) fn headline(facts: &Facts) -> String {
    format!("{}: {} of {}", happened(facts), facts.metric, facts.service_id)
}

/// The message's headline; of several alerts it is their number.
pub(crate) fn title(alerts: &[Alert]) -> String {
    let [first, others @ ..] = alerts else { return String::new() };
    if others.is_empty() {
        return first.title.clone();
    }
    let what = happened(&first.facts);
    let alike = others.iter().all(|alert| happened(&alert.facts) == what);
    format!("{}: {} alerts at once", if alike { what } else { "Changes" }, alerts.len())
}

/// One sentence for each alert, the severe ones first, and how many there was no room for in `limit` characters.
pub(crate) fn sentences(alerts: &[Alert], limit: usize) -> Vec<String> {
    let mut by_rank: Vec<&Alert> = alerts.iter().collect();
    by_rank.sort_by_key(|alert| std::cmp::Reverse(rank(&alert.facts)));
    let (mut told, mut room) = (Vec::new(), limit);
    for alert in by_rank {
        let explanation = plain(&alert.facts.explanation);
        let sentence = match alerts {
            [_] => explanation,
            _ => format!("{}: {explanation}", plain(&alert.facts.service_id)),
        };
        let left = room.saturating_sub(sentence.chars().count() + 3);
        if left < 30 && told.len() + 1 < alerts.len() {
            break;
        }
        room = left;
        told.push(sentence);
    }
    if told.len() < alerts.len() {
        told.push(format!("and {} more", alerts.len() - told.len()));
    }
    told
}

/// The highest severity of all that has opened, or `Info`.
pub(crate) fn severity(alerts: &[Alert]) -> Severity {
    let open = alerts.iter().filter(|alert| alert.facts.kind != Kind::Closed);
    open.map(|alert| alert.facts.severity).max().unwrap_or(Severity::Info)
}

/// Whether all that is told is over.
pub(crate) fn is_over(alerts: &[Alert]) -> bool {
    alerts.iter().all(|alert| alert.facts.kind == Kind::Closed)
}

/// How many events were held back for all of them.
pub(crate) fn held_back(alerts: &[Alert]) -> u64 {
    alerts.iter().map(|alert| u64::from(alert.suppressed)).sum()
}

fn rank(facts: &Facts) -> Option<Severity> {
    (facts.kind != Kind::Closed).then_some(facts.severity)
}

/// `text` in at most `limit` characters, of which an ellipsis is the last if some are missing.
pub(crate) fn clip(text: &str, limit: usize) -> Cow<'_, str> {
    if text.chars().nth(limit).is_none() {
        return Cow::Borrowed(text);
    }
    let kept = text.char_indices().nth(limit.saturating_sub(1)).map_or(text, |(end, _)| &text[..end]);
    Cow::Owned(format!("{kept}…"))
}

/// `text` on one line, without the characters that steer a terminal or hide from the reader.
pub(crate) fn plain(text: &str) -> String {
    let spaced = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c });
    spaced.filter(|&c| is_printable(c)).collect()
}

/// Whether `c` shows on paper. The standard library's table of that can only be asked through `escape_debug`, which
/// leaves such characters as they are, and combining ones where they follow another.
fn is_printable(c: char) -> bool {
    if matches!(c, '\\' | '\'' | '"') {
        return true;
    }
    let (mut first, mut second) = ([0; 4], [0; 8]);
    second[0] = b'a';
    let encoded = c.encode_utf8(&mut first);
    second[1..=encoded.len()].copy_from_slice(encoded.as_bytes());
    str::from_utf8(&second[..=encoded.len()]).is_ok_and(|text| text.escape_debug().nth(1) == Some(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_one_line_that_hides_nothing() {
        let cases = [
            ("checkout p99", "checkout p99"),
            ("a\r\nb\tc", "a  b c"),
            ("red \u{1b}[31m", "red [31m"),
            ("zero\u{200b}width, \u{202e}reversed", "zerowidth, reversed"),
            ("\u{feff}bom\u{2028}line", "bom line"),
            ("\u{e000}private\u{ad}soft\0", "privatesoft"),
            ("it's \"quoted\" \\", "it's \"quoted\" \\"),
            ("na\u{308}ive 漢字 🚀", "na\u{308}ive 漢字 🚀"),
        ];
        for (text, wanted) in cases {
            assert_eq!(plain(text), wanted);
        }
    }

    #[test]
    fn clipping_counts_characters_not_bytes() {
        assert_eq!(clip("äöü", 3), "äöü");
        assert_eq!(clip("äöüß", 3), "äö…");
        assert_eq!(clip("", 3), "");
    }
}
