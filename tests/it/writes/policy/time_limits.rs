//! The limits of when something goes public, while time passes and posts change.

use http::Method;
use jiff::SignedDuration;
use saki_mcp::sandbox::{CreateForms, Fault, FaultKind, PostStatus};
use saki_mcp::write::policy::{Limit, Mode, Policy};
use serde_json::{Value, json};

use crate::support::example_calls::{CLUSTER, PIXEL};
use crate::support::policy_limits::{limited, quiet};
use crate::support::post_arguments::new_post;
use crate::support::server_under_test::{NOW, World};
use crate::support::slow_saki::slow_under;

fn lead(minutes: i64) -> Limit {
    Limit::MinLead(SignedDuration::from_mins(minutes))
}

fn with_file(more: Value) -> Value {
    let mut post = new_post("x")
        .with(json!({"media": [{"data": PIXEL}]}))
        .undecided();
    let post = post.as_object_mut().unwrap();
    post.extend(more.as_object().cloned().unwrap());
    json!(post)
}

#[tokio::test]
async fn a_post_that_is_late_after_its_uploads_is_not_sent() {
    // It is 12:00 in Berlin.
    let soon = || with_file(json!({"scheduled_at": "2027-04-09T10:04:00Z"}));
    let now = || with_file(json!({"publish": "now"}));
    for (limit, post, seconds, is_sent) in [
        (lead(3), soon(), 90, false),
        (lead(3), soon(), 30, true),
        (quiet("12:01-13:00"), now(), 90, false),
        (quiet("12:01-13:00"), now(), 30, true),
    ] {
        let policy = Policy::default().limited(limit.clone());
        let (sandbox, ask) = slow_under(policy, CreateForms::Both, seconds).await;
        let answer = ask("create_post", post).await;
        assert_eq!(answer.failed, !is_sent, "{limit:?}: {}", answer.text);
        let log = sandbox.log();
        let posted = log
            .iter()
            .filter(|logged| logged.path.ends_with("/posts") && logged.method == "POST");
        assert_eq!(posted.count(), usize::from(is_sent), "{limit:?}");
        if !is_sent {
            assert!(
                answer.text.contains("The operator's policy"),
                "{}",
                answer.text
            );
            assert!(answer.text.contains("is media"), "{}", answer.text);
            assert_eq!(answer.meta["class"], "not_sent");
        }
    }
}

async fn soon_out(limit: Limit) -> (World, Value) {
    let world = limited([limit]).await;
    let at = "2027-04-09T10:04:00Z";
    let made = world.ok("create_post", new_post("x").at(at));
    let post_id = made.await["post_ids"][0].clone();
    (world, post_id)
}

#[tokio::test]
async fn a_post_marked_as_failed_keeps_its_time() {
    for settings in [json!({"error": "x"}), json!({"title": "x"})] {
        let (world, post_id) = soon_out(lead(3)).await;
        let edit = |more: (&str, Value)| {
            let mut edit = json!({"space_id": 1, "post_id": post_id});
            edit[more.0] = more.1;
            edit
        };
        world.ok("update_post", edit(("metadata", settings))).await;
        let now: jiff::Timestamp = NOW.parse().unwrap();
        world.clock.set(now + SignedDuration::from_secs(90));
        let said = world
            .refused("update_post", edit(("content", json!("swapped"))))
            .await;
        assert!(said.contains("`--min-lead 3m`"), "{said}");
        assert_eq!(world.writes().len(), 2);
    }
}

#[tokio::test]
async fn a_draft_marked_as_failed_stays_a_draft() {
    let world = limited([Limit::Mode(Mode::DraftsOnly)]).await;
    let edit = |field: &str, value: Value| json!({"space_id": 1, "post_id": 117, field: value});
    world
        .ok("update_post", edit("metadata", json!({"error": "x"})))
        .await;
    world.ok("update_post", edit("content", json!("y"))).await;
}

