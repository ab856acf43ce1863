//! `POST /v1/telemetry`, one observation; `/batch`, many; `POST /v1/metrics`, readings of a host.

use std::sync::Arc;

use axum::{
    Json,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    App,
    body::{self, Pieces},
    error::{ErrorBody, Refusal},
    read::{Reader, Readings, Telemetry, parse, retry_key},
    split::{Format, Item, Splitter},
};
use crate::{
    engine::Outcome,
    observation::Observation,
    time::{Iso, now_ms},
};

/// The answer to an observation that is stored.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Accepted {
    /// `accepted`.
    status: &'static str,
    /// Of which service it is.
    service_id: String,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    timestamp: Iso,
    /// `stored`, or that it was stored before.
    message: &'static str,
}

/// The answer to many observations.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(super) struct Summary {
    /// How many are stored.
    accepted: usize,
    /// How many were not taken.
    rejected: usize,
    /// How many were stored before.
    duplicates: usize,
    /// Which were not taken, and why: the first thousand.
    errors: Vec<ItemError>,
}

/// Why one observation was not taken.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ItemError {
    /// Its position, from 0.
    index: usize,
    /// A stable name for programs.
    code: &'static str,
    /// What was wanted and what came.
    message: String,
}

const ERRORS: usize = 1000;
/// Observations that go to the store together, and how many such lots are on their way at a time.
const LOT: usize = 1024;
const LOTS: usize = 4;

/// Takes one observation. The answer comes when it is stored.
#[utoipa::path(
    post, path = "/v1/telemetry", tag = "telemetry", request_body = Telemetry<'static>,
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 128,
        pattern = r"^[!-~]([ -~]*[!-~])?$", description = "told again under the same key it counts once")),
    responses(
        (status = 202, description = "stored", body = Accepted),
        (status = "4XX", description = "not taken", body = ErrorBody),
        (status = 503, description = "the queue is full; Retry-After says when to try again", body = ErrorBody),
        (status = 507, description = "the disk is full", body = ErrorBody),
    )
)]
pub(super) async fn take(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<(StatusCode, Json<Accepted>), Refusal> {
    let (Parts { headers, .. }, body) = request.into_parts();
    body::expect_json(&headers)?;
    let retry = retry_key(&headers)?;
    let limits = &app.config.limits;
    let json = body::whole(&headers, body, body::SMALL, limits.body_timeout).await?;
    let reader = Reader { limits, now_ms: now_ms() };
    let observation = reader.telemetry(&json, retry.map(|key| (key, 0)))?;
    let (service_id, timestamp) = (observation.service.to_string(), Iso(observation.at_ms));
    let answer = app.intake.submit(vec![observation])?.await;
    let outcome = answer.ok().and_then(|outcomes| outcomes.first().copied()).unwrap_or(Outcome::StoreFailed);
    if let Some(refusal) = Refusal::of(outcome) {
        return Err(refusal);
    }
    let message = if outcome == Outcome::Duplicate { "stored before" } else { "stored" };
    Ok((StatusCode::ACCEPTED, Json(Accepted { status: "accepted", service_id, timestamp, message })))
}

/// Takes many observations, as a JSON array or one a line, and stores them as they come. What is wrong with one does not
/// keep the others out.
#[utoipa::path(
    post, path = "/v1/telemetry/batch", tag = "telemetry",
    request_body(content(
        (Vec<Telemetry<'static>> = "application/json"),
        (String = "application/x-ndjson"),
    )),
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 128,
        pattern = r"^[!-~]([ -~]*[!-~])?$", description = "sent again under the same key each item counts once")),
    responses(
        (status = 202, description = "all are stored", body = Summary),
        (status = 207, description = "some were not taken", body = Summary),
        (status = "4XX", description = "nothing was taken, or what details says", body = ErrorBody),
        (status = 503, description = "the store failed", body = ErrorBody),
        (status = 507, description = "the disk is full; details says what was taken before", body = ErrorBody),
    )
)]
pub(super) async fn take_many(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let format = match body::media_type(&headers) {
        Some("application/json") => Format::Array,
        Some("application/x-ndjson" | "application/ndjson" | "application/jsonl") => Format::Lines,
        other => return Err(body::media_refused("application/json or application/x-ndjson", other)),
    };
    let retry = retry_key(&headers)?;
    let limits = app.config.limits;
    let mut pieces = Pieces::new(&headers, body, limits.body_timeout)?;
    let mut splitter = Splitter::new(format);
    let mut lots = Lots::new(&app);
    let mut index = 0;
    let broken = loop {
        let piece = match pieces.next().await {
            Ok(piece) => piece,
            Err(refusal) => break Some(refusal),
        };
        let reader = Reader { limits: &limits, now_ms: now_ms() };
        let mut each = |item: Item<'_>| {
            let read = match item {
                Item::Whole(json) => reader.telemetry(json, retry.map(|key| (key, index))),
                Item::TooLarge => {
                    Err(Refusal::new("item_too_large", "an item must not be longer than 16 KiB"))
                }
            };
            lots.add(index, read);
            index += 1;
        };
        let ends = piece.is_none();
        let split = match piece {
            Some(bytes) => splitter.push(&bytes, &mut each),
            None => splitter.end(&mut each),
        };
        if split.is_err() {
            break Some(Refusal::new("invalid_json", "the body must be one JSON array of observations"));
        }
        if ends {
            break None;
        }
        if lots.send_full().await {
            pieces.forgive();
        }
    };
    lots.finish(broken).await
}

