//! Who may call: keys, of which only digests are kept, and host names.

use std::{fmt, fs};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::settings::Settings;

/// Keys and host names that are let in.
#[derive(Clone, Default)]
pub struct Access {
    digests: Vec<[u8; 32]>,
    hosts: Vec<String>,
}

/// Shorter keys can be guessed.
const LEAST_KEY: usize = 16;

impl Access {
    pub(crate) fn new(settings: &Settings, api_key: Option<&str>) -> Result<Self> {
        let mut keys: Vec<String> = api_key.map(ToOwned::to_owned).into_iter().collect();
        if let Some(path) = &settings.api_key_file {
            let text = fs::read_to_string(path)
                .with_context(|| format!("could not read the API keys in {}", path.display()))?;
            keys.extend(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(ToOwned::to_owned));
            ensure!(!keys.is_empty(), "api_key_file must hold a key, got none in {}", path.display());
        }
        for key in &keys {
            let (count, plain) = (key.len(), key.bytes().all(|byte| byte.is_ascii_graphic()));
            ensure!(
                plain && count >= LEAST_KEY,
                "an API key must be {LEAST_KEY} or more printable ASCII characters without spaces, got {count} {}",
                if plain { "characters" } else { "bytes, some of them others" }
            );
        }
        let digests = keys.iter().map(|key| Sha256::digest(key).into()).collect();
        let hosts = settings.allowed_hosts.split(',').map(|host| host.trim().to_ascii_lowercase());
        Ok(Self { digests, hosts: hosts.filter(|host| !host.is_empty()).collect() })
    }

    /// Whether a key is asked for.
    #[must_use]
    pub fn wants_key(&self) -> bool {
        !self.digests.is_empty()
    }

    /// Whether an `Authorization` header lets its sender in. Takes the same time for every wrong key.
    #[must_use]
    pub fn admits(&self, authorization: Option<&[u8]>) -> bool {
        if !self.wants_key() {
            return true;
        }
        let (scheme, key) = authorization.unwrap_or_default().split_at_checked(7).unwrap_or_default();
        let digest: [u8; 32] = Sha256::digest(key).into();
        let known = self.digests.iter().fold(0, |known, one| known | one.ct_eq(&digest).unwrap_u8());
        scheme.eq_ignore_ascii_case(b"bearer ") && known == 1
    }

    /// Whether the server may be called by this `Host`: a page that lets its own name point to a loopback address may not
    /// read what is served there.
    #[must_use]
    pub fn knows_host(&self, host: &str) -> bool {
        let name = without_port(host).to_ascii_lowercase();
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        name == "localhost" || bare.parse::<std::net::IpAddr>().is_ok() || self.allows_host(host)
    }

    /// Whether this is one of the names that were allowed.
    #[must_use]
    pub fn allows_host(&self, host: &str) -> bool {
        let name = without_port(host);
        self.hosts.iter().any(|known| known.eq_ignore_ascii_case(name))
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access").field("keys", &self.digests.len()).field("hosts", &self.hosts).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Layer;

    fn access(key: Option<&str>, hosts: &str) -> Result<Access> {
        let layer = Layer { allowed_hosts: Some(hosts.into()), ..Layer::default() };
        Access::new(&layer.over(Layer::default()), key)
    }

    #[test]
    fn a_key_is_wanted_whole_and_only_where_there_is_one() {
        assert!(access(None, "").unwrap().admits(None));
        let access = access(Some("0123456789abcdef"), "").unwrap();
        assert!(access.admits(Some(b"Bearer 0123456789abcdef")));
        assert!(access.admits(Some(b"bearer 0123456789abcdef")));
        let wrong: [Option<&[u8]>; 6] = [
            None,
            Some(b""),
            Some(b"Bearer "),
            Some(b"Bearer 0123456789abcde"),
            Some(b"Bearer 0123456789abcdef0"),
            Some(b"Basic  0123456789abcdef"),
        ];
        for header in wrong {
            assert!(!access.admits(header), "{header:?}");
        }
        assert!(!format!("{access:?}").contains("0123"), "nothing of a key is shown");
    }

    #[test]
    fn a_key_that_can_be_guessed_is_refused_without_being_shown() {
        for key in ["", "short", "with a space in the middle", "sixteen-umlauts-ä"] {
            let message = access(Some(key), "").unwrap_err().to_string();
            assert!(message.starts_with("an API key must be 16 or more"), "{message}");
            assert!(key.is_empty() || !message.contains(key), "{message}");
        }
    }

    #[test]
    fn a_foreign_host_name_is_not_let_in() {
        let access = access(None, "drift.example.com, Other").unwrap();
        for host in
            ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000", "DRIFT.example.com", "other:1"]
        {
            assert!(access.knows_host(host), "{host}");
        }
        for host in ["", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example:8000", "a:b"] {
            assert!(!access.knows_host(host), "{host}");
        }
    }
}
