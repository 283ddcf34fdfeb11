//! `create_post`: an answer that is useful whatever Saki says to a create, which is printed nowhere.

use http::Method;
use rstest::rstest;
use saki_mcp::sandbox::{CreateReply, Fault, FaultKind, LoggedRequest, SandboxOptions};
use serde_json::{Value, json};

use crate::support::post_arguments::{cluster_change, new_post};
use crate::support::sandbox_state::{cluster, column, last_post, posts_after};
use crate::support::server_under_test::{Answer, NOW, World};

const CREATE: &str = "/spaces/{space_id}/posts";
const POST: &str = "/spaces/{space_id}/posts/{post_id}";

fn scheduled() -> Value {
    new_post("Good morning")
        .on([11, 12])
        .at("2027-04-10T07:00:00Z")
}

async fn world(replies: CreateReply) -> World {
    let options = SandboxOptions {
        create_reply: replies,
        ..SandboxOptions::default()
    };
    World::with(options, |_| {}).await
}

#[tokio::test]
async fn ids_come_from_the_reply_or_are_read_back_once() {
    let kinds = [
        (CreateReply::Posts, 0),
        (CreateReply::BareList, 0),
        (CreateReply::Empty, 1),
        (CreateReply::NoBody, 1),
    ];
    for (replies, looks) in kinds {
        let world = world(replies).await;
        let last = last_post(&world);
        let answer = world.ok("create_post", scheduled()).await;
        let made = posts_after(&world, last);
        assert_eq!(made.len(), 2, "{replies:?}");
        assert_eq!(answer["post_ids"], column(&made, "id"), "{replies:?}");
        assert_eq!(answer["cluster_id"], made[0]["cluster_id"], "{replies:?}");
        assert_eq!(answer["verified"], true, "{replies:?}");
        assert_eq!(answer["outcome"], "done", "{replies:?}");
        let log = world.sandbox().log();
        let after = log.iter().skip_while(|logged| logged.method != "POST");
        let looked =
            after.filter(|logged| logged.method == "GET" && logged.path == "/spaces/1/posts");
        assert_eq!(looked.count(), looks, "{replies:?}");
        let whole = matches!(replies, CreateReply::Posts | CreateReply::BareList);
        assert_eq!(answer["data"].is_array(), whole, "{replies:?}");
    }
}

#[tokio::test]
async fn the_newest_of_equal_posts_is_the_one_just_made() {
    let world = world(CreateReply::Empty).await;
    let first = world.ok("create_post", scheduled()).await;
    let mut again = scheduled();
    again["allow_repeat"] = json!(true);
    let second = world.ok("create_post", again).await;
    assert_ne!(first["cluster_id"], second["cluster_id"]);
    assert_eq!(
        column(&cluster(&world, &second["cluster_id"]), "id"),
        second["post_ids"]
    );
}

#[tokio::test]
async fn a_post_that_saki_does_not_show_is_not_verified() {
    let world = world(CreateReply::Empty).await;
    world
        .sandbox()
        .fault(Fault::status(500).on(&Method::GET, CREATE).times(99));
    let last = last_post(&world);
    let answer = world.ok("create_post", scheduled()).await;
    assert_eq!(answer["outcome"], "done");
    assert_eq!(
        (&answer["verified"], &answer["post_ids"]),
        (&json!(false), &json!([]))
    );
    assert!(
        answer["warnings"].to_string().contains("list_posts"),
        "{answer}"
    );
    assert_eq!(posts_after(&world, last).len(), 2);
    assert_eq!(world.writes().len(), 1);
}

#[tokio::test]
async fn an_older_equal_post_is_not_taken_for_one_that_was_never_made() {
    let world = world(CreateReply::Posts).await;
    let first = world.ok("create_post", scheduled()).await;
    // This Saki says yes and does nothing.
    let yes = Fault::new(FaultKind::Status {
        status: 201,
        headers: Default::default(),
        body: Some(json!({})),
        after_write: false,
    });
    world.sandbox().fault(yes.on(&Method::POST, CREATE));
    world.clock.set("2027-04-09T11:00:00Z".parse().unwrap());
    let second = world.ok("create_post", scheduled()).await;
    assert_eq!(second["verified"], false, "{second}");
    assert_ne!(second["post_ids"], first["post_ids"]);
}

