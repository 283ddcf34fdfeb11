//! Tools about accounts.

mod labels_and_addresses;

use http::Method;
use saki_mcp::sandbox::{Fault, FaultKind, PostStatus, SandboxOptions};
use serde_json::{Value, json};

use crate::support::sandbox_state::{bodies, column, reads};
use crate::support::server_under_test::{TRIES, World};

fn is_active(world: &World, id: u64) -> Option<bool> {
    world
        .sandbox()
        .state(|state| state.accounts.get(id).map(|account| account.is_active))
}

fn asked(id: u64, is_active: bool) -> Value {
    json!({"space_id": 1, "account_id": id, "is_active": is_active})
}

#[tokio::test]
async fn list_accounts_covers_one_space_or_all_and_names_the_space() {
    let world = World::new().await;
    let one = world.ok("list_accounts", json!({"space_id": 1})).await;
    let one = one["data"].as_array().unwrap();
    assert_eq!(column(one, "id"), json!([11, 12, 13, 14, 15, 16]));
    assert!(one[0].get("space_id").is_none());
    let all = world.ok("list_accounts", json!({})).await;
    let all = all["data"].as_array().unwrap();
    assert_eq!(all.len(), 11);
    let space = |index: usize| (all[index]["space_id"].clone(), all[index]["space"].clone());
    assert_eq!(space(0), (json!(1), json!("Acme Coffee")));
    assert_eq!(space(10), (json!(2), json!("Studio North")));
}

#[tokio::test]
async fn a_renamed_network_has_both_of_its_names_in_every_answer() {
    let world = World::new().await;
    let list = world.ok("list_accounts", json!({"space_id": 1})).await;
    let rows = list["data"].as_array().unwrap();
    let names = |row: &Value| (row["social"].clone(), row.get("network_name").cloned());
    assert_eq!(names(&rows[0]), (json!("twitter"), Some(json!("X"))));
    assert_eq!(names(&rows[1]), (json!("instagram"), None));
    let set = world.ok("set_account_active", asked(11, false)).await;
    assert_eq!(names(&set["account"]), (json!("twitter"), Some(json!("X"))));
    let full = json!({"space_id": 1, "account_id": 11, "detail": "full"});
    for post in world.ok("list_posts", full).await["data"]
        .as_array()
        .unwrap()
    {
        assert_eq!(names(&post["account"]).1, Some(json!("X")));
    }
    let queue = world
        .ok("get_queue", json!({"space_id": 1, "detail": "full"}))
        .await;
    for post in queue["data"].as_array().unwrap() {
        let is_on_x = post["account"]["social"] == "twitter";
        assert_eq!(names(&post["account"]).1.is_some(), is_on_x, "{post}");
    }
}

