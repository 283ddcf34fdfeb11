//! A client that writes and reads single lines, for what a well-behaved client never sends.

use std::sync::Arc;

use saki_mcp::server::McpHandler;
use saki_mcp::transport::stdio::serve_on;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, ReadHalf, WriteHalf};
use tokio_util::sync::CancellationToken;

use crate::support::fixture_server::{initialize, within};

/// A client's end of the streams.
pub(crate) struct Lines {
    answers: tokio::io::Lines<BufReader<ReadHalf<DuplexStream>>>,
    input: WriteHalf<DuplexStream>,
}

impl Lines {
    /// Connected, and nothing said yet.
    pub(crate) fn to(handler: Arc<McpHandler>) -> Self {
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        let (reader, writer) = tokio::io::split(theirs);
        tokio::spawn(serve_on(reader, writer, handler, CancellationToken::new()));
        let (answers, input) = tokio::io::split(ours);
        Self {
            answers: BufReader::new(answers).lines(),
            input,
        }
    }

    /// Connected and initialized in an older revision.
    pub(crate) async fn initialized(handler: Arc<McpHandler>) -> Self {
        let mut lines = Self::to(handler);
        lines.ask(&initialize("2025-11-25")).await;
        lines
    }

    /// Sends a message.
    pub(crate) async fn send(&mut self, message: &Value) {
        self.write_line(message.to_string().as_bytes()).await;
    }

    /// Sends bytes as they are.
    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        within(self.input.write_all(bytes)).await.unwrap();
    }

    /// Sends bytes as a line.
    pub(crate) async fn write_line(&mut self, line: &[u8]) {
        self.write(&[line, b"\n"].concat()).await;
    }

    /// The next line of the server.
    pub(crate) async fn line(&mut self) -> String {
        within(self.answers.next_line()).await.unwrap().unwrap()
    }

    /// Sends a message and waits for the next answer.
    pub(crate) async fn ask(&mut self, message: &Value) -> Value {
        self.send(message).await;
        self.answer().await
    }

    /// Waits for the next answer.
    pub(crate) async fn answer(&mut self) -> Value {
        serde_json::from_str(&self.line().await).unwrap()
    }
}
