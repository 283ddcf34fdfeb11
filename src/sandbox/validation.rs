//! Validation rules of Laravel: its error messages, under its dotted keys.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};
use serde_json::{Map, Value, json};

use super::api_response::ApiError;

/// One field of a body or query, with the dotted key of its errors.
#[derive(Debug, Clone)]
pub(super) struct Field<'a> {
    pub(super) key: String,
    /// Name in messages: "space id" for `space_id`, and the whole dotted key for a nested field.
    label: String,
    value: Option<&'a Value>,
}

impl<'a> Field<'a> {
    pub(super) fn new(fields: &'a Map<String, Value>, name: &str) -> Self {
        Self {
            key: name.to_owned(),
            label: name.replace('_', " "),
            value: fields.get(name),
        }
    }

    /// A field inside of this one.
    pub(super) fn child(&self, name: &str) -> Self {
        let key = format!("{}.{name}", self.key);
        Self {
            label: key.clone(),
            value: self.value.and_then(|value| value.get(name)),
            key,
        }
    }

    /// Whether the field was sent at all, null or not.
    pub(super) fn is_sent(&self) -> bool {
        self.value.is_some()
    }

    /// The value, unless it is missing or null.
    pub(super) fn value(&self) -> Option<&'a Value> {
        self.value.filter(|value| !value.is_null())
    }
}

/// Runs validation rules and collects their errors.
#[derive(Debug, Default)]
pub(super) struct FieldValidator {
    errors: Map<String, Value>,
    first_message: Option<String>,
    further_errors: usize,
}

impl FieldValidator {
    /// Adds an error with this message.
    pub(super) fn add_error(&mut self, field: &Field<'_>, message: impl Into<String>) {
        let message = message.into();
        match &self.first_message {
            None => self.first_message = Some(message.clone()),
            Some(_) => self.further_errors += 1,
        }
        let messages = self.errors.entry(field.key.clone()).or_insert(json!([]));
        if let Value::Array(messages) = messages {
            messages.push(Value::String(message));
        }
    }

    fn add_field_error(&mut self, field: &Field<'_>, rule: &str) {
        self.add_error(field, format!("The {} field {rule}.", field.label));
    }

    /// Passes a parsed value on, and adds an error if it could not be parsed.
    fn parsed<T>(&mut self, field: &Field<'_>, value: Option<T>, rule: &str) -> Option<T> {
        if value.is_none() {
            self.add_field_error(field, rule);
        }
        value
    }

    /// Adds the error of a value that is not among the allowed ones.
    pub(super) fn add_invalid_selection(&mut self, field: &Field<'_>) {
        self.add_error(field, format!("The selected {} is invalid.", field.label));
    }

    /// Adds the error of a value that occurs twice.
    pub(super) fn add_duplicate(&mut self, field: &Field<'_>) {
        self.add_field_error(field, "has a duplicate value");
    }

    /// Adds the error of a missing value.
    pub(super) fn add_required(&mut self, field: &Field<'_>) {
        self.add_field_error(field, "is required");
    }

    /// Requires a value, and returns whether there is one; an empty list or object does not count.
    pub(super) fn required(&mut self, field: &Field<'_>) -> bool {
        let empty = match field.value() {
            None => true,
            Some(Value::Array(list)) => list.is_empty(),
            Some(Value::Object(map)) => map.is_empty(),
            Some(_) => false,
        };
        if empty {
            self.add_required(field);
        }
        !empty
    }

    /// Requires a value where the field was sent; the field may be left out.
    pub(super) fn required_if_sent(&mut self, field: &Field<'_>) {
        if field.is_sent() {
            self.required(field);
        }
    }

