//! What a 422 teaches about create: which of the two published forms is wanted, and never a weaker post.

use http::Method;
use saki_mcp::sandbox::{CreateForms, Fault, FaultKind, SandboxOptions};
use serde_json::{Value, json};

use crate::support::faults::refuses;
use crate::support::post_arguments::{cluster_change, new_post};
use crate::support::sandbox_state::{bodies, column, last_post, posts, posts_after};
use crate::support::server_under_test::{TRIES, World};

const CREATE: &str = "/spaces/{space_id}/posts";

async fn speaking(forms: CreateForms) -> World {
    let options = SandboxOptions {
        create_forms: forms,
        ..SandboxOptions::default()
    };
    World::with(options, |_| {}).await
}

/// The example of the vendor's page, with a time ahead.
fn example() -> Value {
    new_post("Hello from the Saki API!")
        .on([11, 12])
        .at("2027-04-10T14:00:00Z")
}

/// The same on purpose once more.
fn again() -> Value {
    let mut again = example();
    again["allow_repeat"] = json!(true);
    again
}

fn short() -> Value {
    json!({"content": "Hello from the Saki API!", "account_ids": [11, 12], "scheduled_at": "2027-04-10T14:00:00Z"})
}

fn is_short(body: &Value) -> bool {
    body.get("account_ids").is_some() && body.get("items").is_none()
}

#[tokio::test]
async fn the_vendors_example_teaches_the_overview_form_once() {
    let world = speaking(CreateForms::OverviewOnly).await;
    let last = last_post(&world);
    let answer = world.ok("create_post", example()).await;
    let sent = bodies(&world);
    assert_eq!(sent.len(), 2);
    assert!(sent[0].get("items").is_some());
    assert_eq!(sent[1], short());
    let made = posts_after(&world, last);
    assert_eq!(column(&made, "status"), json!(["Scheduled", "Scheduled"]));
    assert_eq!(
        column(&made, "scheduled_at"),
        json!(["2027-04-10T14:00:00Z", "2027-04-10T14:00:00Z"])
    );
    assert_eq!(answer["post_ids"], column(&made, "id"));
    assert_eq!(
        (&answer["mode"], &answer["verified"]),
        (&json!("schedule"), &json!(true))
    );

    world.ok("create_post", again()).await;
    assert_eq!(
        bodies(&world)[2..],
        [short()],
        "the second call is sent once"
    );
    assert_eq!(posts_after(&world, last).len(), 4);
}

#[tokio::test]
async fn what_the_overview_form_cannot_express_is_refused() {
    let world = speaking(CreateForms::OverviewOnly).await;
    let before = posts(&world);
    let refusals = [
        (json!({"publish": "draft", "scheduled_at": null}), "a draft"),
        (json!({"publish": "draft"}), "a draft"),
        (
            json!({"publish": "now", "scheduled_at": null}),
            "publishing at once",
        ),
        (json!({"thread": [{"content": "two"}]}), "a thread"),
        (json!({"metadata": {"title": "t"}}), "metadata"),
        (json!({"media": [{"media_id": 501}]}), "media"),
        (
            json!({"per_account": [{"account_id": 12, "content": "other"}]}),
            "another text per account",
        ),
    ];
    for has_learned in [false, true] {
        for (change, what) in &refusals {
            let mut asked = example();
            for (name, value) in change.as_object().unwrap() {
                asked[name] = value.clone();
            }
            let answer = world.call("create_post", asked).await;
            assert!(answer.failed, "{what}");
            assert!(answer.text.contains(what), "{what}: {}", answer.text);
            assert!(
                answer.text.contains("Nothing was changed"),
                "{}",
                answer.text
            );
            assert_eq!(answer.meta["class"], "rejected", "{what}");
            assert_eq!(answer.meta["status"], 422, "{what}");
        }
        assert!(
            bodies(&world).iter().filter(|body| is_short(body)).count() == usize::from(has_learned)
        );
        if has_learned {
            assert_eq!(posts(&world).len(), before.len() + 2);
        } else {
            assert_eq!(posts(&world), before);
            world.ok("create_post", example()).await;
        }
    }
    let mut same_text = example();
    same_text["per_account"] = json!([{"account_id": 12, "content": "Hello from the Saki API!"}]);
    world.ok("create_post", same_text).await;
}

#[tokio::test]
async fn a_saki_with_the_reference_form_only_is_sent_each_create_once() {
    let world = speaking(CreateForms::ReferenceOnly).await;
    let last = last_post(&world);
    world.ok("create_post", example()).await;
    let draft = new_post("x").draft();
    world.ok("create_post", draft).await;
    assert_eq!(bodies(&world).len(), 2);
    assert!(!bodies(&world).iter().any(is_short));
    assert_eq!(
        column(&posts_after(&world, last), "status"),
        json!(["Scheduled", "Scheduled", "Draft"])
    );
}

