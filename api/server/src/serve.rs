//! `plinth serve`: opens the database, reads the catalog, answers until it is told to stop.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use plinth_auth::Auth;
use plinth_catalog::Catalog;
use plinth_config::{Backend, Config};
use plinth_egress::{Egress, Limits};
use plinth_github::GitHub;
use plinth_graphql::{Api, ServerInfo};
use plinth_storage::{Config as Database, DataLock, Db, now};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::watch,
};
use tracing::{info, warn};

use crate::{
    commands::say,
    connections,
    http::{self, App, Hosts, Origins},
    logs,
    metrics::Metrics,
    seats::Seats,
    traces::Traces,
    webhooks::Webhooks,
};

/// How long requests may go on when the server stops.
const DRAIN: Duration = Duration::from_secs(10);

/// Serves until SIGINT or SIGTERM.
pub(crate) async fn serve(config: Config) -> Result<()> {
    let traces = Traces::start()?;
    logs::start(traces.as_ref());
    raise_limits();
    // From here on: who is told that the server is ready may stop it.
    let signalled = signals()?;
    let listener = listen(&config.backend).await?;
    let address = listener.local_addr().context("the listener has no address")?;
    let Storage { database, _lock, temporary } = storage(&config.backend.database, address)?;
    let db = Db::open(&database).await?;
    let auth = Auth::new(db.clone(), config.backend.auth.clone());
    let tokens = auth.load().await?;
    let egress = Egress::new(config.backend.reading.clone(), Limits::default())?;
    let github = GitHub::new(config.integrations.clone())?;
    let reading = (egress, github.clone());
    let (catalog, worker) = Catalog::open(db.clone(), reading, config.catalog.clone(), now()).await?;
    let (stop, stopped) = watch::channel(false);
    let base_url = config.base_url.as_ref();
    let seats = Seats::new();
    let app = App {
        api: Api::new(catalog.clone(), info(&config)),
        catalog,
        auth: auth.clone(),
        db: db.clone(),
        metrics: Arc::new(Metrics::new()),
        development: config.backend.development,
        origins: Origins::new(config.backend.cors.clone(), base_url),
        hosts: if is_loopback(address.ip()) { Hosts::of_loopback(base_url) } else { Hosts::Any },
        seats: seats.clone(),
        stopped: stopped.clone(),
        github,
        webhooks: Webhooks::of(config.webhook_secrets()),
    };
    announce(&config, address, &database, temporary.is_some())?;

    let worker = tokio::spawn(worker.run(until(stopped.clone())));
    let follower = tokio::spawn(auth.follow(tokens, until(stopped.clone())));
    let server = tokio::spawn(connections::serve(listener, http::router(app), seats, stopped));
    signalled.await;
    info!("stopping");
    stop.send_replace(true);
    match tokio::time::timeout(DRAIN, server).await {
        Ok(done) => done.context("the server ended badly")?,
        Err(_) => warn!(seconds = DRAIN.as_secs(), "requests were still at work when the time to drain passed"),
    }
    match tokio::time::timeout(DRAIN, worker).await {
        Ok(done) => done.context("the reader of locations ended badly")?,
        Err(_) => warn!(seconds = DRAIN.as_secs(), "locations were still being read when the time to drain passed"),
    }
    follower.await.context("the follower of tokens ended badly")?;
    db.close().await;
    if let Some(traces) = traces {
        traces.end().await;
    }
    if let Some(folder) = temporary {
        std::fs::remove_dir_all(&folder).with_context(|| format!("`{}` cannot be removed", folder.display()))?;
    }
    Ok(())
}

/// What clients may ask of the server itself.
fn info(config: &Config) -> ServerInfo {
    ServerInfo {
        name: config.title.clone(),
        organization: config.organization.clone(),
        repository_hosts: config.repository_hosts.iter().map(|it| (it.host.clone(), it.kind.clone())).collect(),
        request_bytes: http::REQUEST_BYTES,
        stream_replay: config.catalog.log.age,
    }
}