/// Takes readings of a host's metrics, each metric being a series.
#[utoipa::path(
    post, path = "/v1/metrics", tag = "telemetry", request_body = Readings<'static>,
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 128,
        pattern = r"^[!-~]([ -~]*[!-~])?$", description = "sent again under the same key each reading counts once")),
    responses(
        (status = 202, description = "all are stored", body = Summary),
        (status = 207, description = "some were not taken", body = Summary),
        (status = "4XX", description = "nothing was taken", body = ErrorBody),
        (status = 503, description = "the store failed", body = ErrorBody),
        (status = 507, description = "the disk is full", body = ErrorBody),
    )
)]
pub(super) async fn take_readings(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    body::expect_json(&headers)?;
    let retry = retry_key(&headers)?;
    let limits = app.config.limits;
    let json = body::whole(&headers, body, body::LIST, limits.body_timeout).await?;
    let reader = Reader { limits: &limits, now_ms: now_ms() };
    let Readings { source, samples } = parse(&json)?;
    reader.check_name("source", &source)?;
    let mut lots = Lots::new(&app);
    for (index, reading) in samples.into_iter().enumerate() {
        lots.add(index, reader.reading(&source, reading, retry.map(|key| (key, index))));
        lots.send_full().await;
    }
    lots.finish(None).await
}

/// Observations on their way to the store, and what became of them.
struct Lots<'a> {
    app: &'a App,
    filling: Vec<(usize, Observation)>,
    under_way: std::collections::VecDeque<(Vec<usize>, tokio::sync::oneshot::Receiver<Vec<Outcome>>)>,
    summary: Summary,
    /// The store's own trouble, which is everybody's.
    trouble: Option<Outcome>,
}

impl<'a> Lots<'a> {
    fn new(app: &'a App) -> Self {
        let (filling, under_way) = (vec![], std::collections::VecDeque::new());
        Self { app, filling, under_way, summary: Summary::default(), trouble: None }
    }

    fn add(&mut self, index: usize, read: Result<Observation, Refusal>) {
        match read {
            Ok(observation) => self.filling.push((index, observation)),
            Err(refusal) => self.reject(index, refusal),
        }
    }

    fn reject(&mut self, index: usize, refusal: Refusal) {
        self.summary.rejected += 1;
        if self.summary.errors.len() < ERRORS {
            let message = refusal.message.into_owned();
            self.summary.errors.push(ItemError { index, code: refusal.code, message });
        }
    }

    /// Sends what has gathered, if it is enough; whether that took waiting.
    async fn send_full(&mut self) -> bool {
        if self.filling.len() < LOT {
            return false;
        }
        self.send().await;
        while self.under_way.len() >= LOTS {
            self.receive().await;
        }
        true
    }

    async fn send(&mut self) {
        let (indexes, observations): (Vec<_>, Vec<_>) = self.filling.drain(..).unzip();
        match self.app.intake.submit_when_free(observations).await {
            Ok(answer) => self.under_way.push_back((indexes, answer)),
            Err(_) => self.settle(&indexes, &[]),
        }
    }

    async fn receive(&mut self) {
        if let Some((indexes, answer)) = self.under_way.pop_front() {
            let outcomes = answer.await.unwrap_or_default();
            self.settle(&indexes, &outcomes);
        }
    }

    fn settle(&mut self, indexes: &[usize], outcomes: &[Outcome]) {
        for (place, index) in indexes.iter().enumerate() {
            let outcome = outcomes.get(place).copied().unwrap_or(Outcome::StoreFailed);
            match outcome {
                Outcome::Accepted => self.summary.accepted += 1,
                Outcome::Duplicate => self.summary.duplicates += 1,
                Outcome::DiskFull | Outcome::StoreFailed => self.trouble = Some(outcome),
                Outcome::KeyReused | Outcome::StreamLimit | Outcome::NotTracked => {}
            }
            if let Some(refusal) = Refusal::of(outcome) {
                self.reject(*index, refusal);
            }
        }
    }

    /// Waits for all, and answers.
    async fn finish(mut self, broken: Option<Refusal>) -> Result<Response, Refusal> {
        if !self.filling.is_empty() {
            self.send().await;
        }
        while !self.under_way.is_empty() {
            self.receive().await;
        }
        let Self { mut summary, trouble, .. } = self;
        summary.errors.sort_by_key(|error| error.index);
        let trouble = broken.or_else(|| trouble.and_then(Refusal::of));
        if let Some(refusal) = trouble {
            let Summary { accepted, rejected, duplicates, .. } = summary;
            let counts = json!({ "accepted": accepted, "rejected": rejected, "duplicates": duplicates });
            return Err(refusal.with_details(counts));
        }
        let status = if summary.rejected == 0 { StatusCode::ACCEPTED } else { StatusCode::MULTI_STATUS };
        Ok((status, Json(summary)).into_response())
    }
}
