//! The outcome of a gate as text and as JSON.

use std::{fmt::Write, time::Duration};

use drift_sre::quantity;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Finding, Verdict};
use crate::{
    cli::console::{BAD, FAINT, GOOD, UNSURE, plain, styled},
    client::EventRow,
};

/// What a gate found out.
pub(super) struct Report<'a> {
    pub(super) verdict: Verdict,
    pub(super) services: Vec<Service<'a>>,
    pub(super) waited: Duration,
    url: &'a str,
}

/// What it found out about one service.
pub(super) struct Service<'a> {
    pub(super) verdict: Verdict,
    pub(super) finding: &'a Finding,
}

#[derive(Serialize)]
struct Document<'a> {
    verdict: &'static str,
    exit_code: u8,
    url: &'a str,
    waited_secs: f64,
    services: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    service_id: &'a str,
    verdict: &'static str,
    state: Option<&'static str>,
    since: Option<&'a str>,
    reason: Option<&'a str>,
    sample_count: Option<u64>,
    baseline: Option<&'a Map<String, Value>>,
    event: Option<&'a EventRow>,
    error: Option<String>,
}

impl<'a> Report<'a> {
    pub(super) fn new(findings: &'a [Finding], url: &'a str, waited: Duration) -> Self {
        let service = |finding: &'a Finding| Service { verdict: finding.verdict(), finding };
        let services: Vec<_> = findings.iter().map(service).collect();
        let verdict = services.iter().map(|service| service.verdict).max().unwrap_or(Verdict::Failed);
        Self { verdict, services, waited, url }
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for service in &self.services {
            let style = match service.verdict {
                Verdict::Pass => GOOD,
                Verdict::Inconclusive => UNSURE,
                Verdict::Failed | Verdict::Drift => BAD,
            };
            let name = plain(&service.finding.service);
            let verdict = styled(style, format_args!("{:<12}", service.verdict.name()));
            let _ = writeln!(text, "{verdict}  {name}: {}", plain(&service.headline()));
            for line in service.details() {
                let _ = writeln!(text, "{:14}{}", "", styled(FAINT, plain(&line)));
            }
        }
        text
    }

    pub(super) fn json(&self) -> anyhow::Result<String> {
        let document = Document {
            verdict: self.verdict.name(),
            exit_code: self.verdict.exit_code(),
            url: self.url,
            waited_secs: self.waited.as_secs_f64(),
            services: self.services.iter().map(Service::entry).collect(),
        };
        Ok(serde_json::to_string_pretty(&document)? + "\n")
    }
}

impl Service<'_> {
    /// State and since when, or what went wrong.
    pub(super) fn headline(&self) -> String {
        match &self.finding.answer {
            Some(Ok(health)) => {
                let since = health.transition_timestamp.as_deref();
                let since = since.map_or_else(String::new, |since| format!(" since {since}"));
                format!("{}{since}", health.state.name())
            }
            Some(Err(error)) => error.to_string(),
            None => String::from("not asked"),
        }
    }

    /// The newest event, what is normal, and the server's reason, a line each.
    pub(super) fn details(&self) -> Vec<String> {
        let Some(Ok(health)) = &self.finding.answer else { return Vec::new() };
        let mut lines = Vec::new();
        if let Some(event) = &self.finding.event {
            let told = event.explanation.as_deref().unwrap_or("no explanation");
            let at = event.detected_at.as_deref().map_or_else(String::new, |at| format!("{at} "));
            lines.push(format!("latest event: {at}{told}"));
        }
        let spread = |metric: &str, unit: &str| {
            let mean = health.baseline(&format!("mean_{metric}"))?;
            let sd = health.baseline(&format!("stddev_{metric}"))?;
            Some(format!("{metric} {} ± {}", quantity(mean, unit), quantity(sd, unit)))
        };
        let normal: Vec<_> =
            [spread("latency", "ms"), spread("payload", "kB")].into_iter().flatten().collect();
        if !normal.is_empty() {
            lines.push(format!("baseline: {}", normal.join(", ")));
        }
        let reason = health.reason().map_or_else(String::new, |reason| format!(", reason: {reason}"));
        lines.push(format!("samples: {}{reason}", health.sample_count));
        lines
    }

    fn entry(&self) -> Entry<'_> {
        let Finding { service, answer, event } = self.finding;
        let (health, error) = match answer {
            Some(Ok(health)) => (Some(health), None),
            Some(Err(error)) => (None, Some(error.to_string())),
            None => (None, None),
        };
        Entry {
            service_id: service,
            verdict: self.verdict.name(),
            state: health.map(|health| health.state.name()),
            since: health.and_then(|health| health.transition_timestamp.as_deref()),
            reason: health.and_then(|health| health.reason()),
            sample_count: health.map(|health| health.sample_count),
            baseline: health.and_then(|health| health.baseline.as_ref()),
            event: event.as_ref(),
            error,
        }
    }
}
