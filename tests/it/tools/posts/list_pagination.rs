//! `list_posts` over several spaces and many pages: whose posts, how far it looked, and each post once.

use std::collections::BTreeSet;

use http::Method;
use saki_mcp::sandbox::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::support::server_under_test::{TRIES, World};
use crate::tools::posts::list::{count, large};

const POSTS: &str = "/spaces/{space_id}/posts";

fn rows(list: &Value) -> &Vec<Value> {
    list["data"].as_array().unwrap()
}

async fn seen(world: &World, mut asked: Value) -> BTreeSet<u64> {
    let (mut ids, mut page) = (BTreeSet::new(), json!(1));
    while !page.is_null() {
        asked["page"] = page;
        let list = world.ok("list_posts", asked.clone()).await;
        for row in rows(&list) {
            assert!(ids.insert(row["id"].as_u64().unwrap()), "{row} twice");
        }
        page = list["meta"]["next_page"].clone();
    }
    ids
}

#[tokio::test]
async fn the_posts_of_all_spaces_are_counted_and_each_row_names_its_space() {
    let world = large().await;
    let list = world.ok("list_posts", json!({})).await;
    let all = count(world.sandbox(), |_| true);
    assert!(all > 300, "{all}");
    assert_eq!(list["meta"]["count"], json!(all));
    assert_eq!(list["meta"]["complete"], true);
    assert_eq!(seen(&world, json!({})).await.len(), all);
    let homes = world.sandbox().state(|state| {
        let home = |post: &saki_mcp::sandbox::StoredPost| {
            let space = state.spaces.get(post.space_id).unwrap();
            (post.id, (space.id, space.name.clone()))
        };
        state
            .posts
            .values()
            .map(home)
            .collect::<std::collections::BTreeMap<_, _>>()
    });
    for row in rows(&list) {
        let (id, name) = &homes[&row["id"].as_u64().unwrap()];
        assert_eq!(
            (&row["space_id"], &row["space"]),
            (&json!(id), &json!(name))
        );
    }
    let one = world
        .ok("list_posts", json!({"space_id": 1, "from": "2027-04-01"}))
        .await;
    assert!(rows(&one).iter().all(|row| row.get("space").is_none()));
}

#[tokio::test]
async fn a_search_finds_a_word_in_the_later_parts_of_a_thread() {
    let world = World::new().await;
    let found = world
        .ok("list_posts", json!({"search": "first CRACK"}))
        .await;
    assert_eq!(found["meta"]["count"], 1);
    assert_eq!(rows(&found)[0]["thread"], 2);
    assert!(
        rows(&found)[0]["content"]
            .as_str()
            .unwrap()
            .starts_with("How we roast")
    );
    // Words of two posts are in none of them.
    let none = world
        .ok("list_posts", json!({"search": "crack poster"}))
        .await;
    assert_eq!(
        (&none["meta"]["count"], &none["data"]),
        (&json!(0), &json!([]))
    );
}

#[tokio::test]
async fn a_rate_limited_walk_says_how_far_it_got() {
    let world = large().await;
    let asked = json!({"space_id": 3, "search": "week"});
    let whole = world.ok("list_posts", asked.clone()).await;
    assert_eq!(whole["meta"]["complete"], true);
    assert_eq!(whole["meta"].get("looked"), None);
    let slow = |skip| Fault {
        skip,
        ..Fault::status(429)
            .header("Retry-After", "30")
            .on(&Method::GET, POSTS)
            .times(50)
    };
    world.sandbox().fault(slow(3));
    let part = world.ok("list_posts", asked.clone()).await;
    assert_eq!(part["meta"]["complete"], false);
    let looked = part["meta"]["looked"].as_str().unwrap();
    let total = count(world.sandbox(), |post| post.space_id == 3);
    // The pages are asked for a few at a time, so how many came through may differ.
    let said = |posts| {
        format!("looked at {posts} of {total} posts, then stopped: Saki asked to slow down")
    };
    assert!(
        [15, 30, 45]
            .into_iter()
            .any(|posts| looked.starts_with(&said(posts))),
        "{looked}"
    );
    assert!(part["meta"]["count"].as_u64() < whole["meta"]["count"].as_u64());
    assert_eq!(large().await.ok("list_posts", asked).await, whole);
}

#[tokio::test]
async fn a_rate_limited_walk_names_the_space_it_did_not_reach() {
    let world = World::new().await;
    let asked = json!({"search": "the"});
    // The first space has two pages; the second space gets none.
    let slow = Fault::status(429)
        .on(&Method::GET, "/spaces/2/posts")
        .times(9);
    world.sandbox().fault(slow);
    let part = world.ok("list_posts", asked.clone()).await;
    assert_eq!(part["meta"]["complete"], false);
    let looked = part["meta"]["looked"].as_str().unwrap();
    assert!(
        looked.starts_with("2 \"Studio North\": looked at 0 posts"),
        "{looked}"
    );
    assert!(!rows(&part).is_empty());
    // Where nothing was seen at all, that is no answer.
    world.sandbox().fault(
        Fault::status(429)
            .on(&Method::GET, "/spaces/1/posts")
            .times(TRIES),
    );
    let said = world.refused("list_posts", asked).await;
    assert!(said.contains("429"), "{said}");
}

