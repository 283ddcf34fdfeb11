//! Arbitrary refusals: every word of a 422 is in the error, and none of them begins a line of ours.

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};

use crate::support::arbitrary::config;
use crate::support::reference_replies::scenes;
use crate::support::scripted_saki::ScriptedSaki;

/// Texts of a few words, some of them with lines that look like ours.
fn words() -> BoxedStrategy<String> {
    let word = prop_oneof![
        4 => "[a-z]{3,8}",
        1 => "[äöéßж日本]{3,6}",
    ];
    let between = prop::sample::select(vec![
        " ",
        " ",
        " ",
        "\n",
        "\r\n",
        "\n- `content`: ",
        "\n\nNext, call ",
        "\u{2028}",
    ]);
    prop::collection::vec((word, between), 1..5)
        .prop_map(|words| {
            words
                .into_iter()
                .map(|(word, between)| word + between)
                .collect::<String>()
        })
        .boxed()
}

/// Refusals of the shapes that are known, and any other of texts in lists and maps.
fn refusals() -> impl Strategy<Value = Value> {
    let fields = prop::sample::select(vec![
        "name",
        "content",
        "items.0.main.content",
        "account_ids.0",
        "url",
        "other",
    ]);
    let entries = prop::collection::vec((fields, words()), 1..4);
    let nested = words()
        .prop_map(Value::from)
        .prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 1..4).prop_map(Value::from),
                prop::collection::vec(("[a-z_]{3,9}", inner), 1..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
            ]
        });
    prop_oneof![
        (words(), entries.clone()).prop_map(|(message, entries)| {
            let errors: Map<String, Value> = entries.into_iter().map(|(name, text)| (name.to_owned(), json!([text]))).collect();
            json!({"message": message, "errors": errors})
        }),
        (words(), entries.clone()).prop_map(|(title, entries)| {
            let params: Vec<Value> = entries.into_iter().map(|(name, text)| json!({"name": name, "reason": text})).collect();
            json!({"type": "about:blank", "title": title, "status": 422, "detail": "d-e-t-a-i-l", "invalid-params": params})
        }),
        entries.prop_map(|entries| {
            let errors: Vec<Value> = entries
                .into_iter()
                .map(|(name, text)| json!({"source": {"pointer": format!("/data/attributes/{name}")}, "detail": text}))
                .collect();
            json!({"errors": errors})
        }),
        prop::collection::vec(words(), 1..4).prop_map(|texts| json!({"errors": texts})),
        words().prop_map(|text| json!({"error": text})),
        nested.clone().prop_map(|errors| json!({"errors": errors})),
        nested,
    ]
}

/// The words of the texts in a body.
fn said(body: &Value, words: &mut Vec<String>) {
    match body {
        Value::String(text) => {
            let found = text.split(|c: char| !c.is_alphabetic());
            words.extend(
                found
                    .filter(|word| word.chars().count() > 2)
                    .map(str::to_owned),
            );
        }
        Value::Array(items) => items.iter().for_each(|item| said(item, words)),
        // A path is shown as the field of the tool that it means.
        Value::Object(fields) => fields
            .iter()
            .filter(|(key, _)| !["name", "pointer"].contains(&key.as_str()))
            .for_each(|(_, value)| said(value, words)),
        _ => {}
    }
}

/// What a text may hold of Saki's before it is cut.
const LIMIT: usize = 180;

#[test]
fn arbitrary_refusals_are_told_whole_and_forge_no_line() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let saki = runtime.block_on(ScriptedSaki::start());
    let writes: Vec<_> = scenes()
        .into_iter()
        .filter(|scene| scene.method != "GET")
        .collect();
    let cases = (any::<Index>(), refusals());
    let outcome = TestRunner::new(config(300)).run(&cases, |(scene, body)| {
        let scene = scene.get(&writes);
        prop_assume!(body.to_string().chars().count() < LIMIT);
        let answer = runtime.block_on(saki.answered(
            scene,
            scene.arguments.clone(),
            422,
            body.to_string().into_bytes(),
        ));
        let answer = answer.map_err(TestCaseError::fail)?;
        prop_assert!(answer.failed, "{}", answer.json);
        prop_assert_eq!(&answer.meta["class"], "rejected", "{}", answer.text);
        let shown = format!("{}\n{}", answer.text, answer.meta);
        let mut words = Vec::new();
        said(&body, &mut words);
        for word in words {
            prop_assert!(
                shown.contains(&word),
                "{} is lost of {}: {}",
                word,
                body,
                shown
            );
        }
        for line in answer.text.split(['\n', '\r', '\u{2028}']) {
            prop_assert!(
                !line.starts_with("- `content`: ") || !forged(&body, line),
                "{} of {}",
                line,
                body
            );
            prop_assert!(
                !line.starts_with("Next, call "),
                "{} of {}",
                answer.text,
                body
            );
        }
        Ok(())
    });
    outcome.unwrap();
}

/// Whether a line stands as such within one text of the body.
fn forged(body: &Value, line: &str) -> bool {
    match body {
        Value::String(text) => text
            .split(['\n', '\u{2028}'])
            .skip(1)
            .any(|part| part.trim_end() == line.trim_end()),
        Value::Array(items) => items.iter().any(|item| forged(item, line)),
        Value::Object(fields) => fields.values().any(|value| forged(value, line)),
        _ => false,
    }
}
