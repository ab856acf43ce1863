//! Who is told: the destinations as they are set, checked once.

use std::{fmt, sync::Arc, time::Duration};

use super::{
    channel::Channel,
    discord,
    egress::{DEADLINE, Egress, Lookup, SystemLookup},
    target::{Policy, Target},
    webhook::Secret,
};

/// What the operator sets. An address that is empty counts as not given, as it comes from files of environment variables.
#[derive(Clone, Default)]
pub struct Settings {
    /// `DISCORD_WEBHOOK_URL`.
    pub discord_url: Option<String>,
    /// `SLACK_WEBHOOK_URL`.
    pub slack_url: Option<String>,
    /// `WEBHOOK_URL`.
    pub webhook_url: Option<String>,
    /// `WEBHOOK_SECRET`: what messages to `webhook_url` are signed with.
    pub webhook_secret: Option<String>,
    /// Whether alerts are written to standard error.
    pub console: bool,
    /// `--webhook-allow`: further hosts that messages may go to, `HOST` or `HOST:PORT`.
    pub webhook_allow: Vec<String>,
    /// `--webhook-allow-private`: whether the names of such hosts may stand for machines of a private network.
    pub webhook_allow_private: bool,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hidden = |secret: &Option<String>| secret.as_ref().map(|_| "…");
        f.debug_struct("Settings")
            .field("discord_url", &hidden(&self.discord_url))
            .field("slack_url", &hidden(&self.slack_url))
            .field("webhook_url", &hidden(&self.webhook_url))
            .field("webhook_secret", &hidden(&self.webhook_secret))
            .field("console", &self.console)
            .field("webhook_allow", &self.webhook_allow)
            .field("webhook_allow_private", &self.webhook_allow_private)
            .finish()
    }
}

/// A refused setting. Its text shows a host at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// An address is not what it must be.
    Url {
        /// The setting's name.
        field: &'static str,
        /// What was wanted, in words.
        wanted: &'static str,
    },
    /// Messages may not go to this host.
    NotAllowed {
        /// The setting's name.
        field: &'static str,
        /// The host.
        host: String,
        /// The port, unless it is the usual one.
        port: Option<u16>,
    },
    /// An entry of the list of hosts is none.
    Allow {
        /// The entry.
        entry: String,
    },
    /// The secret is empty, or there is nothing to be signed with it.
    Secret {
        /// What was wanted, in words.
        wanted: &'static str,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url { field, wanted } => write!(f, "{field} must be {wanted}"),
            Self::NotAllowed { field, host, port } => {
                let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
                let place = port.map_or_else(|| host.clone(), |port| format!("{host}:{port}"));
                write!(
                    f,
                    "{field} must be at a host that is allowed; --webhook-allow {place} allows this one"
                )
            }
            Self::Allow { entry } => write!(
                f,
                "webhook-allow must be HOST or HOST:PORT, the host a name or an address that can take messages, \
                 got {entry:?}"
            ),
            Self::Secret { wanted } => write!(f, "WEBHOOK_SECRET must {wanted}"),
        }
    }
}

impl std::error::Error for Error {}

/// Who is told, each by a name that lasts over restarts.
#[derive(Debug)]
pub struct Destinations {
    pub(crate) channels: Vec<(String, Channel)>,
    /// What this machine is called, for messages to say who sent them.
    pub(crate) host: String,
}

impl Destinations {
    /// The destinations that `settings` name.
    ///
    /// # Errors
    ///
    /// When one of them is not what it must be, or not allowed.
    pub fn new(settings: &Settings) -> Result<Self, Error> {
        Self::reached_by(settings, DEADLINE, &(Arc::new(SystemLookup) as Arc<dyn Lookup>))
    }

