//! Prints what record monitors answer to fixed records, to the bit, as JSON: `vectors/pinned/records.json`.

#![expect(clippy::print_stdout, reason = "the vectors are printed")]

use drift_sre::{RecordConfig, RecordMonitor, RecordProfile, RecordVerdict};
use serde_json::{Value, json};

/// Lines and events of everyday, a new sort of them from 500 on, a burst, and some that are odd. Written out in the
/// vectors, so that no reader needs to make them again.
fn records() -> Vec<String> {
    let mut state = 7u64;
    let mut dice = |sides: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % sides
    };
    let record = |n: u64| {
        let (id, ms) = (dice(9_000), dice(40));
        match (n, dice(12)) {
            (300, _) => "kernel panic: not syncing, password=hunter2".to_owned(),
            (420..440, _) => format!("connection from 10.0.0.{ms} refused by policy"),
            (520, _) => r#"{"level":"fatal","msg":"ledger diverged","ms":90000,"token":"abc"}"#.to_owned(),
            (500.., 0..4) => format!("2026-03-01T10:00:{ms:02}Z replica {id} promoted in zone eu-{ms}"),
            (_, 0) => format!("cache miss for item {id}"),
            (_, 1..5) => format!(r#"{{"level":"info","msg":"order {id} placed","ms":{ms}}}"#),
            (_, 5..9) => format!("GET /items/{id} 200 {ms} ms"),
            (_, 9) => format!("session {id} opened for user-{ms}@example.org"),
            (_, 10) => format!("caf\u{e9} {id} \u{6253}\u{5f00}"),
            _ => format!("session {id} closed"),
        }
    };
    (0..640).map(record).collect()
}

fn bits(value: f64) -> String {
    format!("{:016x}", value.to_bits())
}

fn told(verdict: &RecordVerdict) -> Value {
    let window = verdict.window.as_ref();
    json!({
        "score": verdict.score.map(bits), "p_value": verdict.p_value.map(bits), "detected": verdict.detected,
        "ncd": verdict.metrics.map(|metrics| bits(metrics.ncd)),
        "isolated": window.map(|window| bits(window.isolated.p_value)),
        "episode": window.map(|window| bits(window.episode.p_value)),
        "drift": verdict.anchor.map(|anchor| bits(anchor.drift_score)), "why": verdict.why(),
    })
}

fn case(name: &str, config: &RecordConfig, records: &[String]) -> Value {
    let mut monitor = RecordMonitor::new(config.clone()).expect("valid");
    let anchored_at = 480;
    let mut verdicts = vec![];
    for (position, record) in records.iter().enumerate() {
        if position == anchored_at {
            monitor = RecordMonitor::resume(config.clone(), &monitor.snapshot()).expect("its own");
            monitor.set_anchor().expect("calibrated");
        }
        verdicts.push(told(&monitor.update(record)));
    }
    let check = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&monitor.snapshot());
    json!({"name": name, "config": config, "anchored_at": anchored_at, "verdicts": verdicts, "snapshot_crc": check})
}

fn main() {
    let records = records();
    let plain = RecordConfig { numeric_outliers: true, ..RecordConfig::default() };
    let sensitive =
        RecordConfig { severity_words: false, templates: 16, ..RecordProfile::Sensitive.config() };
    let deflated =
        RecordConfig { compressor: drift_sre::Comparison::Deflate, ..RecordProfile::Sensitive.config() };
    let cases =
        [("balanced", plain), ("sensitive, few templates", sensitive), ("sensitive, deflate", deflated)];
    let cases: Vec<_> = cases.into_iter().map(|(name, config)| case(name, &config, &records)).collect();
    println!("{}", json!({"records": records, "cases": cases}));
}
