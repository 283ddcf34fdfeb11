//! Truncation of results that are too long for a model: drops whole rows first, and notes what is missing and which call shows it.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use crate::tools::escape_hidden_json;

/// The size limit: 20,000 tokens of four characters.
const MAX_SIZE: usize = 80_000;
/// The limit of fields in one object and of items in one list, where shorter texts are not enough.
const MAX_FIELDS: usize = 64;
const MAX_NAME_LENGTH: usize = 100;
const SHORTENED_LISTS: &str = " Long lists were shortened.";
/// The size limit of the note, including the next call.
const MAX_NOTE_SIZE: usize = 600;
/// The room to make for the note, with a margin.
const NOTE_ROOM: usize = 800;

/// Truncates a result to the limit and adds a note; a result that fits stays as it is. Returns its text.
///
/// `next_call` gets the kept rows and the dropped ones, and names the call that shows the latter.
pub(super) fn truncate(
    result: &mut Value,
    next_call: impl FnOnce(&[Value], &[Value]) -> String,
) -> String {
    let text = text_of(result);
    if text.len() <= MAX_SIZE {
        return text;
    }
    shorten_result(result, next_call);
    text_of(result)
}

/// The JSON of a value, in which nothing is hidden.
fn text_of(value: &Value) -> String {
    // `Value::to_string` takes twice as long. A value whose keys are texts can always be written.
    let json = serde_json::to_string(value).unwrap_or_default();
    match escape_hidden_json(&json) {
        Cow::Owned(escaped) => escaped,
        Cow::Borrowed(_) => json,
    }
}

fn shorten_result(result: &mut Value, next_call: impl FnOnce(&[Value], &[Value]) -> String) {
    let Some(object) = result.as_object_mut() else {
        return;
    };
    object.values_mut().for_each(shorten_names);
    let size = self::size(&Value::Object(object.clone()));
    let dropped = drop_rows(object, (size + NOTE_ROOM).saturating_sub(MAX_SIZE));
    let mut note = match dropped.len() {
        0 => String::new(),
        rows => {
            let kept = object.get("data").and_then(Value::as_array);
            let next = next_call(kept.map_or(&[], Vec::as_slice), &dropped);
            format!("{rows} rows were left out, since the answer was too long. {next} ")
        }
    };
    let still = self::size(&Value::Object(object.clone()));
    if still > MAX_SIZE {
        shorten(object, still - MAX_SIZE + NOTE_ROOM);
        note.push_str("Long texts were shortened.");
    }
    // A single row may hold lists of any length.
    let mut most = MAX_FIELDS;
    while most > 0 && self::size(&Value::Object(object.clone())) > MAX_SIZE - MAX_NOTE_SIZE {
        *object = std::mem::take(object)
            .into_iter()
            .take(MAX_FIELDS)
            .collect();
        object
            .values_mut()
            .for_each(|value| limit_items(value, most));
        most /= 4;
        if !note.ends_with(SHORTENED_LISTS) {
            note.push_str(SHORTENED_LISTS);
        }
    }
    let note = match object.get("note").and_then(Value::as_str) {
        Some(text) => format!("{} {text}", note.trim()),
        None => note.trim().to_owned(),
    };
    object.insert("note".to_owned(), json!(note));
}

fn size(value: &Value) -> usize {
    text_of(value).len()
}

/// Drops rows from the end of `data` until `excess` bytes are gone, but never the first row.
fn drop_rows(object: &mut Map<String, Value>, excess: usize) -> Vec<Value> {
    let Some(rows) = object.get_mut("data").and_then(Value::as_array_mut) else {
        return Vec::new();
    };
    let (mut removed, mut kept) = (0, rows.len());
    while removed < excess && kept > 1 {
        kept -= 1;
        removed += size(&rows[kept]) + 1;
    }
    rows.split_off(kept)
}

/// Shortens the longest texts, all to the same length, until `excess` bytes are gone.
fn shorten(object: &mut Map<String, Value>, excess: usize) {
    let mut texts = Vec::new();
    for value in object.values_mut() {
        collect_texts(value, &mut texts);
    }
    let lengths: Vec<usize> = texts
        .iter()
        .map(|text| escape_hidden_json(text).len())
        .collect();
    let removed = |keep: usize| -> usize {
        lengths
            .iter()
            .map(|length| length.saturating_sub(keep))
            .sum()
    };
    let (mut least, mut most) = (0, MAX_SIZE);
    while least < most {
        let keep = (least + most).div_ceil(2);
        if removed(keep) >= excess {
            least = keep;
        } else {
            most = keep - 1;
        }
    }
    let long = texts.into_iter().zip(lengths);
    for (text, _) in long.filter(|(_, length)| *length > least) {
        let mut length = 0;
        let end = text.char_indices().find(|(_, c)| {
            length += escape_hidden_json(c.encode_utf8(&mut [0; 4])).len();
            length > least
        });
        let end = end.map_or(text.len(), |(end, _)| end);
        text.truncate(end);
        text.push('…');
    }
}

