//! Formats of files: videos of cameras and phones, pictures that end too early, and kinds that a network does not take.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rstest::rstest;
use serde_json::{Value, json};

use crate::media::fetch::fetching;
use crate::support::media_files::{PNG, picture, reading, uploads};
use crate::support::scripted_web_host::{Host, file};
use crate::support::server_under_test::World;

const GIF: &[u8] = b"GIF89a\x01\0\x01\0\0\0\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x01D\0\x3b";
const ANIMATED: &[u8] = b"GIF89a\x01\0\x01\0\0\0\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x01D\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x01D\0\x3b";
const HEIC: &[u8] = b"\0\0\0\x14ftypheic\0\0\0\0heic\0\0\0\x08mdat";
const PSD: &[u8] = b"8BPS\0\x01\0\0\0\0\0\0\0\x03\0\0\0\x01\0\0\0\x01\0\x08\0\x03";
const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n";

fn data(bytes: &[u8]) -> Value {
    json!({"data": STANDARD.encode(bytes)})
}

/// The warnings of a draft on the first account of a network, or the account itself.
fn draft(account: &str, media: Value) -> Value {
    let is_in_studio = ["youtube", "bluesky", "threads"].contains(&account);
    let space = if is_in_studio { 2 } else { 1 };
    json!({
        "space_id": space, "account_ids": [account], "publish": "draft", "content": "x",
        "metadata": {"title": "T"}, "media": media,
    })
}

#[rstest]
#[case(b"XAVC", "video/mp4")]
#[case(b"3gp4", "video/3gpp")]
#[case(b"3g2a", "video/3gpp2")]
#[case(b"av01", "video/mp4")]
#[case(b"hvc1", "video/mp4")]
#[case(b"iso8", "video/mp4")]
#[case(b"cmfc", "video/mp4")]
#[case(b"hev1", "video/mp4")]
#[case(b"dvh1", "video/mp4")]
#[case(b"3gr6", "video/3gpp")]
#[case(b"hevc", "image/heif")]
#[tokio::test]
async fn media_of_a_camera_is_taken_whatever_its_brand(
    #[case] brand: &[u8; 4],
    #[case] mime: &str,
) {
    let world = World::new().await;
    let bytes = [
        b"\0\0\0\x14ftyp",
        &brand[..],
        b"\0\0\0\0",
        brand,
        b"\0\0\0\x08moov",
    ]
    .concat();
    world.ok("upload_media", data(&bytes)).await;
    assert_eq!(world.writes()[0].uploads[0].mime, mime);
}

#[tokio::test]
async fn a_transport_stream_is_a_video() {
    let folder = tempfile::tempdir().unwrap();
    let packet = [&b"\x47\x40\0\x10"[..], &[0xff; 184]].concat();
    std::fs::write(folder.path().join("00001.ts"), packet.repeat(5)).unwrap();
    let world = reading(folder.path()).await;
    world.ok("upload_media", json!({"path": "00001.ts"})).await;
    assert_eq!(uploads(&world), ["00001.ts"]);
    assert_eq!(world.writes()[0].uploads[0].mime, "video/mp2t");
}

#[rstest]
#[case::png(&picture(300)[..200])]
#[case::png_without_its_end(&picture(300)[..288])]
#[case::jpeg(b"\xff\xd8\xff\xe0\0\x04JF\xff\xda\0\x03xdata of a picture")]
#[case::gif(&GIF[..GIF.len() - 1])]
#[case::eight_bytes(&picture(300)[..8])]
#[case::heic(b"\0\0\0\x14ftypheic\0\0\0\0heic\0\0\x10\0mdat")]
#[case::bmp(b"BM\0\x10\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x01\0")]
#[case::webp(b"RIFF\x24\0\0\0WEBPVP8 \x18\0\0\0data")]
#[tokio::test]
async fn a_picture_that_is_cut_is_warned_about_before_and_after(#[case] bytes: &[u8]) {
    let world = World::new().await;
    let mut dry = data(bytes);
    dry["dry_run"] = json!(true);
    for (tool, asked) in [
        ("upload_media", dry),
        ("upload_media", data(bytes)),
        ("create_post", draft("11", json!([data(bytes)]))),
    ] {
        let answer = world.ok(tool, asked).await;
        let warnings = answer["warnings"].to_string();
        assert!(warnings.contains("ends before its end"), "{tool}: {answer}");
    }
}

