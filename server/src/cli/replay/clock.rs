//! When samples were taken: ISO 8601, seconds or fractions of them since 1970, or any seconds.

use jiff::{SignedDuration, Timestamp};

use crate::cli::moment::{epoch_secs, moment};

/// Reads times; the first one decides what numbers mean.
#[derive(Debug, Default)]
pub(super) struct Clock {
    unit: Option<Unit>,
    newest: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Unit {
    /// Seconds since the user knows when.
    Seconds,
    /// So many to the second since 1970.
    Epoch(f64),
    Iso,
}

/// A bound of a true change as it was given: what a number means depends on the file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Bound {
    Moment(f64),
    Number(f64),
}

impl Unit {
    /// 1e8 seconds after 1970 was 1973, and 1e11 milliseconds.
    fn of(number: f64) -> Self {
        match number.abs() {
            1e17.. => Self::Epoch(1e9),
            1e14.. => Self::Epoch(1e6),
            1e11.. => Self::Epoch(1e3),
            1e8.. => Self::Epoch(1.0),
            _ => Self::Seconds,
        }
    }

    fn secs(self, number: f64) -> f64 {
        match self {
            Self::Epoch(divisor) => number / divisor,
            Self::Seconds | Self::Iso => number,
        }
    }
}

impl Clock {
    /// A time that is text, which a number may be too.
    pub(super) fn text(&mut self, text: &str) -> Result<f64, String> {
        let wanted = || format!("time must be ISO 8601 or a number of seconds, got '{}'", shortened(text));
        if let Ok(number) = text.trim().parse::<f64>() {
            return self.number(number);
        }
        let secs = moment(text).map(epoch_secs).ok_or_else(wanted)?;
        if *self.unit.get_or_insert(Unit::Iso) != Unit::Iso {
            return Err(format!("time must be a number as before, got '{}'", shortened(text)));
        }
        self.forward(secs)
    }

    pub(super) fn number(&mut self, number: f64) -> Result<f64, String> {
        if !number.is_finite() {
            return Err(format!("time must be finite, got {number}"));
        }
        match *self.unit.get_or_insert(Unit::of(number)) {
            Unit::Iso => Err(format!("time must be ISO 8601 as before, got {number}")),
            unit => self.forward(unit.secs(number)),
        }
    }

    fn forward(&mut self, secs: f64) -> Result<f64, String> {
        match self.newest {
            Some(newest) if secs < newest => {
                Err(format!("time must not go back, got {} after {}", self.shown(secs), self.shown(newest)))
            }
            _ => {
                self.newest = Some(secs);
                Ok(secs)
            }
        }
    }

    /// A bound in the seconds that the file's times are read as.
    pub(super) fn secs(&self, bound: Bound) -> Result<f64, String> {
        match (bound, self.unit) {
            (Bound::Moment(_), None | Some(Unit::Seconds)) => {
                Err(String::from("truth must be in seconds as the file's times are, got ISO 8601"))
            }
            (Bound::Moment(secs), _) => Ok(secs),
            (Bound::Number(number), Some(Unit::Iso)) => Ok(Unit::of(number).secs(number)),
            (Bound::Number(number), unit) => Ok(unit.unwrap_or(Unit::Seconds).secs(number)),
        }
    }

    /// A time as people read it.
    pub(super) fn shown(&self, secs: f64) -> String {
        let moment = match self.unit {
            None | Some(Unit::Seconds) => None,
            Some(_) => SignedDuration::try_from_secs_f64((secs * 1e3).round() / 1e3)
                .ok()
                .and_then(|since| Timestamp::from_duration(since).ok()),
        };
        moment.map_or_else(|| format!("{secs} s"), |moment| moment.to_string())
    }
}

impl Bound {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let number = text.trim().parse().ok().filter(|number: &f64| number.is_finite()).map(Self::Number);
        number.or_else(|| moment(text).map(|moment| Self::Moment(epoch_secs(moment))))
    }
}

/// Enough of a text to know it by.
pub(super) fn shortened(text: &str) -> String {
    const MOST: usize = 40;
    let mut shown: String = text.chars().take(MOST).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_time_decides_what_numbers_mean() {
        for (text, secs) in [
            ("1768213845", 1_768_213_845.0),
            ("1768213845250", 1_768_213_845.25),
            ("1768213845250000", 1_768_213_845.25),
            ("2026-01-12T10:30:45.250Z", 1_768_213_845.25),
            ("12.5", 12.5),
        ] {
            assert_eq!(Clock::default().text(text), Ok(secs), "{text}");
        }
        let mut millis = Clock::default();
        assert_eq!(millis.text("1768213845000"), Ok(1_768_213_845.0));
        assert_eq!(millis.secs(Bound::Number(1_768_213_846_000.0)), Ok(1_768_213_846.0));
        assert_eq!(millis.shown(1_768_213_845.25), "2026-01-12T10:30:45.25Z");
        assert!(millis.text("2026-01-12T10:30:46Z").is_err());
    }

    #[test]
    fn time_does_not_go_back() {
        let mut clock = Clock::default();
        assert_eq!(clock.text("5"), Ok(5.0));
        assert_eq!(clock.text("5"), Ok(5.0));
        assert_eq!(clock.text("4"), Err("time must not go back, got 4 s after 5 s".into()));
        assert_eq!(clock.text("6"), Ok(6.0));
    }
}
