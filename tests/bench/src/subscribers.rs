//! Many who follow the same: how soon all of them know of a change, and what an idle one costs.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use futures_util::{SinkExt, StreamExt, future::try_join_all};
use serde_json::{Value, json};
use tokio::{net::TcpStream, sync::mpsc};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::plinth::Plinth;

/// Sockets that one token may hold.
const SOCKETS_OF_A_TOKEN: usize = 64;
/// Changes that are waited for.
const CHANGES: usize = 20;
/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(60);

const FOLLOW: &str = "subscription {catalogChanges {__typename ... on StreamEvent {cursor} \
                      ... on CatalogChanged {revision upserted {ref title kind lifecycle ownerRef} deleted more}}}";

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Lets so many follow, saves files, and says how soon each of them knew.
pub(crate) async fn measure(server: &Plinth, count: usize) -> Result<Value> {
    let tokens: Vec<String> = (0..count.div_ceil(SOCKETS_OF_A_TOKEN))
        .map(|number| server.token(&format!("many-{count}-{number}")))
        .collect::<Result<_>>()?;
    // A token holds within a second.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = server.memory_kb()?;
    let (told, mut heard) = mpsc::unbounded_channel();
    let began = Instant::now();
    let mut tasks = Vec::new();
    for tokens in tokens.chunks(1) {
        let sockets = (0..SOCKETS_OF_A_TOKEN.min(count - tasks.len())).map(|_| follow(&server.url, &tokens[0]));
        for socket in try_join_all(sockets).await? {
            tasks.push(tokio::spawn(listen(socket, told.clone())));
        }
    }
    let connected = began.elapsed();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let idle = server.memory_kb()?;
    let mut after = Vec::with_capacity(count * CHANGES);
    for change in 0..CHANGES {
        let saved = Instant::now();
        server.save(change)?;
        for _ in 0..count {
            let at: Instant = tokio::time::timeout(PATIENCE, heard.recv())
                .await
                .context("an event is missing")?
                .context("all ended")?;
            after.push(at.duration_since(saved));
        }
    }
    ensure!(heard.try_recv().is_err(), "an event came twice");
    tasks.iter().for_each(tokio::task::JoinHandle::abort);
    after.sort();
    let millis = |share: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a place in a list"
        )]
        let place = ((after.len() - 1) as f64 * share) as usize;
        after[place].as_secs_f64() * 1_000.0
    };
    Ok(json!({
        "what": "a file saved until subscribers know it", "subscribers": count, "changes": CHANGES, "delivered": after.len(),
        "p50Ms": millis(0.5), "p99Ms": millis(0.99), "worstMs": millis(1.0), "connectSeconds": connected.as_secs_f64(),
        "idleKbPerSubscriber": idle.saturating_sub(before) / u64::try_from(count)?,
    }))
}

async fn follow(url: &str, token: &str) -> Result<Socket> {
    let mut request = url.replace("http://", "ws://").into_client_request()?;
    request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse()?);
    request.headers_mut().insert("authorization", format!("Bearer {token}").parse()?);
    let (mut socket, _) = connect_async(request).await?;
    socket.send(Message::text(json!({"type": "connection_init"}).to_string())).await?;
    let subscribe = json!({"id": "1", "type": "subscribe", "payload": {"query": FOLLOW}});
    socket.send(Message::text(subscribe.to_string())).await?;
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(text) if text.contains("StreamSynced") => return Ok(socket),
            Message::Close(frame) => bail!("the server closed: {frame:?}"),
            _ => {}
        }
    }
    bail!("the server is gone")
}

async fn listen(mut socket: Socket, told: mpsc::UnboundedSender<Instant>) {
    while let Some(Ok(message)) = socket.next().await {
        if matches!(&message, Message::Text(text) if text.contains("CatalogChanged"))
            && told.send(Instant::now()).is_err()
        {
            return;
        }
    }
}
