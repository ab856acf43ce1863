//! Taking connections: a bounded number, each with a deadline for its head, and none that only takes up room.

use std::{future::Future, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{net::TcpListener, sync::Semaphore, time::sleep};
use tokio_io_timeout::TimeoutStream;

use super::linger::Linger;
use crate::config::Limits;

/// A reader that takes nothing for so long is gone.
const STALLED: Duration = Duration::from_secs(8);
/// What is under way when the server stops may take so long to end.
const GRACE: Duration = Duration::from_secs(8);
/// The longest head of a request.
const LONGEST_HEAD: usize = 16 << 10;

/// Serves until `stop` is done, then ends what is under way.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let room = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(limits.header_timeout).max_buf_size(LONGEST_HEAD);
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Most likely there are no descriptors left; some come back soon.
                tracing::warn!(%error, "a connection could not be taken");
                sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&room).try_acquire_owned() else {
            metrics::counter!("drift_sre_connections_refused_total").increment(1);
            continue;
        };
        // An answer of a few bytes must not wait for a fuller packet.
        let _ = stream.set_nodelay(true);
        let mut stream = TimeoutStream::new(Linger::new(stream));
        stream.set_write_timeout(Some(STALLED));
        let service = TowerToHyperService::new(router.clone());
        let connection = graceful.watch(server.serve_connection(TokioIo::new(Box::pin(stream)), service));
        tokio::spawn(async move {
            // An error here is a peer that went away, or sent what is no HTTP and was told so.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => {}
        () = sleep(GRACE) => tracing::warn!("some connections were still open"),
    }
}
