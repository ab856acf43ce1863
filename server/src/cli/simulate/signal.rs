//! What is sent: latency and payload of each request, and what is known to be wrong with them.

use drift_sre::{Error, Interval, Scenario, ScenarioConfig, ScenarioPreset};
use jiff::{SignedDuration, Timestamp};

use super::Mode;
use crate::client::Telemetry;

/// The signals of a run, from where it is now.
pub(super) struct Signal {
    latency: Scenario,
    payload: Scenario,
    rate: f64,
    next: u32,
    total: u32,
    /// How many were too late to be sent.
    pub(super) skipped: u32,
    /// The newest latency that was handed out.
    pub(super) newest: Option<f64>,
}

impl Signal {
    pub(super) fn new(mode: Mode, duration: f64, rate: f64, seed: u64) -> Result<Self, Error> {
        let latency = match mode {
            Mode::Normal => ScenarioPreset::DriftwatchNormal,
            Mode::Spike => ScenarioPreset::DriftwatchSpike,
            Mode::Creep => ScenarioPreset::DriftwatchCreep,
        };
        let scaled = |preset: ScenarioPreset| {
            let config = preset.config().lasting(duration);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "the command has checked that it fits"
            )]
            let samples = (duration * rate).round() as u32;
            ScenarioConfig { samples: samples.max(1), interval_secs: 1.0 / rate, ..config }
        };
        let latency = Scenario::new(scaled(latency), seed)?;
        let payload = Scenario::new(scaled(ScenarioPreset::DriftwatchPayload), seed.wrapping_add(1))?;
        let total = latency.config().samples;
        Ok(Self { latency, payload, rate, next: 0, total, skipped: 0, newest: None })
    }

    pub(super) fn truth(&self) -> Vec<Interval> {
        self.latency.truth().collect()
    }

    pub(super) fn total(&self) -> u32 {
        self.total
    }

    pub(super) fn is_over(&self) -> bool {
        self.next == self.total
    }

    /// When the next sample is due, in seconds from the start.
    pub(super) fn at(&self) -> f64 {
        f64::from(self.next) / self.rate
    }

    /// Gives up what was due before.
    pub(super) fn skip_until(&mut self, secs: f64) {
        while !self.is_over() && self.at() < secs {
            self.advance();
            self.skipped += 1;
        }
    }

    /// The samples due by now, at most so many.
    pub(super) fn take_due(
        &mut self,
        secs: f64,
        most: u32,
        service_id: &str,
        start: Timestamp,
    ) -> Vec<Telemetry> {
        let mut batch = Vec::new();
        for _ in 0..most {
            if self.is_over() || self.at() > secs {
                break;
            }
            let at = SignedDuration::from_secs_f64(self.at());
            let Some((latency_ms, payload_kb)) = self.advance() else { continue };
            self.newest = Some(latency_ms);
            let timestamp = format!("{:.6}", start + at);
            batch.push(Telemetry { service_id: service_id.into(), latency_ms, payload_kb, timestamp });
        }
        batch
    }

    fn advance(&mut self) -> Option<(f64, f64)> {
        self.next += 1;
        Some((self.latency.next()?.value?, self.payload.next()?.value?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spike_keeps_its_share_of_the_run_at_any_rate() {
        let signal = Signal::new(Mode::Spike, 100.0, 25.0, 1).unwrap();
        assert_eq!(signal.total(), 2500);
        let [spike] = signal.truth()[..] else { panic!("one spike") };
        assert_eq!((spike.start, spike.end), (40.0, 70.0));
    }

    #[test]
    fn what_is_due_is_handed_out_once_and_in_bounded_batches() {
        let mut signal = Signal::new(Mode::Normal, 60.0, 10.0, 1).unwrap();
        let start = Timestamp::UNIX_EPOCH;
        let batch = signal.take_due(0.95, 500, "pay", start);
        assert_eq!(batch.len(), 10);
        assert_eq!(batch[9].timestamp, "1970-01-01T00:00:00.900000Z");
        assert_eq!(signal.take_due(0.95, 500, "pay", start).len(), 0);
        assert_eq!(signal.take_due(60.0, 500, "pay", start).len(), 500);
        assert_eq!(signal.take_due(60.0, 500, "pay", start).len(), 90);
        assert!(signal.is_over());
    }

    #[test]
    fn what_is_too_late_is_counted_and_changes_no_later_value() {
        let mut punctual = Signal::new(Mode::Creep, 60.0, 10.0, 3).unwrap();
        let mut late = Signal::new(Mode::Creep, 60.0, 10.0, 3).unwrap();
        late.skip_until(20.0);
        assert_eq!(late.skipped, 200);
        let start = Timestamp::UNIX_EPOCH;
        let all = punctual.take_due(60.0, 600, "pay", start);
        assert_eq!(late.take_due(60.0, 600, "pay", start)[0].latency_ms, all[200].latency_ms);
    }
}
