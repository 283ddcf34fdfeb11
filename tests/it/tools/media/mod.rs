//! Tools about media: files of this machine, and files that come in the call.

use http::Method;
use rstest::rstest;
use saki_mcp::sandbox::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::support::example_calls::PIXEL;
use crate::support::media_files::{HEAD, PNG, picture, reading, sum};
use crate::support::post_arguments::new_post;
use crate::support::sandbox_state::bodies;
use crate::support::server_under_test::World;

fn count(world: &World) -> usize {
    world.sandbox().state(|state| state.media.len())
}

#[tokio::test]
async fn a_file_of_this_machine_arrives_byte_for_byte() {
    let folder = tempfile::tempdir().unwrap();
    for size in [HEAD.len(), 5 * 1024 * 1024 + 17] {
        let world = reading(folder.path()).await;
        let bytes = picture(size);
        let path = folder.path().join("crème brûlée.png");
        std::fs::write(&path, &bytes).unwrap();
        let made = world
            .ok(
                "upload_media",
                json!({"path": path, "alt": "A dessert", "folder_id": 7}),
            )
            .await;
        assert_eq!(
            (&made["width"], &made["height"], &made["size"]),
            (&json!(1200), &json!(630), &json!(size))
        );
        assert_eq!(
            (&made["type"], &made["mime"], &made["alt"]),
            (&json!("image"), &json!("image/png"), &json!("A dessert"))
        );
        let call = &world.writes()[0];
        let sent = &call.uploads[0];
        let sum = sum(&bytes);
        assert_eq!(
            (sent.size, sent.sha256.as_str()),
            (size as u64, sum.as_str())
        );
        assert_eq!(
            (sent.field.as_str(), sent.filename.as_str()),
            ("file", "cr_me br_l_e.png")
        );
        assert_eq!(
            call.body,
            Some(json!({"alt": "A dessert", "folder_id": "7"}))
        );
        let id = made["id"].as_u64().unwrap();
        assert_eq!(
            world
                .sandbox()
                .state(|state| state.media.get(id).unwrap().size),
            size as u64
        );
    }
}

#[tokio::test]
async fn a_file_in_the_call_arrives_under_its_given_name() {
    let world = World::new().await;
    let made = world
        .ok("upload_media", json!({"data": PNG, "filename": "cake.png"}))
        .await;
    assert_eq!(world.writes()[0].uploads[0].filename, "cake.png");
    let id = made["id"].as_u64().unwrap();
    assert_eq!(
        world
            .sandbox()
            .state(|state| state.media.get(id).unwrap().name.clone()),
        "cake.png"
    );
    world
        .ok(
            "upload_media",
            json!({"data": format!("data:image/png;base64,{PNG}")}),
        )
        .await;
    assert_eq!(world.writes()[1].uploads[0].filename, "upload.png");
    assert_eq!(world.writes()[1].uploads[0].mime, "image/png");
}

#[tokio::test]
async fn exactly_one_of_path_url_and_data_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let world = reading(folder.path()).await;
    std::fs::write(folder.path().join("a.png"), HEAD).unwrap();
    for asked in [
        json!({}),
        json!({"filename": "a.png"}),
        json!({"path": "a.png", "data": PNG}),
        json!({"path": "a.png", "url": "https://cdn.test/a.png"}),
        json!({"url": "https://cdn.test/a.png", "data": PNG}),
    ] {
        let said = world.refused("upload_media", asked).await;
        for name in ["`path`", "`url`", "`data`"] {
            assert!(said.contains(name), "{said}");
        }
    }
    assert!(world.writes().is_empty());
    world.ok("upload_media", json!({"path": "a.png"})).await;
}

#[tokio::test]
async fn local_files_are_not_read_for_a_remote_caller() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.png");
    std::fs::write(&path, HEAD).unwrap();
    let world = World::new().await;
    let said = world.refused("upload_media", json!({"path": path})).await;
    assert!(said.contains("Pass the file as `data`"), "{said}");
    assert!(world.writes().is_empty());
    let here = reading(folder.path()).await;
    here.ok("upload_media", json!({"path": path})).await;
}

