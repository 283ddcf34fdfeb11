//! A small MCP server without Saki, the messages that tests send to it, and the ways to reach it.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use rmcp::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ErrorData,
    ListToolsResult, PaginatedRequestParams, ProgressNotificationParam, ServerCapabilities,
    ServerConfig, SubscriptionFilter, Tool,
};
use rmcp::service::{RequestContext, RoleServer};
use saki_mcp::transport::http::{self, HttpOptions};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The revisions that begin with `initialize`.
pub(crate) const OLDER: [&str; 4] = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];
/// The revision that has no handshake.
pub(crate) const MODERN: &str = "2026-07-28";

/// The handler, and the strings by which a test pulls it.
#[derive(Debug)]
pub(crate) struct Fixture {
    /// One permit for each `wait` that has begun.
    pub(crate) entered: Semaphore,
    /// One permit lets one `wait` end.
    pub(crate) release: Semaphore,
    /// One permit for each `wait` that was cancelled.
    pub(crate) cancelled: Semaphore,
}

impl Fixture {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            entered: Semaphore::new(0),
            release: Semaphore::new(0),
            cancelled: Semaphore::new(0),
        })
    }
}

/// Takes one permit, or fails the test when none comes.
pub(crate) async fn taken(semaphore: &Semaphore) {
    within(semaphore.acquire()).await.unwrap().forget();
}

/// A hang is a failure, not a test that never ends.
pub(crate) async fn within<F: Future>(future: F) -> F::Output {
    let bound = Duration::from_secs(30);
    tokio::time::timeout(bound, future).await.unwrap()
}

impl ServerHandler for Fixture {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_tool_list_changed()
            .build();
        ServerConfig::new(capabilities)
    }

    fn accepted_subscription_filter(
        &self,
        asked: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        Some(asked.clone())
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        let schema = json!({"type": "object"}).as_object()?.clone();
        ["add", "wait", "progress"]
            .contains(&name)
            .then(|| Tool::new(name.to_owned(), "A fixture.", schema))
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tools = ["add", "wait", "progress"].iter();
        Ok(ListToolsResult::with_all_items(
            tools.filter_map(|name| self.get_tool(name)).collect(),
        ))
    }

    async fn call_tool(
        &self,
        params: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let argument = |name| params.arguments.as_ref()?.get(name)?.as_i64();
        let text = match params.name.as_ref() {
            "add" => format!(
                "{}",
                argument("a").unwrap_or(0) + argument("b").unwrap_or(0)
            ),
            "wait" => {
                self.entered.add_permits(1);
                tokio::select! {
                    released = self.release.acquire() => {
                        released.unwrap().forget();
                        "released".to_owned()
                    }
                    () = context.ct.cancelled() => {
                        self.cancelled.add_permits(1);
                        "cancelled".to_owned()
                    }
                }
            }
            "progress" => {
                if let Some(token) = context.meta.get_progress_token() {
                    let progress = ProgressNotificationParam::new(token, 0.5);
                    let _ = context.peer.notify_progress(progress).await;
                }
                self.entered.add_permits(1);
                self.release.acquire().await.unwrap().forget();
                "finished".to_owned()
            }
            name => return Err(ErrorData::invalid_params(format!("no tool {name}"), None)),
        };
        Ok(CallToolResult::success(vec![ContentBlock::text(text)]).into())
    }
}

pub(crate) fn request(id: u64, method: &str, params: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
}

pub(crate) fn initialize(version: &str) -> Value {
    let client = json!({"name": "test", "version": "1"});
    let params = json!({"protocolVersion": version, "capabilities": {}, "clientInfo": client});
    request(0, "initialize", params)
}

pub(crate) fn call(id: u64, tool: &str, arguments: Value) -> Value {
    request(
        id,
        "tools/call",
        json!({"name": tool, "arguments": arguments}),
    )
}

/// The call that most tests make: 2 + 3.
pub(crate) fn add(id: u64) -> Value {
    call(id, "add", json!({"a": 2, "b": 3}))
}

