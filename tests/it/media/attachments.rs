//! Files that come with a post: uploaded before it, each once, and not again by the retry of a call that failed.

use std::path::PathBuf;

use http::Method;
use rstest::rstest;
use saki_mcp::sandbox::{Fault, FaultKind};
use saki_mcp::tools::UploadPaths;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::example_calls::CLUSTER;
use crate::support::media_files::{PNG, picture, reading, uploads};
use crate::support::post_arguments::new_post;
use crate::support::sandbox_state::bodies;
use crate::support::scripted_web_host::{Host, file};
use crate::support::server_under_test::World;

pub(crate) const MP4: &[u8] = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom\0\0\0\x08mdat";

pub(crate) fn post(media: Value) -> Value {
    new_post("A").with(json!({"media": media})).draft()
}

pub(crate) fn creates() -> &'static str {
    "/spaces/{space_id}/posts"
}

/// A world that may read `film.mp4` in a folder and fetch `http://cdn.test/rota.png`.
pub(crate) async fn film_and_address() -> (TempDir, PathBuf, Host, World) {
    let folder = tempfile::tempdir().unwrap();
    let film = folder.path().join("film.mp4");
    std::fs::write(&film, MP4).unwrap();
    let host = Host::start().await;
    host.says("/rota.png", file("", &picture(2000)));
    let root = folder.path().to_owned();
    let world = World::with(Default::default(), |settings| {
        settings.upload_paths = UploadPaths::Below(vec![root]);
        settings.fetch = host.reached();
    })
    .await;
    (folder, film, host, world)
}

#[tokio::test]
async fn files_of_every_kind_are_uploaded_and_keep_their_order() {
    let (_folder, _, host, world) = film_and_address().await;
    let made = world
        .ok(
            "create_post",
            post(json!([
                {"path": "film.mp4"},
                {"media_id": 501},
                {"url": "http://cdn.test/rota.png", "alt": "Who works when"},
                {"data": PNG, "filename": "cake.png"},
            ])),
        )
        .await;
    assert_eq!(uploads(&world), ["film.mp4", "rota.png", "cake.png"]);
    let named: Vec<&Value> = made["uploaded"].as_array().unwrap().iter().collect();
    let ids: Vec<&Value> = named.iter().map(|file| &file["media_id"]).collect();
    let body = bodies(&world).pop().unwrap();
    assert_eq!(
        body["items"][0]["main"]["media"],
        json!([
            {"id": ids[0], "type": "video"}, {"id": 501, "type": "image"},
            {"id": ids[1], "type": "image"}, {"id": ids[2], "type": "image"},
        ])
    );
    let alts: Vec<Option<String>> = world.sandbox().state(|state| {
        let alt = |id: &&Value| state.media.get(id.as_u64().unwrap()).unwrap().alt.clone();
        ids.iter().map(alt).collect()
    });
    assert_eq!(alts, [None, Some("Who works when".to_owned()), None]);
    host.has_no_connection().await;
}

#[tokio::test]
async fn a_file_named_in_many_places_is_uploaded_once() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.png"), picture(300)).unwrap();
    let world = reading(folder.path()).await;
    let full = folder.path().join("a.png");
    let asked = json!({
        "space_id": 1, "account_ids": [11, 12], "publish": "draft", "content": "A",
        "media": [{"path": "a.png"}, {"path": "./a.png"}],
        "thread": [{"content": "B", "media": [{"path": full}]}],
        "per_account": [{"account_id": "12", "media": [{"data": PNG}, {"path": "a.png"}], "thread": [{"content": "C", "media": [{"data": PNG}]}]}],
    });
    let made = world.ok("create_post", asked).await;
    assert_eq!(uploads(&world), ["a.png", "upload.png"]);
    let id = |index: usize| made["uploaded"][index]["media_id"].clone();
    let ids = |media: &Value| -> Vec<Value> {
        let media = media.as_array().unwrap().iter();
        media.map(|media| media["id"].clone()).collect()
    };
    let body = bodies(&world).pop().unwrap();
    let (one, two) = (&body["items"][0], &body["items"][1]);
    assert_eq!(ids(&one["main"]["media"]), [id(0), id(0)]);
    assert_eq!(ids(&one["children"][0]["media"]), [id(0)]);
    assert_eq!(ids(&two["main"]["media"]), [id(1), id(0)]);
    assert_eq!(ids(&two["children"][0]["media"]), [id(1)]);
    // Another description makes another file of it.
    let described = post(json!([{"data": PNG}, {"data": PNG, "alt": "x"}]));
    world.ok("create_post", described).await;
    assert_eq!(uploads(&world).len(), 4);
}