/// Shortens the names of fields, which are long only in a malicious reply.
fn shorten_names(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(shorten_names),
        Value::Object(fields) => {
            *fields = std::mem::take(fields)
                .into_iter()
                .map(|(name, value)| (name.chars().take(MAX_NAME_LENGTH).collect(), value))
                .collect();
            fields.values_mut().for_each(shorten_names);
        }
        _ => {}
    }
}

/// Keeps the first `most` items of every list and fields of every object.
fn limit_items(value: &mut Value, most: usize) {
    match value {
        Value::Array(items) => {
            items.truncate(most);
            items.iter_mut().for_each(|item| limit_items(item, most));
        }
        Value::Object(fields) => {
            *fields = std::mem::take(fields).into_iter().take(most).collect();
            fields
                .values_mut()
                .for_each(|field| limit_items(field, most));
        }
        _ => {}
    }
}

fn collect_texts<'a>(value: &'a mut Value, texts: &mut Vec<&'a mut String>) {
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(items) => items.iter_mut().for_each(|item| collect_texts(item, texts)),
        Value::Object(fields) => fields
            .values_mut()
            .for_each(|field| collect_texts(field, texts)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names the first row that was dropped.
    fn next_call(kept: &[Value], dropped: &[Value]) -> String {
        format!("{} kept, then {}.", kept.len(), dropped[0]["id"])
    }

    #[test]
    fn a_result_that_fits_is_left_alone() {
        let mut result = json!({"data": ["x".repeat(70_000)]});
        let before = result.clone();
        truncate(&mut result, next_call);
        assert_eq!(result, before);
    }

    #[test]
    fn whole_rows_are_dropped_and_counted() {
        let rows: Vec<Value> = (0..100)
            .map(|id| json!({"id": id, "content": "x".repeat(2_000)}))
            .collect();
        let mut result = json!({"data": rows});
        truncate(&mut result, next_call);
        let kept = result["data"].as_array().unwrap();
        assert!(size(&result) <= MAX_SIZE && kept.len() > 30);
        assert_eq!(
            kept.last().unwrap()["content"].as_str().unwrap().len(),
            2_000
        );
        let note = result["note"].as_str().unwrap();
        let kept = kept.len();
        assert_eq!(
            note,
            format!(
                "{} rows were left out, since the answer was too long. {kept} kept, then {kept}.",
                100 - kept
            )
        );
    }

    #[test]
    fn whatever_makes_a_result_long_it_ends_below_the_limit() {
        let long = |text: &str| text.repeat(60_000);
        let results = [
            json!({"content": long("x"), "title": long("y"), "more": long("z")}),
            json!({"content": "\u{E0041}".repeat(30_000)}),
            json!({"analytics": vec![json!([1, 2, 3]); 40_000]}),
            json!({"id": 7, "analytics": {"name".repeat(40_000): 1}}),
            json!({"data": {"a": {"b": (0..40_000).map(|n| (n.to_string(), n.into())).collect::<Map<_, _>>()}}}),
            json!({"children": vec![json!({"content": "a short text"}); 10_000]}),
        ];
        for mut result in results {
            truncate(&mut result, next_call);
            assert!(size(&result) <= MAX_SIZE, "{}", size(&result));
            assert!(result["note"].is_string());
            assert!(result.get("id").is_none_or(|id| id == 7));
        }
    }

    #[test]
    fn a_single_element_is_shortened_in_its_longest_text() {
        let mut result = json!({"data": [{"id": 7, "content": "é".repeat(90_000), "title": "t"}]});
        truncate(&mut result, next_call);
        assert!(size(&result) <= MAX_SIZE, "{}", size(&result));
        assert_eq!(
            (&result["data"][0]["id"], &result["data"][0]["title"]),
            (&json!(7), &json!("t"))
        );
        assert!(result["note"].as_str().unwrap().contains("shortened"));
    }
}
