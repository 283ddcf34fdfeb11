//! Arbitrary reply bodies: whatever Saki answers, a call has one result, which fits its schema and shows no key.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonschema::Validator;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::support::arbitrary::{config, damages, json, mutated};
use crate::support::media_files::picture;
use crate::support::planted_key::shown_part;
use crate::support::reference_replies::{Scene, scenes};
use crate::support::scripted_saki::ScriptedSaki;

/// Arguments that differ from call to call, so that no answer is a replay.
fn arguments(scene: &Scene, number: u64) -> Value {
    let mut arguments = scene.arguments.clone();
    match scene.tool {
        "create_post" | "update_cluster" => {
            arguments["content"] = json!(format!("Number {number}"))
        }
        "upload_media" => {
            let mut file = picture(64);
            file.extend(number.to_be_bytes());
            arguments["data"] = json!(STANDARD.encode(file));
        }
        _ => {}
    }
    arguments
}

#[test]
fn arbitrary_bodies_become_one_result_that_fits_its_schema() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let saki = runtime.block_on(ScriptedSaki::start());
    let tools = runtime.block_on(saki.tools());
    let schemas = tools.into_iter().map(|tool| {
        let schema = Value::Object((*tool.output_schema.unwrap()).clone());
        (
            tool.name.to_string(),
            jsonschema::validator_for(&schema).unwrap(),
        )
    });
    let schemas: BTreeMap<String, Validator> = schemas.collect();
    let scenes = scenes();
    let number = std::cell::Cell::new(0);
    let good = std::cell::Cell::new(0);
    let cases = (
        any::<Index>(),
        prop_oneof![6 => Just(200), 1 => prop::sample::select(vec![202, 204, 400, 403, 404, 409, 422, 429, 500])],
        prop_oneof![
            2 => prop::collection::vec((any::<Index>(), json()), 1..4).prop_map(Ok),
            1 => json().prop_map(Err),
        ],
        damages(),
    );
    let outcome = TestRunner::new(config(500)).run(&cases, |(scene, status, body, damage)| {
        number.set(number.get() + 1);
        let scene = scene.get(&scenes);
        let body = match body {
            Ok(changes) => mutated(scene.reply.clone(), changes),
            Err(other) => other,
        };
        let body = damage.done_to(body.to_string().into_bytes());
        let shown = String::from_utf8_lossy(&body[..body.len().min(2000)]).into_owned();
        let arguments = arguments(scene, number.get());
        let answer = runtime.block_on(saki.answered(scene, arguments, status, body));
        let answer = answer
            .map_err(|error| TestCaseError::fail(format!("{}: {error}: {shown}", scene.tool)))?;
        let all = format!("{answer:?}");
        prop_assert_eq!(shown_part(&all), None, "{}: {}", scene.tool, all);
        prop_assert!(!all.contains("which is a bug"), "{}: {shown}", scene.tool);
        if answer.failed {
            prop_assert!(!answer.text.is_empty());
            return Ok(());
        }
        good.set(good.get() + 1);
        let fit = schemas[scene.tool]
            .validate(&answer.json)
            .map_err(|error| error.to_string());
        prop_assert_eq!(fit, Ok(()), "{}: {} of {}", scene.tool, answer.json, shown);
        Ok(())
    });
    outcome.unwrap();
    assert!(good.get() > 50, "hardly anything was a result");
}