#[tokio::test]
async fn a_dry_run_uploads_nothing_and_shows_placeholders() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("film.mp4"), MP4).unwrap();
    let host = Host::start().await;
    let root = folder.path().to_owned();
    let world = World::with(Default::default(), |settings| {
        settings.upload_paths = UploadPaths::Below(vec![root]);
        settings.fetch = host.reached();
    })
    .await;
    let mut asked = post(
        json!([{"path": "film.mp4"}, {"url": "http://cdn.test/rota.png?k=s"}, {"media_id": 501}]),
    );
    asked["dry_run"] = json!(true);
    let preview = world.ok("create_post", asked).await;
    let film =
        json!({"upload": "film.mp4", "mime": "video/mp4", "size": MP4.len(), "type": "video"});
    assert_eq!(
        preview["request"]["body"]["items"][0]["main"]["media"],
        json!([film, {"upload": "rota.png", "fetched_from": "cdn.test"}, {"id": 501, "type": "image"}])
    );
    assert_eq!(preview["uploads"][0]["name"], "film.mp4");
    assert!(
        preview["what"]
            .as_str()
            .unwrap()
            .ends_with(" Uploads 2 files first.")
    );
    assert!(!preview.to_string().contains("k=s"), "{preview}");
    assert!(world.writes().is_empty() && host.heads().is_empty());
}

#[tokio::test]
async fn a_media_item_with_no_file_or_two_is_refused() {
    let world = World::new().await;
    for (media, said) in [
        (json!({}), "`media.0`: no file was given"),
        (json!({"alt": "x"}), "`media.0`: no file was given"),
        (
            json!({"media_id": 501, "data": PNG}),
            "`media.0`: `data` and `media_id` were given",
        ),
        (
            json!({"media_id": 501, "alt": "x"}),
            "`media.0.alt`: it belongs to a new upload",
        ),
        (
            json!({"path": "a.png"}),
            "`media.0.path`: files are not read over HTTP",
        ),
        (
            json!({"url": "http://10.0.0.1/a.png"}),
            "`media.0.url`: the address \"http://10.0.0.1/a.png\" leads to 10.0.0.1, a private address",
        ),
        (
            json!({"data": "aGVsbG8="}),
            "`media.0.data`: the content is not a picture",
        ),
    ] {
        let answer = world.call("create_post", post(json!([media]))).await;
        assert!(
            answer.failed && answer.text.contains(said),
            "{media}: {}",
            answer.text
        );
        assert_eq!(answer.meta["class"], "not_sent");
    }
    assert!(world.writes().is_empty());
    world
        .ok(
            "create_post",
            post(json!([{"media_id": 501}, {"data": PNG, "alt": "x"}])),
        )
        .await;
}

#[rstest]
#[case(1 << 63)]
#[case(u64::MAX)]
#[tokio::test]
async fn a_huge_media_id_is_sent_as_it_is_and_never_taken_for_a_file(#[case] id: u64) {
    let world = World::new().await;
    let mut asked = post(json!([{"media_id": id}, {"data": PNG}]));
    asked["dry_run"] = json!(true);
    let preview = world.ok("create_post", asked.clone()).await;
    let media = &preview["request"]["body"]["items"][0]["main"]["media"];
    assert_eq!(media[0], json!({"id": id, "type": "image"}));
    assert_eq!(media[1]["upload"], "upload.png");
    asked["dry_run"] = json!(false);
    let said = world.refused("create_post", asked).await;
    assert!(said.contains("`media.0.media_id`"), "{said}");
    let sent = bodies(&world).pop().unwrap();
    assert_eq!(sent["items"][0]["main"]["media"][0]["id"], json!(id));
}

