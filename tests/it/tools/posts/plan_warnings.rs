//! What a post meets on its account is said in the dry run, the answer and the question, at the cost of one or two reads.

use http::Method;
use saki_mcp::sandbox::{Database, Fault};
use saki_mcp::tools::Confirm;
use serde_json::{Value, json};

use crate::support::elicitation_client::{Era, Person, world};
use crate::support::post_arguments::{cluster_change, new_post};
use crate::support::sandbox_state::{cluster_of, reads};
use crate::support::server_under_test::World;
use crate::support::unresponsive_saki::call;

const LINKEDIN: &str = "One year of direct trade with the Huye Mountain station: what we pay per kilo, and why we publish it.";

async fn warnings(world: &World, tool: &str, asked: &Value) -> String {
    let mut dry = asked.clone();
    dry["dry_run"] = json!(true);
    let preview = world.ok(tool, dry).await;
    let answer = world.ok(tool, asked.clone()).await;
    assert_eq!(preview["warnings"], answer["warnings"]);
    answer["warnings"].to_string()
}

#[tokio::test]
async fn a_post_close_to_another_the_same_text_and_a_failure_are_warned_about() {
    let world = World::new().await;
    let close = new_post("New").on([14]).at("2027-04-13T09:20");
    let said = warnings(&world, "create_post", &close).await;
    assert!(
        said.contains("its post 113 is 20 minutes earlier"),
        "{said}"
    );
    let same = new_post(LINKEDIN).on([14]).at("2027-05-20T09:00");
    let said = warnings(&world, "create_post", &same).await;
    assert!(
        said.contains("already scheduled there as post 113 for Tue 13 Apr"),
        "{said}"
    );
    assert!(!said.contains("its post "), "{said}");
    let failed = new_post("New").on([11]).at("2027-05-21T09:00");
    let said = warnings(&world, "create_post", &failed).await;
    assert!(
        said.contains("failed:") && said.contains("403 duplicate content"),
        "{said}"
    );
    let fine = new_post("Else").on([14]).at("2027-05-22T09:00");
    assert_eq!(warnings(&world, "create_post", &fine).await, "null");
}

#[tokio::test]
async fn an_edit_is_warned_about_like_a_new_post() {
    let world = World::new().await;
    let close = json!({"space_id": 1, "post_id": 113, "scheduled_at": "2027-04-13T09:30"});
    world
        .ok(
            "create_post",
            new_post("Other").on([14]).at("2027-04-13T09:40"),
        )
        .await;
    let said = warnings(&world, "update_post", &close).await;
    assert!(said.contains("is 10 minutes later"), "{said}");
    let same = json!({"space_id": 1, "post_id": 113, "content": "Other"});
    let said = warnings(&world, "update_post", &same).await;
    assert!(
        said.contains("the same text is already scheduled"),
        "{said}"
    );
    let switch_off = |state: &mut Database| state.accounts.get_mut(14).unwrap().is_active = false;
    let later = World::new().await;
    later.sandbox().edit(switch_off);
    let edit = json!({"space_id": 1, "post_id": 113, "content": "Else", "dry_run": true});
    let said = later.ok("update_post", edit).await["warnings"].to_string();
    assert!(said.contains("is not active"), "{said}");
}

#[tokio::test]
async fn a_cluster_is_warned_about_other_posts_and_not_about_its_own() {
    let world = World::new().await;
    let id = cluster_of(&world, "New on the shelf");
    let moved = cluster_change(&id).on([11, 12, 13]).at("2027-04-10T09:10");
    let said = warnings(&world, "update_cluster", &moved).await;
    assert!(!said.contains("its post "), "{said}");
    let moved = cluster_change(&id).on([11, 12, 13]).at("2027-04-11T10:00");
    let said = warnings(&world, "update_cluster", &moved).await;
    assert!(said.contains("is at the same time"), "{said}");
}

#[tokio::test]
async fn the_question_warns_too() {
    let asking = world(Confirm::Auto).await;
    let person = Person::default();
    let client = person.at(asking.handler.clone(), Era::Older).await;
    call(&client, "create_post", new_post("New").now()).await;
    let question = person.asked().remove(0);
    assert!(
        question.contains("Careful: Account 11 @acmecoffee (twitter/X): its last post"),
        "{question}"
    );
}

#[tokio::test]
async fn a_look_costs_two_reads_at_most_and_its_failure_stops_nothing() {
    let world = World::new().await;
    world.ok("create_post", new_post("A").draft()).await;
    assert_eq!(reads(&world, "/spaces/1/posts"), 0);
    world
        .ok("create_post", new_post("B").at("2027-04-20T09:00"))
        .await;
    assert!(reads(&world, "/spaces/1/posts") <= 2);
    let down = Fault::status(500)
        .times(100)
        .on(&Method::GET, "/spaces/{space_id}/posts");
    world.sandbox().fault(down);
    let answer = world
        .ok("create_post", new_post("C").at("2027-04-21T09:00"))
        .await;
    assert_eq!(answer["outcome"], "done");
}
