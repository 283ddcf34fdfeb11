//! Answers that show no list where one was asked for: nothing is concluded from them.

use http::Method;
use saki_mcp::sandbox::{Fault, FaultKind};
use serde_json::json;

use crate::support::server_under_test::World;

#[tokio::test]
async fn an_answer_without_a_list_is_not_an_empty_list() {
    let world = World::new().await;
    let posts = "/spaces/{space_id}/posts";
    let accounts = "/spaces/{space_id}/accounts";
    let cases = [
        ("list_posts", json!({"space_id": 1}), posts),
        (
            "list_posts",
            json!({"space_id": 1, "search": "latte"}),
            posts,
        ),
        (
            "list_posts",
            json!({"space_id": 1, "from": "2027-04-01"}),
            posts,
        ),
        ("list_posts", json!({"search": "latte"}), posts),
        ("list_accounts", json!({}), accounts),
    ];
    for (tool, asked, path) in cases {
        for (body, is_seen) in [
            (json!({"message": "weird"}), false),
            (json!({"data": []}), true),
        ] {
            let fault = Fault::new(FaultKind::Json { body: body.clone() });
            world.sandbox().fault(fault.on(&Method::GET, path).times(9));
            let list = world.ok(tool, asked.clone()).await;
            world.sandbox().clear_faults();
            let what = format!("{tool} {asked}: {list}");
            let note = list["note"].as_str().unwrap_or_default();
            assert_eq!(note.contains("shows no list"), !is_seen, "{what}");
            assert_eq!(note.contains("No "), is_seen, "{what}");
            if !is_seen {
                assert_ne!(list["meta"]["complete"], true, "{what}");
            }
        }
    }
    let fault = Fault::new(FaultKind::Json {
        body: json!({"message": "weird"}),
    });
    world.sandbox().fault(fault.on(&Method::GET, posts));
    let asked = json!({"space_id": 1, "cluster_id": crate::support::example_calls::CLUSTER, "content": "x"});
    let said = world.refused("update_cluster", asked.clone()).await;
    assert!(said.contains("shows no list"), "{said}");
    world.ok("update_cluster", asked).await;
}
