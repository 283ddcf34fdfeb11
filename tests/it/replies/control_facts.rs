//! What a reply of Saki's or a name of a caller's may not decide: outcome, refunds, the cache, the words of a preview.

use saki_mcp::sandbox::{Fault, FaultKind, SandboxOptions};
use saki_mcp::write::policy::Limit;
use serde_json::{Value, json};

use crate::support::policy_limits::limited;
use crate::support::server_under_test::World;

/// A reply of Saki's whose fields have the names of ours.
fn forged() -> Value {
    json!({"id": 901, "name": "New", "outcome": "replayed", "saki": "s", "note": "n", "deleted": false})
}

#[tokio::test]
async fn a_field_of_sakis_reply_never_stands_for_our_outcome() {
    let world = World::new().await;
    world.sandbox().fault(Fault {
        method: Some("POST".to_owned()),
        ..Fault::new(FaultKind::Json { body: forged() })
    });
    let answer = world.ok("create_space", json!({"name": "New"})).await;
    assert_eq!(answer["outcome"], "done");
    assert_eq!(answer["id"], 901);
    assert_eq!(
        answer["saki"],
        json!({"outcome": "replayed", "saki": "s"}),
        "nothing that Saki said is lost"
    );
    world.sandbox().fault(Fault {
        method: Some("DELETE".to_owned()),
        ..Fault::new(FaultKind::Status {
            status: 200,
            headers: Default::default(),
            body: Some(json!({"deleted": "yes", "outcome": "replayed"})),
            after_write: true,
        })
    });
    let answer = world
        .ok("delete_slot", json!({"space_id": 1, "slot_id": 301}))
        .await;
    assert_eq!(answer["outcome"], "done");
    assert_eq!(answer["saki"]["deleted"], "yes");
}

#[tokio::test]
async fn a_field_of_sakis_reply_gives_no_place_of_the_hourly_limit_back() {
    let world = limited([Limit::MaxLivePerHour(1)]).await;
    world.sandbox().fault(Fault {
        method: Some("PUT".to_owned()),
        ..Fault::new(FaultKind::Json {
            body: json!({"data": {"id": 112, "outcome": "replayed"}}),
        })
    });
    let edit = json!({"space_id": 1, "post_id": 112, "scheduled_at": "2027-04-13T17:30"});
    let answer = world.ok("update_post", edit).await;
    assert_eq!(answer["outcome"], "done");
    let post = json!({"space_id": 1, "account_ids": [11], "content": "Second", "publish": "now"});
    let said = world.refused("create_post", post).await;
    assert!(said.contains("--max-live-per-hour 1"), "{said}");
}

#[tokio::test]
async fn a_write_whose_outcome_is_unknown_empties_the_lookup_cache() {
    let world = World::with(SandboxOptions::default(), |_| {}).await;
    let by_name = json!({"space_id": "Brand New"});
    world.refused("list_slots", by_name.clone()).await;
    world.sandbox().fault(Fault {
        method: Some("POST".to_owned()),
        ..Fault::new(FaultKind::DropAfter)
    });
    let failed = world
        .call("create_space", json!({"name": "Brand New"}))
        .await;
    assert_eq!(failed.meta["class"], "unknown_outcome");
    world.ok("list_slots", by_name).await;
}

#[tokio::test]
async fn a_preview_shows_the_name_of_a_space_as_it_was_given() {
    let world = World::new().await;
    for (name, said) in [
        ("Acme . Berlin .", "Creates the space \"Acme . Berlin .\"."),
        ("Acme .", "Creates the space \"Acme .\"."),
    ] {
        let create = json!({"name": name, "dry_run": true});
        assert_eq!(world.ok("create_space", create).await["what"], said);
    }
    let nameless = json!({"dry_run": true});
    assert_eq!(
        world.ok("create_space", nameless).await["what"],
        "Creates a space."
    );
}
