//! Writes whose answer is lost: those that are the same twice are sent again, all others never.

use http::Method;
use saki_mcp::sandbox::{ActivateField, Fault, FaultKind, SandboxOptions};
use serde_json::{Value, json};

use crate::support::faults::{late, losses};
use crate::support::post_arguments::cluster_change;
use crate::support::sandbox_state::{is_active, post, posts};
use crate::support::server_under_test::{TRIES, World};

/// A scheduled post, to be changed.
fn change(fields: Value) -> Value {
    let mut asked = json!({"space_id": 1, "post_id": 106});
    for (name, value) in fields.as_object().unwrap() {
        asked[name] = value.clone();
    }
    asked
}

#[tokio::test]
async fn an_idempotent_change_is_resent() {
    let time = json!({"scheduled_at": "2027-05-01T10:00"});
    let changes = [
        ("update_space", json!({"space_id": 1, "name": "New"})),
        (
            "update_webhook",
            json!({"space_id": 1, "webhook_id": 701, "is_active": false}),
        ),
        ("update_post", change(json!({"content": "New"}))),
        ("update_post", change(time)),
        ("update_post", change(json!({"clear": ["metadata"]}))),
    ];
    for (tool, asked) in changes {
        let world = World::new().await;
        let expected = world.ok(tool, asked.clone()).await;
        let method = world.writes()[0].method.clone();
        for kind in losses() {
            world.sandbox().clear_log();
            let fault = Fault {
                method: Some(method.clone()),
                ..Fault::new(kind.clone())
            };
            world.sandbox().fault(fault.clone());
            let answer = world.ok(tool, asked.clone()).await;
            let what = format!("{tool} {asked} {kind:?}");
            assert_eq!(world.writes().len(), 2, "{what}");
            assert_eq!(world.writes()[0].body, world.writes()[1].body);
            for key in ["id", "name", "content", "scheduled_at", "is_active"] {
                assert_eq!(answer.get(key), expected.get(key), "{what}");
            }
            world.sandbox().clear_log();
            world.sandbox().fault(fault.times(TRIES));
            let answer = world.call(tool, asked.clone()).await;
            assert!(answer.failed, "{what}");
            assert_eq!(answer.meta["class"], "unknown_outcome", "{what}");
            assert!(answer.text.contains("after 4 tries"), "{}", answer.text);
            assert_eq!(world.writes().len(), TRIES as usize, "{what}");
        }
    }
}

#[tokio::test]
async fn a_change_that_may_publish_or_replace_is_sent_once() {
    let world = World::new().await;
    let cluster_id = post(&world, &json!(106))["cluster_id"].clone();
    let cluster = cluster_change(cluster_id)
        .on([11, 12, 13])
        .with(json!({"content": "New"}))
        .at("2027-05-01T10:00");
    let changes = [
        ("update_post", change(json!({"status": 1}))),
        (
            "update_post",
            change(json!({"content": "New", "status": 0})),
        ),
        (
            "update_post",
            change(json!({"clear": ["scheduled_at"], "status": 0})),
        ),
        ("update_cluster", cluster),
    ];
    for (tool, asked) in changes {
        for kind in losses() {
            world.sandbox().clear_log();
            let fault = Fault::new(kind.clone()).on(&Method::PUT, "/");
            world.sandbox().fault(fault);
            let answer = world.call(tool, asked.clone()).await;
            let what = format!("{tool} {asked} {kind:?}: {}", answer.text);
            assert_eq!(answer.meta["class"], "unknown_outcome", "{what}");
            assert_eq!(world.writes().len(), 1, "{what}");
            world.ok(tool, asked.clone()).await;
            assert_eq!(world.writes().len(), 2, "once when the fault clears");
        }
    }
}

