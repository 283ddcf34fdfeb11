//! The server over a sandbox of the test's own, seen as an MCP client sees it.

use std::sync::Arc;
use std::time::Duration;

use rmcp::model::{CallToolRequestParams, CallToolResult, Tool};
use rmcp::service::RunningService;
use rmcp::{RoleClient, ServiceExt};
use saki_mcp::saki::{BaseUrl, Client, ClientOptions, Clock, ConnectionPool, Key, RetryPolicy};
use saki_mcp::sandbox::{LoggedRequest, RunningSandbox, Sandbox, SandboxOptions};
use saki_mcp::server::{Identity, McpHandler};
use saki_mcp::tools::{Confirm, Settings, Tools, UploadPaths};
use saki_mcp::transport::http::HttpOptions;
use saki_mcp::transport::stdio::serve_on;
use saki_mcp::write::media::fetch::FetchOptions;
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use crate::support::fixture_server::Server;

/// The present of every test, a Friday: tests never depend on the day they run on.
pub(crate) const NOW: &str = "2027-04-09T10:00:00Z";

/// The key of every test; no output may ever contain it.
pub(crate) const KEY: &str = "sk-planted-7f3a9c";

/// How often a request is made where every try fails in a way that may pass.
pub(crate) const TRIES: u32 = 4;

/// Retries that hardly wait. A `Retry-After` above ten seconds is beyond their budget.
pub(crate) fn quick() -> RetryPolicy {
    RetryPolicy {
        budget: Duration::from_secs(10),
        initial_backoff: Duration::from_millis(1),
        backoff_factor: 1.0,
        ..RetryPolicy::default()
    }
}

/// Retries without end, for what changes while they go on.
pub(crate) fn endless() -> RetryPolicy {
    RetryPolicy {
        max_retries: usize::MAX,
        budget: Duration::from_secs(600),
        ..quick()
    }
}

/// A client connected to the server, and the Saki behind it.
pub(crate) struct World {
    pub(crate) client: RunningService<RoleClient, ()>,
    pub(crate) handler: Arc<McpHandler>,
    pub(crate) clock: Clock,
    running: RunningSandbox,
}

/// What a call answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) failed: bool,
    /// The copy of the structured content, or all that a failure says.
    pub(crate) text: String,
    /// The text blocks after the copy.
    pub(crate) notices: Vec<String>,
    /// The structured content, null where there is none.
    pub(crate) json: Value,
    pub(crate) meta: Value,
}

impl World {
    /// The seeded world with default settings: two spaces, local times in Berlin.
    pub(crate) async fn new() -> Self {
        Self::with(SandboxOptions::default(), |_| {}).await
    }

    /// A world whose sandbox and settings are the test's.
    pub(crate) async fn with(options: SandboxOptions, change: impl FnOnce(&mut Settings)) -> Self {
        Self::trying(quick(), options, change).await
    }

    /// The same, where requests are made again in the test's own way.
    pub(crate) async fn trying(
        retry: RetryPolicy,
        options: SandboxOptions,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let clock = options.clock.clone();
        clock.set(NOW.parse().unwrap());
        let running = Sandbox::start(options).await.unwrap();
        let base = BaseUrl::new(&running.base_url).unwrap();
        let http = ConnectionPool::new(ClientOptions {
            timeout: Duration::from_secs(10),
            bypass_proxies: true,
            retry,
            ..ClientOptions::default()
        });
        let saki = Client::new(http, base).with_key(Key::new(KEY));
        let mut settings = Settings {
            timezone: Some(saki_mcp::write::when::zone("Europe/Berlin").unwrap()),
            upload_paths: UploadPaths::Never,
            fetch: FetchOptions::default(),
            clock: clock.clone(),
            reconcile_interval: std::time::Duration::from_millis(1),
            // Most tests are about what a write does, and their client cannot ask; `confirm*.rs` ask.
            confirm: Confirm::Never,
            confirm_timeout: Duration::from_secs(600),
            ..Settings::default()
        };
        change(&mut settings);
        let identity = Identity {
            name: None,
            sandbox: true,
            has_key: true,
        };
        let handler = McpHandler::new(Tools::new(saki, settings), &identity);
        let client = connect(handler.clone()).await;
        Self {
            client,
            handler,
            clock,
            running,
        }
    }

