//! A person who can be asked is asked, in both protocol eras, and nothing happens without their yes.

use std::time::Duration;

use saki_mcp::sandbox::SandboxOptions;
use saki_mcp::tools::Confirm;
use serde_json::json;

use crate::support::elicitation_client::{ERAS, Era, Person, Reply, rewrite, world};
use crate::support::example_calls;
use crate::support::fixture_server::within;
use crate::support::post_arguments::{cluster_change, new_post};
use crate::support::server_under_test::World;
use crate::support::unresponsive_saki::call;

#[tokio::test]
async fn with_a_yes_the_write_happens_once() {
    for era in ERAS {
        for confirm in [Confirm::Auto, Confirm::Always] {
            for (tool, arguments) in example_calls::asking() {
                let world = world(confirm).await;
                let person = Person::answering([Reply::Yes]);
                let client = person.at(world.handler.clone(), era).await;
                let answer = call(&client, tool, arguments).await;
                assert!(!answer.failed, "{era:?} {tool}: {}", answer.text);
                assert_eq!(answer.json["outcome"], "done", "{era:?} {tool}");
                assert_eq!(person.asked().len(), 1, "{era:?} {tool}");
                assert_eq!(world.writes().len(), 1, "{era:?} {tool}");
            }
        }
    }
}

