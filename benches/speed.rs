//! Nanoseconds a sample, beside the limit: reading the same memory.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use drift_sre::{Chart, Fleet, Monitor, MonitorConfig, Sample};

const SAMPLES: u32 = 16_384;

fn speed(criterion: &mut Criterion) {
    let values = benches::values(SAMPLES);
    let mut group = criterion.benchmark_group("speed");
    group.throughput(Throughput::Elements(u64::from(SAMPLES)));
    group.bench_function("limit: sum of the samples", |bencher| {
        bencher.iter(|| black_box(&values).iter().sum::<f64>());
    });
    for (name, config) in benches::charts() {
        let mut chart = Chart::new(config).expect("valid");
        group.bench_function(name, |bencher| bencher.iter(|| chart.update_many(black_box(&values))));
    }
    for (series, name) in [(8, "fleet of 8, given scale"), (1_024, "fleet of 1,024, given scale")] {
        let mut fleet = Fleet::new(benches::given_scale(), series).expect("valid");
        group.bench_function(name, |bencher| bencher.iter(|| fleet.update_many(black_box(&values))));
    }
    let mut monitor = Monitor::new(MonitorConfig::default()).expect("valid");
    let mut at = 0.0;
    group.bench_function("monitor, default", |bencher| {
        bencher.iter(|| {
            for value in black_box(&values) {
                at += 1.0;
                black_box(monitor.update(Sample::new(at, *value)));
            }
        });
    });
    group.finish();
}

criterion_group!(all, speed);
criterion_main!(all);
