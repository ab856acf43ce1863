//! Every route.

use std::sync::Arc;

use axum::{
    Router, middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Map, Value};

use super::{
    App, dashboard, error::Refusal, events, guard, openapi, prometheus, services, system, telemetry,
};

/// The server's whole interface.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/", get(dashboard::index))
        .route("/v1/telemetry", post(telemetry::take))
        .route("/v1/telemetry/batch", post(telemetry::take_many))
        .route("/v1/metrics", post(telemetry::take_readings))
        .route("/v1/health/{service_id}", get(services::health))
        .route("/v1/baseline/{service_id}", get(services::baseline))
        .route("/v1/timeline/{service_id}", get(services::timeline))
        .route("/v1/services", get(services::list))
        .route("/v1/services/{service_id}/accept", post(services::accept))
        .route("/v1/services/{service_id}/reset", post(services::reset))
        .route("/v1/events", get(events::list))
        .route("/v1/live", get(events::live))
        .route("/v1/system/status", get(system::status))
        .route("/health", get(system::health))
        .route("/livez", get(system::livez))
        .route("/readyz", get(system::readyz))
        .route("/metrics", get(prometheus::metrics))
        .route("/openapi.json", get(openapi::json))
        .route("/docs", get(openapi::docs))
        .route("/docs/", get(openapi::docs_index))
        .route("/docs/{*path}", get(openapi::docs_file))
        .fallback(dashboard::other)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(Arc::clone(&app), guard::guard))
        .with_state(app)
}

async fn wrong_method() -> Response {
    Refusal::new("method_not_allowed", "this path is not called by this method; Allow says by which")
        .into_response()
}

/// What is where, in a line each.
pub(super) fn routes() -> Value {
    let document = openapi::document();
    let mut routes = Map::new();
    for (path, item) in &document.paths.paths {
        for (method, operation) in [("GET", &item.get), ("POST", &item.post)] {
            if let Some(operation) = operation {
                let summary =
                    operation.summary.clone().or_else(|| operation.description.clone()).unwrap_or_default();
                routes.insert(format!("{method} {path}"), summary.into());
            }
        }
    }
    routes.into()
}
