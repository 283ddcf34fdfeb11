//! `create_post`: text, media, threads and metadata.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::media_files::PNG;
use crate::support::sandbox_state::{bodies, cluster, column, posts, posts_after};
use crate::support::scripted_web_host::Host;
use crate::support::server_under_test::World;

fn draft(more: Value) -> Value {
    let mut asked = json!({"space_id": 1, "account_ids": [11], "publish": "draft"});
    for (name, value) in more.as_object().unwrap() {
        asked[name] = value.clone();
    }
    asked
}

#[tokio::test]
async fn a_thread_keeps_its_order_and_its_media() {
    let world = World::new().await;
    let thread = json!([
        {"content": "two", "media": [{"media_id": 502}]},
        {"content": "three"},
    ]);
    let answer = world
        .ok(
            "create_post",
            draft(json!({"content": "one", "thread": thread})),
        )
        .await;
    assert_eq!(
        bodies(&world)[0]["items"][0]["children"],
        json!([{"content": "two", "media": [{"id": 502, "type": "image"}]}, {"content": "three", "media": []}])
    );
    let first = &cluster(&world, &answer["cluster_id"])[0];
    let made = posts_after(&world, first["id"].as_u64().unwrap() - 1);
    assert_eq!(column(&made, "content"), json!(["one", "two", "three"]));
    assert_eq!(column(&made, "media"), json!([[], [502], []]));
    assert_eq!(
        answer["post_ids"],
        json!([first["id"]]),
        "one id per account"
    );
}

#[tokio::test]
async fn all_twelve_metadata_keys_arrive_unchanged() {
    let world = World::new().await;
    let metadata = json!({
        "topic_tag": "coffee", "post_type": "reel", "link": "https://acme-coffee.example/a?b=c",
        "privacy_level": "PUBLIC", "allow_comments": true, "allow_duet": false, "allow_stitch": false,
        "branded_content": true, "brand_organic": false, "board_id": "brew-guides", "title": "T",
        "cover_image_url": "https://acme-coffee.example/c.png",
    });
    let answer = world
        .ok(
            "create_post",
            draft(json!({"content": "x", "metadata": metadata})),
        )
        .await;
    assert_eq!(bodies(&world)[0]["items"][0]["metadata"], metadata);
    assert_eq!(
        cluster(&world, &answer["cluster_id"])[0]["metadata"],
        metadata
    );
    let said = world
        .refused(
            "create_post",
            draft(json!({"content": "x", "metadata": {"board_name": "y"}})),
        )
        .await;
    assert!(said.contains("`metadata.board_name`"), "{said}");
    assert!(said.contains("board_id, title"), "{said}");
    assert_eq!(world.writes().len(), 1);
    let understood = draft(json!({"content": "x", "metadata": {"boardId": "y"}}));
    world.ok("create_post", understood).await;
    assert_eq!(
        bodies(&world)[1]["items"][0]["metadata"],
        json!({"board_id": "y"})
    );
}

#[tokio::test]
async fn a_post_of_media_alone_needs_no_text() {
    let world = World::new().await;
    let answer = world
        .ok(
            "create_post",
            draft(json!({"media": [{"media_id": "503"}]})),
        )
        .await;
    let made = cluster(&world, &answer["cluster_id"]);
    assert_eq!(
        (&made[0]["content"], &made[0]["media"]),
        (&json!(""), &json!([503]))
    );
    assert_eq!(answer["verified"], true);
}

#[tokio::test]
async fn an_empty_post_is_refused_before_anything_is_sent() {
    let world = World::new().await;
    let before = posts(&world);
    for nothing in [
        json!({}),
        json!({"media": []}),
        json!({"thread": [{"content": "more"}]}),
    ] {
        let said = world.refused("create_post", draft(nothing)).await;
        assert!(said.contains("`content`"), "{said}");
        assert!(said.contains("11 @acmecoffee (twitter/X)"), "{said}");
    }
    assert!(world.writes().is_empty());
    assert_eq!(posts(&world), before);
}

#[tokio::test]
async fn media_that_do_not_exist_are_refused_by_saki() {
    let world = World::new().await;
    let said = world
        .refused(
            "create_post",
            draft(json!({"content": "x", "media": [{"media_id": 9999}]})),
        )
        .await;
    assert!(said.contains("items.0.main.media.0.id"), "{said}");
    let said = world
        .refused(
            "create_post",
            draft(json!({"content": "x", "media": ["beans.jpg"]})),
        )
        .await;
    assert!(said.contains("`media.0`"), "{said}");
    assert_eq!(world.writes().len(), 1);
    let understood = draft(json!({"content": "x", "media": [501]}));
    world.ok("create_post", understood).await;
    assert_eq!(
        bodies(&world)[1]["items"][0]["main"]["media"],
        json!([{"id": 501, "type": "image"}])
    );
}

#[rstest]
#[case::address(json!(["http://cdn.test/a.png"]), "cdn.test")]
#[case::lone_address(json!("http://cdn.test/a.png"), "cdn.test")]
#[case::two(json!(["http://cdn.test/a.png", {"media_id": 501}]), "cdn.test")]
#[case::data(json!([format!("data:image/png;base64,{PNG}")]), "upload")]
#[case::id(json!(["501"]), "501")]
#[tokio::test]
async fn media_that_are_only_texts_are_taken(#[case] media: Value, #[case] shown: &str) {
    let host = Host::start().await;
    let world = World::with(Default::default(), |settings| {
        settings.fetch = host.reached()
    })
    .await;
    let mut asked = draft(json!({"content": "x", "media": media}));
    asked["dry_run"] = json!(true);
    let answer = world.call("create_post", asked).await;
    assert!(!answer.failed, "{}", answer.text);
    let understood = answer.meta["understood"].to_string();
    assert!(understood.contains("`media"), "{understood}");
    let sent = answer.json["request"]["body"]["items"][0]["main"]["media"].to_string();
    assert!(sent.contains(shown), "{sent}");
}

#[tokio::test]
async fn texts_arrive_unchanged() {
    let world = World::new().await;
    let text = "Line one\nLine two ☕ \"quoted\" \\ back </script> \u{202e}rtl 👩‍👩‍👧 é e\u{301}";
    let answer = world
        .ok("create_post", draft(json!({"content": text})))
        .await;
    assert_eq!(bodies(&world)[0]["items"][0]["main"]["content"], text);
    assert_eq!(cluster(&world, &answer["cluster_id"])[0]["content"], text);
    assert_eq!(answer["data"][0]["content"], text);
}