    pub(crate) fn sandbox(&self) -> &Sandbox {
        &self.running.sandbox
    }

    /// The address of the Saki behind the server.
    pub(crate) fn base_url(&self) -> &str {
        &self.running.base_url
    }

    pub(crate) async fn call(&self, tool: &str, arguments: Value) -> Answer {
        let request = CallToolRequestParams::new(tool.to_owned()).with_arguments(object(arguments));
        let result = self.client.call_tool(request).await.unwrap();
        Answer::from(result)
    }

    /// A call that must succeed; its structured content.
    pub(crate) async fn ok(&self, tool: &str, arguments: Value) -> Value {
        self.call(tool, arguments).await.succeeded(tool)
    }

    /// A call that must fail; its text.
    pub(crate) async fn refused(&self, tool: &str, arguments: Value) -> String {
        self.call(tool, arguments).await.refused(tool)
    }

    pub(crate) async fn tools(&self) -> Vec<Tool> {
        self.client.list_all_tools().await.unwrap()
    }

    /// Clears what the server remembers of creates, uploads and lookups, before the sandbox is put back.
    ///
    /// A disconnected account makes it forget all creates, and costs the fewest requests.
    pub(crate) async fn clear_memory(&self) {
        let account = self.sandbox().state(|state| {
            let account = state.accounts.values().next();
            account.map(|account| json!({"space_id": account.space_id, "account_id": account.id}))
        });
        self.ok("disconnect_account", account.unwrap()).await;
        let uploaded = self.sandbox().state(|state| {
            let ids = state.media.values().map(|media| media.id);
            ids.filter(|id| *id > 505).collect::<Vec<_>>()
        });
        for media_id in uploaded {
            self.call("delete_media", json!({"media_id": media_id}))
                .await;
        }
    }

    /// Its handler behind HTTP, on a port of its own.
    pub(crate) async fn over_http(&self) -> Server {
        self.over_http_with(HttpOptions::default()).await
    }

    pub(crate) async fn over_http_with(&self, options: HttpOptions) -> Server {
        let shutdown = self.handler.shutdown_token().clone();
        Server::of(Arc::clone(&self.handler), options, shutdown).await
    }

    /// The requests that reached Saki and were no reads.
    pub(crate) fn writes(&self) -> Vec<LoggedRequest> {
        let log = self.sandbox().log();
        log.into_iter()
            .filter(|logged| logged.method != "GET")
            .collect()
    }
}

/// A client of `handler` on a pipe in memory.
pub(crate) async fn connect(handler: Arc<McpHandler>) -> RunningService<RoleClient, ()> {
    let (here, there) = tokio::io::duplex(1 << 20);
    let (reader, writer) = tokio::io::split(there);
    tokio::spawn(serve_on(reader, writer, handler, CancellationToken::new()));
    ().serve(tokio::io::split(here)).await.unwrap()
}

impl Answer {
    /// The structured content of a call that must succeed.
    #[track_caller]
    pub(crate) fn succeeded(self, tool: &str) -> Value {
        assert!(!self.failed, "{tool} failed: {}", self.text);
        self.json
    }

    /// The text of a call that must fail.
    #[track_caller]
    pub(crate) fn refused(self, tool: &str) -> String {
        assert!(self.failed, "{tool} succeeded: {}", self.json);
        self.text
    }
}

impl From<CallToolResult> for Answer {
    fn from(result: CallToolResult) -> Self {
        let texts = result.content.iter().filter_map(|block| block.as_text());
        let mut texts: Vec<String> = texts.map(|block| block.text.clone()).collect();
        let failed = result.is_error == Some(true);
        let notices = texts.split_off(if failed {
            texts.len()
        } else {
            texts.len().min(1)
        });
        Self {
            failed,
            text: texts.join("\n"),
            notices,
            json: result.structured_content.unwrap_or_default(),
            meta: serde_json::to_value(result.meta).unwrap(),
        }
    }
}

pub(crate) fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}
