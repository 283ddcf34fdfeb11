//! What ends the tries: a call that is taken back, and a time that has come too close.

use http::Method;
use saki_mcp::sandbox::{CreateForms, Fault, Sandbox, SandboxOptions};
use saki_mcp::write::policy::Policy;
use serde_json::{Value, json};

use crate::support::example_calls::slot;
use crate::support::fixture_server::within;
use crate::support::post_arguments::cluster_change;
use crate::support::server_under_test::{Answer, World, endless};
use crate::support::slow_saki::slow_under;
use crate::support::unresponsive_saki::begin;

const FOREVER: u32 = u32::MAX;

async fn persistent() -> World {
    World::trying(endless(), SandboxOptions::default(), |_| {}).await
}

async fn until(condition: impl Fn() -> bool) {
    within(async {
        while !condition() {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_cancelled_read_is_not_retried() {
    let world = persistent().await;
    let fault = Fault::status(500).on(&Method::GET, "/subscription");
    world.sandbox().fault(fault.times(FOREVER));
    let asked = || {
        let log = world.sandbox().log();
        log.iter()
            .filter(|call| call.path == "/subscription")
            .count()
    };
    let call = begin(&world.client, "get_subscription", json!({})).await;
    until(|| asked() > 2).await;
    call.cancel(None).await.unwrap();
    // Were it still tried, every millisecond would bring another.
    within(async {
        loop {
            let before = asked();
            for _ in 0..20 {
                world.ok("list_spaces", json!({})).await;
            }
            if asked() == before {
                break;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_write_cancelled_before_any_effect_is_not_resent() {
    for taken_back in [true, false] {
        let world = persistent().await;
        let slots = || world.sandbox().state(|state| state.slots.len());
        let before = slots();
        let haste = Fault::status(429).on(&Method::POST, "/slots");
        world.sandbox().fault(haste.times(FOREVER));
        let call = begin(&world.client, "create_slot", slot()).await;
        until(|| world.writes().len() > 2).await;
        let mut call = Some(call);
        if taken_back && let Some(call) = call.take() {
            call.cancel(None).await.unwrap();
        } else {
            world.sandbox().clear_faults();
        }
        let sent = world.handler.tools().detached().clone();
        sent.close();
        within(sent.wait()).await;
        world.sandbox().clear_faults();
        assert_eq!(slots(), before + usize::from(!taken_back));
    }
}

#[tokio::test]
async fn a_cancelled_write_that_may_be_done_is_seen_to_its_end() {
    let world = persistent().await;
    let fault = Fault::status(500).on(&Method::DELETE, "/slots");
    world.sandbox().fault(fault.times(FOREVER));
    let call = begin(
        &world.client,
        "delete_slot",
        json!({"space_id": 1, "slot_id": 301}),
    )
    .await;
    until(|| world.writes().len() > 2).await;
    call.cancel(None).await.unwrap();
    world.ok("list_spaces", json!({})).await;
    world.sandbox().clear_faults();
    let sent = world.handler.tools().detached().clone();
    sent.close();
    within(sent.wait()).await;
    let writes = world.writes();
    assert_eq!(writes.last().unwrap().status, Some(204));
    assert!(
        world
            .sandbox()
            .state(|state| state.slots.get(301).is_none())
    );
}

async fn slow(forms: CreateForms, seconds: i64) -> (Sandbox, impl AsyncFn(&str, Value) -> Answer) {
    slow_under(Policy::default(), forms, seconds).await
}

fn writes(sandbox: &Sandbox) -> usize {
    let log = sandbox.log();
    log.iter().filter(|call| call.method != "GET").count()
}

fn post(publish: &str) -> Value {
    // 70 s ahead of the present.
    json!({"space_id": 1, "account_ids": [11], "content": "Once", "publish": publish,
        "scheduled_at": "2027-04-09T10:01:10Z"})
}

#[tokio::test]
async fn a_post_whose_time_got_too_close_is_not_resent() {
    for (publish, seconds, is_sent) in [
        ("schedule", 45, false),
        ("schedule", 35, true),
        ("draft", 45, true),
    ] {
        let (sandbox, ask) = slow(CreateForms::Both, seconds).await;
        let before = sandbox.state(|state| state.posts.len());
        sandbox.fault(Fault::status(429).on(&Method::POST, "/posts"));
        let answer = ask("create_post", post(publish)).await;
        let what = format!("{publish} {seconds}: {}", answer.text);
        assert_eq!(answer.failed, !is_sent, "{what}");
        assert_eq!(writes(&sandbox), 1 + usize::from(is_sent), "{what}");
        let after = sandbox.state(|state| state.posts.len());
        assert_eq!(after, before + usize::from(is_sent), "{what}");
        if !is_sent {
            assert_eq!(answer.meta["class"], "not_sent");
            assert!(
                answer
                    .text
                    .contains("came too close while waiting for Saki"),
                "{what}"
            );
            assert!(answer.text.contains("`scheduled_at`"), "{what}");
        }
    }
}

#[tokio::test]
async fn a_post_whose_time_got_too_close_is_not_reworded_either() {
    for (seconds, is_sent) in [(45, false), (35, true)] {
        let (sandbox, ask) = slow(CreateForms::OverviewOnly, seconds).await;
        let before = sandbox.state(|state| state.posts.len());
        let answer = ask("create_post", post("schedule")).await;
        assert_eq!(answer.failed, !is_sent, "{}", answer.text);
        assert_eq!(writes(&sandbox), 1 + usize::from(is_sent));
        let after = sandbox.state(|state| state.posts.len());
        assert_eq!(after, before + usize::from(is_sent));
    }
}

#[tokio::test]
async fn a_change_whose_time_got_too_close_is_not_resent() {
    let time = json!("2027-04-09T10:01:10Z");
    for (seconds, is_sent) in [(45, false), (35, true)] {
        let (sandbox, ask) = slow(CreateForms::Both, seconds).await;
        let cluster_id = sandbox.state(|state| state.posts.get(106).unwrap().cluster_id.clone());
        let cluster = cluster_change(cluster_id).on([11, 12, 13]).at(&time);
        sandbox.fault(Fault::status(429).on(&Method::PUT, "/clusters"));
        let answer = ask("update_cluster", cluster).await;
        assert_eq!(answer.failed, !is_sent, "{}", answer.text);
        assert_eq!(writes(&sandbox), 1 + usize::from(is_sent));
    }
    for (status, class) in [(429, "not_sent"), (500, "unknown_outcome")] {
        let (sandbox, ask) = slow(CreateForms::Both, 45).await;
        sandbox.fault(Fault::status(status).on(&Method::PUT, "/posts"));
        let asked = json!({"space_id": 1, "post_id": 106, "scheduled_at": time});
        let answer = ask("update_post", asked).await;
        assert_eq!(answer.meta["class"], class, "{}", answer.text);
        assert_eq!(writes(&sandbox), 1);
    }
}
