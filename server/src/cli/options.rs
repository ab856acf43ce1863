//! Options that several commands have, and how they are read.

use std::path::PathBuf;

use anyhow::{Context, anyhow, bail};
use clap::Args;
use jiff::SignedDuration;

use crate::client::{Client, parse_url};

const KEY: &str = "DRIFT_SRE_API_KEY";

/// Where the server is.
#[derive(Args)]
#[expect(clippy::doc_markdown, reason = "it is shown as help, where backticks would be noise")]
pub(crate) struct ServerOptions {
    /// The server's address
    #[arg(long, alias = "api-url", env = "DRIFT_SRE_SERVER_URL", default_value = "http://127.0.0.1:8000")]
    url: String,
    /// A file that holds the server's key; else DRIFT_SRE_API_KEY may hold it
    #[arg(long, value_name = "FILE")]
    api_key_file: Option<PathBuf>,
}

impl ServerOptions {
    pub(crate) fn client(&self) -> anyhow::Result<Client> {
        let url = parse_url(&self.url).map_err(|why| anyhow!(why))?;
        Ok(Client::new(&url, self.key()?.as_deref()))
    }

    fn key(&self) -> anyhow::Result<Option<String>> {
        let (origin, text) = if let Some(path) = &self.api_key_file {
            let shown = path.display();
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("api-key-file {shown} could not be read"))?;
            (format!("api-key-file {shown}"), text)
        } else {
            match std::env::var(KEY) {
                Ok(text) if !text.is_empty() => (KEY.to_owned(), text),
                Err(std::env::VarError::NotUnicode(_)) => bail!("{KEY} must be visible ASCII"),
                _ => return Ok(None),
            }
        };
        let key = text.trim();
        // Its text is not told, as it may be a secret that was mistyped.
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            bail!("{origin} must hold one key of visible ASCII, got {} characters", key.chars().count());
        }
        Ok(Some(key.to_owned()))
    }
}

/// Reads a time span: `90`, `1.5`, `90s`, `5m` or `1h 30m`, in seconds.
pub(crate) fn seconds(text: &str) -> Result<f64, String> {
    let plain = text.trim().parse().ok();
    let secs = plain.or_else(|| text.parse::<SignedDuration>().ok().map(|span| span.as_secs_f64()));
    // A year is further than anybody waits, and any clock reaches it.
    secs.filter(|secs| (0.0..=31_557_600.0).contains(secs))
        .ok_or_else(|| String::from("wanted seconds, or a time such as 90s, 5m or 1h, up to a year"))
}

/// As [`seconds`], but long enough to do something in.
pub(crate) fn some_seconds(text: &str) -> Result<f64, String> {
    match seconds(text)? {
        secs if secs >= 0.01 => Ok(secs),
        _ => Err(String::from("wanted at least 0.01 seconds")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_spans_are_read_with_and_without_units() {
        for (text, secs) in [("90", 90.0), ("1.5", 1.5), ("90s", 90.0), ("5m", 300.0), ("1h 30m", 5400.0)] {
            assert_eq!(seconds(text), Ok(secs), "{text}");
        }
        for text in ["", "-1", "-5m", "nan", "inf", "soon", "400d"] {
            assert!(seconds(text).is_err(), "{text}");
        }
        assert!(some_seconds("0.01").is_ok() && some_seconds("0.009").is_err());
    }
}
