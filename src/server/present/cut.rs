//! Results that would flood a model: cut at an element, with what was left out and how to get it.

use serde_json::{Map, Value, json};

/// 20,000 tokens, at four characters each.
const LARGEST: usize = 80_000;
/// What the note itself may take.
const NOTE: usize = 500;

/// Cuts a result to its limit; says nothing where it fits.
pub(super) fn cut(tool: &str, result: &mut Value) {
    let size = size(result);
    if size <= LARGEST {
        return;
    }
    let Some(object) = result.as_object_mut() else {
        return;
    };
    let left_out = drop_rows(object, size - LARGEST + NOTE);
    let mut note = match left_out {
        0 => String::new(),
        rows => format!(
            "{rows} rows were left out, since the answer was too long. {}",
            next(tool)
        ),
    };
    let still = self::size(&Value::Object(object.clone()));
    if still > LARGEST {
        shorten(object, still - LARGEST + NOTE);
        note.push_str("A long text was shortened.");
    }
    object.insert("note".to_owned(), json!(note.trim()));
}

fn next(tool: &str) -> &'static str {
    match tool {
        "list_posts" => {
            "Call list_posts again with the same arguments and `detail: \"concise\"`, or get_post for one of them. "
        }
        _ => {
            "Call it for one space at a time with `space_id`, or use list_posts with `from` and `to`. "
        }
    }
}

fn size(value: &Value) -> usize {
    value.to_string().len()
}

/// Drops rows from the end of `data` until `too_much` is gone, but never the first.
fn drop_rows(object: &mut Map<String, Value>, too_much: usize) -> usize {
    let Some(rows) = object.get_mut("data").and_then(Value::as_array_mut) else {
        return 0;
    };
    let (mut gone, mut dropped) = (0, 0);
    while gone < too_much && rows.len() > 1 {
        gone += rows.pop().map_or(0, |row| size(&row) + 1);
        dropped += 1;
    }
    dropped
}

/// Shortens the longest text by `too_much`.
fn shorten(object: &mut Map<String, Value>, too_much: usize) {
    let mut texts = Vec::new();
    for value in object.values_mut() {
        collect(value, &mut texts);
    }
    if let Some(longest) = texts.into_iter().max_by_key(|text| text.len()) {
        let keep = longest.len().saturating_sub(too_much);
        let end = (0..=keep)
            .rev()
            .find(|end| longest.is_char_boundary(*end))
            .unwrap_or(0);
        longest.truncate(end);
        longest.push('…');
    }
}

fn collect<'a>(value: &'a mut Value, texts: &mut Vec<&'a mut String>) {
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(items) => items.iter_mut().for_each(|item| collect(item, texts)),
        Value::Object(fields) => fields.values_mut().for_each(|field| collect(field, texts)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_that_fits_is_left_alone() {
        let mut result = json!({"data": ["x".repeat(70_000)]});
        let before = result.clone();
        cut("list_posts", &mut result);
        assert_eq!(result, before);
    }

    #[test]
    fn rows_are_cut_at_an_element_and_counted() {
        let rows: Vec<Value> = (0..100)
            .map(|id| json!({"id": id, "content": "x".repeat(2_000)}))
            .collect();
        let mut result = json!({"data": rows});
        cut("list_posts", &mut result);
        let kept = result["data"].as_array().unwrap();
        assert!(size(&result) <= LARGEST && kept.len() > 30);
        assert_eq!(
            kept.last().unwrap()["content"].as_str().unwrap().len(),
            2_000
        );
        let note = result["note"].as_str().unwrap();
        assert!(
            note.starts_with(&format!("{} rows were left out", 100 - kept.len())),
            "{note}"
        );
    }

    #[test]
    fn a_single_element_is_shortened_in_its_longest_text() {
        let mut result = json!({"data": [{"id": 7, "content": "é".repeat(90_000), "title": "t"}]});
        cut("list_posts", &mut result);
        assert!(size(&result) <= LARGEST, "{}", size(&result));
        assert_eq!(
            (&result["data"][0]["id"], &result["data"][0]["title"]),
            (&json!(7), &json!("t"))
        );
        assert!(result["note"].as_str().unwrap().contains("shortened"));
    }
}
