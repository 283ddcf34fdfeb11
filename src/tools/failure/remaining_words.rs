//! Remaining words: what the body of a refusal says beside its message and its field errors, so that no word of Saki's is lost.

use serde_json::Value;

use crate::write::quote_text::{single_line, truncate};

/// The most characters of it that a failure shows.
const MAX_LENGTH: usize = 4000;

/// Every text and number of a body that is not shown yet, on one line, each under its own name.
pub(super) fn remaining_words(body: &Value, is_shown: impl Fn(&str) -> bool) -> Option<String> {
    let mut words = Vec::new();
    collect(&mut Vec::new(), body, &mut words);
    let mut remaining: Vec<String> = Vec::new();
    for (label, word) in words {
        let labelled = match label.is_empty() {
            true => word.clone(),
            false => format!("{label}: {word}"),
        };
        if !is_shown(&word) && !remaining.contains(&labelled) {
            remaining.push(labelled);
        }
    }
    (!remaining.is_empty()).then(|| truncate(&remaining.join("; "), MAX_LENGTH).into_owned())
}

fn collect<'a>(path: &mut Vec<&'a str>, value: &'a Value, words: &mut Vec<(String, String)>) {
    /// Names that say no more than that something follows.
    const PLAIN: [&str; 14] = [
        "message",
        "messages",
        "msg",
        "error",
        "errors",
        "detail",
        "details",
        "title",
        "description",
        "reason",
        "data",
        "violations",
        "invalid-params",
        "invalid_params",
    ];
    /// Where in Saki's code it happened.
    const OF_CODE: [&str; 3] = ["trace", "file", "line"];
    let word = match value {
        Value::Object(fields) => {
            for (name, value) in fields
                .iter()
                .filter(|(name, _)| !OF_CODE.contains(&name.as_str()))
            {
                path.push(name);
                collect(path, value, words);
                path.pop();
            }
            return;
        }
        Value::Array(list) => return list.iter().for_each(|value| collect(path, value, words)),
        Value::String(text) => single_line(text).into_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(_) | Value::Null => return,
    };
    let is_telling = |name: &&&str| !PLAIN.contains(*name) && name.parse::<u64>().is_err();
    let label: Vec<&str> = path.iter().filter(is_telling).copied().collect();
    if !word.is_empty() && (!label.is_empty() || value.is_string()) {
        words.push((single_line(&label.join(".")).into_owned(), word));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case(json!({"message": "No.", "errors": ["a", "b\nc"]}), "a; b c")]
    #[case(json!({"error": {"code": 1042, "message": "No.", "hint": "Try X"}}), "code: 1042; hint: Try X")]
    #[case(json!({"errors": {"content": {"max": ["280", 281]}}}), "content.max: 280; content.max: 281")]
    #[case(json!(["a", {"0": "b"}]), "a; b")]
    #[case(json!({"message": "No.", "success": false, "trace": [{"file": "x.php"}]}), "")]
    fn what_is_not_said_yet_is_said_under_its_name(#[case] body: Value, #[case] words: &str) {
        let is_shown = |word: &str| word == "No.";
        assert_eq!(remaining_words(&body, is_shown).unwrap_or_default(), words);
    }
}
