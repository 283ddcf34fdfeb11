//! A write that fails: whether it happened, what is said about that, and that it is never sent twice.

use std::time::Duration;

use http::Method;
use saki_mcp::sandbox::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::support::example_calls::slot;
use crate::support::post_arguments::new_post;
use crate::support::sandbox_state::{last_post, posts_after};
use crate::support::server_under_test::World;
use crate::support::unresponsive_saki::{LONG, ask};

fn post() -> Value {
    new_post("Once").at("2027-04-10T07:00:00Z")
}

#[tokio::test]
async fn a_create_with_a_lost_response_is_sent_once_and_looked_up() {
    let kinds = [
        FaultKind::DropBefore,
        FaultKind::DropAfter,
        FaultKind::Truncate,
        FaultKind::Html,
        FaultKind::Garbage,
        FaultKind::Status {
            status: 502,
            headers: Default::default(),
            body: None,
            after_write: true,
        },
        FaultKind::Status {
            status: 500,
            headers: Default::default(),
            body: None,
            after_write: false,
        },
    ];
    for kind in kinds {
        let world = World::new().await;
        let last = last_post(&world);
        let fault = Fault::new(kind.clone()).on(&Method::POST, "/spaces/{space_id}/posts");
        world.sandbox().fault(fault);
        let never = matches!(
            kind,
            FaultKind::DropBefore
                | FaultKind::Status {
                    after_write: false,
                    ..
                }
        );
        let answer = world.call("create_post", post()).await;
        // What took effect is found by looking, and what did not stays unknown.
        assert_eq!(answer.failed, never, "{kind:?}");
        if never {
            assert_eq!(answer.meta["class"], "unknown_outcome", "{kind:?}");
            let said = &answer.text;
            assert!(said.contains("list_posts"), "{kind:?}: {said}");
        } else {
            assert_eq!(answer.json["reconciled"], true, "{kind:?}");
        }
        assert_eq!(world.writes().len(), 1, "{kind:?}");
        let made = posts_after(&world, last).len();
        assert_eq!(made, usize::from(!never), "{kind:?}");
        let mut again = post();
        again["allow_repeat"] = json!(true);
        world.ok("create_post", again).await;
        assert_eq!(
            world.writes().len(),
            2,
            "{kind:?}: exactly once when the fault clears"
        );
        let made = posts_after(&world, last).len();
        assert_eq!(made, 1 + usize::from(!never), "{kind:?}");
    }
}

#[tokio::test]
async fn an_unsent_write_is_not_sent_and_a_refused_one_is_rejected() {
    let world = World::new().await;
    for (fault, class, wait) in [
        (Fault::status(422), "rejected", Value::Null),
        (
            Fault::status(429).header("Retry-After", "17"),
            "rejected",
            json!(17),
        ),
        (Fault::status(500), "unknown_outcome", Value::Null),
    ] {
        world
            .sandbox()
            .fault(fault.on(&Method::POST, "/spaces/{space_id}/slots"));
        let answer = world.call("create_slot", slot()).await;
        assert_eq!(answer.meta["class"], class);
        assert_eq!(answer.meta["retry_after"], wait);
    }
    let answer = ask("https://saki.invalid/api", LONG, "create_slot", slot()).await;
    assert_eq!(
        (&answer.meta["class"], &answer.meta["status"]),
        (&json!("not_sent"), &Value::Null)
    );
}

#[tokio::test]
async fn a_write_that_timed_out_after_its_effect_is_unknown_and_not_resent() {
    let options = saki_mcp::sandbox::SandboxOptions::default();
    options
        .clock
        .set(crate::support::server_under_test::NOW.parse().unwrap());
    let running = saki_mcp::sandbox::Sandbox::start(options).await.unwrap();
    let kind = FaultKind::Delay {
        ms: 60_000,
        after_write: true,
    };
    running
        .sandbox
        .fault(Fault::new(kind).on(&Method::POST, "/slots"));
    let slots = || running.sandbox.state(|state| state.slots.len());
    let before = slots();
    let answer = ask(
        &running.base_url,
        Duration::from_millis(500),
        "create_slot",
        slot(),
    )
    .await;
    assert_eq!(
        (answer.failed, answer.meta["class"].as_str()),
        (true, Some("unknown_outcome"))
    );
    assert!(
        answer.text.contains("did not answer in time"),
        "{}",
        answer.text
    );
    assert!(answer.text.contains("list_slots"), "{}", answer.text);
    assert_eq!(slots(), before + 1);
    let log = running.sandbox.log();
    let writes = log.iter().filter(|logged| logged.method == "POST");
    assert_eq!(writes.count(), 1);
}

#[tokio::test]
async fn a_redirect_is_not_followed_since_it_would_carry_the_key() {
    let world = World::new().await;
    let elsewhere = crate::support::unresponsive_saki::Silent::start().await;
    let fault = Fault::status(302).header("Location", &elsewhere.base);
    world.sandbox().fault(fault);
    let said = world.refused("get_subscription", json!({})).await;
    assert!(said.contains("SAKI_BASE_URL"), "{said}");
    assert!(elsewhere.was_left_alone());
}

#[tokio::test]
async fn a_redirect_is_shown_without_user_and_password() {
    let world = World::new().await;
    let target = "https://me:S3CRET@login.example/start?token=S3CRET#S3CRET";
    let fault = Fault::status(302).header("Location", target);
    world.sandbox().fault(fault);
    let said = world.refused("list_spaces", json!({})).await;
    assert!(
        said.contains("This redirect to https://login.example/start is not followed"),
        "{said}"
    );
    assert!(!said.contains("S3CRET"), "{said}");
}
