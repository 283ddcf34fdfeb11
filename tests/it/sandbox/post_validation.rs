//! Validation of posts in the sandbox, in both create forms.

use rstest::rstest;
use saki_mcp::sandbox::{CreateForms, MediaTypes};
use serde_json::{Value, json};

use crate::support::sandbox_client::{POSTS, TestClient, create_body, field_errors};

#[tokio::test]
async fn each_form_can_be_switched_off_and_names_its_missing_fields() {
    let overview =
        json!({"content": "Hello", "account_ids": [11], "scheduled_at": "2099-04-10T14:00:00Z"});
    let reference = create_body(&[11], None, "Hello");
    let accepting = |forms| TestClient::with(move |options| options.create_forms = forms);
    let client = accepting(CreateForms::ReferenceOnly).await;
    assert_eq!(client.post(POSTS, reference.clone()).await.0, 201);
    let (status, body) = client.post(POSTS, overview.clone()).await;
    assert_eq!(status, 422);
    assert_eq!(
        field_errors(&body),
        [
            ("space_id", "The space id field is required."),
            ("items", "The items field is required."),
        ]
    );
    let client = accepting(CreateForms::OverviewOnly).await;
    assert_eq!(client.post(POSTS, overview).await.0, 201);
    let (status, body) = client.post(POSTS, reference).await;
    assert_eq!(status, 422);
    assert_eq!(
        field_errors(&body),
        [
            ("content", "The content field is required."),
            ("account_ids", "The account ids field is required."),
        ]
    );
}

#[rstest]
#[case::nothing(json!({}), &["space_id", "items"])]
#[case::another_space(json!({"space_id": 2}), &["space_id"])]
#[case::no_items(json!({"items": []}), &["items"])]
#[case::time_as_text(json!({"at": "2099-01-01"}), &["at"])]
#[case::draft_as_word(json!({"is_draft": "no"}), &["is_draft"])]
#[case::empty_text(json!({"items": [{"account_id": 11, "main": {"content": "  "}}]}), &["items.0.main.content"])]
#[case::no_main(json!({"items": [{"account_id": 11}]}), &["items.0.main.content"])]
#[case::empty_child(json!({"items": [{"account_id": 11, "main": {"content": "x"}, "children": [{}]}]}), &["items.0.children.0.content"])]
#[case::account_of_another_space(json!({"items": [{"account_id": 21, "main": {"content": "x"}}]}), &["items.0.account_id"])]
#[case::no_account(json!({"items": [{"main": {"content": "x"}}]}), &["items.0.account_id"])]
#[case::inactive_account(json!({"items": [{"account_id": 16, "main": {"content": "x"}}]}), &["items.0.account_id"])]
#[case::twice_the_account(json!({"items": [{"account_id": 11, "main": {"content": "x"}}, {"account_id": 11, "main": {"content": "x"}}]}), &["items.1.account_id"])]
#[case::another_network(json!({"items": [{"account_id": 11, "social": "x", "main": {"content": "x"}}]}), &["items.0.social"])]
#[case::unknown_media(json!({"items": [{"account_id": 11, "main": {"media": [{"id": 999, "type": "image"}]}}]}), &["items.0.main.media.0.id"])]
#[case::media_without_type(json!({"items": [{"account_id": 11, "main": {"media": [{"id": 501}]}}]}), &["items.0.main.media.0.type"])]
#[case::media_of_no_type(json!({"items": [{"account_id": 11, "main": {"media": [{"id": 501, "type": "photo"}]}}]}), &["items.0.main.media.0.type"])]
#[case::link(json!({"items": [{"account_id": 11, "main": {"content": "x"}, "metadata": {"link": "not a link"}}]}), &["items.0.metadata.link"])]
#[tokio::test]
async fn an_invalid_create_call_is_refused_under_the_dotted_key(
    #[case] other: Value,
    #[case] fields: &[&str],
) {
    let client = TestClient::seeded().await;
    let mut body = create_body(&[11], None, "Hello");
    let before = client.sandbox().state(|state| state.posts.len());
    match other.as_object().unwrap() {
        empty if empty.is_empty() => body = other,
        fields => body.as_object_mut().unwrap().extend(fields.clone()),
    }
    let (status, reply) = client.post(POSTS, body).await;
    assert_eq!(status, 422, "{reply}");
    let refused: Vec<&str> = field_errors(&reply)
        .into_iter()
        .map(|(field, _)| field)
        .collect();
    assert_eq!(refused, fields);
    assert_eq!(client.sandbox().state(|state| state.posts.len()), before);
}

#[tokio::test]
async fn a_valid_create_call_with_loose_types_is_accepted() {
    let client = TestClient::seeded().await;
    let body = json!({"space_id": "1", "at": null, "is_draft": "1", "items": [
        {"account_id": "11", "social": "twitter", "main": {"content": null, "media": [{"id": 501, "type": "image"}]},
         "children": [{"content": "two"}], "metadata": {"link": "https://a.example", "allow_comments": true}},
        {"account_id": 12, "main": {"content": "x"}, "metadata": []},
    ]});
    let (status, reply) = client.post(POSTS, body).await;
    assert_eq!(status, 201, "{reply}");
    assert_eq!(reply["data"][0]["media"][0]["id"], 501);
    assert_eq!(
        (&reply["data"][0]["content"], &reply["data"][1]["metadata"]),
        (&json!(""), &json!([]))
    );
}

#[tokio::test]
async fn the_media_type_must_match_the_upload_by_option() {
    let media_types = MediaTypes {
        must_match: true,
        ..Default::default()
    };
    let client = TestClient::with(|options| options.media_types = media_types).await;
    let with = |kind: &str| {
        let mut body = create_body(&[11], None, "x");
        body["items"][0]["main"]["media"] = json!([{"id": 501, "type": kind}]);
        body
    };
    assert_eq!(client.post(POSTS, with("video")).await.0, 422);
    assert_eq!(client.post(POSTS, with("image")).await.0, 201);
}

#[rstest]
#[case(json!({"content": null}), "content")]
#[case(json!({"content": ""}), "content")]
#[case(json!({"status": 5}), "status")]
#[case(json!({"status": "published"}), "status")]
#[case(json!({"scheduled_at": "whenever"}), "scheduled_at")]
#[case(json!({"media_ids": [999]}), "media_ids.0")]
#[case(json!({"media_ids": 501}), "media_ids")]
#[case(json!({"metadata": "title"}), "metadata")]
#[tokio::test]
async fn an_invalid_post_update_is_refused(#[case] body: Value, #[case] field: &str) {
    let client = TestClient::seeded().await;
    let (status, reply) = client.put(&format!("{POSTS}/101"), body).await;
    assert_eq!((status.as_u16(), field_errors(&reply)[0].0), (422, field));
}
