//! What every request passes before anything of it is read: its host name, its key; and its line in the log.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Instant,
};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{App, error::Refusal};

tokio::task_local! {
    static REQUEST: RequestId;
}

/// A request's name in the log and in refusals.
#[derive(Clone, Copy, Debug)]
pub(super) struct RequestId(u32, u32);

static STARTED: std::sync::LazyLock<u32> = std::sync::LazyLock::new(|| getrandom::u32().unwrap_or_default());
static REQUESTS: AtomicU32 = AtomicU32::new(0);

impl RequestId {
    fn next() -> Self {
        Self(*STARTED, REQUESTS.fetch_add(1, Ordering::Relaxed))
    }

    /// Of the request that is being answered.
    pub(super) fn current() -> String {
        REQUEST.try_with(ToString::to_string).unwrap_or_default()
    }
}

impl std::fmt::Display for RequestId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:08x}{:08x}", self.0, self.1)
    }
}

/// Ways that tell nothing of anybody's services, and need no key: a load balancer has none.
const OPEN: [&str; 4] = ["/health", "/livez", "/readyz", "/favicon.svg"];

const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/// Lets a request in or not, and writes its line in the log.
pub(super) async fn guard(
    State(app): State<Arc<App>>,
    path: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let id = RequestId::next();
    let method = request.method().clone();
    REQUEST
        .scope(id, async move {
            let mut response = match admit(&app, &request) {
                Ok(()) => next.run(request).await,
                Err(refusal) => refusal.into_response(),
            };
            let headers = response.headers_mut();
            for (name, value) in [
                (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
                (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
                (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
            ] {
                headers.insert(name, value);
            }
            if let Ok(value) = HeaderValue::try_from(id.to_string()) {
                headers.insert(HeaderName::from_static("x-request-id"), value);
            }
            let route = path.as_ref().map_or("none", MatchedPath::as_str);
            let elapsed = started.elapsed();
            super::prometheus::observe(&method, route, response.status(), elapsed);
            let (status, micros) = (response.status().as_u16(), elapsed.as_secs_f64() * 1e6);
            tracing::info!(target: "access", %id, %method, route, status, micros);
            response
        })
        .await
}

fn admit(app: &App, request: &Request) -> Result<(), Refusal> {
    let mut encodings = request.headers().get_all(header::TRANSFER_ENCODING).iter();
    let chunked =
        encodings.next().is_none_or(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"chunked"));
    if !chunked || encodings.next().is_some() {
        // A proxy may take the end of such a body to be elsewhere.
        return Err(Refusal::new("bad_framing", "Transfer-Encoding must be chunked, once, or none"));
    }
    if request.headers().get_all(header::HOST).iter().nth(1).is_some() {
        return Err(Refusal::new("bad_framing", "Host must be told once"));
    }
    let host = request.headers().get(header::HOST).map(HeaderValue::as_bytes).unwrap_or_default();
    let host = std::str::from_utf8(host).unwrap_or_default();
    if !app.config.access.knows_host(host) && !app.config.access.wants_key() {
        let message = "the Host header must name this server: an address, localhost, or one of allowed_hosts";
        return Err(Refusal::new("unknown_host", message));
    }
    if !request.method().is_safe()
        && !app.config.access.wants_key()
        && is_foreign(app, request.headers(), host)
    {
        let message = "pages of other origins may not change anything here";
        return Err(Refusal::new("foreign_origin", message));
    }
    let path = request.uri().path();
    let open = matches!(*request.method(), Method::GET | Method::HEAD)
        && (OPEN.contains(&path) || super::dashboard::is_page(path));
    let authorization = request.headers().get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
    if !open && !app.config.access.admits(authorization) {
        return Err(Refusal::new("unauthorized", "Authorization must be Bearer and a key of this server"));
    }
    Ok(())
}

/// Whether a browser sends this for a page of another origin. It asks first for whatever is said to be JSON, but sends a
/// form, which may be empty, without asking.
fn is_foreign(app: &App, headers: &HeaderMap, host: &str) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    if text("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return true;
    }
    text("origin").is_some_and(|origin| {
        let authority = origin.split_once("://").map_or("", |(_, authority)| authority);
        !authority.eq_ignore_ascii_case(host) && !app.config.access.allows_host(authority)
    })
}
