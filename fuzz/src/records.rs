//! Bytes that claim to be saved record monitors, and what monitors must do with hostile records.

use drift_sre::{Feedback, RecordConfig, RecordMonitor, RecordVerdict, SessionMonitor};

use crate::input;

/// The longest that a snapshot may come to under the small settings that are fuzzed.
const BOUND: usize = 4 << 20;

/// Tries the bytes as they are, then as settings, choices and the payload of a snapshot whose checksum holds; the
/// choices are records, a line each.
///
/// # Panics
/// If the core breaks a promise.
pub fn try_out(input: &[u8]) {
    let _ = RecordMonitor::resume(RecordConfig::default(), input);
    let _ = SessionMonitor::resume(RecordConfig::default(), input);
    let mut fresh = RecordMonitor::new(small()).expect("valid");
    endure(&mut fresh, input);
    let mut sessions = SessionMonitor::new(small()).expect("valid");
    for session in input.chunks(40) {
        let verdict = sessions.update(&records(session).collect::<Vec<_>>());
        assert!(verdict.score.is_finite(), "{verdict:?}");
    }
    assert!(SessionMonitor::resume(small(), &sessions.snapshot()).as_ref() == Ok(&sessions));
    if let Some((mut monitor, choices)) = resumed(input) {
        endure(&mut monitor, choices);
    }
}

/// Settings under which little input goes far.
#[must_use]
pub fn small() -> RecordConfig {
    RecordConfig {
        baseline_size: 10,
        window_size: 4,
        hop_size: 2,
        templates: 16,
        numeric_outliers: true,
        auto_tune: true,
        ..RecordConfig::default()
    }
}

/// The monitor that an input holds, and the choices of records for it.
///
/// # Panics
/// If settings that are not valid by themselves become so by what was kept.
#[must_use]
pub fn resumed(input: &[u8]) -> Option<(RecordMonitor, &[u8])> {
    let (config, rest) = input::settings::<RecordConfig>(input)?;
    let (choices, payload) = input::choices(rest);
    let model = RecordMonitor::new(small()).ok()?.snapshot();
    let monitor = RecordMonitor::resume(config.clone(), &input::with_payload(&model, payload)).ok()?;
    assert!(RecordMonitor::new(config.clone()).is_ok(), "{config:?}");
    Some((monitor, choices))
}

fn records(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == b'\n')
}

/// Every number that is told is finite and every p-value one; what they come to is bounded, and accepted as a snapshot
/// again.
pub(crate) fn endure(monitor: &mut RecordMonitor, choices: &[u8]) {
    for record in records(choices).chain(records(choices)) {
        let verdict = monitor.update(record);
        assert!(is_sound(&verdict), "{verdict:?}");
        let _ = verdict.why();
        let _ = monitor.feedback(verdict.id, Feedback::FalsePositive, 1e4 * verdict.id as f64);
        if verdict.id.is_multiple_of(7) {
            let _ = monitor.set_anchor();
        }
    }
    let saved = monitor.snapshot();
    assert!(saved.len() <= BOUND.max(4 * choices.len()), "{}", saved.len());
    let again = RecordMonitor::resume(monitor.config().clone(), &saved);
    assert!(again.as_ref() == Ok(&*monitor), "{again:?} {monitor:?}");
}

fn is_sound(verdict: &RecordVerdict) -> bool {
    let is_p = |p_value: f64| p_value > 0.0 && p_value <= 1.0;
    let metrics = verdict.metrics.is_none_or(|metrics| {
        let detail = metrics.detail.is_none_or(|detail| {
            [detail.ncd_raw, detail.compression_ratio_change(), detail.entropy_change()]
                .iter()
                .all(|number| number.is_finite())
        });
        detail && metrics.ncd.is_finite() && metrics.composite().is_finite()
    });
    let window = verdict.window.as_ref().is_none_or(|window| {
        is_p(window.p_value)
            && is_p(window.isolated.p_value)
            && is_p(window.episode.p_value)
            && window.isolated.statistic.is_finite()
    });
    let anchor =
        verdict.anchor.is_none_or(|anchor| is_p(anchor.p_value) && (0.0..=1.0).contains(&anchor.drift_score));
    let outliers =
        verdict.outliers.iter().all(|outlier| outlier.z_score.is_finite() && outlier.std_dev.is_finite());
    metrics
        && window
        && anchor
        && outliers
        && verdict.parts.total().is_finite()
        && verdict.score.is_none_or(f64::is_finite)
        && verdict.p_value.is_none_or(is_p)
}
