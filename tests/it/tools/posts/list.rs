//! `list_posts` against the sandbox's own state: exact counts, whatever is asked.

use http::Method;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rstest::rstest;
use saki_mcp::sandbox::{Fault, FaultKind, Sandbox, SandboxOptions, SeedData, StoredPost};
use serde_json::{Value, json};

use crate::support::server_under_test::World;

pub(crate) async fn large() -> World {
    let options = SandboxOptions {
        seed_data: SeedData::Large,
        ..SandboxOptions::default()
    };
    World::with(options, |_| {}).await
}

pub(crate) fn count(sandbox: &Sandbox, fits: impl Fn(&StoredPost) -> bool) -> usize {
    let first = |post: &&StoredPost| post.parent_id.is_none();
    sandbox.state(|state| {
        state
            .posts
            .values()
            .filter(first)
            .filter(|post| fits(post))
            .count()
    })
}

fn at(post: &StoredPost) -> Option<Timestamp> {
    post.published_at.or(post.scheduled_at)
}

#[rstest]
#[case("Europe/Berlin", "2027-04-05", "2027-04-11")]
#[case("America/New_York", "2027-04-05", "2027-04-11")]
#[case("Pacific/Auckland", "2027-04-04", "2027-04-04")]
#[case("Asia/Kathmandu", "2027-03-01", "2027-04-30")]
#[case("Europe/Berlin", "2027-03-28", "2027-03-28")]
#[case("America/Sao_Paulo", "2027-04-01", "2027-04-09")]
#[case("Australia/Lord_Howe", "2027-04-04", "2027-04-04")]
#[case("Australia/Lord_Howe", "2027-03-20", "2027-04-03")]
#[case("Pacific/Apia", "2027-04-09", "2027-04-09")]
#[tokio::test]
async fn a_range_of_days_is_counted_exactly_in_its_zone(
    #[case] zone: &str,
    #[case] from: &str,
    #[case] to: &str,
) {
    let world = large().await;
    let answer = world
        .ok(
            "list_posts",
            json!({"from": from, "to": to, "timezone": zone}),
        )
        .await;
    let tz = TimeZone::get(zone).unwrap();
    let day = |at: Timestamp| at.to_zoned_datetime(tz.clone()).date();
    let (first, last): (Date, Date) = (from.parse().unwrap(), to.parse().unwrap());
    let expected = count(world.sandbox(), |post| {
        at(post).is_some_and(|at| (first..=last).contains(&day(at)))
    });
    assert_eq!(answer["meta"]["count"], json!(expected));
    assert_eq!(answer["meta"]["complete"], json!(true));
}

#[tokio::test]
async fn all_pages_together_hold_each_post_once_and_in_order_of_time() {
    let world = large().await;
    let (mut rows, mut page) = (Vec::new(), json!(1));
    while !page.is_null() {
        let answer = world
            .ok("list_posts", json!({"status": "scheduled", "page": page}))
            .await;
        rows.extend(answer["data"].as_array().unwrap().clone());
        page = answer["meta"]["next_page"].clone();
    }
    let mut ids: Vec<u64> = rows.iter().map(|row| row["id"].as_u64().unwrap()).collect();
    let times: Vec<&str> = rows
        .iter()
        .map(|row| row["scheduled_at"].as_str().unwrap())
        .collect();
    assert!(times.is_sorted());
    ids.sort_unstable();
    let now = world.clock.now();
    let mut expected = world.sandbox().state(|state| {
        let scheduled = |post: &&StoredPost| {
            post.published_at.is_none()
                && post.scheduled_at.is_some_and(|at| at > now)
                && post.parent_id.is_none()
        };
        let scheduled = state
            .posts
            .values()
            .filter(scheduled)
            .filter(|post| post.status == saki_mcp::sandbox::PostStatus::Scheduled);
        scheduled.map(|post| post.id).collect::<Vec<_>>()
    });
    expected.sort_unstable();
    assert_eq!(ids, expected);
}

