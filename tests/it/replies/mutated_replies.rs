//! Mutants of the printed replies: whatever one field becomes, the call succeeds, fits, and shows it.

use serde_json::{Value, json};

use crate::replies::output_schema::{Stage, holds, scene};
use crate::support::reference_replies::{Scene, scenes};

/// Values of every JSON type, and lists as deep as numbers over time come.
fn others() -> Vec<Value> {
    vec![
        Value::Null,
        json!("a text"),
        json!(7),
        json!(1.5),
        json!(-1),
        json!(true),
        json!([]),
        json!([["2027-04-01", 5], ["2027-04-02", [6, {"a": [7]}]]]),
        json!({}),
        json!({"a": {"b": [1, "two", null]}}),
    ]
}

/// A path into the reply, as a JSON pointer, of every field that is printed.
fn fields(value: &Value) -> Vec<String> {
    fn find(path: &str, value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    let path = format!("{path}/{name}");
                    found.push(path.clone());
                    find(&path, value, found);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    find(&format!("{path}/{index}"), item, found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    find("", value, &mut found);
    found
}

/// Every reply that differs from the printed one in one field of its data.
fn mutants(scene: &Scene) -> Vec<(String, Value)> {
    let below = if scene.reply.get("data").is_some() {
        "/data/"
    } else {
        "/"
    };
    let mut mutants = Vec::new();
    for path in fields(&scene.reply)
        .into_iter()
        .filter(|path| path.starts_with(below))
    {
        let present = scene.reply.pointer(&path).unwrap();
        for other in others().into_iter().filter(|other| other != present) {
            let mut mutant = scene.reply.clone();
            *mutant.pointer_mut(&path).unwrap() = other.clone();
            mutants.push((format!("{path} = {other}"), mutant));
        }
        let (parent, name) = path.rsplit_once('/').unwrap();
        let mut mutant = scene.reply.clone();
        mutant
            .pointer_mut(parent)
            .unwrap()
            .as_object_mut()
            .unwrap()
            .shift_remove(name);
        mutants.push((format!("{path} missing"), mutant));
    }
    mutants
}

/// The data of a reply as it must stand in the result, or none where it cannot be told apart any more.
fn wanted(scene: &Scene, mutant: &Value) -> Option<Value> {
    let data = mutant.get("data").unwrap_or(mutant);
    if scene.stands_at != "/account" {
        return Some(data.clone());
    }
    // A row without its id is no longer the account that was asked about.
    let row = data[0].clone();
    (row["id"] == 11).then_some(row)
}

async fn walk(tools: &[&str]) {
    let mut breaches = Vec::new();
    let mut walked = 0;
    for scene in scenes()
        .into_iter()
        .filter(|scene| tools.contains(&scene.tool))
    {
        let stage = Stage::new().await;
        // Its answer goes the way of create_post, and each call reads the whole cluster before.
        let step = if scene.tool == "update_cluster" { 4 } else { 1 };
        for (what, mutant) in mutants(&scene).into_iter().step_by(step) {
            walked += 1;
            stage.reset().await;
            let answer = stage.answered(&scene, &mutant).await;
            let lost = wanted(&scene, &mutant).filter(|wanted| {
                let found = answer.json.pointer(scene.stands_at);
                !found.is_some_and(|found| holds(found, wanted))
            });
            let odd = stage.odd(scene.tool, &answer);
            let odd = odd.or(lost.map(|_| format!("lost in {}", answer.json)));
            breaches.extend(odd.map(|odd| format!("{}: {what}: {odd}", scene.tool)));
        }
    }
    assert!(walked > 0);
    let (number, first) = (breaches.len(), breaches.iter().take(5));
    let first = first.cloned().collect::<Vec<_>>().join("\n");
    assert!(breaches.is_empty(), "{number} of {walked}:\n{first}");
}

#[tokio::test]
async fn a_mutated_post_is_read_whole() {
    walk(&["get_post", "list_posts", "get_queue"]).await;
}

/// Concise rows leave out what nobody asked for, so only their fit and their few words are checked.
#[tokio::test]
async fn the_row_of_a_mutated_post_still_fits_and_names_its_post() {
    let mut scene = scene("list_posts");
    scene.arguments = json!({"space_id": 1});
    let stage = Stage::new().await;
    for (what, mutant) in mutants(&scene) {
        stage.reset().await;
        let answer = stage.answered(&scene, &mutant).await;
        assert_eq!(stage.odd("list_posts", &answer), None, "{what}");
        let (row, post) = (&answer.json["data"][0], &mutant["data"][0]);
        let id = post.get("id").filter(|id| !id.is_null());
        assert_eq!(row.get("id"), id, "{what}: {row}");
        assert!(row["state"].is_string(), "{what}: {row}");
        let size = row.to_string().len();
        assert!(size < 1000, "{what}: {size} bytes: {row}");
    }
}

#[tokio::test]
async fn a_post_write_with_a_mutated_reply_is_still_done() {
    walk(&["create_post", "update_cluster", "update_post"]).await;
}

#[tokio::test]
async fn every_other_mutated_reply_comes_back_whole() {
    walk(&[
        "list_spaces",
        "get_space",
        "create_space",
        "update_space",
        "list_accounts",
        "set_account_active",
        "list_boards",
        "upload_media",
        "list_slots",
        "create_slot",
        "list_webhooks",
        "create_webhook",
        "update_webhook",
        "get_subscription",
    ])
    .await;
}

#[tokio::test]
async fn a_deletion_with_a_mutated_reply_is_still_done() {
    walk(&[
        "delete_space",
        "delete_post",
        "disconnect_account",
        "delete_media",
        "delete_slot",
        "delete_webhook",
    ])
    .await;
}

#[test]
fn the_mutations_leave_out_no_tool() {
    // The four walks above, counted: a tool that is added to the scenes must be walked too.
    assert_eq!(scenes().len(), 3 + 3 + 14 + 6);
}
