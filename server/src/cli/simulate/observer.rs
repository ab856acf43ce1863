//! What the server says of the service meanwhile.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use super::{delivery::Delivery, signal::Signal};
use crate::{
    cli::{moment::moment, stop::Stop},
    client::{Client, ClientError, EventRow, Health, ServiceState},
};

/// How often, and how many times, the server is asked whether it has taken in all it accepted.
const SETTLING: (u32, Duration) = (20, Duration::from_millis(100));

pub(super) struct Observer<'a> {
    client: &'a Client,
    service: &'a str,
    start: Timestamp,
    count_before: u64,
    health: Health,
    states: Vec<Seen>,
    pub(super) alarms: Vec<Alarm>,
    /// When drifts of the latency were over, in seconds from the start.
    pub(super) closings: Vec<f64>,
}

/// A state, and from when on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Seen {
    pub(super) state: ServiceState,
    /// Seconds from the start of the run.
    pub(super) at_secs: f64,
}

/// A drift that the server told of, in seconds from the start of the run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Alarm {
    /// Nothing is ever wrong with the payload.
    pub(super) of_latency: bool,
    pub(super) onset: f64,
    pub(super) at: f64,
}

impl<'a> Observer<'a> {
    pub(super) fn new(client: &'a Client, service: &'a str, start: Timestamp) -> Result<Self, ClientError> {
        let health = client.health(service)?;
        let states = vec![Seen { state: health.state, at_secs: 0.0 }];
        let count_before = health.sample_count;
        let (alarms, closings) = (Vec::new(), Vec::new());
        Ok(Self { client, service, start, count_before, health, states, alarms, closings })
    }

    pub(super) fn start(&self) -> Timestamp {
        self.start
    }

    /// The state by the server's own account, or by when it was seen.
    pub(super) fn look(&mut self, now: f64) {
        // A look that fails is made up for by the next one; whether samples arrive is told by sending them.
        let Ok(health) = self.client.health(self.service) else { return };
        let since = health.transition_timestamp.as_deref().and_then(|since| self.secs(since));
        let seen_at = self.states.last().map_or(0.0, |seen| seen.at_secs);
        let at_secs = since.filter(|since| (seen_at..=now).contains(since)).unwrap_or(now);
        self.note(health.state, at_secs);
        self.health = health;
    }

    /// Waits until the server has taken in all it accepted.
    pub(super) fn settle(&mut self, now: f64, accepted: u64) {
        let (tries, pause) = SETTLING;
        for _ in 0..tries {
            self.look(now);
            if self.health.sample_count >= self.count_before + accepted {
                break;
            }
            Stop::default().wait(pause);
        }
    }

    /// Reads what the server made of it all.
    pub(super) fn conclude(&mut self) {
        match self.client.events(self.service, 1000, Some(self.start)) {
            Ok(events) => self.read(&events),
            // A server without events still has states.
            Err(_) => self.infer(),
        }
    }

    fn read(&mut self, events: &[EventRow]) {
        let mut rows: Vec<(f64, &EventRow)> =
            events.iter().filter_map(|row| Some((self.secs(row.detected_at.as_deref()?)?, row))).collect();
        rows.retain(|(at, _)| *at >= 0.0);
        rows.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        for (at, row) in rows {
            let of_latency = row.metric.as_deref().is_none_or(|metric| metric == "latency_ms");
            match row.kind.as_deref() {
                Some("opened") => {
                    let onset = row.onset.as_deref().and_then(|onset| self.secs(onset)).unwrap_or(at);
                    self.alarms.push(Alarm { of_latency, onset, at });
                }
                Some("closed") if of_latency => self.closings.push(at),
                _ => {}
            }
            if let Some(state) = row.new_state.as_deref().and_then(ServiceState::named) {
                self.states.push(Seen { state, at_secs: at });
            }
        }
        self.states.sort_by(|one, other| one.at_secs.total_cmp(&other.at_secs));
        self.states.dedup_by_key(|seen| seen.state);
    }

    fn infer(&mut self) {
        for pair in self.states.windows(2) {
            let at = pair[1].at_secs;
            if pair[1].state == ServiceState::DriftDetected {
                self.alarms.push(Alarm { of_latency: true, onset: at, at });
            } else if pair[0].state == ServiceState::DriftDetected {
                self.closings.push(at);
            }
        }
    }

    fn note(&mut self, state: ServiceState, at_secs: f64) {
        if self.states.last().is_none_or(|seen| seen.state != state) {
            self.states.push(Seen { state, at_secs });
        }
    }

    fn secs(&self, iso: &str) -> Option<f64> {
        Some(moment(iso)?.duration_since(self.start).as_secs_f64())
    }

    pub(super) fn states(&self) -> &[Seen] {
        &self.states
    }

    /// How far it is.
    pub(super) fn line(&self, duration: f64, signal: &Signal, delivery: &Delivery<'_>) -> String {
        let Delivery { sent, accepted, rejected, .. } = delivery;
        let at = signal.at().min(duration);
        let state = self.health.state.name();
        let z = self.z(signal.newest).map_or_else(String::new, |z| format!("  z {z:.1}"));
        format!("{at:.0} of {duration} s  {sent} sent, {accepted} accepted, {rejected} rejected  {state}{z}")
    }

    /// How far off the newest latency is, by the server's baseline.
    fn z(&self, newest: Option<f64>) -> Option<f64> {
        let (mean, sd) = (self.health.baseline("mean_latency")?, self.health.baseline("stddev_latency")?);
        Some((newest? - mean) / sd).filter(|z| z.is_finite())
    }
}
