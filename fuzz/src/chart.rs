//! Bytes that claim to be a saved chart, and what a chart must do with hostile values.

use drift_sre::{Chart, ChartConfig};

use crate::{hostile, input};

/// Tries the bytes as they are, then as choices and the payload of a snapshot whose checksum holds.
///
/// # Panics
/// If the core breaks a promise.
pub fn try_out(input: &[u8]) {
    let _ = Chart::from_bytes(input);
    if let Some((chart, choices)) = resumed(input) {
        endure(chart, choices);
    }
}

/// The chart that an input holds, and the choices of samples for it.
#[must_use]
pub fn resumed(input: &[u8]) -> Option<(Chart, &[u8])> {
    let (choices, payload) = input::choices(input);
    let model = Chart::new(ChartConfig::default()).ok()?.to_bytes();
    Some((Chart::from_bytes(&input::with_payload(&model, payload)).ok()?, choices))
}

/// Scores stay finite, and what it comes to is accepted as a snapshot again.
pub(crate) fn endure(mut chart: Chart, choices: &[u8]) {
    for value in hostile::values(choices) {
        let alarm = chart.update(value);
        let score = chart.score();
        assert!(score.is_none_or(|score| score.value.is_finite() && score.value >= 0.0), "{chart:?}");
        assert!(!alarm || chart.drift_detected(), "{chart:?}");
        assert!(chart.level().is_none_or(f64::is_finite), "{chart:?}");
    }
    let again = Chart::from_bytes(&chart.to_bytes());
    assert!(again.as_ref() == Ok(&chart), "{again:?}\n{chart:?}");
    chart.reset();
    assert_eq!(Ok(&chart), Chart::new(*chart.config()).as_ref());
}
