//! `dry_run`: of every write, what would happen; and nothing happens.

use rmcp::model::Tool;
use saki_mcp::sandbox::SandboxOptions;
use saki_mcp::tools::UploadPaths;
use serde_json::{Value, json};

use crate::support::example_calls;
use crate::support::post_arguments::{cluster_change, new_post};
use crate::support::server_under_test::World;

fn dry(mut arguments: Value) -> Value {
    arguments["dry_run"] = json!(true);
    arguments
}

#[tokio::test]
async fn exactly_the_writing_tools_have_a_dry_run() {
    let world = World::new().await;
    let is_read = |tool: &Tool| tool.annotations.as_ref().unwrap().read_only_hint == Some(true);
    for tool in world.tools().await {
        let has = tool.input_schema["properties"].get("dry_run").is_some();
        assert_eq!(has, !is_read(&tool), "{}", tool.name);
    }
    assert_eq!(example_calls::writes().len(), 16);
}

#[tokio::test]
async fn a_dry_run_changes_nothing_and_shows_the_request_of_the_real_call() {
    let world = World::new().await;
    let fresh = world.sandbox().state(Clone::clone);
    let state = |world: &World| world.sandbox().state(|state| format!("{state:?}"));
    for (tool, arguments) in example_calls::writes() {
        world.clear_memory().await;
        world.sandbox().edit(|state| *state = fresh.clone());
        world.sandbox().clear_log();
        let before = state(&world);
        let preview = world.ok(tool, dry(arguments.clone())).await;
        assert_eq!(preview["outcome"], "preview", "{tool}");
        assert!(preview["what"].as_str().unwrap().ends_with('.'), "{tool}");
        assert!(world.writes().is_empty(), "{tool}: {:?}", world.writes());
        assert_eq!(state(&world), before, "{tool}");

        let done = world.ok(tool, arguments).await;
        assert_eq!(done["outcome"], "done", "{tool}");
        let sent = &world.writes()[0];
        let request = &preview["request"];
        assert_eq!(request["method"], sent.method, "{tool}");
        assert_eq!(request["path"], sent.path, "{tool}");
        if sent.uploads.is_empty() {
            assert_eq!(request.get("body"), sent.body.as_ref(), "{tool}");
        } else {
            let file = &sent.uploads[0];
            assert_eq!(request["file"]["name"], file.filename, "{tool}");
            assert_eq!(request["file"]["size"], file.size, "{tool}");
        }
    }
}

#[tokio::test]
async fn what_a_real_call_refuses_its_dry_run_refuses() {
    let world = World::new().await;
    for (tool, arguments) in [
        ("create_post", new_post("x").undecided()),
        ("create_post", new_post("x").on(["nobody"]).now()),
        ("update_post", json!({"space_id": 1, "post_id": 112})),
        ("delete_post", json!({"space_id": 1, "post_id": 999})),
        ("upload_media", json!({"data": "bm90IGEgcGljdHVyZQ=="})),
    ] {
        let said = world.refused(tool, arguments.clone()).await;
        assert_eq!(world.refused(tool, dry(arguments)).await, said);
    }
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn a_create_shows_account_names_exact_times_and_the_plans_remainder() {
    let world = World::new().await;
    let asked = new_post("x")
        .on(json!(["@acmecoffee", 16]))
        .at("2027-04-12T09:00");
    let preview = world.ok("create_post", dry(asked)).await;
    assert_eq!(
        (
            &preview["mode"],
            &preview["scheduled_at"],
            &preview["local"]
        ),
        (
            &json!("schedule"),
            &json!("2027-04-12T07:00:00Z"),
            &json!("Mon 12 Apr 2027, 09:00 (Europe/Berlin)")
        )
    );
    assert_eq!(preview["accounts"][0]["name"], "acmecoffee");
    assert_eq!(preview["plan"]["limits"]["remaining_posts"], 475);
    let warnings = preview["warnings"].to_string();
    assert!(warnings.contains("not active"), "{warnings}");
}

#[tokio::test]
async fn an_edit_shows_changed_fields_only_before_and_after() {
    let world = World::new().await;
    let asked = json!({"space_id": 1, "post_id": 112, "scheduled_at": "2027-04-13T17:30", "media_ids": [501], "content": "The pour-over we teach in our Saturday class, on one page."});
    let preview = world.ok("update_post", dry(asked)).await;
    let changes = preview["changes"].as_array().unwrap();
    let fields: Vec<&Value> = changes.iter().map(|change| &change["field"]).collect();
    assert_eq!(fields, [&json!("scheduled_at"), &json!("media_ids")]);
    assert_eq!(changes[1]["before"], json!([503]));
    assert_eq!(changes[0]["after"], "2027-04-13T15:30:00Z");
    let hook = json!({"space_id": 1, "webhook_id": 701, "is_active": false});
    let preview = world.ok("update_webhook", dry(hook)).await;
    assert_eq!(
        preview["changes"],
        json!([{"field": "is_active", "before": true, "after": false}])
    );
}

#[tokio::test]
async fn a_deletion_shows_what_would_be_deleted() {
    let world = World::new().await;
    let post = world
        .ok("delete_post", dry(json!({"space_id": 1, "post_id": 104})))
        .await;
    assert_eq!(post["removed"][0]["state"], "published");
    assert!(post["what"].as_str().unwrap().contains("@acme-coffee"));
    let space = world.ok("delete_space", dry(json!({"space_id": 1}))).await;
    assert_eq!(space["accounts"].as_array().unwrap().len(), 6);
    assert_eq!(space["posts"], 16);
    let slot = world
        .ok("delete_slot", dry(json!({"space_id": 1, "slot_id": 302})))
        .await;
    assert_eq!(slot["removed"][0]["weekday"], "wednesday");
    let hook = json!({"space_id": 1, "webhook_id": 799});
    let hook = world.ok("delete_webhook", dry(hook)).await;
    assert!(hook["warnings"].to_string().contains("does not show"));
}

#[tokio::test]
async fn accounts_that_a_cluster_would_lose_are_named() {
    let world = World::new().await;
    let asked = cluster_change(example_calls::CLUSTER)
        .with(json!({"content": "x"}))
        .draft();
    let preview = world.ok("update_cluster", dry(asked.clone())).await;
    let removed = preview["removed"].clone();
    assert_eq!(removed[0]["account"], "12 @acme.coffee (instagram)");
    assert_eq!(preview["before"].as_array().unwrap().len(), 3);
    assert_eq!(world.ok("update_cluster", asked).await["removed"], removed);
}

#[tokio::test]
async fn an_upload_is_read_and_checked_but_not_sent() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.png"), b"\x89PNG\r\n\x1a\nrest").unwrap();
    let root = folder.path().to_owned();
    let world = World::with(SandboxOptions::default(), |settings| {
        settings.upload_paths = UploadPaths::Below(vec![root]);
    })
    .await;
    let preview = world
        .ok("upload_media", dry(json!({"path": "a.png"})))
        .await;
    assert_eq!(
        preview["request"]["file"],
        json!({"name": "a.png", "mime": "image/png", "size": 12})
    );
    assert!(world.sandbox().log().is_empty());
}

