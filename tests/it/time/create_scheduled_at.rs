//! `create_post`: times as a call writes them; the long table stands beside the reader of times.

use std::time::Duration;

use http::Method;
use rstest::rstest;
use saki_mcp::sandbox::{Fault, FaultKind};
use saki_mcp::write::when::zone;
use serde_json::json;

use crate::support::post_arguments::new_post;
use crate::support::sandbox_state::{bodies, posts_after};
use crate::support::server_under_test::World;

#[tokio::test]
async fn every_way_to_write_a_time_reaches_saki_as_the_same_second() {
    let world = World::new().await;
    let ways = [
        json!({"scheduled_at": "2027-04-10T09:00"}),
        json!({"scheduled_at": "2027-04-10T09:00", "timezone": "Europe/Berlin"}),
        json!({"scheduled_at": "2027-04-10T03:00", "timezone": "America/New_York"}),
        json!({"scheduled_at": "2027-04-10T09:00:00+02:00"}),
        json!({"scheduled_at": "2027-04-10T07:00:00Z"}),
        json!({"scheduled_at": "2027-04-10T16:00[Asia/Tokyo]"}),
        json!({"scheduled_at": 1_807_340_400}),
        json!({"scheduled_at": "1807340400000"}),
    ];
    for way in ways {
        let mut asked = new_post("x").undecided();
        for (name, value) in way.as_object().unwrap() {
            asked[name] = value.clone();
        }
        let answer = world.ok("create_post", asked).await;
        assert_eq!(answer["scheduled_at"], "2027-04-10T07:00:00Z", "{way}");
        let at = world.sandbox().state(|state| {
            let id = answer["post_ids"][0].as_u64().unwrap();
            state.posts.get(id).unwrap().scheduled_at
        });
        assert_eq!(at.unwrap().to_string(), "2027-04-10T07:00:00Z", "{way}");
    }
    assert!(
        bodies(&world)
            .iter()
            .all(|body| body["at"] == 1_807_340_400)
    );
}

