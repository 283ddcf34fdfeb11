//! Files of an edited post: uploaded before the edit, in their order, and the same as those of a new post.

use http::Method;
use jiff::SignedDuration;
use rstest::rstest;
use saki_mcp::sandbox::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::media::attachments::film_and_address;
use crate::support::media_files::{PNG, picture, uploads};
use crate::support::sandbox_state::bodies;
use crate::support::scripted_web_host::file;
use crate::support::server_under_test::World;

const POST: &str = "/spaces/{space_id}/posts/{post_id}";

fn edit(media: Value) -> Value {
    json!({"space_id": 1, "post_id": 112, "media": media})
}

#[tokio::test]
async fn an_edit_takes_files_as_a_create_does() {
    let (_folder, _, host, world) = film_and_address().await;
    let asked = edit(json!([
        {"path": "film.mp4"},
        {"media_id": 501},
        {"url": "http://cdn.test/rota.png", "alt": "Who works when"},
        {"data": PNG, "filename": "cake.png"},
    ]));
    let mut dry = asked.clone();
    dry["dry_run"] = json!(true);
    let preview = world.ok("update_post", dry).await;
    let planned = &preview["request"]["body"]["media_ids"];
    assert_eq!(planned[0]["upload"], "film.mp4", "{preview}");
    assert_eq!(
        (&planned[1], &planned[3]["upload"]),
        (&json!(501), &json!("cake.png"))
    );
    assert_eq!(preview["uploads"][2]["name"], "cake.png", "{preview}");
    assert!(
        preview["what"]
            .as_str()
            .unwrap()
            .ends_with("Uploads 3 files first.")
    );
    let change = preview["changes"].as_array().unwrap();
    assert!(change.iter().any(|change| change["field"] == "media_ids"));
    assert!(world.writes().is_empty());
    host.says("/rota.png", file("", &picture(2000)));
    let answer = world.ok("update_post", asked).await;
    assert_eq!(uploads(&world), ["film.mp4", "rota.png", "cake.png"]);
    let id = |index: usize| answer["uploaded"][index]["media_id"].clone();
    let body = bodies(&world).pop().unwrap();
    assert_eq!(body, json!({"media_ids": [id(0), 501, id(1), id(2)]}));
    let read = world
        .ok("get_post", json!({"space_id": 1, "post_id": 112}))
        .await;
    let shown: Vec<&Value> = read["media"].as_array().unwrap().iter().collect();
    assert_eq!(shown.len(), 4);
    assert_eq!(shown[0]["id"], id(0));
}

#[rstest]
#[case::both(json!({"media": [{"media_id": 501}], "media_ids": [502]}), "`media` and `media_ids`")]
#[case::emptied(json!({"media": [{"media_id": 501}], "clear": ["media_ids"]}), "emptied and set")]
#[case::two_sources(json!({"media": [{"media_id": 501, "data": PNG}]}), "media.0")]
#[case::no_source(json!({"media": [{"alt": "A cake"}]}), "media.0")]
#[case::no_file(json!({"media": [{"path": "/nowhere/a.png"}]}), "media.0.path")]
#[case::blank_without_media(json!({"media": [], "content": " "}), "has no media")]
#[tokio::test]
async fn an_edit_with_unclear_files_is_refused_before_anything_is_sent(
    #[case] fields: Value,
    #[case] why: &str,
) {
    let world = World::new().await;
    let mut asked = edit(Value::Null);
    asked
        .as_object_mut()
        .unwrap()
        .extend(fields.as_object().unwrap().clone());
    let text = world.refused("update_post", asked).await;
    assert!(text.contains(why), "{text}");
    assert!(world.writes().is_empty());
}

#[rstest]
#[case::kept("content", 1)]
#[case::refused("media_ids.0", 2)]
#[tokio::test]
async fn a_refused_edit_says_which_files_are_in_saki_and_uses_them_again(
    #[case] field: &str,
    #[case] count: usize,
) {
    let world = World::new().await;
    let kind = FaultKind::Status {
        status: 422,
        headers: Default::default(),
        body: Some(json!({"message": "No.", "errors": {field: ["No."]}})),
        after_write: false,
    };
    world
        .sandbox()
        .fault(Fault::new(kind).on(&Method::PUT, POST));
    let asked = edit(json!([{"data": PNG, "filename": "cake.png"}]));
    let refused = world.refused("update_post", asked.clone()).await;
    assert!(refused.contains("\"cake.png\" is media"), "{refused}");
    assert!(!refused.contains("media_ids"), "{refused}");
    world.ok("update_post", asked).await;
    assert_eq!(uploads(&world).len(), count);
}

#[tokio::test]
async fn what_a_person_changes_during_the_uploads_is_not_overwritten() {
    let world = World::new().await;
    let post = json!({"space_id": 1, "post_id": 112});
    let seen = world.ok("get_post", post).await["updated_at"].clone();
    let slow = FaultKind::Delay {
        ms: 500,
        after_write: false,
    };
    world
        .sandbox()
        .fault(Fault::new(slow).on(&Method::POST, "/media"));
    let mut asked = edit(json!([{"data": PNG}]));
    asked["if_updated_at"] = seen;
    let change = async {
        while world.writes().is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        let now = world.clock.now();
        world.sandbox().edit(|state| {
            let post = state.posts.get_mut(112).unwrap();
            post.updated_at = now + SignedDuration::from_secs(60);
        });
    };
    let (refused, ()) = tokio::join!(world.refused("update_post", asked), change);
    assert!(refused.contains("if_updated_at"), "{refused}");
    assert!(refused.contains("is media"), "{refused}");
    assert!(world.writes().iter().all(|call| call.method == "POST"));
}

#[tokio::test]
async fn a_file_that_cannot_be_uploaded_leaves_the_post_as_it_was() {
    let world = World::new().await;
    let down = Fault::status(500).on(&Method::POST, "/media");
    world.sandbox().fault(down.times(9));
    let asked = edit(json!([{"data": PNG}]));
    let refused = world.refused("update_post", asked).await;
    assert!(refused.contains("No post was made or changed"), "{refused}");
    assert!(world.writes().iter().all(|call| call.method == "POST"));
}

#[tokio::test]
async fn files_of_an_edit_are_held_against_the_network() {
    let world = World::new().await;
    let youtube = world
        .ok("list_posts", json!({"account_id": "youtube"}))
        .await;
    let post = &youtube["data"][0];
    let asked =
        json!({"space_id": 2, "post_id": post["id"], "media": [{"data": PNG}], "dry_run": true});
    let preview = world.ok("update_post", asked).await;
    let warnings = preview["warnings"].to_string();
    assert!(warnings.contains("video"), "{preview}");
}
