//! Fields that Saki refuses, told by the names that the agent knows.

use http::Method;
use saki_mcp::sandbox::Fault;
use serde_json::{Value, json};

use crate::support::faults::{refuses, status};
use crate::support::post_arguments::cluster_change;
use crate::support::sandbox_state::{bodies, posts};
use crate::support::server_under_test::{Answer, World};

fn asked() -> Value {
    json!({"space_id": 1, "account_ids": [11, 12], "content": "To all", "scheduled_at": "2027-05-01T09:00",
        "thread": [{"content": "Part two"}], "media": [501],
        "per_account": [{"account_id": 12, "content": "To one", "metadata": {"title": "T"}}]})
}

/// What is said about a create call of which Saki refuses one field.
async fn refused(field: &str) -> Answer {
    let world = World::new().await;
    let before = posts(&world);
    let fault = refuses(&[field]).on(&Method::POST, "/spaces/{space_id}/posts");
    // A kind of media that is refused is sent once more with the other one.
    world.sandbox().fault(fault.times(3));
    let answer = world.call("create_post", asked()).await;
    assert!(answer.failed, "{field}: {}", answer.json);
    assert_eq!(posts(&world), before);
    answer
}

#[tokio::test]
async fn a_refused_field_has_the_agents_name_its_account_and_its_value() {
    let first = "account 11 @acmecoffee (twitter/X)";
    let second = "account 12 @acme.coffee (instagram)";
    for (field, name, said) in [
        (
            "items.0.main.content",
            "content",
            format!("`content` of {first}, given \"To all\": "),
        ),
        (
            "items.1.main.content",
            "per_account.0.content",
            format!("`per_account.0.content` of {second}, given \"To one\": "),
        ),
        (
            "items.0.children.0.content",
            "thread.0.content",
            format!("`thread.0.content` of {first}, given \"Part two\": "),
        ),
        (
            "items.1.children.0.content",
            "thread.0.content",
            format!("`thread.0.content` of {second}, given \"Part two\": "),
        ),
        (
            "items.0.main.media.0.id",
            "media.0.media_id",
            format!("`media.0.media_id` of {first}, given 501: "),
        ),
        (
            "items.0.main.media.0.type",
            "media.0.media_id",
            format!("`media.0.media_id` of {first}, given 501: "),
        ),
        (
            "items.0.metadata.title",
            "metadata.title",
            format!("`metadata.title` of {first}: "),
        ),
        (
            "items.1.metadata.title",
            "per_account.0.metadata.title",
            format!("`per_account.0.metadata.title` of {second}, given \"T\": "),
        ),
        (
            "items.1.account_id",
            "account_ids",
            format!("`account_ids`, {second}: "),
        ),
        (
            "account_ids.1",
            "account_ids",
            format!("`account_ids`, {second}: "),
        ),
        (
            "at",
            "scheduled_at",
            "`scheduled_at`, given \"2027-05-01T07:00:00Z\": ".to_owned(),
        ),
        (
            "is_draft",
            "publish",
            "`publish`, given \"schedule\": ".to_owned(),
        ),
        (
            "items.0.colour",
            "items.0.colour",
            "`items.0.colour`: ".to_owned(),
        ),
        ("items.7.main.content", "content", "`content`: ".to_owned()),
    ] {
        let answer = refused(field).await;
        let words = format!("The {field} field is off.");
        assert!(
            answer.text.contains(&format!("- {said}{words}\n")),
            "{field}: {}",
            answer.text
        );
        let errors = &answer.meta["errors"];
        assert_eq!(errors, &json!({name: [words]}), "{field}");
    }
}

#[tokio::test]
async fn equal_errors_of_several_accounts_are_merged_and_others_are_not() {
    let world = World::new().await;
    let refuse = |fields: &[&str]| {
        world
            .sandbox()
            .fault(refuses(fields).on(&Method::POST, "/spaces/{space_id}/posts"));
    };
    let mut post = asked();
    post["per_account"] = json!([]);
    refuse(&["items.0.main.content", "items.1.main.content"]);
    let said = world.refused("create_post", post.clone()).await;
    let both = "- `content` of the accounts 11 @acmecoffee (twitter/X) and 12 @acme.coffee (instagram), given \"To all\": ";
    assert!(said.contains(both), "{said}");
    assert_eq!(said.matches("\n- ").count(), 1, "{said}");
    refuse(&["items.0.main.content", "items.1.account_id"]);
    let said = world.refused("create_post", post).await;
    assert_eq!(said.matches("\n- ").count(), 2, "{said}");
}

