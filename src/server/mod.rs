//! The MCP face of Saki: what a client sees, and the stages of one call in the order a call passes them.
//!
//! `call` runs the stages: `arguments`, then the tool itself, then `present`.

mod arguments;
mod call;
mod info;
mod present;
mod schema;

use std::collections::HashMap;
use std::sync::Arc;

use rmcp::handler::server::tool::ToolRouter;
use rmcp::model::{
    CacheScope, CallToolRequestParams, CallToolResponse, ListToolsResult, PaginatedRequestParams,
    ProtocolVersion, ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde_json::{Map, Value};

use crate::tools::Tools;

pub use info::Identity;

/// How long a client may keep the list of tools, which changes only with a restart.
const LIST_IS_GOOD_FOR_MS: u64 = 5 * 60 * 1000;

/// Answers MCP clients; built once and shared by all connections.
#[derive(Debug)]
pub struct Handler {
    tools: Tools,
    router: ToolRouter<Tools>,
    /// The input schemas in full, which the catalogue tells more briefly.
    checks: HashMap<String, Map<String, Value>>,
    list: Vec<Tool>,
    config: ServerConfig,
}

impl Handler {
    /// Builds the catalogue of `tools` once.
    pub fn new(tools: Tools, identity: &Identity) -> Arc<Self> {
        let mut router = Tools::router();
        let mut checks = HashMap::new();
        for (name, route) in &mut router.map {
            checks.insert(name.to_string(), schema::normalise(&mut route.attr));
        }
        let list = router.list_all();
        let config = info::config(identity, tools.settings());
        Arc::new(Self {
            tools,
            router,
            checks,
            list,
            config,
        })
    }

    /// Every tool as a client sees it.
    pub fn catalogue(&self) -> &[Tool] {
        &self.list
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
        let mut result = ListToolsResult::with_all_items(self.list.clone());
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
        self.router.get(name).cloned()
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        self.call(request, context).await
    }
}
