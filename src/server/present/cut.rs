//! Results that would flood a model: cut at an element, with what was left out and how to get it.

use serde_json::{Map, Value, json};

use crate::tools::escape_hidden_json;

/// 20,000 tokens, at four characters each.
const LARGEST: usize = 80_000;
/// Fields of one object, and items of one list, where there are too many.
const MOST_FIELDS: usize = 64;
const LONGEST_NAME: usize = 100;
const THINNED: &str = " Only the beginning of its lists is left.";
/// What the note itself takes at most, the next call in it.
const NOTE_ITSELF: usize = 600;
/// What is made room for, a little more.
const NOTE: usize = 800;

/// Cuts a result to its limit; says nothing where it fits.
///
/// `next` names the call that shows the rows that were left out, from those that were kept and those that were not.
pub(super) fn cut(result: &mut Value, next: impl FnOnce(&[Value], &[Value]) -> String) {
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
    let mut note = match left_out.len() {
        0 => String::new(),
        rows => {
            let kept = object.get("data").and_then(Value::as_array);
            let next = next(kept.map_or(&[], Vec::as_slice), &left_out);
            format!("{rows} rows were left out, since the answer was too long. {next} ")
        }
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
    let note = match object.get("note").and_then(Value::as_str) {
        Some(said) => format!("{} {said}", note.trim()),
        None => note.trim().to_owned(),
    };
    object.insert("note".to_owned(), json!(note));
}

fn size(value: &Value) -> usize {
    escape_hidden_json(&value.to_string()).len()
}

/// Drops rows from the end of `data` until `too_much` is gone, but never the first.
fn drop_rows(object: &mut Map<String, Value>, too_much: usize) -> Vec<Value> {
    let Some(rows) = object.get_mut("data").and_then(Value::as_array_mut) else {
        return Vec::new();
    };
    let (mut gone, mut kept) = (0, rows.len());
    while gone < too_much && kept > 1 {
        kept -= 1;
        gone += size(&rows[kept]) + 1;
    }
    rows.split_off(kept)
}

/// Shortens the longest texts, all to the same length, until `too_much` is gone.
fn shorten(object: &mut Map<String, Value>, too_much: usize) {
    let mut texts = Vec::new();
    for value in object.values_mut() {
        collect(value, &mut texts);
    }
    let lengths: Vec<usize> = texts
        .iter()
        .map(|text| escape_hidden_json(text).len())
        .collect();
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
            shown += escape_hidden_json(c.encode_utf8(&mut [0; 4])).len();
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

    /// The first row that was left out.
    fn said(kept: &[Value], left_out: &[Value]) -> String {
        format!("{} kept, then {}.", kept.len(), left_out[0]["id"])
    }

    #[test]
    fn a_result_that_fits_is_left_alone() {
        let mut result = json!({"data": ["x".repeat(70_000)]});
        let before = result.clone();
        cut(&mut result, said);
        assert_eq!(result, before);
    }

    #[test]
    fn rows_are_cut_at_an_element_and_counted() {
        let rows: Vec<Value> = (0..100)
            .map(|id| json!({"id": id, "content": "x".repeat(2_000)}))
            .collect();
        let mut result = json!({"data": rows});
        cut(&mut result, said);
        let kept = result["data"].as_array().unwrap();
        assert!(size(&result) <= LARGEST && kept.len() > 30);
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
        let odd = [
            json!({"content": long("x"), "title": long("y"), "more": long("z")}),
            json!({"content": "\u{E0041}".repeat(30_000)}),
            json!({"analytics": vec![json!([1, 2, 3]); 40_000]}),
            json!({"id": 7, "analytics": {"name".repeat(40_000): 1}}),
            json!({"data": {"a": {"b": (0..40_000).map(|n| (n.to_string(), n.into())).collect::<Map<_, _>>()}}}),
            json!({"children": vec![json!({"content": "a short text"}); 10_000]}),
        ];
        for mut result in odd {
            cut(&mut result, said);
            assert!(size(&result) <= LARGEST, "{}", size(&result));
            assert!(result["note"].is_string());
            assert!(result.get("id").is_none_or(|id| id == 7));
        }
    }

    #[test]
    fn a_single_element_is_shortened_in_its_longest_text() {
        let mut result = json!({"data": [{"id": 7, "content": "é".repeat(90_000), "title": "t"}]});
        cut(&mut result, said);
        assert!(size(&result) <= LARGEST, "{}", size(&result));
        assert_eq!(
            (&result["data"][0]["id"], &result["data"][0]["title"]),
            (&json!(7), &json!("t"))
        );
        assert!(result["note"].as_str().unwrap().contains("shortened"));
    }
}
