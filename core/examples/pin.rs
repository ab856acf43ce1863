//! Prints what the core answers to fixed samples, to the bit, as JSON: `vectors/pinned/`.

#![expect(clippy::print_stdout, reason = "the vectors are printed")]

use drift_sre::{
    Baseline, Chart, ChartConfig, Decision, Detector, Exit, Exponential, Fixed, Forgetting, Monitor,
    MonitorConfig, PageHinkley, Rolling, Sample, Scale, Transform,
};
use serde_json::{Value, json};

/// A metric with noise, a rise from 150 on that ends at 230, an outlier and a gap. Written out in the vectors, so that
/// no reader needs to make it again.
fn values() -> Vec<Option<f64>> {
    let mut state = 1u64;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let dice: u32 = (0..4).map(|k| ((state >> (16 * k)) & 0xff) as u32).sum();
        f64::from(dice) / 64.0 - 8.0
    };
    let level = |t: usize| if (150..230).contains(&t) { 46.0 } else { 20.0 };
    let value = |t: usize| match t {
        90 => Some(2_000.0),
        120 => None,
        _ => Some(level(t) + noise()),
    };
    (0..300).map(value).collect()
}

fn charts() -> [(&'static str, ChartConfig); 6] {
    let auto = Exponential::default();
    let config = |transform, baseline| ChartConfig { transform, baseline, detector: Detector::default() };
    let slow = Baseline::Exponential(Exponential { alpha: 0.02, ..auto });
    let given = Baseline::Exponential(Exponential { alpha: 0.1, scale: Scale::Fixed(1.5), ..auto });
    let rolling =
        Rolling { size: 120, min_samples: 60, refresh_every: 10, robust: true, ..Rolling::default() };
    let fixed = Fixed { count: 100.0, mean: 20.5, m2: 900.0, floor: 0.0 };
    [
        ("automatic scale", config(Transform::Identity, Baseline::Exponential(auto))),
        ("automatic scale, log", config(Transform::Log, slow)),
        ("given scale", config(Transform::Identity, given)),
        ("rolling", config(Transform::Identity, Baseline::Rolling(rolling))),
        ("fixed", config(Transform::Identity, Baseline::Fixed(fixed))),
        ("forgetting", config(Transform::Identity, Baseline::Forgetting(Forgetting::default()))),
    ]
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn bits(value: f64) -> String {
    format!("{:016x}", value.to_bits())
}

fn chart_case(name: &str, config: ChartConfig, values: &[Option<f64>]) -> Value {
    let mut chart = Chart::new(config).expect("valid");
    let plain: Vec<f64> = values.iter().map(|value| value.unwrap_or(f64::NAN)).collect();
    let (before, after) = plain.split_at(200);
    let mut scores: Vec<_> = chart.score_many(before).map(|score| score.map(bits)).collect();
    let bytes = hex(&chart.to_bytes());
    scores.extend(chart.score_many(after).map(|score| score.map(bits)));
    json!({"name": name, "config": config, "scores": scores, "bytes_at_200": bytes, "bytes_at_end": hex(&chart.to_bytes())})
}

fn monitor_case(name: &str, config: MonitorConfig, values: &[Option<f64>]) -> Value {
    let mut monitor = Monitor::new(config).expect("valid");
    let (mut scores, mut states, mut events, mut bytes) = (vec![], vec![], vec![], String::new());
    for (t, value) in values.iter().enumerate() {
        if t == 200 {
            bytes = hex(&monitor.snapshot());
        }
        let at = 1_000.0 + t as f64;
        let verdict = monitor.update(Sample { at, value: *value });
        scores.push(verdict.score.map(|score| bits(score.value)));
        states.push(verdict.state.name());
        if let Some(event) = verdict.event {
            let evidence = event.evidence;
            events.push(json!({
                "t": t, "kind": event.kind.name(), "cause": event.cause.name(), "aspect": event.aspect.name(), "direction": event.direction.name(),
                "severity": event.severity.name(), "onset": event.onset, "at": event.at, "samples": evidence.samples,
                "value": bits(evidence.value), "baseline": bits(evidence.baseline), "level": bits(evidence.level),
                "sigmas": bits(evidence.sigmas), "score": bits(evidence.score),
            }));
        }
    }
    let (cut, end) = (bytes, hex(&monitor.snapshot()));
    json!({"name": name, "config": config, "scores": scores, "states": states, "events": events, "bytes_at_200": cut, "bytes_at_end": end})
}

fn main() {
    let values = values();
    let (mut charts_pinned, mut monitors) = (vec![], vec![]);
    for (detector, name) in Detector::all().zip(Detector::NAMES) {
        for (baseline, config) in charts() {
            let name = format!("{name}, {baseline}");
            charts_pinned.push(chart_case(&name, ChartConfig { detector, ..config }, &values));
            let ChartConfig { transform, baseline, .. } = config;
            let config = MonitorConfig { transform, baseline, detector, decision: Decision::default() };
            monitors.push(monitor_case(&name, config, &values));
        }
    }
    let (_, ChartConfig { transform, baseline, .. }) = charts()[2];
    let detector = Detector::PageHinkley(PageHinkley { cap: None, ..PageHinkley::default() });
    let decision = Decision { exit: Some(Exit::Adopt), ..Decision::default() };
    let config = MonitorConfig { transform, baseline, detector, decision };
    monitors.push(monitor_case("page_hinkley, classical use", config, &values));
    let pinned = json!({"values": values, "charts": charts_pinned, "monitors": monitors});
    println!("{}", serde_json::to_string(&pinned).expect("plain data"));
}
