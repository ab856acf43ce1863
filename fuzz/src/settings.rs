//! Settings of any origin: asking for them never panics, and what is accepted works.

use std::fmt::Debug;

use drift_sre::{
    Chart, ChartConfig, CorrelationConfig, Correlator, Error, Fleet, GoldenSignal, Monitor, MonitorConfig,
    Preset, RecordConfig, RecordMonitor, Severity, Signal, WindowConfig, Windows,
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{chart, fleet, hostile, input, monitor, records, windows};

/// Quiet and then high, so that whatever can learn and alarm in so few samples does.
const CHOICES: [u8; 60] = {
    let mut choices = [7; 60];
    let mut position = 0;
    while position < 40 {
        choices[position] = [4, 5, 6][position % 3];
        position += 1;
    }
    choices
};

/// Reads the bytes as each kind of settings, in JSON and in postcard, and tries what they make.
///
/// # Panics
/// If the core breaks a promise.
pub fn try_out(input: &[u8]) {
    for config in read::<MonitorConfig>(input) {
        if let Some(monitor) = accepted(&config, Monitor::new(config)) {
            monitor::endure(monitor, &CHOICES);
        }
    }
    for config in read::<ChartConfig>(input) {
        if let Some(chart) = accepted(&config, Chart::new(config)) {
            chart::endure(chart, &CHOICES);
            fleet::endure(Fleet::new(config, 3).expect("what suits one series suits three"), &CHOICES);
        }
    }
    for config in read::<WindowConfig>(input) {
        if let Some(windows) = accepted(&config, Windows::new(config.clone())) {
            windows::endure(windows, &CHOICES);
        }
    }
    for config in read::<RecordConfig>(input) {
        if let Some(mut monitor) = accepted(&config, RecordMonitor::new(config.clone())) {
            records::endure(&mut monitor, b"GET /a 200\n{\"ms\": 5, \"pin\": 7}\nFATAL out of memory");
        }
    }
    for config in read::<CorrelationConfig>(input) {
        if let Some(correlator) = accepted(&config, Correlator::new(config)) {
            correlate(correlator, input);
        }
    }
    for preset in read::<Preset>(input) {
        assert!(Monitor::new(preset.config()).is_ok(), "{preset:?}");
    }
}

fn read<T: DeserializeOwned>(input: &[u8]) -> impl Iterator<Item = T> {
    let postcard = input::settings(input).map(|(settings, _)| settings);
    serde_json::from_slice(input).ok().into_iter().chain(postcard)
}

/// What settings make. Those that make something can be told in JSON and are read again as they were; those that do not
/// say what is wrong.
fn accepted<C, T>(config: &C, made: Result<T, Error>) -> Option<T>
where
    C: Serialize + DeserializeOwned + PartialEq + Debug,
{
    match made {
        Ok(made) => {
            let json = serde_json::to_string(config).expect("settings are plain data");
            assert_eq!(*config, serde_json::from_str(&json).expect(&json));
            Some(made)
        }
        Err(error) => {
            assert!(matches!(error, Error::OutOfRange { .. }) && error.to_string().contains(" must be "));
            None
        }
    }
}

/// Incidents of signals with any numbers in them rest on signals that can be read.
fn correlate(correlator: Correlator, choices: &[u8]) {
    let values: Vec<f64> = hostile::values(choices).collect();
    let types = GoldenSignal::ALL.into_iter().cycle();
    let signals = values.windows(5).zip(types).map(|(numbers, golden_signal)| Signal {
        source: "source".into(),
        metric: golden_signal.name().into(),
        golden_signal,
        unit: String::new(),
        baseline: numbers[0],
        current: numbers[1],
        score: numbers[2],
        severity: Severity::Warning,
        window_start: numbers[3],
        window_end: numbers[4],
    });
    for signal in correlator.correlate(signals.collect()).iter().flat_map(|incident| &incident.signals) {
        assert!(signal.direction().is_some_and(|way| signal.golden_signal.degrades(way)), "{signal:?}");
        assert!(signal.deviation_ratio().is_finite() && signal.score.is_finite(), "{signal:?}");
    }
}
