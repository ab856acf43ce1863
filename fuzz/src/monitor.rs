//! Bytes that claim to be what a monitor learned, and what a monitor must do with hostile samples.

use drift_sre::{Event, Monitor, MonitorConfig, Verdict};

use crate::{hostile, input};

/// Tries the bytes as they are, then as settings, choices and the payload of a snapshot whose checksum holds.
///
/// # Panics
/// If the core breaks a promise.
pub fn try_out(input: &[u8]) {
    let _ = Monitor::resume(MonitorConfig::default(), input);
    if let Some((monitor, choices)) = resumed(input) {
        endure(monitor, choices);
    }
}

/// The monitor that an input holds, and the choices of samples for it.
///
/// # Panics
/// If settings that are not valid by themselves become so by what was learned.
#[must_use]
pub fn resumed(input: &[u8]) -> Option<(Monitor, &[u8])> {
    let (config, rest) = input::settings::<MonitorConfig>(input)?;
    let (choices, payload) = input::choices(rest);
    let model = Monitor::new(MonitorConfig::default()).ok()?.snapshot();
    let monitor = Monitor::resume(config, &input::with_payload(&model, payload)).ok()?;
    assert!(Monitor::new(config).is_ok(), "{config:?}");
    Some((monitor, choices))
}

/// Every number that it tells stays finite, and what it comes to is accepted as a snapshot again.
pub(crate) fn endure(mut monitor: Monitor, choices: &[u8]) {
    for sample in hostile::samples(choices) {
        let Verdict { score, event, .. } = monitor.update(sample);
        assert!(
            score.is_none_or(|score| score.value.is_finite() && score.value >= 0.0),
            "{score:?} {monitor:?}"
        );
        assert!(event.as_ref().is_none_or(is_finite), "{event:?} {monitor:?}");
        assert!(monitor.level().is_none_or(f64::is_finite), "{monitor:?}");
    }
    let again = Monitor::resume(*monitor.config(), &monitor.snapshot());
    assert!(again.as_ref() == Ok(&monitor), "{again:?} {monitor:?}");
    let told = [monitor.advance(1e12), monitor.accept(), monitor.reset()];
    assert!(told.iter().flatten().all(is_finite), "{told:?} {monitor:?}");
}

/// Whether it can be told: JSON knows no infinity.
pub(crate) fn is_finite(event: &Event) -> bool {
    let Event { onset, at, evidence, .. } = event;
    let numbers =
        [evidence.value, evidence.baseline, evidence.level, evidence.sigmas, evidence.score, *onset, *at];
    numbers.iter().all(|number| number.is_finite())
}
