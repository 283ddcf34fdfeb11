//! `list_posts` over large spaces: every question is answered whole, whatever Saki's filters mean and however its list moves.

use std::sync::atomic::Ordering;
use std::time::Duration;

use http::Method;
use rstest::rstest;
use saki_mcp::sandbox::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::support::large_saki::{Change, Filters, LargeSaki, PER_PAGE};
use crate::support::server_under_test::World;

type Fits = fn(&Value) -> bool;

fn in_range(post: &Value) -> bool {
    let at = post["published_at"]
        .as_str()
        .or(post["scheduled_at"].as_str());
    at.is_some_and(|at| ("2027-04-05T15:00:00Z".."2027-04-08T15:00:00Z").contains(&at))
}

/// Questions, and the posts that answer them; days are those of Tokyo.
fn questions() -> Vec<(Value, Fits)> {
    vec![
        (json!({}), |_| true),
        (json!({"status": "scheduled"}), |post| post["status"] == 1),
        (json!({"status": "failed"}), |post| post["status"] == 4),
        (json!({"status": "published"}), |post| post["status"] == 3),
        (json!({"status": "draft"}), |post| post["status"] == 0),
        (json!({"account_id": 11}), |post| post["account_id"] == 11),
        (json!({"account_id": "instagram"}), |post| {
            post["account_id"] == 12
        }),
        (json!({"from": "2027-04-06", "to": "2027-04-08"}), in_range),
        (
            json!({"from": "2027-04-06", "to": "2027-04-08", "account_id": 12, "status": "published"}),
            |post| in_range(post) && post["account_id"] == 12 && post["status"] == 3,
        ),
        (json!({"search": "post 77"}), |post| {
            post["content"].to_string().contains("77")
        }),
        (json!({"cluster_id": "c40"}), |post| {
            post["cluster_id"] == "c40"
        }),
    ]
}

async fn check(saki: LargeSaki) {
    let filters = saki.count(|_| true);
    let (saki, calls) = saki.serve().await;
    for (asked, fits) in questions() {
        let list = calls("list_posts", asked.clone()).await.json;
        let what = format!("{asked} of {filters}: {}", list["meta"]);
        assert_eq!(list["meta"]["count"], saki.count(fits), "{what}");
        assert_eq!(list["meta"]["complete"], true, "{what}");
        let mut keys: Vec<&String> = list["meta"].as_object().unwrap().keys().collect();
        keys.retain(|key| *key != "next_page");
        assert_eq!(keys, ["count", "complete", "timezone", "now"], "{what}");
    }
}

#[rstest]
#[case::exact(Filters::Exact)]
#[case::ignored(Filters::Ignored)]
#[case::exclusive(Filters::ExclusiveInTokyo)]
#[case::by_creation(Filters::ByCreation)]
#[case::by_plan(Filters::ByPlan)]
#[case::nothing(Filters::Nothing)]
#[tokio::test]
async fn no_post_is_lost_whatever_a_filter_of_saki_means(#[case] filters: Filters) {
    check(LargeSaki::new(600, filters, Change::Never)).await;
}

#[rstest]
#[case::simple(|page, last, _| json!({"current_page": page, "next_page_url": (page < last).then_some("https://…")}))]
#[case::only_a_link(|page, last, _| json!({"next_page_url": (page < last).then_some("https://…")}))]
#[case::links(|page, last, _| json!({"links": {"next": (page < last).then_some("https://…")}}))]
#[case::flag(|page, last, _| json!({"meta": {"has_more": page < last}}))]
#[case::total_alone(|_, _, total| json!({ "total": total }))]
#[case::total_per_page(|page, _, total| json!({"meta": {"page": page, "per_page": PER_PAGE, "total": total}}))]
#[case::last_alone(|_, last, _| json!({"meta": {"total_pages": last}}))]
#[tokio::test]
async fn no_post_is_lost_in_any_paginator(#[case] paginator: fn(usize, usize, usize) -> Value) {
    check(LargeSaki::new(200, Filters::Exact, Change::Never).paginated_by(paginator)).await;
}

