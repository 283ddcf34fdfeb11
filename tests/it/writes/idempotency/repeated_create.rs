//! The same create twice: the first outcome comes back, and nothing is posted twice by mistake.

use http::Method;
use rstest::rstest;
use saki_mcp::sandbox::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::support::post_arguments::new_post;
use crate::support::sandbox_state::{last_post, posts_after};
use crate::support::server_under_test::World;

fn post() -> Value {
    new_post("Once").on([11, 12]).at("2027-04-10T09:00")
}

fn with(change: Value) -> Value {
    let mut post = post();
    let fields = change.as_object().unwrap();
    post.as_object_mut().unwrap().extend(fields.clone());
    post
}

#[tokio::test]
async fn the_same_create_in_another_notation_gets_the_stored_outcome() {
    let world = World::new().await;
    let first = world.ok("create_post", post()).await;
    for again in [
        post(),
        with(json!({"account_ids": ["@acme.coffee", "11"]})),
        with(json!({"scheduled_at": "2027-04-10T07:00:00Z"})),
        with(json!({"scheduled_at": "2027-04-10T03:00", "timezone": "America/New_York"})),
        with(json!({"space_id": "Acme Coffee", "publish": "schedule"})),
    ] {
        let answer = world.ok("create_post", again.clone()).await;
        assert_eq!(answer["outcome"], "replayed", "{again}");
        assert_eq!(answer["post_ids"], first["post_ids"], "{again}");
        let note = answer["note"].as_str().unwrap();
        assert!(note.contains("`allow_repeat: true`"), "{note}");
    }
    assert_eq!(world.writes().len(), 1);
}

#[rstest]
#[case::short_link(
    "See https://acme-coffee.example/huye-mountain-rwanda now",
    "See https://sk.link/x7f3 now",
    true
)]
#[case::line_breaks("One\n\nTwo", "One\r\n\r\nTwo", false)]
#[case::entities("Fish & chips", "Fish &amp; chips", true)]
#[case::composed("cafe\u{301} now", "caf\u{e9} now", false)]
#[case::blanks(" One  two ", "One two", true)]
#[case::paragraphs("One\ntwo", "<p>One<br>two</p>", true)]
#[case::quotation_marks("\"One\" isn't two", "&quot;One&quot; isn&#039;t two", true)]
#[case::editors_quotes("\"One\" isn't two...", "“One” isn’t two…", true)]
#[case::campaign(
    "At https://acme.example/a now",
    "At https://acme.example/a?utm_source=saki now",
    true
)]
#[case::variation("Hi \u{2764}\u{fe0f}", "Hi \u{2764}", true)]
#[tokio::test]
async fn a_text_that_saki_stores_otherwise_is_not_posted_twice(
    #[case] sent: &str,
    #[case] stored: &str,
    #[case] is_visible: bool,
) {
    let world = World::new().await;
    let asked = new_post(sent).at("2027-04-10T09:00");
    let stored = json!({"data": {
        "id": 500, "content": stored, "status": 1, "scheduled_at": "2027-04-10T07:00:00Z", "account_id": 11,
        "cluster_id": "c", "parent_id": null, "media": [], "children": [], "metadata": [],
    }});
    let created = Fault::new(FaultKind::Status {
        status: 201,
        headers: Default::default(),
        body: Some(json!({"data": [stored["data"].clone()]})),
        after_write: false,
    });
    let read = Fault::new(FaultKind::Status {
        status: 200,
        headers: Default::default(),
        body: Some(stored),
        after_write: false,
    });
    let path = "/spaces/{space_id}/posts";
    (world.sandbox()).fault(created.on(&Method::POST, path));
    (world.sandbox()).fault(
        read.times(9)
            .on(&Method::GET, "/spaces/{space_id}/posts/{post_id}"),
    );
    let first = world.ok("create_post", asked.clone()).await;
    assert_eq!(first["post_ids"], json!([500]), "{first}");
    let again = world.ok("create_post", asked).await;
    assert_eq!(again["outcome"], "replayed", "{again}");
    assert_eq!(again["post_ids"], json!([500]));
    for answer in [&first, &again] {
        let says = answer["warnings"].to_string().contains("Saki shows");
        assert_eq!(says, is_visible, "{answer}");
    }
    assert_eq!(world.writes().len(), 1);
}

