//! What a client hears while a file goes out.

use std::sync::{Arc, Mutex};

use rmcp::model::{CallToolRequestParams, ProgressNotificationParam};
use rmcp::service::NotificationContext;
use rmcp::{ClientHandler, RoleClient};
use saki_mcp::tools::UploadPaths;
use serde_json::json;

use crate::support::media_files::{picture, reading};
use crate::support::post_arguments::new_post;
use crate::support::scripted_web_host::{Host, Part, file};
use crate::support::server_under_test::{World, object};
use crate::support::unresponsive_saki::connect_as;

#[derive(Clone, Default)]
struct Listener(Arc<Mutex<Vec<ProgressNotificationParam>>>);

impl ClientHandler for Listener {
    async fn on_progress(
        &self,
        said: ProgressNotificationParam,
        _: NotificationContext<RoleClient>,
    ) {
        self.0.lock().unwrap().push(said);
    }
}

#[tokio::test]
async fn upload_progress_is_reported_and_never_goes_backwards() {
    let folder = tempfile::tempdir().unwrap();
    let size = 6 * 1024 * 1024;
    std::fs::write(folder.path().join("big.png"), picture(size)).unwrap();
    let world = reading(folder.path()).await;
    let kind = saki_mcp::sandbox::FaultKind::Delay {
        ms: 300,
        after_write: false,
    };
    world
        .sandbox()
        .fault(saki_mcp::sandbox::Fault::new(kind).times(2));
    // It is sent once more from its start, which nobody shall see as a step back.
    world.sandbox().fault(saki_mcp::sandbox::Fault::status(429));
    let listener = Listener::default();
    let client = connect_as(world.handler.clone(), listener.clone()).await;
    let request = CallToolRequestParams::new("upload_media")
        .with_arguments(object(json!({"path": "big.png"})));
    let result = client.call_tool(request).await.unwrap();
    assert_eq!(result.structured_content.unwrap()["size"], size);
    let heard = listener.0.lock().unwrap().clone();
    assert!(!heard.is_empty());
    assert!(
        heard
            .windows(2)
            .all(|pair| pair[0].progress < pair[1].progress)
    );
    for said in &heard {
        assert_eq!(said.total, Some(size as f64));
        assert!(said.progress <= size as f64);
        assert!(
            said.message.as_deref().unwrap().contains("of 6144 KiB"),
            "{:?}",
            said.message
        );
    }
    let writes = world.writes();
    assert_eq!(writes.len(), 2);
    assert_eq!(writes[1].uploads[0].size, size as u64);
}

#[tokio::test]
async fn a_call_without_uploads_reports_no_progress() {
    let folder = tempfile::tempdir().unwrap();
    let world = reading(folder.path()).await;
    let listener = Listener::default();
    let client = connect_as(world.handler.clone(), listener.clone()).await;
    client
        .call_tool(CallToolRequestParams::new("list_spaces"))
        .await
        .unwrap();
    assert!(listener.0.lock().unwrap().is_empty());
}

#[tokio::test]
async fn the_files_of_a_post_report_progress_together_fetched_first() {
    let folder = tempfile::tempdir().unwrap();
    let size = 2 * 1024 * 1024;
    std::fs::write(folder.path().join("a.png"), picture(size)).unwrap();
    let host = Host::start().await;
    let mut parts = file("", &picture(size));
    let Some(Part::Bytes(all)) = parts.pop() else {
        panic!("no bytes");
    };
    for piece in all.chunks(size / 4) {
        parts.push(Part::Bytes(piece.to_vec()));
        parts.push(Part::Pause(std::time::Duration::from_millis(150)));
    }
    host.says("/b.png", parts);
    let root = folder.path().to_owned();
    let world = World::with(Default::default(), |settings| {
        settings.upload_paths = UploadPaths::Below(vec![root]);
        settings.fetch = host.reached();
    })
    .await;
    let kind = saki_mcp::sandbox::FaultKind::Delay {
        ms: 300,
        after_write: false,
    };
    world.sandbox().fault(saki_mcp::sandbox::Fault {
        count: 9,
        ..saki_mcp::sandbox::Fault::new(kind).on(&http::Method::POST, "/media")
    });
    let listener = Listener::default();
    let client = connect_as(world.handler.clone(), listener.clone()).await;
    let asked = new_post("A")
        .with(json!({"media": [{"path": "a.png"}, {"url": "http://cdn.test/b.png"}]}))
        .draft();
    let request = CallToolRequestParams::new("create_post").with_arguments(object(asked));
    let result = client.call_tool(request).await.unwrap();
    assert_ne!(result.is_error, Some(true), "{result:?}");
    let heard = listener.0.lock().unwrap().clone();
    assert!(
        heard
            .windows(2)
            .all(|pair| pair[0].progress < pair[1].progress)
    );
    let (fetched, sent): (Vec<_>, Vec<_>) = heard.iter().partition(|said| said.total.is_none());
    assert!(!fetched.is_empty() && !sent.is_empty(), "{heard:?}");
    for said in &fetched {
        assert!(said.progress <= size as f64, "{said:?}");
        assert!(said.message.as_deref().unwrap().ends_with(" KiB fetched"));
    }
    // One file is fetched, and both are sent.
    assert!(
        sent.iter()
            .all(|said| said.total == Some(3.0 * size as f64))
    );
    assert_eq!(sent.last().unwrap().progress, 3.0 * size as f64);
}