#[tokio::test]
async fn an_unrequested_time_or_status_is_warned_about() {
    let world = world(CreateReply::Posts).await;
    let row = |id: u64, account: u64, at: &str, published: Value| {
        json!({"id": id, "account_id": account, "cluster_id": "c-1", "content": "Good morning", "parent_id": null,
            "scheduled_at": at, "published_at": published})
    };
    let body = json!({"data": [
        row(900, 11, "2027-04-10T09:00:00.000000Z", Value::Null),
        row(901, 12, "2027-04-10T07:00:00.000000Z", json!("2027-04-09T10:00:00.000000Z")),
    ]});
    for _ in 0..2 {
        world
            .sandbox()
            .fault(Fault::new(FaultKind::Json { body: body.clone() }).on(&Method::POST, CREATE));
        world
            .sandbox()
            .fault(Fault::new(FaultKind::Json { body: body.clone() }).on(&Method::GET, CREATE));
    }
    let answer = world.ok("create_post", scheduled()).await;
    let warnings = answer["warnings"].to_string();
    assert!(
        warnings.contains("post 900 at 2027-04-10T09:00"),
        "{warnings}"
    );
    assert!(warnings.contains("post 901 as published"), "{warnings}");
    assert_eq!(answer["verified"], false, "{answer}");
    assert_eq!(answer["post_ids"], json!([900, 901]));
    // All of Saki's fields, beside the facts of every post.
    let mut posts = answer["data"].clone();
    for post in posts.as_array_mut().unwrap() {
        for fact in ["state", "local", "in", "account_label"] {
            post.as_object_mut().unwrap().remove(fact);
        }
    }
    assert_eq!(posts, body["data"]);
}

#[tokio::test]
async fn fields_of_the_reply_beside_the_posts_stay_in_the_answer() {
    let world = world(CreateReply::Posts).await;
    let body = json!({"job": "j-7", "queued": true});
    world
        .sandbox()
        .fault(Fault::new(FaultKind::Json { body: body.clone() }).on(&Method::POST, CREATE));
    let answer = world.ok("create_post", scheduled()).await;
    assert_eq!(answer["data"], body);
    assert_eq!(answer["verified"], true, "read back");
}

#[tokio::test]
async fn posts_in_the_answers_of_writes_look_like_those_of_reads() {
    let world = World::new().await;
    let asked = new_post("A").on([11, 12]).at("2027-04-10T09:00");
    let created = world.ok("create_post", asked.clone()).await;
    let replayed = world.ok("create_post", asked).await;
    assert_eq!(replayed["outcome"], "replayed");
    let change = json!({"space_id": 1, "cluster_id": created["cluster_id"], "content": "B"});
    let changed = world.ok("update_cluster", change).await;
    for (answer, content) in [(&created, "A"), (&replayed, "A"), (&changed, "B")] {
        let posts = answer["data"].as_array().unwrap();
        assert_eq!(posts.len(), 2, "{answer}");
        for post in posts {
            let read = json!({"space_id": 1, "post_id": post["id"]});
            let read = world.ok("get_post", read).await;
            for fact in ["state", "local", "in", "account_label", "status"] {
                assert!(!post[fact].is_null(), "{fact}: {post}");
                assert_eq!(post[fact], read[fact], "{fact}");
            }
            assert_eq!(post["content"], content);
        }
    }
}

fn says(status: u16, body: Option<Value>) -> Fault {
    Fault::new(FaultKind::Status {
        status,
        headers: Default::default(),
        body,
        after_write: false,
    })
}

