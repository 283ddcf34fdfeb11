//! Paths and addresses as people hand them over, and what is said of those that cannot be meant.

use serde_json::{Value, json};

use crate::support::media_files::{picture, reading, uploads};
use crate::support::scripted_web_host::{Host, file};
use crate::support::server_under_test::World;
use saki_mcp::tools::UploadPaths;

/// What the call said of how it was understood.
fn understood(meta: &Value) -> String {
    meta["understood"].to_string()
}

#[tokio::test]
async fn a_path_is_taken_as_it_is_meant_and_the_answer_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let at = |name: &str| root.join(name).display().to_string();
    std::fs::create_dir(root.join("sub dir")).unwrap();
    for name in [
        "my photo.png",
        "cafe\u{301}.png",
        "at 9.41\u{202f}AM.png",
        "sub dir/two  blanks.png",
    ] {
        std::fs::write(root.join(name), picture(300)).unwrap();
    }
    let world = reading(&root).await;
    for (given, meant) in [
        (
            json!({"path": format!("\"{}\"", at("my photo.png"))}),
            "my photo.png",
        ),
        (json!({"path": at("my\\ photo.png")}), "my photo.png"),
        (
            json!({"path": format!("file://{}", at("my%20photo.png"))}),
            "my photo.png",
        ),
        (
            json!({"url": format!("file://{}", at("my%20photo.png"))}),
            "my photo.png",
        ),
        (json!({"url": at("my photo.png")}), "my photo.png"),
        (json!({"url": "my photo.png"}), "my photo.png"),
        (json!({"path": "caf\u{e9}.png"}), "cafe\u{301}.png"),
        (
            json!({"path": format!("'{}'", at("my\\ photo.png"))}),
            "my photo.png",
        ),
        (
            json!({"path": format!("[it]({})", at("my photo.png"))}),
            "my photo.png",
        ),
        (json!({"path": "@my photo.png"}), "my photo.png"),
        (
            json!({"path": format!("'\"{}\"'", at("my photo.png"))}),
            "my photo.png",
        ),
        (
            json!({"path": format!("\\\"{}\\\"", at("my photo.png"))}),
            "my photo.png",
        ),
        (
            json!({"path": format!("«{}»", at("my photo.png"))}),
            "my photo.png",
        ),
        (
            json!({"path": format!("file:{}", at("at%209.41%20AM.png"))}),
            "at 9.41\u{202f}AM.png",
        ),
        (json!({"path": ".\\my photo.png"}), "my photo.png"),
        (
            json!({"path": "sub dir\\two blanks.png"}),
            "sub dir/two  blanks.png",
        ),
        (
            json!({"path": format!("file://localhost{}", at("caf%C3%A9.png"))}),
            "cafe\u{301}.png",
        ),
        (
            json!({"path": at("at 9.41 AM.png")}),
            "at 9.41\u{202f}AM.png",
        ),
    ] {
        let answer = world.call("upload_media", given.clone()).await;
        assert!(!answer.failed, "{given}: {}", answer.text);
        assert!(
            understood(&answer.meta).contains(meant),
            "{given}: {}",
            answer.meta
        );
        let media = json!({
            "space_id": 1, "account_ids": [11], "publish": "draft", "content": "A",
            "dry_run": true, "media": [given.clone()],
        });
        let answer = world.call("create_post", media).await;
        assert!(
            understood(&answer.meta).contains("`media.0."),
            "{given}: {}",
            answer.meta
        );
    }
    let plain = world
        .call("upload_media", json!({"path": at("my photo.png")}))
        .await;
    assert_eq!(plain.meta["understood"], Value::Null);
}

#[tokio::test]
async fn an_address_given_as_a_path_is_fetched_and_content_is_read() {
    let host = Host::start().await;
    host.says("/a.png?sig=S3CRET", file("", &picture(100)));
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_owned();
    let world = World::with(Default::default(), |settings| {
        settings.upload_paths = UploadPaths::Below(vec![root]);
        settings.fetch = host.reached();
    })
    .await;
    let asked = json!({"path": "http://cdn.test/a.png?sig=S3CRET"});
    let answer = world.call("upload_media", asked).await;
    assert!(!answer.failed, "{}", answer.text);
    assert!(
        understood(&answer.meta).contains("as `url`"),
        "{}",
        answer.meta
    );
    assert!(
        !answer.meta.to_string().contains("S3CRET"),
        "{}",
        answer.meta
    );
    let data = format!("data:image/png;base64,{}", crate::support::media_files::PNG);
    world.ok("upload_media", json!({"path": data})).await;
    assert_eq!(uploads(&world), ["a.png", "upload.png"]);
    let inside = json!({"path": "http://127.0.0.1/a.png"});
    let said = world.refused("upload_media", inside).await;
    assert!(said.contains("loopback"), "{said}");
    host.has_no_connection().await;
}

