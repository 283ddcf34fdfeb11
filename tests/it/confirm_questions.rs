//! The question as a person reads it, for each kind of action.

use insta::assert_snapshot;
use saki_mcp::tools::Confirm;
use serde_json::{Value, json};

use crate::calls::CLUSTER;
use crate::elsewhere::call;
use crate::person::{Era, Person, world};

/// What a person reads before a call, which is the same in both eras.
async fn asked(tool: &str, arguments: Value) -> String {
    let mut texts = Vec::new();
    for era in [Era::Older, Era::Modern] {
        let world = world(Confirm::Auto).await;
        let person = Person::default();
        let client = person.at(world.handler.clone(), era).await;
        call(&client, tool, arguments.clone()).await;
        texts.extend(person.asked());
    }
    assert_eq!(texts.len(), 2, "{texts:#?}");
    assert_eq!(texts[0], texts[1]);
    texts.remove(0)
}

#[tokio::test]
async fn publishing_shows_accounts_texts_and_media() {
    let post = json!({"space_id": 1, "account_ids": ["@acmecoffee", "instagram"], "publish": "now",
        "content": "Open until ten tonight.\nCome by!", "media": [{"media_id": 501}], "thread": [{"content": "Cake, too."}]});
    assert_snapshot!("question_publish", asked("create_post", post).await);
    let texts = json!({"space_id": 1, "account_ids": [11, 12], "publish": "now", "content": "Open until ten tonight.",
        "per_account": [{"account_id": 12, "content": "Open late. ☕", "media": [{"media_id": 501}]}]});
    assert_snapshot!(
        "question_publish_each_its_own",
        asked("create_post", texts).await
    );
}

#[tokio::test]
async fn an_edit_that_publishes_shows_the_text_as_it_is_then() {
    let edit = json!({"space_id": 1, "post_id": 112, "status": 2, "content": "Pour-over class on Saturday."});
    assert_snapshot!(
        "question_edit_that_publishes",
        asked("update_post", edit).await
    );
}

#[tokio::test]
async fn a_cluster_shows_the_accounts_that_lose_their_post_and_when_the_others_go_out() {
    let cluster = json!({"space_id": 1, "cluster_id": CLUSTER, "account_ids": [11]});
    assert_snapshot!(
        "question_cluster_that_loses_accounts",
        asked("update_cluster", cluster).await
    );
}

#[tokio::test]
async fn a_deletion_shows_what_goes() {
    let post = json!({"space_id": 1, "post_id": 104});
    assert_snapshot!(
        "question_delete_published_post",
        asked("delete_post", post).await
    );
    let space = json!({"space_id": 2});
    assert_snapshot!("question_delete_space", asked("delete_space", space).await);
    let account = json!({"space_id": 1, "account_id": "linkedin"});
    assert_snapshot!(
        "question_disconnect_account",
        asked("disconnect_account", account).await
    );
}