/// A create of "Good morning" that Saki answers with `reply`, and shows as post 900 with `shown` from then on.
async fn created(reply: Value, shown: Value) -> (World, Answer) {
    let world = World::new().await;
    let created = says(201, Some(reply)).on(&Method::POST, CREATE);
    world.sandbox().fault(created);
    let mut post = json!({
        "id": 900, "account_id": 11, "cluster_id": "c-1", "content": "Good morning", "parent_id": null, "status": 1,
        "scheduled_at": "2027-04-10T07:00:00Z", "created_at": NOW, "children": [{"content": "And more"}],
    });
    let fields = post.as_object_mut().unwrap();
    fields.extend(shown.as_object().unwrap().clone());
    let read = says(200, Some(json!({"data": post}))).on(&Method::GET, POST);
    world.sandbox().fault(read.times(9));
    let asked = new_post("Good morning").with(json!({"thread": [{"content": "And more"}]}));
    let asked = asked.at("2027-04-10T07:00:00Z");
    let answer = world.call("create_post", asked).await;
    (world, answer)
}

/// How many posts or lists of posts were read since the create.
fn looks(world: &World) -> usize {
    let log = world.sandbox().log();
    let after = log.iter().skip_while(|logged| logged.method != "POST");
    let is_look =
        |logged: &&LoggedRequest| logged.method == "GET" && logged.path.contains("/posts");
    after.filter(is_look).count()
}

#[rstest]
#[case::id(json!({"data": [900]}))]
#[case::only_id(json!({"message": "Scheduled.", "id": 900}))]
#[case::ids(json!({"post_ids": ["900"]}))]
#[case::id_of_account(json!({"post_ids": {"11": 900}}))]
#[case::account(json!({"data": [{"id": 900, "account_id": 11}]}))]
#[case::result(json!({"results": [{"account_id": 11, "success": true, "post_id": 900}]}))]
#[tokio::test]
async fn a_post_that_the_answer_names_without_its_text_is_looked_at_once(#[case] reply: Value) {
    let (world, answer) = created(reply.clone(), json!({})).await;
    assert_eq!(answer.json["post_ids"], json!([900]), "{}", answer.json);
    assert_eq!(answer.json["verified"], true, "{}", answer.json);
    assert_eq!(looks(&world), 1);
    for changed in [
        json!({"content": "Good morning #ad"}),
        json!({"children": [{"content": "And more #ad"}]}),
    ] {
        let (world, answer) = created(reply.clone(), changed).await;
        assert_eq!(answer.json["post_ids"], json!([900]), "{}", answer.json);
        let warnings = answer.json["warnings"].to_string();
        assert!(
            warnings.contains("more #ad") || warnings.contains("morning #ad"),
            "{warnings}"
        );
        assert_eq!(answer.json["verified"], false);
        assert_eq!((looks(&world), world.writes().len()), (1, 1));
    }
}

#[tokio::test]
async fn a_text_that_the_answer_shows_is_not_looked_at_again() {
    let row = json!({"id": 900, "account_id": 11, "content": "Good morning #ad"});
    let (world, answer) = created(json!({"data": [row]}), json!({})).await;
    let warnings = answer.json["warnings"].to_string();
    assert!(warnings.contains("morning #ad"), "{warnings}");
    assert_eq!(looks(&world), 0);
}

#[tokio::test]
async fn a_number_that_is_that_of_an_older_post_is_not_the_new_one() {
    let older = json!({"content": "Something else", "created_at": "2027-04-09T08:00:00Z"});
    let (_, answer) = created(json!({"data": [900]}), older).await;
    assert_eq!(answer.json["post_ids"], json!([]), "{}", answer.json);
    assert_eq!(answer.json["verified"], false);
}

#[tokio::test]
async fn a_look_that_fails_leaves_a_create_done() {
    let world = World::new().await;
    let rows = json!({"data": [{"id": 900, "account_id": 11}, {"id": 901, "account_id": 12}]});
    let created = says(201, Some(rows)).on(&Method::POST, CREATE);
    world.sandbox().fault(created);
    let down = Fault::status(500).on(&Method::GET, CREATE).times(99);
    world.sandbox().fault(down);
    let answer = world.ok("create_post", scheduled()).await;
    assert_eq!(answer["outcome"], "done");
    assert_eq!(answer["post_ids"], json!([900, 901]));
    assert_eq!(answer["verified"], false);
    let warnings = answer["warnings"].to_string();
    assert!(warnings.contains("text of post 900"), "{warnings}");
    let log = world.sandbox().log();
    assert!(log.iter().all(|logged| !logged.path.ends_with("/901")));
    assert_eq!(world.writes().len(), 1);
}

