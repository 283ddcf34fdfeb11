//! Files of calls that are taken back midway: no stray file, no open connection, no post.

use std::time::Duration;

use http::Method;
use saki_mcp::sandbox::{Fault, FaultKind};
use serde_json::json;

use crate::support::child_process::Serving;
use crate::support::fixture_server::{call, within};
use crate::support::media_files::{PNG, picture, uploads};
use crate::support::post_arguments::new_post;
use crate::support::sandbox_state::{last_post, posts_after};
use crate::support::scripted_web_host::{Host, Part, file};
use crate::support::server_under_test::World;
use crate::support::unresponsive_saki::begin;

#[tokio::test]
async fn after_a_cancelled_second_file_the_retry_reuses_the_first() {
    let world = World::new().await;
    let last = last_post(&world);
    let kind = FaultKind::Delay {
        ms: 600_000,
        after_write: false,
    };
    let second = Fault {
        skip: 1,
        ..Fault::new(kind)
    };
    world.sandbox().fault(second.on(&Method::POST, "/media"));
    let asked = new_post("A")
        .with(json!({
            "media": [{"data": PNG, "filename": "a.png"}, {"data": PNG, "filename": "b.png", "alt": "B"}]
        }))
        .now();
    let call = begin(&world.client, "create_post", asked.clone()).await;
    within(async {
        while uploads(&world).len() < 2 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
    call.cancel(None).await.unwrap();
    world.ok("list_spaces", json!({})).await;
    assert!(world.handler.tools().detached().is_empty());
    assert!(posts_after(&world, last).is_empty());
    world.ok("create_post", asked).await;
    assert_eq!(uploads(&world), ["a.png", "b.png", "b.png"]);
    assert_eq!(posts_after(&world, last).len(), 1);
}

/// Files that a process has open in a folder, with or without a name.
#[cfg(target_os = "linux")]
fn open_in(folder: &std::path::Path, process: u32) -> usize {
    let open = std::fs::read_dir(format!("/proc/{process}/fd")).unwrap();
    let target = |entry: std::io::Result<std::fs::DirEntry>| entry.ok()?.path().read_link().ok();
    let below = |path: &std::path::PathBuf| path.starts_with(folder);
    open.filter_map(target).filter(below).count()
}

// The host answers while the test waits for a line of the process.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fetch_cancelled_midway_leaves_no_file_and_no_connection() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start().await;
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n";
    let begun = [&head[..], &picture(100_000)].concat();
    host.says("/a.png", vec![Part::Bytes(begun), Part::Silence])
        .says("/b.png", file("", &picture(100)));
    let place = folder.path().to_str().unwrap();
    let arguments = ["--sandbox", "--allow-private-urls"];
    let mut serving = Serving::initialized(&arguments, &[("TMPDIR", place)]);
    serving.send(&call(1, "upload_media", json!({"url": host.at("/a.png")})));
    within(async {
        while open_in(folder.path(), serving.id()) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    let names = || std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(names(), 0, "it has no name from the start");
    serving.send(&json!({
        "jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1},
    }));
    host.has_no_connection().await;
    within(async {
        while open_in(folder.path(), serving.id()) > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    assert_eq!(names(), 0);
    serving.send(&call(2, "upload_media", json!({"url": host.at("/b.png")})));
    let answer = loop {
        let answer = serving.answer();
        if answer["id"] == 2 {
            break answer;
        }
    };
    assert_eq!(
        answer["result"]["structuredContent"]["size"], 100,
        "{answer}"
    );
    assert_eq!((names(), open_in(folder.path(), serving.id())), (0, 0));
    host.has_no_connection().await;
}
