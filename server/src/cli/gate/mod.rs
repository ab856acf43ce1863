//! `drift-sre gate`: may a deployment go on?

mod junit;
mod report;

use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};

use self::report::Report;
use super::{
    FAILED, console,
    options::{ServerOptions, seconds, some_seconds},
    stop::Stop,
};
use crate::client::{Client, ClientError, EventRow, Health, ServiceState};

/// Decide whether a deployment may go on: exit code 0 yes, 1 drift, 2 cannot say, 3 failed
///
/// Asks a drift-sre server how services are. STABLE passes, DRIFT_DETECTED does not, and INSUFFICIENT_DATA
/// is inconclusive: the gate asks again until --wait is over. Of several services the worst decides.
#[derive(Args)]
#[expect(clippy::doc_markdown, reason = "it is shown as help, where backticks would be noise")]
#[command(
    verbatim_doc_comment,
    after_help = "\
Exit codes:
  0  pass          every service is STABLE
  1  drift         a service is DRIFT_DETECTED
  2  inconclusive  a service has too little data, or was never heard of
  3  failed        wrong usage, or the server could not be asked

Examples:
  drift-sre gate --service payments
  drift-sre gate --service payments --service search --wait 5m
  drift-sre gate --service payments --wait 10m --hold                    stay STABLE for ten minutes
  drift-sre gate --service payments --output junit --output-file gate.xml

Snippets for CI systems: docs/gate.md"
)]
pub(crate) struct Gate {
    #[command(flatten)]
    server: ServerOptions,
    /// Which service to judge; may be repeated
    #[arg(long = "service", value_name = "ID", alias = "service-id", required = true, value_parser = service)]
    services: Vec<String>,
    /// How long to wait for a decision: seconds, or 90s, 5m, 1h
    #[arg(long, value_name = "TIME", default_value = "0", value_parser = seconds)]
    wait: f64,
    /// Pass only if no service drifts until --wait is over and all are STABLE then
    #[arg(long, requires = "wait")]
    hold: bool,
    /// How often to ask
    #[arg(long, value_name = "TIME", default_value = "5", value_parser = some_seconds)]
    every: f64,
    /// How the outcome is written
    #[arg(long, value_enum, ignore_case = true, default_value_t = Output::Text)]
    output: Output,
    /// Write the outcome to this file, and text to standard output
    #[arg(long, value_name = "FILE")]
    output_file: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    /// For people
    Text,
    /// One object
    Json,
    /// What CI systems show as a test report
    Junit,
}

/// What is decided of a service or all of them; of several the greatest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Pass,
    Inconclusive,
    /// The server could not be asked.
    Failed,
    /// Known for certain, so that no other service's failure hides it.
    Drift,
}

impl Verdict {
    const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Inconclusive => "inconclusive",
            Self::Failed => "error",
            Self::Drift => "drift",
        }
    }

    const fn exit_code(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Drift => 1,
            Self::Inconclusive => 2,
            Self::Failed => FAILED,
        }
    }
}

/// What is known of one service.
struct Finding {
    service: String,
    answer: Option<Result<Health, ClientError>>,
    /// The newest event, if there is one and the server tells events.
    event: Option<EventRow>,
}

impl Finding {
    fn verdict(&self) -> Verdict {
        match &self.answer {
            Some(Ok(health)) => match health.state {
                ServiceState::Stable => Verdict::Pass,
                ServiceState::InsufficientData => Verdict::Inconclusive,
                ServiceState::DriftDetected => Verdict::Drift,
            },
            Some(Err(_)) | None => Verdict::Failed,
        }
    }

    fn is_hopeless(&self) -> bool {
        matches!(&self.answer, Some(Err(error)) if !error.may_pass())
    }

    /// Asks again; says so if the answer is another.
    fn ask(&mut self, client: &Client) {
        let before = self.answer.is_some().then(|| self.standing());
        self.answer = Some(client.health(&self.service));
        let now = self.standing();
        if before.is_some_and(|before| before != now) {
            console::say(&format!("{}: {now}", console::plain(&self.service)));
        }
    }

    fn standing(&self) -> String {
        match &self.answer {
            Some(Ok(health)) => health.state.name().into(),
            Some(Err(error)) => console::plain(&error.to_string()),
            None => String::new(),
        }
    }
}

impl Gate {
    pub(crate) fn run(&self) -> anyhow::Result<u8> {
        if self.hold && self.wait == 0.0 {
            bail!("--hold wants a --wait above 0, got 0");
        }
        let client = self.server.client()?;
        let began = Instant::now();
        let findings = self.decide(&client, began);
        let report = Report::new(&findings, client.base(), began.elapsed());
        self.write(&report)?;
        Ok(report.verdict.exit_code())
    }

    fn decide(&self, client: &Client, began: Instant) -> Vec<Finding> {
        let mut services = self.services.clone();
        services.sort();
        services.dedup();
        let new = |service| Finding { service, answer: None, event: None };
        let mut findings: Vec<Finding> = services.into_iter().map(new).collect();
        let wait = Duration::from_secs_f64(self.wait);
        loop {
            for finding in &mut findings {
                finding.ask(client);
            }
            let left = wait.saturating_sub(began.elapsed());
            if left.is_zero() || self.is_decided(&findings) {
                break;
            }
            Stop::default().wait(left.min(Duration::from_secs_f64(self.every)));
        }
        for finding in &mut findings {
            // It explains the verdict and does not change it, so that a server without events will do.
            let events = client.events(&finding.service, 50, None).unwrap_or_default();
            finding.event = events.into_iter().max_by(|one, other| one.detected_at.cmp(&other.detected_at));
        }
        findings
    }

    fn is_decided(&self, findings: &[Finding]) -> bool {
        let drifts = findings.iter().any(|finding| finding.verdict() == Verdict::Drift);
        let pass = findings.iter().all(|finding| finding.verdict() == Verdict::Pass);
        drifts || (pass && !self.hold) || findings.iter().any(Finding::is_hopeless)
    }

    fn write(&self, report: &Report<'_>) -> anyhow::Result<()> {
        let text = match self.output {
            Output::Text => report.text(),
            Output::Json => report.json()?,
            Output::Junit => junit::write(report)?,
        };
        let shown = match &self.output_file {
            Some(path) => {
                let text = anstream::adapter::strip_str(&text).to_string();
                fs::write(path, text)
                    .with_context(|| format!("output-file {} could not be written", path.display()))?;
                report.text()
            }
            None => text,
        };
        match super::print(&shown) {
            // The verdict is in the exit code as well, which has a reader.
            Err(error) if console::is_broken_pipe(&error) => Ok(()),
            other => other,
        }
    }
}

fn service(text: &str) -> Result<String, String> {
    if text.is_empty() { Err(String::from("wanted the id of a service")) } else { Ok(text.to_owned()) }
}
