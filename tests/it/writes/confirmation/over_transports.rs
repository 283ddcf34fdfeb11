//! Questions on the wire: over `/mcp` and `/sse`, and on standard input and output of the real binary.

use saki_mcp::tools::Confirm;
use saki_mcp::transport::http::HttpOptions;
use serde_json::{Value, json};

use crate::support::child_process::Serving;
use crate::support::elicitation_client::world;
use crate::support::fixture_server::{
    Events, Server, call, initialize, json_of, modern, request, text,
};
use crate::support::mcp_session::McpSession;
use crate::support::post_arguments::new_post;
use crate::support::server_under_test::World;
use crate::support::sse_session::Session;

/// The handler of a world behind HTTP.
pub(crate) async fn over_http(world: &World) -> Server {
    world.over_http().await
}

pub(crate) fn now() -> Value {
    new_post("Open late.").now()
}

/// The call as a client of 2026-07-28 makes it that can ask.
fn asking(id: u64) -> Value {
    let mut call = modern(call(id, "create_post", now()));
    let capabilities = "io.modelcontextprotocol/clientCapabilities";
    call["params"]["_meta"][capabilities] = json!({"elicitation": {}});
    call
}

/// The same call with the answer to its question.
fn answering(id: u64, question: &Value, answer: Value) -> Value {
    let mut call = asking(id);
    call["params"]["inputResponses"] = json!({"confirm": answer});
    call["params"]["requestState"] = question["result"]["requestState"].clone();
    call
}

pub(crate) fn older_that_asks() -> Value {
    let mut hello = initialize("2025-11-25");
    hello["params"]["capabilities"] = json!({"elicitation": {}});
    hello
}

fn outcome(answer: &Value) -> &Value {
    &answer["result"]["structuredContent"]["outcome"]
}

#[tokio::test]
async fn a_modern_client_over_mcp_is_asked_in_a_result_and_answers_in_a_call() {
    let world = world(Confirm::Auto).await;
    let server = over_http(&world).await;
    let (status, question) = json_of(server.mcp(&asking(1))).await;
    let result = &question["result"];
    assert_eq!(
        (status, &result["resultType"]),
        (200, &json!("input_required")),
        "{question}"
    );
    let asks = &result["inputRequests"]["confirm"];
    assert_eq!(asks["method"], "elicitation/create");
    assert!(
        asks["params"]["message"]
            .as_str()
            .unwrap()
            .contains("Open late.")
    );
    assert_eq!(
        asks["params"]["requestedSchema"]["properties"]["confirm"]["type"],
        "boolean"
    );
    assert!(world.writes().is_empty());

    let no = answering(2, &question, json!({"action": "decline"}));
    let (_, declined) = json_of(server.mcp(&no)).await;
    assert_eq!(declined["result"]["isError"], true);
    assert!(text(&declined).contains("said no"), "{declined}");
    let yes = json!({"action": "accept", "content": {"confirm": true}});
    let (_, used) = json_of(server.mcp(&answering(3, &question, yes.clone()))).await;
    assert!(text(&used).contains("used before"), "{used}");
    assert!(world.writes().is_empty());

    let (_, question) = json_of(server.mcp(&asking(4))).await;
    let (_, done) = json_of(server.mcp(&answering(5, &question, yes))).await;
    assert_eq!(outcome(&done), "done", "{done}");
    assert_eq!(world.writes().len(), 1);
}

#[tokio::test]
async fn an_older_client_over_mcp_has_no_session_and_calls_twice() {
    let auto = world(Confirm::Auto).await;
    let server = over_http(&auto).await;
    json_of(server.mcp(&older_that_asks())).await;
    let (_, first) = json_of(server.mcp(&call(1, "create_post", now()))).await;
    assert_eq!(outcome(&first), "confirmation_needed", "{first}");
    assert!(auto.writes().is_empty());
    let mut again = now();
    again["confirmation"] = first["result"]["structuredContent"]["confirmation"].clone();
    let (_, done) = json_of(server.mcp(&call(2, "create_post", again))).await;
    assert_eq!(outcome(&done), "done", "{done}");
    assert_eq!(auto.writes().len(), 1);

    let always = world(Confirm::Always).await;
    let server = over_http(&always).await;
    let (_, refused) = json_of(server.mcp(&call(1, "create_post", now()))).await;
    assert!(
        text(&refused).contains("over /mcp without a session"),
        "{refused}"
    );
    assert!(always.writes().is_empty());
}

