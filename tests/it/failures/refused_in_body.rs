//! Refusals in the body of a 2xx: each is a failure with Saki's words, never something done.

use http::Method;
use rstest::rstest;
use saki_mcp::sandbox::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::support::example_calls::{PIXEL, slot};
use crate::support::post_arguments::new_post;
use crate::support::server_under_test::{Answer, World};

const WHY: &str = "The plan does not allow it.";

async fn answered(tool: &str, arguments: Value, body: &Value) -> (World, Answer) {
    let world = World::new().await;
    let (method, path) = match tool {
        "delete_post" => (Method::DELETE, "/spaces/{space_id}/posts/{post_id}"),
        "delete_slot" => (Method::DELETE, "/spaces/{space_id}/slots/{slot_id}"),
        "update_space" => (Method::PUT, "/spaces/{space_id}"),
        "set_account_active" => (
            Method::PATCH,
            "/spaces/{space_id}/accounts/{account_id}/activate",
        ),
        "upload_media" => (Method::POST, "/media"),
        "create_slot" => (Method::POST, "/spaces/{space_id}/slots"),
        "list_slots" => (Method::GET, "/spaces/{space_id}/slots"),
        "get_post" => (Method::GET, "/spaces/{space_id}/posts/{post_id}"),
        _ => (Method::POST, "/spaces/{space_id}/posts"),
    };
    let kind = FaultKind::Status {
        status: 200,
        headers: Default::default(),
        body: Some(body.clone()),
        after_write: false,
    };
    world.sandbox().fault(Fault::new(kind).on(&method, path));
    let answer = world.call(tool, arguments).await;
    (world, answer)
}

#[rstest]
#[case::success(json!({"success": false, "error": WHY}))]
#[case::message(json!({"success": false, "message": WHY}))]
#[case::ok(json!({"ok": false, "error": {"message": WHY}}))]
#[case::status(json!({"status": "error", "message": WHY}))]
#[case::failed_data(json!({"data": {"status": "error", "message": WHY}}))]
#[case::errors(json!({"errors": {"plan": [WHY]}}))]
#[case::error(json!({"error": WHY}))]
#[case::status_code(json!({"status_code": 403, "message": WHY}))]
#[case::rows(json!({"data": [{"account_id": 11, "error": WHY}]}))]
#[case::bare_rows(json!([{"account_id": 11, "error": WHY}]))]
#[case::row_flags(json!({"data": [{"account_id": 11, "success": false, "message": WHY}]}))]
#[case::status_flag(json!({"status": false, "message": WHY}))]
#[case::jsend(json!({"status": "fail", "data": {"plan": WHY}}))]
#[case::details(json!({"status": "error", "message": WHY, "details": [{"id": 3, "field": "plan"}]}))]
#[case::error_flag(json!({"error": true, "message": WHY, "data": {}}))]
#[case::two_codes(json!({"code": 0, "status": 500, "message": WHY}))]
#[case::result(json!({"result": "error", "message": WHY}))]
#[case::denied(json!({"status": "Forbidden", "message": WHY}))]
#[case::error_type(json!({"type": "error", "detail": WHY}))]
#[case::is_error(json!({"isError": true, "message": WHY}))]
#[case::error_message(json!({"error_message": WHY}))]
#[case::success_as_text(json!({"success": "false", "message": WHY}))]
#[tokio::test]
async fn a_refusal_in_the_body_is_a_failure_of_every_write(#[case] body: Value) {
    let post = new_post("Hello").at("2027-04-20T07:00:00Z");
    for (tool, arguments) in [
        ("delete_slot", json!({"space_id": 1, "slot_id": 302})),
        ("update_space", json!({"space_id": 1, "name": "Acme"})),
        (
            "set_account_active",
            json!({"space_id": 1, "account_id": 16, "is_active": true}),
        ),
        (
            "upload_media",
            json!({"data": PIXEL, "filename": "dot.png"}),
        ),
        ("create_slot", slot()),
        ("create_post", post),
    ] {
        let (world, answer) = answered(tool, arguments, &body).await;
        assert!(answer.failed, "{tool}: {}", answer.json);
        assert!(answer.text.contains(WHY), "{tool}: {}", answer.text);
        assert_eq!(answer.meta["class"], "rejected", "{tool}: {}", answer.text);
        assert_eq!(world.writes().len(), 1, "{tool}");
    }
}

