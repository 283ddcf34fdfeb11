//! Laravel's validation rules, in its words and under its dotted keys.

use std::borrow::Cow;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};
use serde_json::{Map, Value, json};

use super::answer::Refusal;

/// One field of a body or query, with the key under which it is refused.
#[derive(Debug, Clone)]
pub(super) struct Field<'a> {
    pub(super) key: String,
    /// Laravel prints `space_id` as "space id", and a field below a list by its whole key.
    shown: String,
    value: Option<&'a Value>,
}

impl<'a> Field<'a> {
    pub(super) fn of(fields: &'a Map<String, Value>, name: &str) -> Self {
        Self {
            key: name.to_owned(),
            shown: name.replace('_', " "),
            value: fields.get(name),
        }
    }

    /// A field inside this one.
    pub(super) fn below(&self, name: &str) -> Self {
        let key = format!("{}.{name}", self.key);
        Self {
            shown: key.clone(),
            value: self.value.and_then(|value| value.get(name)),
            key,
        }
    }

    /// Whether the field was sent at all, null or not.
    pub(super) fn is_sent(&self) -> bool {
        self.value.is_some()
    }

    /// The value, where there is one other than null.
    pub(super) fn value(&self) -> Option<&'a Value> {
        self.value.filter(|value| !value.is_null())
    }
}

/// A validation under way: what was refused so far.
#[derive(Debug, Default)]
pub(super) struct Check {
    errors: Map<String, Value>,
    first: Option<String>,
    more: usize,
}

impl Check {
    /// Refuses a field in the given words.
    pub(super) fn refuse(&mut self, field: &Field<'_>, message: impl Into<String>) {
        let message = message.into();
        match &self.first {
            None => self.first = Some(message.clone()),
            Some(_) => self.more += 1,
        }
        let said = self.errors.entry(field.key.clone()).or_insert(json!([]));
        if let Value::Array(said) = said {
            said.push(Value::String(message));
        }
    }

    fn must(&mut self, field: &Field<'_>, what: &str) {
        self.refuse(field, format!("The {} field {what}.", field.shown));
    }

    /// Refuses a field whose value is none of those that exist.
    pub(super) fn unknown(&mut self, field: &Field<'_>) {
        self.refuse(field, format!("The selected {} is invalid.", field.shown));
    }

    /// Refuses a field that stands for the same as another.
    pub(super) fn repeated(&mut self, field: &Field<'_>) {
        self.must(field, "has a duplicate value");
    }

    /// Refuses a field that is wanted and was not sent.
    pub(super) fn absent(&mut self, field: &Field<'_>) {
        self.must(field, "is required");
    }

    /// Whether a field has a value; an empty list counts as none.
    pub(super) fn required(&mut self, field: &Field<'_>) -> bool {
        let empty = match field.value() {
            None => true,
            Some(Value::Array(list)) => list.is_empty(),
            Some(Value::Object(map)) => map.is_empty(),
            Some(_) => false,
        };
        if empty {
            self.absent(field);
        }
        !empty
    }

