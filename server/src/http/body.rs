//! Bodies of requests: never longer, slower or more inflated than agreed.

use std::{io::Write, time::Duration};

use axum::{
    body::{Body, BodyDataStream, Bytes},
    http::{HeaderMap, HeaderValue, header},
};
use flate2::write::GzDecoder;
use futures_util::StreamExt;
use tokio::time::{Instant, timeout_at};

use super::error::Refusal;

/// The largest body that is taken as a whole.
pub(super) const SMALL: usize = 64 << 10;
/// The same for a list of readings.
pub(super) const LIST: usize = 1 << 20;
/// What a compressed stream may become. One that is not compressed has no limit: it is not kept.
const INFLATED: usize = 64 << 20;
/// A stream that is slower than this, on the whole, is given up.
const LEAST_BYTES_A_SECOND: u32 = 8 << 10;
/// Compressed bytes are taken in small pieces: one of these can become a thousand times as much.
const PIECE: usize = 1 << 10;

/// A body, piece by piece.
pub(super) struct Pieces {
    stream: BodyDataStream,
    decoder: Option<GzDecoder<Vec<u8>>>,
    waiting: Bytes,
    inflated: usize,
    deadline: Instant,
    patience: Duration,
}

impl Pieces {
    /// The pieces of a body of JSON.
    pub(super) fn new(headers: &HeaderMap, body: Body, patience: Duration) -> Result<Self, Refusal> {
        let encodings: Vec<_> = headers.get_all(header::CONTENT_ENCODING).iter().collect();
        let decoder = match encodings[..] {
            [] => None,
            [one] if one == "identity" => None,
            [one] if one == "gzip" => Some(GzDecoder::new(Vec::new())),
            _ => return Err(Refusal::new("unsupported_encoding", "Content-Encoding must be gzip or none")),
        };
        Ok(Self {
            stream: body.into_data_stream(),
            decoder,
            waiting: Bytes::new(),
            inflated: 0,
            deadline: Instant::now() + patience,
            patience,
        })
    }

    /// The next piece; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Refusal> {
        loop {
            if self.waiting.is_empty() {
                let next = timeout_at(self.deadline, self.stream.next()).await;
                let next = next.map_err(|_| Refusal::new("body_timeout", "the body came too slowly"))?;
                match next {
                    None => return self.finish(),
                    Some(Ok(bytes)) => self.waiting = bytes,
                    Some(Err(_)) => return Err(Refusal::new("invalid_request", "the body broke off")),
                }
                // What arrives earns time, but never more than there was at first.
                let earned = Duration::from_secs(self.waiting.len() as u64) / LEAST_BYTES_A_SECOND;
                self.deadline = (self.deadline + earned).min(Instant::now() + self.patience);
            }
            let Some(decoder) = &mut self.decoder else { return Ok(Some(std::mem::take(&mut self.waiting))) };
            let piece = self.waiting.split_to(self.waiting.len().min(PIECE));
            let bad =
                |_| Refusal::new("invalid_request", "the body must be gzip, as its Content-Encoding says");
            decoder.write_all(&piece).map_err(bad)?;
            let inflated = std::mem::take(decoder.get_mut());
            if let Some(bytes) = self.count(inflated)? {
                return Ok(Some(bytes));
            }
        }
    }

    /// The time that passed while nothing was asked for is not the sender's fault.
    pub(super) fn forgive(&mut self) {
        self.deadline = Instant::now() + self.patience;
    }

    fn finish(&mut self) -> Result<Option<Bytes>, Refusal> {
        let Some(decoder) = self.decoder.take() else { return Ok(None) };
        let rest =
            decoder.finish().map_err(|_| Refusal::new("invalid_request", "the body's gzip broke off"))?;
        self.count(rest)
    }

    fn count(&mut self, inflated: Vec<u8>) -> Result<Option<Bytes>, Refusal> {
        self.inflated += inflated.len();
        if self.inflated > INFLATED {
            let message = format!("a compressed body must not become more than {INFLATED} bytes");
            return Err(Refusal::new("body_too_large", message));
        }
        Ok((!inflated.is_empty()).then(|| inflated.into()))
    }
}

/// A body as a whole, at most `most` bytes of it.
pub(super) async fn whole(
    headers: &HeaderMap,
    body: Body,
    most: usize,
    patience: Duration,
) -> Result<Vec<u8>, Refusal> {
    let too_large =
        || Refusal::new("body_too_large", format!("the body must not be longer than {most} bytes"));
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: usize| length > most) {
        return Err(too_large());
    }
    let mut pieces = Pieces::new(headers, body, patience)?;
    let mut all = Vec::with_capacity(length.unwrap_or(512));
    while let Some(piece) = pieces.next().await? {
        if all.len() + piece.len() > most {
            return Err(too_large());
        }
        all.extend_from_slice(&piece);
    }
    Ok(all)
}

/// Refuses what does not say that it is JSON: pages of other origins can send anything else without asking.
pub(super) fn expect_json(headers: &HeaderMap) -> Result<(), Refusal> {
    match media_type(headers) {
        Some("application/json") => Ok(()),
        other => Err(media_refused("application/json", other)),
    }
}

/// The media type without its parameters.
pub(super) fn media_type(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::CONTENT_TYPE).map(HeaderValue::to_str)?.ok()?;
    Some(value.split(';').next().unwrap_or(value).trim())
}

pub(super) fn media_refused(wanted: &str, got: Option<&str>) -> Refusal {
    let got = got.map_or_else(|| "none".to_owned(), |got| format!("'{}'", got.escape_debug()));
    Refusal::new("unsupported_media_type", format!("Content-Type must be {wanted}, got {got}"))
}
