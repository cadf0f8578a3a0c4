//! Connections: accepted, bounded in time while they send headers and while they read nothing, drained when the server stops.

use std::{pin::pin, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{net::TcpListener, sync::watch};
use tokio_io_timeout::TimeoutStream;
use tracing::{debug, warn};

use crate::{seats::Seats, serve::until};

/// How long a client may take for the headers of a request, and how long a connection may wait for the next one.
const HEADER_TIME: Duration = Duration::from_secs(10);
/// How long a client may read nothing while there is something for it: an answer, an event, a socket's message.
const WRITE_TIME: Duration = Duration::from_secs(15);
/// Bytes of a request's headers, the URL with them.
const HEADER_BYTES: usize = 64 << 10;
/// How long nothing is accepted when the process has no file descriptor left.
const BREATH: Duration = Duration::from_millis(200);

/// Serves until the server is told to stop, then until all requests are answered and all streams have ended.
pub(crate) async fn serve(listener: TcpListener, router: Router, seats: Seats, stopped: watch::Receiver<bool>) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADER_TIME).max_header_size(HEADER_BYTES);
    let mut stop = pin!(until(stopped.clone()));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(BREATH).await;
                continue;
            }
        };
        // Where it fails, answers only come a little later.
        let _ = stream.set_nodelay(true);
        let service = TowerToHyperService::new(router.clone());
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(WRITE_TIME));
        let connection = http.serve_connection(TokioIo::new(Box::pin(stream)), service).with_upgrades();
        let (open, stopped) = (seats.open(), stopped.clone());
        tokio::spawn(async move {
            let mut connection = pin!(connection);
            let done = tokio::select! {
                done = connection.as_mut() => done,
                () = until(stopped) => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = done {
                debug!(%error, "a connection ended badly");
            }
            drop(open);
        });
    }
    drop(listener);
    seats.all_closed().await;
}
