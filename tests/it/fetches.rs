//! Files that are named by their address: fetched from hosts that behave, and refused from those that do not.

use std::sync::Arc;
use std::time::Duration;

use saki_mcp::write::media::fetch::{FetchOptions, Reach};
use serde_json::json;

use crate::harness::{KEY, World};
use crate::host::{Host, Names, Part, file, leads_to};
use crate::media::picture;

const MIB: usize = 1024 * 1024;

pub(crate) async fn fetching(fetch: FetchOptions) -> World {
    World::with(Default::default(), |settings| settings.fetch = fetch).await
}

#[tokio::test]
async fn a_picture_at_an_address_arrives_byte_for_byte_and_the_host_learns_nothing() {
    let host = Host::start().await;
    let bytes = picture(3 * MIB + 17);
    host.says(
        "/a/cr%C3%A8me.png?sig=1",
        file("Content-Type: text/html\r\n", &bytes),
    );
    let world = fetching(host.reached()).await;
    let url = host.at("/a/cr%C3%A8me.png?sig=1#part");
    let made = world
        .ok("upload_media", json!({"url": url, "alt": "A dessert"}))
        .await;
    assert_eq!(
        (&made["size"], &made["width"]),
        (&json!(bytes.len()), &json!(1200))
    );
    let sent = world.writes()[0].uploads[0].clone();
    assert_eq!(
        (sent.filename.as_str(), sent.mime.as_str(), sent.size),
        ("cr_me.png", "image/png", bytes.len() as u64)
    );
    assert_eq!(sent.sha256, crate::media::sum(&bytes));
    let head = host.heads()[0].to_ascii_lowercase();
    assert!(head.contains("user-agent: saki-mcp/"), "{head}");
    for secret in [KEY, "authorization", "cookie", "referer"] {
        assert!(!head.contains(secret), "{head}");
    }
    host.has_no_connection().await;
}

#[tokio::test]
async fn a_data_uri_as_an_address_is_the_content_itself() {
    let host = Host::start().await;
    let world = fetching(host.reached()).await;
    let url = format!("data:image/png;base64,{}", crate::learning_words::PNG);
    world
        .ok("upload_media", json!({"url": url, "filename": "a.png"}))
        .await;
    assert_eq!(world.writes()[0].uploads[0].filename, "a.png");
    assert!(host.heads().is_empty());
}

#[tokio::test]
async fn a_dry_run_judges_an_address_and_fetches_nothing() {
    let host = Host::start().await;
    host.says("/a.png", file("", &picture(100)));
    let world = fetching(host.reached()).await;
    let asked = json!({"url": "http://cdn.test/a.png?secret=1", "dry_run": true});
    let preview = world.ok("upload_media", asked).await;
    assert_eq!(
        preview["request"]["file"],
        json!({"name": "a.png", "fetched_from": "cdn.test"})
    );
    let inside = json!({"url": "http://127.0.0.1/a.png", "dry_run": true});
    let said = world.refused("upload_media", inside).await;
    assert!(said.starts_with("`url`: the address"), "{said}");
    assert!(
        said.contains("loopback") && said.contains("--allow-private-urls"),
        "{said}"
    );
    assert!(host.heads().is_empty() && world.sandbox().log().is_empty());
    world
        .ok("upload_media", json!({"url": "http://cdn.test/a.png"}))
        .await;
}