#[tokio::test]
async fn a_whole_picture_is_not_warned_about_and_a_fetched_one_is_judged_afterwards() {
    let host = Host::start().await;
    host.says("/cut.png", file("", &picture(300)[..200]));
    host.says("/whole.png", file("", &picture(300)));
    let world = fetching(host.reached()).await;
    for (name, is_cut) in [("whole", false), ("cut", true)] {
        let media = json!([{"url": format!("http://cdn.test/{name}.png")}]);
        let made = world.ok("create_post", draft("11", media)).await;
        let warnings = made["warnings"].to_string();
        assert_eq!(warnings.contains("ends before its end"), is_cut, "{made}");
    }
    let whole = world.ok("upload_media", json!({"data": PNG})).await;
    assert_eq!(whole["warnings"], Value::Null);
    host.has_no_connection().await;
}

#[rstest]
#[case("youtube", json!([{"data": PNG}]), "pass a video instead")]
#[case("youtube", json!([{"url": "https://cdn.test/a.png"}]), "pass a video instead")]
#[case("11", json!([data(HEIC)]), "a HEIC picture")]
#[case("instagram", json!([data(HEIC)]), "a HEIC picture")]
#[case("facebook", json!([data(HEIC)]), "a HEIC picture")]
#[case("linkedin", json!([data(HEIC)]), "a HEIC picture")]
#[case("pinterest", json!([data(HEIC)]), "a HEIC picture")]
#[case("tiktok", json!([data(HEIC)]), "a HEIC picture")]
#[case("threads", json!([data(HEIC)]), "a HEIC picture")]
#[case("bluesky", json!([data(HEIC)]), "a HEIC picture")]
#[case("linkedin", json!([data(PSD)]), "a PSD picture")]
#[case("bluesky", json!([data(ANIMATED)]), "shows one frame")]
#[case("threads", json!([data(PDF)]), "a PDF, which Threads does not take")]
#[case("youtube", json!([data(GIF)]), "pass a video instead")]
#[case("facebook", json!([data(b"II*\0\x08\0\0\0\0\0\0\0")]), "a file is a TIFF picture")]
#[case("11", json!([data(b"\0\0\0\x14ftypavif\0\0\0\0avif\0\0\0\x08mdat")]), "a file is an AVIF picture")]
#[case("instagram", json!([{"url": "https://cdn.test/a.TIF"}]), "a file is a TIFF picture")]
#[case("11", json!([{"url": "https://cdn.test/a.3gp"}, {"url": "https://cdn.test/b.mts"}]), "2 videos")]
#[case("11", json!([data(GIF), {"data": PNG}]), "a GIF only alone")]
#[case("11", json!([data(ANIMATED), data(GIF)]), "a GIF only alone")]
#[case("instagram", json!([data(ANIMATED)]), "shows one frame")]
#[case("11", json!([data(PDF)]), "a PDF, which X does not take")]
#[tokio::test]
async fn a_kind_that_the_network_does_not_take_is_warned_about(
    #[case] account: &str,
    #[case] media: Value,
    #[case] said: &str,
) {
    let world = fetching(Host::start().await.reached()).await;
    let mut asked = draft(account, media.clone());
    asked["dry_run"] = json!(true);
    let preview = world.ok("create_post", asked.clone()).await;
    assert!(preview["warnings"].to_string().contains(said), "{preview}");
    assert!(world.writes().is_empty());
    if media[0]["url"].is_null() {
        asked["dry_run"] = json!(false);
        let answer = world.call("create_post", asked).await;
        assert!(
            answer.failed || answer.text.contains(said),
            "{}",
            answer.text
        );
    }
}