/// Waits until the server is told to stop.
pub(crate) async fn until(mut stopped: watch::Receiver<bool>) {
    // It fails when the sender is gone, and then the server has stopped, too.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// Each socket and each watched folder takes a file descriptor, and many systems begin with 1,024.
fn raise_limits() {
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(limit) => tracing::debug!(limit, "file descriptors"),
        Err(error) => warn!(%error, "the limit of file descriptors cannot be raised"),
    }
}

/// Takes SIGINT and SIGTERM at once; the future ends with the first of them.
fn signals() -> Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt()).context("SIGINT cannot be awaited")?;
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be awaited")?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Listens. In development mode everybody who reaches the server may do everything, so nobody beyond this machine may reach
/// it then.
async fn listen(backend: &Backend) -> Result<TcpListener> {
    let (place, port) = (&backend.listen.place, backend.listen.port);
    let addresses: Vec<SocketAddr> = match backend.listen.host.as_deref() {
        Some(host) => {
            let addresses = tokio::net::lookup_host((host, port)).await;
            addresses.with_context(|| format!("`{host}` is no address of this machine"))?.collect()
        }
        None if backend.development => vec![(Ipv4Addr::LOCALHOST, port).into()],
        // All addresses; those of IPv6 take IPv4, too, where the machine has both.
        None => vec![(Ipv6Addr::UNSPECIFIED, port).into(), (Ipv4Addr::UNSPECIFIED, port).into()],
    };
    if let Some(address) = addresses.iter().find(|it| backend.development && !is_loopback(it.ip())) {
        let (file, line) = (&place.file, place.line);
        bail!(
            "{file}:{line}: backend.listen: `{}` is reached from other machines, and in development mode whoever reaches \
             the server may do everything; listen on 127.0.0.1, or take out \
             `backend.auth.dangerouslyDisableDefaultAuthPolicy`",
            address.ip()
        );
    }
    let host = backend.listen.host.as_deref().unwrap_or_default();
    TcpListener::bind(addresses.as_slice()).await.with_context(|| format!("`{host}:{port}` cannot be listened on"))
}

fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

/// A database to open, and what holds it.
struct Storage {
    database: Database,
    _lock: Option<DataLock>,
    /// The folder that goes when the server ends.
    temporary: Option<PathBuf>,
}

fn storage(database: &Database, address: SocketAddr) -> Result<Storage> {
    let (directory, temporary) = match database {
        Database::Postgres(_) => return Ok(Storage { database: database.clone(), _lock: None, temporary: None }),
        Database::Sqlite { directory } => (directory.clone(), None),
        Database::Temporary => {
            let folder = std::env::temp_dir().join(format!("plinth-{}", plinth_model::Ids.random().simple()));
            (folder.clone(), Some(folder))
        }
    };
    let holder = format!("process {} at http://{address}", std::process::id());
    let lock = DataLock::take(&directory, &holder)?;
    Ok(Storage { database: Database::Sqlite { directory }, _lock: Some(lock), temporary })
}

fn announce(config: &Config, address: SocketAddr, database: &Database, temporary: bool) -> Result<()> {
    let stored = match database {
        Database::Sqlite { directory } if temporary => {
            format!("{} (temporary, as `:memory:` asks)", directory.display())
        }
        Database::Sqlite { directory } => directory.display().to_string(),
        _ => "Postgres, schema `plinth`".to_owned(),
    };
    let mut text = format!("{} listens on http://{address}\n  GraphQL   http://{address}/graphql\n", config.title);
    if config.backend.development {
        text.push_str(&format!("  GraphiQL  http://{address}/graphql in a browser\n"));
        text.push_str("  Development mode: whoever reaches this address is the local developer.\n");
    } else {
        text.push_str("  Callers need a token; `plinth token create` makes one.\n");
    }
    text.push_str(&format!("  Data      {stored}\n"));
    for notice in &config.notices {
        let (place, message) = (&notice.place, &notice.message);
        warn!(file = place.file, line = place.line, key = place.key, message);
    }
    say(&text)
}