#[tokio::test]
async fn a_new_text_for_a_scheduled_post_is_not_a_new_publication() {
    let at = "2027-04-10T09:00";
    let cluster = |more: Value| {
        let mut call = json!({"space_id": 1, "cluster_id": CLUSTER});
        call.as_object_mut()
            .unwrap()
            .extend(more.as_object().cloned().unwrap());
        call
    };
    for limit in [Limit::MaxLivePerHour(0), quiet("08:00-10:00")] {
        let world = limited([limit]).await;
        world
            .ok("update_cluster", cluster(json!({"content": "y"})))
            .await;
        world
            .ok(
                "update_cluster",
                cluster(json!({"content": "z", "scheduled_at": at})),
            )
            .await;
        let edit = json!({"space_id": 1, "post_id": 106, "content": "y", "status": 1});
        world.ok("update_post", edit).await;
        let edit = json!({"space_id": 1, "post_id": 106, "scheduled_at": at});
        world.ok("update_post", edit).await;
        assert_eq!(world.writes().len(), 4);
        let later = cluster(json!({"scheduled_at": "2027-04-11T09:00"}));
        world.refused("update_cluster", later).await;
        let one_more = cluster(json!({"account_ids": [11, 12, 13, 14], "content": "y"}));
        world.refused("update_cluster", one_more).await;
        let edit = json!({"space_id": 1, "post_id": 106, "scheduled_at": "2027-04-11T09:00"});
        world.refused("update_post", edit).await;
        assert_eq!(world.writes().len(), 4);
    }
    // A text may still not change shortly before it goes out.
    let world = limited([lead(24 * 60)]).await;
    let said = world
        .refused("update_cluster", cluster(json!({"content": "y"})))
        .await;
    assert!(said.contains("would still change"), "{said}");
}

#[tokio::test]
async fn an_inherited_time_counts_only_if_the_post_surely_waits_for_it() {
    for status in [
        json!(1),
        json!(2),
        json!(9),
        json!("awaiting_approval"),
        Value::Null,
    ] {
        let waits = status == json!(1);
        for (tool, path, arguments) in [
            (
                "update_post",
                "/posts/112",
                json!({"space_id": 1, "post_id": 112, "status": 1}),
            ),
            (
                "update_post",
                "/posts/112",
                json!({"space_id": 1, "post_id": 112, "scheduled_at": "2027-04-14T15:30:00Z"}),
            ),
        ] {
            let world = limited([Limit::MaxLivePerHour(0)]).await;
            let post = json!({"data": {"id": 112, "account_id": 15, "content": "x", "status": status,
                "scheduled_at": "2027-04-14T15:30:00Z", "published_at": null}});
            let shown = Fault::new(FaultKind::Json { body: post }).on(&Method::GET, path);
            world.sandbox().fault(shown);
            let answer = world.call(tool, arguments).await;
            assert_eq!(answer.failed, !waits, "{status}: {}", answer.text);
            assert_eq!(world.writes().len(), usize::from(waits));
        }
    }
}

#[tokio::test]
async fn a_later_part_of_a_thread_shares_the_time_of_its_first() {
    let child = |world: &World| {
        world.sandbox().edit(|state| {
            let first = state.posts.get(109).unwrap().children[0];
            let child = state.posts.get_mut(first).unwrap();
            (child.status, child.scheduled_at) = (PostStatus::Draft, None);
            first
        })
    };
    for (limit, flag) in [
        (Limit::Mode(Mode::DraftsOnly), "--mode drafts-only"),
        (lead(240 * 60), "--min-lead 240h"),
    ] {
        let world = limited([limit]).await;
        let post_id = child(&world);
        let edit = json!({"space_id": 1, "post_id": post_id, "content": "x"});
        let said = world.refused("update_post", edit.clone()).await;
        assert!(said.contains(flag), "{said}");
        assert!(world.writes().is_empty());
        let open = limited([lead(1)]).await;
        child(&open);
        open.ok("update_post", edit).await;
    }
}

#[tokio::test]
async fn an_edit_that_moves_a_part_of_its_thread_counts_as_a_publication() {
    let world = limited([Limit::MaxLivePerHour(1)]).await;
    let part = json!({"space_id": 1, "post_id": 110, "scheduled_at": "2027-04-09T12:30"});
    world.ok("update_post", part).await;
    let first = json!({"space_id": 1, "post_id": 109, "metadata": {}});
    let text = world.refused("update_post", first).await;
    assert!(text.contains("--max-live-per-hour"), "{text}");
    assert_eq!(world.writes().len(), 1);
}

#[tokio::test]
async fn a_later_part_of_a_thread_that_is_due_soon_cannot_be_deleted() {
    // The thread of post 109 goes out on 11 April at 10:00 in Berlin, 46 hours from now.
    let delete = json!({"space_id": 1, "post_id": 110});
    let world = limited([lead(4000)]).await;
    let text = world.refused("delete_post", delete.clone()).await;
    assert!(text.contains("--min-lead"), "{text}");
    assert!(world.writes().is_empty());
    limited([lead(40 * 60)])
        .await
        .ok("delete_post", delete)
        .await;
}

