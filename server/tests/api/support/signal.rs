//! Signals to send, of the simulator's modes.

use std::time::{SystemTime, UNIX_EPOCH};

use drift_sre::{Law, Phase, Scenario, ScenarioConfig, ScenarioPreset};
use serde_json::{Value, json};

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_millis()).unwrap()
}

/// A time as the interface writes it.
pub(crate) fn iso(at_ms: i64) -> String {
    format!("{:.3}", jiff::Timestamp::from_millisecond(at_ms).unwrap())
}

/// One observation of a service.
pub(crate) fn telemetry(service: &str, latency_ms: f64, at_ms: i64) -> Value {
    json!({ "service_id": service, "latency_ms": latency_ms, "payload_kb": 2.5, "timestamp": iso(at_ms) })
}

/// Latencies of one of the simulator's modes, ten a second, as long as they are wanted.
pub(crate) struct Signal(ScenarioConfig);

impl Signal {
    /// 150 ± 25.
    pub(crate) fn normal(samples: u32) -> Self {
        Self(ScenarioConfig { samples, ..ScenarioPreset::DriftwatchNormal.config() })
    }

    /// Of 600 samples those from 240 to 420 are 500 ± 75.
    pub(crate) fn spike() -> Self {
        Self(ScenarioPreset::DriftwatchSpike.config())
    }

    /// So many normal samples, then so many whose mean doubles on the way.
    pub(crate) fn creep(normal: u32, creeping: u32) -> Self {
        let creep = ScenarioPreset::DriftwatchCreep.config();
        let law = ScenarioPreset::DriftwatchNormal.config().law;
        let seconds = |samples: u32| f64::from(samples) * creep.interval_secs;
        let [Phase { law: from, to, .. }] = creep.phases[..] else { panic!("a creep has one phase") };
        let (start_secs, end_secs) = (seconds(normal), seconds(normal + creeping));
        let phases = vec![Phase { start_secs, end_secs, law: from, to }];
        Self(ScenarioConfig { samples: normal + creeping, law, phases, ..creep })
    }

    /// So many normal samples, then 500 ± 75 for good.
    pub(crate) fn regression(normal: u32, regressed: u32) -> Self {
        let config = ScenarioPreset::DriftwatchNormal.config();
        let seconds = |samples: u32| f64::from(samples) * config.interval_secs;
        let law = Law::Normal { mean: 500.0, sd: 75.0, phi: 0.0 };
        let (start_secs, end_secs) = (seconds(normal), seconds(normal + regressed));
        let phases = vec![Phase { start_secs, end_secs, law, to: None }];
        Self(ScenarioConfig { samples: normal + regressed, phases, ..config })
    }

    /// The latencies.
    pub(crate) fn values(&self, seed: u64) -> Vec<f64> {
        let samples = Scenario::new(self.0.clone(), seed).unwrap();
        samples.map(|sample| sample.value.expect("no gaps")).collect()
    }
}
