//! Nanoseconds a sample, beside the limit: reading the same memory.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use drift_sre::{Baseline, Chart, ChartConfig, Exponential, Monitor, MonitorConfig, Sample, Scale};
use rand::{Rng, SeedableRng, rngs::StdRng};
use rand_distr::StandardNormal;

const SAMPLES: usize = 16_384;

fn speed(criterion: &mut Criterion) {
    let mut rng = StdRng::seed_from_u64(1);
    let values: Vec<f64> = (0..SAMPLES).map(|_| 20.0 + 5.0 * rng.sample::<f64, _>(StandardNormal)).collect();
    let literal = ChartConfig {
        baseline: Baseline::Exponential(Exponential { scale: Scale::Fixed(5.0), ..Exponential::default() }),
        ..ChartConfig::default()
    };
    let mut group = criterion.benchmark_group("ns a sample = time / 16,384");
    group.throughput(Throughput::Elements(SAMPLES as u64));
    group.bench_function("limit: sum of the samples", |bencher| {
        bencher.iter(|| black_box(&values).iter().sum::<f64>());
    });
    for (name, config) in
        [("page_hinkley, given scale", literal), ("page_hinkley, automatic scale", ChartConfig::default())]
    {
        let mut chart = Chart::new(config).expect("valid");
        group.bench_function(name, |bencher| bencher.iter(|| chart.update_many(black_box(&values))));
    }
    let mut monitor = Monitor::new(MonitorConfig::default()).expect("valid");
    let mut at = 0.0;
    group.bench_function("monitor, default configuration", |bencher| {
        bencher.iter(|| {
            for value in black_box(&values) {
                at += 1.0;
                black_box(monitor.update(Sample::new(at, *value)));
            }
        });
    });
    group.finish();
}

criterion_group!(benches, speed);
criterion_main!(benches);
