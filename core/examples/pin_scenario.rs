//! Prints what every preset gives for one seed, to the bit, as JSON: `vectors/pinned/scenario.json`.

#![expect(clippy::print_stdout, reason = "the vectors are printed")]

use crc::{CRC_32_ISO_HDLC, Crc};
use drift_sre::{Sample, Scenario, ScenarioPreset};
use serde_json::{Value, json};

const SEED: u64 = 1;

fn case(preset: ScenarioPreset) -> Value {
    let samples: Vec<Sample> = Scenario::new(preset.config(), SEED).expect("presets are valid").collect();
    let first: Vec<Option<String>> = samples[..10]
        .iter()
        .map(|sample| sample.value.map(|value| format!("{:016x}", value.to_bits())))
        .collect();
    // A gap counts as a pattern that no value has.
    let bits = |sample: &Sample| sample.value.map_or(u64::MAX, f64::to_bits).to_le_bytes();
    let bytes: Vec<u8> = samples.iter().flat_map(bits).collect();
    let crc = Crc::<u32>::new(&CRC_32_ISO_HDLC).checksum(&bytes);
    json!({"name": preset.name(), "samples": samples.len(), "first": first, "crc32": format!("{crc:08x}")})
}

fn main() {
    let pinned = json!({"seed": SEED, "scenarios": ScenarioPreset::ALL.map(case)});
    println!("{}", serde_json::to_string(&pinned).expect("plain data"));
}
