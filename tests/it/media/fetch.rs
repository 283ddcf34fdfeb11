//! Files that are named by their address: fetched from hosts that behave, and refused from those that do not.

use std::sync::Arc;

use saki_mcp::write::media::fetch::{FetchOptions, NetworkScope};
use serde_json::json;

use crate::support::media_files::picture;
use crate::support::scripted_web_host::{Host, Names, file, leads_to};
use crate::support::server_under_test::{KEY, World};

pub(crate) const MIB: usize = 1024 * 1024;

pub(crate) async fn fetching(fetch: FetchOptions) -> World {
    World::with(Default::default(), |settings| settings.fetch = fetch).await
}

#[tokio::test]
async fn a_picture_at_a_url_arrives_byte_for_byte_and_leaks_nothing() {
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
    assert_eq!(sent.sha256, crate::support::media_files::sum(&bytes));
    let head = host.heads()[0].to_ascii_lowercase();
    assert!(head.contains("user-agent: saki-mcp/"), "{head}");
    for secret in [KEY, "authorization", "cookie", "referer"] {
        assert!(!head.contains(secret), "{head}");
    }
    host.has_no_connection().await;
}

#[tokio::test]
async fn a_data_uri_as_url_is_the_content_itself() {
    let host = Host::start().await;
    let world = fetching(host.reached()).await;
    let url = format!("data:image/png;base64,{}", crate::support::media_files::PNG);
    world
        .ok("upload_media", json!({"url": url, "filename": "a.png"}))
        .await;
    assert_eq!(world.writes()[0].uploads[0].filename, "a.png");
    assert!(host.heads().is_empty());
}

#[tokio::test]
async fn a_dry_run_checks_a_url_and_fetches_nothing() {
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
async fn a_refused_url_is_named_by_its_parameter_without_its_secrets() {
    let host = Host::start().await;
    let world = fetching(host.reached()).await;
    for (url, place) in [
        (
            "https://S3CRET:S3CRET@cdn.test/a.png?S3CRET#S3CRET",
            "https://cdn.test/a.png",
        ),
        (
            "http://127.0.0.1/a.png?sig=S3CRET",
            "http://127.0.0.1/a.png",
        ),
        ("S3CRET:S3CRET@cdn.test/a.png?S3CRET", "cdn.test/a.png"),
        ("cdn.test/a.png?S3CRET", "cdn.test/a.png"),
    ] {
        let said = world.refused("upload_media", json!({"url": url})).await;
        assert!(said.contains(&format!("{place:?}")), "{said}");
        assert!(!said.to_lowercase().contains("s3cret"), "{said}");
    }
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
        resolver: Arc::new(names),
        ..host.reached()
    })
    .await;
    let port = inside.address.port();
    for (hostile, why) in [
        (inside.at("/a.png"), "loopback"),
        (format!("http://2130706433:{port}/a.png"), "loopback"),
        (format!("//127.1:{port}/a.png"), "loopback"),
        (
            format!("http://[::ffff:127.0.0.1]:{port}/a.png"),
            "written as IPv6",
        ),
        ("http://inside.test/a.png".to_owned(), "loopback"),
        ("http://169.254.169.254/latest".to_owned(), "metadata"),
        (
            format!("http://a:b@{}/a.png", host.address),
            "before the host",
        ),
        ("file:///etc/passwd".to_owned(), "`path`"),
        ("ftp://cdn.test/a.png".to_owned(), "only http"),
        ("http://[broken/".to_owned(), "redirects to a URL"),
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
async fn dns_rebinding_to_a_private_address_is_refused_at_connect() {
    let (host, inside) = (Host::start().await, Host::start().await);
    host.says("/a.png", file("", &picture(100)));
    inside.says("/a.png", file("", &picture(100)));
    let asked = json!({"url": "http://trap.test/a.png"});
    for (then, why) in [(inside.address, Some("loopback")), (host.address, None)] {
        let world = fetching(FetchOptions {
            resolver: Arc::new(Names::rebinding("trap.test", &[host.address, then])),
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
async fn private_addresses_need_the_option_that_allows_them() {
    let host = Host::start().await;
    host.says("/a.png", file("", &picture(100)));
    let asked = json!({"url": host.at("/a.png")});
    let world = World::new().await;
    let said = world.refused("upload_media", asked.clone()).await;
    assert!(said.contains("loopback"), "{said}");
    let lab = fetching(FetchOptions {
        scope: NetworkScope::Everywhere,
        ..FetchOptions::default()
    })
    .await;
    lab.ok("upload_media", asked).await;
}
