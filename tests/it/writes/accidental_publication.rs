//! What no input may lead to: a live post that nobody asked for.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use saki_mcp::sandbox::{CreateForms, SandboxOptions};
use serde_json::{Value, json};

use crate::support::server_under_test::{NOW, World};

/// Whatever a model may put where one of the three choices belongs.
fn publish() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => prop::sample::select(vec!["draft", "schedule", "now"]).prop_map(Value::from),
        1 => prop::sample::select(vec!["Draft", "NOW", "now ", "live", "publish", "scheduled", "", "null"]).prop_map(Value::from),
        3 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => ".{0,12}".prop_map(Value::from),
    ]
}

fn moment() -> impl Strategy<Value = String> {
    let day = (2026i64..2031, 1i64..14, 0i64..33, 0i64..25, 0i64..61);
    let zone = prop::sample::select(vec![
        "",
        "Z",
        "+02:00",
        "-11:00",
        "+14:00",
        "[Europe/Berlin]",
        "+01:00[Europe/Berlin]",
        "[America/New_York]",
        " UTC",
        "Z[Asia/Tokyo]",
    ]);
    (day, zone).prop_map(|((year, month, day, hour, minute), zone)| {
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}{zone}")
    })
}

/// Times of every kind: near and far, past and ahead, exact, impossible and no times at all.
fn scheduled_at() -> impl Strategy<Value = Value> {
    let now = NOW.parse::<jiff::Timestamp>().unwrap().as_second();
    prop_oneof![
        6 => moment().prop_map(Value::from),
        3 => (-200i64..200_000).prop_map(move |ahead| json!(now + ahead)),
        2 => (-200i64..200).prop_map(move |ahead| json!(((now + ahead) * 1000).to_string())),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        8 => Just(Value::Null),
        1 => prop::sample::select(vec!["", " ", "now", "tomorrow 9am", "2027-04-10", "0", "-1", "in 5 minutes", "9999-12-31T23:59:59Z"]).prop_map(Value::from),
        2 => ".{0,30}".prop_map(Value::from),
        1 => Just(json!([])),
    ]
}

fn timezone() -> impl Strategy<Value = Value> {
    prop_oneof![
        8 => Just(Value::Null),
        3 => prop::sample::select(vec!["Europe/Berlin", "America/New_York", "Pacific/Kiritimati", "UTC", "Europe/Berln", "+02:00", ""]).prop_map(Value::from),
        1 => ".{0,12}".prop_map(Value::from),
    ]
}

/// What was sent must be what was asked for; anything else stays at home.
fn holds(call: &Value, body: &Value) -> Result<(), TestCaseError> {
    let publish = call["publish"].as_str();
    let is_short = body.get("account_ids").is_some();
    let now = NOW.parse::<jiff::Timestamp>().unwrap().as_second();
    match publish {
        Some("draft") => {
            prop_assert!(!is_short, "a draft left in a form that has no drafts");
            prop_assert_eq!(&body["is_draft"], &json!(true));
        }
        Some("now") => {
            prop_assert!(!is_short);
            prop_assert_eq!(&call["scheduled_at"], &Value::Null);
            prop_assert_eq!(
                (&body["is_draft"], &body["at"]),
                (&json!(false), &Value::Null)
            );
        }
        _ => {
            let at = match is_short {
                true => body["scheduled_at"]
                    .as_str()
                    .unwrap()
                    .parse::<jiff::Timestamp>()
                    .unwrap()
                    .as_second(),
                false => {
                    prop_assert_eq!(&body["is_draft"], &json!(false));
                    let at = body["at"].as_i64();
                    prop_assert!(at.is_some(), "a scheduled post without a time");
                    at.unwrap_or_default()
                }
            };
            prop_assert!(
                at >= now + 60,
                "a scheduled post at {at}, which may go out at once"
            );
        }
    }
    Ok(())
}

/// How many posts are public.
fn live(world: &World) -> usize {
    world.sandbox().state(|state| {
        let posts = state.posts.values();
        posts.filter(|post| post.published_at.is_some()).count()
    })
}

/// A cluster that is not public yet.
fn waiting(world: &World) -> Option<String> {
    world.sandbox().state(|state| {
        let mut posts = state.posts.values();
        let found = posts.find(|post| post.published_at.is_none() && post.account_id == 11);
        found.map(|post| post.cluster_id.clone())
    })
}

fn no_input_publishes_unasked(forms: CreateForms) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let options = SandboxOptions {
        create_forms: forms,
        ..SandboxOptions::default()
    };
    let world = runtime.block_on(World::with(options, |_| {}));
    let config = Config {
        cases: 400,
        failure_persistence: None,
        ..Config::default()
    };
    let number = std::cell::Cell::new(0);
    let sent = std::cell::RefCell::new(BTreeMap::<String, usize>::new());
    let wild = (publish(), scheduled_at(), timezone(), any::<bool>());
    // Some that are surely sent, so that there is always something to look at.
    let kinds = prop::sample::select(vec![json!("draft"), json!("now")]);
    let plain = (kinds, Just(Value::Null), Just(Value::Null), Just(false));
    let calls = prop_oneof![4 => wild, 1 => plain];
    let outcome =
        TestRunner::new(config).run(&calls, |(publish, scheduled_at, timezone, cluster)| {
            // Another text each time, or the same call would be answered with the first outcome.
            number.set(number.get() + 1);
            let text = format!("Number {}", number.get());
            let mut call = json!({"space_id": 1, "account_ids": [11, 13], "content": text,
            "publish": publish, "scheduled_at": scheduled_at, "timezone": timezone});
            world.sandbox().clear_log();
            let before = live(&world);
            if cluster {
                call["cluster_id"] = json!(waiting(&world));
            }
            let tool = if cluster {
                "update_cluster"
            } else {
                "create_post"
            };
            runtime.block_on(world.call(tool, call.clone()));
            // The letter case of a choice and spaces around it do not matter.
            if let Some(given) = call["publish"].as_str() {
                call["publish"] = json!(given.trim().to_ascii_lowercase());
            }
            for write in world.writes() {
                let publish = call["publish"].as_str().unwrap_or("schedule");
                *sent.borrow_mut().entry(publish.to_owned()).or_default() += 1;
                let is_kept =
                    cluster && call["publish"].is_null() && call["scheduled_at"].is_null();
                if !is_kept {
                    holds(&call, &write.body.unwrap_or_default())?;
                }
            }
            let is_asked_for = call["publish"] == "now";
            prop_assert!(
                is_asked_for || live(&world) == before,
                "something went live"
            );
            Ok(())
        });
    outcome.unwrap();
    let many = |mode: &str| sent.borrow().get(mode).copied().unwrap_or_default() > 3;
    assert!(
        many("schedule"),
        "hardly anything reached Saki, so nothing was shown: {sent:?}"
    );
    assert!(
        forms == CreateForms::OverviewOnly || many("draft") && many("now"),
        "{sent:?}"
    );
}

#[test]
fn no_input_publishes_unasked_with_both_forms() {
    no_input_publishes_unasked(CreateForms::Both);
}

#[test]
fn no_input_publishes_unasked_with_the_overview_form_only() {
    no_input_publishes_unasked(CreateForms::OverviewOnly);
}