#[tokio::test]
async fn every_write_says_what_would_go_public_and_no_draft_does() {
    let world = World::new().await;
    let create = |publish: Value| {
        let mut asked = new_post("x")
            .on([12])
            .with(json!({"media": [{"media_id": 501}]}))
            .undecided();
        asked
            .as_object_mut()
            .unwrap()
            .extend(publish.as_object().cloned().unwrap());
        asked
    };
    let edit = |id: u64, change: Value| {
        let mut asked = change;
        asked["space_id"] = json!(1);
        asked["post_id"] = json!(id);
        asked
    };
    let cases = [
        (
            "create_post",
            create(json!({"publish": "now"})),
            json!("at once"),
        ),
        (
            "create_post",
            create(json!({"scheduled_at": "2027-05-01T10:00"})),
            json!("2027-05-01T08:00:00Z"),
        ),
        (
            "create_post",
            create(json!({"publish": "draft"})),
            Value::Null,
        ),
        (
            "update_post",
            edit(112, json!({"scheduled_at": "2027-05-01T10:00"})),
            json!("2027-05-01T08:00:00Z"),
        ),
        (
            "update_post",
            edit(112, json!({"status": 2})),
            json!("at once"),
        ),
        (
            "update_post",
            edit(117, json!({"status": 1})),
            json!("at once"),
        ),
        (
            "update_post",
            edit(
                117,
                json!({"status": 1, "scheduled_at": "2027-05-01T10:00"}),
            ),
            json!("2027-05-01T08:00:00Z"),
        ),
        ("update_post", edit(112, json!({"status": 0})), Value::Null),
        (
            "update_post",
            edit(112, json!({"content": "x"})),
            Value::Null,
        ),
        ("delete_post", edit(112, json!({})), Value::Null),
    ];
    for (tool, asked, at) in cases {
        let preview = world.ok(tool, dry(asked.clone())).await;
        let what = format!("{tool} {asked}: {preview}");
        let public = &preview["goes_public"];
        assert_eq!(public[0]["at"], at, "{what}");
        assert_eq!(public.is_null(), at.is_null(), "{what}");
        let warned = preview["warnings"].to_string().contains("public at once");
        assert_eq!(warned, tool == "update_post" && at == "at once", "{what}");
        if tool == "create_post" && !at.is_null() {
            assert_eq!(public[0]["account"], "12 @acme.coffee (instagram)");
        }
    }
}

#[tokio::test]
async fn a_cluster_shows_the_change_of_each_post_field_by_field() {
    let world = World::new().await;
    let id = crate::support::sandbox_state::cluster_of(&world, "The pour-over we teach");
    let asked = json!({"space_id": 1, "cluster_id": id, "metadata": {"title": "Anew"},
        "media": [{"data": crate::support::media_files::PNG, "filename": "cake.png", "alt": "A cake"}]});
    let preview = world.ok("update_cluster", dry(asked.clone())).await;
    let before = &preview["before"][0];
    assert_eq!(before["account"], "15 @acmebrews (pinterest)");
    assert_eq!(before["media_ids"], json!([503]));
    assert_eq!(before["thread"], 0);
    assert_eq!(before["metadata"]["board_id"], "brew-guides");
    let changed = &preview["changes"][0];
    assert_eq!(changed["account"], before["account"]);
    let fields =
        crate::support::sandbox_state::column(changed["fields"].as_array().unwrap(), "field");
    assert_eq!(fields, json!(["media_ids", "metadata"]));
    assert_eq!(changed["fields"][0]["before"], json!([503]));
    let file = &changed["fields"][0]["after"][0];
    assert_eq!(
        (&file["upload"], &file["alt"]),
        (&json!("cake.png"), &json!("A cake"))
    );
    let kept = json!({"board_id": "brew-guides", "title": "Anew", "link": "https://acme-coffee.example/classes"});
    assert_eq!(changed["fields"][1]["after"], kept);
    world.ok("update_cluster", asked).await;
    assert_eq!(
        crate::support::sandbox_state::cluster(&world, &id)[0]["metadata"],
        kept
    );
    let nothing = json!({"space_id": 1, "cluster_id": id, "metadata": {"title": "Anew"}});
    assert_eq!(
        world.ok("update_cluster", dry(nothing)).await["changes"],
        json!([])
    );
}
