//! Nanoseconds a sample, beside the limit: reading the same memory.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use drift_sre::{
    Baseline, Chart, ChartConfig, Exponential, Law, Monitor, MonitorConfig, Sample, Scale, Scenario,
    ScenarioConfig,
};

const SAMPLES: u32 = 16_384;

fn speed(criterion: &mut Criterion) {
    let law = Law::Normal { mean: 20.0, sd: 5.0, phi: 0.0 };
    let config = ScenarioConfig { samples: SAMPLES, law, ..ScenarioConfig::default() };
    let signal = Scenario::new(config, 1).expect("valid");
    let values: Vec<f64> = signal.filter_map(|sample| sample.value).collect();
    let literal = ChartConfig {
        baseline: Baseline::Exponential(Exponential { scale: Scale::Fixed(5.0), ..Exponential::default() }),
        ..ChartConfig::default()
    };
    let mut group = criterion.benchmark_group("ns a sample = time / 16,384");
    group.throughput(Throughput::Elements(u64::from(SAMPLES)));
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
