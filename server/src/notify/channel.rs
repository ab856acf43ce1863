//! A destination: what is put into which request, and what came of it.

use std::{io::Write, time::Duration};

use super::{
    alert::{Alert, AlertId},
    console, discord,
    egress::Egress,
    reply::{Outcome, judge},
    slack, webhook,
};

/// How a destination is spoken to.
#[derive(Debug)]
pub(crate) enum Channel {
    Discord(Egress),
    Slack(Egress),
    Webhook(Egress, Option<webhook::Secret>),
    Console,
}

impl Channel {
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Discord(_) => "discord",
            Self::Slack(_) => "slack",
            Self::Webhook(..) => "webhook",
            Self::Console => "console",
        }
    }

    /// Tells of `alerts` in one message. `host` is what this machine is called, `now_ms` the wall clock's time.
    pub(crate) fn tell(&self, alerts: &[Alert], host: &str, now_ms: i64) -> Outcome {
        let id = AlertId::of_all(alerts);
        match self {
            Self::Discord(egress) => {
                post(egress, discord::payload(alerts, host).to_string().as_bytes(), &[], now_ms)
            }
            Self::Slack(egress) => {
                post(egress, slack::message(alerts, host).to_string().as_bytes(), &[], now_ms)
            }
            Self::Webhook(egress, secret) => {
                let Ok(body) = webhook::body(&id, alerts, host) else {
                    return Outcome::Refused { why: String::from("the alert cannot be written as JSON") };
                };
                let signature = secret.as_ref().map(|secret| secret.sign(&body, now_ms.div_euclid(1000)));
                let mut headers = vec![(webhook::IDEMPOTENCY_KEY, id.0.as_str())];
                headers.extend(signature.as_deref().map(|signature| (webhook::SIGNATURE, signature)));
                post(egress, &body, &headers, now_ms)
            }
            // In one call, so that no other line gets into it.
            Self::Console => match std::io::stderr().write_all(console::line(alerts).as_bytes()) {
                Ok(()) => Outcome::Taken { pause: Duration::ZERO },
                Err(error) => Outcome::Failed { why: error.to_string() },
            },
        }
    }

    /// Breaks off what is under way.
    pub(crate) fn shut_down(&self) {
        match self {
            Self::Discord(egress) | Self::Slack(egress) | Self::Webhook(egress, _) => egress.shut_down(),
            Self::Console => {}
        }
    }
}

fn post(egress: &Egress, body: &[u8], headers: &[(&str, &str)], now_ms: i64) -> Outcome {
    match egress.post(body, headers) {
        Ok(reply) => judge(&reply, now_ms),
        Err(why) => Outcome::Failed { why },
    }
}
