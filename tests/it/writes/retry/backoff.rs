//! Requests that are made again: reads, and whatever Saki turned away at the door.

use http::Method;
use saki_mcp::sandbox::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::support::example_calls::{slot, webhook};
use crate::support::faults::losses;
use crate::support::media_files::PNG;
use crate::support::post_arguments::new_post;
use crate::support::server_under_test::{TRIES, World};

/// A 429 that names a time to wait.
fn slow_down(seconds: &str) -> Fault {
    Fault::status(429).header("Retry-After", seconds)
}

/// How many calls reached Saki.
fn calls(world: &World) -> u32 {
    u32::try_from(world.sandbox().log().len()).unwrap()
}

#[tokio::test]
async fn a_read_is_retried_until_it_is_answered_at_most_four_times() {
    let world = World::new().await;
    let kinds = losses().into_iter().chain([
        Fault::status(408).kind,
        Fault::status(429).kind,
        Fault::status(503).header("Retry-After", "0").kind,
    ]);
    for kind in kinds {
        for failures in 1..=TRIES {
            world.sandbox().clear_log();
            let fault = Fault::new(kind.clone()).times(failures);
            world.sandbox().fault(fault);
            let answer = world.call("get_subscription", json!({})).await;
            let what = format!("{failures} times {kind:?}: {}", answer.text);
            assert_eq!(answer.failed, failures == TRIES, "{what}");
            assert_eq!(calls(&world), TRIES.min(failures + 1), "{what}");
            assert_eq!(
                answer.text.contains(" after 4 tries"),
                answer.failed,
                "{what}"
            );
        }
    }
}

#[tokio::test]
async fn a_read_with_a_permanent_error_is_made_once() {
    let world = World::new().await;
    for fault in [301, 400, 401, 403, 404, 409, 413, 422].map(Fault::status) {
        world.sandbox().clear_log();
        world.sandbox().fault(fault);
        world.refused("get_subscription", json!({})).await;
        assert_eq!(calls(&world), 1);
    }
    world.sandbox().clear_log();
    world.sandbox().fault(Fault::new(FaultKind::Html));
    let said = world.refused("get_subscription", json!({})).await;
    assert!(said.contains("SAKI_BASE_URL"), "{said}");
    assert_eq!(calls(&world), 1, "the page would be the same again");
}

/// How many of something there are.
type Count = fn(&World) -> usize;

/// One write of each kind, and how many of what it makes are there.
fn making() -> Vec<(&'static str, Value, Count)> {
    let post = new_post("Once").with(json!({"allow_repeat": true})).now();
    vec![
        ("create_post", post, |world| {
            world.sandbox().state(|state| state.posts.len())
        }),
        ("create_slot", slot(), |world| {
            world.sandbox().state(|state| state.slots.len())
        }),
        ("upload_media", json!({"data": PNG}), |world| {
            world.sandbox().state(|state| state.media.len())
        }),
    ]
}

#[tokio::test]
async fn a_rate_limited_write_is_resent_and_made_once() {
    let world = World::new().await;
    for (tool, asked, count) in making() {
        for failures in 1..=TRIES {
            world.sandbox().clear_log();
            let before = count(&world);
            let haste = slow_down("0").on(&Method::POST, "/").times(failures);
            world.sandbox().fault(haste);
            let answer = world.call(tool, asked.clone()).await;
            let what = format!("{tool}, {failures} times: {}", answer.text);
            assert_eq!(answer.failed, failures == TRIES, "{what}");
            let sent = u32::try_from(world.writes().len()).unwrap();
            assert_eq!(sent, TRIES.min(failures + 1), "{what}");
            assert_eq!(
                count(&world),
                before + usize::from(!answer.failed),
                "{what}"
            );
            if answer.failed {
                assert_eq!(answer.meta["class"], "rejected");
                world.ok(tool, asked.clone()).await;
                assert_eq!(count(&world), before + 1, "once when the fault clears");
            }
        }
    }
}

#[tokio::test]
async fn a_retry_after_beyond_the_budget_ends_the_tries_and_is_reported() {
    for status in [429, 503] {
        let world = World::new().await;
        let fault = Fault::status(status).header("Retry-After", "3600");
        world.sandbox().fault(fault);
        let answer = world.call("get_subscription", json!({})).await;
        assert!(
            answer.text.contains("Call again in 3600 s"),
            "{}",
            answer.text
        );
        assert_eq!(answer.meta["retry_after"], 3600);
        assert_eq!(calls(&world), 1);
    }
    let world = World::new().await;
    world.sandbox().fault(slow_down("3600"));
    let answer = world.call("create_webhook", webhook()).await;
    assert!(
        answer.text.contains("Call again in 3600 s"),
        "{}",
        answer.text
    );
    assert_eq!(
        (calls(&world), &answer.meta["class"]),
        (1, &json!("rejected"))
    );
    world.ok("create_webhook", webhook()).await;
    assert_eq!(calls(&world), 2);
}

#[tokio::test]
async fn a_write_that_may_have_been_done_is_not_resent() {
    let world = World::new().await;
    for (tool, asked, count) in making() {
        for kind in losses() {
            world.sandbox().clear_log();
            let before = count(&world);
            let fault = Fault::new(kind.clone()).on(&Method::POST, "/");
            world.sandbox().fault(fault);
            let answer = world.call(tool, asked.clone()).await;
            let what = format!("{tool} {kind:?}: {}", answer.text);
            // A create looks for its posts, and finds those that were made.
            let is_open = answer.meta["class"] == "unknown_outcome";
            assert!(is_open || answer.json["reconciled"] == true, "{what}");
            assert_eq!(world.writes().len(), 1, "{what}");
            assert!(count(&world) <= before + 1, "{what}");
            assert!(!answer.text.contains("tries"), "{what}");
        }
    }
}

#[tokio::test]
async fn a_retried_upload_is_sent_whole() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = crate::support::media_files::picture(300_000);
    std::fs::write(folder.path().join("a.png"), bytes).unwrap();
    let world = crate::support::media_files::reading(folder.path()).await;
    world.sandbox().fault(slow_down("0").times(2));
    world.ok("upload_media", json!({"path": "a.png"})).await;
    let sent = world.writes();
    assert_eq!(sent.len(), 3);
    for call in &sent {
        assert_eq!(call.uploads, sent[0].uploads);
        assert_eq!(call.uploads[0].size, 300_000);
    }
}

#[tokio::test]
async fn a_reworded_request_is_retried_like_the_first() {
    let options = saki_mcp::sandbox::SandboxOptions {
        upload_field: "media".to_owned(),
        ..Default::default()
    };
    let world = World::with(options, |_| {}).await;
    let before = world.sandbox().state(|state| state.media.len());
    let haste = slow_down("0").on(&Method::POST, "/media");
    world.sandbox().fault(haste.clone());
    world.sandbox().fault(Fault { skip: 1, ..haste });
    world.ok("upload_media", json!({"data": PNG})).await;
    let status: Vec<_> = world.writes().iter().map(|call| call.status).collect();
    assert_eq!(status, [429, 422, 429, 201].map(Some));
    let after = world.sandbox().state(|state| state.media.len());
    assert_eq!(after, before + 1);
}
