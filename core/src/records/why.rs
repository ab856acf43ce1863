//! Why a record or a window is odd, in English.

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt::Write as _;

use super::{
    content::RecordMetrics,
    verdict::{Culprit, RecordVerdict, WindowVerdict},
};

/// Bits from which a part is a reason.
const REASON: f64 = 1.5;

/// So much of a culprit's text is quoted.
const QUOTED: usize = 160;

impl RecordVerdict {
    /// Why it or its window was detected, in words; `None` if neither was.
    #[must_use]
    pub fn why(&self) -> Option<String> {
        let mut reasons = if self.detected { self.reasons() } else { Vec::new() };
        reasons.extend(self.outliers.iter().map(|outlier| {
            let [value, mean, sd] = [outlier.value, outlier.expected_mean, outlier.std_dev].map(plain);
            format!("{} is {value}, usually {mean} ± {sd}", outlier.field_path)
        }));
        let line = (!reasons.is_empty()).then(|| reasons.join("; "));
        let window = self.window.as_ref().and_then(|window| window.why(self.metrics.as_ref()));
        let told: Vec<String> = line.into_iter().chain(window).collect();
        (!told.is_empty()).then(|| told.join(". "))
    }

    fn reasons(&self) -> Vec<String> {
        let (seen, parts) = (&self.familiarity, &self.parts);
        let mut reasons = Vec::new();
        if seen.times == 0 {
            reasons.push(format!("never seen in {} records before", grouped(seen.lines)));
        } else {
            let ago = seen.ago.map(|ago| format!(", last {} ago", grouped(ago))).unwrap_or_default();
            reasons.push(format!(
                "seen {} in {} records before{ago}",
                times(seen.times),
                grouped(seen.lines)
            ));
        }
        if parts.burst >= REASON && seen.lately > 1 {
            let usual = seen.times.saturating_sub(u64::from(seen.lately) - 1);
            let usual = match seen.lines.checked_div(usual) {
                None | Some(0) => "never before".to_string(),
                Some(each) => format!("usually 1 in {}", grouped(each)),
            };
            reasons.push(format!("{} of the last 50 records are like it, {usual}", seen.lately));
        }
        // What is new is unexpected after anything.
        if seen.times > 0 && parts.context > parts.recency + REASON {
            reasons.push("it does not come after a record like the one before it".to_string());
        }
        match seen.unknown_words {
            1.0 => reasons.push("all of its wording is new".to_string()),
            share if share >= 0.25 => reasons.push(format!("{:.0} % of its wording is new", 100.0 * share)),
            _ => {}
        }
        if seen.severe_words > 0 {
            reasons.push("it says that something is wrong".to_string());
        }
        reasons
    }
}

impl WindowVerdict {
    fn why(&self, metrics: Option<&RecordMetrics>) -> Option<String> {
        if !self.detected {
            return None;
        }
        let odd = self.isolated.p_value <= self.episode.p_value;
        let mut told = if self.p_value > 0.5 && self.content_detected {
            format!("the last {} records share less with those before than usual", self.records)
        } else if odd {
            format!(
                "one of the last {} records stands out as in {} windows",
                self.records,
                one_in(self.isolated.p_value)
            )
        } else {
            format!(
                "many of the last {} records are odd together as in {} windows",
                self.records,
                one_in(self.episode.p_value)
            )
        };
        if let Some(metrics) = metrics.filter(|_| self.content_detected) {
            let _ = write!(told, " (distance {:.2}, 1 being nothing in common)", metrics.ncd);
        }
        let named = if odd { 1 } else { self.culprits.len() };
        for (position, Culprit { id, text, .. }) in self.culprits.iter().take(named).enumerate() {
            let end = text.floor_char_boundary(QUOTED);
            let dots = if end < text.len() { "..." } else { "" };
            let _ = write!(
                told,
                "{} record {}: {}{dots}",
                if position == 0 { ":" } else { ";" },
                grouped(*id),
                &text[..end]
            );
        }
        Some(told)
    }
}

fn one_in(p_value: f64) -> String {
    format!("1 of {}", grouped((1.0 / p_value.max(1e-6)) as u64))
}

fn times(count: u64) -> String {
    match count {
        1 => "once".to_string(),
        2 => "twice".to_string(),
        count => format!("{} times", grouped(count)),
    }
}

/// Thousands apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut told = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            told.push(',');
        }
        told.push(digit);
    }
    told
}

/// Three digits of what is small, all of what is large.
fn plain(number: f64) -> String {
    let size = number.abs();
    let told = match size {
        0.0 => return "0".to_string(),
        _ if (100.0..1e15).contains(&size) => format!("{number:.0}"),
        _ if (1.0..100.0).contains(&size) => format!("{number:.2}"),
        _ if (1e-3..1.0).contains(&size) => format!("{number:.4}"),
        _ => return format!("{number:.2e}"),
    };
    if told.contains('.') { told.trim_end_matches('0').trim_end_matches('.').to_string() } else { told }
}
