//! Verdicts on records, to the bit: any change of them shows here.

use drift_sre::{RecordConfig, RecordMonitor};
use serde::Deserialize;

#[derive(Deserialize)]
struct Pinned {
    records: Vec<String>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    config: RecordConfig,
    anchored_at: usize,
    verdicts: Vec<Told>,
    snapshot_crc: u32,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    score: Option<String>,
    p_value: Option<String>,
    detected: bool,
    ncd: Option<String>,
    isolated: Option<String>,
    episode: Option<String>,
    drift: Option<String>,
    why: Option<String>,
}

fn bits(value: f64) -> String {
    format!("{:016x}", value.to_bits())
}

#[test]
fn record_monitors_answer_as_they_always_have() {
    let text = include_str!("../../vectors/pinned/records.json");
    let Pinned { records, cases } = serde_json::from_str(text).expect("the vectors are JSON of this shape");
    assert!(cases.len() >= 3);
    for Case { name, config, anchored_at, verdicts, snapshot_crc } in cases {
        let mut monitor = RecordMonitor::new(config.clone()).unwrap();
        for (position, (record, wanted)) in records.iter().zip(verdicts).enumerate() {
            if position == anchored_at {
                monitor = RecordMonitor::resume(config.clone(), &monitor.snapshot()).unwrap();
                monitor.set_anchor().unwrap();
            }
            let verdict = monitor.update(record);
            let window = verdict.window.as_ref();
            let told = Told {
                score: verdict.score.map(bits),
                p_value: verdict.p_value.map(bits),
                detected: verdict.detected,
                ncd: verdict.metrics.map(|metrics| bits(metrics.ncd)),
                isolated: window.map(|window| bits(window.isolated.p_value)),
                episode: window.map(|window| bits(window.episode.p_value)),
                drift: verdict.anchor.map(|anchor| bits(anchor.drift_score)),
                why: verdict.why(),
            };
            assert_eq!(told, wanted, "{name} at {position}");
        }
        let check = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&monitor.snapshot());
        assert_eq!(check, snapshot_crc, "{name}");
    }
}
