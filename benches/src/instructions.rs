//! Something for callgrind to count: one subject, so many times over the same samples.
//!
//! `instructions` prints the subjects' names; `instructions NAME PASSES` runs one. The difference between two numbers of
//! passes is free of everything but the samples.

#![expect(clippy::print_stdout, reason = "names are printed")]

use std::hint::black_box;

use drift_sre::{Chart, Fleet, Monitor, MonitorConfig, Sample};

/// Of one pass; whoever counts divides by it.
const SAMPLES: u32 = 4_096;
const SERIES: usize = 1_024;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(name), Some(passes)) = (arguments.next(), arguments.next()) else { return print_names() };
    let passes: usize = passes.parse().expect("a number of passes");
    let values = benches::values(SAMPLES);
    match name.as_str() {
        "monitor, default" => {
            let mut monitor = Monitor::new(MonitorConfig::default()).expect("valid");
            for (t, value) in (0u32..).zip((0..passes).flat_map(|_| &values)) {
                black_box(monitor.update(Sample::new(f64::from(t), black_box(*value))));
            }
        }
        "fleet of 1,024, given scale" => {
            let mut fleet = Fleet::new(benches::given_scale(), SERIES).expect("valid");
            for _ in 0..passes {
                black_box(fleet.update_many(black_box(&values)).expect("whole rows"));
            }
        }
        _ => {
            let (_, config) =
                benches::charts().into_iter().find(|(its, _)| *its == name).expect("a subject's name");
            let mut chart = Chart::new(config).expect("valid");
            for value in (0..passes).flat_map(|_| &values) {
                black_box(chart.update(black_box(*value)));
            }
        }
    }
}

fn print_names() {
    for (name, _) in benches::charts() {
        println!("{name}");
    }
    println!("monitor, default\nfleet of 1,024, given scale");
}
