//! Calls that are taken back: a read or an upload is dropped, a write that was sent runs to its end.

use std::time::Duration;

use http::Method;
use saki_mcp::sandbox::{Fault, FaultKind};
use serde_json::json;

use crate::support::fixture_server::within;
use crate::support::media_files::picture;
use crate::support::post_arguments::new_post;
use crate::support::sandbox_state::{last_post, posts_after};
use crate::support::server_under_test::{World, connect};
use crate::support::unresponsive_saki::{Silent, begin, server, until_gone};

pub(crate) const LONG: Duration = Duration::from_secs(600);

#[tokio::test]
async fn a_cancelled_read_is_dropped_and_its_connection_with_it() {
    let saki = Silent::start().await;
    let client = connect(server(&saki.base, LONG)).await;
    let call = begin(&client, "get_subscription", json!({})).await;
    let (stream, head) = within(saki.request()).await;
    assert!(head.starts_with("GET /api/subscription "), "{head}");
    call.cancel(None).await.unwrap();
    within(until_gone(stream)).await;
    assert_eq!(
        client.list_all_tools().await.unwrap().len(),
        27,
        "the next call is answered"
    );
}

#[tokio::test]
async fn an_upload_cancelled_midway_never_completes() {
    let saki = Silent::start().await;
    let client = connect(server(&saki.base, LONG)).await;
    let bytes = picture(7 * 1024 * 1024);
    let data = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &bytes);
    let call = begin(&client, "upload_media", json!({"data": data})).await;
    let (stream, head) = within(saki.request()).await;
    assert!(head.starts_with("POST /api/media "), "{head}");
    call.cancel(None).await.unwrap();
    // The next answer shows that the cancellation was read; what the system had taken still arrives.
    assert_eq!(client.list_all_tools().await.unwrap().len(), 27);
    let arrived = within(until_gone(stream)).await;
    assert!(arrived < bytes.len(), "{arrived} of {} bytes", bytes.len());
}

#[tokio::test]
async fn a_cancelled_create_runs_to_its_end_and_makes_its_post_once() {
    let world = World::new().await;
    let last = last_post(&world);
    let kind = FaultKind::Delay {
        ms: 300,
        after_write: false,
    };
    world
        .sandbox()
        .fault(Fault::new(kind).on(&Method::POST, "/spaces/{space_id}/posts"));
    let asked = new_post("Once").draft();
    let call = begin(&world.client, "create_post", asked.clone()).await;
    within(async {
        while world.writes().is_empty() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
    assert!(
        posts_after(&world, last).is_empty(),
        "the post is not made yet"
    );
    call.cancel(Some("changed my mind".to_owned()))
        .await
        .unwrap();
    world.ok("list_spaces", json!({})).await;
    let sent = world.handler.tools().detached().clone();
    sent.close();
    within(sent.wait()).await;
    assert_eq!(posts_after(&world, last).len(), 1);
    assert_eq!(world.writes().len(), 1);
    assert_eq!(world.writes()[0].status, Some(201));

    // Who asks once more learns what became of it.
    let again = world.ok("create_post", asked).await;
    assert_eq!(again["outcome"], "replayed");
    assert_eq!(posts_after(&world, last).len(), 1);
}

#[tokio::test]
async fn a_create_that_is_cancelled_before_sending_is_never_sent() {
    let world = World::new().await;
    let last = last_post(&world);
    let kind = FaultKind::Delay {
        ms: 600_000,
        after_write: false,
    };
    world
        .sandbox()
        .fault(Fault::new(kind).on(&Method::GET, "/spaces/{space_id}/accounts"));
    let asked = new_post("Never").on(["acmecoffee"]).now();
    let call = begin(&world.client, "create_post", asked).await;
    within(async {
        while world.sandbox().log().len() < 2 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
    call.cancel(None).await.unwrap();
    world.ok("list_spaces", json!({})).await;
    assert!(world.handler.tools().detached().is_empty());
    assert!(world.writes().is_empty());
    assert!(posts_after(&world, last).is_empty());
}