#[tokio::test]
async fn set_account_active_sends_the_flag_and_reports_what_it_reads_back() {
    let world = World::new().await;
    let answer = world.ok("set_account_active", asked(16, true)).await;
    assert_eq!(
        (&answer["changed"], &answer["is_active"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(answer["account"]["is_active"], true);
    assert!(answer.get("warnings").is_none());
    assert_eq!(is_active(&world, 16), Some(true));
    assert_eq!(bodies(&world), [json!({"is_active": true})]);
    let call = &world.writes()[0];
    assert_eq!(
        (call.method.as_str(), call.path.as_str()),
        ("PATCH", "/spaces/1/accounts/16/activate")
    );
    assert_eq!(
        reads(&world, "/spaces/1/accounts"),
        3,
        "names, then before and after"
    );
}

#[tokio::test]
async fn nothing_is_sent_when_the_account_already_has_the_flag() {
    for activate_field in [
        saki_mcp::sandbox::ActivateField::IsActive,
        saki_mcp::sandbox::ActivateField::Toggle,
    ] {
        let options = SandboxOptions {
            activate_field,
            ..SandboxOptions::default()
        };
        let world = World::with(options, |_| {}).await;
        for (id, flag) in [(11, true), (16, false)] {
            let answer = world.ok("set_account_active", asked(id, flag)).await;
            assert_eq!(
                (&answer["changed"], &answer["is_active"]),
                (&json!(false), &json!(flag))
            );
            assert_eq!(is_active(&world, id), Some(flag));
        }
        assert!(world.writes().is_empty());
        world.ok("set_account_active", asked(11, false)).await;
        assert_eq!(
            (is_active(&world, 11), world.writes().len()),
            (Some(false), 1)
        );
        world.ok("set_account_active", asked(11, false)).await;
        assert_eq!(
            (is_active(&world, 11), world.writes().len()),
            (Some(false), 1)
        );
    }
}

#[tokio::test]
async fn a_change_that_saki_accepts_but_does_not_make_is_reported() {
    let world = World::new().await;
    let yes = Fault::new(FaultKind::Status {
        status: 200,
        headers: Default::default(),
        body: Some(json!({})),
        after_write: false,
    });
    world.sandbox().fault(yes.on(&Method::PATCH, "/activate"));
    let answer = world.ok("set_account_active", asked(11, false)).await;
    assert_eq!(
        (&answer["changed"], &answer["is_active"]),
        (&json!(false), &json!(true))
    );
    assert!(
        answer["warnings"][0]
            .as_str()
            .unwrap()
            .contains("unchanged"),
        "{answer}"
    );
    assert_eq!(is_active(&world, 11), Some(true));
}

#[tokio::test]
async fn a_failed_read_back_is_not_a_failed_change() {
    let world = World::new().await;
    let fault = Fault {
        skip: 2,
        ..Fault::status(500)
            .on(&Method::GET, "/spaces/{space_id}/accounts")
            .times(TRIES)
    };
    world.sandbox().fault(fault);
    let answer = world.ok("set_account_active", asked(11, false)).await;
    assert_eq!(
        (&answer["is_active"], &answer["changed"]),
        (&Value::Null, &Value::Null)
    );
    assert!(
        answer["warnings"][0]
            .as_str()
            .unwrap()
            .contains("does not show"),
        "{answer}"
    );
    assert_eq!(is_active(&world, 11), Some(false));
}

#[tokio::test]
async fn further_fields_are_passed_on_to_activate() {
    let world = World::new().await;
    let mut more = asked(11, false);
    more["note"] = json!({"text": "holiday"});
    world.ok("set_account_active", more).await;
    assert_eq!(
        bodies(&world),
        [json!({"is_active": false, "note": {"text": "holiday"}})]
    );
}

#[tokio::test]
async fn list_boards_shows_the_boards_of_a_pinterest_account_and_of_no_other() {
    let world = World::new().await;
    let boards = world
        .ok(
            "list_boards",
            json!({"space_id": 1, "account_id": "acmebrews"}),
        )
        .await;
    assert_eq!(
        column(boards["data"].as_array().unwrap(), "id"),
        json!(["brew-guides", "cafe-corners"])
    );
    let said = world
        .refused("list_boards", json!({"space_id": 1, "account_id": 11}))
        .await;
    assert!(
        said.contains("Boards are only available for Pinterest accounts."),
        "{said}"
    );
}

#[tokio::test]
async fn disconnect_account_takes_it_out_of_the_space() {
    let world = World::new().await;
    let said = world
        .refused(
            "disconnect_account",
            json!({"space_id": 1, "account_id": "Acme Coffee"}),
        )
        .await;
    assert!(said.contains("could be any of"), "{said}");
    assert!(world.writes().is_empty());
    let gone = world
        .ok(
            "disconnect_account",
            json!({"space_id": 1, "account_id": "@acme-coffee"}),
        )
        .await;
    let meant = "`account_id`: \"@acme-coffee\" as 14 @acme-coffee (linkedin)";
    assert_eq!(
        gone,
        json!({
            "outcome": "done", "disconnected": true, "account_id": 14,
            "note": "The account 14 is disconnected in Saki. No other call is needed.", "understood": [meant],
        })
    );
    assert_eq!(is_active(&world, 14), None);
    let left = world.ok("list_accounts", json!({"space_id": 1})).await;
    assert_eq!(
        column(left["data"].as_array().unwrap(), "id"),
        json!([11, 12, 13, 15, 16])
    );
}

#[tokio::test]
async fn an_account_of_another_space_is_not_written_to_and_an_unlisted_one_is() {
    let world = World::new().await;
    for (tool, account) in [("set_account_active", 21), ("disconnect_account", 21)] {
        let mut arguments = json!({"space_id": 1, "account_id": account});
        if tool == "set_account_active" {
            arguments["is_active"] = json!(true);
        }
        let answer = world.call(tool, arguments).await;
        assert!(answer.failed, "{tool}: {}", answer.json);
        assert_eq!(answer.meta["class"], "not_sent", "{tool}");
        assert!(
            answer.text.contains("space 2 \"Studio North\""),
            "{tool}: {}",
            answer.text
        );
    }
    assert!(world.writes().is_empty());

    // This Saki lists only active accounts, and 16 is none.
    let list = json!({"data": [{"id": 11, "social": "twitter", "handler": "acmecoffee", "is_active": true}]});
    let fault = Fault::new(FaultKind::Json { body: list });
    let world = World::new().await;
    world
        .sandbox()
        .fault(fault.on(&Method::GET, "/spaces/1/accounts").times(20));
    world.ok("set_account_active", asked(16, true)).await;
    assert_eq!(is_active(&world, 16), Some(true));
    world
        .ok(
            "disconnect_account",
            json!({"space_id": 1, "account_id": 16}),
        )
        .await;
    assert_eq!(is_active(&world, 16), None);
}

#[tokio::test]
async fn what_is_scheduled_on_an_account_or_in_a_space_stands_in_the_preview() {
    let world = World::new().await;
    let scheduled = |account: Option<u64>| {
        world.sandbox().state(|db| {
            let mut times: Vec<_> = db
                .posts
                .values()
                .filter(|post| post.space_id == 1 && post.parent_id.is_none())
                .filter(|post| post.status == PostStatus::Scheduled)
                .filter(|post| account.is_none_or(|id| post.account_id == id))
                .filter_map(|post| post.scheduled_at)
                .collect();
            times.sort_unstable();
            times
        })
    };
    let calls = [
        (
            "set_account_active",
            json!({"account_id": 11, "is_active": false}),
            Some(11),
        ),
        ("disconnect_account", json!({"account_id": 11}), Some(11)),
        ("delete_space", json!({}), None),
    ];
    for (tool, mut arguments, account) in calls {
        arguments["space_id"] = json!(1);
        arguments["dry_run"] = json!(true);
        let preview = world.ok(tool, arguments).await;
        let times = scheduled(account);
        assert!(!times.is_empty(), "{tool}");
        assert_eq!(
            preview["scheduled"]["posts"],
            times.len(),
            "{tool}: {preview}"
        );
        let next = times[0].to_string();
        assert_eq!(preview["scheduled"]["next_at"], next, "{tool}: {preview}");
        assert!(
            preview["scheduled"]["local"].is_string(),
            "{tool}: {preview}"
        );
    }
    let off = json!({"space_id": 1, "account_id": 11, "is_active": false});
    let answer = world.ok("set_account_active", off).await;
    assert!(
        answer["warnings"].to_string().contains("Scheduled on it: "),
        "{answer}"
    );
}

#[tokio::test]
async fn a_free_slot_of_the_queue_is_not_counted_as_scheduled() {
    let at = "2027-04-10T07:00:00Z";
    for free in [
        json!({"at": at, "slot_id": 301, "account_id": 11}),
        json!({"at": at, "slot_id": 301, "account_id": 11, "post": []}),
        json!({"slot": {"id": 301, "account_id": 11}, "scheduled_at": at, "post_id": null}),
    ] {
        let world = World::new().await;
        let body =
            json!({"data": [free, {"at": at, "slot_id": 302, "account_id": 11, "post_id": 106}]});
        let fault = Fault::new(FaultKind::Json { body });
        world
            .sandbox()
            .fault(fault.on(&Method::GET, "/spaces/1/queue"));
        let asked = json!({"space_id": 1, "account_id": 11, "dry_run": true});
        let preview = world.ok("disconnect_account", asked).await;
        assert_eq!(preview["scheduled"]["posts"], 1, "{preview}");
    }
}