#[tokio::test]
async fn an_impossible_time_is_refused_and_nothing_is_sent() {
    let world = World::new().await;
    let refusals = [
        ("2027-04-09T11:59", "past"),
        ("2027-04-09T10:00:20Z", "60"),
        ("2020-01-01T00:00:00Z", "past"),
        ("tomorrow 9am", "2027-04-10"),
        ("2027-04-10", "time"),
        ("2028-03-26T02:30", "does not exist"),
        ("2027-10-31T02:30", "twice"),
        ("2027-04-10T09:00+01:00[Europe/Berlin]", "contradicts"),
        ("", "scheduled_at"),
    ];
    for (given, why) in refusals {
        let said = world.refused("create_post", new_post("x").at(given)).await;
        assert!(said.starts_with("`scheduled_at`: "), "{given}: {said}");
        assert!(said.contains(why), "{given}: {said}");
    }
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn a_local_time_without_a_zone_names_the_zone_of_the_space() {
    let world = World::with(Default::default(), |settings| settings.timezone = None).await;
    let last = crate::support::sandbox_state::last_post(&world);
    let asked = new_post("x").space(2).on([22]).at("2027-04-10T09:00");
    let said = world.refused("create_post", asked.clone()).await;
    assert!(said.contains("America/New_York"), "{said}");
    assert!(said.contains("2027-04-10T09:00:00-04:00"), "{said}");
    assert!(world.writes().is_empty());
    let mut mended = asked;
    mended["timezone"] = json!("America/New_York");
    let answer = world.ok("create_post", mended).await;
    assert_eq!(answer["scheduled_at"], "2027-04-10T13:00:00Z");
    assert_eq!(
        posts_after(&world, last)[0]["scheduled_at"],
        "2027-04-10T13:00:00Z"
    );
}

#[rstest]
#[case::utc("2027-04-10T07:00:00Z")]
#[case::offset("2027-04-10T03:00:00-04:00")]
#[case::unix("1807340400")]
#[case::fraction("2027-04-10T07:00:00.000000Z")]
#[tokio::test]
async fn an_exact_time_is_shown_in_the_zone_of_the_space_as_its_posts_are(#[case] given: &str) {
    let world = World::with(Default::default(), |settings| settings.timezone = None).await;
    let local = "Sat 10 Apr 2027, 09:00 (Europe/Berlin)";
    let asked = new_post("x").on([14]).at(given);
    let mut dry = asked.clone();
    dry["dry_run"] = json!(true);
    assert_eq!(world.ok("create_post", dry).await["local"], local);
    let answer = world.ok("create_post", asked).await;
    assert_eq!(answer["local"], local);
    assert_eq!(answer["data"][0]["local"], local);
    let again = new_post("x").on([14]).at("2027-04-20T07:00:00Z");
    let warned = world.ok("create_post", again).await["warnings"].to_string();
    assert!(
        warned.contains("for Sat 10 Apr 2027, 09:00 (Europe/Berlin)"),
        "{warned}"
    );
    let edit = json!({"space_id": 1, "post_id": 113, "scheduled_at": given, "dry_run": true});
    assert_eq!(world.ok("update_post", edit).await["local"], local);
}

#[rstest]
#[case::name("America/New_York")]
#[case::blanks(" America/New_York ")]
#[case::abbreviation("EST5EDT")]
#[tokio::test]
async fn posts_are_shown_in_the_zone_that_the_call_names(#[case] named: &str) {
    let world = World::new().await;
    let mut asked = new_post("x").on([14]).at("2027-04-10T09:00");
    asked["timezone"] = json!(named);
    let created = world.ok("create_post", asked.clone()).await;
    let local = created["local"].as_str().unwrap();
    assert!(local.starts_with("Sat 10 Apr 2027, 09:00 ("), "{local}");
    assert_eq!(created["data"][0]["local"], local, "{created}");
    let again = world.ok("create_post", asked).await;
    assert_eq!(again["data"][0]["local"], local, "{again}");

    let cluster = json!({"space_id": 1, "cluster_id": created["cluster_id"], "account_ids": [14],
        "text": "y", "scheduled_at": "2027-04-11T09:00", "timezone": named});
    let replaced = world.ok("update_cluster", cluster).await;
    assert_eq!(
        replaced["data"][0]["local"], replaced["local"],
        "{replaced}"
    );

    let edit = json!({"space_id": 1, "post_id": 113, "scheduled_at": "2027-04-10T09:00",
        "timezone": named});
    let edited = world.ok("update_post", edit).await;
    assert_eq!(edited["local"], local, "{edited}");
}

#[tokio::test]
async fn a_time_far_ahead_is_taken_with_a_warning() {
    let world = World::with(Default::default(), |settings| {
        settings.timezone = Some(zone("Asia/Kathmandu").unwrap());
    })
    .await;
    let asked = new_post("x").at("2030-01-01T00:00");
    let answer = world.ok("create_post", asked).await;
    assert_eq!(answer["scheduled_at"], "2029-12-31T18:15:00Z");
    assert_eq!(answer["local"], "Tue 1 Jan 2030, 00:00 (Asia/Kathmandu)");
    assert!(answer["warnings"][0].is_string(), "{answer}");
    assert_eq!(answer["verified"], true);
}

#[tokio::test]
async fn a_time_that_gets_too_near_during_lookups_is_refused() {
    for (passes, is_sent) in [("10:00:20", true), ("10:01:20", false)] {
        let world = World::new().await;
        let slow = FaultKind::Delay {
            ms: 300,
            after_write: false,
        };
        let accounts = "/spaces/{space_id}/accounts";
        world
            .sandbox()
            .fault(Fault::new(slow).on(&Method::GET, accounts));
        let asked = new_post("x").at("2027-04-09T10:02:00Z");
        let meanwhile = async {
            tokio::time::sleep(Duration::from_millis(150)).await;
            let instant = format!("2027-04-09T{passes}Z");
            world.clock.set(instant.parse().unwrap());
        };
        let (answer, ()) = tokio::join!(world.call("create_post", asked), meanwhile);
        assert_eq!(answer.failed, !is_sent, "{}", answer.text);
        assert_eq!(world.writes().len(), usize::from(is_sent));
    }
}
