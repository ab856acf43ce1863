//! Where messages may go: the operator's list of hosts, and addresses that have passed it.

use std::{fmt, net::IpAddr};

use ureq::http::{Uri, uri::Scheme};

use super::{
    address::{Reach, reach},
    config::Error,
};

/// Hosts that hand out webhooks.
const KNOWN: [&str; 5] =
    ["discord.com", "discordapp.com", "ptb.discord.com", "canary.discord.com", "hooks.slack.com"];

/// Which hosts messages may go to, and which networks.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    allowed: Vec<Allowed>,
    private: bool,
}

#[derive(Clone, Debug)]
struct Allowed {
    host: String,
    port: Option<u16>,
}

impl Policy {
    /// Allows the hosts of Discord and Slack, and those in `allow`, each `HOST` or `HOST:PORT`. One that is given as an
    /// address of a private network is meant; a name may lead there only if `private` says so.
    ///
    /// # Errors
    ///
    /// When one of them is no host.
    pub fn new(allow: &[String], private: bool) -> Result<Self, Error> {
        let mut allowed: Vec<_> = KNOWN.map(|host| Allowed { host: String::from(host), port: None }).into();
        for entry in allow {
            allowed.push(Allowed::parse(entry).ok_or_else(|| Error::Allow { entry: entry.clone() })?);
        }
        Ok(Self { allowed, private })
    }

    /// The address that `url` says, if messages may go there. `field` is what errors call it.
    ///
    /// # Errors
    ///
    /// When they may not; the error names the host at most.
    pub fn target(&self, field: &'static str, url: &str) -> Result<Target, Error> {
        let wanted = |wanted| Error::Url { field, wanted };
        if !url.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') {
            return Err(wanted("of printable ASCII characters without spaces and backslashes"));
        }
        let uri: Uri = url.parse().map_err(|_| wanted("a URL such as https://example.com/path"))?;
        let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
            return Err(wanted("a URL such as https://example.com/path"));
        };
        if authority.as_str().contains('@') {
            return Err(wanted("without a user name and a password"));
        }
        let tls = *scheme == Scheme::HTTPS;
        if !tls && *scheme != Scheme::HTTP {
            return Err(wanted("an address that begins with https://"));
        }
        let host = host(authority.host()).ok_or_else(|| wanted("at a host name or a plain IP address"))?;
        let default = if tls { 443 } else { 80 };
        let port = match authority.as_str().rsplit_once(':') {
            Some((_, port)) if !port.ends_with(']') => port
                .parse()
                .ok()
                .filter(|&port| port > 0)
                .ok_or_else(|| wanted("with a port from 1 to 65535"))?,
            _ => default,
        };
        let meets = |one: &&Allowed| one.host == host && port == one.port.unwrap_or(default);
        let Some(allowed) = self.allowed.iter().find(meets) else {
            return Err(Error::NotAllowed { field, host, port: Some(port).filter(|&port| port != default) });
        };
        let literal = allowed.host.parse::<IpAddr>().ok();
        let private = self.private || literal.is_some_and(|ip| reach(ip) == Reach::Private);
        if !tls && !private {
            return Err(wanted(
                "an address that begins with https:// (http:// is for private networks only)",
            ));
        }
        Ok(Target { uri, host, private })
    }
}

impl Allowed {
    fn parse(entry: &str) -> Option<Self> {
        let (name, port) = match entry.rsplit_once(':') {
            // Without brackets all of it is an address of version 6.
            Some((name, port)) if !port.ends_with(']') && (!name.contains(':') || name.ends_with(']')) => {
                (name, Some(port.parse().ok().filter(|&port| port > 0)?))
            }
            _ => (entry, None),
        };
        let host = host(name)?;
        let useless = host.parse().is_ok_and(|ip| reach(ip) == Reach::Never);
        (!useless).then_some(Self { host, port })
    }
}

/// The host's one spelling: lower case, no dot at the end, no brackets. `None` for what is no host name, and for what a
/// resolver would take for an address although it is not written as one (`127.1`, `0x7f.1`, `2130706433`).
fn host(written: &str) -> Option<String> {
    let bare = written.strip_prefix('[').map_or(Some(written), |inner| inner.strip_suffix(']'))?;
    if let Ok(ip) = bare.parse::<IpAddr>() {
        return Some(ip.to_string());
    }
    let name = bare.strip_suffix('.').unwrap_or(bare).to_ascii_lowercase();
    let is_label = |label: &str| {
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        !label.is_empty() && label.len() <= 63 && label.bytes().all(inner)
    };
    let last = name.rsplit('.').next()?;
    let numeric = last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x");
    (name.len() <= 253 && name.split('.').all(is_label) && !numeric).then_some(name)
}

/// An address that messages may go to. All but its host is a secret, and shows nowhere.
#[derive(Clone)]
pub struct Target {
    uri: Uri,
    host: String,
    private: bool,
}

impl Target {
    pub(crate) fn uri(&self) -> &Uri {
        &self.uri
    }

    /// Its host, in one spelling.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The same address with another path.
    pub(crate) fn with_path(self, path: &str) -> Option<Self> {
        let mut parts = self.uri.into_parts();
        let query = parts.path_and_query.as_ref().and_then(|old| old.query());
        let path = query.map_or_else(|| String::from(path), |query| format!("{path}?{query}"));
        parts.path_and_query = Some(path.parse().ok()?);
        Some(Self { uri: Uri::from_parts(parts).ok()?, ..self })
    }

    /// Whether messages may go to a machine that its host's name stands for.
    pub(crate) fn admits(&self, address: IpAddr) -> bool {
        match reach(address) {
            Reach::Public => true,
            Reach::Private => self.private,
            Reach::Never => false,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}/…", self.uri.scheme_str().unwrap_or_default(), self.host)
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({self})")
    }
}
