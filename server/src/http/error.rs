//! The one shape in which a request is refused.

use std::borrow::Cow;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::guard::RequestId;
use crate::engine::{Outcome, Refused};

/// A refusal: status, stable code, and words.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) message: Cow<'static, str>,
    retry_after: Option<u32>,
    details: Option<serde_json::Value>,
}

/// The body of a refusal.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ErrorBody {
    /// What went wrong.
    error: ErrorDetail,
    /// The message once more, where other systems put it.
    detail: String,
}

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ErrorDetail {
    /// A stable name for programs.
    #[schema(example = "invalid_observation")]
    code: String,
    /// What was wanted and what came.
    message: String,
    /// The request's name in the server's log.
    request_id: String,
    /// More, where there is more.
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<serde_json::Value>,
}

/// Every code there is, with its status.
pub const CODES: [(&str, u16); 23] = [
    ("invalid_json", 400),
    ("invalid_request", 400),
    ("bad_framing", 400),
    ("unauthorized", 401),
    ("unknown_host", 403),
    ("foreign_origin", 403),
    ("not_found", 404),
    ("not_tracked", 404),
    ("no_baseline", 404),
    ("method_not_allowed", 405),
    ("body_timeout", 408),
    ("idempotency_key_reused", 409),
    ("body_too_large", 413),
    ("item_too_large", 413),
    ("unsupported_media_type", 415),
    ("unsupported_encoding", 415),
    ("invalid_observation", 422),
    ("timestamp_out_of_range", 422),
    ("stream_limit", 429),
    ("internal", 500),
    ("queue_full", 503),
    ("store_failed", 503),
    ("disk_full", 507),
];

/// Codes of refusals that may come before the end of the body.
const UNREAD: [&str; 11] = [
    "invalid_json",
    "invalid_request",
    "unauthorized",
    "unknown_host",
    "foreign_origin",
    "bad_framing",
    "method_not_allowed",
    "body_timeout",
    "body_too_large",
    "unsupported_media_type",
    "unsupported_encoding",
];

impl Refusal {
    pub(super) fn new(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        let status = CODES.iter().find(|(known, _)| *known == code).map_or(500, |(_, status)| *status);
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = matches!(code, "queue_full" | "store_failed" | "disk_full").then_some(1);
        Self { status, code, message: message.into(), retry_after, details: None }
    }

    pub(super) fn with_details(self, details: serde_json::Value) -> Self {
        Self { details: Some(details), ..self }
    }

    pub(super) fn internal(error: &anyhow::Error) -> Self {
        tracing::error!(error = format!("{error:#}"), "a request could not be answered");
        Self::new("internal", "the server could not answer; its log says why")
    }

    /// What an observation that was not taken is told; `None` for one that was.
    pub(super) fn of(outcome: Outcome) -> Option<Self> {
        Some(match outcome {
            Outcome::Accepted | Outcome::Duplicate => return None,
            Outcome::KeyReused => Self::new(
                "idempotency_key_reused",
                "something else was accepted under this key or event_id before",
            ),
            Outcome::StreamLimit => {
                Self::new("stream_limit", "there are as many series as there may be; this would be one more")
            }
            Outcome::NotTracked => Self::new("not_tracked", "nothing was ever told of this service"),
            Outcome::DiskFull => Self::new("disk_full", "the disk is full; nothing was stored"),
            Outcome::StoreFailed => Self::new("store_failed", "the store failed; it is being opened again"),
        })
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Full => Self::new("queue_full", "Ingestion queue full - backpressure applied"),
            Refused::Stopping => Self::new("queue_full", "the server is stopping"),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let message = self.message.into_owned();
        let error = ErrorDetail {
            code: self.code.to_owned(),
            message: message.clone(),
            request_id: RequestId::current(),
            details: self.details,
        };
        let mut response = (self.status, Json(ErrorBody { error, detail: message })).into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        // What was not read of the body may be anything, and who is not told would send the next request after it.
        if UNREAD.contains(&self.code) {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}