    pub(super) fn integer(&mut self, field: &Field<'_>) -> Option<i64> {
        let value = field.value()?;
        let number = match value {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        self.parsed(field, number, "must be an integer")
    }

    /// An integer used as an id; a negative one becomes 0, which is no id.
    pub(super) fn id(&mut self, field: &Field<'_>) -> Option<u64> {
        self.integer(field)
            .map(|number| u64::try_from(number).unwrap_or(0))
    }

    pub(super) fn string<'a>(&mut self, field: &Field<'a>) -> Option<&'a str> {
        let text = field.value()?.as_str();
        self.parsed(field, text, "must be a string")
    }

    /// A string that fits into a database column (255 characters).
    pub(super) fn short_string<'a>(&mut self, field: &Field<'a>) -> Option<&'a str> {
        let text = self.string(field)?;
        if text.chars().count() > 255 {
            self.add_field_error(field, "must not be greater than 255 characters");
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
        self.parsed(field, flag, "must be true or false")
    }

    /// The items of a PHP array.
    pub(super) fn items<'a>(&mut self, field: &Field<'a>) -> Vec<Field<'a>> {
        let Some(value) = field.value() else {
            return Vec::new();
        };
        let entries = self.parsed(field, php_array(value), "must be an array");
        let entries = entries.into_iter().flatten();
        let items = entries.map(|(index, value)| {
            let key = format!("{}.{index}", field.key);
            Field {
                label: key.clone(),
                key,
                value: Some(value),
            }
        });
        items.collect()
    }

    /// A PHP array as a map.
    pub(super) fn map(&mut self, field: &Field<'_>) -> Option<Map<String, Value>> {
        let entries = self.parsed(field, php_array(field.value()?), "must be an array")?;
        let entries = entries.into_iter();
        Some(entries.map(|(key, value)| (key, value.clone())).collect())
    }

    /// A date or time; its wall clock is read as UTC and its offset is ignored.
    pub(super) fn date(&mut self, field: &Field<'_>) -> Option<Timestamp> {
        let date = field.value()?.as_str().and_then(parse_wall_clock);
        self.parsed(field, date, "must be a valid date")
    }

    pub(super) fn url<'a>(&mut self, field: &Field<'a>) -> Option<&'a str> {
        let text = field.value()?.as_str();
        let is_web = |text: &&str| {
            url::Url::parse(text)
                .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some())
        };
        let text = text.filter(is_web);
        self.parsed(field, text, "must be a valid URL")
    }

    pub(super) fn timezone<'a>(&mut self, field: &Field<'a>) -> Option<&'a str> {
        let text = field.value()?.as_str();
        let text = text.filter(|name| TimeZone::get(name).is_ok());
        self.parsed(field, text, "must be a valid timezone")
    }

    /// A time of day such as "09:30".
    pub(super) fn time_of_day<'a>(&mut self, field: &Field<'a>) -> Option<&'a str> {
        let fits = |text: &&str| {
            text.len() == 5
                && text.as_bytes()[2] == b':'
                && text.parse::<jiff::civil::Time>().is_ok()
        };
        let text = field.value()?.as_str().filter(fits);
        self.parsed(field, text, "must match the format H:i")
    }

    /// Ends the validation; it fails if there are errors.
    pub(super) fn finish(self) -> Result<(), ApiError> {
        let Some(first) = self.first_message else {
            return Ok(());
        };
        let message = match self.further_errors {
            0 => first,
            1 => format!("{first} (and 1 more error)"),
            more => format!("{first} (and {more} more errors)"),
        };
        Err(ApiError::Validation {
            message,
            errors: self.errors,
        })
    }
}

/// Keys and values of a PHP array: a JSON object, or a JSON list with its indexes as keys.
fn php_array(value: &Value) -> Option<Vec<(String, &Value)>> {
    match value {
        Value::Object(map) => Some(map.iter().map(|(key, item)| (key.clone(), item)).collect()),
        Value::Array(list) => {
            let items = list.iter().enumerate();
            Some(
                items
                    .map(|(index, item)| (index.to_string(), item))
                    .collect(),
            )
        }
        _ => None,
    }
}

