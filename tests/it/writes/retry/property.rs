//! Whatever goes wrong in whatever order: a write is done once at most, and its answer does not lie about it.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use saki_mcp::sandbox::{Fault, FaultKind, LoggedRequest};
use serde_json::{Value, json};

use crate::support::example_calls::slot;
use crate::support::faults::{late, losses};
use crate::support::media_files::PNG;
use crate::support::post_arguments::{cluster_change, new_post};
use crate::support::sandbox_state::is_active;
use crate::support::server_under_test::{TRIES, World};

/// What one try runs into.
fn trouble() -> impl Strategy<Value = FaultKind> {
    let haste = Fault::status(429).header("Retry-After", "0").kind;
    let long = Fault::status(429).header("Retry-After", "3600").kind;
    let refusals = [400, 403, 422].map(|status| Fault::status(status).kind);
    prop_oneof![
        4 => Just(haste),
        1 => Just(long),
        5 => prop::sample::select(losses()),
        1 => Just(late(503)),
        1 => Just(FaultKind::Html),
        1 => prop::sample::select(refusals.to_vec()),
    ]
}

/// Writes of which one must not become two.
const ONCE: [&str; 7] = [
    "create_post",
    "create_slot",
    "create_webhook",
    "upload_media",
    "update_cluster",
    "update_post",
    "set_account_active",
];
/// Writes that may come twice.
const REPEATED: [&str; 4] = [
    "update_space",
    "update_webhook",
    "delete_slot",
    "delete_post",
];

/// Arguments that the tool takes and that change something each time.
async fn arguments(world: &World, tool: &str, number: usize) -> Value {
    let text = format!("Number {number}");
    match tool {
        "create_post" => new_post(text).now(),
        "create_slot" => slot(),
        "create_webhook" => {
            json!({"space_id": 1, "url": "https://a.example", "events": ["post.failed"]})
        }
        "upload_media" => json!({"data": PNG}),
        "update_cluster" => {
            let cluster = world.sandbox().state(|state| {
                let post = state.posts.get(106).unwrap();
                post.cluster_id.clone()
            });
            cluster_change(cluster)
                .on([11, 12, 13])
                .with(json!({"content": text}))
                .draft()
        }
        "update_post" => json!({"space_id": 1, "post_id": 106, "content": text, "status": 0}),
        "set_account_active" => {
            json!({"space_id": 1, "account_id": 16, "is_active": !is_active(world, 16)})
        }
        "update_space" => json!({"space_id": 1, "name": text}),
        "update_webhook" => {
            json!({"space_id": 1, "webhook_id": 701, "url": format!("https://a.example/{number}")})
        }
        "delete_slot" => {
            let made = world.ok("create_slot", slot()).await;
            json!({"space_id": 1, "slot_id": made["id"]})
        }
        _ => {
            let post = new_post(text).draft();
            let made = world.ok("create_post", post).await;
            json!({"space_id": 1, "post_id": made["post_ids"][0]})
        }
    }
}

/// Whether a try that ran into this was done by Saki all the same.
fn is_done(call: &LoggedRequest, trouble: Option<&FaultKind>) -> bool {
    match trouble {
        None => call.status.is_some_and(|status| status < 300),
        Some(FaultKind::DropBefore) => false,
        Some(FaultKind::Status { after_write, .. }) => *after_write,
        Some(_) => true,
    }
}

/// What is claimed, held against how often Saki did it.
fn holds(tool: &str, class: Option<&str>, done: usize, tries: usize) -> Result<(), TestCaseError> {
    prop_assert!((1..=TRIES as usize).contains(&tries), "{tries} tries");
    if ONCE.contains(&tool) {
        prop_assert!(done <= 1, "done {done} times");
    }
    match class {
        None => prop_assert!(done >= 1, "it is said to be done"),
        Some("unknown_outcome") => {}
        Some(class) => prop_assert!(done == 0, "{class}, but done {done} times"),
    }
    Ok(())
}

#[test]
fn no_order_of_faults_makes_saki_do_a_write_twice_or_the_answer_lie() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let world = runtime.block_on(World::new());
    let config = Config {
        cases: 250,
        failure_persistence: None,
        ..Config::default()
    };
    let tools = prop::sample::select([&ONCE[..], &REPEATED[..]].concat());
    let schedules = prop::collection::vec(trouble(), 0..6);
    let number = std::cell::Cell::new(0);
    let seen = std::cell::RefCell::new([0; 3]);
    let outcome = TestRunner::new(config).run(&(tools, schedules), |(tool, schedule)| {
        number.set(number.get() + 1);
        let asked = runtime.block_on(arguments(&world, tool, number.get()));
        world.sandbox().clear_log();
        for kind in &schedule {
            for method in ["POST", "PUT", "PATCH", "DELETE"] {
                world.sandbox().fault(Fault {
                    method: Some(method.to_owned()),
                    ..Fault::new(kind.clone())
                });
            }
        }
        let answer = runtime.block_on(world.call(tool, asked));
        world.sandbox().clear_faults();
        let writes = world.writes();
        let troubles = schedule.iter().map(Some);
        let troubles = troubles.chain(std::iter::repeat(None));
        let done = writes.iter().zip(troubles);
        let done = done
            .filter(|(call, trouble)| is_done(call, *trouble))
            .count();
        let class = answer
            .failed
            .then(|| answer.meta["class"].as_str().unwrap());
        let kind = match class {
            None => 0,
            Some("unknown_outcome") => 1,
            Some(_) => 2,
        };
        seen.borrow_mut()[kind] += 1;
        holds(tool, class, done, writes.len())
    });
    outcome.unwrap();
    assert!(
        seen.borrow().iter().all(|count| *count > 10),
        "some outcomes hardly happened, so little was shown: {seen:?}"
    );
}
