//! The MCP face of Saki: what a client sees, and the stages of one call in the order a call passes them.
//!
//! `call` runs the stages: whether the `policy` leaves the tool, `arguments`, then the tool itself, then `present`.

pub mod arguments;
mod call;
mod catalogue;
mod confirm;
mod fitting;
mod info;
mod policy;
pub mod present;
mod schema;

use std::sync::{Arc, OnceLock};

use rmcp::model::{
    CacheScope, CallToolRequestParams, CallToolResponse, CustomRequest, CustomResult, ErrorCode,
    ListToolsResult, PaginatedRequestParams, ProtocolVersion, ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};
use tokio_util::sync::CancellationToken;

use crate::tools::Tools;
use crate::write::quote::quote_truncated;
use catalogue::Catalogue;
use confirm::Confirmations;

pub use info::Identity;

/// How long a client may keep the list of tools, which changes only with a restart.
const LIST_IS_GOOD_FOR_MS: u64 = 5 * 60 * 1000;

/// Answers MCP clients; built once and shared by all connections.
#[derive(Debug)]
pub struct Handler {
    tools: Tools,
    catalogue: OnceLock<Catalogue>,
    config: ServerConfig,
    confirmations: Confirmations,
}

impl Handler {
    /// Takes `tools`; their catalogue is built at its first use or by [`warm`](Handler::warm), whichever comes first.
    pub fn new(tools: Tools, identity: &Identity) -> Arc<Self> {
        let config = info::config(identity, tools.settings());
        Arc::new(Self {
            tools,
            catalogue: OnceLock::new(),
            config,
            confirmations: Confirmations::default(),
        })
    }

    /// Builds the catalogue now; deriving all schemas takes milliseconds that the answer to `initialize` should not wait for.
    pub fn warm(&self) {
        self.built();
    }

    /// Every tool as a client sees it.
    pub fn catalogue(&self) -> &[Tool] {
        &self.built().list
    }

    fn built(&self) -> &Catalogue {
        self.catalogue
            .get_or_init(|| Catalogue::build(self.tools.policy()))
    }

    /// To be cancelled when the server ends, so that nobody waits for a person whose answer cannot come.
    pub fn ending(&self) -> &CancellationToken {
        self.confirmations.ending()
    }

    /// The tools behind the catalogue.
    pub fn tools(&self) -> &Tools {
        &self.tools
    }
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        self.config.clone()
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let mut result = ListToolsResult::with_all_items(self.catalogue().to_vec());
        if context
            .protocol_version()
            .is_some_and(|version| version.as_str() >= ProtocolVersion::V_2026_07_28.as_str())
        {
            result.ttl_ms = Some(LIST_IS_GOOD_FOR_MS);
            result.cache_scope = Some(CacheScope::Private);
        }
        Ok(result)
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        let mut listed = self.catalogue().iter();
        listed.find(|tool| tool.name == name).cloned()
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        self.call(request, context).await
    }

    /// What is no request of the protocol, and a call whose parameters are none.
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
