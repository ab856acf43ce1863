//! Times as milliseconds since 1970, and as ISO 8601.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A time that is told as ISO 8601 with milliseconds, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Iso(pub i64);

impl Iso {
    /// A time in seconds, to the millisecond.
    #[must_use]
    pub fn from_seconds(seconds: f64) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a cast saturates, and the text is bounded below"
        )]
        Self((seconds * 1000.0).round() as i64)
    }

    /// What was written: with an offset, or without one for UTC.
    ///
    /// # Errors
    /// Says what was wanted.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wanted = || format!("must be an ISO 8601 time such as 2026-01-12T10:30:45.123Z, got '{text}'");
        let parsed = text.parse::<Timestamp>().or_else(|error| {
            let local = text.parse::<DateTime>().map_err(|_| error)?;
            local.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp())
        });
        parsed.map(|time| Self(time.as_millisecond())).map_err(|_| wanted())
    }
}

impl std::fmt::Display for Iso {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let time = Timestamp::from_millisecond(self.0).unwrap_or(if self.0 < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        });
        write!(f, "{time:.3}")
    }
}

impl Serialize for Iso {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Iso {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(D::Error::custom)
    }
}

/// Now, in milliseconds since 1970.
#[must_use]
pub fn now_ms() -> i64 {
    Timestamp::now().as_millisecond()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_as_it_was_written() {
        for text in ["2026-01-12T10:30:45.123Z", "1969-12-31T23:59:59.999Z", "2026-01-12T00:00:00.000Z"] {
            assert_eq!(Iso::parse(text).unwrap().to_string(), text);
        }
        let same = [
            "2026-01-12T10:30:45Z",
            "2026-01-12T12:30:45+02:00",
            "2026-01-12T10:30:45",
            "2026-01-12 10:30:45",
        ];
        for text in same {
            assert_eq!(Iso::parse(text).unwrap().to_string(), "2026-01-12T10:30:45.000Z", "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "now", "2026-13-01T00:00:00Z", "1765400000", "2026-01-12T10:30:45+99:00"] {
            assert!(Iso::parse(text).unwrap_err().starts_with("must be an ISO 8601 time"), "{text}");
        }
        assert!(!Iso(i64::MAX).to_string().is_empty() && !Iso(i64::MIN).to_string().is_empty());
    }
}
