//! The tool that answers in one call what a session begins with.

use http::Method;
use saki_mcp::sandbox::{Fault, FaultKind, PostStatus, SandboxOptions, StoredAccount, StoredSpace};
use saki_mcp::write::when::zone;
use serde_json::{Value, json};

use crate::catalogue::token_cost::tokens;
use crate::support::post_arguments::new_post;
use crate::support::server_under_test::World;

fn attention(overview: &Value) -> String {
    let lines = overview["attention"].as_array().unwrap();
    let lines: Vec<&str> = lines.iter().map(|line| line.as_str().unwrap()).collect();
    lines.join("\n")
}

#[tokio::test]
async fn one_call_shows_spaces_accounts_counts_and_plan() {
    let world = World::new().await;
    let overview = world.ok("get_overview", json!({})).await;
    assert_eq!(overview["now"], "2027-04-09T10:00:00Z");
    assert_eq!(overview["local"], "Fri 9 Apr 2027, 12:00 (Europe/Berlin)");
    assert_eq!(overview["plan"]["remaining_posts"], 475);
    let spaces = overview["spaces"].as_array().unwrap();
    assert_eq!(spaces.len(), 2);
    for space in spaces {
        let id = space["id"].as_u64().unwrap();
        let (drafts, scheduled, accounts) = world.sandbox().state(|state| {
            let posts = || {
                let posts = state.posts.values();
                posts.filter(move |post| post.space_id == id && post.parent_id.is_none())
            };
            // The end of the seventh day in the zone of each space.
            let until = if id == 1 {
                "2027-04-15T22:00:00Z"
            } else {
                "2027-04-16T04:00:00Z"
            };
            let until = until.parse().unwrap();
            let in_time = |at: jiff::Timestamp| at < until;
            let count = |status| posts().filter(|post| post.status == status).count();
            (
                count(PostStatus::Draft),
                posts()
                    .filter(|post| post.status == PostStatus::Scheduled)
                    .filter(|post| post.scheduled_at.is_some_and(in_time))
                    .count(),
                state
                    .accounts
                    .values()
                    .filter(|account| account.space_id == id)
                    .count(),
            )
        });
        assert_eq!(space["drafts"], drafts, "{space}");
        assert_eq!(space["scheduled_7_days"], scheduled, "{space}");
        assert_eq!(space["accounts"].as_array().unwrap().len(), accounts);
    }
    assert_eq!(spaces[0]["failed_7_days"], 1);
    assert_eq!(
        spaces[0]["accounts"][0],
        "11 @acmecoffee (twitter/X), next Sat 10 Apr 09:00, failed Thu 8 Apr 18:00: \"X refused the post: 403 duplicate content.\""
    );
    assert_eq!(
        spaces[0]["accounts"][5],
        "16 @acmecoffee.tok (tiktok), inactive"
    );
    assert!(tokens(&overview.to_string()) <= 700, "{overview}");
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn what_needs_attention_is_named_with_its_space() {
    let world = World::new().await;
    let text = attention(&world.ok("get_overview", json!({})).await);
    for part in [
        "\"Acme Coffee\": 1 failed in 7 days",
        "11 @acmecoffee (twitter/X) failed last and has 2 scheduled",
        "\"Studio North\": no post on Fri 9 Apr",
    ] {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
    let inactive = json!({"space_id": 1, "account_id": 12, "is_active": false});
    world.ok("set_account_active", inactive).await;
    let one = world.ok("get_overview", json!({"space_id": 1})).await;
    let text = attention(&one);
    assert!(
        text.contains("12 @acme.coffee (instagram) is inactive and has 2 scheduled"),
        "{text}"
    );
    assert!(
        !text.contains("Acme Coffee\""),
        "one space is not named: {text}"
    );
    assert_eq!(one["spaces"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_post_that_goes_out_after_a_failure_ends_it() {
    let world = World::new().await;
    let post = new_post("Again").at("2027-04-09T14:00");
    world.ok("create_post", post).await;
    world.clock.set("2027-04-09T12:05:00Z".parse().unwrap());
    let overview = world.ok("get_overview", json!({"space_id": 1})).await;
    let line = overview["spaces"][0]["accounts"][0].as_str().unwrap();
    assert!(!line.contains("failed"), "{line}");
}

#[tokio::test]
async fn a_plan_that_is_nearly_used_is_said() {
    let world = World::new().await;
    for (left, is_said) in [(50, true), (51, false), (0, true)] {
        let limits = json!({"max_posts_per_month": 500, "remaining_posts": left, "posts_this_month": 500 - left});
        let body = json!({"data": {"plan": "team", "limits": limits}});
        let fault = Fault::new(FaultKind::Json { body });
        world
            .sandbox()
            .fault(fault.on(&Method::GET, "/subscription"));
        let overview = world.ok("get_overview", json!({})).await;
        let expected = format!("The plan has {left} of 500 posts of this month left.");
        assert_eq!(
            attention(&overview).contains(&expected),
            is_said,
            "{overview}"
        );
    }
}

#[tokio::test]
async fn a_plan_that_cannot_be_read_does_not_hide_the_rest() {
    let world = World::new().await;
    world
        .sandbox()
        .fault(Fault::status(403).on(&Method::GET, "/subscription"));
    let overview = world.ok("get_overview", json!({})).await;
    assert_eq!(overview["spaces"].as_array().unwrap().len(), 2);
    assert!(overview.get("plan").is_none());
    let note = overview["notes"][0].as_str().unwrap();
    assert!(note.starts_with("The plan could not be read: "), "{note}");
}

#[tokio::test]
async fn posts_that_are_no_list_are_said_and_not_counted_as_none() {
    let world = World::new().await;
    let fault = Fault::new(FaultKind::Json {
        body: json!({"message": "soon"}),
    });
    let fault = fault.on(&Method::GET, "/spaces/{space_id}/posts").times(20);
    world.sandbox().fault(fault);
    let overview = world.ok("get_overview", json!({"space_id": 1})).await;
    let text = attention(&overview);
    assert!(text.contains("the counts are incomplete"), "{text}");
    assert!(overview["spaces"][0].get("drafts").is_none(), "{overview}");
}

#[tokio::test]
async fn twenty_spaces_with_two_hundred_accounts_are_counted() {
    let world = World::with(SandboxOptions::default(), |_| {}).await;
    world.sandbox().edit(|state| {
        let space = state.spaces.values().next().unwrap().clone();
        let account = state.accounts.values().next().unwrap().clone();
        for _ in 0..18 {
            let space_id = state
                .spaces
                .insert(|id| StoredSpace {
                    id,
                    ..space.clone()
                })
                .id;
            for _ in 0..10 {
                state.accounts.insert(|id| StoredAccount {
                    id,
                    space_id,
                    ..account.clone()
                });
            }
        }
    });
    let overview = world.ok("get_overview", json!({})).await;
    assert_eq!(overview["spaces"].as_array().unwrap().len(), 20);
    assert_eq!(overview["spaces"][19]["accounts"], json!({"twitter": 10}));
    assert!(
        overview["notes"][0]
            .as_str()
            .unwrap()
            .contains("`space_id`")
    );
    let cost = tokens(&overview.to_string());
    assert!(cost <= 2000, "{cost} tokens: {overview}");
    let id = overview["spaces"][19]["id"].clone();
    let one = world.ok("get_overview", json!({"space_id": id})).await;
    assert_eq!(one["spaces"][0]["accounts"].as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn a_time_in_another_zone_than_that_of_the_space_names_its_zone() {
    let world = World::with(Default::default(), |settings| {
        settings.timezone = Some(zone("America/New_York").unwrap());
    })
    .await;
    let overview = world.ok("get_overview", json!({"space_id": 1})).await;
    assert_eq!(overview["timezone"], "America/New_York");
    assert_eq!(overview["spaces"][0]["timezone"], "Europe/Berlin");
    let line = overview["spaces"][0]["accounts"][0].as_str().unwrap();
    assert!(line.contains(", next Sat 10 Apr 03:00 EDT, "), "{line}");
    assert!(line.contains(", failed Thu 8 Apr 12:00 EDT: "), "{line}");
}