#[rstest]
#[case(
    "See https://acme-coffee.example/huye & more",
    "See https://sk.link/x7f3 &amp; more"
)]
#[case("\"One\" isn't two...", "“One” isn&#8217;t two…")]
#[case("cafe\u{301}\nnow", "caf\u{e9}\r\nnow")]
#[case("At www.acme-coffee.example/huye-mountain", "At https://sk.link/x7f3")]
#[tokio::test]
async fn a_text_that_is_stored_otherwise_is_found_where_the_answer_names_no_post(
    #[case] sent: &str,
    #[case] stored: &str,
) {
    let world = World::new().await;
    let post = json!({
        "id": 500, "content": stored, "status": 1, "scheduled_at": "2027-04-10T07:00:00Z", "account_id": 11,
        "cluster_id": "c", "parent_id": null, "media": [], "children": [], "created_at": "2027-04-09T10:00:00Z",
    });
    let says = |status: u16, body: Value| {
        Fault::new(FaultKind::Status {
            status,
            headers: Default::default(),
            body: Some(body),
            after_write: false,
        })
    };
    let path = "/spaces/{space_id}/posts";
    let one = "/spaces/{space_id}/posts/{post_id}";
    let list = json!({"data": [post.clone()], "meta": {"current_page": 1, "last_page": 1}});
    (world.sandbox()).fault(says(201, json!({})).on(&Method::POST, path));
    (world.sandbox()).fault(says(200, list).times(9).on(&Method::GET, path));
    (world.sandbox()).fault(
        says(200, json!({"data": post}))
            .times(9)
            .on(&Method::GET, one),
    );
    let asked = new_post(sent).at("2027-04-10T09:00");
    let first = world.ok("create_post", asked.clone()).await;
    assert_eq!(first["post_ids"], json!([500]), "{first}");
    let again = world.ok("create_post", asked).await;
    assert_eq!(again["outcome"], "replayed", "{again}");
    assert_eq!(world.writes().len(), 1);
}

#[tokio::test]
async fn a_different_create_is_a_post_of_its_own() {
    let world = World::new().await;
    world.ok("create_post", post()).await;
    for other in [
        with(json!({"content": "Once."})),
        with(json!({"account_ids": [11]})),
        with(json!({"scheduled_at": "2027-04-10T09:01"})),
        with(json!({"thread": [{"content": "More"}]})),
        with(json!({"allow_repeat": true})),
    ] {
        assert_eq!(
            world.ok("create_post", other.clone()).await["outcome"],
            "done",
            "{other}"
        );
    }
    assert_eq!(world.writes().len(), 6);
}

#[tokio::test]
async fn after_ten_minutes_the_same_create_is_a_new_one() {
    let world = World::new().await;
    world.ok("create_post", post()).await;
    world.clock.set("2027-04-09T10:09:59Z".parse().unwrap());
    assert_eq!(world.ok("create_post", post()).await["outcome"], "replayed");
    world.clock.set("2027-04-09T10:10:01Z".parse().unwrap());
    assert_eq!(world.ok("create_post", post()).await["outcome"], "done");
}

#[tokio::test]
async fn equal_calls_at_the_same_time_share_one_request() {
    let world = World::new().await;
    let slow = FaultKind::Delay {
        ms: 50,
        after_write: false,
    };
    world
        .sandbox()
        .fault(Fault::new(slow).on(&Method::POST, "/spaces/{space_id}/posts"));
    let last = last_post(&world);
    let calls = (0..8).map(|_| world.ok("create_post", post()));
    let answers = futures::future::join_all(calls).await;
    let done = answers.iter().filter(|answer| answer["outcome"] == "done");
    assert_eq!(done.count(), 1);
    assert!(
        answers
            .iter()
            .all(|answer| answer["post_ids"] == answers[0]["post_ids"])
    );
    assert_eq!(posts_after(&world, last).len(), 2);
}

