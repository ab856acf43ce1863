//! Numbers, quantities and durations as people read them.

use alloc::{format, string::String};

/// Three significant digits or all whole ones, in plain notation where that is readable.
pub(super) fn number(value: f64) -> String {
    let magnitude = value.abs();
    let text = match magnitude {
        0.0 => return String::from("0"),
        1e15.. => return format!("{value:.2e}"),
        9_999.5.. => return grouped(&format!("{value:.0}")),
        99.95.. => return format!("{value:.0}"),
        9.995.. => format!("{value:.1}"),
        0.9995.. => format!("{value:.2}"),
        0.099_95.. => format!("{value:.3}"),
        0.009_995.. => format!("{value:.4}"),
        0.000_999_5.. => format!("{value:.5}"),
        _ => return format!("{value:.2e}"),
    };
    String::from(text.trim_end_matches('0').trim_end_matches('.'))
}

/// A comma between every three digits.
fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (position, digit) in digits.char_indices() {
        let follows_a_digit = text.ends_with(|c: char| c.is_ascii_digit());
        if follows_a_digit && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A value with its unit, to three significant digits: `12.3 %`, `2.5 MB/s`, `0.5/s`.
#[must_use]
pub fn quantity(value: f64, unit: &str) -> String {
    if unit.is_empty() {
        return number(value);
    }
    if let Some(rest) = unit.strip_prefix('B').filter(|rest| rest.is_empty() || rest.starts_with('/')) {
        let (divisor, prefix) = match value.abs() {
            1e12.. => (1e12, "T"),
            1e9.. => (1e9, "G"),
            1e6.. => (1e6, "M"),
            1e3.. => (1e3, "k"),
            _ => (1.0, ""),
        };
        return format!("{} {prefix}B{rest}", number(value / divisor));
    }
    let separator = if unit.starts_with('/') { "" } else { " " };
    format!("{}{separator}{unit}", number(value))
}

pub(super) fn signed(value: f64, unit: &str) -> String {
    let sign = if value < 0.0 { "-" } else { "+" };
    format!("{sign}{}", quantity(value.abs(), unit))
}

pub(super) fn duration(seconds: f64) -> String {
    match seconds {
        86_400.0.. => format!("{} days", number(seconds / 86_400.0)),
        7_200.0.. => format!("{} h", number(seconds / 3_600.0)),
        120.0.. => format!("{} min", number(seconds / 60.0)),
        _ => format!("{} s", number(seconds)),
    }
}

/// How long an incident took: whole seconds below a minute, whole minutes below an hour, then hours.
pub(super) fn span(seconds: f64) -> String {
    match seconds {
        3_600.0.. => format!("{:.1} h", seconds / 3_600.0),
        // Cut, not rounded: nothing below an hour shall read 60 min.
        60.0.. => format!("{:.0} min", (seconds - seconds % 60.0) / 60.0),
        0.0.. => format!("{:.0} s", seconds - seconds % 1.0),
        _ => String::from("0 s"),
    }
}

/// A change in percent without its sign, one decimal.
pub(super) fn percent(value: f64) -> String {
    match value.abs() {
        magnitude @ 1e6.. => format!("{}%", number(magnitude)),
        magnitude => format!("{magnitude:.1}%"),
    }
}

/// Two shares as percent with one decimal; with three digits where one decimal would show no difference.
pub(super) fn shares(from: f64, to: f64) -> (String, String) {
    let coarse = |share: f64| match share.abs() {
        1e4.. => format!("{}%", number(100.0 * share)),
        _ => format!("{:.1}%", 100.0 * share),
    };
    let fine = |share: f64| format!("{}%", number(100.0 * share));
    let pair = (coarse(from), coarse(to));
    if pair.0 == pair.1 { (fine(from), fine(to)) } else { pair }
}