/// A request as the revision without a handshake has it: each carries who asks.
pub(crate) fn modern(mut request: Value) -> Value {
    request["params"]["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    request
}

/// The text of a tool's answer.
pub(crate) fn text(answer: &Value) -> &str {
    let text = answer["result"]["content"][0]["text"].as_str();
    text.unwrap_or_else(|| panic!("no text in {answer}"))
}

/// A server on a port of its own.
pub(crate) struct Server {
    pub(crate) base: String,
    pub(crate) fixture: Arc<Fixture>,
    pub(crate) shutdown: CancellationToken,
    pub(crate) serving: JoinHandle<()>,
    pub(crate) client: reqwest::Client,
}

impl Server {
    pub(crate) async fn start(options: HttpOptions) -> Self {
        let fixture = Fixture::new();
        let mut server = Self::of(Arc::clone(&fixture), options, CancellationToken::new()).await;
        server.fixture = fixture;
        server
    }

    /// A server of any handler.
    pub(crate) async fn of<H: ServerHandler + Debug>(
        handler: Arc<H>,
        options: HttpOptions,
        shutdown: CancellationToken,
    ) -> Self {
        // reqwest wants a provider of TLS even for plain http; a second installation is refused, which is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let serving = tokio::spawn(http::serve(listener, handler, options, shutdown.clone()));
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self {
            base,
            fixture: Fixture::new(),
            shutdown,
            serving,
            client,
        }
    }

    pub(crate) fn get(&self, path: &str) -> reqwest::RequestBuilder {
        self.client.get(format!("{}{path}", self.base))
    }

    pub(crate) fn post(
        &self,
        path: &str,
        body: impl Into<reqwest::Body>,
    ) -> reqwest::RequestBuilder {
        self.client
            .post(format!("{}{path}", self.base))
            .header("content-type", "application/json")
            .body(body)
    }

    /// Waits for the end, half as long as a server would that waits for calls in vain.
    pub(crate) async fn returns_promptly(self) {
        let bound = saki_mcp::transport::GRACE_PERIOD / 2;
        let ended = tokio::time::timeout(bound, self.serving).await;
        ended.unwrap().unwrap();
    }

    /// A message to `/mcp` with the headers that its revision asks for.
    pub(crate) fn mcp(&self, message: &Value) -> reqwest::RequestBuilder {
        let post = self
            .post("/mcp", message.to_string())
            .header("accept", "application/json, text/event-stream");
        with_headers_of(post, message)
    }
}

/// A request with the headers that the revision of its message asks for.
pub(crate) fn with_headers_of(
    post: reqwest::RequestBuilder,
    message: &Value,
) -> reqwest::RequestBuilder {
    if message["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"].is_null() {
        return post;
    }
    let post = post
        .header("mcp-protocol-version", MODERN)
        .header("mcp-method", message["method"].as_str().unwrap());
    match message["params"]["name"].as_str() {
        Some(name) => post.header("mcp-name", name),
        None => post,
    }
}

/// Sends and reads the whole answer as JSON.
pub(crate) async fn json_of(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = within(request.send()).await.unwrap();
    let status = response.status().as_u16();
    let text = within(response.text()).await.unwrap();
    let value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("no JSON: {status} {text}"));
    (status, value)
}

/// The events of a stream, one after the other.
pub(crate) struct Events {
    response: reqwest::Response,
    text: String,
    /// The id of the last event that had one.
    pub(crate) last_id: Option<String>,
}

impl Events {
    pub(crate) async fn open(request: reqwest::RequestBuilder) -> Self {
        let response = within(request.send()).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["x-accel-buffering"], "no");
        Self {
            response,
            text: String::new(),
            last_id: None,
        }
    }

    /// The name and data of the next event; nothing when the stream has ended.
    pub(crate) async fn next(&mut self) -> Option<(String, String)> {
        loop {
            while let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    let line = event.lines().find_map(|line| line.strip_prefix(name));
                    line.map(|value| value.trim().to_owned())
                };
                let (name, data) = (field("event:").unwrap_or_default(), field("data:"));
                let id = field("id:");
                self.text = rest.to_owned();
                self.last_id = id.or(self.last_id.take());
                if let Some(data) = data {
                    return Some((name, data));
                }
            }
            let chunk = within(self.response.chunk()).await.unwrap()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// The next message; an event without data only has an id.
    pub(crate) async fn message(&mut self) -> Value {
        loop {
            let (_, data) = self.next().await.unwrap();
            if !data.is_empty() {
                return serde_json::from_str(&data).unwrap();
            }
        }
    }
}