#[tokio::test]
async fn a_redirect_leads_to_public_addresses_only() {
    let (host, inside) = (Host::start().await, Host::start().await);
    host.says("/a.png", file("", &picture(100)));
    inside.says("/a.png", file("", &picture(100)));
    let names = Names::to(&[
        ("cdn.test", vec![host.address]),
        ("inside.test", vec![inside.address]),
    ]);
    let world = fetching(FetchOptions {
        lookup: Arc::new(names),
        ..host.reached()
    })
    .await;
    let port = inside.address.port();
    for (hostile, why) in [
        (inside.at("/a.png"), "loopback"),
        (format!("http://2130706433:{port}/a.png"), "loopback"),
        (format!("//127.1:{port}/a.png"), "loopback"),
        (format!("http://[::ffff:127.0.0.1]:{port}/a.png"), "clothes"),
        ("http://inside.test/a.png".to_owned(), "loopback"),
        ("http://169.254.169.254/latest".to_owned(), "metadata"),
        (
            format!("http://a:b@{}/a.png", host.address),
            "before the host",
        ),
        ("file:///etc/passwd".to_owned(), "`path`"),
        ("ftp://cdn.test/a.png".to_owned(), "only http"),
        ("http://[broken/".to_owned(), "another address"),
    ] {
        host.says("/hop", leads_to(&hostile));
        let said = world
            .refused("upload_media", json!({"url": host.at("/hop")}))
            .await;
        assert!(said.contains(why), "{hostile}: {said}");
    }
    assert!(inside.heads().is_empty(), "{:?}", inside.heads());
    assert!(world.writes().is_empty());
    for benign in [
        "/a.png",
        "a.png",
        "http://cdn.test/a.png",
        "//cdn.test/a.png",
    ] {
        host.says("/hop", leads_to(benign));
        world
            .ok("upload_media", json!({"url": host.at("/hop")}))
            .await;
    }
}

#[tokio::test]
async fn five_redirects_are_followed_and_a_sixth_is_not() {
    let host = Host::start().await;
    host.says("/0", file("", &picture(100)));
    for step in 1..=6 {
        host.says(&format!("/{step}"), leads_to(&format!("/{}", step - 1)));
    }
    let world = fetching(host.reached()).await;
    let said = world
        .refused("upload_media", json!({"url": host.at("/6")}))
        .await;
    assert!(said.contains("more than 5 times"), "{said}");
    world
        .ok("upload_media", json!({"url": host.at("/5")}))
        .await;
}

#[tokio::test]
async fn a_name_that_leads_inside_after_it_was_looked_at_is_refused_by_the_connection() {
    let (host, inside) = (Host::start().await, Host::start().await);
    host.says("/a.png", file("", &picture(100)));
    inside.says("/a.png", file("", &picture(100)));
    let asked = json!({"url": "http://trap.test/a.png"});
    for (then, why) in [(inside.address, Some("loopback")), (host.address, None)] {
        let world = fetching(FetchOptions {
            lookup: Arc::new(Names::rebinding("trap.test", &[host.address, then])),
            ..host.reached()
        })
        .await;
        match why {
            Some(why) => {
                let said = world.refused("upload_media", asked.clone()).await;
                assert!(said.contains(why) && said.contains("trap.test"), "{said}");
            }
            None => drop(world.ok("upload_media", asked.clone()).await),
        }
    }
    assert!(inside.heads().is_empty());
}

#[tokio::test]
async fn a_body_without_end_is_cut_off_at_the_largest_size() {
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
        largest: MIB as u64,
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
async fn a_host_that_is_too_slow_is_given_up_and_one_that_pauses_is_not() {
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
        idle: Duration::from_millis(700),
        total: Duration::from_secs(3),
        ..host.reached()
    })
    .await;
    for (path, why) in [
        ("/silent", "in time"),
        ("/stops", "in time"),
        ("/drips", "not there whole after 3 seconds"),
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
async fn what_is_packed_on_its_way_is_not_unpacked() {
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
        ("/named", "packed"),
        ("/brotli", "packed"),
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
async fn only_a_whole_picture_video_or_pdf_is_taken_whatever_the_host_calls_it() {
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
        ("/page.png", "security rule"),
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

#[tokio::test]
async fn a_lab_may_open_private_addresses_and_nobody_else_has_them() {
    let host = Host::start().await;
    host.says("/a.png", file("", &picture(100)));
    let asked = json!({"url": host.at("/a.png")});
    let world = World::new().await;
    let said = world.refused("upload_media", asked.clone()).await;
    assert!(said.contains("loopback"), "{said}");
    let lab = fetching(FetchOptions {
        reach: Reach::Everywhere,
        ..FetchOptions::default()
    })
    .await;
    lab.ok("upload_media", asked).await;
}
