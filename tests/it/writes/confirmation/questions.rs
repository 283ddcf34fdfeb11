//! The question as a person reads it, for each kind of action.

use insta::assert_snapshot;
use rstest::rstest;
use saki_mcp::sandbox::{Database, Fault, PostStatus};
use saki_mcp::tools::Confirm;
use serde_json::{Value, json};

use crate::support::elicitation_client::{Era, Person, world};
use crate::support::example_calls::CLUSTER;
use crate::support::post_arguments::cluster_change;
use crate::support::unresponsive_saki::call;

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
async fn a_cluster_shows_removed_accounts_and_when_the_others_go_out() {
    let cluster = cluster_change(CLUSTER).undecided();
    assert_snapshot!(
        "question_cluster_that_loses_accounts",
        asked("update_cluster", cluster).await
    );
}

/// The question about something in a world that is not as it was seeded.
async fn asked_where(
    change: impl FnOnce(&mut Database),
    tool: &str,
    arguments: Value,
) -> Option<String> {
    let world = world(Confirm::Auto).await;
    world.sandbox().edit(change);
    let person = Person::default();
    let client = person.at(world.handler.clone(), Era::Older).await;
    call(&client, tool, arguments).await;
    person.asked().pop()
}

#[tokio::test]
async fn a_removed_post_is_shown_with_its_own_text_and_as_public() {
    let cluster = cluster_change(CLUSTER)
        .on([11, 12])
        .with(json!({"content": "Stays"}))
        .draft();
    let publish = |state: &mut Database| {
        let lost = state.posts.get_mut(108).unwrap();
        lost.content = "Is lost".to_owned();
        lost.status = PostStatus::Published;
        lost.published_at = Some("2027-04-08T07:00:00Z".parse().unwrap());
    };
    let question = asked_where(publish, "update_cluster", cluster)
        .await
        .unwrap();
    assert_snapshot!(question, @r#"
    Delete a post that people may see already?
    Take accounts out of a cluster? Their posts go.
    Changes a cluster (keeps acmecoffee (twitter/X) and acme.coffee (instagram), removes acmecoffeeberlin (facebook)) as a draft that stays private.
    Space: "Acme Coffee"
    Keeps its post: acmecoffee (twitter/X), acme.coffee (instagram)
    Without a post afterwards: acmecoffeeberlin (facebook)
    Text: "Stays", with 1 media file
    What acmecoffeeberlin (facebook) loses: "Is lost", with 1 media file. Published: Thu 8 Apr 2027, 09:00 (Europe/Berlin)
    "#);
}

#[tokio::test]
async fn turning_a_public_post_into_a_draft_is_asked_about() {
    let drafts = |state: &Database, id: u64| {
        let cluster = state.posts.get(id).unwrap().cluster_id.clone();
        json!({"space_id": 1, "cluster_id": cluster, "publish": "draft"})
    };
    let seeded = world(Confirm::Auto).await.sandbox().state(Clone::clone);
    for (tool, arguments, is_asked) in [
        ("update_cluster", drafts(&seeded, 104), true),
        ("update_cluster", drafts(&seeded, 112), false),
        (
            "update_post",
            json!({"space_id": 1, "post_id": 104, "status": 0}),
            true,
        ),
        (
            "update_post",
            json!({"space_id": 1, "post_id": 112, "status": 0}),
            false,
        ),
    ] {
        let question = asked_where(|_| {}, tool, arguments).await;
        let begins = "Make a draft of a post that people may see already?";
        assert_eq!(
            question.is_some_and(|question| question.starts_with(begins)),
            is_asked,
            "{tool}"
        );
    }
}

#[tokio::test]
async fn an_edit_due_within_a_minute_is_asked_about_as_immediate() {
    for (at, is_asked) in [
        ("2027-04-09T10:00:30Z", true),
        ("2027-04-09T10:02:00Z", false),
    ] {
        let change = |state: &mut Database| {
            state.posts.get_mut(116).unwrap().scheduled_at = Some(at.parse().unwrap());
        };
        let publishes = json!({"space_id": 1, "post_id": 116, "status": 1});
        let question = asked_where(change, "update_post", publishes).await;
        assert_eq!(question.is_some(), is_asked, "{question:?}");
    }
}

#[tokio::test]
async fn links_and_titles_that_go_public_are_shown() {
    let edit = json!({"space_id": 1, "post_id": 112, "status": 2, "metadata": {"link": "https://shop.example/x", "title": "Win", "board_id": 7}});
    let question = asked_where(|_| {}, "update_post", edit).await.unwrap();
    assert!(
        question.contains("with link \"https://shop.example/x\", title \"Win\""),
        "{question}"
    );
    let post = json!({"space_id": 1, "account_ids": [11, 12], "publish": "now", "content": "x",
        "per_account": [{"account_id": 12, "metadata": {"link": "https://shop.example/y"}}]});
    let question = asked_where(|_| {}, "create_post", post).await.unwrap();
    assert!(
        question.contains("acme.coffee (instagram): \"x\", with link \"https://shop.example/y\""),
        "{question}"
    );
}

#[tokio::test]
async fn no_text_that_is_published_is_left_out_of_a_question() {
    let own: Vec<Value> = [11, 12, 13, 14, 15, 16]
        .map(|id| json!({"account_id": id, "content": format!("Own {id}"), "thread": [{"content": format!("More {id}")}]}))
        .to_vec();
    let post = json!({"space_id": 1, "account_ids": [11, 12, 13, 14, 15, 16], "publish": "now", "per_account": own});
    let question = asked_where(|_| {}, "create_post", post).await.unwrap();
    for id in 11..=16 {
        assert!(
            question.contains(&format!(
                "\"Own {id}\", and 1 more post in its thread: \"More {id}\""
            )),
            "{question}"
        );
    }
}

#[rstest]
#[case::went_out(PostStatus::Published, None, true)]
#[case::is_on_its_way(PostStatus::Publishing, None, true)]
#[case::is_on_its_way_with_a_time(PostStatus::Publishing, Some("2027-04-11T07:00:00Z"), true)]
#[case::waits(PostStatus::Scheduled, Some("2027-04-11T07:00:00Z"), false)]
#[case::has_no_time(PostStatus::Scheduled, None, true)]
#[case::failed(PostStatus::Failed, None, false)]
#[case::draft(PostStatus::Draft, Some("2027-04-11T07:00:00Z"), false)]
#[tokio::test]
async fn a_possibly_public_post_is_asked_about_even_without_a_published_time(
    #[case] status: PostStatus,
    #[case] at: Option<&str>,
    #[case] is_asked: bool,
) {
    let change = |state: &mut Database| {
        let post = state.posts.get_mut(104).unwrap();
        post.status = status;
        post.published_at = None;
        post.scheduled_at = at.map(|at| at.parse().unwrap());
    };
    let deletes = json!({"space_id": 1, "post_id": 104});
    let question = asked_where(change, "delete_post", deletes).await;
    assert_eq!(question.is_some(), is_asked, "{question:?}");
}

#[tokio::test]
async fn a_space_whose_lists_cannot_be_read_is_asked_about_and_says_so() {
    let world = world(Confirm::Auto).await;
    for path in ["/accounts", "/posts"] {
        let fault = Fault::status(403).on(&http::Method::GET, path).times(9);
        world.sandbox().fault(fault);
    }
    let person = Person::default();
    let client = person.at(world.handler.clone(), Era::Older).await;
    call(&client, "delete_space", json!({"space_id": 2})).await;
    let question = person.asked().remove(0);
    let unread = "not known, since Saki does not show them";
    assert_eq!(question.matches(unread).count(), 2, "{question}");
}

#[tokio::test]
async fn a_deletion_shows_what_is_deleted() {
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