#[tokio::test]
async fn a_saki_that_switches_forms_is_followed_there_and_back() {
    // Both forms are taken; the refusals say when one of them is not.
    let world = speaking(CreateForms::Both).await;
    let last = last_post(&world);
    world
        .sandbox()
        .fault(refuses(&["content", "account_ids"]).on(&Method::POST, CREATE));
    world.ok("create_post", example()).await;
    world.ok("create_post", again()).await;
    assert_eq!(
        bodies(&world).iter().map(is_short).collect::<Vec<_>>(),
        [false, true, true]
    );

    world
        .sandbox()
        .fault(refuses(&["items", "space_id"]).on(&Method::POST, CREATE));
    world.ok("create_post", again()).await;
    world.ok("create_post", again()).await;
    assert_eq!(
        bodies(&world)[3..].iter().map(is_short).collect::<Vec<_>>(),
        [true, false, false]
    );
    assert_eq!(
        posts_after(&world, last).len(),
        8,
        "each call made its two posts once"
    );
}

#[tokio::test]
async fn a_draft_works_again_once_saki_takes_the_reference_form() {
    let world = speaking(CreateForms::Both).await;
    world
        .sandbox()
        .fault(refuses(&["content", "account_ids"]).on(&Method::POST, CREATE));
    world.ok("create_post", example()).await;
    let last = last_post(&world);
    let draft = new_post("x").draft();
    world.ok("create_post", draft).await;
    assert_eq!(
        column(&posts_after(&world, last), "status"),
        json!(["Draft"])
    );
}

#[tokio::test]
async fn a_refusal_of_the_text_itself_teaches_no_form() {
    let world = speaking(CreateForms::ReferenceOnly).await;
    world
        .sandbox()
        .fault(refuses(&["content"]).on(&Method::POST, CREATE));
    let said = world.refused("create_post", example()).await;
    assert!(
        said.contains("The content field is off."),
        "the first refusal is the answer: {said}"
    );
    assert_eq!(bodies(&world).len(), 2);
    let last = last_post(&world);
    world.ok("create_post", example()).await;
    assert_eq!(bodies(&world).len(), 3);
    assert_eq!(posts_after(&world, last).len(), 2);
}

#[tokio::test]
async fn two_forms_that_refuse_each_other_end_after_one_resend() {
    let world = speaking(CreateForms::Both).await;
    let before = posts(&world);
    world
        .sandbox()
        .fault(refuses(&["content", "account_ids"]).on(&Method::POST, CREATE));
    world
        .sandbox()
        .fault(refuses(&["items"]).on(&Method::POST, CREATE));
    world.refused("create_post", example()).await;
    assert_eq!(bodies(&world).len(), 2);
    assert_eq!(posts(&world), before);
}

#[tokio::test]
async fn only_a_422_switches_the_form() {
    for status in [400, 401, 403, 404, 409, 413, 429, 500, 503] {
        let world = speaking(CreateForms::Both).await;
        let before = posts(&world);
        let FaultKind::Status { body, .. } = refuses(&["content", "account_ids"]).kind else {
            unreachable!()
        };
        let kind = FaultKind::Status {
            status,
            headers: Default::default(),
            body,
            after_write: false,
        };
        world
            .sandbox()
            .fault(Fault::new(kind).on(&Method::POST, CREATE).times(TRIES));
        let answer = world.call("create_post", example()).await;
        assert!(answer.failed);
        assert_eq!(answer.meta["status"], status);
        let tries = if status == 429 { TRIES } else { 1 };
        assert_eq!(bodies(&world).len(), tries as usize, "{status}");
        assert!(!bodies(&world).iter().any(is_short), "{status}");
        assert_eq!(posts(&world), before);
    }
}

#[tokio::test]
async fn a_cluster_is_changed_in_the_learned_form() {
    let world = speaking(CreateForms::OverviewOnly).await;
    let made = world.ok("create_post", example()).await;
    let change = |more: Value| {
        let mut asked = cluster_change(&made["cluster_id"]).at("2027-04-11T14:00:00Z");
        for (name, value) in more.as_object().unwrap() {
            asked[name] = value.clone();
        }
        asked
    };
    let answer = world
        .ok("update_cluster", change(json!({"content": "Changed"})))
        .await;
    assert_eq!(
        bodies(&world)[2..],
        [
            json!({"content": "Changed", "account_ids": [11], "scheduled_at": "2027-04-11T14:00:00Z"})
        ]
    );
    let after = crate::support::sandbox_state::cluster(&world, &made["cluster_id"]);
    assert_eq!(
        (column(&after, "content"), column(&after, "account_id")),
        (json!(["Changed"]), json!([11]))
    );
    assert_eq!(
        answer["removed"],
        json!([{"account_id": 12, "account": "12 @acme.coffee (instagram)", "post_id": made["post_ids"][1]}])
    );
    let said = world
        .refused(
            "update_cluster",
            change(json!({"media": [{"media_id": 501}]})),
        )
        .await;
    assert!(said.contains("media"), "{said}");
    assert_eq!(
        crate::support::sandbox_state::cluster(&world, &made["cluster_id"]),
        after
    );
}
