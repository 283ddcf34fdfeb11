//! Results that would flood a model: cut at an element, with what was left out and how to get it.

use serde_json::{Map, Value, json};

use crate::tools::visible_json;

/// 20,000 tokens, at four characters each.
const LARGEST: usize = 80_000;
/// Fields of one object, and items of one list, where there are too many.
const MOST_FIELDS: usize = 64;
const LONGEST_NAME: usize = 100;
const THINNED: &str = " Only the beginning of its lists is left.";
/// What the note itself takes at most.
const NOTE_ITSELF: usize = 300;
/// What is made room for, a little more.
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
    object.values_mut().for_each(shorten_names);
    let size = self::size(&Value::Object(object.clone()));
    let left_out = drop_rows(object, (size + NOTE).saturating_sub(LARGEST));
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
        note.push_str("Long texts were shortened.");
    }
    // Saki may send lists without end in a single element.
    let mut most = MOST_FIELDS;
    while most > 0 && self::size(&Value::Object(object.clone())) > LARGEST - NOTE_ITSELF {
        *object = std::mem::take(object)
            .into_iter()
            .take(MOST_FIELDS)
            .collect();
        object.values_mut().for_each(|value| thin(value, most));
        most /= 4;
        if !note.ends_with(THINNED) {
            note.push_str(THINNED);
        }
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
    visible_json(&value.to_string()).len()
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

/// Shortens the longest texts, all to the same length, until `too_much` is gone.
fn shorten(object: &mut Map<String, Value>, too_much: usize) {
    let mut texts = Vec::new();
    for value in object.values_mut() {
        collect(value, &mut texts);
    }
    let lengths: Vec<usize> = texts.iter().map(|text| visible_json(text).len()).collect();
    let gone = |keep: usize| -> usize {
        lengths
            .iter()
            .map(|length| length.saturating_sub(keep))
            .sum()
    };
    let (mut least, mut most) = (0, LARGEST);
    while least < most {
        let keep = (least + most).div_ceil(2);
        if gone(keep) >= too_much {
            least = keep;
        } else {
            most = keep - 1;
        }
    }
    let long = texts.into_iter().zip(lengths);
    for (text, _) in long.filter(|(_, length)| *length > least) {
        let mut shown = 0;
        let end = text.char_indices().find(|(_, c)| {
            shown += visible_json(c.encode_utf8(&mut [0; 4])).len();
            shown > least
        });
        let end = end.map_or(text.len(), |(end, _)| end);
        text.truncate(end);
        text.push('…');
    }
}

/// Shortens the names of fields, which are words in any but a planted reply.
fn shorten_names(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(shorten_names),
        Value::Object(fields) => {
            *fields = std::mem::take(fields)
                .into_iter()
                .map(|(name, value)| (name.chars().take(LONGEST_NAME).collect(), value))
                .collect();
            fields.values_mut().for_each(shorten_names);
        }
        _ => {}
    }
}

/// Keeps the first `most` of every list and of every object's fields.
fn thin(value: &mut Value, most: usize) {
    match value {
        Value::Array(items) => {
            items.truncate(most);
            items.iter_mut().for_each(|item| thin(item, most));
        }
        Value::Object(fields) => {
            *fields = std::mem::take(fields).into_iter().take(most).collect();
            fields.values_mut().for_each(|field| thin(field, most));
        }
        _ => {}
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
    fn whatever_makes_a_result_long_it_ends_below_the_limit() {
        let long = |text: &str| text.repeat(60_000);
        let odd = [
            json!({"content": long("x"), "title": long("y"), "more": long("z")}),
            json!({"content": "\u{E0041}".repeat(30_000)}),
            json!({"analytics": vec![json!([1, 2, 3]); 40_000]}),
            json!({"id": 7, "analytics": {"name".repeat(40_000): 1}}),
            json!({"data": {"a": {"b": (0..40_000).map(|n| (n.to_string(), n.into())).collect::<Map<_, _>>()}}}),
            json!({"children": vec![json!({"content": "a short text"}); 10_000]}),
        ];
        for mut result in odd {
            cut("get_post", &mut result);
            assert!(size(&result) <= LARGEST, "{}", size(&result));
            assert!(result["note"].is_string());
            assert!(result.get("id").is_none_or(|id| id == 7));
        }
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