#[tokio::test]
async fn an_account_is_switched_once_even_where_saki_toggles_it() {
    for activate_field in [
        ActivateField::IsActive,
        ActivateField::Active,
        ActivateField::Toggle,
    ] {
        let options = SandboxOptions {
            activate_field,
            ..SandboxOptions::default()
        };
        let world = World::with(options, |_| {}).await;
        let asked = |flag| json!({"space_id": 1, "account_id": 16, "is_active": flag});
        world.ok("set_account_active", asked(true)).await;
        assert!(is_active(&world, 16));
        world.sandbox().clear_log();
        let fault = Fault::new(FaultKind::DropAfter).on(&Method::PATCH, "/activate");
        world.sandbox().fault(fault);
        let answer = world.call("set_account_active", asked(false)).await;
        assert_eq!(answer.meta["class"], "unknown_outcome", "{}", answer.text);
        assert!(!is_active(&world, 16));
        assert_eq!(world.writes().len(), 1);
        // It is looked at before anything is sent, so asking again does no harm either.
        let answer = world.ok("set_account_active", asked(false)).await;
        assert_eq!(answer["changed"], false);
        assert_eq!(world.writes().len(), 1);
    }
}

/// What can be deleted: the tool, its arguments, and the word of the answer.
fn deletions() -> [(&'static str, Value, &'static str); 6] {
    [
        ("delete_space", json!({"space_id": 2}), "deleted"),
        (
            "delete_post",
            json!({"space_id": 1, "post_id": 106}),
            "deleted",
        ),
        (
            "disconnect_account",
            json!({"space_id": 1, "account_id": 11}),
            "disconnected",
        ),
        ("delete_media", json!({"media_id": 503}), "deleted"),
        (
            "delete_slot",
            json!({"space_id": 1, "slot_id": 301}),
            "deleted",
        ),
        (
            "delete_webhook",
            json!({"space_id": 1, "webhook_id": 701}),
            "deleted",
        ),
    ]
}

#[tokio::test]
async fn a_delete_with_a_lost_response_is_resent_and_a_404_counts_as_done() {
    // An empty reply has nothing that could be cut or spoiled.
    for kind in [
        FaultKind::DropBefore,
        FaultKind::DropAfter,
        Fault::status(500).kind,
        late(502),
        FaultKind::Html,
    ] {
        let world = World::new().await;
        for (tool, asked, word) in deletions() {
            world.sandbox().clear_log();
            let fault = Fault::new(kind.clone()).on(&Method::DELETE, "/");
            world.sandbox().fault(fault);
            let answer = world.ok(tool, asked.clone()).await;
            let what = format!("{tool} {kind:?}: {answer}");
            assert_eq!(answer[word], true, "{what}");
            let was_late = !matches!(
                kind,
                FaultKind::DropBefore
                    | FaultKind::Status {
                        after_write: false,
                        ..
                    }
            );
            let warnings = answer["warnings"].to_string();
            assert_eq!(warnings.contains("no longer had this"), was_late, "{what}");
            let status = world.writes()[1].status;
            assert_eq!(status, Some(if was_late { 404 } else { 204 }), "{what}");
            assert_eq!(world.writes().len(), 2, "{what}");
        }
    }
}

#[tokio::test]
async fn a_delete_of_a_missing_thing_is_an_error_on_the_first_try() {
    let world = World::new().await;
    for (tool, asked, _) in deletions() {
        for fault in [None, Some(Fault::status(429).on(&Method::DELETE, "/"))] {
            world.sandbox().clear_log();
            let tries = 1 + usize::from(fault.is_some());
            let missing = Fault::status(404).on(&Method::DELETE, "/");
            fault
                .into_iter()
                .chain([missing])
                .for_each(|fault| world.sandbox().fault(fault));
            let answer = world.call(tool, asked.clone()).await;
            assert!(answer.failed, "{tool}");
            assert_eq!(answer.meta["status"], 404, "{tool}");
            assert_eq!(world.writes().len(), tries, "{tool}");
        }
        world.ok(tool, asked).await;
    }
}

#[tokio::test]
async fn a_delete_that_keeps_failing_is_unknown_whatever_the_last_error() {
    let lasts = [
        Fault::status(403),
        Fault::status(429).header("Retry-After", "3600"),
        Fault::status(502).times(3),
    ];
    let world = World::new().await;
    for (id, last) in (106..).zip(lasts) {
        let before = posts(&world);
        for fault in [Fault::status(500), last] {
            world.sandbox().fault(fault.on(&Method::DELETE, "/"));
        }
        let asked = json!({"space_id": 1, "post_id": id});
        let answer = world.call("delete_post", asked.clone()).await;
        assert_eq!(answer.meta["class"], "unknown_outcome", "{}", answer.text);
        assert_eq!(answer.meta["status"], 500);
        assert_eq!(posts(&world), before);
        world.ok("delete_post", asked).await;
    }
}
