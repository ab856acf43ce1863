//! `GET /v1/events`: what was announced; `GET /v1/live`: what is, as it is.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    response::sse::{self, KeepAlive, Sse},
};
use futures_util::{Stream, stream};
use serde::{Deserialize, Serialize};
use tokio::{sync::broadcast::error::TryRecvError, time};
use utoipa::{IntoParams, ToSchema};

use super::{
    App,
    error::{ErrorBody, Refusal},
    services::some,
};
use crate::{event::Change, series::seconds, store::EventQuery, time::Iso};

/// What is asked of the events.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct EventsQuery {
    /// Of one service.
    service_id: Option<String>,
    /// At most so many, the newest first.
    #[param(minimum = 1, maximum = 1000, example = 100)]
    limit: Option<usize>,
    /// Decided at or after this time, in ISO 8601.
    #[param(format = DateTime)]
    since: Option<String>,
}

/// Events, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EventList {
    #[schema(value_type = Vec<Object>)]
    events: Vec<Change>,
    count: usize,
}

/// What was announced.
#[utoipa::path(
    get, path = "/v1/events", tag = "events", params(EventsQuery),
    responses((status = 200, body = EventList), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    query: Result<Query<EventsQuery>, QueryRejection>,
) -> Result<Json<EventList>, Refusal> {
    let Query(query) = query.map_err(|error| super::bad_query(&error))?;
    let limit = query.limit.unwrap_or(100);
    if !(1..=1000).contains(&limit) {
        return Err(super::read::invalid(format!("limit must be 1 to 1000, got {limit}")));
    }
    let since = query.since.as_deref().map(Iso::parse).transpose();
    let since = since.map_err(|wanted| super::read::invalid(format!("since {}", wanted.escape_debug())))?;
    let wanted = EventQuery { service: query.service_id, since_ms: since.map(|since| since.0), limit };
    let reader = Arc::clone(&app.reader);
    let read = tokio::task::spawn_blocking(move || reader.events(&wanted)).await;
    let events = read
        .map_err(anyhow::Error::from)
        .and_then(|events| events)
        .map_err(|error| Refusal::internal(&error))?;
    Ok(Json(EventList { count: events.len(), events }))
}

/// What is asked of the stream.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct LiveQuery {
    /// Of one service, with every measurement; of all, the newest 64 a second of each metric.
    service_id: Option<String>,
}

#[derive(Serialize)]
struct Samples {
    samples: Vec<LiveSample>,
}

#[derive(Serialize)]
struct LiveSample {
    service_id: String,
    metric: String,
    time: f64,
    value: f64,
    baseline: Option<f32>,
    lower: Option<f32>,
    upper: Option<f32>,
    score: Option<f32>,
    state: &'static str,
}

/// How often what is new is sent, how many measurements at most, of each series where all are asked for, and to how many
/// listeners.
const PERIOD: Duration = Duration::from_millis(250);
const MOST: usize = 2000;
const FEW: usize = 16;
const LISTENERS: usize = 64;

/// Measurements and changes as they come: events `samples` and `drift`.
#[utoipa::path(
    get, path = "/v1/live", tag = "events", params(LiveQuery),
    responses(
        (status = 200, description = "a stream without an end", content_type = "text/event-stream", body = String),
        (status = "4XX", body = ErrorBody),
        (status = 503, description = "too many listen", body = ErrorBody),
    )
)]
pub(super) async fn live(
    State(app): State<Arc<App>>,
    query: Result<Query<LiveQuery>, QueryRejection>,
) -> Result<Sse<impl Stream<Item = Result<sse::Event, Infallible>>>, Refusal> {
    let Query(LiveQuery { service_id }) = query.map_err(|error| super::bad_query(&error))?;
    let seat =
        Seat::take(&app).ok_or_else(|| Refusal::new("queue_full", "too many are listening already"))?;
    let mut ticks = time::interval(PERIOD);
    ticks.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
    let listener =
        Listener { seat, only: service_id, changes: app.live.subscribe(), sent: HashMap::new(), ticks };
    let events = stream::unfold(listener, |mut listener| async move {
        let event = listener.next().await?;
        Some((Ok(event), listener))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}

/// A place among those who listen, given back when the stream ends.
struct Seat(Arc<App>);

impl Seat {
    fn take(app: &Arc<App>) -> Option<Self> {
        let taken = app.listeners.fetch_add(1, Ordering::Relaxed);
        let seat = Self(Arc::clone(app));
        (taken < LISTENERS).then_some(seat)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.listeners.fetch_sub(1, Ordering::Relaxed);
    }
}

struct Listener {
    seat: Seat,
    only: Option<String>,
    changes: tokio::sync::broadcast::Receiver<Arc<Change>>,
    /// How many measurements of each series were taken when it was last sent.
    sent: HashMap<(u32, usize), u64>,
    ticks: time::Interval,
}

impl Listener {
    /// The next event; `None` when the server stops.
    async fn next(&mut self) -> Option<sse::Event> {
        loop {
            match self.changes.try_recv() {
                Ok(change) if self.only.as_ref().is_none_or(|only| *only == change.service_id) => {
                    return sse::Event::default().event("drift").json_data(&*change).ok();
                }
                Ok(_) | Err(TryRecvError::Lagged(_)) => continue,
                Err(TryRecvError::Closed) => return None,
                Err(TryRecvError::Empty) => {}
            }
            if self.seat.0.stopping.load(Ordering::Relaxed) {
                return None;
            }
            self.ticks.tick().await;
            let samples = self.fresh();
            if !samples.is_empty() {
                return sse::Event::default().event("samples").json_data(Samples { samples }).ok();
            }
        }
    }

    fn fresh(&mut self) -> Vec<LiveSample> {
        let mut fresh = vec![];
        let app = Arc::clone(&self.seat.0);
        match self.only.clone() {
            Some(only) => {
                let _ =
                    app.registry.ask(&only, |service| self.collect(&only, service, usize::MAX, &mut fresh));
            }
            None => app.registry.each(|name, service| self.collect(name, service, FEW, &mut fresh)),
        }
        fresh
    }

    fn collect(
        &mut self,
        name: &str,
        service: &crate::service::Service,
        most: usize,
        fresh: &mut Vec<LiveSample>,
    ) {
        for (position, series) in service.series.iter().enumerate() {
            if fresh.len() >= MOST {
                return;
            }
            let sent = self.sent.insert((service.id, position), series.taken);
            // A page asks for what was before by itself.
            let new = usize::try_from(series.taken - sent.unwrap_or(series.taken)).unwrap_or(usize::MAX);
            let new = new.min(most).min(series.pending.len());
            let state = series.state().name();
            fresh.extend(series.pending[series.pending.len() - new..].iter().map(|point| LiveSample {
                service_id: name.to_owned(),
                metric: series.definition.metric.to_string(),
                time: seconds(point.at_ms),
                value: point.value,
                baseline: some(point.baseline),
                lower: some(point.lower),
                upper: some(point.upper),
                score: some(point.score),
                state,
            }));
        }
    }
}
