//! The only way out: one HTTP request to an address that was looked up, checked and then used, within a deadline.
//!
//! The name is looked up once for each request, every address it stands for is checked, and the connection goes to one
//! of these very addresses, so nothing that a name server says later matters. Redirects are not followed, no proxy is
//! asked, and nothing of an address but scheme and host is in an error.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr, ToSocketAddrs},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    time::Duration,
};

use ureq::{
    Agent,
    config::Config,
    http::{HeaderMap, StatusCode, Uri},
    unversioned::{
        resolver::{ResolvedSocketAddrs, Resolver},
        transport::{Connector, NextTimeout, RustlsConnector, TcpConnector},
    },
};

use super::target::Target;

/// How long a message may take in all, from the look-up to the last byte of the reply.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);

/// Bytes of a reply's body that are read at most, and of its header.
const REPLY_LIMIT: u64 = 64 * 1024;

/// More addresses of one name than these are not tried.
const ADDRESSES: usize = 8;

/// Asks what addresses a host has.
pub trait Lookup: Send + Sync + 'static {
    /// Its addresses.
    ///
    /// # Errors
    ///
    /// When there are none to be had.
    fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// Asks the system.
#[derive(Clone, Copy, Debug)]
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        Ok((host, 0).to_socket_addrs()?.map(|address| address.ip()).collect())
    }
}

/// What came back.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// The beginning of the body if the receiver wants to be left alone, which it may say there; else nothing.
    pub(crate) body: Vec<u8>,
}

/// Sends to one target.
pub(crate) struct Egress {
    agent: Agent,
    target: Target,
    deadline: Duration,
}

impl Egress {
    /// A sender to `target` alone.
    pub(crate) fn new(target: Target, deadline: Duration, lookup: Arc<dyn Lookup>) -> Self {
        let chain = ().chain(TcpConnector::default()).chain(RustlsConnector::default());
        Self::over(chain, target, deadline, lookup)
    }

    fn over(connector: impl Connector, target: Target, deadline: Duration, lookup: Arc<dyn Lookup>) -> Self {
        let config = Config::builder()
            .timeout_global(Some(deadline))
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .max_response_header_size(64 * 1024)
            // A message comes so rarely that a connection kept would mostly be one that is dead.
            .max_idle_connections(0)
            .user_agent(concat!("drift-sre/", env!("CARGO_PKG_VERSION")))
            .build();
        let resolver = Checked { target: target.clone(), lookup, busy: Arc::default() };
        Self { agent: Agent::with_parts(config, connector, resolver), target, deadline }
    }

    /// Posts a body of JSON. An error's text holds no secret.
    pub(crate) fn post(&self, body: &[u8], headers: &[(&str, &str)]) -> Result<Reply, String> {
        let mut request = self.agent.post(self.target.uri()).header("Content-Type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send(body).map_err(|error| self.explain(error))?;
        let (parts, mut body) = response.into_parts();
        let mut beginning = Vec::new();
        if parts.status == StatusCode::TOO_MANY_REQUESTS {
            let limited = body.with_config().limit(REPLY_LIMIT).reader();
            // One that is too long or never ends says nothing; the header may.
            beginning = io::read_to_string(limited).map(String::into_bytes).unwrap_or_default();
        }
        Ok(Reply { status: parts.status, headers: parts.headers, body: beginning })
    }

    /// Breaks off what is under way. Every later request fails.
    pub(crate) fn shut_down(&self) {
        self.agent.clone().shutdown();
    }

    fn explain(&self, error: ureq::Error) -> String {
        let what = match error {
            ureq::Error::Timeout(_) => format!("no reply within {:?}", self.deadline),
            // Of the system, of rustls, or our own: none of them knows the address.
            ureq::Error::Io(error) => error.to_string(),
            ureq::Error::Rustls(error) => error.to_string(),
            ureq::Error::HostNotFound => String::from("host not found"),
            ureq::Error::Protocol(_) | ureq::Error::LargeResponseHeader(..) => {
                String::from("the reply is not HTTP")
            }
            _ => String::from("the request cannot be sent"),
        };
        format!("{}: {what}", self.target)
    }
}

impl fmt::Debug for Egress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Egress({})", self.target)
    }
}

/// Answers with addresses that messages may go to, or not at all.
struct Checked {
    target: Target,
    lookup: Arc<dyn Lookup>,
    /// The system's resolver cannot be broken off, so at most one look-up is left behind.
    busy: Arc<AtomicBool>,
}

impl Checked {
    fn addresses(&self, host: &str, patience: Duration) -> Result<Vec<IpAddr>, ureq::Error> {
        if let Ok(literal) = host.parse() {
            return Ok(vec![literal]);
        }
        if self.busy.swap(true, Ordering::AcqRel) {
            return Err(io::Error::other("an earlier look-up of the host still hangs").into());
        }
        let (answer, answered) = mpsc::sync_channel(1);
        let (host, system, busy) = (String::from(host), self.lookup.clone(), self.busy.clone());
        let ask = move || {
            let found = system.addresses(&host);
            busy.store(false, Ordering::Release);
            // Nobody listens if it took too long.
            let _ = answer.send(found);
        };
        if let Err(error) = std::thread::Builder::new().name("alert-lookup".into()).spawn(ask) {
            self.busy.store(false, Ordering::Release);
            return Err(error.into());
        }
        match answered.recv_timeout(patience) {
            Ok(found) => Ok(found?),
            Err(_) => Err(ureq::Error::Timeout(ureq::Timeout::Resolve)),
        }
    }
}

impl Resolver for Checked {
    fn resolve(&self, uri: &Uri, _: &Config, limit: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("http") { 80 } else { 443 });
        let found = self.addresses(self.target.host(), *limit.after)?;
        // One bad address spoils the name: a public one beside it may be there to get it past a check.
        if !found.iter().all(|&address| self.target.admits(address)) {
            let refused = "the host has an address that messages must not go to";
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, refused).into());
        }
        let mut addresses = self.empty();
        for address in found.into_iter().take(ADDRESSES) {
            addresses.push(SocketAddr::new(address, port));
        }
        if addresses.is_empty() { Err(ureq::Error::HostNotFound) } else { Ok(addresses) }
    }
}

impl fmt::Debug for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Checked({})", self.target)
    }
}

#[cfg(test)]
mod tests;
