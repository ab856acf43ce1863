//! Times as people and programs write them.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

/// Reads ISO 8601; without an offset it counts as UTC.
pub(crate) fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(moment) = text.parse() {
        return Some(moment);
    }
    // A date alone, or a time of no zone. What has a letter behind it was no time in any zone.
    let civil: DateTime = text.parse().ok()?;
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// Seconds since 1970.
pub(crate) fn epoch_secs(moment: Timestamp) -> f64 {
    moment.as_duration().as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iso_times_are_read_with_and_without_offset() {
        for text in [
            "2026-01-12T10:30:45Z",
            "2026-01-12T11:30:45+01:00",
            "2026-01-12T10:30:45",
            "2026-01-12 10:30:45.000",
        ] {
            assert_eq!(moment(text).map(epoch_secs), Some(1_768_213_845.0), "{text}");
        }
        assert_eq!(moment("2026-01-12").map(epoch_secs), Some(1_768_176_000.0));
        for text in ["", "12", "yesterday", "2026-13-01"] {
            assert_eq!(moment(text), None, "{text}");
        }
    }
}
