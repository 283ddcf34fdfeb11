//! Lenient JSON accessors: single fields of a raw reply, where another type than expected is an absent field.

use serde_json::Value;

/// An unsigned integer, also where it is written as a string.
pub fn integer(value: &Value, field: &str) -> Option<u64> {
    let value = value.get(field)?;
    value
        .as_u64()
        .or_else(|| value.as_str()?.trim().parse().ok())
}

/// A text that is not blank; numbers are written out.
pub fn text(value: &Value, field: &str) -> Option<String> {
    match value.get(field)? {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A flag, also in the spellings of PHP: `1`, `"1"`, `"true"`.
pub fn flag(value: &Value, field: &str) -> Option<bool> {
    match value.get(field)? {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => number.as_u64().map(|number| number != 0),
        Value::String(text) => match text.as_str() {
            "1" | "true" => Some(true),
            "0" | "false" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// The rows of a list field; an absent field has none.
pub fn rows<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value
        .get(field)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_and_flags_are_read_in_either_spelling() {
        let row = json!({"a": 7, "b": "7", "c": -1, "d": true, "e": "0", "f": 1});
        assert_eq!(
            (integer(&row, "a"), integer(&row, "b"), integer(&row, "c")),
            (Some(7), Some(7), None)
        );
        assert_eq!(
            (flag(&row, "d"), flag(&row, "e"), flag(&row, "f")),
            (Some(true), Some(false), Some(true))
        );
        assert_eq!((integer(&row, "z"), flag(&row, "a")), (None, Some(true)));
    }
}