#[tokio::test]
async fn a_refusal_names_the_folders_and_the_other_ways() {
    let folder = tempfile::tempdir().unwrap();
    let world = reading(folder.path()).await;
    let root = folder.path().display().to_string();
    for (given, said) in [
        (json!({"path": "none.png"}), "does not exist"),
        (json!({"path": "/etc/passwd"}), "outside"),
        (json!({"url": "file:///etc/passwd"}), "outside"),
        (json!({"url": "/etc/passwd"}), "outside"),
        (json!({"path": "$HOME/../../etc/passwd"}), "outside"),
        (json!({"path": "\"../../etc/passwd\""}), "outside"),
        (json!({"path": ".ssh/id.png"}), "hidden"),
        (
            json!({"path": "C:\\Users\\me\\a.png"}),
            "/mnt/c/Users/me/a.png",
        ),
        (
            json!({"url": "file:///C:/Users/me/a.png"}),
            "/mnt/c/Users/me/a.png",
        ),
        (
            json!({"path": "\\\\server\\share\\a.png"}),
            "a path of Windows",
        ),
        (
            json!({"path": "\\\\?\\C:\\Users\\me\\a.png"}),
            "/mnt/c/Users/me/a.png",
        ),
        (json!({"path": "'\"/etc/passwd\"'"}), "outside"),
        (json!({"path": "«../../etc/passwd»"}), "outside"),
        (json!({"path": "..\\..\\etc\\passwd"}), "hidden"),
        (json!({"path": "@/etc/passwd"}), "outside"),
        (json!({"url": "[x](/etc/passwd)"}), "outside"),
        (json!({"path": "$env:HOME\\..\\..\\etc\\passwd"}), "outside"),
        (
            json!({"path": "computer:///mnt/user-data/outputs/x.png"}),
            "belongs to the chat",
        ),
        (json!({"path": "/mnt/uploads/x.png"}), "belongs to the chat"),
        (
            json!({"url": "file:///mnt/data/x.png"}),
            "belongs to the chat",
        ),
        (
            json!({"path": "/mnt/user-data/uploads/photo.jpg"}),
            "belongs to the chat",
        ),
        (
            json!({"path": "/mnt/data/image.png"}),
            "belongs to the chat",
        ),
        (
            json!({"path": "sandbox:/mnt/data/x.png"}),
            "belongs to the chat",
        ),
        (
            json!({"path": "attachment://photo.png"}),
            "belongs to the chat",
        ),
        (
            json!({"url": "blob:https://chat.example/1-2"}),
            "belongs to the chat",
        ),
        (
            json!({"url": "sandbox:/mnt/data/x.png"}),
            "belongs to the chat",
        ),
        (
            json!({"path": "mnt/user-data/uploads/x.png"}),
            "belongs to the chat",
        ),
        (json!({"path": "/mnt/project/x.png"}), "belongs to the chat"),
        (
            json!({"path": "sediment://file_000012"}),
            "belongs to the chat",
        ),
        (json!({"url": "clipboard://image"}), "belongs to the chat"),
        (
            json!({"path": "/mnt/data/../../etc/passwd"}),
            "belongs to the chat",
        ),
    ] {
        let text = world.refused("upload_media", given.clone()).await;
        for part in [said, root.as_str(), "`data`", "`url`"] {
            assert!(text.contains(part), "{given}: {text}");
        }
        assert!(
            !said.contains("chat") || !text.contains("--media-dir"),
            "{text}"
        );
    }
    let nothing = World::with(Default::default(), |settings| {
        settings.upload_paths = UploadPaths::Below(Vec::new());
    })
    .await;
    let said = nothing
        .refused("upload_media", json!({"path": "/etc/hostname"}))
        .await;
    assert!(said.contains("No file is read by path here"), "{said}");
}

#[tokio::test]
async fn another_scheme_is_named_whatever_the_parameter() {
    let folder = tempfile::tempdir().unwrap();
    let world = reading(folder.path()).await;
    for given in [
        "ftp://a.example/x.png",
        "s3://bucket/x.png",
        "ph://1-2/L0/001",
        "gs://bucket/x.png",
        "content://media/external/images/1",
        "vscode://file/x.png",
    ] {
        for field in ["path", "url"] {
            let said = world.refused("upload_media", json!({field: given})).await;
            for part in ["only http: and https: are fetched", "`path`", "`data`"] {
                assert!(said.contains(part), "{said}");
            }
        }
    }
}

#[tokio::test]
async fn over_http_no_other_spelling_opens_a_path() {
    let world = World::new().await;
    for given in [
        json!({"url": "/etc/hostname"}),
        json!({"url": "file:///etc/hostname"}),
        json!({"path": "\"/etc/hostname\""}),
        json!({"path": "~/a.png"}),
    ] {
        let said = world.refused("upload_media", given).await;
        assert!(said.contains("files are not read over HTTP"), "{said}");
    }
}
