//! Bytes that claim to be a saved fleet, and what a fleet must do with hostile rows.

use drift_sre::{ChartConfig, Fleet};

use crate::{hostile, input};

/// Tries the bytes as they are, then as choices and the payload of a snapshot whose checksum holds.
///
/// # Panics
/// If the core breaks a promise.
pub fn try_out(input: &[u8]) {
    let _ = Fleet::from_bytes(input);
    if let Some((fleet, choices)) = resumed(input) {
        endure(fleet, choices);
    }
}

/// The fleet that an input holds, and the choices of samples for it.
#[must_use]
pub fn resumed(input: &[u8]) -> Option<(Fleet, &[u8])> {
    let (choices, payload) = input::choices(input);
    let model = Fleet::new(ChartConfig::default(), 1).ok()?.to_bytes();
    Some((Fleet::from_bytes(&input::with_payload(&model, payload)).ok()?, choices))
}

/// Alarms are of series that there are, and what it comes to is accepted as a snapshot again.
pub(crate) fn endure(mut fleet: Fleet, choices: &[u8]) {
    let series = fleet.series();
    assert!(fleet.tick(&vec![0.0; series + 1]).is_err(), "a row that is too long is refused");
    let mut row = vec![0.0; series];
    let values: Vec<f64> = hostile::values(choices).collect();
    for tick in 0..values.len() {
        for (value, hostile) in row.iter_mut().zip(values.iter().cycle().skip(tick)) {
            *value = *hostile;
        }
        let alarms = fleet.tick(&row).expect("as many values as series");
        assert!(alarms.is_sorted() && alarms.iter().all(|alarm| *alarm < series), "{alarms:?}");
    }
    let again = Fleet::from_bytes(&fleet.to_bytes());
    assert!(again.as_ref() == Ok(&fleet), "{again:?}\n{fleet:?}");
    fleet.reset();
    assert_eq!(Ok(&fleet), Fleet::new(*fleet.config(), series).as_ref());
}
