//! `cargo run --profile endurance -p fuzz --example endurance [updates]`: as fast as a release, and every overflow is a panic.

#![expect(clippy::print_stdout, reason = "a report is printed")]

use std::time::Instant;

fn main() {
    let updates = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(100_000_000);
    let began = Instant::now();
    let report = fuzz::endurance::endure(updates, 1);
    let secs = began.elapsed().as_secs_f64();
    let checked = if cfg!(debug_assertions) { "checked" } else { "NOT checked" };
    println!("{:>13} updates of hostile samples, no panic, every score and level finite", report.updates);
    println!(
        "{:>13} baselines x detectors x transforms, each as chart, monitor and fleet of 67",
        report.pairs
    );
    println!("{:>13} alarms, {} events of monitors", report.alarms, report.events);
    println!("{secs:>11.1} s; overflows and debug assertions were {checked}");
}
