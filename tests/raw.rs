//! Bytes to a server and bytes back, for what no client would send.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::app::App;

const PATIENCE: Duration = Duration::from_secs(45);

/// A connection.
pub(crate) struct Raw(TcpStream);

impl Raw {
    pub(crate) async fn to(app: &App) -> Self {
        let address = app.url("");
        Self(TcpStream::connect(address.strip_prefix("http://").unwrap()).await.unwrap())
    }

    /// Sends all of it, or what the server takes before it hangs up.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> bool {
        self.0.write_all(bytes).await.is_ok()
    }

    /// Whether the server's end is open, by what the system says.
    pub(crate) fn is_held(&self) -> bool {
        let (here, there) = (self.0.local_addr().unwrap().port(), self.0.peer_addr().unwrap().port());
        let ends = format!("0100007F:{there:04X} 0100007F:{here:04X} 01");
        std::fs::read_to_string("/proc/net/tcp").unwrap().contains(&ends)
    }

    /// What comes until the server hangs up.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // A reset is an end, too.
        let _ = tokio::time::timeout(PATIENCE, self.0.read_to_end(&mut bytes)).await.expect("the server hangs up");
        bytes
    }

    /// What comes until it holds these words.
    pub(crate) async fn until(&mut self, words: &str) -> String {
        let mut bytes = Vec::new();
        let read = async {
            while !String::from_utf8_lossy(&bytes).contains(words) {
                assert!(self.0.read_buf(&mut bytes).await.unwrap() > 0, "{}", String::from_utf8_lossy(&bytes));
            }
        };
        tokio::time::timeout(PATIENCE, read).await.expect("the words come");
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// The answer to one request without a body.
pub(crate) async fn get(app: &App, path: &str, headers: &[(&str, &str)]) -> String {
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let mut raw = Raw::to(app).await;
    raw.send(format!("GET {path} HTTP/1.1\r\n{headers}connection: close\r\n\r\n").as_bytes()).await;
    String::from_utf8_lossy(&raw.rest().await).into_owned()
}
