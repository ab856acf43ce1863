//! What is known of services: health, baseline, timeline; and what can be declared of them.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    extract::{FromRequestParts, Path, Query, State},
    http::request::Parts,
};
use drift_sre::State as Stage;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    App,
    error::{ErrorBody, Refusal},
    read::Reader,
};
use crate::{
    engine::Outcome,
    event::Metadata,
    observation::{LATENCY, Observation, PAYLOAD, What},
    series::{Point, Series},
    service::{Health, Service, ServiceId},
    time::{Iso, now_ms},
};

/// Where a service stands, and why.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HealthReport {
    service_id: String,
    state: Health,
    /// Since when it stands there.
    #[schema(value_type = Option<String>, format = DateTime)]
    transition_timestamp: Option<Iso>,
    /// Observations since it was first told of, or since the last reset.
    sample_count: u64,
    baseline: Option<BaselineReport>,
    /// Reason and numbers of the last change.
    #[schema(value_type = Object)]
    metadata: Metadata,
    /// Each of its metrics by itself, by name.
    metrics: BTreeMap<String, MetricReport>,
}

/// What is normal for a service.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BaselineReport {
    service_id: String,
    /// Observations that it is made from.
    sample_count: u64,
    mean_latency: f64,
    stddev_latency: f64,
    mean_payload: f64,
    stddev_payload: f64,
    p50_latency: Option<f64>,
    p95_latency: Option<f64>,
    p99_latency: Option<f64>,
    #[schema(value_type = String, format = DateTime)]
    last_updated: Iso,
    #[schema(value_type = String, format = DateTime)]
    created_at: Iso,
}

/// One metric of a service.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MetricReport {
    pub(super) unit: String,
    /// `warming_up`, `in_control`, `warning`, `drifting` or `stale`.
    pub(super) state: &'static str,
    pub(super) sample_count: u64,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) last_seen: Option<Iso>,
    /// The newest measurement, and what was expected of it.
    pub(super) value: Option<f64>,
    pub(super) baseline: Option<f64>,
    pub(super) lower: Option<f64>,
    pub(super) upper: Option<f64>,
    /// How surprising it was; 1 is the alarm line.
    pub(super) score: Option<f64>,
}

/// Every service in memory.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ServiceList {
    services: Vec<ServiceReport>,
    count: usize,
}

/// One service.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ServiceReport {
    service_id: String,
    state: Health,
    #[schema(value_type = String, format = DateTime)]
    transition_timestamp: Iso,
    sample_count: u64,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_seen: Option<Iso>,
    metrics: BTreeMap<String, MetricReport>,
}

/// Newest measurements of a metric, with what was expected of each. Not yet known is null.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Timeline {
    service_id: String,
    metric: String,
    unit: String,
    /// Seconds since 1970.
    times: Vec<f64>,
    values: Vec<f64>,
    baseline: Vec<Option<f32>>,
    lower: Vec<Option<f32>>,
    upper: Vec<Option<f32>>,
    scores: Vec<Option<f32>>,
}

/// What is asked of a timeline.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct TimelineQuery {
    /// Which metric; `latency_ms` if not told.
    #[param(example = "latency_ms")]
    metric: Option<String>,
    /// The newest so many.
    #[param(minimum = 1, maximum = 20_000, example = 720)]
    points: Option<usize>,
}

/// The answer to a declaration.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Declared {
    /// `accepted` or `reset`.
    status: &'static str,
    service_id: String,
}