#[tokio::test]
async fn an_older_client_over_sse_is_asked_during_its_call() {
    for (answer, said) in [
        (
            json!({"action": "accept", "content": {"confirm": true}}),
            "done",
        ),
        (json!({"action": "cancel"}), "closed the question"),
    ] {
        let world = world(Confirm::Always).await;
        let server = over_http(&world).await;
        let mut session = Session::open(&server).await;
        session.send(&server, &older_that_asks()).await;
        session.events.message().await;
        let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        session.send(&server, &ready).await;
        session.send(&server, &call(1, "create_post", now())).await;
        let question = session.events.message().await;
        assert_eq!(question["method"], "elicitation/create", "{question}");
        assert!(world.writes().is_empty());
        let reply = json!({"jsonrpc": "2.0", "id": question["id"], "result": answer});
        session.send(&server, &reply).await;
        let answered = session.events.message().await;
        assert_eq!(answered["id"], 1);
        assert!(answered.to_string().contains(said), "{answered}");
        assert_eq!(world.writes().len(), usize::from(said == "done"));
    }
}

#[tokio::test]
async fn an_older_client_in_a_session_of_mcp_is_asked_during_its_call() {
    let world = world(Confirm::Always).await;
    let options = HttpOptions {
        sessions: true,
        ..HttpOptions::default()
    };
    let server = world.over_http_with(options).await;
    let session = McpSession::begin(&server, older_that_asks()).await;
    let mut events = Events::open(session.post(&server, &call(1, "create_post", now()))).await;
    let question = events.message().await;
    assert_eq!(question["method"], "elicitation/create", "{question}");
    assert!(world.writes().is_empty());
    let yes = json!({"action": "accept", "content": {"confirm": true}});
    let reply = json!({"jsonrpc": "2.0", "id": question["id"], "result": yes});
    let accepted = session.post(&server, &reply).send().await.unwrap();
    assert_eq!(accepted.status(), 202);
    let answered = events.message().await;
    assert_eq!(
        (&answered["id"], outcome(&answered)),
        (&json!(1), &json!("done"))
    );
    assert_eq!(world.writes().len(), 1);
}

#[tokio::test]
async fn a_modern_client_over_sse_is_asked_in_a_result() {
    let world = world(Confirm::Always).await;
    let server = over_http(&world).await;
    let mut session = Session::open(&server).await;
    let discover = modern(request(1, "server/discover", json!({})));
    session.send(&server, &discover).await;
    session.events.message().await;
    session.send(&server, &asking(2)).await;
    let question = session.events.message().await;
    assert_eq!(question["result"]["resultType"], "input_required");
    let yes = json!({"action": "accept", "content": {"confirm": true}});
    session.send(&server, &answering(3, &question, yes)).await;
    assert_eq!(outcome(&session.events.message().await), "done");
    assert_eq!(world.writes().len(), 1);
}

#[test]
fn the_binary_asks_on_stdout_and_reads_the_answer_between_calls() {
    let environment = [("SAKI_SANDBOX", "1"), ("SAKI_CONFIRM", "always")];
    let mut serving = Serving::start(&[], &environment);
    serving.ask(&older_that_asks());
    serving.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
    let question = serving.ask(&call(1, "create_post", now()));
    assert_eq!(question["method"], "elicitation/create", "{question}");
    // Other calls are answered meanwhile.
    let spaces = serving.ask(&call(2, "list_spaces", json!({})));
    assert_eq!(spaces["id"], 2);
    let yes = json!({"action": "accept", "content": {"confirm": true}});
    let done = serving.ask(&json!({"jsonrpc": "2.0", "id": question["id"], "result": yes}));
    assert_eq!((&done["id"], outcome(&done)), (&json!(1), &json!("done")));
    serving.close_input();
    assert_eq!(serving.ended().code(), Some(0));
}
