//! Lists that the server has none of, and the small liberties of HTTP clients.

use rstest::rstest;
use saki_mcp::transport::http::HttpOptions;
use serde_json::json;

use crate::support::fixture_server::{
    Events, Server, add, call, json_of, modern, request, text, within,
};
use crate::support::line_client::Lines;
use crate::support::server_under_test::World;

#[rstest]
#[case("prompts/list", "prompts")]
#[case("resources/list", "resources")]
#[case("resources/templates/list", "resourceTemplates")]
#[tokio::test]
async fn a_list_of_nothing_is_empty_and_no_error(#[case] method: &str, #[case] name: &str) {
    let world = World::new().await;
    let mut lines = Lines::initialized(world.handler.clone()).await;
    let answer = lines.ask(&request(1, method, json!({}))).await;
    assert_eq!(answer["result"], json!({name: []}));
    let answer = lines
        .ask(&json!({"jsonrpc": "2.0", "id": 2, "method": method}))
        .await;
    assert_eq!(answer["result"], json!({name: []}));
    let server = world.over_http().await;
    let (_, answer) = json_of(server.mcp(&request(3, method, json!({})))).await;
    assert_eq!(answer["result"], json!({name: []}));
    let (_, answer) = json_of(server.mcp(&modern(request(4, method, json!({}))))).await;
    assert_eq!(answer["result"][name], json!([]), "{answer}");
    assert_eq!(answer["result"]["cacheScope"], "private");
}

#[tokio::test]
async fn lists_of_nothing_are_empty_in_a_batch_and_behind_a_cursor_too() {
    let world = World::new().await;
    let mut lines = Lines::initialized(world.handler.clone()).await;
    let batch = json!([
        request(1, "prompts/list", json!({"cursor": "abc"})),
        request(2, "resources/list", json!({"_meta": {"progressToken": 1}})),
        {"jsonrpc": "2.0", "id": "three", "method": "resources/templates/list", "params": null},
    ]);
    let mut answers = lines.ask(&batch).await.as_array().unwrap().clone();
    answers.sort_by_key(|answer| answer["id"].to_string());
    for (answer, name) in answers
        .iter()
        .zip(["resourceTemplates", "prompts", "resources"])
    {
        assert_eq!(answer["result"], json!({name: []}), "{answers:?}");
    }
    assert_eq!(answers.len(), 3);
}

#[tokio::test]
async fn no_capability_offers_what_there_is_not() {
    let world = World::new().await;
    let capabilities = &world.client.peer_info().unwrap().capabilities;
    assert!(capabilities.prompts.is_none() && capabilities.resources.is_none());
}

#[tokio::test]
async fn a_slash_at_the_end_is_the_same_endpoint() {
    let server = Server::start(HttpOptions::default()).await;
    let post = server
        .post("/mcp/", add(1).to_string())
        .header("accept", "*/*");
    assert_eq!(text(&json_of(post).await.1), "5");
    assert_eq!(
        within(server.get("/mcp/").send()).await.unwrap().status(),
        405
    );
    let mut events = Events::open(server.get("/sse/")).await;
    let (name, address) = events.next().await.unwrap();
    assert_eq!(name, "endpoint");
    assert!(address.starts_with("/message?sessionId="), "{address}");
    let foreign = server
        .post("/mcp/", add(1).to_string())
        .header("host", "evil.example");
    assert_eq!(within(foreign.send()).await.unwrap().status(), 403);
}

#[tokio::test]
async fn a_client_that_accepts_json_alone_gets_json() {
    let server = Server::start(HttpOptions::default()).await;
    for accept in [
        "application/json",
        "application/json;q=0.9",
        "Application/JSON, text/plain",
        "text/event-stream;q=0, application/json",
    ] {
        let post = server
            .post("/mcp", add(1).to_string())
            .header("accept", accept);
        assert_eq!(text(&json_of(post).await.1), "5", "{accept}");
    }
    let mut slow = call(2, "progress", json!({}));
    slow["params"]["_meta"] = json!({"progressToken": "p"});
    server.fixture.release.add_permits(1);
    let post = server
        .post("/mcp", slow.to_string())
        .header("accept", "application/json");
    let (status, answer) = json_of(post).await;
    assert_eq!(
        (status, &answer["id"], text(&answer)),
        (200, &json!(2), "finished")
    );
    for accept in [
        "application/*",
        "application/json, text/event-stream;q=0.5",
        "",
    ] {
        let post = server
            .post("/mcp", add(1).to_string())
            .header("accept", accept);
        assert_eq!(text(&json_of(post).await.1), "5", "{accept}");
    }
    for accept in ["text/html", "text/event-stream", "application/json;q=0"] {
        let post = server
            .post("/mcp", add(1).to_string())
            .header("accept", accept);
        assert_eq!(json_of(post).await.0, 406, "{accept}");
    }
}
