//! Records and snapshots of ill will: no panic, and no more memory than the settings allow.

use drift_sre::{Error, RecordConfig, RecordMonitor, SessionMonitor};

fn monitor() -> RecordMonitor {
    RecordMonitor::new(RecordConfig::default()).expect("valid")
}

#[test]
fn records_of_any_kind_are_taken() {
    let mut monitor = monitor();
    (0..500).for_each(|n| drop(monitor.update(format!("usual line {n}"))));
    let deep = "{\"a\":".repeat(100_000) + "1" + &"}".repeat(100_000);
    let wide = format!("{{{}}}", (0..60_000).map(|n| format!("\"k{n}\":{n}")).collect::<Vec<_>>().join(","));
    let records: Vec<Vec<u8>> = vec![
        vec![],
        vec![0; 4_096],
        vec![0xff; 1 << 20],
        vec![b'x'; 1 << 20],
        b"a b ".repeat(1 << 18),
        b"4 ".repeat(1 << 19),
        b"password=".repeat(100_000),
        b"a@".repeat(1 << 19),
        b"://:@".repeat(200_000),
        b"\"\\\"".repeat(300_000),
        b"1234-5678-".repeat(100_000),
        "\u{1f980}".repeat(1 << 18).into_bytes(),
        deep.into_bytes(),
        wide.into_bytes(),
        b"{\"a\": 1e999, \"b\": -1e308, \"c\": 1e308}".to_vec(),
        b"{\"a\": ".to_vec(),
        b"line\nbreaks\r\nwithin".to_vec(),
    ];
    for record in &records {
        let verdict = monitor.update(record);
        assert!(verdict.parts.total().is_finite());
        assert_eq!(verdict.truncated, record.len() > 16 << 10, "{} bytes", record.len());
        assert!(verdict.text.is_none_or(|text| text.len() <= 2_048));
        assert!(monitor.snapshot().len() < 200_000);
    }
    assert_eq!(RecordMonitor::resume(RecordConfig::default(), &monitor.snapshot()).as_ref(), Ok(&monitor));
}

#[test]
fn a_flood_of_distinct_records_is_held_in_bounded_memory() {
    let config = RecordConfig { templates: 512, numeric_outliers: true, ..RecordConfig::default() };
    let mut monitor = RecordMonitor::new(config.clone()).unwrap();
    let word = |n: u32| -> String { (0..6).map(|k| char::from(b'a' + (n >> (4 * k) & 15) as u8)).collect() };
    let mut largest = 0;
    for n in 0..60_000u32 {
        let mixed = n.wrapping_mul(2_654_435_761);
        monitor.update(format!(
            "{{\"{}\": {n}, \"m\": \"{} {}\"}}",
            word(mixed),
            word(mixed >> 3),
            word(mixed >> 7)
        ));
        if n.is_multiple_of(5_000) {
            largest = largest.max(monitor.snapshot().len());
        }
    }
    assert!(monitor.templates() <= 512);
    assert!(largest < 400_000, "{largest}");
    let mut sessions = SessionMonitor::new(config).unwrap();
    for n in 0..3_000u32 {
        sessions.update(&[word(n.wrapping_mul(2_654_435_761)), word(n)]);
    }
    assert!(sessions.snapshot().len() < 100_000);
}

#[test]
fn a_snapshot_that_was_cut_or_is_of_something_else_is_refused() {
    let config = RecordConfig { baseline_size: 20, window_size: 10, ..RecordConfig::default() };
    let mut monitor = RecordMonitor::new(config.clone()).unwrap();
    (0..40).for_each(|n| drop(monitor.update(format!("line {n}"))));
    let bytes = monitor.snapshot();
    for length in 0..bytes.len() {
        assert_eq!(RecordMonitor::resume(config.clone(), &bytes[..length]), Err(Error::SnapshotCorrupt));
    }
    let other = RecordConfig { window_size: 9, hop_size: 9, ..config.clone() };
    assert_eq!(RecordMonitor::resume(other, &bytes), Err(Error::SnapshotMismatch));
    assert_eq!(SessionMonitor::resume(config.clone(), &bytes), Err(Error::SnapshotMismatch));
    let smaller = RecordConfig { templates: 16, ..config };
    assert!(RecordMonitor::resume(smaller, &bytes).is_ok());
}