#[rstest]
#[case::link(json!({"next_page_url": "https://…"}))]
#[case::cursor(json!({"meta": {"next_cursor": "eyJpZCI6MTV9"}}))]
#[case::total(json!({"meta": {"total": 40}}))]
#[tokio::test]
async fn a_next_page_that_brings_nothing_new_leaves_the_list_incomplete(#[case] mut body: Value) {
    let world = World::new().await;
    body["data"] = json!([{"id": 1, "content": "A"}, {"id": 2, "content": "A"}]);
    let same = Fault::new(FaultKind::Json { body })
        .on(&Method::GET, "/spaces/{space_id}/posts")
        .times(9);
    world.sandbox().fault(same);
    let list = world.ok("list_posts", json!({"space_id": 1})).await;
    assert_eq!(list["meta"]["count"], 2);
    assert_eq!(list["meta"]["complete"], false, "{list}");
    let looked = list["meta"]["looked"].as_str().unwrap();
    assert!(looked.contains("nothing new"), "{looked}");
}

#[tokio::test]
async fn five_thousand_posts_are_read_many_pages_at_a_time() {
    let saki = LargeSaki::new(5000, Filters::Exact, Change::Never).slow(Duration::from_millis(5));
    let (saki, calls) = saki.serve().await;
    let list = calls("list_posts", json!({"search": "post"})).await.json;
    assert_eq!(list["meta"]["count"], 5000, "{}", list["meta"]);
    assert_eq!(list["meta"]["complete"], true);
    assert_eq!(saki.pages.load(Ordering::SeqCst), 334, "each page once");
    let most = saki.most_in_flight.load(Ordering::SeqCst);
    assert!((8..=16).contains(&most), "{most} at a time");
}

#[tokio::test]
async fn filters_of_saki_spare_most_pages_of_a_large_space() {
    let (saki, calls) = LargeSaki::new(3000, Filters::Exact, Change::Never)
        .serve()
        .await;
    for asked in [
        json!({"from": "2027-04-06", "to": "2027-04-08"}),
        json!({"from": "2027-04-06", "to": "2027-04-08", "account_id": 12}),
        json!({"status": "draft"}),
    ] {
        let before = saki.pages.load(Ordering::SeqCst);
        let list = calls("list_posts", asked.clone()).await.json;
        let pages = saki.pages.load(Ordering::SeqCst) - before;
        assert_ne!(list["meta"]["count"], 0);
        assert!(pages < 25, "{pages} pages for {asked}");
    }
}

#[rstest]
#[case(Change::Made(3), 601)]
#[case(Change::Deleted(3), 599)]
#[case(Change::Made(30), 601)]
#[tokio::test]
async fn a_list_that_changes_while_it_is_read_is_read_again(
    #[case] change: Change,
    #[case] count: usize,
) {
    let (_, calls) = LargeSaki::new(600, Filters::Exact, change).serve().await;
    let list = calls("list_posts", json!({})).await.json;
    assert_eq!(list["meta"]["count"], count, "{}", list["meta"]);
    assert_eq!(list["meta"]["complete"], true);
}

#[tokio::test]
async fn a_list_that_never_rests_is_not_called_complete() {
    let (_, calls) = LargeSaki::new(150, Filters::Exact, Change::Always)
        .serve()
        .await;
    let list = calls("list_posts", json!({})).await.json;
    assert_eq!(list["meta"]["complete"], false, "{}", list["meta"]);
    let looked = list["meta"]["looked"].as_str().unwrap();
    assert!(looked.contains("the list changed meanwhile"), "{looked}");
}

#[tokio::test]
async fn rows_are_sorted_by_a_number_of_the_network() {
    let (saki, calls) = LargeSaki::new(300, Filters::Exact, Change::Never)
        .serve()
        .await;
    let list = calls("list_posts", json!({"sort": "like_count"}))
        .await
        .json;
    let numbers: Vec<u64> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["sorted_by"].as_u64().unwrap())
        .collect();
    assert!(numbers.is_sorted_by(|one, next| one >= next), "{numbers:?}");
    assert_eq!(list["meta"]["count"], saki.count(|_| true));
    let refused = calls("list_posts", json!({"sort": "shares"})).await;
    assert!(
        refused.failed && refused.text.contains("Saki shows these: likes"),
        "{}",
        refused.text
    );
    let none = calls("list_posts", json!({"sort": "likes", "status": "draft"})).await;
    assert!(
        none.failed && none.text.contains("shows no numbers"),
        "{}",
        none.text
    );
}

#[tokio::test]
async fn posts_that_show_only_their_accounts_id_are_named_like_all_others() {
    let (_, calls) = LargeSaki::new(40, Filters::Exact, Change::Never)
        .serve()
        .await;
    let list = calls("list_posts", json!({"account_id": "x"})).await.json;
    let row = &list["data"][0];
    assert_eq!(row["account"], "11 @large (twitter/X)");
    assert_eq!(list["meta"]["timezone"], "Asia/Tokyo");
}
