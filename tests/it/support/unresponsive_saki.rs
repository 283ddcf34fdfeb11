//! The server over a Saki that is elsewhere, or nowhere, and over one that only listens.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use rmcp::model::{CallToolRequest, CallToolRequestParams, ClientRequest};
use rmcp::service::{PeerRequestOptions, RequestHandle, RunningService};
use rmcp::{Peer, RoleClient, ServiceExt};
use saki_mcp::saki::{BaseUrl, Client, ClientOptions, ConnectionPool, Key};
use saki_mcp::server::{Identity, McpHandler};
use saki_mcp::tools::{Settings, Tools};
use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};

use crate::support::server_under_test::{Answer, KEY, connect, object, quick};

/// A server for the Saki at `base`, which may take so long to answer.
pub(crate) fn server(base: &str, timeout: Duration) -> Arc<McpHandler> {
    let http = ClientOptions {
        extra_authorities: Vec::new(),
        timeout,
        upload_timeout: timeout,
        bypass_proxies: true,
        retry: quick(),
    };
    server_with(base, http, Settings::default())
}

/// A server for the Saki at `base` with options of the test's own.
pub(crate) fn server_with(base: &str, http: ClientOptions, settings: Settings) -> Arc<McpHandler> {
    let saki =
        Client::new(ConnectionPool::new(http), BaseUrl::new(base).unwrap()).with_key(Key::new(KEY));
    McpHandler::new(Tools::new(saki, settings), &Identity::default())
}

/// Serves a Saki of the test's own, and returns its base address.
pub(crate) async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/api", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    base
}

/// A client of a server for the Saki at `base`, whose retries hardly wait.
pub(crate) async fn client_of(base: &str, settings: Settings) -> RunningService<RoleClient, ()> {
    let http = ClientOptions {
        extra_authorities: Vec::new(),
        bypass_proxies: true,
        retry: quick(),
        ..ClientOptions::default()
    };
    connect(server_with(base, http, settings)).await
}

/// Calls one tool of a server for the Saki at `base`.
pub(crate) async fn ask(base: &str, timeout: Duration, tool: &str, arguments: Value) -> Answer {
    let client = connect(server(base, timeout)).await;
    call(&client, tool, arguments).await
}

/// Calls one tool.
pub(crate) async fn call<S>(
    client: &RunningService<RoleClient, S>,
    tool: &str,
    arguments: Value,
) -> Answer
where
    S: rmcp::Service<RoleClient>,
    RunningService<RoleClient, S>: std::ops::Deref<Target = rmcp::Peer<RoleClient>>,
{
    let request = CallToolRequestParams::new(tool.to_owned()).with_arguments(object(arguments));
    Answer::from(client.call_tool(request).await.unwrap())
}

/// A Saki that takes connections and never says a word.
pub(crate) struct Silent {
    pub(crate) base: String,
    listener: TcpListener,
}

impl Silent {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/api", listener.local_addr().unwrap());
        Self { base, listener }
    }

    /// The next connection, as soon as it says anything.
    pub(crate) async fn request_of_any_kind(&self) -> (TcpStream, usize) {
        let (mut stream, _) = self.listener.accept().await.unwrap();
        let read = stream.read(&mut [0; 1024]).await.unwrap();
        (stream, read)
    }

    /// Whether nobody has come so far.
    pub(crate) fn was_left_alone(self) -> bool {
        let listener = self.listener.into_std().unwrap();
        matches!(listener.accept(), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
    }

    /// The next connection, once the head of its request has arrived; the head, and what came with it.
    pub(crate) async fn request(&self) -> (TcpStream, String) {
        let (mut stream, _) = self.listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.windows(4).any(|four| four == b"\r\n\r\n") {
            let mut chunk = [0; 1024];
            let read = stream.read(&mut chunk).await.unwrap();
            assert!(read > 0, "the connection ended in the head of a request");
            head.extend_from_slice(&chunk[..read]);
        }
        (stream, String::from_utf8_lossy(&head).into_owned())
    }
}

/// Reads a connection to its end, however it ends; how many bytes came.
pub(crate) async fn until_gone(mut stream: TcpStream) -> usize {
    let mut read = 0;
    let mut chunk = vec![0; 64 * 1024];
    while let Ok(more @ 1..) = stream.read(&mut chunk).await {
        read += more;
    }
    read
}

/// A client that listens with a handler of the test's own.
pub(crate) async fn connect_as<S>(
    handler: Arc<McpHandler>,
    listener: S,
) -> RunningService<RoleClient, S>
where
    S: rmcp::ClientHandler,
{
    let (here, there) = tokio::io::duplex(1 << 20);
    let (reader, writer) = tokio::io::split(there);
    let end = tokio_util::sync::CancellationToken::new();
    tokio::spawn(saki_mcp::transport::stdio::serve_on(
        reader, writer, handler, end,
    ));
    listener.serve(tokio::io::split(here)).await.unwrap()
}

pub(crate) const LONG: Duration = Duration::from_secs(10);

pub(crate) async fn begin(
    peer: &Peer<RoleClient>,
    tool: &str,
    arguments: Value,
) -> RequestHandle<RoleClient> {
    let request = CallToolRequestParams::new(tool.to_owned()).with_arguments(object(arguments));
    let request = ClientRequest::CallToolRequest(CallToolRequest::new(request));
    peer.send_cancellable_request(request, PeerRequestOptions::no_options())
        .await
        .unwrap()
}