#[tokio::test]
async fn a_network_a_search_and_a_space_narrow_the_rows() {
    let world = World::new().await;
    let on_x = world.ok("list_posts", json!({"account_id": "X"})).await;
    let networks: Vec<&str> = on_x["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["account"].as_str().unwrap())
        .collect();
    assert!(
        !networks.is_empty()
            && networks
                .iter()
                .all(|account| account.ends_with("(twitter/X)")),
        "{networks:?}"
    );
    let found = world
        .ok("list_posts", json!({"search": "NEUKOLLN rota"}))
        .await;
    assert_eq!(found["meta"]["count"], json!(2));
    let both = world.ok("list_posts", json!({"search": "poster"})).await;
    assert!(
        both["data"]
            .as_array()
            .unwrap()
            .iter()
            .all(|row| row["space"] == "Studio North")
    );
}

#[tokio::test]
async fn a_filter_that_saki_applies_differently_is_not_trusted() {
    let world = World::new().await;
    // A Saki whose filter is about another column answers with other posts.
    let beside = json!({"data": [{"id": 1, "scheduled_at": "2020-01-01T00:00:00Z"}], "meta": {"current_page": 1, "last_page": 1, "total": 1}});
    let fault = saki_mcp::sandbox::Fault::new(saki_mcp::sandbox::FaultKind::Json { body: beside });
    world
        .sandbox()
        .fault(fault.on(&http::Method::GET, "/spaces/{space_id}/posts"));
    let answer = world
        .ok(
            "list_posts",
            json!({"space_id": 1, "from": "2027-04-10", "to": "2027-04-10"}),
        )
        .await;
    let ids: Vec<&Value> = answer["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["id"])
        .collect();
    assert_eq!(ids.len(), 3, "{answer}");
}

#[tokio::test]
async fn a_post_that_is_scheduled_anew_waits_in_the_queue_and_the_overview_too() {
    let world = World::new().await;
    let before = world.ok("get_overview", json!({"space_id": 1})).await;
    world.sandbox().edit(|state| {
        let post = state.posts.get_mut(112).unwrap();
        let metadata = json!({"board_id": "brew-guides", "error": "Token expired"});
        post.metadata = metadata.as_object().cloned();
    });
    let queue = world.ok("get_queue", json!({"space_id": 1})).await;
    let rows = queue["data"].as_array().unwrap();
    let row = rows.iter().find(|row| row["id"] == 112).unwrap();
    assert_eq!(row["state"], "scheduled", "{row}");
    assert_eq!(row["failure"], "Token expired", "{row}");
    let after = world.ok("get_overview", json!({"space_id": 1})).await;
    for count in ["scheduled_7_days", "failed_7_days"] {
        assert_eq!(
            after["spaces"][0][count], before["spaces"][0][count],
            "{count}"
        );
    }
    let edit = json!({"space_id": 1, "post_id": 112, "content": "Else", "dry_run": true});
    let preview = world.ok("update_post", edit).await;
    let what = preview["what"].as_str().unwrap();
    assert!(what.contains("the scheduled post 112"), "{what}");
    let deleted = json!({"space_id": 1, "post_id": 112, "dry_run": true});
    let preview = world.ok("delete_post", deleted).await;
    assert_eq!(preview["removed"][0]["state"], "scheduled", "{preview}");
}

#[rstest]
#[case(json!({"error": "Token expired"}))]
#[case(json!({"failure_reason": "Token expired"}))]
#[case(json!({"metadata": {"last_error": "Token expired"}}))]
#[case(json!({"last_error": {"message": "Token expired"}}))]
#[tokio::test]
async fn an_old_error_stands_beside_a_post_that_is_scheduled_anew(#[case] error: Value) {
    let world = World::new().await;
    let mut post = json!({
        "id": 7, "content": "Again", "status": 1, "scheduled_at": "2027-04-11T07:00:00Z", "published_at": null,
        "account_id": 11, "parent_id": null,
    });
    let fields = error.as_object().unwrap().clone();
    post.as_object_mut().unwrap().extend(fields);
    let answer = |body: Value| {
        let kind = FaultKind::Status {
            status: 200,
            headers: Default::default(),
            body: Some(body),
            after_write: false,
        };
        Fault::new(kind).times(9)
    };
    let list = json!({"data": [post.clone()], "meta": {"current_page": 1, "last_page": 1}});
    (world.sandbox()).fault(answer(list).on(&Method::GET, "/spaces/{space_id}/posts"));
    let one = answer(json!({"data": post}));
    (world.sandbox()).fault(one.on(&Method::GET, "/spaces/{space_id}/posts/{post_id}"));
    for status in ["scheduled", "failed"] {
        let asked = json!({"space_id": 1, "status": status});
        let found = world.ok("list_posts", asked).await;
        let rows = found["data"].as_array().unwrap();
        assert_eq!(
            rows.len(),
            usize::from(status == "scheduled"),
            "{status}: {found}"
        );
        for row in rows {
            assert_eq!(
                (&row["state"], &row["failure"]),
                (&json!("scheduled"), &json!("Token expired"))
            );
        }
    }
    let post = world
        .ok("get_post", json!({"space_id": 1, "post_id": 7}))
        .await;
    assert_eq!(post["state"], "scheduled");
    assert!(post.to_string().contains("Token expired"), "{post}");
}