#[tokio::test]
async fn a_long_text_is_reported_by_length_in_sakis_own_language() {
    let world = World::new().await;
    let body =
        json!({"message": "Nein.", "errors": {"items.0.main.content": ["Höchstens 280 Zeichen."]}});
    world
        .sandbox()
        .fault(Fault::new(status(422, body)).on(&Method::POST, "/spaces/{space_id}/posts"));
    let mut post = asked();
    post["content"] = json!("ü".repeat(312));
    let said = world.refused("create_post", post).await;
    assert!(
        said.contains(", 312 characters: Höchstens 280 Zeichen."),
        "{said}"
    );
    assert!(!said.contains("üüü"), "{said}");
}

#[tokio::test]
async fn a_refused_cluster_uses_the_same_names() {
    let world = World::new().await;
    let list = world
        .ok(
            "list_posts",
            json!({"space_id": 1, "detail": "full", "account_id": 11}),
        )
        .await;
    let cluster_id = &list["data"][0]["cluster_id"];
    world
        .sandbox()
        .fault(refuses(&["items.0.main.content", "at"]).on(&Method::PUT, "/clusters"));
    let change = cluster_change(cluster_id)
        .with(json!({"content": "Again"}))
        .at("2027-05-01T09:00");
    let answer = world.call("update_cluster", change).await;
    assert!(
        answer
            .text
            .contains("- `content` of account 11 @acmecoffee (twitter/X), given \"Again\": "),
        "{}",
        answer.text
    );
    let names: Vec<&String> = answer.meta["errors"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["content", "scheduled_at"]);
}

#[tokio::test]
async fn parameters_equal_to_sakis_fields_keep_their_names_and_values() {
    let world = World::new().await;
    let fields = ["content", "media_ids.1", "metadata"];
    world
        .sandbox()
        .fault(refuses(&fields).on(&Method::PUT, "/posts"));
    let id = posts(&world)[0]["id"].clone();
    let change = json!({"space_id": 1, "post_id": id, "content": "", "media_ids": [501, 502], "metadata": {"title": "x"}});
    let answer = world.call("update_post", change).await;
    for line in [
        "- `content`, given empty: The content field is off.",
        "- `media_ids.1`, given 502: The media_ids.1 field is off.",
        "- `metadata`: The metadata field is off.",
    ] {
        assert!(answer.text.contains(line), "{}", answer.text);
    }
    let names: Vec<&String> = answer.meta["errors"].as_object().unwrap().keys().collect();
    assert_eq!(names, fields.iter().collect::<Vec<_>>());
    assert_eq!(bodies(&world).len(), 1);
}

#[tokio::test]
async fn a_refused_account_or_file_leads_to_the_listing_tool() {
    for (field, next) in [
        (
            "items.0.account_id",
            Some("list_accounts with `space_id: 1`"),
        ),
        ("items.0.main.media.0.id", Some("upload_media")),
        (
            "items.0.metadata.board_id",
            Some("list_boards with `space_id: 1` and `account_id: 11`"),
        ),
        ("items.0.main.content", None),
    ] {
        let said = refused(field).await.text;
        for tool in ["list_accounts", "upload_media", "list_boards"] {
            let wanted = next.is_some_and(|next| next.starts_with(tool));
            assert_eq!(said.contains(tool), wanted, "{field}: {said}");
        }
        assert!(
            next.is_none_or(|next| said.contains(next)),
            "{field}: {said}"
        );
    }
}

#[tokio::test]
async fn a_refused_url_is_shown_without_user_and_password() {
    let world = World::new().await;
    for url in [
        "https://me:S3CRET@example.com/a",
        "https:/me:S3CRET@example.com/a",
    ] {
        let fault = refuses(&["url"]).on(&Method::POST, "/spaces/{space_id}/webhooks");
        world.sandbox().fault(fault);
        let call = json!({"space_id": 1, "url": url, "events": ["post.published"]});
        let said = world.refused("create_webhook", call).await;
        assert!(said.contains("example.com/a"), "{said}");
        assert!(!said.contains("S3CRET"), "{said}");
    }
}
