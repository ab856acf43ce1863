//! `GET /metrics`: the server's own numbers, for Prometheus.

use std::{
    cell::RefCell,
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::{
    extract::State,
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use metrics::{Counter, Histogram, counter, gauge, histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_appender::non_blocking::ErrorCounter;

use super::{App, error::ErrorBody};

static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
static LOST_LINES: OnceLock<ErrorCounter> = OnceLock::new();

/// Says where lines of the log are counted that nobody read in time.
pub(crate) fn count_lost_lines(lost: ErrorCounter) {
    // There is one log for a process.
    let _ = LOST_LINES.set(lost);
}

const BUCKETS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// Makes the place where numbers gather; once for a process.
fn handle() -> Option<&'static PrometheusHandle> {
    let make = || PrometheusBuilder::new().set_buckets(&BUCKETS).ok()?.install_recorder().ok();
    HANDLE.get_or_init(make).as_ref()
}

/// How often durations are counted into their buckets. Until then each is kept by itself, and most servers are asked for
/// their numbers seldom or never.
const UPKEEP: Duration = Duration::from_secs(1);

/// Keeps the numbers small, for as long as it is let.
pub(crate) async fn upkeep() {
    let mut ticks = tokio::time::interval(UPKEEP);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Some(handle) = handle() {
            handle.run_upkeep();
        }
    }
}

type Answers = (&'static str, StatusCode, String);

thread_local! {
    /// The numbers that this thread has counted into: finding them by their labels takes longer than counting.
    static FOUND: RefCell<Vec<(Answers, Histogram, Counter)>> = const { RefCell::new(Vec::new()) };
}

/// Counts an answer. Routes are few; what a client makes up is not among them.
pub(super) fn observe(method: &Method, route: &str, status: StatusCode, elapsed: Duration) {
    handle();
    let method = match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        _ => "other",
    };
    FOUND.with_borrow_mut(|found| {
        let is = |(known, _, _): &(Answers, _, _)| known.0 == method && known.1 == status && known.2 == route;
        let place = found.iter().position(is).unwrap_or_else(|| {
            found.push(find(method, route, status));
            found.len() - 1
        });
        let (_, histogram, counter) = &found[place];
        histogram.record(elapsed.as_secs_f64());
        counter.increment(1);
    });
}

fn find(method: &'static str, route: &str, status: StatusCode) -> (Answers, Histogram, Counter) {
    let labels = [("method", method.to_owned()), ("route", route.to_owned())];
    let histogram = histogram!("drift_sre_http_request_seconds", &labels);
    let code = status.as_str().to_owned();
    let route = route.to_owned();
    let counter = counter!("drift_sre_http_requests_total", "method" => method, "route" => route.clone(), "status" => code);
    ((method, status, route), histogram, counter)
}

/// The server's own numbers.
#[utoipa::path(
    get, path = "/metrics", tag = "system", responses(
        (status = 200, content_type = "text/plain", body = String), (status = "4XX", body = ErrorBody)
    )
)]
pub(super) async fn metrics(State(app): State<Arc<App>>) -> Response {
    let Some(handle) = handle() else { return StatusCode::NOT_FOUND.into_response() };
    let counts = app.status.counts();
    counter!("drift_sre_observations_total", "outcome" => "accepted").absolute(counts.accepted);
    counter!("drift_sre_observations_total", "outcome" => "duplicate").absolute(counts.duplicates);
    counter!("drift_sre_observations_total", "outcome" => "refused").absolute(counts.refused);
    counter!("drift_sre_drifts_total").absolute(counts.opened);
    let lost = LOST_LINES.get().map_or(0, ErrorCounter::dropped_lines);
    counter!("drift_sre_log_lines_lost_total").absolute(lost as u64);
    #[expect(clippy::cast_precision_loss, reason = "gauges are floats")]
    let set = |name: &'static str, value: u64| gauge!(name).set(value as f64);
    set("drift_sre_services", counts.services);
    set("drift_sre_series", counts.series);
    set("drift_sre_resident_bytes", counts.resident);
    set("drift_sre_queue_bytes", app.intake.waiting() as u64);
    set("drift_sre_store_degraded", u64::from(app.status.trouble().is_some()));
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], handle.render()).into_response()
}