#[tokio::test]
async fn an_unusable_file_is_explained_and_nothing_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let open = folder.path().join("open");
    let at = |name: &str| open.join(name);
    std::fs::create_dir_all(at(".ssh")).unwrap();
    std::fs::write(at(".ssh/id.png"), HEAD).unwrap();
    std::fs::write(at("empty.png"), b"").unwrap();
    std::fs::write(at("notes.png"), b"SAKI_API_KEY=sk-live").unwrap();
    std::fs::write(folder.path().join("outside.png"), HEAD).unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(folder.path().join("outside.png"), at("link.png")).unwrap();
        let made = std::process::Command::new("mkfifo")
            .arg(at("pipe.png"))
            .status();
        assert!(made.unwrap().success());
    }
    let world = reading(&open).await;
    let before = count(&world);
    let refusals = [
        ("none.png", "does not exist"),
        (".", "directory"),
        ("empty.png", "is empty"),
        ("notes.png", "not a picture, a video or a PDF"),
        (".ssh/id.png", "hidden"),
        ("../outside.png", "outside"),
        ("/etc/hostname", "outside"),
        ("a\0b.png", "not a path"),
        ("", "not a path"),
        #[cfg(unix)]
        ("link.png", "outside"),
        #[cfg(unix)]
        ("pipe.png", "pipe"),
        #[cfg(unix)]
        ("/dev/zero", "outside"),
    ];
    for (path, why) in refusals {
        let answer = world.call("upload_media", json!({"path": path})).await;
        assert!(answer.failed, "{path}");
        assert!(
            answer.text.starts_with("`path`: the file ") && answer.text.contains(why),
            "{path}: {}",
            answer.text
        );
        assert!(!answer.text.contains("sk-live"), "{}", answer.text);
        assert_eq!(answer.meta["class"], "not_sent");
    }
    for (data, why) in [
        ("", "is empty"),
        ("%%%", "not base64"),
        ("aGVsbG8gd29ybGQ=", "not a picture"),
    ] {
        let said = world.refused("upload_media", json!({"data": data})).await;
        assert!(
            said.starts_with("`data`: the content ") && said.contains(why),
            "{data}: {said}"
        );
    }
    assert!(world.writes().is_empty());
    assert_eq!(count(&world), before);
}

#[tokio::test]
async fn sakis_refusal_of_a_large_file_is_quoted_and_it_is_sent_once() {
    let world = World::new().await;
    world
        .sandbox()
        .fault(saki_mcp::sandbox::Fault::status(413).on(&http::Method::POST, "/media"));
    let answer = world.call("upload_media", json!({"data": PNG})).await;
    assert!(answer.failed);
    assert!(
        answer.text.contains("The POST data is too large."),
        "{}",
        answer.text
    );
    assert_eq!(
        (answer.meta["status"].clone(), world.writes().len()),
        (json!(413), 1)
    );
}

#[tokio::test]
async fn delete_media_takes_one_file_and_says_which() {
    let world = World::new().await;
    let before = count(&world);
    let gone = world.ok("delete_media", json!({"media_id": "501"})).await;
    assert_eq!(
        gone,
        json!({"outcome": "done", "deleted": true, "media_id": 501, "note": "The file 501 is deleted in Saki. No other call is needed."})
    );
    assert_eq!(count(&world), before - 1);
    let answer = world.call("delete_media", json!({"media_id": 501})).await;
    assert_eq!(answer.meta["status"], 404);
    assert!(answer.text.contains("upload_media"), "{}", answer.text);
    assert_eq!(answer.json, Value::Null);
}

#[rstest]
#[case(json!({"files": [{"id": 501}]}))]
#[case(json!({"data": {"media": [{"id": 501}]}}))]
#[case(json!({"media_id": 501, "message": "Uploaded."}))]
#[case(json!({"id": 501, "data": {"url": "https://cdn.example/1.png"}}))]
#[case(json!([{"media": {"id": "501"}}]))]
#[tokio::test]
async fn the_id_of_an_upload_is_found_in_any_envelope(#[case] body: Value) {
    let world = World::new().await;
    let fault = Fault::new(FaultKind::Json { body }).on(&Method::POST, "/media");
    world.sandbox().fault(fault.times(2));
    let file = json!({"data": PIXEL, "filename": "dot.png"});
    let answer = world.ok("upload_media", file.clone()).await;
    assert_eq!(
        answer["id"].to_string().trim_matches('"'),
        "501",
        "{answer}"
    );
    let post = new_post("With a file.").with(json!({"media": [file]}));
    world.ok("create_post", post.draft()).await;
    let sent = bodies(&world).pop().unwrap();
    assert_eq!(sent["items"][0]["main"]["media"][0]["id"], 501, "{sent}");
}

#[tokio::test]
async fn an_upload_without_an_id_shows_all_that_saki_answers() {
    let world = World::new().await;
    let body =
        json!({"data": {"url": "https://cdn.example/1.png"}, "message": "Queued.", "job": "j-7"});
    let fault = Fault::new(FaultKind::Json { body }).on(&Method::POST, "/media");
    world.sandbox().fault(fault.times(2));
    let file = json!({"data": PIXEL, "filename": "dot.png"});
    let answer = world.ok("upload_media", file.clone()).await.to_string();
    let post = new_post("With a file.").with(json!({"media": [file]}));
    let said = world.refused("create_post", post.draft()).await;
    for word in ["https://cdn.example/1.png", "Queued.", "j-7"] {
        assert!(answer.contains(word), "{word}: {answer}");
        assert!(said.contains(word), "{word}: {said}");
    }
}