    pub(super) fn integer(&mut self, field: &Field<'_>) -> Option<i64> {
        let value = field.value()?;
        let number = match value {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        if number.is_none() {
            self.must(field, "must be an integer");
        }
        number
    }

    /// An integer that may be an id; a negative one is the id of nothing.
    pub(super) fn id(&mut self, field: &Field<'_>) -> Option<u64> {
        self.integer(field)
            .map(|number| u64::try_from(number).unwrap_or(0))
    }

    pub(super) fn text<'a>(&mut self, field: &Field<'a>) -> Option<&'a str> {
        let text = field.value()?.as_str();
        if text.is_none() {
            self.must(field, "must be a string");
        }
        text
    }

    /// A text that is not longer than a column of the database.
    pub(super) fn name<'a>(&mut self, field: &Field<'a>) -> Option<&'a str> {
        let text = self.text(field)?;
        if text.chars().count() > 255 {
            self.must(field, "must not be greater than 255 characters");
        }
        Some(text)
    }

    pub(super) fn boolean(&mut self, field: &Field<'_>) -> Option<bool> {
        let flag = match field.value()? {
            Value::Bool(flag) => Some(*flag),
            Value::Number(number) => match number.as_f64() {
                Some(1.0) => Some(true),
                Some(0.0) => Some(false),
                _ => None,
            },
            Value::String(text) => match text.as_str() {
                "1" => Some(true),
                "0" => Some(false),
                _ => None,
            },
            _ => None,
        };
        if flag.is_none() {
            self.must(field, "must be true or false");
        }
        flag
    }

    /// The rows of a PHP array, which is a list or a map.
    pub(super) fn rows<'a>(&mut self, field: &Field<'a>) -> Vec<Field<'a>> {
        let row = |index: Cow<'_, str>, value| {
            let key = format!("{}.{index}", field.key);
            Field {
                shown: key.clone(),
                key,
                value: Some(value),
            }
        };
        match field.value() {
            None => Vec::new(),
            Some(Value::Array(list)) => list
                .iter()
                .enumerate()
                .map(|(index, value)| row(index.to_string().into(), value))
                .collect(),
            Some(Value::Object(map)) => map
                .iter()
                .map(|(index, value)| row(index.into(), value))
                .collect(),
            Some(_) => {
                self.must(field, "must be an array");
                Vec::new()
            }
        }
    }

    /// A PHP array with named fields; an empty list is one without fields.
    pub(super) fn object(&mut self, field: &Field<'_>) -> Option<Map<String, Value>> {
        match field.value()? {
            Value::Object(map) => Some(map.clone()),
            Value::Array(list) => Some(
                list.iter()
                    .enumerate()
                    .map(|(index, value)| (index.to_string(), value.clone()))
                    .collect(),
            ),
            _ => {
                self.must(field, "must be an array");
                None
            }
        }
    }

    /// A time, stored by its wall clock whatever its offset says.
    pub(super) fn date(&mut self, field: &Field<'_>) -> Option<Timestamp> {
        let date = field.value()?.as_str().and_then(wall_clock);
        if date.is_none() {
            self.must(field, "must be a valid date");
        }
        date
    }

    pub(super) fn url<'a>(&mut self, field: &Field<'a>) -> Option<&'a str> {
        let text = field.value()?.as_str();
        let is_web = |text: &&str| {
            url::Url::parse(text)
                .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some())
        };
        let text = text.filter(is_web);
        if text.is_none() {
            self.must(field, "must be a valid URL");
        }
        text
    }

    pub(super) fn timezone<'a>(&mut self, field: &Field<'a>) -> Option<&'a str> {
        let text = field.value()?.as_str();
        let text = text.filter(|name| TimeZone::get(name).is_ok());
        if text.is_none() {
            self.must(field, "must be a valid timezone");
        }
        text
    }

    /// A time of day such as "09:30".
    pub(super) fn time_of_day<'a>(&mut self, field: &Field<'a>) -> Option<&'a str> {
        let fits = |text: &&str| {
            text.len() == 5
                && text.as_bytes()[2] == b':'
                && text.parse::<jiff::civil::Time>().is_ok()
        };
        let text = field.value()?.as_str().filter(fits);
        if text.is_none() {
            self.must(field, "must match the format H:i");
        }
        text
    }

    /// Ends the validation: a refusal where anything was refused.
    pub(super) fn done(self) -> Result<(), Refusal> {
        let Some(first) = self.first else {
            return Ok(());
        };
        let message = match self.more {
            0 => first,
            1 => format!("{first} (and 1 more error)"),
            more => format!("{first} (and {more} more errors)"),
        };
        Err(Refusal::Invalid {
            message,
            errors: self.errors,
        })
    }
}

/// Reads a date or date-time by its wall clock, to the second, as UTC.
pub(super) fn wall_clock(text: &str) -> Option<Timestamp> {
    if text.contains('[') {
        return None;
    }
    let bare = text.strip_suffix(['Z', 'z']).unwrap_or(text);
    let civil: DateTime = bare.parse().ok()?;
    let instant = civil.to_zoned_datetime(TimeZone::UTC).ok()?.timestamp();
    instant.round(Unit::Second).ok()
}

#[cfg(test)]
mod tests;
