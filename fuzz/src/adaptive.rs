//! Bytes that claim to be a saved adaptive detector, and what one must do with hostile samples.

use drift_sre::{Adaptive, AdaptiveConfig};

use crate::{hostile, input};

/// Tries the bytes as they are, then as choices and the payload of a snapshot whose checksum holds.
///
/// # Panics
/// If the core breaks a promise.
pub fn try_out(input: &[u8]) {
    let _ = Adaptive::from_bytes(input);
    if let Some((adaptive, choices)) = resumed(input) {
        endure(adaptive, choices);
    }
}

/// The detector that an input holds, and the choices of samples for it.
#[must_use]
pub fn resumed(input: &[u8]) -> Option<(Adaptive, &[u8])> {
    let (choices, payload) = input::choices(input);
    let model = Adaptive::new(AdaptiveConfig::default()).ok()?.to_bytes();
    let adaptive = Adaptive::from_bytes(&input::with_payload(&model, payload)).ok()?;
    Some((adaptive, choices))
}

/// Every answer is finite, and what it comes to is accepted as a snapshot again.
pub(crate) fn endure(mut adaptive: Adaptive, choices: &[u8]) {
    for sample in hostile::samples(choices) {
        let verdict = adaptive.update(sample);
        let score = verdict.score.map_or(0.0, |score| score.value);
        assert!(score.is_finite() && score >= 0.0, "{score} {adaptive:?}");
        if let Some(event) = verdict.event {
            let numbers = event.evidence;
            let all = [event.onset, event.at, numbers.baseline, numbers.level, numbers.sigmas, numbers.score];
            assert!(all.iter().all(|number| number.is_finite()), "{event:?} {adaptive:?}");
        }
        assert!(
            adaptive.band().is_none_or(|(low, high)| low.is_finite() && high.is_finite()),
            "{adaptive:?}"
        );
    }
    adaptive.accept();
    let bytes = adaptive.to_bytes();
    let again = Adaptive::from_bytes(&bytes).map(|again| again.to_bytes());
    assert!(again.as_ref() == Ok(&bytes), "{:?} {adaptive:?}", again.err());
}
