//! A TCP connection to a server, for what no HTTP client would send.

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::fixture_server::within;

pub(crate) struct RawConnection(TcpStream);

impl RawConnection {
    /// Connects to `http://ADDRESS`.
    pub(crate) async fn open(base: &str) -> Self {
        let address = base.trim_start_matches("http://");
        Self(within(TcpStream::connect(address)).await.unwrap())
    }

    /// Sends bytes; whether they were taken.
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        within(self.0.write_all(bytes.as_ref())).await.is_ok()
    }

    /// A request to `/mcp` with the length of its body as stated, and the part of the body that is sent.
    pub(crate) async fn post(&mut self, length: usize, body: &str) {
        let head = format!(
            "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             accept: application/json, text/event-stream\r\ncontent-length: {length}\r\n\r\n"
        );
        assert!(self.send(head + body).await);
    }

    /// All that comes until the server closes the connection.
    pub(crate) async fn until_closed(mut self) -> String {
        let mut bytes = Vec::new();
        // A reset after the last byte is a close too.
        let _ = within(self.0.read_to_end(&mut bytes)).await;
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The next answer, which has a length.
    pub(crate) async fn answer(&mut self) -> (u16, Value) {
        let mut text = String::new();
        loop {
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head.split_once("content-length: ").unwrap().1;
                let length = length.split("\r\n").next().unwrap().parse().unwrap();
                if body.len() >= length {
                    let status = head[9..12].parse().unwrap();
                    return (status, serde_json::from_str(&body[..length]).unwrap());
                }
            }
            let mut bytes = [0; 4096];
            let count = within(self.0.read(&mut bytes)).await.unwrap();
            assert!(count > 0, "closed after {text:?}");
            text.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
        }
    }
}
