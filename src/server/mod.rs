//! MCP server: what a client sees of Saki, and the stages of one `tools/call`.
//!
//! `dispatch` runs the stages in order: `permitted_tools`, `arguments`, the tool itself (which may ask `confirm`), `present`.

pub mod arguments;
mod call_cancellation;
mod catalogue;
mod confirm;
mod description_filter;
mod dispatch;
mod http_facts;
mod info;
mod needed_mode;
mod observed_call;
mod observed_write;
mod permitted_tools;
pub mod present;
mod replaced_text;
mod schema;
mod tool_name;

use std::sync::{Arc, OnceLock};

use rmcp::model::{
    CacheScope, CallToolRequestParams, CallToolResponse, CustomRequest, CustomResult, ErrorCode,
    ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult, ListToolsResult,
    PaginatedRequestParams, ProtocolVersion, ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};
use tokio_util::sync::CancellationToken;

use crate::tools::Tools;
use crate::write::quote_text::quote_truncated;
use catalogue::ToolCatalogue;
use confirm::Confirmations;

pub use description_filter::first_sentence;
pub use http_facts::HttpFacts;
pub use info::Identity;
pub use observed_call::{CalledTool, EndedCall, ObserveCalls};
pub use observed_write::EndedWrite;

/// The cache lifetime of a list at the client; the lists change only with a restart.
const LIST_TTL_MS: u64 = 5 * 60 * 1000;

/// Answers MCP clients; built once and shared by all connections.
#[derive(Debug)]
pub struct McpHandler {
    tools: Tools,
    catalogue: Arc<OnceLock<ToolCatalogue>>,
    config: ServerConfig,
    is_sandbox: bool,
    stop: CancellationToken,
    confirmations: Confirmations,
    observer: OnceLock<Arc<dyn ObserveCalls>>,
}

impl McpHandler {
    /// Serves `tools`; their catalogue is built at its first use or by [`warm`](McpHandler::warm), whichever comes first.
    pub fn new(tools: Tools, identity: &Identity) -> Arc<Self> {
        let stop = CancellationToken::new();
        Arc::new(Self {
            catalogue: Arc::default(),
            config: info::config(identity, tools.settings()),
            is_sandbox: identity.sandbox,
            confirmations: Confirmations::new(tools.shared_store(), stop.child_token()),
            stop,
            tools,
            observer: OnceLock::new(),
        })
    }

    /// A handler for other tools of the same installation: both stop together, and a confirmation is of one principal and key.
    pub fn with_tools(&self, tools: Tools, identity: &Identity) -> Arc<Self> {
        let lists_the_same = tools.policy() == self.tools.policy();
        Arc::new(Self {
            catalogue: match lists_the_same {
                true => Arc::clone(&self.catalogue),
                false => Arc::default(),
            },
            config: info::config(identity, tools.settings()),
            is_sandbox: identity.sandbox,
            confirmations: self.confirmations.clone(),
            stop: self.stop.clone(),
            observer: self.observer.clone(),
            tools,
        })
    }

    /// Tells `observer` of every call from now on; the first observer stays.
    pub fn observe_calls(&self, observer: Arc<dyn ObserveCalls>) {
        let _ = self.observer.set(observer);
    }

    /// Builds the catalogue now; deriving all schemas takes milliseconds, and the answer to `initialize` should not wait for it.
    pub fn warm(&self) {
        self.tool_catalogue();
    }

    /// Every tool as a client sees it.
    pub fn catalogue(&self) -> &[Tool] {
        &self.tool_catalogue().list
    }

    fn tool_catalogue(&self) -> &ToolCatalogue {
        self.catalogue
            .get_or_init(|| ToolCatalogue::build(self.tools.policy()))
    }

    /// A signal to end the process (SIGTERM) cancels this: calls that only read end at once, and the shutdown begins.
    pub fn stop_token(&self) -> &CancellationToken {
        &self.stop
    }

    /// The server cancels this on shutdown, so that no call waits for a person whose answer can no longer arrive.
    pub fn shutdown_token(&self) -> &CancellationToken {
        self.confirmations.shutdown_token()
    }

    /// The tools behind the catalogue.
    pub fn tools(&self) -> &Tools {
        &self.tools
    }
}

/// Sets the cache hints of a list, which older revisions do not have.
fn set_cache_hints(
    context: &RequestContext<RoleServer>,
    ttl_ms: &mut Option<u64>,
    scope: &mut Option<CacheScope>,
) {
    if context
        .protocol_version()
        .is_some_and(|version| version.as_str() >= ProtocolVersion::V_2026_07_28.as_str())
    {
        (*ttl_ms, *scope) = (Some(LIST_TTL_MS), Some(CacheScope::Private));
    }
}

impl ServerHandler for McpHandler {
    fn get_info(&self) -> ServerConfig {
        self.config.clone()
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let mut result = ListToolsResult::with_all_items(self.catalogue().to_vec());
        set_cache_hints(&context, &mut result.ttl_ms, &mut result.cache_scope);
        Ok(result)
    }

    // Some clients ask for these lists though no capability offers them, and show an error as a broken server.
    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        let mut result = ListPromptsResult::default();
        set_cache_hints(&context, &mut result.ttl_ms, &mut result.cache_scope);
        Ok(result)
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let mut result = ListResourcesResult::default();
        set_cache_hints(&context, &mut result.ttl_ms, &mut result.cache_scope);
        Ok(result)
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let mut result = ListResourceTemplatesResult::default();
        set_cache_hints(&context, &mut result.ttl_ms, &mut result.cache_scope);
        Ok(result)
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        let name = self.resolve_tool_name(name);
        let mut listed = self.catalogue().iter();
        listed.find(|tool| tool.name == name).cloned()
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        self.dispatch(request, context).await
    }

    /// Refuses unknown methods, and a `tools/call` whose parameters do not parse.
    async fn on_custom_request(
        &self,
        request: CustomRequest,
        _: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        Err(match request.method.as_str() {
            "tools/call" => ErrorData::invalid_params(
                "tools/call takes `name`, a text, and `arguments`, an object",
                None,
            ),
            method => {
                let text = format!("unknown method {}", quote_truncated(method));
                ErrorData::new(ErrorCode::METHOD_NOT_FOUND, text, None)
            }
        })
    }
}
