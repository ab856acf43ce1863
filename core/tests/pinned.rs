//! Verdicts, events and snapshots, to the bit: any change of them shows here.

use drift_sre::{
    Adaptive, AdaptiveConfig, Chart, ChartConfig, Kind, Monitor, MonitorConfig, Sample, Scenario,
    ScenarioPreset, Verdict,
};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Pinned {
    values: Vec<Option<f64>>,
    charts: Vec<Case<ChartConfig>>,
    monitors: Vec<Case<MonitorConfig>>,
}

#[derive(Deserialize)]
struct Case<Config> {
    name: String,
    config: Config,
    scores: Vec<Option<String>>,
    #[serde(default)]
    states: Vec<String>,
    #[serde(default)]
    events: Vec<Value>,
    bytes_at_200: String,
    bytes_at_end: String,
}

fn pinned() -> Pinned {
    serde_json::from_str(include_str!("../../vectors/pinned/series.json"))
        .expect("the vectors are JSON of this shape")
}

fn bits(value: f64) -> String {
    format!("{:016x}", value.to_bits())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[test]
fn charts_answer_as_they_always_have() {
    let Pinned { values, charts, .. } = pinned();
    let values: Vec<f64> = values.into_iter().map(|value| value.unwrap_or(f64::NAN)).collect();
    assert!(charts.len() >= 3);
    for case in charts {
        let mut chart = Chart::new(case.config).unwrap();
        let mut scores: Vec<_> = chart.score_many(&values[..200]).map(|score| score.map(bits)).collect();
        assert_eq!(hex(&chart.to_bytes()), case.bytes_at_200, "{}", case.name);
        let mut chart = Chart::from_bytes(&chart.to_bytes()).unwrap();
        scores.extend(chart.score_many(&values[200..]).map(|score| score.map(bits)));
        assert_eq!(scores, case.scores, "{}", case.name);
        assert_eq!(hex(&chart.to_bytes()), case.bytes_at_end, "{}", case.name);
    }
}

#[test]
fn monitors_answer_as_they_always_have() {
    let Pinned { values, monitors, .. } = pinned();
    assert!(monitors.len() >= 4);
    for case in monitors {
        let mut monitor = Monitor::new(case.config).unwrap();
        let mut events = case.events.iter();
        for (t, value) in values.iter().enumerate() {
            if t == 200 {
                assert_eq!(hex(&monitor.snapshot()), case.bytes_at_200, "{}", case.name);
                monitor = Monitor::resume(case.config, &monitor.snapshot()).unwrap();
            }
            let Verdict { state, score, event } =
                monitor.update(Sample { at: 1_000.0 + t as f64, value: *value });
            assert_eq!(score.map(|score| bits(score.value)), case.scores[t], "{} at {t}", case.name);
            assert_eq!(state.name(), case.states[t], "{} at {t}", case.name);
            let Some(event) = event else { continue };
            let wanted = events.next().expect("no more events than pinned");
            assert_eq!(wanted["t"], t, "{}", case.name);
            assert_eq!(wanted["kind"], event.kind.name());
            assert_eq!(wanted["cause"], event.cause.name());
            assert_eq!(wanted["aspect"], event.aspect.name());
            assert_eq!(wanted["direction"], event.direction.name());
            assert_eq!(wanted["severity"], event.severity.name());
            assert_eq!(wanted["onset"], event.onset);
            assert_eq!(wanted["at"], event.at);
            assert_eq!(wanted["samples"], event.evidence.samples);
            assert_eq!(wanted["value"], bits(event.evidence.value));
            assert_eq!(wanted["baseline"], bits(event.evidence.baseline));
            assert_eq!(wanted["level"], bits(event.evidence.level));
            assert_eq!(wanted["sigmas"], bits(event.evidence.sigmas));
            assert_eq!(wanted["score"], bits(event.evidence.score));
        }
        assert_eq!(events.next(), None, "{}", case.name);
        assert_eq!(hex(&monitor.snapshot()), case.bytes_at_end, "{}", case.name);
    }
}

#[derive(Deserialize)]
struct Adaptives {
    seed: u64,
    arl0: f64,
    cases: Vec<AdaptiveCase>,
}

#[derive(Deserialize)]
struct AdaptiveCase {
    name: String,
    compact: bool,
    alarms: Vec<usize>,
    state_crc32: String,
}

#[test]
fn the_adaptive_detector_answers_every_scenario_to_the_bit() {
    let pinned: Adaptives =
        serde_json::from_str(include_str!("../../vectors/pinned/adaptive.json")).expect("JSON of this shape");
    for case in pinned.cases {
        let preset = ScenarioPreset::ALL.into_iter().find(|preset| preset.name() == case.name).unwrap();
        let config = AdaptiveConfig { arl0: pinned.arl0, compact: case.compact, ..AdaptiveConfig::default() };
        let mut adaptive = Adaptive::new(config).unwrap();
        let samples = Scenario::new(preset.config(), pinned.seed).unwrap();
        let alarms = samples.enumerate().filter_map(|(n, sample)| {
            let event = adaptive.update(sample).event?;
            (event.kind != Kind::Closed).then_some(n)
        });
        assert_eq!(alarms.collect::<Vec<_>>(), case.alarms, "{}, compact: {}", case.name, case.compact);
        // A snapshot ends with the checksum of all before it.
        let bytes = adaptive.to_bytes();
        let check: Vec<u8> = bytes[bytes.len() - 4..].iter().rev().copied().collect();
        assert_eq!(hex(&check), case.state_crc32, "{}", case.name);
    }
}