    /// The same with another deadline and another way to look up hosts.
    ///
    /// # Errors
    ///
    /// As for [`Self::new`].
    pub fn reached_by(
        settings: &Settings,
        deadline: Duration,
        lookup: &Arc<dyn Lookup>,
    ) -> Result<Self, Error> {
        let policy = Policy::new(&settings.webhook_allow, settings.webhook_allow_private)?;
        let target = |field, url: &Option<String>| -> Result<Option<Target>, Error> {
            url.as_deref().filter(|url| !url.is_empty()).map(|url| policy.target(field, url)).transpose()
        };
        let egress = |target| Egress::new(target, deadline, lookup.clone());
        let mut channels = Vec::new();
        if let Some(target) = target("DISCORD_WEBHOOK_URL", &settings.discord_url)? {
            let target = if discord::is_discord(target.host()) {
                let wanted = "of the form https://discord.com/api/webhooks/ID/TOKEN";
                discord::versioned(target).ok_or(Error::Url { field: "DISCORD_WEBHOOK_URL", wanted })?
            } else {
                target
            };
            channels.push(Channel::Discord(egress(target)));
        }
        if let Some(target) = target("SLACK_WEBHOOK_URL", &settings.slack_url)? {
            channels.push(Channel::Slack(egress(target)));
        }
        let secret = settings.webhook_secret.as_deref();
        match (target("WEBHOOK_URL", &settings.webhook_url)?, secret) {
            (Some(target), secret) => {
                let no_key = Error::Secret { wanted: "not be empty where it is given" };
                let secret = secret.map(|secret| Secret::new(secret).ok_or(no_key)).transpose()?;
                channels.push(Channel::Webhook(egress(target), secret));
            }
            (None, None | Some("")) => {}
            (None, Some(_)) => {
                return Err(Error::Secret { wanted: "come with WEBHOOK_URL, messages to which it signs" });
            }
        }
        if settings.console {
            channels.push(Channel::Console);
        }
        let channels = channels.into_iter().map(|channel| (String::from(channel.kind()), channel)).collect();
        Ok(Self { channels, host: sysinfo::System::host_name().unwrap_or_default() })
    }

    /// Their names.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.channels.iter().map(|(name, _)| name.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DISCORD: &str = "https://discord.com/api/webhooks/12/SECRET";
    const SLACK: &str = "https://hooks.slack.com/services/T0/B0/SECRET";
    const OWN: &str = "https://alerts.example/SECRET";

    fn all() -> Settings {
        Settings {
            discord_url: Some(DISCORD.into()),
            slack_url: Some(SLACK.into()),
            webhook_url: Some(OWN.into()),
            webhook_secret: Some("SECRET".into()),
            console: true,
            webhook_allow: vec!["alerts.example".into()],
            webhook_allow_private: false,
        }
    }

    #[test]
    fn each_setting_is_a_destination_and_an_empty_address_is_none() {
        assert_eq!(Destinations::new(&all()).unwrap().names(), ["discord", "slack", "webhook", "console"]);
        assert!(Destinations::new(&Settings::default()).unwrap().names().is_empty());
        let empty = Some(String::new());
        let settings = Settings {
            discord_url: empty.clone(),
            slack_url: empty.clone(),
            webhook_url: empty.clone(),
            webhook_secret: empty,
            ..Settings::default()
        };
        assert!(Destinations::new(&settings).unwrap().names().is_empty());
    }

    #[test]
    fn what_is_refused_is_named_and_no_secret_is_shown() {
        let secret = |secret: &str| Some(String::from(secret));
        let cases = [
            (
                Settings { webhook_allow: vec![], ..all() },
                "WEBHOOK_URL must be at a host that is allowed; --webhook-allow alerts.example allows this one",
            ),
            (
                Settings { webhook_url: Some("https://[fd00::1]:9000/SECRET".into()), ..all() },
                "WEBHOOK_URL must be at a host that is allowed; --webhook-allow [fd00::1]:9000 allows this one",
            ),
            (
                Settings { webhook_secret: secret(""), ..all() },
                "WEBHOOK_SECRET must not be empty where it is given",
            ),
            (
                Settings { webhook_url: None, ..all() },
                "WEBHOOK_SECRET must come with WEBHOOK_URL, messages to which it signs",
            ),
            (
                Settings { discord_url: Some("https://discord.com/SECRET".into()), ..all() },
                "DISCORD_WEBHOOK_URL must be of the form https://discord.com/api/webhooks/ID/TOKEN",
            ),
            (
                Settings { slack_url: Some("http://hooks.slack.com/SECRET".into()), ..all() },
                "SLACK_WEBHOOK_URL must be an address that begins with https:// (http:// is for private networks only)",
            ),
            (
                Settings { webhook_allow: vec!["a/b".into()], ..all() },
                "webhook-allow must be HOST or HOST:PORT, the host a name or an address that can take messages, \
                 got \"a/b\"",
            ),
        ];
        for (settings, wanted) in cases {
            assert_eq!(Destinations::new(&settings).unwrap_err().to_string(), wanted);
        }
    }

    #[test]
    fn nothing_that_is_printed_holds_a_secret() {
        let shown = format!("{:?} {:?}", all(), Destinations::new(&all()).unwrap());
        assert!(!shown.contains("SECRET") && !shown.contains("/api/"), "{shown}");
        assert!(shown.contains("https://discord.com/…") && shown.contains("alerts.example"), "{shown}");
    }
}