#[tokio::test]
async fn a_saki_that_ignores_the_page_has_each_post_once() {
    let world = World::new().await;
    let body = json!({"data": [{"id": 1, "content": "A"}, {"id": 2, "content": "A"}],
        "meta": {"current_page": 1, "last_page": 4, "per_page": 2, "total": 8}});
    let same = Fault::new(FaultKind::Json { body })
        .on(&Method::GET, POSTS)
        .times(9);
    world.sandbox().fault(same);
    let list = world
        .ok("list_posts", json!({"space_id": 1, "search": "a"}))
        .await;
    assert_eq!(list["meta"]["count"], 2);
    assert_eq!(
        list["meta"]["complete"], false,
        "six posts are missing: {list}"
    );
}

#[tokio::test]
async fn a_failed_post_without_a_reason_in_the_list_leads_to_get_post() {
    let world = World::new().await;
    let body = json!({"data": [{"id": 1, "content": "A", "status": 4, "account_id": 11, "metadata": null}]});
    let list = Fault::new(FaultKind::Json { body }).on(&Method::GET, POSTS);
    world.sandbox().fault(list);
    let list = world.ok("list_posts", json!({"space_id": 1})).await;
    let row = &rows(&list)[0];
    assert_eq!(row["state"], "failed");
    assert!(
        row["failure"].as_str().unwrap().contains("get_post"),
        "{row}"
    );
}

#[tokio::test]
async fn a_network_means_all_its_accounts_under_any_of_its_names() {
    let world = World::new().await;
    let on = async |word: &str| seen(&world, json!({"account_id": word})).await;
    let held = |networks: &'static [&str]| {
        world.sandbox().state(|state| {
            let on = |post: &&saki_mcp::sandbox::StoredPost| {
                post.parent_id.is_none()
                    && networks
                        .contains(&state.accounts.get(post.account_id).unwrap().social.as_str())
            };
            state
                .posts
                .values()
                .filter(on)
                .map(|post| post.id)
                .collect::<BTreeSet<_>>()
        })
    };
    assert_eq!(on("Instagram").await, held(&["instagram"]));
    // The second space gets a second account there: still nobody is left out.
    world.sandbox().edit(|state| {
        let bluesky = state.accounts.get_mut(25).unwrap();
        bluesky.social = "instagram".to_owned();
    });
    world
        .ok(
            "update_space",
            json!({"space_id": 2, "name": "Studio North"}),
        )
        .await;
    assert_eq!(on("insta").await, held(&["instagram"]));
    // A Saki that has renamed the network.
    world
        .sandbox()
        .edit(|state| state.accounts.get_mut(11).unwrap().social = "x".to_owned());
    world
        .ok(
            "update_space",
            json!({"space_id": 2, "name": "Studio North"}),
        )
        .await;
    for word in ["X", "twitter"] {
        assert_eq!(on(word).await, held(&["x", "twitter"]), "{word}");
    }
}

#[tokio::test]
async fn an_ambiguous_name_is_refused_with_candidates_and_a_unique_one_taken() {
    let world = World::new().await;
    let said = world
        .refused("list_posts", json!({"account_id": "studionorth"}))
        .await;
    for candidate in [
        "21 @studionorth (instagram) in 2 \"Studio North\"",
        "23 @studionorth (threads)",
    ] {
        assert!(said.contains(candidate), "{said}");
    }
    world
        .sandbox()
        .edit(|state| state.accounts.get_mut(14).unwrap().display_name = "studionorth".to_owned());
    world
        .ok(
            "update_space",
            json!({"space_id": 2, "name": "Studio North"}),
        )
        .await;
    let said = world
        .refused("list_posts", json!({"account_id": "studionorth"}))
        .await;
    assert!(
        said.contains("14 @acme-coffee (linkedin) in 1 \"Acme Coffee\""),
        "{said}"
    );
    let said = world
        .refused("list_posts", json!({"account_id": "@nobody"}))
        .await;
    assert!(
        said.contains("11 @acmecoffee") && said.contains("25 @studionorth.example"),
        "{said}"
    );
    let taken = world
        .ok("list_posts", json!({"account_id": "@studio-north"}))
        .await;
    assert!(
        rows(&taken)
            .iter()
            .all(|row| row["account"] == "22 @studio-north (linkedin)")
    );
    assert!(!rows(&taken).is_empty());
}

#[tokio::test]
async fn each_post_has_one_state_and_the_states_cover_all_posts() {
    let world = large().await;
    let mut together = BTreeSet::new();
    for state in [
        "draft",
        "scheduled",
        "overdue",
        "unscheduled",
        "published",
        "failed",
    ] {
        let ids = seen(&world, json!({"status": state})).await;
        assert!(together.is_disjoint(&ids), "{state}");
        together.extend(ids);
    }
    assert_eq!(together.len(), count(world.sandbox(), |_| true));
}
