//! Replies written down from the API reference, and the endpoint that each tool gets its reply from.

use http::Method;
use serde_json::{Value, json};

use crate::support::example_calls::{CLUSTER, PIXEL};
use crate::support::post_arguments::new_post;

/// A tool, a good call of it, and the reply that it gets.
pub(crate) struct Scene {
    pub(crate) tool: &'static str,
    pub(crate) arguments: Value,
    pub(crate) method: &'static str,
    pub(crate) endpoint: &'static str,
    /// Calls to the same endpoint that look around before.
    pub(crate) skip: u32,
    pub(crate) reply: Value,
    /// Where the reply's `data` stands in the result, as a JSON pointer.
    pub(crate) stands_at: &'static str,
}

fn account() -> Value {
    json!({
        "id": 11, "social": "twitter", "display_name": "Acme Coffee", "handler": "acmecoffee",
        "avatar": "https://media.saki.example/avatars/11.png", "is_active": true,
    })
}

fn media() -> Value {
    json!({
        "id": 501, "type": "image", "url": "https://media.saki.example/501/beans.jpg", "mime": "image/jpeg",
        "width": 1080, "height": "1350", "size": 412_771, "alt": "Beans", "order": 0,
    })
}

/// A post with one more below it, whose relations are not loaded.
fn post() -> Value {
    json!({
        "id": 106, "content": "New on the shelf.", "status": 1, "order": 0,
        "scheduled_at": "2027-04-12T07:00:00.000000Z", "published_at": null,
        "metadata": {"title": "Huye Mountain"}, "imported": false,
        "cluster_id": CLUSTER, "parent_id": null, "user_id": 1, "account_id": 11,
        "created_at": "2027-04-04T10:00:00.000000Z", "updated_at": "2027-04-04T10:00:00.000000Z",
        "analytics": [], "account": account(), "media": [media()],
        "children": [{"id": 119, "content": "How we roast it.", "parent_id": 106, "order": 1}],
    })
}

fn page(rows: Value) -> Value {
    let url = "https://app.usesaki.com/api/spaces/1/posts?page=1";
    json!({
        "data": rows,
        "links": {"first": url, "last": url, "prev": null, "next": null},
        "meta": {
            "current_page": 1, "from": 1, "last_page": 1,
            "links": [{"url": null, "label": "&laquo; Previous", "active": false}],
            "path": "https://app.usesaki.com/api/spaces/1/posts", "per_page": 15, "to": 1, "total": 1,
        },
    })
}

fn webhook() -> Value {
    json!({
        "id": 701, "url": "https://acme-coffee.example/all", "events": ["post.published", "post.failed"],
        "is_active": true, "created_at": "2027-04-04T10:00:00.000000Z", "updated_at": "2027-04-04T10:00:00.000000Z",
    })
}

fn subscription() -> Value {
    json!({
        "plan": "team", "is_gifted": "0",
        "limits": {
            "max_spaces": 5, "max_posts_per_month": null, "has_analytics": true,
            "remaining_spaces": 3, "remaining_posts": null, "posts_this_month": 17,
        },
        "trial": {"on_trial": false, "ends_at": null}, "cancelled": false, "ends_at": null,
    })
}

fn space() -> Value {
    json!({"id": 1, "name": "Acme Coffee", "timezone": "Europe/Berlin", "settings": {"approval": true}})
}

fn slot() -> Value {
    json!({"id": 301, "weekday": "monday", "time": "09:00", "timezone": "Europe/Berlin"})
}

