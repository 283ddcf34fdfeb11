//! Fetches have bounds: of size, of time, of what comes packed and of what a file is.

use std::time::Duration;

use saki_mcp::write::media::fetch::FetchOptions;
use serde_json::json;

use crate::media::fetch::{MIB, fetching};
use crate::support::media_files::picture;
use crate::support::scripted_web_host::{Host, Part, file};

#[tokio::test]
async fn an_endless_body_is_cut_off_at_the_size_limit() {
    let host = Host::start().await;
    let head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec();
    let begun = [head.clone(), picture(8192)].concat();
    host.says(
        "/endless",
        vec![Part::Bytes(begun.clone()), Part::Endless(vec![7; 8192])],
    )
    .says(
        "/announced",
        vec![
            Part::Bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n".to_vec()),
            Part::Silence,
        ],
    )
    .says("/most", file("", &picture(MIB)))
    .says("/open", vec![Part::Bytes([head, picture(MIB)].concat())]);
    let world = fetching(FetchOptions {
        max_bytes: MIB as u64,
        ..host.reached()
    })
    .await;
    for path in ["/endless", "/announced"] {
        let said = world
            .refused("upload_media", json!({"url": host.at(path)}))
            .await;
        assert!(said.contains("larger than 1 MiB"), "{path}: {said}");
    }
    host.has_no_connection().await;
    assert!(world.writes().is_empty());
    for path in ["/most", "/open"] {
        world
            .ok("upload_media", json!({"url": host.at(path)}))
            .await;
    }
}

#[tokio::test]
async fn a_stalled_host_is_given_up_and_a_pausing_one_is_not() {
    let host = Host::start().await;
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", 400);
    let bytes = picture(400);
    let pause = |millis| Part::Pause(Duration::from_millis(millis));
    let mut drip = vec![Part::Bytes(head.clone().into_bytes())];
    drip.extend(
        bytes
            .iter()
            .flat_map(|byte| [Part::Bytes(vec![*byte]), pause(50)]),
    );
    host.says("/silent", vec![Part::Silence])
        .says(
            "/stops",
            vec![Part::Bytes(head.clone().into_bytes()), Part::Silence],
        )
        .says("/drips", drip)
        .says(
            "/pauses",
            vec![
                pause(20),
                Part::Bytes(head.into_bytes()),
                pause(20),
                Part::Bytes(bytes),
            ],
        );
    let world = fetching(FetchOptions {
        read_timeout: Duration::from_millis(700),
        total_timeout: Duration::from_secs(3),
        ..host.reached()
    })
    .await;
    for (path, why) in [
        ("/silent", "in time"),
        ("/stops", "in time"),
        ("/drips", "not complete after 3 seconds"),
    ] {
        let said = world
            .refused("upload_media", json!({"url": host.at(path)}))
            .await;
        assert!(said.contains(why), "{path}: {said}");
    }
    host.has_no_connection().await;
    world
        .ok("upload_media", json!({"url": host.at("/pauses")}))
        .await;
}

#[tokio::test]
async fn a_compressed_response_is_not_decompressed() {
    // 10 MiB of zeros in 10 KiB; this is its beginning, and more is not needed to refuse it.
    const BOMB: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0\x02\xff\xed\xc1\x01\x01\0\0\0\x80\x90\xfe\xaf";
    let host = Host::start().await;
    host.says("/named", file("Content-Encoding: gzip\r\n", BOMB))
        .says("/brotli", file("Content-Encoding: br\r\n", &picture(100)))
        .says("/unnamed", file("Content-Type: image/png\r\n", BOMB))
        .says(
            "/plain",
            file("Content-Encoding: identity\r\n", &picture(100)),
        );
    let world = fetching(host.reached()).await;
    for (path, why) in [
        ("/named", "compressed"),
        ("/brotli", "compressed"),
        ("/unnamed", "application/gzip"),
    ] {
        let said = world
            .refused("upload_media", json!({"url": host.at(path)}))
            .await;
        assert!(said.contains(why), "{path}: {said}");
    }
    assert!(
        host.heads()[0]
            .to_ascii_lowercase()
            .contains("accept-encoding: identity")
    );
    world
        .ok("upload_media", json!({"url": host.at("/plain")}))
        .await;
}

#[tokio::test]
async fn only_a_whole_picture_video_or_pdf_is_accepted() {
    let host = Host::start().await;
    let bytes = |bytes: &[u8]| vec![Part::Bytes(bytes.to_vec())];
    host.says(
        "/page.png",
        file("Content-Type: image/png\r\n", b"<!DOCTYPE html><p>"),
    )
    .says("/empty.png", file("", b""))
    .says("/short.png", {
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n";
        bytes(&[&head[..], &picture(100)].concat())
    })
    .says("/part.png", {
        let head = b"HTTP/1.1 206 Partial Content\r\nContent-Length: 100\r\n\r\n";
        bytes(&[&head[..], &picture(100)].concat())
    })
    .says(
        "/a.pdf",
        file("Content-Type: text/plain\r\n", b"%PDF-1.7\nx"),
    );
    let world = fetching(host.reached()).await;
    for (path, why) in [
        ("/page.png", "leads to a web page, not to a file"),
        ("/empty.png", "is empty"),
        ("/short.png", "broke off"),
        ("/part.png", "answered 206"),
        ("/none.png", "answered 404"),
    ] {
        let answer = world
            .call("upload_media", json!({"url": host.at(path)}))
            .await;
        assert!(
            answer.failed && answer.text.contains(why),
            "{path}: {}",
            answer.text
        );
        assert!(
            answer.text.starts_with("`url`: the file at 127.0.0.1 "),
            "{}",
            answer.text
        );
        assert_eq!(answer.meta["class"], "not_sent");
    }
    assert!(world.writes().is_empty());
    let made = world
        .ok("upload_media", json!({"url": host.at("/a.pdf")}))
        .await;
    assert_eq!(made["mime"], "application/pdf");
}