#[tokio::test]
async fn a_later_thread_part_with_its_own_time_is_checked_by_that_too() {
    let part = |world: &World| {
        world.sandbox().edit(|state| {
            let part = state.posts.get(109).unwrap().children[0];
            let post = state.posts.get_mut(part).unwrap();
            (post.status, post.scheduled_at) = (PostStatus::Draft, Some(NOW.parse().unwrap()));
            part
        })
    };
    let publish = |part: u64| json!({"space_id": 1, "post_id": part, "status": 1});
    let world = limited([Limit::MaxLivePerHour(0)]).await;
    let said = world.refused("update_post", publish(part(&world))).await;
    assert!(said.contains("--max-live-per-hour 0"), "{said}");
    // A draft of a part whose thread is about to go out changes what goes out.
    let world = limited([lead(240 * 60)]).await;
    let draft = json!({"space_id": 1, "post_id": part(&world), "content": "x", "status": 0});
    let said = world.refused("update_post", draft).await;
    assert!(said.contains("would still change"), "{said}");
}

#[tokio::test]
async fn a_thread_part_whose_first_post_is_hidden_can_be_changed() {
    for (limit, is_allowed) in [
        (Limit::Mode(Mode::Full), true),
        (Limit::Mode(Mode::DraftsOnly), false),
    ] {
        let world = limited([limit]).await;
        let part = world
            .sandbox()
            .state(|state| state.posts.get(109).unwrap().children[0]);
        let gone = Fault::status(404).on(&Method::GET, "/posts/109");
        world.sandbox().fault(gone);
        let edit = json!({"space_id": 1, "post_id": part, "content": "x"});
        let answer = world.call("update_post", edit).await;
        assert_eq!(answer.failed, !is_allowed, "{}", answer.text);
    }
}

#[tokio::test]
async fn a_lost_create_is_looked_up_even_after_its_time_became_forbidden() {
    let world = limited([lead(3)]).await;
    world
        .sandbox()
        .fault(Fault::new(FaultKind::DropAfter).on(&Method::POST, "/posts"));
    let lists = Fault::status(500)
        .on(&Method::GET, "/spaces/{space_id}/posts")
        .times(100);
    world.sandbox().fault(lists);
    let post = new_post("x").at("2027-04-09T10:04:00Z");
    world.refused("create_post", post.clone()).await;
    world.sandbox().clear_faults();
    let now: jiff::Timestamp = NOW.parse().unwrap();
    world.clock.set(now + SignedDuration::from_secs(90));
    let found = world.ok("create_post", post.clone()).await;
    assert_eq!(found["reconciled"], true, "{found}");
    assert_eq!(world.writes().len(), 1);
    let mut other = post;
    other["content"] = json!("y");
    let said = world.refused("create_post", other).await;
    assert!(said.contains("--min-lead 3m"), "{said}");
}

#[tokio::test]
async fn adjacent_quiet_hours_report_the_end_of_the_last() {
    let world = limited([quiet("10:00-13:00"), quiet("13:00-15:30")]).await;
    let now = new_post("x").now();
    let said = world.refused("create_post", now).await;
    assert!(said.contains("again from Fri 9 Apr 2027, 15:30"), "{said}");
}

#[tokio::test]
async fn a_post_scheduled_to_go_public_again_keeps_its_time() {
    let world = limited([lead(60)]).await;
    let edit = |more: Value| {
        let mut edit = json!({"space_id": 1, "post_id": 101});
        edit.as_object_mut()
            .unwrap()
            .extend(more.as_object().cloned().unwrap());
        edit
    };
    let again = json!({"status": 1, "scheduled_at": "2027-04-09T12:00:00Z"});
    world.ok("update_post", edit(again)).await;
    world
        .ok("update_post", edit(json!({"content": "in time"})))
        .await;
    let now: jiff::Timestamp = NOW.parse().unwrap();
    world.clock.set(now + SignedDuration::from_mins(61));
    let said = world
        .refused("update_post", edit(json!({"content": "swapped"})))
        .await;
    assert!(said.contains("`--min-lead 1h`"), "{said}");
    assert_eq!(world.writes().len(), 2);
}