/// Every tool with the reply that its reference prints, or that is likely where it prints none.
pub(crate) fn scenes() -> Vec<Scene> {
    let one = |data: Value| json!({"data": data});
    let list = |row: Value| json!({"data": [row]});
    let scene = |tool, arguments, method, endpoint, reply| Scene {
        tool,
        arguments,
        method,
        endpoint,
        skip: 0,
        reply,
        stands_at: "",
    };
    let rows = |scene: Scene| Scene {
        stands_at: "/data",
        ..scene
    };
    let gone = || json!({"data": {"message": "Deleted."}});
    let text = new_post("A").draft();
    let mut cluster = text.clone();
    cluster["cluster_id"] = json!(CLUSTER);
    vec![
        rows(scene(
            "list_spaces",
            json!({}),
            "GET",
            "/spaces",
            list(space()),
        )),
        scene(
            "get_space",
            json!({"space_id": 1}),
            "GET",
            "/spaces/{space_id}",
            one(space()),
        ),
        scene(
            "create_space",
            json!({"name": "Lab"}),
            "POST",
            "/spaces",
            one(space()),
        ),
        scene(
            "update_space",
            json!({"space_id": 1, "name": "Lab"}),
            "PUT",
            "/spaces/{space_id}",
            one(space()),
        ),
        scene(
            "delete_space",
            json!({"space_id": 1}),
            "DELETE",
            "/spaces/{space_id}",
            gone(),
        ),
        rows(scene(
            "list_posts",
            json!({"space_id": 1, "detail": "full"}),
            "GET",
            "/spaces/{space_id}/posts",
            page(json!([post()])),
        )),
        scene(
            "get_post",
            json!({"space_id": 1, "post_id": 106}),
            "GET",
            "/spaces/{space_id}/posts/{post_id}",
            one(post()),
        ),
        rows(scene(
            "create_post",
            text,
            "POST",
            "/spaces/{space_id}/posts",
            list(post()),
        )),
        scene(
            "update_post",
            json!({"space_id": 1, "post_id": 106, "content": "A"}),
            "PUT",
            "/spaces/{space_id}/posts/{post_id}",
            one(post()),
        ),
        scene(
            "delete_post",
            json!({"space_id": 1, "post_id": 106}),
            "DELETE",
            "/spaces/{space_id}/posts/{post_id}",
            gone(),
        ),
        rows(scene(
            "update_cluster",
            cluster,
            "PUT",
            "/spaces/{space_id}/clusters/{cluster_id}",
            list(post()),
        )),
        rows(scene(
            "list_accounts",
            json!({"space_id": 1}),
            "GET",
            "/spaces/{space_id}/accounts",
            list(account()),
        )),
        // The row is what a second look shows, so the first one shows the account as it stands.
        Scene {
            skip: 2,
            stands_at: "/account",
            ..scene(
                "set_account_active",
                json!({"space_id": 1, "account_id": 11, "is_active": false}),
                "GET",
                "/spaces/{space_id}/accounts",
                list(account()),
            )
        },
        rows(scene(
            "list_boards",
            json!({"space_id": 1, "account_id": 15}),
            "GET",
            "/spaces/{space_id}/accounts/{account_id}/boards",
            list(json!({"id": "brew-guides", "name": "Brew guides"})),
        )),
        scene(
            "disconnect_account",
            json!({"space_id": 1, "account_id": 14}),
            "DELETE",
            "/spaces/{space_id}/accounts/{account_id}",
            gone(),
        ),
        scene(
            "upload_media",
            json!({"data": PIXEL}),
            "POST",
            "/media",
            one(media()),
        ),
        scene(
            "delete_media",
            json!({"media_id": 501}),
            "DELETE",
            "/media/{media_id}",
            gone(),
        ),
        rows(scene(
            "list_slots",
            json!({"space_id": 1}),
            "GET",
            "/spaces/{space_id}/slots",
            list(slot()),
        )),
        scene(
            "create_slot",
            json!({"space_id": 1, "weekday": "monday", "time": "09:00"}),
            "POST",
            "/spaces/{space_id}/slots",
            one(slot()),
        ),
        scene(
            "delete_slot",
            json!({"space_id": 1, "slot_id": 301}),
            "DELETE",
            "/spaces/{space_id}/slots/{slot_id}",
            gone(),
        ),
        rows(scene(
            "get_queue",
            json!({"space_id": 1, "detail": "full"}),
            "GET",
            "/spaces/{space_id}/queue",
            list(post()),
        )),
        rows(scene(
            "list_webhooks",
            json!({"space_id": 1}),
            "GET",
            "/spaces/{space_id}/webhooks",
            list(webhook()),
        )),
        scene(
            "create_webhook",
            json!({"space_id": 1, "url": "https://acme-coffee.example/all", "events": ["post.failed"]}),
            "POST",
            "/spaces/{space_id}/webhooks",
            one(webhook()),
        ),
        scene(
            "update_webhook",
            json!({"space_id": 1, "webhook_id": 701, "is_active": true}),
            "PUT",
            "/spaces/{space_id}/webhooks/{webhook_id}",
            one(webhook()),
        ),
        scene(
            "delete_webhook",
            json!({"space_id": 1, "webhook_id": 701}),
            "DELETE",
            "/spaces/{space_id}/webhooks/{webhook_id}",
            gone(),
        ),
        // The reference prints this one without an envelope.
        scene(
            "get_subscription",
            json!({}),
            "GET",
            "/subscription",
            subscription(),
        ),
    ]
}

/// The request that a tool is for.
pub(crate) fn own_request(tool: &str) -> (Method, String) {
    if tool == "set_account_active" {
        return (
            Method::PATCH,
            "/spaces/{space_id}/accounts/{account_id}/activate".to_owned(),
        );
    }
    if tool == "get_overview" {
        return (Method::GET, "/spaces/{space_id}/accounts".to_owned());
    }
    let scene = scenes()
        .into_iter()
        .find(|scene| scene.tool == tool)
        .unwrap();
    (
        Method::from_bytes(scene.method.as_bytes()).unwrap(),
        scene.endpoint.to_owned(),
    )
}
