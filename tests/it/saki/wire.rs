//! What reaches Saki: the 26 endpoints, and the request that each tool makes of its arguments.

use std::collections::{BTreeMap, BTreeSet};

use saki_mcp::sandbox::{LoggedRequest, Sandbox, SandboxOptions};
use serde_json::{Value, json};

use crate::support::example_calls;
use crate::support::server_under_test::{KEY, World};

/// The endpoints of the API reference, in its order.
const REFERENCE: [&str; 26] = [
    "GET /spaces",
    "POST /spaces",
    "GET /spaces/{space}",
    "PUT /spaces/{space}",
    "DELETE /spaces/{space}",
    "GET /spaces/{space}/posts",
    "POST /spaces/{space}/posts",
    "GET /spaces/{space}/posts/{post}",
    "PUT /spaces/{space}/posts/{post}",
    "DELETE /spaces/{space}/posts/{post}",
    "PUT /spaces/{space}/clusters/{cluster}",
    "GET /spaces/{space}/accounts",
    "PATCH /spaces/{space}/accounts/{account}/activate",
    "GET /spaces/{space}/accounts/{account}/boards",
    "DELETE /spaces/{space}/accounts/{account}",
    "POST /media",
    "DELETE /media/{media}",
    "GET /spaces/{space}/slots",
    "POST /spaces/{space}/slots",
    "DELETE /spaces/{space}/slots/{slot}",
    "GET /spaces/{space}/queue",
    "GET /spaces/{space}/webhooks",
    "POST /spaces/{space}/webhooks",
    "PUT /spaces/{space}/webhooks/{webhook}",
    "DELETE /spaces/{space}/webhooks/{webhook}",
    "GET /subscription",
];

#[test]
fn the_endpoints_are_those_of_the_reference() {
    let ours: BTreeSet<String> = Sandbox::endpoints()
        .iter()
        .map(|at| format!("{} {}", at.method, at.path_template.replace("_id}", "}")))
        .collect();
    let printed: BTreeSet<String> = REFERENCE.iter().map(|at| (*at).to_owned()).collect();
    assert_eq!(ours, printed);
}

/// Each tool with its arguments, and the requests that it made.
///
/// The sandbox takes no other key than the one that the server was given.
async fn made() -> Vec<(&'static str, Value, Vec<LoggedRequest>)> {
    let world = World::with(only(KEY), |_| {}).await;
    let mut made = Vec::new();
    for (tool, arguments) in example_calls::full() {
        world.sandbox().clear_log();
        world.ok(tool, arguments.clone()).await;
        made.push((tool, arguments, world.sandbox().log()));
    }
    made
}

#[tokio::test]
async fn every_tool_is_called_once_by_these_tests() {
    let world = World::new().await;
    let called: BTreeSet<_> = example_calls::full()
        .iter()
        .map(|(tool, _)| (*tool).to_owned())
        .collect();
    let tools: BTreeSet<_> = world
        .tools()
        .await
        .iter()
        .map(|tool| tool.name.to_string())
        .collect();
    assert_eq!(called, tools);
    assert_eq!(example_calls::full().len(), tools.len());
}

#[tokio::test]
async fn the_request_of_every_tool() {
    let mut table = serde_json::Map::new();
    for (tool, arguments, log) in made().await {
        let requests: Vec<Value> = log.iter().map(request).collect();
        table.insert(
            tool.to_owned(),
            json!({"arguments": arguments, "requests": requests}),
        );
    }
    insta::assert_json_snapshot!(table);
}

fn only(key: &str) -> SandboxOptions {
    SandboxOptions {
        key: Some(key.to_owned()),
        ..SandboxOptions::default()
    }
}

#[tokio::test]
async fn an_unknown_key_is_refused_with_the_way_to_a_new_one() {
    let world = World::with(only("sk-another"), |_| {}).await;
    let said = world.refused("list_spaces", json!({})).await;
    assert!(
        said.contains("401") && said.contains("Settings > API"),
        "{said}"
    );
}

