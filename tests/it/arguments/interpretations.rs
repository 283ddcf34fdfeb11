//! What a word was taken to mean is told with the result, whatever the tool.

use rmcp::model::Tool;
use serde_json::{Value, json};

use crate::support::example_calls::{parameters, plain};
use crate::support::post_arguments::new_post;
use crate::support::sandbox_state::last_post;
use crate::support::server_under_test::{Answer, World, object};

/// A call of a tool that Saki takes, by ids alone.
fn by_id(world: &World, tool: &Tool) -> Value {
    let mut arguments = plain(world, tool);
    let more = match &*tool.name {
        "create_slot" => json!({"weekday": "monday", "time": "09:00"}),
        "create_space" | "update_space" => json!({"name": "Lab"}),
        "update_webhook" => json!({"is_active": false}),
        "create_webhook" => json!({"url": "https://a.example", "events": ["post.failed"]}),
        "list_boards" => json!({"space_id": 1, "account_id": 15}),
        "get_post" | "update_post" | "delete_post" => json!({"post_id": last_post(world)}),
        _ => json!({}),
    };
    arguments.as_object_mut().unwrap().extend(object(more));
    arguments
}

/// A call of a tool that names its space and its accounts by word, and the corrections it must bring.
fn by_word(world: &World, tool: &Tool) -> (Value, Vec<(&'static str, &'static str)>) {
    // An account that has boards stands in the other space.
    let words = match &*tool.name {
        "list_boards" => ("ACME coffee", "1", "acmebrews", "15"),
        _ => ("studio north", "2", "@StudioNorth.Example", "25"),
    };
    let mut arguments = by_id(world, tool);
    let mut expected = Vec::new();
    for name in parameters(tool) {
        let (word, id, field) = match name.as_str() {
            "space_id" => (json!(words.0), words.1, "`space_id`: "),
            "account_id" => (json!(words.2), words.3, "`account_id`: "),
            "account_ids" => (json!([words.2]), words.3, "`account_ids`: "),
            _ => continue,
        };
        arguments[&name] = word;
        expected.push((field, id));
    }
    (arguments, expected)
}

fn understood(answer: &Answer) -> Vec<String> {
    let all = answer.meta["understood"].as_array().into_iter().flatten();
    all.map(|one| one.as_str().unwrap().to_owned()).collect()
}

/// Whether the body names the id that a word was taken for.
fn tells(body: &Value, field: &str, id: &str) -> bool {
    let corrections = body["understood"].as_array().into_iter().flatten();
    let meant = |one: &Value| {
        let one = one.as_str().unwrap_or_default();
        one.starts_with(field) && one.contains(&format!(" as {id} "))
    };
    let accounts = body["accounts"].as_array().into_iter().flatten();
    let shown = |account: &Value| account["id"].as_u64() == id.parse().ok();
    corrections.into_iter().any(meant)
        || field.contains("account") && accounts.into_iter().any(shown)
}

#[tokio::test]
async fn every_tool_that_resolves_a_name_says_what_it_resolved_to() {
    let world = World::new().await;
    let fresh = world.sandbox().state(Clone::clone);
    let mut seen = 0;
    for tool in world.tools().await {
        world.clear_memory().await;
        world.sandbox().edit(|state| *state = fresh.clone());
        let (arguments, expected) = by_word(&world, &tool);
        let answer = world.call(&tool.name, arguments).await;
        let what = format!("{}: {} {}", tool.name, answer.text, answer.meta);
        assert!(!answer.failed, "{what}");
        let body: Value = serde_json::from_str(&answer.text).unwrap();
        for (field, id) in expected {
            let is_told =
                |one: &String| one.starts_with(field) && one.contains(&format!(" as {id} "));
            assert!(understood(&answer).iter().any(is_told), "{field} {what}");
            assert!(tells(&body, field, id), "{field} {what}");
            seen += 1;
        }
    }
    assert!(seen >= 27, "only {seen}");
}

#[tokio::test]
async fn ids_cause_no_interpretation_note() {
    let world = World::new().await;
    let fresh = world.sandbox().state(Clone::clone);
    for tool in world.tools().await {
        world.clear_memory().await;
        world.sandbox().edit(|state| *state = fresh.clone());
        let answer = world.call(&tool.name, by_id(&world, &tool)).await;
        assert!(!answer.failed, "{}: {}", tool.name, answer.text);
        assert_eq!(understood(&answer), [""; 0], "{}", tool.name);
        assert_eq!(answer.json.get("understood"), None, "{}", tool.name);
    }
}

#[tokio::test]
async fn concurrent_calls_do_not_mix_their_corrections() {
    let world = World::new().await;
    let queue = |space: &'static str| world.call("get_queue", json!({"space_id": space}));
    let (acme, north, id) = tokio::join!(queue("acme coffee"), queue("STUDIO NORTH"), queue("1"));
    assert_eq!(
        understood(&acme),
        ["`space_id`: \"acme coffee\" as 1 \"Acme Coffee\""]
    );
    assert_eq!(
        understood(&north),
        ["`space_id`: \"STUDIO NORTH\" as 2 \"Studio North\""]
    );
    assert_eq!(understood(&id), [""; 0]);
}

#[tokio::test]
async fn a_time_without_a_zone_is_reported_as_interpreted() {
    let world = World::new().await;
    let as_read = "`scheduled_at`: \"2027-04-12T09:00\" as 2027-04-12T07:00:00Z";
    let asked = json!({"space_id": 1, "post_id": 112, "scheduled_at": "2027-04-12T09:00"});
    let changed = world.call("update_post", asked).await;
    assert_eq!(understood(&changed), [as_read]);
    assert_eq!(changed.json["understood"], json!([as_read]));
    let asked = new_post("A").at("2027-04-12T09:00");
    let made = world.call("create_post", asked).await;
    assert_eq!(understood(&made), [as_read]);
    // The answer has it in three ways, so the body says it no fourth time.
    assert_eq!(made.json.get("understood"), None);
    assert_eq!(made.json["scheduled_at"], "2027-04-12T07:00:00Z");
    let asked = json!({"space_id": 1, "from": "2027-04-10", "to": "2027-04-11"});
    let listed = world.call("list_posts", asked).await;
    assert_eq!(
        understood(&listed),
        [
            "`from`: \"2027-04-10\" as 2027-04-09T22:00:00Z",
            "`to`: \"2027-04-11\" as before 2027-04-11T22:00:00Z"
        ]
    );
    assert_eq!(listed.json["meta"]["timezone"], "Europe/Berlin");
    let exact = json!({"space_id": 1, "post_id": 112, "scheduled_at": "2027-04-12T09:00:00+02:00"});
    let changed = world.call("update_post", exact).await;
    assert_eq!(understood(&changed), [""; 0]);
}

#[tokio::test]
async fn a_network_search_over_all_spaces_says_which_accounts_it_covered() {
    let world = World::new().await;
    for (asked, said) in [
        (
            json!({"account_id": "@acme.coffee"}),
            "`account_id`: \"@acme.coffee\" as 12 @acme.coffee (instagram) in 1 \"Acme Coffee\"",
        ),
        (
            json!({"account_id": "insta"}),
            "`account_id`: \"insta\" as every account on instagram",
        ),
        (
            json!({"account_id": "insta", "space_id": 1}),
            "`account_id`: \"insta\" as 12 @acme.coffee (instagram)",
        ),
    ] {
        let answer = world.call("list_posts", asked).await;
        assert_eq!(understood(&answer), [said]);
        assert_eq!(answer.json["understood"], json!([said]));
    }
}
