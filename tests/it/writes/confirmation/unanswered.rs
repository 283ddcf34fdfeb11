//! Questions that end without an answer: the call is taken back, the client leaves, the server stops.

use std::time::Duration;

use saki_mcp::tools::Confirm;
use serde_json::{Value, json};

use crate::support::child_process::Serving;
use crate::support::elicitation_client::{Era, Person, Reply, world};
use crate::support::fixture_server::{call, within};
use crate::support::line_client::Lines;
use crate::support::server_under_test::World;
use crate::support::sse_session::Session;
use crate::support::unresponsive_saki::begin;
use crate::writes::confirmation::over_transports::{now, older_that_asks, over_http};

/// Waits until the person of a call has been asked.
async fn asked(person: &Person) {
    within(async {
        while person.asked().is_empty() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_call_cancelled_during_a_question_sends_nothing() {
    let world = world(Confirm::Auto).await;
    let person = Person::answering([Reply::Silence]);
    let client = person.at(world.handler.clone(), Era::Older).await;
    let call = begin(&client, "create_post", now()).await;
    asked(&person).await;
    call.cancel(None).await.unwrap();
    client.list_all_tools().await.unwrap();
    let sent = world.handler.tools().detached();
    assert!(sent.is_empty() && world.writes().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stops_during_a_question_says_nothing_was_sent() {
    let world = world(Confirm::Auto).await;
    let stop = world.handler.shutdown_token().clone();
    let (here, there) = tokio::io::duplex(1 << 20);
    let (reader, writer) = tokio::io::split(there);
    let handler = world.handler.clone();
    let serving = saki_mcp::transport::stdio::serve_on(reader, writer, handler, stop.clone());
    tokio::spawn(serving);
    let person = Person::answering([Reply::Silence]);
    let client = rmcp::ServiceExt::serve(person.clone(), tokio::io::split(here)).await;
    let client = client.unwrap();
    let began = tokio::time::Instant::now();
    let calling = crate::support::unresponsive_saki::call(&client, "create_post", now());
    let (answer, ()) = tokio::join!(calling, async {
        while person.asked().is_empty() {
            tokio::task::yield_now().await;
        }
        stop.cancel();
    });
    assert!(answer.failed);
    // The clock of this test stands still but for waiting.
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert_eq!(answer.meta["class"], "not_sent", "{}", answer.text);
    assert!(
        answer.text.contains("while a person was being asked"),
        "{}",
        answer.text
    );
    assert!(world.writes().is_empty());
}

/// A question of the call with id 1, by a client that reads and writes lines.
async fn open(lines: &mut Lines) -> Value {
    lines.ask(&older_that_asks()).await;
    let question = lines.ask(&call(1, "create_post", now())).await;
    assert_eq!(question["method"], "elicitation/create", "{question}");
    question
}

#[tokio::test]
async fn the_question_of_a_call_that_is_cancelled_is_closed() {
    let world = world(Confirm::Auto).await;
    let mut lines = Lines::to(world.handler.clone());
    let question = open(&mut lines).await;
    let cancelled =
        json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}});
    let closed = lines.ask(&cancelled).await;
    assert_eq!(closed["method"], "notifications/cancelled", "{closed}");
    assert_eq!(closed["params"]["requestId"], question["id"], "{closed}");
    // A yes that comes all the same means nothing any more.
    let yes = json!({"action": "accept", "content": {"confirm": true}});
    lines
        .send(&json!({"jsonrpc": "2.0", "id": question["id"], "result": yes}))
        .await;
    let spaces = lines.ask(&call(2, "list_spaces", json!({}))).await;
    assert_eq!(spaces["id"], 2, "{spaces}");
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn an_answered_question_is_not_closed_once_more() {
    let world = world(Confirm::Auto).await;
    let mut lines = Lines::to(world.handler.clone());
    let question = open(&mut lines).await;
    let no = json!({"action": "decline"});
    let answer = lines
        .ask(&json!({"jsonrpc": "2.0", "id": question["id"], "result": no}))
        .await;
    assert_eq!(answer["id"], 1, "{answer}");
    let spaces = lines.ask(&call(2, "list_spaces", json!({}))).await;
    assert_eq!(spaces["id"], 2, "{spaces}");
}

#[test]
fn when_the_client_leaves_during_a_question_nothing_is_sent() {
    let mut serving = Serving::start(&["--sandbox"], &[]);
    serving.ask(&older_that_asks());
    serving.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
    let question = serving.ask(&call(1, "create_post", now()));
    assert_eq!(question["method"], "elicitation/create", "{question}");
    serving.close_input();
    assert_eq!(serving.ended().code(), Some(0));
    let answered = serving.said.iter().find(|line| line.contains("\"id\":1,"));
    let answered = answered.unwrap();
    assert!(
        answered.contains("while a person was being asked"),
        "{answered}"
    );
}

#[tokio::test]
async fn a_stopping_server_answers_over_sse_too() {
    let world: World = world(Confirm::Auto).await;
    let server = over_http(&world).await;
    let mut session = Session::open(&server).await;
    session.send(&server, &older_that_asks()).await;
    session.events.message().await;
    session.send(&server, &call(1, "create_post", now())).await;
    let question = session.events.message().await;
    assert_eq!(question["method"], "elicitation/create", "{question}");
    server.shutdown.cancel();
    let mut said = Vec::new();
    while let Some((_, data)) = within(session.events.next()).await {
        said.push(data);
    }
    let answered = said.iter().find(|data| data.contains("\"id\":1,"));
    assert!(
        answered.is_some_and(|data| data.contains("while a person was being asked")),
        "{said:?}"
    );
    assert!(world.writes().is_empty());
}
