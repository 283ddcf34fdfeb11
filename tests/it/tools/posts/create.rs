//! `create_post`: what becomes of what was asked, on the wire, in Saki and in the answer.

use serde_json::{Value, json};

use crate::support::post_arguments::new_post;
use crate::support::sandbox_state::{
    bodies, cluster, column, last_post, posts, posts_after, reads,
};
use crate::support::server_under_test::{TRIES, World};

/// Saturday, 9:00 in Berlin.
const MORNING: i64 = 1_807_340_400;

#[tokio::test]
async fn a_scheduled_post_is_sent_in_the_reference_form_and_answered_by_name() {
    let world = World::new().await;
    let last = last_post(&world);
    let answer = world
        .ok(
            "create_post",
            new_post("Good morning")
                .on(json!(["@acmecoffee", 12]))
                .at("2027-04-10T09:00"),
        )
        .await;
    let item = |id: u64, social: &str| {
        json!({"account_id": id, "social": social,
            "main": {"content": "Good morning", "media": []}, "children": []})
    };
    assert_eq!(
        bodies(&world),
        [json!({"space_id": 1, "at": MORNING, "is_draft": false,
            "items": [item(11, "twitter"), item(12, "instagram")]})]
    );
    assert_eq!(world.writes()[0].path, "/spaces/1/posts");

    let made = posts_after(&world, last);
    assert_eq!(column(&made, "account_id"), json!([11, 12]));
    assert!(made.iter().all(|post| post["status"] == "Scheduled"));
    assert_eq!(
        answer["data"].as_array().unwrap().len(),
        2,
        "Saki's answer stays whole"
    );
    let claimed = |name: &str| answer[name].clone();
    assert_eq!(claimed("outcome"), "done");
    assert_eq!(claimed("mode"), "schedule");
    assert_eq!(claimed("scheduled_at"), made[0]["scheduled_at"]);
    assert_eq!(claimed("local"), "Sat 10 Apr 2027, 09:00 (Europe/Berlin)");
    assert!(claimed("in").as_str().unwrap().starts_with("20 h"));
    assert_eq!(
        claimed("accounts"),
        json!([{"id": 11, "name": "acmecoffee", "network": "twitter", "network_name": "X"},
            {"id": 12, "name": "acme.coffee", "network": "instagram"}])
    );
    assert_eq!(claimed("cluster_id"), made[0]["cluster_id"]);
    assert_eq!(claimed("post_ids"), column(&made, "id"));
    assert_eq!(claimed("verified"), true);
    let warnings = answer["warnings"].as_array().unwrap();
    let first = warnings[0].as_str().unwrap();
    assert!(first.contains("Instagram requires some"), "{answer}");
    let plan = |warning: &Value| warning.as_str().unwrap().contains(": its ");
    assert!(warnings[1..].iter().all(plan), "{answer}");
}

#[tokio::test]
async fn a_draft_stays_a_draft_with_and_without_a_time() {
    let world = World::new().await;
    for time in [Value::Null, json!("2027-04-10T07:00:00Z")] {
        let last = last_post(&world);
        let mut asked = new_post("Not yet").draft();
        asked["scheduled_at"] = time.clone();
        let answer = world.ok("create_post", asked).await;
        assert_eq!(
            (&answer["outcome"], &answer["mode"]),
            (&json!("done"), &json!("draft"))
        );
        let made = posts_after(&world, last);
        assert_eq!(made.len(), 1);
        assert_eq!(
            (&made[0]["status"], &made[0]["scheduled_at"]),
            (&json!("Draft"), &time)
        );
        assert_eq!(
            answer.get("scheduled_at").cloned().unwrap_or_default(),
            time
        );
        assert_eq!(answer["post_ids"], column(&made, "id"));
    }
    let sent = bodies(&world);
    assert!(sent.iter().all(|body| body["is_draft"] == true));
    assert_eq!(column(&sent, "at"), json!([null, MORNING]));
    world.clock.set("2027-04-11T00:00:00Z".parse().unwrap());
    assert!(
        posts(&world)
            .iter()
            .all(|post| post["content"] != "Not yet" || post["is_published"] == false)
    );
}

