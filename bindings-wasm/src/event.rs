//! Events, which cross with their ids.

use drift_sre::{Event, Pass, Plain};
use serde::{Deserialize, Serialize};

/// An event, at which position of a batch, and its id.
#[derive(Debug, Serialize, Deserialize)]
pub struct Told {
    index: u32,
    /// JavaScript's numbers do not hold 64 bits.
    id_high: u32,
    id_low: u32,
    event: Event,
}

impl Told {
    pub(crate) fn new(index: u32, event: Event) -> Self {
        let id = event.id();
        #[expect(clippy::cast_possible_truncation, reason = "each half has 32 bits")]
        let (id_high, id_low) = ((id >> 32) as u32, id as u32);
        Self { index, id_high, id_low, event }
    }
}

impl Plain for Told {
    const EMPTY: Self = Self { index: 0, id_high: 0, id_low: 0, event: Event::EMPTY };

    fn pass(&mut self, by: &mut Pass<'_>) {
        let Self { index, id_high, id_low, event } = self;
        for number in [index, id_high, id_low] {
            number.pass(by);
        }
        event.pass(by);
    }
}