/// A request without its headers, which have a test of their own.
fn request(logged: &LoggedRequest) -> Value {
    let mut request = serde_json::Map::new();
    let address = match &logged.query {
        Some(query) => format!("{} {}?{query}", logged.method, logged.path),
        None => format!("{} {}", logged.method, logged.path),
    };
    request.insert("request".to_owned(), address.into());
    if let Some(body) = &logged.body {
        request.insert("body".to_owned(), body.clone());
    }
    if !logged.uploads.is_empty() {
        request.insert("files".to_owned(), json!(logged.uploads));
    }
    request.insert("status".to_owned(), json!(logged.status));
    Value::Object(request)
}

#[tokio::test]
async fn each_endpoint_is_reached_by_one_tool() {
    let mut reached: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    // The overview is made of the reads of other tools.
    let made = made().await.into_iter();
    for (tool, _, log) in made.filter(|(tool, ..)| *tool != "get_overview") {
        let own = own(tool, &log);
        let address = format!("{} {}", own.method, own.endpoint.clone().unwrap());
        reached.entry(address).or_default().push(tool);
    }
    let all: BTreeSet<String> = Sandbox::endpoints()
        .iter()
        .map(|at| format!("{} {}", at.method, at.path_template))
        .collect();
    assert_eq!(reached.keys().cloned().collect::<BTreeSet<_>>(), all);
    assert!(
        reached.values().all(|tools| tools.len() == 1),
        "{reached:#?}"
    );
}

/// The request that a tool is for, beside those by which it looks around: the write, else the last read.
fn own<'a>(tool: &str, log: &'a [LoggedRequest]) -> &'a LoggedRequest {
    let write = log.iter().find(|logged| logged.method != "GET");
    write
        .or(log.last())
        .unwrap_or_else(|| panic!("{tool} asked nothing of Saki"))
}

#[tokio::test]
async fn read_only_tools_send_only_reads_and_others_write_once() {
    let world = World::new().await;
    let claims: BTreeMap<String, bool> = world
        .tools()
        .await
        .into_iter()
        .map(|tool| {
            (
                tool.name.to_string(),
                tool.annotations.unwrap().read_only_hint.unwrap(),
            )
        })
        .collect();
    for (tool, _, log) in made().await {
        let writes = log.iter().filter(|logged| logged.method != "GET").count();
        assert_eq!(writes, usize::from(!claims[tool]), "{tool}: {log:#?}");
    }
}

#[tokio::test]
async fn every_request_has_accept_and_user_agent_headers() {
    let agent = format!("saki-mcp/{}", env!("CARGO_PKG_VERSION"));
    for (tool, _, log) in made().await {
        for logged in log {
            assert_eq!(logged.accept.as_deref(), Some("application/json"), "{tool}");
            assert_eq!(logged.user_agent.as_ref(), Some(&agent), "{tool}");
            let kind = logged.content_type.as_deref();
            match (logged.uploads.is_empty(), &logged.body) {
                (true, Some(_)) => assert_eq!(kind, Some("application/json"), "{tool}"),
                (true, None) => assert_eq!(kind, None, "{tool}"),
                (false, _) => {
                    let kind = kind.unwrap_or_default();
                    assert!(
                        kind.starts_with("multipart/form-data; boundary="),
                        "{tool}: {kind}"
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn a_file_goes_out_under_a_plain_ascii_name() {
    let world = World::new().await;
    let upload = json!({"data": example_calls::PIXEL, "filename": "../fête d'été.png"});
    world.ok("upload_media", upload).await;
    let log = world.sandbox().log();
    let file = &log[0].uploads[0];
    assert_eq!(
        (
            file.field.as_str(),
            file.filename.as_str(),
            file.mime.as_str()
        ),
        ("file", "f_te d__t_.png", "image/png")
    );
}
