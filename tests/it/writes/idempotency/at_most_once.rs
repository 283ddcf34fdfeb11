//! One create makes at most one cluster, whatever happens on the way, and what the answer claims is what Saki holds.

use std::cell::Cell;

use http::Method;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use saki_mcp::sandbox::{CreateForms, CreateReply, Fault, FaultKind, SandboxOptions};
use serde_json::{Value, json};

use crate::support::post_arguments::new_post;
use crate::support::sandbox_state::{column, last_post, posts_after};
use crate::support::server_under_test::{Answer, World};

const CREATE: &str = "/spaces/{space_id}/posts";

/// What may happen to a request that makes posts, and whether it takes effect all the same.
fn on_create() -> impl Strategy<Value = Option<FaultKind>> {
    let status = |status, after_write| FaultKind::Status {
        status,
        headers: Default::default(),
        body: None,
        after_write,
    };
    prop_oneof![
        3 => Just(None),
        1 => Just(Some(FaultKind::DropBefore)),
        2 => Just(Some(FaultKind::DropAfter)),
        2 => Just(Some(FaultKind::Truncate)),
        1 => Just(Some(FaultKind::Html)),
        1 => Just(Some(FaultKind::Garbage)),
        1 => Just(Some(FaultKind::Empty)),
        1 => Just(Some(status(500, false))),
        2 => Just(Some(status(502, true))),
        1 => Just(Some(status(429, false))),
        1 => Just(Some(status(422, false))),
    ]
}

/// What may happen to a look afterwards.
fn on_look() -> impl Strategy<Value = Option<FaultKind>> {
    let down = FaultKind::Status {
        status: 503,
        headers: Default::default(),
        body: None,
        after_write: false,
    };
    prop_oneof![4 => Just(None), 1 => Just(Some(FaultKind::DropBefore)), 1 => Just(Some(down))]
}

fn call(number: u64, mode: &str) -> Value {
    let mut call = new_post(format!("Number {number}"))
        .on([11, 13])
        .undecided();
    match mode {
        "schedule" => call["scheduled_at"] = json!("2027-04-12T09:00"),
        "later" => call["scheduled_at"] = json!("2027-04-13T09:00"),
        mode => call["publish"] = json!(mode),
    }
    call
}

