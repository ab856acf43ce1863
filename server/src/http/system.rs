//! What the server says of itself.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{
    App,
    error::{ErrorBody, Refusal},
};
use crate::time::{Iso, now_ms};

/// How the server is doing.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SystemStatus {
    /// `healthy`, or `degraded` while the store does not work.
    status: &'static str,
    /// What is wrong, if anything is: `disk_full` or `store_failed`.
    trouble: Option<&'static str>,
    uptime_seconds: u64,
    services_monitored: u64,
    series_monitored: u64,
    total_telemetry_records: u64,
    database_size_mb: f64,
    active_simulations: u64,
    /// Where alerts go, and how that goes.
    #[schema(value_type = Vec<Object>)]
    destinations: Value,
}

/// That the server answers.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Alive {
    /// `ok`.
    status: &'static str,
    #[schema(value_type = String, format = DateTime)]
    timestamp: Iso,
    service: &'static str,
}

/// Whether observations can be stored.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Ready {
    /// `ready` or `degraded`.
    status: &'static str,
    /// What is wrong, if anything is: `disk_full` or `store_failed`.
    trouble: Option<&'static str>,
}

/// How the server is doing.
#[utoipa::path(get, path = "/v1/system/status", tag = "system", responses(
    (status = 200, body = SystemStatus), (status = "4XX", body = ErrorBody)
))]
pub(super) async fn status(State(app): State<Arc<App>>) -> Result<Json<SystemStatus>, Refusal> {
    let reader = Arc::clone(&app.reader);
    let bytes = tokio::task::spawn_blocking(move || reader.bytes()).await;
    let bytes = bytes
        .map_err(anyhow::Error::from)
        .and_then(|bytes| bytes)
        .map_err(|error| Refusal::internal(&error))?;
    let counts = app.status.counts();
    let trouble = app.status.trouble();
    let destinations = serde_json::to_value(app.notifier.statuses()).unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "a size to two decimals")]
    let database_size_mb = (bytes as f64 / 10_485.76).round() / 100.0;
    Ok(Json(SystemStatus {
        status: if trouble.is_some() { "degraded" } else { "healthy" },
        trouble,
        uptime_seconds: app.status.uptime().as_secs(),
        services_monitored: counts.services,
        series_monitored: counts.series,
        total_telemetry_records: counts.total,
        database_size_mb,
        active_simulations: 0,
        destinations,
    }))
}

/// That the server answers.
#[utoipa::path(get, path = "/health", tag = "system", security(()), responses((status = 200, body = Alive)))]
pub(super) async fn health() -> Json<Alive> {
    Json(Alive { status: "ok", timestamp: Iso(now_ms()), service: "drift-sre" })
}

/// That the process lives.
#[utoipa::path(get, path = "/livez", tag = "system", security(()), responses((status = 200, body = Alive)))]
pub(super) async fn livez() -> Json<Alive> {
    health().await
}

/// Whether observations can be stored.
#[utoipa::path(
    get, path = "/readyz", tag = "system", security(()),
    responses((status = 200, body = Ready), (status = 503, body = Ready))
)]
pub(super) async fn readyz(State(app): State<Arc<App>>) -> (StatusCode, Json<Ready>) {
    match app.status.trouble() {
        None => (StatusCode::OK, Json(Ready { status: "ready", trouble: None })),
        trouble => (StatusCode::SERVICE_UNAVAILABLE, Json(Ready { status: "degraded", trouble })),
    }
}

/// What is where.
pub(super) fn contents() -> Value {
    json!({
        "service": "drift-sre",
        "version": env!("CARGO_PKG_VERSION"),
        "description": "Learns what is normal for your services and says what changed, by how much and since when.",
        "endpoints": super::router::routes(),
        "docs": "/docs",
        "openapi": "/openapi.json",
    })
}
