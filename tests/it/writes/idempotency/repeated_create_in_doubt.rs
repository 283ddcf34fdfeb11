//! Repeats that are harder to see: with files, in doubt, cancelled, and told beforehand.

use http::Method;
use saki_mcp::sandbox::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::support::media_files::{picture, reading, uploads};
use crate::support::post_arguments::new_post;
use crate::support::sandbox_state::{column, fill_list, last_post, posts_after};
use crate::support::server_under_test::World;

const CREATE: &str = "/spaces/{space_id}/posts";

fn post() -> Value {
    new_post("Once").draft()
}

#[tokio::test]
async fn equal_calls_with_a_file_share_one_upload_and_one_post() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.png");
    std::fs::write(&path, picture(300)).unwrap();
    let world = reading(folder.path()).await;
    let last = last_post(&world);
    let mut asked = post();
    asked["media"] = json!([{"path": "a.png"}]);
    let (one, two) = tokio::join!(
        world.ok("create_post", asked.clone()),
        world.ok("create_post", asked.clone())
    );
    assert_eq!(one["post_ids"], two["post_ids"]);
    std::fs::write(&path, picture(300)).unwrap();
    let again = world.ok("create_post", asked.clone()).await;
    assert_eq!(again["outcome"], "replayed");
    assert_eq!(
        (uploads(&world).len(), posts_after(&world, last).len()),
        (1, 1)
    );
    std::fs::write(&path, picture(301)).unwrap();
    assert_eq!(world.ok("create_post", asked).await["outcome"], "done");
}

#[tokio::test]
async fn unverified_posts_are_looked_up_again_and_never_replayed() {
    let world = World::new().await;
    let yes = Fault::new(FaultKind::Status {
        status: 201,
        headers: Default::default(),
        body: Some(json!({})),
        after_write: false,
    });
    world.sandbox().fault(yes.on(&Method::POST, CREATE));
    let first = world.ok("create_post", post()).await;
    assert_eq!(
        (&first["verified"], &first["post_ids"]),
        (&json!(false), &json!([]))
    );
    let second = world.call("create_post", post()).await;
    assert_eq!(second.meta["class"], "unknown_outcome", "{}", second.text);
    assert_eq!(world.writes().len(), 1);
}

/// The pages of the list that were read after the create, in that order.
fn pages_since_the_create(world: &World) -> Vec<String> {
    let log = world.sandbox().log();
    let after = log.iter().skip_while(|logged| logged.method != "POST");
    let lists = after.filter(|logged| logged.path == "/spaces/1/posts" && logged.method == "GET");
    lists
        .map(|logged| logged.query.clone().unwrap_or_default())
        .collect()
}

#[tokio::test]
async fn an_answer_that_says_nothing_is_named_by_its_status() {
    let world = World::new().await;
    let spoiled = Fault::new(FaultKind::Status {
        status: 502,
        headers: Default::default(),
        body: None,
        after_write: true,
    });
    world.sandbox().fault(spoiled.on(&Method::POST, CREATE));
    let answer = world.ok("create_post", post()).await;
    let note = answer["note"].as_str().unwrap();
    assert!(note.starts_with("Saki answered 502 in a way"), "{note}");
}

#[tokio::test]
async fn a_lost_create_is_found_in_the_middle_of_a_list_of_many_pages() {
    let world = World::new().await;
    fill_list(&world, 1, 60);
    let last = last_post(&world);
    let lost = Fault::new(FaultKind::DropAfter).on(&Method::POST, CREATE);
    world.sandbox().fault(lost);
    let at_once = new_post("Once").on([11, 12]).now();
    let answer = world.ok("create_post", at_once.clone()).await;
    assert_eq!(answer["reconciled"], true, "{answer}");
    let note = answer["note"].as_str().unwrap();
    assert!(
        note.starts_with("Saki's answer was lost. The posts"),
        "{note}"
    );
    let made = posts_after(&world, last);
    assert_eq!(answer["post_ids"], column(&made, "id"));
    let pages = pages_since_the_create(&world);
    assert_eq!(pages[..4], ["", "page=10", "page=9", "page=2"], "{pages:?}");
    let again = world.ok("create_post", at_once).await;
    assert_eq!(again["outcome"], "replayed", "{again}");
    assert_eq!(world.writes().len(), 1);
}

#[tokio::test]
async fn after_a_lost_deletion_the_gone_post_is_not_replayed() {
    let world = World::new().await;
    let first = world.ok("create_post", post()).await;
    let id = first["post_ids"][0].clone();
    // Gone by other means, which no call of ours could tell.
    world.sandbox().edit(|state| {
        state.posts.remove(id.as_u64().unwrap());
    });
    assert_eq!(world.ok("create_post", post()).await["outcome"], "done");
}

#[tokio::test]
async fn a_post_that_differs_from_the_request_is_not_verified() {
    for (field, value) in [
        ("status", json!(3)),
        ("scheduled_at", json!("2027-05-01T08:00:00Z")),
        ("media", json!([{"id": 1}])),
        ("children", json!([{"id": 1}])),
    ] {
        let world = World::new().await;
        let mut row = json!({"id": 900, "account_id": 11, "cluster_id": "c", "content": "Once", "parent_id": null,
            "status": 0, "scheduled_at": null, "published_at": null, "media": [], "children": []});
        let body = |row: &Value| json!({"data": [row]});
        for (shown, verified) in [
            (row.clone(), true),
            (
                {
                    row[field] = value;
                    row
                },
                false,
            ),
        ] {
            let reply = FaultKind::Json { body: body(&shown) };
            world
                .sandbox()
                .fault(Fault::new(reply).on(&Method::POST, CREATE));
            let mut asked = post();
            asked["allow_repeat"] = json!(true);
            let answer = world.ok("create_post", asked).await;
            assert_eq!(answer["verified"], verified, "{field}: {answer}");
        }
    }
}

#[tokio::test]
async fn a_dry_run_says_that_the_call_would_only_be_a_repeat() {
    let world = World::new().await;
    let mut dry = post();
    dry["dry_run"] = json!(true);
    let before = world.ok("create_post", dry.clone()).await;
    assert!(before.get("warnings").is_none(), "{before}");
    world.ok("create_post", post()).await;
    let after = world.ok("create_post", dry).await;
    let warnings = after["warnings"].to_string();
    assert!(warnings.contains("send nothing"), "{warnings}");
}
