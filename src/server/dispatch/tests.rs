use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use futures::FutureExt;
use rmcp::handler::server::router::tool::ToolRoute;
use rmcp::model::{CallToolRequestParams, CallToolResult, Tool};
use rmcp::service::RunningService;
use rmcp::{RoleClient, ServiceExt};
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use super::super::catalogue::{ToolCatalogue, ToolDetails};
use super::super::confirm::Confirmations;
use super::super::info;
use super::McpHandler;
use crate::saki::{BaseUrl, Client, ClientOptions, ConnectionPool};
use crate::server::{EndedCall, EndedWrite, Identity, ObserveCalls};
use crate::tools::{Settings, ToolTraits, Tools};

/// A handler without a key, one of whose tools has a bug, and a client of it.
async fn connected() -> RunningService<RoleClient, ()> {
    connected_until(CancellationToken::new()).await
}

/// The same, until `stop` shuts the server down.
async fn connected_until(stop: CancellationToken) -> RunningService<RoleClient, ()> {
    connected_and_observed(stop, OnceLock::new()).await
}

async fn connected_and_observed(
    stop: CancellationToken,
    observer: OnceLock<Arc<dyn ObserveCalls>>,
) -> RunningService<RoleClient, ()> {
    let http = ConnectionPool::new(ClientOptions::default());
    let base = BaseUrl::new(BaseUrl::DEFAULT).unwrap();
    let tools = Tools::new(Client::new(http, base), Settings::default());
    let mut router = Tools::router();
    let schema = json!({"type": "object", "properties": {}})
        .as_object()
        .cloned();
    let buggy = Tool::new("break_down", "Has a bug.", schema.unwrap_or_default());
    router.add_route(ToolRoute::new_dyn(buggy, |_| {
        async { panic!("planted") }.boxed()
    }));
    let slow = Tool::new("wait", "Has no end.", Map::new());
    router.add_route(ToolRoute::new_dyn(slow, |_| std::future::pending().boxed()));
    let listed = router.list_all().into_iter();
    let handler = Arc::new(McpHandler {
        is_sandbox: true,
        confirmations: Confirmations::new(tools.shared_store(), CancellationToken::new()),
        stop: CancellationToken::new(),
        config: info::config(&Identity::default(), tools.settings()),
        catalogue: Arc::new(OnceLock::from(ToolCatalogue {
            details: listed
                .map(|tool| {
                    let details = ToolDetails {
                        traits: ToolTraits::new(&tool),
                        input_schema: (*tool.input_schema).clone(),
                    };
                    (tool.name.to_string(), details)
                })
                .collect(),
            list: router.list_all(),
            router,
        })),
        tools,
        observer,
    });
    let (here, there) = tokio::io::duplex(1 << 20);
    tokio::spawn(async move {
        let running = handler
            .serve_with_ct(tokio::io::split(there), stop)
            .await
            .unwrap();
        running.waiting().await
    });
    ().serve(tokio::io::split(here)).await.unwrap()
}

async fn call(
    client: &RunningService<RoleClient, ()>,
    tool: &'static str,
) -> (CallToolResult, Value) {
    let request = CallToolRequestParams::new(tool).with_arguments(Map::new());
    // A call that is never answered is a failure, not a test that never ends.
    let answered = tokio::time::timeout(Duration::from_secs(30), client.call_tool(request));
    let result = answered.await.unwrap().unwrap();
    let json = serde_json::to_value(&result).unwrap();
    (result, json)
}

#[tokio::test]
async fn a_panic_in_a_tool_is_answered_and_the_next_call_too() {
    let client = connected().await;
    for _ in 0..2 {
        let (result, json) = call(&client, "break_down").await;
        assert_eq!(result.is_error, Some(true));
        assert_eq!(json["_meta"]["class"], "unknown_outcome");
        let text = json["content"][0]["text"].as_str().unwrap();
        assert!(text.contains("bug") && !text.contains("planted"), "{text}");
    }
    let (result, json) = call(&client, "list_spaces").await;
    assert_eq!(result.is_error, Some(true));
    assert!(json.to_string().contains("SAKI_API_KEY"), "{json}");
}

#[tokio::test]
async fn a_call_that_did_not_end_names_the_list_of_what_it_may_have_written() {
    let handler = McpHandler::new(
        Tools::new(
            Client::new(
                ConnectionPool::new(ClientOptions::default()),
                BaseUrl::new(BaseUrl::DEFAULT).unwrap(),
            ),
            Settings::default(),
        ),
        &Identity::default(),
    );
    for (tool, next_step) in [
        ("create_post", "Call list_posts first"),
        ("set_account_active", "Call list_accounts first"),
        ("delete_slot", "Call list_slots first"),
        ("update_cluster", "Call list_posts first"),
        ("get_queue", "The call only reads"),
    ] {
        let traits = &handler.tool_catalogue().details[tool].traits;
        let text = handler.interrupted("It was cut off.", traits);
        let text = text.text();
        assert!(text.starts_with("It was cut off. "), "{text}");
        assert!(text.contains(next_step), "{text}");
    }
}

#[tokio::test]
async fn a_call_that_a_shutdown_cuts_off_does_not_claim_that_nothing_was_sent() {
    let stop = CancellationToken::new();
    let client = connected_until(stop.clone()).await;
    let cut = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        stop.cancel();
    };
    let ((result, json), ()) = tokio::join!(call(&client, "wait"), cut);
    assert_eq!(result.is_error, Some(true));
    assert_eq!(json["_meta"]["class"], "unknown_outcome", "{json}");
}

/// Notes the tools that were called, each with how the call ended.
#[derive(Debug, Default)]
struct Observer {
    ended: Mutex<Vec<(String, &'static str)>>,
}

impl ObserveCalls for Observer {
    fn begun(&self) {}

    fn ended(&self, call: &EndedCall<'_>) {
        let ended = (call.tool.label().to_owned(), call.outcome.name());
        self.ended.lock().unwrap().push(ended);
    }

    fn write_ended(&self, _: &EndedWrite) {}
}

#[tokio::test]
async fn a_bug_is_observed_as_one() {
    let observer = Arc::new(Observer::default());
    let observing = OnceLock::from(observer.clone() as Arc<dyn ObserveCalls>);
    let client = connected_and_observed(CancellationToken::new(), observing).await;
    let call = CallToolRequestParams::new("break_down");
    assert_eq!(client.call_tool(call).await.unwrap().is_error, Some(true));
    assert_eq!(
        *observer.ended.lock().unwrap(),
        [("break_down".to_owned(), "bug")]
    );
}
