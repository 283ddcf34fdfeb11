//! The state that a client of 2026-07-28 carries from a question to its answer, when it comes back otherwise than it was given.

use std::collections::BTreeMap;

use rmcp::RoleClient;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, InputRequest, InputRequiredResult, InputResponses,
};
use rmcp::service::RunningService;
use saki_mcp::tools::Confirm;
use serde_json::{Value, json};

use crate::support::elicitation_client::{Era, Person, connect, world};
use crate::support::post_arguments::new_post;
use crate::support::server_under_test::{Answer, World, object};

fn arguments() -> Value {
    json!({"space_id": 1, "post_id": 104})
}

fn answered(answer: Value) -> InputResponses {
    BTreeMap::from([("confirm".to_owned(), answer)])
}

fn yes() -> InputResponses {
    answered(json!({"action": "accept", "content": {"confirm": true}}))
}

/// A client that is asked, and drives the rounds by hand.
struct Rounds {
    world: World,
    client: RunningService<RoleClient, Person>,
}

impl Rounds {
    async fn begin() -> Self {
        let world = world(Confirm::Auto).await;
        let person = Person::default();
        let client = person.at(world.handler.clone(), Era::Modern).await;
        Self { world, client }
    }

    async fn call(
        &self,
        arguments: Value,
        answer: Option<InputResponses>,
        state: Option<&str>,
    ) -> CallToolResponse {
        let mut request = CallToolRequestParams::new("delete_post");
        request.arguments = Some(object(arguments));
        request.input_responses = answer;
        request.request_state = state.map(str::to_owned);
        self.client.call_tool_once(request).await.unwrap()
    }

    async fn asked(&self) -> String {
        question(self.call(arguments(), None, None).await).0
    }
}

/// State and text of a question.
fn question(response: CallToolResponse) -> (String, String) {
    let CallToolResponse::InputRequired(InputRequiredResult {
        request_state,
        input_requests,
        ..
    }) = response
    else {
        panic!("no question: {response:?}");
    };
    let requests = input_requests.unwrap();
    let InputRequest::Elicitation(asks) = &requests["confirm"] else {
        panic!("no form: {requests:?}");
    };
    let form = serde_json::to_value(&asks.params).unwrap();
    assert_eq!(form["requestedSchema"]["required"], json!(["confirm"]));
    let text = form["message"].as_str().unwrap().to_owned();
    (request_state.unwrap(), text)
}

fn complete(response: CallToolResponse) -> Answer {
    let CallToolResponse::Complete(result) = response else {
        panic!("no answer: {response:?}");
    };
    Answer::from(result)
}

#[tokio::test]
async fn a_state_is_valid_once_whatever_was_answered() {
    let no = || answered(json!({"action": "decline"}));
    for (first, sent) in [(yes(), 1), (no(), 0)] {
        let rounds = Rounds::begin().await;
        let state = rounds.asked().await;
        let answer = rounds.call(arguments(), Some(first), Some(&state)).await;
        assert_eq!(complete(answer).failed, sent == 0);
        let fresh = world(Confirm::Auto).await.sandbox().state(Clone::clone);
        rounds.world.sandbox().edit(|state| *state = fresh);
        let again = rounds.call(arguments(), Some(yes()), Some(&state)).await;
        let again = complete(again);
        assert!(
            again.failed && again.text.contains("used before"),
            "{}",
            again.text
        );
        assert_eq!(rounds.world.writes().len(), sent);
    }
}

#[tokio::test]
async fn a_no_to_a_write_done_meanwhile_is_a_no() {
    let world = world(Confirm::Auto).await;
    let client = Person::default()
        .at(world.handler.clone(), Era::Modern)
        .await;
    let call = async |answer: Option<InputResponses>, state: Option<String>| {
        let mut request = CallToolRequestParams::new("create_post");
        let post = new_post("x").now();
        request.arguments = Some(object(post));
        (request.input_responses, request.request_state) = (answer, state);
        client.call_tool_once(request).await.unwrap()
    };
    let (first, _) = question(call(None, None).await);
    let (second, _) = question(call(None, None).await);
    let done = complete(call(Some(yes()), Some(second)).await);
    assert_eq!(done.json["outcome"], "done");
    let no = answered(json!({"action": "decline"}));
    let declined = complete(call(Some(no), Some(first.clone())).await);
    assert!(
        declined.failed && declined.text.contains("said no"),
        "{declined:?}"
    );
    let post_id = done.json["post_ids"][0].as_u64().unwrap();
    world.sandbox().edit(|state| state.posts.remove(post_id));
    let again = complete(call(Some(yes()), Some(first)).await);
    assert!(again.text.contains("used before"), "{}", again.text);
    assert_eq!(world.writes().len(), 1);
}