/// What the answer says must be what Saki holds.
fn is_true(answer: &Answer, made: &[Value], mode: &str) -> Result<(), TestCaseError> {
    let heads: Vec<Value> = made
        .iter()
        .filter(|post| post["parent_id"].is_null())
        .cloned()
        .collect();
    if answer.failed {
        // Nothing is claimed to be there; only what is surely not there may be denied.
        if answer.meta["class"] == "rejected" || answer.meta["class"] == "not_sent" {
            prop_assert!(heads.is_empty(), "denied, but there: {}", answer.text);
        }
        return Ok(());
    }
    prop_assert_eq!(heads.len(), 2);
    prop_assert_eq!(&heads[0]["cluster_id"], &heads[1]["cluster_id"]);
    if answer.json["verified"] == false {
        // Saki took it and showed it nowhere; then no id is claimed either.
        prop_assert_eq!(&answer.json["post_ids"], &json!([]));
        prop_assert!(answer.json["warnings"].is_array());
        return Ok(());
    }
    let mut claimed = answer.json["post_ids"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    claimed.sort_by_key(Value::as_u64);
    prop_assert_eq!(Value::Array(claimed), column(&heads, "id"));
    prop_assert_eq!(&answer.json["cluster_id"], &heads[0]["cluster_id"]);
    prop_assert_eq!(&answer.json["mode"], mode);
    for head in &heads {
        let (status, at) = match mode {
            "draft" => ("Draft", Value::Null),
            "now" => ("Published", Value::Null),
            _ => ("Scheduled", json!("2027-04-12T07:00:00Z")),
        };
        prop_assert_eq!(&head["status"], status);
        prop_assert!(mode == "now" || head["scheduled_at"] == at, "{}", head);
    }
    Ok(())
}

fn one_create_makes_at_most_one_cluster(forms: CreateForms, replies: CreateReply, cases: u32) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let options = SandboxOptions {
        create_forms: forms,
        create_reply: replies,
        ..SandboxOptions::default()
    };
    let world = runtime.block_on(World::with(options, |_| {}));
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let number = Cell::new(0_u64);
    let fresh = world.sandbox().state(Clone::clone);
    let (reconciled, unknown) = (Cell::new(0), Cell::new(0));
    let modes = match forms {
        CreateForms::OverviewOnly => vec!["schedule"],
        _ => vec!["schedule", "draft", "now"],
    };
    let neighbours: Vec<&str> = match forms {
        CreateForms::OverviewOnly => vec!["later"],
        _ => vec!["schedule", "draft", "later"],
    };
    let schedule = (
        prop::sample::select(modes),
        prop::collection::vec(on_create(), 1..3),
        prop::collection::vec(on_look(), 0..4),
        any::<bool>(),
        prop::option::of(prop::sample::select(neighbours)),
        any::<bool>(),
    );
    let outcome = TestRunner::new(config).run(
        &schedule,
        |(mode, creates, looks, accounts_turned, neighbour, twins)| {
            number.set(number.get() + 1);
            world.sandbox().clear_faults();
            runtime.block_on(world.clear_memory());
            world.sandbox().edit(|state| *state = fresh.clone());
            world.sandbox().clear_log();
            // The same text for another time, or as a draft, is another post and never taken for this one.
            if let Some(other) = neighbour.filter(|other| *other != mode) {
                let made = runtime.block_on(world.call("create_post", call(number.get(), other)));
                prop_assert!(!made.failed, "{}", made.text);
            }
            let last = last_post(&world);
            for kind in creates.into_iter().flatten() {
                world
                    .sandbox()
                    .fault(Fault::new(kind).on(&Method::POST, CREATE));
            }
            for kind in looks.into_iter().flatten() {
                world
                    .sandbox()
                    .fault(Fault::new(kind).on(&Method::GET, CREATE));
            }
            let one = || world.call("create_post", call(number.get(), mode));
            let first = runtime.block_on(async {
                match twins {
                    true => {
                        let (first, second) = tokio::join!(one(), one());
                        vec![first, second]
                    }
                    false => vec![one().await],
                }
            });
            let made = posts_after(&world, last);
            let is_made = first.iter().any(|answer| !answer.failed);
            for answer in &first {
                // A twin that was refused denies its own request, not that of the other.
                if !(answer.failed && is_made) {
                    is_true(answer, &made, mode)?;
                }
            }
            // Which of two twins is sent first is not certain.
            let is_unknown = |answer: &Answer| answer.meta["class"] == "unknown_outcome";
            let in_doubt = first.iter().any(is_unknown);
            let first = &first[first.len() - 1];
            prop_assert!(made.len() <= 2, "more than one cluster: {made:?}");
            reconciled.set(reconciled.get() + usize::from(first.json["reconciled"] == true));
            unknown.set(unknown.get() + usize::from(is_unknown(first)));

            // The fault clears, and a model simply calls once more.
            world.sandbox().clear_faults();
            let mut again = call(number.get(), mode);
            if accounts_turned {
                again["account_ids"] = json!(["@acmecoffeeberlin", "11"]);
            }
            let second = runtime.block_on(world.call("create_post", again));
            let made = posts_after(&world, last);
            is_true(&second, &made, mode)?;
            prop_assert!(made.len() <= 2, "more than one cluster: {made:?}");
            if !in_doubt {
                prop_assert_eq!(
                    made.len(),
                    2,
                    "exactly once when the fault clears: {}",
                    second.text
                );
            }
            Ok(())
        },
    );
    outcome.unwrap();
    assert!(
        reconciled.get() > 0 && unknown.get() > 0,
        "the faults did not bite"
    );
}

#[test]
fn with_both_forms_and_replies_that_show_the_posts() {
    one_create_makes_at_most_one_cluster(CreateForms::Both, CreateReply::Posts, 600);
}

#[test]
fn with_the_reference_form_and_replies_without_posts() {
    one_create_makes_at_most_one_cluster(CreateForms::ReferenceOnly, CreateReply::Empty, 500);
}

#[test]
fn with_the_overview_form_and_replies_that_are_bare_lists() {
    one_create_makes_at_most_one_cluster(CreateForms::OverviewOnly, CreateReply::BareList, 500);
}

#[test]
fn with_both_forms_and_replies_without_a_body() {
    one_create_makes_at_most_one_cluster(CreateForms::Both, CreateReply::NoBody, 500);
}
