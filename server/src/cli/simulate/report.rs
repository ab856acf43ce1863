//! The end of a run: what was sent, what was wrong, and what the server made of it.

use std::fmt::Write;

use drift_sre::Interval;
use serde::Serialize;

use super::{
    Simulate,
    delivery::Delivery,
    observer::{Observer, Seen},
    signal::Signal,
};
use crate::cli::{
    console::{BAD, GOOD, plain, styled},
    truth::{Change, Found, Scoring},
};

#[derive(Serialize)]
pub(super) struct Report<'a> {
    mode: &'static str,
    service_id: &'a str,
    duration_secs: f64,
    rate: f64,
    seed: u64,
    interrupted: bool,
    samples: Samples<'a>,
    states: &'a [Seen],
    truth: Vec<Interval>,
    /// Whether the change was noticed; null where there was none, or it was not reached.
    detected: Option<bool>,
    time_to_detection: Option<Found>,
    false_alarms: u64,
    /// When the drift was over, in seconds from the start; null if it is not, or never was.
    recovered_at_secs: Option<f64>,
}

#[derive(Serialize)]
struct Samples<'a> {
    planned: u32,
    sent: u64,
    accepted: u64,
    rejected: u64,
    duplicates: u64,
    skipped: u32,
    first_rejection: Option<&'a str>,
}

impl<'a> Report<'a> {
    pub(super) fn new(
        args: &'a Simulate,
        seed: u64,
        signal: &Signal,
        delivery: &'a Delivery<'_>,
        observer: &'a Observer<'_>,
        interrupted: bool,
    ) -> Self {
        let mut truth = signal.truth();
        // What was not reached cannot have been noticed.
        truth.retain(|change| change.start < signal.at());
        // Whole numbers far below 2^53, none negative.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "sample numbers are exact"
        )]
        let number = |secs: f64| (secs * args.rate).round() as u64;
        let change = |interval: &Interval| Change {
            first: Some(number(interval.start)),
            ..Change::new(interval.start, Some(interval.end))
        };
        let mut scoring = Scoring::of(truth.iter().map(change).collect());
        for alarm in &observer.alarms {
            if alarm.of_latency {
                // Back to the time of a sample, from which servers may have cut digits.
                let [onset, at] = [alarm.onset, alarm.at].map(|secs| number(secs) as f64 / args.rate);
                scoring.alarm(number(at), onset, at);
            } else {
                scoring.false_alarms += 1;
            }
        }
        let found = scoring.changes.first().map(|change| change.found);
        let noticed = truth.first().zip(found.flatten()).map(|(change, found)| change.start + found.secs);
        let recovered =
            noticed.and_then(|at| observer.closings.iter().copied().find(|closing| *closing >= at));
        Self {
            mode: args.mode.name(),
            service_id: &args.service_id,
            duration_secs: args.duration,
            rate: args.rate,
            seed,
            interrupted,
            samples: Samples {
                planned: signal.total(),
                sent: delivery.sent,
                accepted: delivery.accepted,
                rejected: delivery.rejected,
                duplicates: delivery.duplicates,
                skipped: signal.skipped,
                first_rejection: delivery.complaint.as_deref(),
            },
            states: observer.states(),
            truth,
            detected: found.map(|found| found.is_some()),
            time_to_detection: found.flatten(),
            false_alarms: scoring.false_alarms,
            recovered_at_secs: recovered,
        }
    }

    pub(super) fn json(&self) -> anyhow::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let mut line = |name: &str, what: &str| {
            let _ = writeln!(text, "{name:<13} {what}");
        };
        let Self { mode, duration_secs, rate, seed, samples, .. } = self;
        let cut = if self.interrupted { ", interrupted" } else { "" };
        let service = plain(self.service_id);
        line("run", &format!("{mode} on {service}, {duration_secs} s, {rate}/s, seed {seed}{cut}"));
        let Samples { planned, sent, accepted, rejected, duplicates, skipped, first_rejection } = samples;
        line("samples", &format!("{sent} of {planned} sent, {accepted} accepted, {rejected} rejected"));
        if *duplicates > 0 || *skipped > 0 {
            line("", &format!("{duplicates} duplicates, {skipped} not sent as they would have been late"));
        }
        if let Some(why) = first_rejection {
            line("", &format!("first rejection: {}", plain(why)));
        }
        let states: Vec<_> = self
            .states
            .iter()
            .map(|seen| format!("{} at {:.1} s", seen.state.name(), seen.at_secs))
            .collect();
        line("states", &states.join(", "));
        line("truth", &self.truth.first().map_or_else(|| String::from("nothing was wrong"), told));
        line("detected", &self.detection());
        let style = if self.false_alarms == 0 { GOOD } else { BAD };
        line("false alarms", &styled(style, self.false_alarms));
        if self.detected == Some(true) {
            line("recovered", &self.recovery());
        }
        text
    }

    fn detection(&self) -> String {
        match (self.detected, self.time_to_detection) {
            (_, Some(Found { samples, secs })) => {
                format!("{}, by the {} bad sample, after {secs:.1} s", styled(GOOD, "yes"), ordinal(samples))
            }
            (Some(_), None) => styled(BAD, "no"),
            (None, None) => String::from("nothing to detect"),
        }
    }

    fn recovery(&self) -> String {
        let end = self.truth.first().map_or(0.0, |change| change.end);
        match self.recovered_at_secs {
            Some(at) if at >= end => format!("at {at:.1} s, {:.1} s after the end", at - end),
            Some(at) => format!("at {at:.1} s, {:.1} s before the end", end - at),
            None => String::from("not yet"),
        }
    }
}

fn told(change: &Interval) -> String {
    format!("{} from {} s to {} s", change.kind.name(), change.start, change.end)
}

fn ordinal(number: u64) -> String {
    let suffix = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{suffix}")
}