#[rstest]
#[case::nothing(json!({}))]
#[case::ids(json!({"data": [106, 107]}))]
#[tokio::test]
async fn a_cluster_that_saki_stores_with_another_text_is_named_with_it(#[case] reply: Value) {
    let world = World::new().await;
    let cluster_id = world
        .ok("get_post", json!({"space_id": 1, "post_id": 106}))
        .await["cluster_id"]
        .clone();
    // This Saki says yes and leaves the texts as they are.
    let changed = says(200, Some(reply)).on(&Method::PUT, "/clusters");
    world.sandbox().fault(changed);
    let change = cluster_change(cluster_id).on([11, 12]);
    let change = change.with(json!({"content": "New"})).undecided();
    let answer = world.ok("update_cluster", change).await;
    assert_eq!(answer["post_ids"], json!([106, 107]), "{answer}");
    assert_eq!(answer["verified"], false);
    let warnings = answer["warnings"].to_string();
    assert!(
        warnings.contains("post 107 with another text"),
        "{warnings}"
    );
}

const SCHEDULED: &str = "2027-04-10T07:00:00Z";
const WITHIN_MINUTES: &str = "2027-04-09T10:05:00Z";
const LATER: &str = "2027-04-09T10:05:01Z";

#[rstest]
#[case::as_asked("schedule", json!({"scheduled_at": SCHEDULED}), "")]
#[case::not_shown("schedule", json!({}), "")]
#[case::no_time("schedule", json!({"scheduled_at": null}), "without the time")]
#[case::other_time("schedule", json!({"scheduled_at": LATER}), "not at the time")]
#[case::drafted("schedule", json!({"scheduled_at": SCHEDULED, "status": 0}), "as a draft, which")]
#[case::published("schedule", json!({"scheduled_at": SCHEDULED, "published_at": NOW}), "as published")]
#[case::published_by_its_code("draft", json!({"status": 3}), "as published")]
#[case::draft("draft", json!({"status": 0}), "")]
#[case::no_draft("draft", json!({"status": 1}), "not show post 900 as a draft")]
#[case::planned_draft("draft", json!({"status": 0, "scheduled_at": SCHEDULED}), "which was not asked for")]
#[case::at_once("now", json!({"published_at": NOW, "scheduled_at": NOW}), "")]
#[case::at_once_with_a_draft_code("now", json!({"published_at": NOW, "status": 0}), "")]
#[case::drafted_at_once("now", json!({"status": 0}), "as a draft, which")]
#[case::within_minutes("now", json!({"scheduled_at": WITHIN_MINUTES}), "")]
#[case::later("now", json!({"scheduled_at": LATER}), "at 2027-04-09T10:05:01Z, which was not asked for")]
#[tokio::test]
async fn a_post_is_held_against_what_was_asked_for(
    #[case] publish: &str,
    #[case] shown: Value,
    #[case] warning: &str,
) {
    let world = World::new().await;
    let mut post =
        json!({"id": 900, "account_id": 11, "content": "Good morning", "created_at": NOW});
    let fields = post.as_object_mut().unwrap();
    fields.extend(shown.as_object().unwrap().clone());
    let created = says(201, Some(json!({"data": [post]}))).on(&Method::POST, CREATE);
    world.sandbox().fault(created);
    let asked = new_post("Good morning").with(json!({"publish": publish}));
    let asked = match publish {
        "schedule" => asked.at(SCHEDULED),
        _ => asked.undecided(),
    };
    let answer = world.ok("create_post", asked).await;
    let warnings = answer["warnings"].as_array().into_iter().flatten();
    let warnings = warnings.filter_map(Value::as_str);
    let said: Vec<&str> = warnings.filter(|said| said.starts_with("Saki")).collect();
    assert_eq!(said.len(), usize::from(!warning.is_empty()), "{said:?}");
    assert!(said.concat().contains(warning), "{said:?}");
    assert_eq!(answer["verified"], warning.is_empty(), "{answer}");
}