/// What is no yes, and what is said of it.
fn refusals() -> [(Reply, &'static str); 3] {
    [
        (Reply::No, "said no"),
        (Reply::Closed, "closed the question"),
        (Reply::Unticked, "checkbox unticked"),
    ]
}

#[tokio::test]
async fn without_a_yes_nothing_happens_and_no_retry_is_suggested() {
    for era in ERAS {
        for (tool, arguments) in example_calls::asking() {
            let world = world(Confirm::Auto).await;
            let person = Person::answering(refusals().map(|(reply, _)| reply));
            let client = person.at(world.handler.clone(), era).await;
            for (_, said) in refusals() {
                let answer = call(&client, tool, arguments.clone()).await;
                assert!(answer.failed, "{era:?} {tool}: {}", answer.json);
                assert_eq!(answer.meta["class"], "not_sent", "{era:?} {tool}");
                assert!(answer.text.contains(said), "{era:?} {}", answer.text);
                assert!(answer.text.contains("Nothing was sent. Leave it at that"));
                for inviting in ["again", "retry", "confirmation"] {
                    assert!(!answer.text.contains(inviting), "{}", answer.text);
                }
            }
            assert_eq!(person.asked().len(), 3, "{era:?} {tool}");
            assert!(world.writes().is_empty(), "{era:?} {tool}");
        }
    }
}

#[tokio::test]
async fn a_change_between_question_and_answer_is_asked_about_again() {
    let deletes = json!({"space_id": 1, "post_id": 104});
    for era in ERAS {
        for (second, is_sent) in [(Reply::Yes, true), (Reply::No, false)] {
            let world = world(Confirm::Auto).await;
            let sandbox = world.sandbox().clone();
            let first = Reply::YesAfter(Box::new(move || rewrite(&sandbox, 104)));
            let person = Person::answering([first, second]);
            let client = person.at(world.handler.clone(), era).await;
            let answer = call(&client, "delete_post", deletes.clone()).await;
            assert_eq!(answer.failed, !is_sent, "{era:?}: {}", answer.text);
            let asked = person.asked();
            assert_eq!(asked.len(), 2, "{era:?}: {asked:#?}");
            assert!(!asked[0].contains("changed since"), "{}", asked[0]);
            assert!(!asked[0].contains("And more."), "{}", asked[0]);
            assert!(asked[1].starts_with("It has changed since"), "{}", asked[1]);
            assert!(asked[1].contains("And more."), "{}", asked[1]);
            assert_eq!(world.writes().len(), usize::from(is_sent), "{era:?}");
        }
    }
}

#[tokio::test]
async fn passing_time_alone_repeats_no_question() {
    let cluster = cluster_change(example_calls::CLUSTER)
        .on([11, 12])
        .undecided();
    for era in ERAS {
        let world = world(Confirm::Auto).await;
        let clock = world.clock.clone();
        let later = Reply::YesAfter(Box::new(move || {
            clock.set("2027-04-09T10:09:00Z".parse().unwrap());
        }));
        let person = Person::answering([later]);
        let client = person.at(world.handler.clone(), era).await;
        let answer = call(&client, "update_cluster", cluster.clone()).await;
        assert!(!answer.failed, "{era:?}: {}", answer.text);
        assert_eq!(person.asked().len(), 1, "{era:?}");
    }
}

#[tokio::test]
async fn an_answer_that_comes_too_late_counts_as_none() {
    let now = example_calls::asking().remove(0);
    let world = World::with(SandboxOptions::default(), |settings| {
        settings.confirm = Confirm::Auto;
        settings.confirm_timeout = Duration::from_millis(50);
    })
    .await;
    let person = Person::answering([Reply::Silence]);
    let client = person.at(world.handler.clone(), Era::Older).await;
    let answer = within(call(&client, now.0, now.1.clone())).await;
    assert!(answer.failed && answer.text.contains("did not answer within ten minutes"));
    assert!(world.writes().is_empty());

    for (minute, is_sent) in [(9, true), (10, false)] {
        let world = crate::support::elicitation_client::world(Confirm::Auto).await;
        let clock = world.clock.clone();
        let late = Reply::YesAfter(Box::new(move || {
            let then = format!("2027-04-09T10:{minute:02}:30Z");
            clock.set(then.parse().unwrap());
        }));
        let person = Person::answering([late]);
        let client = person.at(world.handler.clone(), Era::Modern).await;
        let answer = call(&client, now.0, now.1.clone()).await;
        assert_eq!(answer.failed, !is_sent, "{}", answer.text);
        assert_eq!(answer.text.contains("ten minutes"), !is_sent);
        assert_eq!(world.writes().len(), usize::from(is_sent));
    }
}

#[tokio::test]
async fn a_client_whose_elicitation_fails_sends_nothing() {
    let (tool, arguments) = example_calls::asking().remove(3);
    let world = world(Confirm::Auto).await;
    let person = Person::answering([Reply::Broken]);
    let client = person.at(world.handler.clone(), Era::Older).await;
    let answer = call(&client, tool, arguments).await;
    assert!(
        answer.failed && answer.text.contains("no window"),
        "{}",
        answer.text
    );
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn reversible_writes_dry_runs_and_confirm_never_ask_nobody() {
    for era in ERAS {
        for (tool, mut arguments) in example_calls::asking() {
            let world = world(Confirm::Always).await;
            let person = Person::default();
            let client = person.at(world.handler.clone(), era).await;
            arguments["dry_run"] = json!(true);
            let answer = call(&client, tool, arguments).await;
            assert_eq!(answer.json["outcome"], "preview", "{tool}: {}", answer.text);
            assert!(person.asked().is_empty() && world.writes().is_empty());
        }
        for (tool, arguments) in [
            ("create_post", new_post("A").draft()),
            ("create_post", new_post("A").at("2027-04-10T09:00")),
            (
                "update_post",
                json!({"space_id": 1, "post_id": 112, "content": "A"}),
            ),
            (
                "update_cluster",
                json!({"space_id": 1, "cluster_id": example_calls::CLUSTER, "content": "A"}),
            ),
            ("delete_post", json!({"space_id": 1, "post_id": 112})),
            ("delete_slot", json!({"space_id": 1, "slot_id": 302})),
        ] {
            let world = world(Confirm::Always).await;
            let person = Person::default();
            let client = person.at(world.handler.clone(), era).await;
            let answer = call(&client, tool, arguments).await;
            assert_eq!(answer.json["outcome"], "done", "{tool}: {}", answer.text);
            assert!(person.asked().is_empty(), "{tool}: {:?}", person.asked());
        }
        for (tool, arguments) in example_calls::asking() {
            let world = world(Confirm::Never).await;
            let person = Person::default();
            let client = person.at(world.handler.clone(), era).await;
            let answer = call(&client, tool, arguments).await;
            assert_eq!(answer.json["outcome"], "done", "{tool}: {}", answer.text);
            assert!(person.asked().is_empty());
        }
    }
}

#[tokio::test]
async fn a_repeated_create_is_made_once_and_not_asked_about_again() {
    let (tool, arguments) = example_calls::asking().remove(0);
    for era in ERAS {
        let world = world(Confirm::Auto).await;
        let person = Person::answering([Reply::Yes]);
        let client = person.at(world.handler.clone(), era).await;
        let first = call(&client, tool, arguments.clone()).await;
        let second = call(&client, tool, arguments.clone()).await;
        assert_eq!(first.json["outcome"], "done");
        assert_eq!(second.json["outcome"], "replayed");
        assert_eq!(second.json["post_ids"], first.json["post_ids"]);
        assert_eq!((person.asked().len(), world.writes().len()), (1, 1));
    }
}
