//! Bytes that claim to be saved windows, and what windows must do with hostile observations.

use drift_sre::{Window, WindowConfig, Windows};

use crate::{hostile, input};

/// Tries the bytes as they are, then as settings, choices and the payload of a snapshot whose checksum holds.
///
/// # Panics
/// If the core breaks a promise.
pub fn try_out(input: &[u8]) {
    let _ = Windows::resume(WindowConfig::default(), input);
    if let Some((windows, choices)) = resumed(input) {
        endure(windows, choices);
    }
}

/// The windows that an input holds, and the choices of samples for them.
///
/// # Panics
/// If settings that are not valid by themselves become so by what was kept.
#[must_use]
pub fn resumed(input: &[u8]) -> Option<(Windows, &[u8])> {
    let (config, rest) = input::settings::<WindowConfig>(input)?;
    let (choices, payload) = input::choices(rest);
    let model = Windows::new(WindowConfig::default()).ok()?.snapshot();
    let windows = Windows::resume(config.clone(), &input::with_payload(&model, payload)).ok()?;
    assert!(Windows::new(config.clone()).is_ok(), "{config:?}");
    Some((windows, choices))
}

/// Every window that is told is finite, no more is kept than there is room for, and what they come to is accepted as a
/// snapshot again.
pub(crate) fn endure(mut windows: Windows, choices: &[u8]) {
    let config = windows.config().clone();
    for observation in hostile::observations(choices) {
        let closed = windows.update(observation).closed;
        assert!(closed.iter().all(is_finite), "{closed:?} {windows:?}");
        assert!(windows.kept() <= config.capacity as usize, "{windows:?}");
    }
    for secs in &config.window_secs {
        let asked = [windows.rolling(*secs), windows.settled(*secs)];
        assert!(asked.iter().flatten().all(is_finite), "{asked:?} {windows:?}");
    }
    let again = Windows::resume(config, &windows.snapshot());
    assert!(again.as_ref() == Ok(&windows), "{again:?} {windows:?}");
}

fn is_finite(window: &Window) -> bool {
    let numbers = [
        Some(window.start),
        Some(window.end),
        Some(window.rate()),
        window.average(),
        window.moments.sd(),
        window.p50(),
        window.p95(),
        window.p99(),
        window.error_rate(),
    ];
    numbers.iter().flatten().all(|number| number.is_finite())
}