#[tokio::test]
async fn a_cluster_takes_files_in_the_same_way() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.png"), picture(300)).unwrap();
    let world = reading(folder.path()).await;
    let asked = json!({"space_id": 1, "cluster_id": CLUSTER, "media": [{"path": "a.png"}]});
    let kind = FaultKind::Delay {
        ms: 1,
        after_write: false,
    };
    world.sandbox().fault(Fault::new(kind));
    world
        .sandbox()
        .fault(Fault::status(503).on(&Method::PUT, "/spaces/{space_id}/clusters/{cluster_id}"));
    let said = world.refused("update_cluster", asked.clone()).await;
    assert!(
        said.contains("Uploaded already: \"a.png\" is media"),
        "{said}"
    );
    let made = world.ok("update_cluster", asked).await;
    assert_eq!(uploads(&world), ["a.png"]);
    let id = &made["uploaded"][0]["media_id"];
    for item in bodies(&world).pop().unwrap()["items"].as_array().unwrap() {
        assert_eq!(item["main"]["media"], json!([{"id": id, "type": "image"}]));
    }
}

#[tokio::test]
async fn a_file_with_two_names_is_uploaded_once_with_two_alt_texts_twice() {
    let two = |more: [Value; 2]| {
        let file = |more: Value| {
            let mut file = json!({"data": PNG});
            file.as_object_mut()
                .unwrap()
                .extend(more.as_object().cloned().unwrap());
            file
        };
        post(Value::Array(more.map(file).to_vec()))
    };
    let world = World::new().await;
    let names = [json!({"filename": "a.png"}), json!({"filename": "b.png"})];
    world.ok("create_post", two(names)).await;
    assert_eq!(uploads(&world), ["a.png"]);
    let media = &bodies(&world).pop().unwrap()["items"][0]["main"]["media"];
    assert_eq!(media[0], media[1]);
    let world = World::new().await;
    let alts = [
        json!({"filename": "a.png", "alt": "A"}),
        json!({"filename": "a.png", "alt": "B"}),
    ];
    world.ok("create_post", two(alts)).await;
    assert_eq!(uploads(&world).len(), 2);
}

#[tokio::test]
async fn an_address_a_path_and_an_id_are_taken_for_files() {
    let (_folder, film, _host, world) = film_and_address().await;
    let data = format!("data:image/png;base64,{PNG}");
    for (media, kinds) in [
        (json!(["http://cdn.test/rota.png"]), json!(["image"])),
        (json!("http://cdn.test/rota.png"), json!(["image"])),
        (json!([film]), json!(["video"])),
        (json!(film), json!(["video"])),
        (
            json!([501, "502", film]),
            json!(["image", "image", "video"]),
        ),
        (json!([data]), json!(["image"])),
    ] {
        let post = new_post(media.to_string())
            .with(json!({"media": media}))
            .draft();
        let answer = world.call("create_post", post).await;
        assert!(!answer.failed, "{media}: {}", answer.text);
        let sent = bodies(&world).pop().unwrap()["items"][0]["main"]["media"].clone();
        let sent: Vec<&Value> = sent
            .as_array()
            .unwrap()
            .iter()
            .map(|file| &file["type"])
            .collect();
        assert_eq!(json!(sent), kinds, "{media}");
        let said = answer.meta["understood"].to_string();
        assert!(said.contains("media") && said.contains(" as "), "{said}");
    }
    for text in ["beans.jpg", "/9j/4AAQSkZJRgABAQ", "the beans", "/etc"] {
        let said = world.refused("create_post", post(json!([text]))).await;
        let form = "it takes an object with media_id, path, url, data, filename, alt";
        assert!(said.contains(form), "{said}");
    }
}
