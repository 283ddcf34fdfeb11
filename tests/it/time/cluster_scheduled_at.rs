//! `update_cluster`: the time that nobody gave is kept, and where it cannot be, that is said.

use http::Method;
use saki_mcp::sandbox::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::support::sandbox_state::{cluster, cluster_of, column};
use crate::support::server_under_test::World;

const READ: &str = "/spaces/{space_id}/posts/{post_id}";

fn edit(id: &Value) -> Value {
    json!({"space_id": 1, "cluster_id": id, "content": "Other words"})
}

#[tokio::test]
async fn a_zone_without_a_time_is_refused_and_with_one_it_counts() {
    let world = World::new().await;
    let id = cluster_of(&world, "New on the shelf");
    let mut asked = edit(&id);
    asked["timezone"] = json!("America/New_York");
    let said = world.refused("update_cluster", asked.clone()).await;
    assert!(said.starts_with("`timezone`: "), "{said}");
    assert!(world.writes().is_empty());
    asked["scheduled_at"] = json!("2027-05-01T10:00");
    world.ok("update_cluster", asked).await;
    assert_eq!(
        column(&cluster(&world, &id)[..1], "scheduled_at"),
        json!(["2027-05-01T14:00:00Z"])
    );
}

#[tokio::test]
async fn a_draft_whose_time_has_passed_is_changed_and_keeps_it() {
    let world = World::new().await;
    let id = cluster_of(&world, "New on the shelf");
    let draft = json!({"space_id": 1, "cluster_id": id, "publish": "draft"});
    world.ok("update_cluster", draft.clone()).await;
    let before = column(&cluster(&world, &id), "scheduled_at");
    world.clock.set("2027-04-20T10:00:00Z".parse().unwrap());
    for asked in [edit(&id), draft] {
        let answer = world.ok("update_cluster", asked).await;
        assert_eq!(answer["mode"], "draft");
        assert_eq!(column(&cluster(&world, &id), "scheduled_at"), before);
        assert!(answer.get("warnings").is_none(), "{answer}");
    }
}

#[tokio::test]
async fn a_cluster_that_is_about_to_go_out_is_not_changed_without_a_time() {
    let world = World::new().await;
    let id = cluster_of(&world, "New on the shelf");
    world.clock.set("2027-04-10T06:59:01Z".parse().unwrap());
    let said = world.refused("update_cluster", edit(&id)).await;
    assert!(
        said.starts_with("`scheduled_at`: this cluster goes out at Sat 10 Apr 2027, 09:00")
            && said.contains("Pass `scheduled_at`"),
        "{said}"
    );
    assert!(world.writes().is_empty());
    world.clock.set("2027-04-10T06:58:00Z".parse().unwrap());
    world.ok("update_cluster", edit(&id)).await;
    assert_eq!(
        cluster(&world, &id)[0]["scheduled_at"],
        "2027-04-10T07:00:00Z"
    );
}

#[tokio::test]
async fn a_time_that_a_draft_cannot_keep_is_reported() {
    let world = World::new().await;
    let id = cluster_of(&world, "How we roast");
    let draft = json!({"space_id": 1, "cluster_id": id, "publish": "draft", "dry_run": true});
    let preview = world.ok("update_cluster", draft.clone()).await;
    assert!(!preview["warnings"].to_string().contains("no time"));
    let read = json!({"data": {"id": 109, "account_id": 11, "content": "x", "media": [], "children": [],
        "metadata": null, "status": 1, "scheduled_at": "Sunday at ten"}});
    world
        .sandbox()
        .fault(Fault::new(FaultKind::Json { body: read }).on(&Method::GET, READ));
    let preview = world.ok("update_cluster", draft).await;
    let warnings = preview["warnings"].to_string();
    assert!(
        warnings.contains("The draft has no time") && warnings.contains("Sunday at ten"),
        "{warnings}"
    );
}
