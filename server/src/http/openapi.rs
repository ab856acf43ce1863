//! `GET /openapi.json`: the interface, for programs; `GET /docs`: the same, for people.

use std::{borrow::Cow, sync::Arc};

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State, rejection::PathRejection},
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
};
use utoipa_swagger_ui::Config;

use super::{App, error::Refusal, events, prometheus, services, system, telemetry};

#[derive(OpenApi)]
#[openapi(
    info(title = "drift-sre", description = "Learns what is normal for your services and says what changed, by how much and since when."),
    paths(
        telemetry::take, telemetry::take_many, telemetry::take_readings,
        services::health, services::baseline, services::list, services::timeline, services::accept, services::reset,
        events::list, events::live,
        system::status, system::health, system::livez, system::readyz, prometheus::metrics,
    ),
    modifiers(&Keys),
)]
struct Interface;

struct Keys;

impl Modify for Keys {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let bearer = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
        openapi.components.get_or_insert_default().add_security_scheme("key", bearer);
        openapi.security = Some(vec![SecurityRequirement::new::<_, [&str; 0], &str>("key", [])]);
    }
}

/// The interface as `OpenAPI` 3.1.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    Interface::openapi()
}

/// The document of this server: one that has no keys asks for none.
pub(super) async fn json(State(app): State<Arc<App>>) -> Json<utoipa::openapi::OpenApi> {
    let mut document = document();
    if !app.config.access.wants_key() {
        document.security = None;
    }
    Json(document)
}

pub(super) async fn docs() -> Redirect {
    Redirect::permanent("/docs/")
}

pub(super) async fn docs_index() -> Response {
    page("index.html")
}

pub(super) async fn docs_file(path: Result<Path<String>, PathRejection>) -> Response {
    path.map_or_else(|_| page(""), |Path(path)| page(&path))
}

fn page(path: &str) -> Response {
    let config = Arc::new(Config::from("/openapi.json"));
    match utoipa_swagger_ui::serve(path, config) {
        Ok(Some(file)) => {
            // The large ones are in the program: copies would add up while slow readers read them.
            let bytes = match file.bytes {
                Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                Cow::Owned(bytes) => bytes.into(),
            };
            ([(header::CONTENT_TYPE, file.content_type)], bytes).into_response()
        }
        _ => Refusal::new("not_found", "there is no such page of the documentation").into_response(),
    }
}
