//! Searches find what typography and models write otherwise, and are complete only where every text was shown.

use http::Method;
use rstest::rstest;
use saki_mcp::sandbox::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::support::post_arguments::new_post;
use crate::support::server_under_test::World;

const POST: &str = "It’s pumpkin season – “grab one” …\nOpen 9–17, co\u{ad}working with wi\u{2011}fi at\u{a0}the café";

async fn search(world: &World, search: &str) -> Value {
    let asked = json!({"space_id": 1, "search": search});
    world.ok("list_posts", asked).await
}

#[rstest]
#[case("It's pumpkin")]
#[case("\"grab one\"")]
#[case("9-17")]
#[case("coworking")]
#[case("wi-fi")]
#[case("pumpkin, season")]
#[case("‘pumpkin’ SEASON")]
#[case("„the cafe“")]
#[case("pump\u{200b}kin")]
#[case("«grab one»")]
#[case("'GRAB ONE'")]
#[case("9—17,")]
#[case("co\u{ad}working (wi-fi)")]
#[case("at\u{202f}the CAFE\u{301}")]
#[case("\\\"grab one\\\"")]
#[case("\"grab one\"!")]
#[case("❝grab one❞")]
#[case("pumpkin,season")]
#[case("pumpkin • season")]
#[tokio::test]
async fn typography_hides_no_post(#[case] words: &str) {
    let world = World::new().await;
    world.ok("create_post", new_post(POST).draft()).await;
    let found = search(&world, words).await;
    assert_eq!(found["meta"]["count"], 1, "{found}");
}

#[tokio::test]
async fn words_in_quotes_are_a_phrase() {
    let world = World::new().await;
    world.ok("create_post", new_post(POST).draft()).await;
    for (words, count) in [
        ("\"season grab\"", 1),
        ("\"grab season\"", 0),
        ("grab season", 1),
        ("<br>", 0),
    ] {
        assert_eq!(
            search(&world, words).await["meta"]["count"],
            count,
            "{words}"
        );
    }
}

#[tokio::test]
async fn a_search_over_posts_without_texts_is_not_complete() {
    let world = World::new().await;
    let none = search(&world, "zeppelin").await;
    assert_eq!(none["meta"]["complete"], true);
    assert!(
        none["note"]
            .as_str()
            .unwrap()
            .contains("The search was complete.")
    );
    let body = json!({"data": [{"id": 1, "status": 1, "account_id": 11}], "meta": {"current_page": 1, "last_page": 1}});
    let list = Fault::new(FaultKind::Json { body }).times(9);
    world
        .sandbox()
        .fault(list.on(&Method::GET, "/spaces/{space_id}/posts"));
    let none = search(&world, "zeppelin").await;
    assert_eq!(none["meta"]["complete"], false, "{none}");
    assert!(
        !none["note"].as_str().unwrap().contains("was complete"),
        "{none}"
    );
}