/// Where a service stands. One that nothing was told of has insufficient data.
#[utoipa::path(
    get, path = "/v1/health/{service_id}", tag = "services",
    params(("service_id" = String, Path, min_length = 1, max_length = 64,
        pattern = r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]+$")),
    responses((status = 200, body = HealthReport), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn health(
    State(app): State<Arc<App>>,
    ServiceName(name): ServiceName,
) -> Result<Json<HealthReport>, Refusal> {
    let report = ask(&app, &name, |service| HealthReport {
        service_id: name.clone(),
        state: service.health,
        transition_timestamp: Some(Iso(service.since_ms)),
        sample_count: samples(service),
        baseline: baseline_of(&name, service),
        metadata: service.metadata.clone(),
        metrics: metrics(service),
    });
    Ok(Json(report.await.unwrap_or_else(|| HealthReport {
        service_id: name.clone(),
        state: Health::InsufficientData,
        transition_timestamp: None,
        sample_count: 0,
        baseline: None,
        metadata: Metadata::not_tracked(),
        metrics: BTreeMap::new(),
    })))
}

/// What is normal for a service.
#[utoipa::path(
    get, path = "/v1/baseline/{service_id}", tag = "services",
    params(("service_id" = String, Path, min_length = 1, max_length = 64,
        pattern = r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]+$")),
    responses((status = 200, body = BaselineReport), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn baseline(
    State(app): State<Arc<App>>,
    ServiceName(name): ServiceName,
) -> Result<Json<BaselineReport>, Refusal> {
    let report = ask(&app, &name, |service| baseline_of(&name, service)).await.flatten();
    report
        .map(Json)
        .ok_or_else(|| Refusal::new("no_baseline", format!("No baseline found for service: {name}")))
}

/// Every service that was told of lately.
#[utoipa::path(get, path = "/v1/services", tag = "services", responses(
    (status = 200, body = ServiceList), (status = "4XX", body = ErrorBody)
))]
pub(super) async fn list(State(app): State<Arc<App>>) -> Json<ServiceList> {
    const MOST: usize = 1000;
    let mut services = vec![];
    app.registry.each(|name, service| services.push(report(name, service)));
    // What drifts comes first, then what was told of last.
    services.sort_by_key(|service| {
        (service.state != Health::DriftDetected, std::cmp::Reverse(service.last_seen))
    });
    services.truncate(MOST);
    Json(ServiceList { count: services.len(), services })
}

/// Newest measurements of a metric, oldest first.
#[utoipa::path(
    get, path = "/v1/timeline/{service_id}", tag = "services",
    params(("service_id" = String, Path, min_length = 1, max_length = 64,
        pattern = r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]+$"), TimelineQuery),
    responses((status = 200, body = Timeline), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn timeline(
    State(app): State<Arc<App>>,
    ServiceName(name): ServiceName,
    query: Result<Query<TimelineQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<Timeline>, Refusal> {
    let Query(query) = query.map_err(|error| super::bad_query(&error))?;
    let most = query.points.unwrap_or(720);
    if !(1..=20_000).contains(&most) {
        return Err(super::read::invalid(format!("points must be 1 to 20,000, got {most}")));
    }
    let wanted = query.metric.unwrap_or_else(|| LATENCY.to_owned());
    let found = ask(&app, &name, |service| {
        let position = service.series.iter().position(|series| *series.definition.metric == *wanted)?;
        Some((service.id, position, Recent::of(&service.series[position], most)))
    });
    let not_found = || Refusal::new("not_tracked", "nothing was ever told of this metric of this service");
    let (id, position, recent) = found.await.flatten().ok_or_else(not_found)?;
    let points = history(&app, id, position, &recent, most).await?;
    Ok(Json(timeline_of(name, wanted, recent.unit, &points)))
}

/// Declares the present level of a service normal, which closes its open drifts.
#[utoipa::path(
    post, path = "/v1/services/{service_id}/accept", tag = "services",
    params(("service_id" = String, Path, min_length = 1, max_length = 64,
        pattern = r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]+$")),
    responses((status = 200, body = Declared), (status = "4XX", body = ErrorBody), (status = "5XX", body = ErrorBody))
)]
pub(super) async fn accept(
    State(app): State<Arc<App>>,
    ServiceName(name): ServiceName,
) -> Result<Json<Declared>, Refusal> {
    declare(&app, name, What::Accept, "accepted").await
}

/// Forgets what was learned of a service, which closes its open drifts.
#[utoipa::path(
    post, path = "/v1/services/{service_id}/reset", tag = "services",
    params(("service_id" = String, Path, min_length = 1, max_length = 64,
        pattern = r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]+$")),
    responses((status = 200, body = Declared), (status = "4XX", body = ErrorBody), (status = "5XX", body = ErrorBody))
)]
pub(super) async fn reset(
    State(app): State<Arc<App>>,
    ServiceName(name): ServiceName,
) -> Result<Json<Declared>, Refusal> {
    declare(&app, name, What::Reset, "reset").await
}

async fn declare(
    app: &App,
    name: String,
    what: What,
    status: &'static str,
) -> Result<Json<Declared>, Refusal> {
    let observation = Observation { service: name.as_str().into(), at_ms: now_ms(), what, once: None };
    let answer = app.intake.submit(vec![observation])?.await;
    let outcome = answer.ok().and_then(|outcomes| outcomes.first().copied()).unwrap_or(Outcome::StoreFailed);
    match Refusal::of(outcome) {
        None => Ok(Json(Declared { status, service_id: name })),
        Some(refusal) => Err(refusal),
    }
}

/// The name of a service in a path, which is one that can be.
pub(super) struct ServiceName(String);

impl FromRequestParts<Arc<App>> for ServiceName {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refusal> {
        let path = Path::from_request_parts(parts, app).await;
        let Path(name): Path<String> =
            path.map_err(|_| Refusal::new("invalid_request", "the path must be UTF-8, percent-encoded"))?;
        Reader { limits: &app.config.limits, now_ms: 0 }.check_name("service_id", &name)?;
        Ok(Self(name))
    }
}

/// Asks a service, which is brought into memory first if it has to be.
async fn ask<T>(app: &App, name: &str, question: impl Fn(&Service) -> T) -> Option<T> {
    if let Some(answer) = app.registry.ask(name, &question) {
        return Some(answer);
    }
    // Between the two it may be put away again, but hardly twice.
    for _ in 0..2 {
        if !app.intake.revive(name).await {
            return None;
        }
        if let Some(answer) = app.registry.ask(name, &question) {
            return Some(answer);
        }
    }
    None
}

/// What is not folded yet of a series.
struct Recent {
    unit: String,
    first: u64,
    points: Vec<Point>,
}

impl Recent {
    fn of(series: &Series, most: usize) -> Self {
        let surplus = series.pending.len().saturating_sub(most);
        let points = series.pending[surplus..].to_vec();
        Self { unit: series.definition.unit.to_string(), first: series.taken - points.len() as u64, points }
    }
}

async fn history(
    app: &App,
    id: ServiceId,
    position: usize,
    recent: &Recent,
    most: usize,
) -> Result<Vec<Point>, Refusal> {
    let (reader, position) = (Arc::clone(&app.reader), u32::try_from(position).unwrap_or(u32::MAX));
    let read = tokio::task::spawn_blocking(move || reader.points(id, position, most)).await;
    let (first, mut points) = read
        .map_err(anyhow::Error::from)
        .and_then(|points| points)
        .map_err(|error| Refusal::internal(&error))?;
    // What was folded in between is in both.
    points.truncate(usize::try_from(recent.first.saturating_sub(first)).unwrap_or(usize::MAX));
    points.extend(&recent.points);
    Ok(points.split_off(points.len().saturating_sub(most)))
}

fn timeline_of(service_id: String, metric: String, unit: String, points: &[Point]) -> Timeline {
    let column = |value: fn(&Point) -> f32| points.iter().map(|point| some(value(point))).collect();
    Timeline {
        service_id,
        metric,
        unit,
        times: points.iter().map(|point| crate::series::seconds(point.at_ms)).collect(),
        values: points.iter().map(|point| point.value).collect(),
        baseline: column(|point| point.baseline),
        lower: column(|point| point.lower),
        upper: column(|point| point.upper),
        scores: column(|point| point.score),
    }
}

pub(super) fn some(number: f32) -> Option<f32> {
    number.is_finite().then_some(number)
}

fn samples(service: &Service) -> u64 {
    service.series.first().map_or(0, |series| series.monitor.samples())
}

fn report(name: &str, service: &Service) -> ServiceReport {
    let metrics = metrics(service);
    ServiceReport {
        service_id: name.to_owned(),
        state: service.health,
        transition_timestamp: Iso(service.since_ms),
        sample_count: samples(service),
        last_seen: metrics.values().filter_map(|metric| metric.last_seen).max(),
        metrics,
    }
}

fn metrics(service: &Service) -> BTreeMap<String, MetricReport> {
    service.series.iter().map(|series| (series.definition.metric.to_string(), metric(series))).collect()
}

fn metric(series: &Series) -> MetricReport {
    let newest = series.newest;
    let single =
        |number: fn(&Point) -> f32| newest.as_ref().and_then(|point| some(number(point))).map(f64::from);
    let band = series.monitor.band();
    MetricReport {
        unit: series.definition.unit.to_string(),
        state: match series.state() {
            Stage::InControl if series.monitor.samples() == 0 => Stage::WarmingUp.name(),
            state => state.name(),
        },
        sample_count: series.monitor.samples(),
        last_seen: (series.taken > 0).then_some(Iso(series.newest_ms)),
        value: newest.map(|point| point.value),
        baseline: series.monitor.level(),
        lower: band.map(|(lower, _)| lower),
        upper: band.map(|(_, upper)| upper),
        score: single(|point| point.score),
    }
}

fn baseline_of(name: &str, service: &Service) -> Option<BaselineReport> {
    let find = |metric: &str| service.series.iter().find(|series| *series.definition.metric == *metric);
    let (latency, payload) = (find(LATENCY)?, find(PAYLOAD)?);
    let (of_latency, of_payload) = (latency.monitor.reference()?, payload.monitor.reference()?);
    let quantiles = of_latency.quantiles;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of samples")]
    let sample_count = of_latency.samples as u64;
    Some(BaselineReport {
        service_id: name.to_owned(),
        sample_count,
        mean_latency: of_latency.level,
        stddev_latency: of_latency.spread,
        mean_payload: of_payload.level,
        stddev_payload: of_payload.spread,
        p50_latency: quantiles.map(|quantiles| quantiles.p50),
        p95_latency: quantiles.map(|quantiles| quantiles.p95),
        p99_latency: quantiles.map(|quantiles| quantiles.p99),
        last_updated: Iso(latency.newest_ms),
        created_at: Iso(service.created_ms),
    })
}