#[tokio::test]
async fn now_publishes_at_once_and_takes_no_time() {
    let world = World::new().await;
    let last = last_post(&world);
    let asked = new_post("Live").now();
    let mut timed = asked.clone();
    timed["scheduled_at"] = json!("2027-04-10T09:00");
    let said = world.refused("create_post", timed).await;
    assert!(said.contains("contradict"), "{said}");
    assert!(world.writes().is_empty());

    let answer = world.ok("create_post", asked).await;
    assert_eq!(answer["mode"], "now");
    assert_eq!(bodies(&world)[0]["at"], Value::Null);
    assert_eq!(bodies(&world)[0]["is_draft"], false);
    let made = posts_after(&world, last);
    assert_eq!(column(&made, "is_published"), json!([true]));
}

#[tokio::test]
async fn whether_to_publish_is_never_guessed() {
    let world = World::new().await;
    let asked = new_post("Hm").undecided();
    let said = world.refused("create_post", asked.clone()).await;
    for choice in ["\"draft\"", "`scheduled_at`", "\"now\""] {
        assert!(said.contains(choice), "{said}");
    }
    let mut schedule = asked.clone();
    schedule["publish"] = json!("schedule");
    let said = world.refused("create_post", schedule.clone()).await;
    assert!(said.contains("`scheduled_at`"), "{said}");
    let mut zone_alone = asked.clone();
    zone_alone["publish"] = json!("draft");
    zone_alone["timezone"] = json!("Europe/Berlin");
    let said = world.refused("create_post", zone_alone).await;
    assert!(said.contains("`timezone`"), "{said}");
    assert!(world.writes().is_empty());
    schedule["scheduled_at"] = json!("2027-04-10T09:00");
    assert_eq!(world.ok("create_post", schedule).await["mode"], "schedule");
}

#[tokio::test]
async fn a_refusal_of_saki_is_quoted_and_makes_nothing() {
    let world = World::new().await;
    let before = posts(&world);
    let asked = new_post("x").on([16]).draft();
    let answer = world.call("create_post", asked).await;
    assert!(answer.failed);
    assert!(
        answer
            .text
            .contains("The account @acmecoffee.tok is not active."),
        "{}",
        answer.text
    );
    assert_eq!(answer.meta["status"], 422);
    assert_eq!(answer.meta["class"], "rejected");
    assert_eq!(
        answer.meta["errors"]["account_ids"],
        json!(["The account @acmecoffee.tok is not active."])
    );
    assert_eq!(posts(&world), before);
    assert_eq!(world.writes().len(), 1);
}

#[tokio::test]
async fn the_accounts_of_a_space_are_looked_up_once_a_minute() {
    let world = World::new().await;
    for content in ["one", "two", "three"] {
        world
            .ok("create_post", new_post(content).on(["acmecoffee"]).draft())
            .await;
    }
    assert_eq!(reads(&world, "/spaces/1/accounts"), 1);
    assert_eq!(reads(&world, "/spaces"), 1);
    world
        .ok(
            "disconnect_account",
            json!({"space_id": 1, "account_id": 11}),
        )
        .await;
    let said = world
        .refused("create_post", new_post("x").on(["acmecoffee"]).draft())
        .await;
    assert!(said.contains("its accounts are"), "{said}");
    assert_eq!(
        reads(&world, "/spaces/1/accounts"),
        2,
        "a change makes what was seen stale"
    );
}

#[tokio::test]
async fn the_network_of_an_account_is_left_out_where_it_is_not_known() {
    let world = World::new().await;
    world.sandbox().fault(
        saki_mcp::sandbox::Fault::status(500)
            .on(&http::Method::GET, "/spaces/{space_id}/accounts")
            .times(TRIES),
    );
    let answer = world.ok("create_post", new_post("x").draft()).await;
    assert!(bodies(&world)[0]["items"][0].get("social").is_none());
    assert_eq!(
        answer["accounts"],
        json!([{"id": 11, "name": null, "network": null}])
    );
    assert_eq!(cluster(&world, &answer["cluster_id"]).len(), 1);
}

#[tokio::test]
async fn a_space_id_works_even_where_saki_will_not_list_spaces() {
    let world = World::new().await;
    world
        .sandbox()
        .fault(saki_mcp::sandbox::Fault::status(403).on(&http::Method::GET, "/spaces"));
    let asked = new_post("x").draft();
    let answer = world.ok("create_post", asked).await;
    assert_eq!(cluster(&world, &answer["cluster_id"]).len(), 1);
}
