//! Entries of the journal: what was told, as short as it can be and still be told bit for bit.

use drift_sre::{Sides, Transform};
use serde::{Deserialize, Serialize};

use crate::{
    observation::{Definition, Gauge, Judged, What},
    service::ServiceId,
};

/// One observation in the journal.
#[derive(Debug, Serialize, Deserialize)]
struct Entry<'a> {
    service: ServiceId,
    /// After the time of the entry before.
    later_ms: i64,
    #[serde(borrow)]
    what: Noted<'a>,
}

#[derive(Debug, Serialize, Deserialize)]
enum Noted<'a> {
    Telemetry(f64, f64),
    Gauge { metric: &'a str, unit: &'a str, judged: Option<(Sides, Transform, f64)>, value: f64 },
    Accept,
    Reset,
}

/// Writes one entry of the journal after another into the same buffer.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
    at_ms: i64,
}

impl Writer {
    /// Forgets what was written.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.at_ms = 0;
    }

    /// What was written.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Adds an observation.
    ///
    /// # Errors
    /// None that can happen: memory does not refuse bytes.
    pub fn add(&mut self, service: ServiceId, at_ms: i64, what: &What) -> Result<(), postcard::Error> {
        let noted = match what {
            What::Telemetry { latency_ms, payload_kb } => Noted::Telemetry(*latency_ms, *payload_kb),
            What::Gauge(gauge) => {
                let Definition { metric, unit, judged } = &gauge.definition;
                let judged =
                    judged.map(|Judged { direction, transform, floor }| (direction, transform, floor));
                Noted::Gauge { metric, unit, judged, value: gauge.value }
            }
            What::Accept => Noted::Accept,
            What::Reset => Noted::Reset,
        };
        let entry = Entry { service, later_ms: at_ms.wrapping_sub(self.at_ms), what: noted };
        self.at_ms = at_ms;
        let bytes = std::mem::take(&mut self.bytes);
        self.bytes = postcard::to_extend(&entry, bytes)?;
        Ok(())
    }
}

/// Reads what a [`Writer`] wrote.
#[derive(Debug)]
pub struct Entries<'a> {
    rest: &'a [u8],
    at_ms: i64,
}

impl<'a> Entries<'a> {
    /// The observations in an entry of the journal.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, at_ms: 0 }
    }
}

impl Iterator for Entries<'_> {
    type Item = Result<(ServiceId, i64, What), postcard::Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let (entry, rest) = match postcard::take_from_bytes::<Entry<'_>>(self.rest) {
            Ok(taken) => taken,
            Err(error) => {
                self.rest = &[];
                return Some(Err(error));
            }
        };
        self.rest = rest;
        self.at_ms = self.at_ms.wrapping_add(entry.later_ms);
        let what = match entry.what {
            Noted::Telemetry(latency_ms, payload_kb) => What::Telemetry { latency_ms, payload_kb },
            Noted::Gauge { metric, unit, judged, value } => {
                let judged =
                    judged.map(|(direction, transform, floor)| Judged { direction, transform, floor });
                let definition = Definition { metric: metric.into(), unit: unit.into(), judged };
                What::Gauge(Box::new(Gauge { definition, value }))
            }
            Noted::Accept => What::Accept,
            Noted::Reset => What::Reset,
        };
        Some(Ok((entry.service, self.at_ms, what)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn what() -> impl Strategy<Value = What> {
        let gauge =
            (".*", ".{0,8}", any::<Option<bool>>(), any::<f64>()).prop_map(|(metric, unit, log, value)| {
                let transform = if log == Some(true) { Transform::Log } else { Transform::Identity };
                let judged = log.map(|_| Judged { direction: Sides::Up, transform, floor: 0.25 });
                let definition = Definition { metric: metric.into(), unit: unit.into(), judged };
                What::Gauge(Box::new(Gauge { definition, value }))
            });
        let telemetry = (any::<f64>(), any::<f64>())
            .prop_map(|(latency_ms, payload_kb)| What::Telemetry { latency_ms, payload_kb });
        prop_oneof![gauge, telemetry, Just(What::Accept), Just(What::Reset)]
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_and_cut_bytes_are_an_error(
            told in proptest::collection::vec((any::<u32>(), any::<i64>(), what()), 0..20),
            cut in any::<prop::sample::Index>(),
        ) {
            let mut writer = Writer::default();
            for (service, at_ms, what) in &told {
                writer.add(*service, *at_ms, what).unwrap();
            }
            let read: Vec<_> = Entries::new(writer.bytes()).map(Result::unwrap).collect();
            prop_assert_eq!(format!("{told:?}"), format!("{read:?}"));
            if !told.is_empty() {
                let some = &writer.bytes()[..cut.index(writer.bytes().len())];
                let whole = Entries::new(some).flatten().count();
                prop_assert!(whole < told.len());
            }
        }
    }
}