#[tokio::test]
async fn a_deletion_that_saki_denies_is_not_reported_as_done() {
    let arguments = json!({"space_id": 1, "slot_id": 302});
    let (_, answer) = answered("delete_slot", arguments, &json!({"deleted": false})).await;
    assert!(answer.failed, "{}", answer.json);
    assert_eq!(answer.meta["class"], "rejected");
}

#[rstest]
#[case(json!({"success": false, "error": "You are not allowed to do that"}))]
#[case(json!({"ok": 0, "message": "You are not allowed to do that"}))]
#[case(json!({"status": "fail", "data": {"post": "You are not allowed to do that"}}))]
#[case(json!({"deleted": false, "reason": "You are not allowed to do that"}))]
#[case(json!({"success": false, "id": 112, "error": "You are not allowed to do that"}))]
#[case(json!({"data": {"id": 112, "deleted": false}, "message": "You are not allowed to do that"}))]
#[case(json!({"success": "0", "data": {"id": 112, "status": 1}, "message": "You are not allowed to do that"}))]
#[tokio::test]
async fn a_refused_deletion_has_the_words_of_saki_and_the_post_stays(#[case] body: Value) {
    let arguments = json!({"space_id": 1, "post_id": 112});
    let (world, answer) = answered("delete_post", arguments, &body).await;
    assert!(answer.failed, "{}", answer.json);
    assert!(
        answer.text.contains("You are not allowed to do that"),
        "{}",
        answer.text
    );
    assert_eq!(answer.meta["class"], "rejected");
    assert_eq!(world.writes().len(), 1);
}

#[rstest]
#[case(json!({"success": false, "error": WHY, "data": {"id": 2, "name": "Old"}}))]
#[case(json!({"ok": false, "id": 2, "message": WHY}))]
#[case(json!({"success": 0, "space_id": 2, "errors": {"name": [WHY]}}))]
#[tokio::test]
async fn a_refused_change_that_shows_what_there_was_is_no_change(#[case] body: Value) {
    let arguments = json!({"space_id": 2, "name": "New"});
    let (_, answer) = answered("update_space", arguments, &body).await;
    assert!(answer.failed, "{}", answer.json);
    assert!(answer.text.contains(WHY), "{}", answer.text);
    assert_eq!(answer.meta["class"], "rejected", "{}", answer.text);
}

#[tokio::test]
async fn a_refusal_in_the_body_is_no_result_of_a_read() {
    let body = json!({"success": false, "message": "Session expired"});
    let (_, answer) = answered("list_slots", json!({"space_id": 1}), &body).await;
    assert!(
        answer.failed && answer.text.contains("Session expired"),
        "{}",
        answer.text
    );
}

#[rstest]
#[case::post("get_post", json!({"space_id": 1, "post_id": 106}), json!({"data": {"id": 106, "status": "failed", "error": "x"}}))]
#[case::bare("get_post", json!({"space_id": 1, "post_id": 106}), json!({"id": 106, "status": "error", "error": "x", "errors": ["y"]}))]
#[case::rows("list_slots", json!({"space_id": 1}), json!({"data": [{"id": 301, "error": "x"}], "errors": []}))]
#[case::one_of_two("create_post", new_post("Hello").draft(), json!({"success": false, "data": [{"id": 7, "account_id": 11}]}))]
#[case::ids_and_errors("create_post", new_post("Hello").draft(), json!({"post_ids": [7], "errors": {"12": ["no"]}}))]
#[case::a_warning("create_post", new_post("Hello").draft(), json!({"success": true, "message": "Scheduled", "errors": ["Instagram: cropped"]}))]
#[case::some_of_several("create_post", new_post("Hello").draft(), json!({"posts": [{"id": 200, "account_id": 11}], "errors": [{"account_id": 12}]}))]
#[tokio::test]
async fn a_field_named_error_alone_is_no_refusal(
    #[case] tool: &str,
    #[case] arguments: Value,
    #[case] body: Value,
) {
    let (_, answer) = answered(tool, arguments, &body).await;
    assert!(!answer.failed, "{}", answer.text);
}