#[tokio::test]
async fn a_refused_create_is_not_remembered() {
    let world = World::new().await;
    world
        .sandbox()
        .fault(Fault::status(422).on(&Method::POST, "/spaces/{space_id}/posts"));
    world.refused("create_post", post()).await;
    assert_eq!(world.ok("create_post", post()).await["outcome"], "done");
}

#[tokio::test]
async fn a_deleted_or_changed_post_may_be_posted_again() {
    for (tool, arguments) in [
        ("delete_post", json!({"space_id": 1})),
        ("update_post", json!({"space_id": 1, "content": "Other"})),
    ] {
        let world = World::new().await;
        let first = world.ok("create_post", post()).await;
        let mut arguments = arguments;
        arguments["post_id"] = first["post_ids"][1].clone();
        world.ok(tool, arguments).await;
        assert_eq!(
            world.ok("create_post", post()).await["outcome"],
            "done",
            "{tool}"
        );
    }
    let world = World::new().await;
    let first = world.ok("create_post", post()).await;
    let change = json!({"space_id": 1, "cluster_id": first["cluster_id"], "content": "Other"});
    world.ok("update_cluster", change).await;
    assert_eq!(world.ok("create_post", post()).await["outcome"], "done");
}

#[tokio::test]
async fn a_lost_create_is_reconciled_by_reading() {
    let world = World::new().await;
    let last = last_post(&world);
    world
        .sandbox()
        .fault(Fault::new(FaultKind::DropAfter).on(&Method::POST, "/spaces/{space_id}/posts"));
    let answer = world.ok("create_post", post()).await;
    assert_eq!(
        (&answer["outcome"], &answer["reconciled"]),
        (&json!("done"), &json!(true))
    );
    assert_eq!(answer["verified"], true);
    let made = posts_after(&world, last);
    assert_eq!(
        answer["post_ids"],
        crate::support::sandbox_state::column(&made, "id")
    );
    assert_eq!(world.writes().len(), 1);
    assert_eq!(world.ok("create_post", post()).await["outcome"], "replayed");
}

#[tokio::test]
async fn an_older_equal_post_is_never_taken_for_the_lost_one() {
    let world = World::new().await;
    world.ok("create_post", post()).await;
    world.clock.set("2027-04-09T10:20:00Z".parse().unwrap());
    world
        .sandbox()
        .fault(Fault::new(FaultKind::DropBefore).on(&Method::POST, "/spaces/{space_id}/posts"));
    let answer = world.call("create_post", post()).await;
    assert!(answer.failed, "{}", answer.json);
    assert_eq!(answer.meta["class"], "unknown_outcome");
    assert!(answer.text.contains("Looked through"), "{}", answer.text);
}

#[tokio::test]
async fn an_unknown_outcome_is_looked_up_again_and_resent_only_on_request() {
    let world = World::new().await;
    let last = last_post(&world);
    let lost = Fault::new(FaultKind::DropBefore).on(&Method::POST, "/spaces/{space_id}/posts");
    world.sandbox().fault(lost);
    for _ in 0..3 {
        let answer = world.call("create_post", post()).await;
        assert_eq!(answer.meta["class"], "unknown_outcome", "{}", answer.text);
    }
    assert_eq!(world.writes().len(), 1);
    assert!(posts_after(&world, last).is_empty());
    let again = with(json!({"allow_repeat": true}));
    assert_eq!(world.ok("create_post", again).await["outcome"], "done");
    assert_eq!(posts_after(&world, last).len(), 2);
}