/// Parses a date or date-time: its wall clock, rounded to seconds, as UTC.
fn parse_wall_clock(text: &str) -> Option<Timestamp> {
    if text.contains('[') {
        return None;
    }
    let bare = text.strip_suffix(['Z', 'z']).unwrap_or(text);
    let civil: DateTime = bare.parse().ok()?;
    let instant = civil.to_zoned_datetime(TimeZone::UTC).ok()?.timestamp();
    instant.round(Unit::Second).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn errors_of(validator: FieldValidator) -> (String, Map<String, Value>) {
        match validator.finish() {
            Err(ApiError::Validation { message, errors }) => (message, errors),
            other => panic!("{other:?}"),
        }
    }

    fn with(value: Value) -> Map<String, Value> {
        Map::from_iter([("is_draft".to_owned(), value)])
    }

    #[test]
    fn the_message_counts_further_errors() {
        let body = Map::new();
        let mut validator = FieldValidator::default();
        validator.required(&Field::new(&body, "space_id"));
        assert_eq!(errors_of(validator).0, "The space id field is required.");

        let mut validator = FieldValidator::default();
        for name in ["space_id", "items", "at"] {
            validator.required(&Field::new(&body, name));
        }
        let (message, errors) = errors_of(validator);
        assert_eq!(
            message,
            "The space id field is required. (and 2 more errors)"
        );
        assert_eq!(errors["items"], json!(["The items field is required."]));
    }

    #[test]
    fn a_nested_field_is_named_by_its_dotted_key() {
        let body = json!({"items": [{"account_id": "x"}]});
        let mut validator = FieldValidator::default();
        let items = Field::new(body.as_object().unwrap(), "items");
        for item in validator.items(&items) {
            validator.integer(&item.child("account_id"));
            validator.required(&item.child("main"));
        }
        let (message, errors) = errors_of(validator);
        assert_eq!(
            message,
            "The items.0.account_id field must be an integer. (and 1 more error)"
        );
        assert_eq!(
            errors["items.0.main"],
            json!(["The items.0.main field is required."])
        );
    }

    #[rstest]
    #[case(json!(true), Some(true))]
    #[case(json!(false), Some(false))]
    #[case(json!(1), Some(true))]
    #[case(json!(0), Some(false))]
    #[case(json!("1"), Some(true))]
    #[case(json!("0"), Some(false))]
    #[case(json!("true"), None)]
    #[case(json!("yes"), None)]
    #[case(json!(2), None)]
    #[case(json!([]), None)]
    fn a_boolean_has_six_accepted_values(#[case] value: Value, #[case] expected: Option<bool>) {
        let body = with(value);
        let mut validator = FieldValidator::default();
        assert_eq!(validator.boolean(&Field::new(&body, "is_draft")), expected);
        assert_eq!(validator.finish().is_ok(), expected.is_some());
    }

    #[rstest]
    #[case("2026-04-10T14:00:00Z", Some("2026-04-10T14:00:00Z"))]
    #[case("2026-04-10T14:00:00+09:00", Some("2026-04-10T14:00:00Z"))]
    #[case("2026-04-10 14:00:00", Some("2026-04-10T14:00:00Z"))]
    #[case("2026-04-10T14:00:00.000000Z", Some("2026-04-10T14:00:00Z"))]
    #[case("2026-04-10", Some("2026-04-10T00:00:00Z"))]
    #[case("next tuesday-ish", None)]
    #[case("2026-13-01", None)]
    #[case("1775829600", None)]
    fn a_time_is_read_by_its_wall_clock(#[case] given: &str, #[case] expected: Option<&str>) {
        let read = parse_wall_clock(given).map(|at| at.to_string());
        assert_eq!(read.as_deref(), expected);
    }

    #[rstest]
    #[case("09:30", true)]
    #[case("23:59", true)]
    #[case("9:30", false)]
    #[case("24:00", false)]
    #[case("09:30:00", false)]
    #[case("ab:cd", false)]
    fn a_time_of_day_has_hours_and_minutes(#[case] given: &str, #[case] accepted: bool) {
        let body = with(json!(given));
        let mut validator = FieldValidator::default();
        validator.time_of_day(&Field::new(&body, "is_draft"));
        assert_eq!(validator.finish().is_ok(), accepted);
    }
}
