//! A client with a person behind it, who answers questions as the test says, in either protocol era.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use rmcp::model::{
    ClientCapabilities, ClientConfig, ElicitRequestParams, ElicitResult, ElicitationAction,
    ElicitationCapability, Implementation, ProtocolVersion,
};
use rmcp::service::{ClientLifecycleMode, ClientServiceExt, RequestContext, RunningService};
use rmcp::{ClientHandler, ErrorData, RoleClient, ServiceExt};
use saki_mcp::sandbox::{Sandbox, SandboxOptions};
use saki_mcp::server::McpHandler;
use saki_mcp::tools::Confirm;
use saki_mcp::transport::stdio::serve_on;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::support::server_under_test::World;

/// How a client begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Era {
    /// With `initialize`.
    Older,
    /// With 2026-07-28 in every request.
    Modern,
}

pub(crate) const ERAS: [Era; 2] = [Era::Older, Era::Modern];

/// What a person answers.
pub(crate) enum Reply {
    Yes,
    /// Yes, after something else happened.
    YesAfter(Box<dyn Fn() + Send + Sync>),
    Unticked,
    No,
    Closed,
    /// Nothing, ever.
    Silence,
    /// The client fails to ask.
    Broken,
}

/// A person, with the answers they are going to give and the questions they were asked.
#[derive(Clone, Default)]
pub(crate) struct Person(Arc<Mutex<(VecDeque<Reply>, Vec<String>)>>);

impl Person {
    pub(crate) fn answering(replies: impl IntoIterator<Item = Reply>) -> Self {
        let person = Self::default();
        person.0.lock().unwrap().0.extend(replies);
        person
    }

    /// The questions so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.0.lock().unwrap().1.clone()
    }

    /// Connected to a server.
    pub(crate) async fn at(
        &self,
        handler: Arc<McpHandler>,
        era: Era,
    ) -> RunningService<RoleClient, Self> {
        connect(self.clone(), handler, era).await
    }
}

/// Any client, connected in an era.
pub(crate) async fn connect<C: ClientHandler>(
    client: C,
    handler: Arc<McpHandler>,
    era: Era,
) -> RunningService<RoleClient, C> {
    let (here, there) = tokio::io::duplex(1 << 20);
    let (reader, writer) = tokio::io::split(there);
    tokio::spawn(serve_on(reader, writer, handler, CancellationToken::new()));
    let streams = tokio::io::split(here);
    match era {
        Era::Older => client.serve(streams).await.unwrap(),
        Era::Modern => {
            let preferred_versions = vec![ProtocolVersion::V_2026_07_28];
            let lifecycle = ClientLifecycleMode::Discover { preferred_versions };
            client
                .serve_with_lifecycle(streams, lifecycle)
                .await
                .unwrap()
        }
    }
}

impl ClientHandler for Person {
    fn get_info(&self) -> ClientConfig {
        let mut capabilities = ClientCapabilities::default();
        capabilities.elicitation = Some(ElicitationCapability::default());
        ClientConfig::new(capabilities, Implementation::new("person", "1"))
    }

    async fn create_elicitation(
        &self,
        request: ElicitRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        let ElicitRequestParams::FormElicitationParams { message, .. } = request else {
            panic!("no form: {request:?}");
        };
        let reply = {
            let mut state = self.0.lock().unwrap();
            state.1.push(message);
            state.0.pop_front()
        };
        let accepted =
            |content: Value| Ok(ElicitResult::new(ElicitationAction::Accept).with_content(content));
        match reply.unwrap_or(Reply::Closed) {
            Reply::Yes => accepted(json!({"confirm": true})),
            Reply::YesAfter(happens) => {
                happens();
                accepted(json!({"confirm": true}))
            }
            Reply::Unticked => accepted(json!({"confirm": false})),
            Reply::No => Ok(ElicitResult::new(ElicitationAction::Decline)),
            Reply::Closed => Ok(ElicitResult::new(ElicitationAction::Cancel)),
            Reply::Silence => std::future::pending().await,
            Reply::Broken => Err(ErrorData::internal_error("no window", None)),
        }
    }
}

/// The seeded world, where writes are asked about.
pub(crate) async fn world(confirm: Confirm) -> World {
    World::with(SandboxOptions::default(), |settings| {
        settings.confirm = confirm;
    })
    .await
}

/// Gives a post another text.
/// Somebody writes more at the end of a post.
pub(crate) fn append(sandbox: &Sandbox, post_id: u64, more: &str) {
    sandbox.edit(|state| state.posts.get_mut(post_id).unwrap().content.push_str(more));
}

pub(crate) fn rewrite(sandbox: &Sandbox, post_id: u64) {
    sandbox.edit(|state| {
        let post = state.posts.get_mut(post_id).unwrap();
        post.content.insert_str(0, "And more. ");
    });
}
