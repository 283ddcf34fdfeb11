//! Arbitrary names of files and fields: one file arrives, whole, under a plain name, and beside it the fields as they were.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};

use crate::support::arbitrary::{config, texts};
use crate::support::example_calls::PIXEL;
use crate::support::media_files::{picture, reading, sum};
use crate::support::server_under_test::{Answer, World};

/// One upload arrived, with this content and these fields.
fn arrived_whole(
    world: &World,
    answer: &Answer,
    content: &[u8],
    fields: &Map<String, Value>,
) -> Result<(), TestCaseError> {
    let writes = world.writes();
    prop_assert_eq!(writes.len(), 1, "{}", answer.text);
    let [file] = writes[0].uploads.as_slice() else {
        return Err(TestCaseError::fail(format!("{:?}", writes[0].uploads)));
    };
    prop_assert_eq!(&file.sha256, &sum(content));
    prop_assert_eq!(&file.field, "file");
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " ._-".contains(c);
    prop_assert!(file.filename.chars().all(is_plain), "{:?}", file.filename);
    prop_assert!(
        !file.filename.starts_with('.') && file.filename.len() <= 110,
        "{}",
        file.filename
    );
    prop_assert_eq!(
        writes[0].body.as_ref(),
        Some(&Value::Object(fields.clone()))
    );
    Ok(())
}

#[test]
fn arbitrary_file_names_and_fields_arrive_as_one_whole_file() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let world = runtime.block_on(World::new());
    let content =
        base64::Engine::decode(&base64::engine::general_purpose::STANDARD, PIXEL).unwrap();
    let names = prop_oneof![4 => Just("alt".to_owned()), 1 => texts()];
    let cases = (texts(), prop::collection::vec((names, texts()), 0..3));
    let outcome = TestRunner::new(config(300)).run(&cases, |(name, fields)| {
        let mut arguments = json!({"data": PIXEL, "filename": name});
        let fields: Map<String, Value> = fields
            .into_iter()
            .map(|(name, text)| (name, json!(text)))
            .collect();
        arguments.as_object_mut().unwrap().extend(fields.clone());
        world.sandbox().clear_log();
        let answer = runtime.block_on(world.call("upload_media", arguments));
        if answer.failed && world.writes().is_empty() {
            // A name that cannot be sent is named.
            prop_assert_eq!(&answer.meta["class"], "not_sent", "{}", answer.text);
            return Ok(());
        }
        arrived_whole(&world, &answer, &content, &fields)
    });
    outcome.unwrap();
}

/// What a file of the disk can be called.
#[cfg(unix)]
#[test]
fn arbitrary_paths_arrive_as_one_whole_file() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let world = runtime.block_on(reading(folder.path()));
    let content = picture(500);
    let outcome = TestRunner::new(config(150)).run(&texts(), |name| {
        let name = name.replace(['/', '\0'], "");
        // Blanks around a path are not part of it.
        let name = name.trim();
        prop_assume!(!name.is_empty() && !name.starts_with('.') && name.len() < 250);
        let path = folder.path().join(name);
        std::fs::write(&path, &content).unwrap();
        world.sandbox().clear_log();
        let answer = runtime.block_on(world.call("upload_media", json!({"path": path})));
        std::fs::remove_file(&path).unwrap();
        prop_assert!(!answer.failed, "{name:?}: {}", answer.text);
        arrived_whole(&world, &answer, &content, &Map::new())
    });
    outcome.unwrap();
}
