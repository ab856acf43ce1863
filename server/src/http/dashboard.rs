//! The pages: the dashboard at `/`, built from `web-demo/` and put into the program.

use axum::{
    Json,
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, header},
    response::{IntoResponse, Response},
};
use include_dir::{Dir, include_dir};

use super::{error::Refusal, system};

static PAGES: Dir<'_> = include_dir!("$DRIFT_SRE_DASHBOARD");

/// Whether this is a part of the dashboard: the same for everybody, and nothing of anybody's services.
pub(super) fn is_page(path: &str) -> bool {
    path == "/" || PAGES.contains(path.trim_start_matches('/'))
}

/// The dashboard; for programs, what is where.
pub(super) async fn index(headers: HeaderMap) -> Response {
    let accepts =
        headers.get(header::ACCEPT).map(HeaderValue::to_str).and_then(Result::ok).unwrap_or_default();
    if accepts.contains("text/html") {
        return page("server.html").unwrap_or_else(|| Json(system::contents()).into_response());
    }
    Json(system::contents()).into_response()
}

/// Whatever else is asked for.
pub(super) async fn other(request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    match page(path).filter(|_| request.method() == Method::GET) {
        Some(page) => page,
        None => {
            Refusal::new("not_found", "there is nothing at this path; / says what is where").into_response()
        }
    }
}

fn page(path: &str) -> Option<Response> {
    let file = PAGES.get_file(path)?;
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    // A name with a digest of its content in it never changes.
    let caching =
        if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers =
        [(header::CONTENT_TYPE, kind.as_ref().to_owned()), (header::CACHE_CONTROL, caching.to_owned())];
    Some((headers, file.contents()).into_response())
}
