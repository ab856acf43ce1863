//! Why, in words: the English of an event is written here and nowhere else.

use alloc::{format, string::String};

use crate::{
    decide::Cause,
    event::{Direction, Event, Kind},
};

/// What a series is called and measured in; the host knows, a monitor does not.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The metric's name.
    pub name: &'a str,
    /// Its unit, which may be empty. `B` and `B/s` are written with decimal prefixes.
    pub unit: &'a str,
}

/// One sentence without a full stop: what changed, from what to what, by how much, since when; or how it ended.
#[must_use]
pub fn explain(event: &Event, subject: &Subject<'_>) -> String {
    let evidence = &event.evidence;
    let Subject { name, unit } = subject;
    let baseline = quantity(evidence.baseline, unit);
    let lasted = duration(event.at - event.onset);
    if event.kind == Kind::Opened {
        let verb = if event.direction == Direction::Up { "rose" } else { "fell" };
        let level = quantity(evidence.level, unit);
        let shift = signed(evidence.level - evidence.baseline, unit);
        let sigmas = number(evidence.sigmas.abs());
        let when =
            if evidence.samples > 1 { format!("over the last {lasted}") } else { "in one sample".into() };
        return format!("{name} {verb} from {baseline} to {level} ({shift}, {sigmas} sigma) {when}");
    }
    let side = if event.direction == Direction::Up { "above" } else { "below" };
    let value = quantity(evidence.value, unit);
    match event.cause {
        Cause::Recovered => format!("{name} is back at {value} after {lasted} {side} {baseline}"),
        Cause::Accepted => {
            format!("{name} at {value} was accepted as normal after {lasted} {side} {baseline}")
        }
        Cause::Adopted => {
            format!("{name} at {value} is taken as normal from now on, after {lasted} {side} {baseline}")
        }
        Cause::NoData => {
            format!("{name} went silent after {lasted} {side} {baseline}; its last value was {value}")
        }
        _ => format!("{name} starts afresh after {lasted} {side} {baseline}"),
    }
}

/// Three significant digits or all whole ones, in plain notation where that is readable.
fn number(value: f64) -> String {
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

fn signed(value: f64, unit: &str) -> String {
    let sign = if value < 0.0 { "-" } else { "+" };
    format!("{sign}{}", quantity(value.abs(), unit))
}

fn duration(seconds: f64) -> String {
    match seconds {
        86_400.0.. => format!("{} days", number(seconds / 86_400.0)),
        7_200.0.. => format!("{} h", number(seconds / 3_600.0)),
        120.0.. => format!("{} min", number(seconds / 60.0)),
        _ => format!("{} s", number(seconds)),
    }
}

#[cfg(test)]
mod tests;
