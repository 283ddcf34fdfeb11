//! Accounts named by our own labels, by handles with odd letters, and by the addresses of their profiles.

use rstest::rstest;
use serde_json::json;

use crate::support::sandbox_state::bodies;
use crate::support::server_under_test::World;

#[rstest]
#[case("11 @acmecoffee (twitter/X)", 11)]
#[case("acmecoffee (twitter/X)", 11)]
#[case("11 @acmecoffee (twitter/X) in 1 \"Acme Coffee\"", 11)]
#[case("https://x.com/acmecoffee", 11)]
#[case("https://www.instagram.com/acme.coffee/?hl=de", 12)]
#[case("facebook.com/acmecoffeeberlin", 13)]
#[case("https://www.linkedin.com/company/acme-coffee/", 14)]
#[case("https://www.pinterest.com/acmebrews/", 15)]
#[case("acme\u{2011}coffee", 14)]
#[case("acme\u{2013}coffee", 14)]
#[case("\u{ff20}acmecoffee", 11)]
#[case("acme\u{ad}coffee", 11)]
#[case("account 11", 11)]
#[case("#12", 12)]
#[case("14 — @acme-coffee", 14)]
#[case("twitter/X", 11)]
#[case("@acmecoffee on X", 11)]
#[case("LinkedIn: acme-coffee", 14)]
#[case("\"11 @acmecoffee (twitter/X)\"", 11)]
#[case("[@acmecoffee](https://x.com/acmecoffee)", 11)]
#[case("https://www.linkedin.com/company/acme-coffee/posts/?feedView=all", 14)]
#[case("https://www.pinterest.at/acmebrews/", 15)]
#[case(
    "11 @acmecoffee (twitter/X), next Mon 12 Apr 09:00, failed Thu 8 Apr 18:00: \"X (403)\"",
    11
)]
#[case("- 12 @acme.coffee (instagram)", 12)]
#[case("[11] acmecoffee", 11)]
#[case("11 (@acmecoffee, twitter/X)", 11)]
#[case("@acmecoffee (formerly Twitter)", 11)]
#[case("X (Twitter)", 11)]
#[case("@acme-coffee, linkedin", 14)]
#[case("account_id: 12", 12)]
#[tokio::test]
async fn a_label_or_an_address_names_an_account(#[case] given: &str, #[case] id: u64) {
    let world = World::new().await;
    let post = json!({
        "space_id": 1, "account_ids": [given], "publish": "draft", "content": "A",
        "per_account": [{"account_id": given, "content": "B"}],
    });
    let answer = world.call("create_post", post).await;
    assert!(!answer.failed, "{}", answer.text);
    let item = &bodies(&world)[0]["items"][0];
    assert_eq!(
        (&item["account_id"], &item["main"]["content"]),
        (&json!(id), &json!("B"))
    );
    let said = answer.meta["understood"][0].as_str().unwrap();
    assert!(
        said.starts_with("`account_ids`: ") && said.contains(&format!(" as {id} ")),
        "{said}"
    );
    for arguments in [
        json!({"space_id": 1, "account_id": given}),
        json!({"account_id": given}),
    ] {
        let listed = world.ok("list_posts", arguments).await;
        for post in listed["data"].as_array().unwrap() {
            assert!(
                post["account"]
                    .as_str()
                    .unwrap()
                    .starts_with(&format!("{id} ")),
                "{post}"
            );
        }
    }
}

#[tokio::test]
async fn an_address_tells_two_accounts_of_one_handle_apart() {
    let world = World::new().await;
    for (space, address, id, is_active) in [
        (
            1,
            "https://www.tiktok.com/@acmecoffee.tok?lang=en",
            16,
            true,
        ),
        (2, "https://instagram.com/studionorth", 21, false),
        (2, "https://www.threads.net/@studionorth", 23, false),
        (2, "https://www.youtube.com/@studionorthfilms", 24, false),
        (2, "https://bsky.app/profile/studionorth.example", 25, false),
        (2, "@studionorth (threads)", 23, true),
    ] {
        let change = json!({"space_id": space, "account_id": address, "is_active": is_active});
        let changed = world.call("set_account_active", change).await;
        assert!(!changed.failed, "{address}: {}", changed.text);
        let path = world.writes().pop().unwrap().path;
        assert_eq!(
            path,
            format!("/spaces/{space}/accounts/{id}/activate"),
            "{address}"
        );
    }
}

#[tokio::test]
async fn a_label_of_two_accounts_is_refused() {
    let world = World::new().await;
    for (given, why) in [
        (
            "11 @acme.coffee (instagram)",
            "its id is of 11 @acmecoffee (twitter/X), and the rest of 12 @acme.coffee (instagram)",
        ),
        (
            "12 @acmecoffee (twitter/X)",
            "its id is of 12 @acme.coffee (instagram), and the rest of 11",
        ),
        ("11 @acmecoffee (instagram)", "the rest of no account here"),
        (
            "11 (@acme.coffee, instagram)",
            "its id is of 11 @acmecoffee (twitter/X), and the rest of 12",
        ),
        (
            "11 @acmecoffee (twitter/X), 12 @acme.coffee (instagram)",
            "the rest of no account here",
        ),
        (
            "99 @acmecoffee (twitter/X)",
            "is no id, handle, name or network",
        ),
        (
            "https://x.com/acme-coffee",
            "is no id, handle, name or network",
        ),
        (
            "https://x.com/acmecoffee/status/5",
            "is no id, handle, name or network",
        ),
    ] {
        let post =
            json!({"space_id": 1, "account_ids": [given], "publish": "draft", "content": "A"});
        let said = world.refused("create_post", post).await;
        assert!(said.contains(why), "{given}: {said}");
        world
            .refused("list_posts", json!({"account_id": given}))
            .await;
    }
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn a_list_of_labels_in_one_text_is_a_list() {
    let world = World::new().await;
    let post = json!({
        "space_id": 1, "publish": "draft", "content": "A",
        "account_ids": "11 @acmecoffee (twitter/X), 12 @acme.coffee (instagram), https://x.com/acmecoffee",
    });
    let said = world.refused("create_post", post.clone()).await;
    assert!(
        said.contains("11 @acmecoffee (twitter/X) is named twice"),
        "{said}"
    );
}