#[tokio::test]
async fn a_no_to_a_changed_preview_uses_the_state_up() {
    let rounds = Rounds::begin().await;
    let state = rounds.asked().await;
    let as_it_was = rounds.world.sandbox().state(Clone::clone);
    crate::support::elicitation_client::rewrite(rounds.world.sandbox(), 104);
    let no = answered(json!({"action": "decline"}));
    let answer = rounds.call(arguments(), Some(no), Some(&state)).await;
    assert!(complete(answer).text.contains("said no"));
    rounds.world.sandbox().edit(|state| *state = as_it_was);
    let again = complete(rounds.call(arguments(), Some(yes()), Some(&state)).await);
    assert!(again.text.contains("used before"), "{}", again.text);
    assert!(rounds.world.writes().is_empty());
}

#[tokio::test]
async fn a_yes_without_an_issued_state_is_asked_again() {
    let rounds = Rounds::begin().await;
    let state = rounds.asked().await;
    let altered = state.replacen("rs1.A", "rs1.B", 1);
    assert_ne!(altered, state);
    let foreign = Rounds::begin().await.asked().await;
    for bad in [
        None,
        Some(altered.as_str()),
        Some(foreign.as_str()),
        Some(""),
    ] {
        let answer = rounds.call(arguments(), Some(yes()), bad).await;
        let (fresh, _) = question(answer);
        assert_ne!(fresh, state);
    }
    assert!(rounds.world.writes().is_empty());
    let done = rounds.call(arguments(), Some(yes()), Some(&state)).await;
    assert_eq!(complete(done).json["outcome"], "done");
}

#[tokio::test]
async fn a_yes_to_one_call_does_not_confirm_another() {
    let rounds = Rounds::begin().await;
    let state = rounds.asked().await;
    let other = json!({"space_id": 1, "post_id": 101});
    let answer = rounds.call(other, Some(yes()), Some(&state)).await;
    let (fresh, text) = question(answer);
    assert!(text.contains("101"), "{text}");
    assert!(rounds.world.writes().is_empty());
    let other = json!({"post_id": "101", "space_id": 1});
    let done = rounds.call(other, Some(yes()), Some(&fresh)).await;
    assert_eq!(complete(done).json["outcome"], "done");
}

#[tokio::test]
async fn a_state_without_an_answer_is_asked_again() {
    let rounds = Rounds::begin().await;
    let state = rounds.asked().await;
    for answer in [
        None,
        Some(BTreeMap::new()),
        Some(BTreeMap::from([(
            "other".to_owned(),
            json!({"action": "accept"}),
        )])),
    ] {
        question(rounds.call(arguments(), answer, Some(&state)).await);
    }
    assert!(rounds.world.writes().is_empty());
}

#[tokio::test]
async fn a_state_and_a_token_are_not_interchangeable() {
    let rounds = Rounds::begin().await;
    let state = rounds.asked().await;
    let unasked = connect((), rounds.world.handler.clone(), Era::Modern).await;
    let call = async |arguments: Value| -> Answer {
        crate::support::unresponsive_saki::call(&unasked, "delete_post", arguments).await
    };
    let token = call(arguments()).await.json["confirmation"].clone();
    let mut with = arguments();
    with["confirmation"] = json!(state);
    let answer = call(with).await;
    assert!(answer.failed);
    assert!(answer.text.contains("was not issued by this server"));

    let token = token.as_str().unwrap();
    question(rounds.call(arguments(), Some(yes()), Some(token)).await);
    let mut with = arguments();
    with["confirmation"] = json!(token);
    question(rounds.call(with, None, None).await);
    assert!(rounds.world.writes().is_empty());
}