#[rstest]
#[case("11", json!([data(GIF)]))]
#[case("11", json!([{"data": PNG}, {"data": PNG}]))]
#[case("linkedin", json!([data(PDF)]))]
#[case("linkedin", json!([data(ANIMATED)]))]
#[tokio::test]
async fn what_the_network_takes_is_not_warned_about(#[case] account: &str, #[case] media: Value) {
    let world = World::new().await;
    let mut asked = draft(account, media);
    asked["dry_run"] = json!(true);
    let preview = world.ok("create_post", asked).await;
    assert_eq!(preview["warnings"], Value::Null, "{preview}");
}

#[tokio::test]
async fn a_web_page_in_the_place_of_a_file_says_how_to_get_the_file() {
    let host = Host::start().await;
    let page = b"<!DOCTYPE html><html><head><title>a.png</title></head></html>";
    host.says(
        "/s/a.png",
        file("Content-Type: text/html; charset=utf-8\r\n", page),
    );
    host.says("/plain", file("", page));
    host.says(
        "/text",
        file("Content-Type: TEXT/HTML\r\n", b"One moment, please"),
    );
    let marked = [b"\xef\xbb\xbf", &page[..]].concat();
    host.says("/marked", file("", &marked));
    let xhtml = b"<?xml version=\"1.0\"?>\n<html xmlns=\"http://www.w3.org/1999/xhtml\"></html>";
    host.says(
        "/xhtml",
        file("Content-Type: application/xhtml+xml\r\n", xhtml),
    );
    host.says("/note", file("", b"<!-- moved -->\n<HTML></HTML>"));
    let world = fetching(host.reached()).await;
    for path in ["/s/a.png", "/plain", "/text", "/marked", "/xhtml", "/note"] {
        let said = world
            .refused("upload_media", json!({"url": host.at(path)}))
            .await;
        assert!(
            said.contains("leads to a web page, not to a file"),
            "{said}"
        );
        assert!(
            said.contains("direct link") && !said.contains("security rule"),
            "{said}"
        );
    }
    assert!(world.writes().is_empty());
    host.has_no_connection().await;
}

#[tokio::test]
async fn an_alt_text_beside_a_media_id_is_refused_with_a_way_out() {
    let world = World::new().await;
    let media = json!([{"media_id": 501, "alt": "A cake"}]);
    let said = world.refused("create_post", draft("11", media)).await;
    assert!(said.contains("Upload the file again with it"), "{said}");
    let again = json!([{"data": PNG, "alt": "A cake"}]);
    world.ok("create_post", draft("11", again)).await;
    for blank in ["", " ", "\u{200b}"] {
        let media = json!([{"media_id": 501, "alt": blank}]);
        let mut asked = draft("11", media);
        asked["content"] = json!(format!("x{blank:?}"));
        world.ok("create_post", asked).await;
    }
}

#[rstest]
#[case("undefined", "is only \\\"undefined\\\"")]
#[case("{{ alt }}", "a placeholder")]
#[case("<b>A cake</b>", "contains HTML")]
#[case("[object Object]", "a placeholder")]
#[tokio::test]
async fn an_alt_text_that_nobody_meant_is_warned_about(#[case] alt: &str, #[case] said: &str) {
    let world = World::new().await;
    let file = json!({"data": PNG, "alt": alt});
    let mut dry = file.clone();
    dry["dry_run"] = json!(true);
    for (tool, asked) in [
        ("upload_media", dry),
        ("upload_media", file.clone()),
        ("create_post", draft("11", json!([file]))),
    ] {
        let answer = world.ok(tool, asked).await;
        let warnings = answer["warnings"].to_string();
        assert!(warnings.contains("The `alt` of"), "{tool}: {answer}");
        assert!(warnings.contains(said), "{tool}: {answer}");
    }
}
