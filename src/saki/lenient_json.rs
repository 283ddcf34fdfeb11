//! Lenient JSON accessors: single fields of a raw reply, where another type than expected is an absent field.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

/// What has fields by name.
pub trait Fields {
    /// The field, where there is one.
    fn field(&self, name: &str) -> Option<&Value>;
}

impl Fields for Value {
    fn field(&self, name: &str) -> Option<&Value> {
        self.get(name)
    }
}

impl<T: Fields> Fields for &T {
    fn field(&self, name: &str) -> Option<&Value> {
        (**self).field(name)
    }
}

impl Fields for Map<String, Value> {
    fn field(&self, name: &str) -> Option<&Value> {
        self.get(name)
    }
}

/// An unsigned integer, also where it is written as a string.
pub fn integer(of: &impl Fields, field: &str) -> Option<u64> {
    as_integer(of.field(field)?)
}

/// A value that is an unsigned integer, also where it is written as a string.
pub fn as_integer(value: &Value) -> Option<u64> {
    value
        .as_u64()
        .or_else(|| value.as_str()?.trim().parse().ok())
}

/// A text that is not blank; numbers are written out.
pub fn text(of: &impl Fields, field: &str) -> Option<String> {
    as_text(of.field(field)?).map(Cow::into_owned)
}

/// A value that is a text and not blank; numbers are written out.
pub fn as_text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        _ => None,
    }
}

/// A point in time: RFC 3339, a date and time of UTC, or Unix seconds or milliseconds.
pub fn timestamp(value: &Value) -> Option<Timestamp> {
    if let Some(number) = as_integer(value).and_then(|number| i64::try_from(number).ok()) {
        // Since the year 2000 a number is seconds or, a thousand times that, milliseconds; a smaller one is no time.
        const YEAR_2000: i64 = 946_684_800;
        return match number {
            YEAR_2000..100_000_000_000 => Timestamp::from_second(number).ok(),
            100_000_000_000.. => Timestamp::from_millisecond(number).ok(),
            _ => None,
        };
    }
    let text = value.as_str()?.trim();
    let civil = || {
        text.parse::<DateTime>()
            .ok()?
            .to_zoned_datetime(TimeZone::UTC)
            .ok()
    };
    text.parse().ok().or_else(|| Some(civil()?.timestamp()))
}

/// A flag, also in the spellings of PHP: `1`, `"1"`, `"true"`.
pub fn flag(of: &impl Fields, field: &str) -> Option<bool> {
    match of.field(field)? {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => number.as_u64().map(|number| number != 0),
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "1" | "true" => Some(true),
            "0" | "false" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// The rows of a list field; an absent field has none.
pub fn rows<'a>(of: &'a impl Fields, field: &str) -> &'a [Value] {
    of.field(field)
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
        assert_eq!(integer(row.as_object().unwrap(), "b"), Some(7));
    }

    #[test]
    fn a_time_is_read_as_text_seconds_or_milliseconds() {
        let at = "2027-04-10T07:00:00Z".parse().ok();
        for value in [
            json!("2027-04-10T09:00:00+02:00"),
            json!("2027-04-10 07:00:00"),
            json!(1_807_340_400),
            json!("1807340400"),
            json!(1_807_340_400_000_u64),
        ] {
            assert_eq!(timestamp(&value), at, "{value}");
        }
        for value in [
            json!(7),
            json!("soon"),
            json!(1.5),
            json!(u64::MAX),
            json!(null),
        ] {
            assert_eq!(timestamp(&value), None, "{value}");
        }
    }
}
