//! Prints what the adaptive detector makes of every scenario, to the bit, as JSON: `vectors/pinned/adaptive.json`.

#![expect(clippy::print_stdout, reason = "the vectors are printed")]

use crc::{CRC_32_ISO_HDLC, Crc};
use drift_sre::{Adaptive, AdaptiveConfig, Kind, Sample, Scenario, ScenarioPreset};
use serde_json::{Value, json};

const SEED: u64 = 2;

fn crc(bytes: &[u8]) -> String {
    format!("{:08x}", Crc::<u32>::new(&CRC_32_ISO_HDLC).checksum(bytes))
}

fn case(preset: ScenarioPreset, compact: bool) -> Value {
    let samples = Scenario::new(preset.config(), SEED).expect("presets are valid");
    let config = AdaptiveConfig { arl0: 1_000.0, compact, ..AdaptiveConfig::default() };
    let mut adaptive = Adaptive::new(config).expect("valid");
    let (mut scores, mut alarms) = (Vec::new(), Vec::new());
    for (n, Sample { at, value }) in samples.enumerate() {
        let verdict = adaptive.update(Sample { at, value });
        // No score counts as a pattern that none has.
        let bits = verdict.score.map_or(u64::MAX, |score| score.value.to_bits());
        scores.extend_from_slice(&bits.to_le_bytes());
        if verdict.event.is_some_and(|event| event.kind != Kind::Closed) {
            alarms.push(n);
        }
    }
    let bytes = adaptive.to_bytes();
    // Without the checksum at the end, which would make any checksum of all the same.
    let (state, _) = bytes.split_at(bytes.len() - 4);
    json!({
        "name": preset.name(),
        "compact": compact,
        "alarms": alarms,
        "scores_crc32": crc(&scores),
        "state_crc32": crc(state),
    })
}

fn main() {
    let cases: Vec<Value> = [false, true]
        .into_iter()
        .flat_map(|compact| ScenarioPreset::ALL.map(|preset| case(preset, compact)))
        .collect();
    let pinned = json!({"seed": SEED, "arl0": 1_000, "cases": cases});
    println!("{}", serde_json::to_string(&pinned).expect("plain data"));
}
