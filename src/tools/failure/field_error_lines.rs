//! Field errors (422), a line each, in the tool's own parameters; the trait maps a field of Saki's to a parameter.
//!
//! The names of posts stand in `posts/compose/post_field_mapper`, those of slots in `slots`.

use serde::Serialize;
use serde_json::Value;

use crate::saki::field_errors::FieldError;
use crate::saki::redact_if_url;
use crate::write::quote_text::{quote_truncated, single_line};

/// What a tool knows about the request that failed.
pub(crate) trait FieldMapper {
    /// The parameter that a field of the request came from.
    fn map_field(&self, field: &str) -> MappedField;

    /// How many posts the request creates.
    fn post_count(&self) -> u64 {
        1
    }
}

/// A field of a request as the agent knows it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct MappedField {
    /// The parameter, dotted where it is inside another one.
    pub(crate) field: String,
    /// The account that it is about, as agents read it.
    pub(crate) account: Option<String>,
    /// The value that was given there.
    pub(crate) given: Option<Value>,
    /// The call that helps to find a better value.
    pub(crate) hint: Option<String>,
}

/// A request whose fields are the tool's own parameters.
#[derive(Debug, Default)]
pub(crate) struct IdentityMapper(pub(crate) Value);

impl IdentityMapper {
    pub(crate) fn of(request: &impl Serialize) -> Self {
        Self(serde_json::to_value(request).unwrap_or_default())
    }
}

impl FieldMapper for IdentityMapper {
    fn map_field(&self, field: &str) -> MappedField {
        MappedField {
            field: field.to_owned(),
            given: value_at(&self.0, field).cloned(),
            ..MappedField::default()
        }
    }
}

/// The value under a dotted path.
pub(crate) fn value_at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |value, step| match value {
        Value::Array(list) => list.get(step.parse::<usize>().ok()?),
        other => other.get(step),
    })
}

/// One line per field error; accounts with the same error share a line.
pub(super) fn error_lines(mapped: &[(FieldError, MappedField)]) -> Vec<String> {
    let mut groups: Vec<Vec<&(FieldError, MappedField)>> = Vec::new();
    for one in mapped {
        let same = groups.iter_mut().find(|group| {
            let (field_error, first) = group[0];
            first.account.is_some()
                && one.1.account.is_some()
                && first.field == one.1.field
                && without_field_name(field_error) == without_field_name(&one.0)
        });
        match same {
            Some(group) => group.push(one),
            None => groups.push(vec![one]),
        }
    }
    groups.iter().map(|group| error_line(group)).collect()
}

/// Laravel writes the name of a field into its message, so the same message about two items differs by it.
fn without_field_name(field_error: &FieldError) -> String {
    field_error.message.replace(&field_error.field, "")
}

fn error_line(group: &[&(FieldError, MappedField)]) -> String {
    let (field_error, first) = group[0];
    let value = |field: &MappedField| field.given.as_ref().and_then(describe_value);
    let same_value = group.iter().all(|(_, field)| field.given == first.given);
    let mut accounts: Vec<String> = Vec::new();
    for (_, field) in group {
        let account = field.account.clone().unwrap_or_default();
        let account = match value(field).filter(|_| !same_value) {
            Some(value) => format!("{account} ({value})"),
            None => account,
        };
        if !account.is_empty() && !accounts.contains(&account) {
            accounts.push(account);
        }
    }
    // A list of accounts does not belong to one of them.
    let of = match &*first.field {
        "account_ids" => ",",
        _ => " of",
    };
    let accounts = match accounts.as_slice() {
        [] => String::new(),
        [account] => format!("{of} account {account}"),
        [before @ .., last] => format!("{of} the accounts {} and {last}", before.join(", ")),
    };
    let value = value(first).filter(|_| same_value);
    let value = value.map_or(String::new(), |value| format!(", {value}"));
    let line = format!("- `{}`{accounts}{value}", single_line(&first.field));
    match &*single_line(&field_error.message) {
        "" => line,
        message => format!("{line}: {message}"),
    }
}

/// A value in a few words: a long text by its length, a URL without its secrets.
fn describe_value(value: &Value) -> Option<String> {
    const MAX_LENGTH: usize = 60;
    match value {
        Value::String(text) => {
            let visible = redact_if_url(text);
            let length = text.chars().count();
            Some(match length {
                0 => "given empty".to_owned(),
                _ if visible.chars().count() > MAX_LENGTH => format!("{length} characters"),
                _ if visible.len() < text.len() => format!("given {}…", quote_truncated(&visible)),
                _ => format!("given {}", quote_truncated(&visible)),
            })
        }
        Value::Number(_) | Value::Bool(_) => Some(format!("given {value}")),
        Value::Array(list) => Some(match list.len() {
            1 => "1 entry".to_owned(),
            length => format!("{length} entries"),
        }),
        Value::Null | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    fn mapped(
        field: &str,
        message: &str,
        account: Option<&str>,
        given: Value,
    ) -> (FieldError, MappedField) {
        let field_error = FieldError {
            field: field.to_owned(),
            message: message.to_owned(),
        };
        let field = MappedField {
            field: "content".to_owned(),
            account: account.map(str::to_owned),
            given: Some(given),
            hint: None,
        };
        (field_error, field)
    }

    #[test]
    fn accounts_with_the_same_error_share_a_line() {
        let of = |index: u8, account, given: &str| {
            let field = format!("items.{index}.main.content");
            let words = format!("Das Feld {field} ist zu lang.");
            mapped(&field, &words, Some(account), json!(given))
        };
        let all = [of(0, "11", "Hi"), of(1, "12", "Hi"), of(2, "13", "Hi")];
        assert_eq!(
            error_lines(&all),
            [
                "- `content` of the accounts 11, 12 and 13, given \"Hi\": Das Feld items.0.main.content ist zu lang."
            ]
        );
        let two = [of(0, "11", "Hi"), of(1, "12", "Ho")];
        assert_eq!(
            error_lines(&two),
            [
                "- `content` of the accounts 11 (given \"Hi\") and 12 (given \"Ho\"): Das Feld items.0.main.content ist zu lang."
            ]
        );
        assert_eq!(error_lines(&all[..1]).len(), 1);
        let other = [
            of(0, "11", "Hi"),
            mapped("items.1.main.content", "No.", Some("12"), json!("Hi")),
        ];
        assert_eq!(error_lines(&other).len(), 2, "other words are another line");
    }

    #[rstest]
    #[case(json!("x".repeat(61)), Some("61 characters"))]
    #[case(json!("ü\n"), Some("given \"ü\\n\""))]
    #[case(json!(""), Some("given empty"))]
    #[case(json!("https://a.example/x?token=1"), Some("given \"https://a.example/x\"…"))]
    #[case(json!(7), Some("given 7"))]
    #[case(json!([1, 2]), Some("2 entries"))]
    #[case(json!({"a": 1}), None)]
    #[case(json!(null), None)]
    fn a_given_value_is_described_in_a_few_words(
        #[case] value: Value,
        #[case] words: Option<&str>,
    ) {
        assert_eq!(describe_value(&value).as_deref(), words);
    }

    #[test]
    fn a_value_is_found_under_its_dotted_name() {
        let request = json!({"events": ["a", "b"], "more": {"x": 1}});
        assert_eq!(value_at(&request, "events.1"), Some(&json!("b")));
        assert_eq!(value_at(&request, "more.x"), Some(&json!(1)));
        assert_eq!(value_at(&request, "events.x"), None);
    }
}
