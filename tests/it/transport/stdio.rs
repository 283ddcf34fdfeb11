//! The line transport of standard input and output, over streams in memory and over sockets.
//!
//! The clock jumps to the next timer whenever nothing can go on, so ten seconds cost nothing.

use std::sync::Arc;

use rmcp::ServiceExt;
use rmcp::model::CallToolRequestParams;
use saki_mcp::transport::stdio;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, Lines};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::support::fixture_server::{
    Fixture, MODERN, OLDER, add, initialize, modern, request, text, within,
};

const LIMIT: usize = 16 * 1024 * 1024;

/// A client's end of the streams.
pub(crate) struct Client {
    pub(crate) answers: Lines<BufReader<DuplexStream>>,
    pub(crate) input: DuplexStream,
    pub(crate) fixture: Arc<Fixture>,
    pub(crate) shutdown: CancellationToken,
    pub(crate) serving: JoinHandle<std::io::Result<()>>,
}

impl Client {
    pub(crate) fn start() -> Self {
        Self::with_room_for_answers(64 * 1024)
    }

    /// A client whose unread answers may take up so many bytes between it and the server.
    pub(crate) fn with_room_for_answers(bytes: usize) -> Self {
        let (input, reader) = tokio::io::duplex(64 * 1024);
        let (writer, answers) = tokio::io::duplex(bytes);
        let (fixture, shutdown) = (Fixture::new(), CancellationToken::new());
        let serving = stdio::serve_on(reader, writer, Arc::clone(&fixture), shutdown.clone());
        Self {
            answers: BufReader::new(answers).lines(),
            input,
            fixture,
            shutdown,
            serving: tokio::spawn(serving),
        }
    }

    pub(crate) async fn begin() -> Self {
        let mut client = Self::start();
        client.send(&initialize("2025-11-25")).await;
        client.answer().await;
        client
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        within(self.input.write_all(bytes)).await.unwrap();
    }

    pub(crate) async fn send(&mut self, message: &Value) {
        self.write(format!("{message}\n").as_bytes()).await;
    }

    pub(crate) async fn answer(&mut self) -> Value {
        let line = within(self.answers.next_line()).await.unwrap().unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// Ends the input, as a client does that is done.
    pub(crate) async fn end(&mut self) {
        self.input.shutdown().await.unwrap();
    }

    pub(crate) async fn returned(self) {
        within(self.serving).await.unwrap().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn every_older_revision_shakes_hands_and_calls() {
    for version in OLDER {
        let mut client = Client::start();
        client.send(&initialize(version)).await;
        assert_eq!(client.answer().await["result"]["protocolVersion"], version);
        client
            .send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}))
            .await;
        client.send(&add(1)).await;
        assert_eq!(text(&client.answer().await), "5");
    }
}

#[tokio::test(start_paused = true)]
async fn the_modern_revision_is_discovered_and_called_without_a_handshake() {
    let mut client = Client::start();
    client
        .send(&modern(request(1, "server/discover", json!({}))))
        .await;
    let versions = client.answer().await["result"]["supportedVersions"].clone();
    assert!(
        versions.as_array().unwrap().contains(&json!(MODERN)),
        "{versions}"
    );
    client.send(&modern(add(2))).await;
    assert_eq!(text(&client.answer().await), "5");
}

#[tokio::test]
async fn a_client_of_rmcp_over_unix_sockets_is_served() {
    let (ours, theirs) = tokio::net::UnixStream::pair().unwrap();
    let (reader, writer) = theirs.into_split();
    let serving = tokio::spawn(stdio::serve_on(
        reader,
        writer,
        Fixture::new(),
        CancellationToken::new(),
    ));
    let client = within(().serve(ours)).await.unwrap();
    let arguments = json!({"a": 2, "b": 3}).as_object().unwrap().clone();
    let params = CallToolRequestParams::new("add").with_arguments(arguments);
    let result = within(client.call_tool(params)).await.unwrap();
    assert_eq!(
        serde_json::to_value(result).unwrap()["content"][0]["text"],
        "5"
    );
    client.cancel().await.unwrap();
    within(serving).await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn lines_that_are_not_json_rpc_are_answered_and_the_next_call_too() {
    let mut client = Client::begin().await;
    for (line, code) in [
        (&b"hello\n"[..], -32700),
        (b"\xff\xfe\n", -32700),
        (b"\"\xff\"\n", -32700),
        (b"{\"jsonrpc\":\n", -32700),
        (b"[]\n", -32600),
        (b"{\"a\":1}\n", -32600),
        (b"null\n", -32600),
    ] {
        client.write(line).await;
        let answer = client.answer().await;
        assert_eq!(answer["error"]["code"], code, "{answer}");
        client.send(&add(1)).await;
        assert_eq!(text(&client.answer().await), "5");
    }
}

#[tokio::test(start_paused = true)]
async fn empty_lines_carriage_returns_and_a_bom_are_accepted() {
    let mut client = Client::start();
    client.write(b"\xEF\xBB\xBF").await;
    client
        .write(format!("{}\r\n\n  \r\n", initialize("2025-06-18")).as_bytes())
        .await;
    assert_eq!(client.answer().await["id"], 0);
    client.send(&add(1)).await;
    assert_eq!(text(&client.answer().await), "5");
}

#[tokio::test(start_paused = true)]
async fn messages_before_the_handshake_do_not_end_the_server() {
    let mut client = Client::start();
    client
        .send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}))
        .await;
    client
        .send(&json!({"jsonrpc": "2.0", "id": 7, "result": {}}))
        .await;
    client.write(b"hello\n").await;
    assert_eq!(client.answer().await["error"]["code"], -32700);
    client.send(&add(1)).await;
    assert_eq!(
        client.answer().await["error"]["code"],
        -32602,
        "nobody has said which revision"
    );
    client.send(&initialize("2025-11-25")).await;
    assert_eq!(client.answer().await["id"], 0);
}

#[tokio::test(start_paused = true)]
async fn a_line_over_16_mib_is_answered_and_one_just_below_is_read() {
    let mut client = Client::begin().await;
    let message = add(1).to_string();
    let fits = format!("{message}{}\n", " ".repeat(LIMIT - message.len() - 1));
    client.write(fits.as_bytes()).await;
    assert_eq!(text(&client.answer().await), "5");
    client.write(format!(" {fits}").as_bytes()).await;
    assert_eq!(client.answer().await["error"]["code"], -32600);
    client.send(&add(2)).await;
    assert_eq!(client.answer().await["id"], 2);
}

#[tokio::test(start_paused = true)]
async fn a_last_line_without_a_newline_is_answered() {
    let mut client = Client::begin().await;
    client.write(add(1).to_string().as_bytes()).await;
    client.end().await;
    assert_eq!(text(&client.answer().await), "5");
    client.returned().await;
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_read_gets_backpressure_and_loses_nothing() {
    let mut client = Client::begin().await;
    let mut sent = 0;
    let pause = std::time::Duration::from_secs(1);
    // The time is up when every task waits, and not before.
    loop {
        let line = format!("{}\n", add(sent + 1));
        let write = client.input.write_all(line.as_bytes());
        if tokio::time::timeout(pause, write).await.is_err() {
            break;
        }
        sent += 1;
        assert!(sent < 100_000, "nothing holds the client back");
    }
    let mut answered = Vec::new();
    for _ in 0..sent {
        answered.push(client.answer().await["id"].as_u64());
    }
    answered.sort();
    assert!(
        answered.into_iter().eq((1..=sent).map(Some)),
        "{sent} calls"
    );
}
