//! What Saki complains about, under the names that the agent knows, and what was given there.

use serde_json::Value;

use super::shown;
use crate::saki::field_errors::FieldError;
use crate::tools::redact_url;

/// What a tool knows about the request that failed.
pub(crate) trait FieldMapper {
    /// A field as Saki names it, as the agent knows it.
    fn named(&self, field: &str) -> MappedField;

    /// How many posts the request makes.
    fn makes(&self) -> u64 {
        1
    }
}

/// A field as the agent knows it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct MappedField {
    /// The parameter, dotted where it is inside another one.
    pub(crate) field: String,
    /// The account that it is about, as it is shown to agents.
    pub(crate) account: Option<String>,
    /// What was given there.
    pub(crate) given: Option<Value>,
    /// What helps to find a better value.
    pub(crate) next: Option<String>,
}

/// A request whose fields are the tool's own parameters.
#[derive(Debug, Default)]
pub(crate) struct IdentityMapper(pub(crate) Value);

impl FieldMapper for IdentityMapper {
    fn named(&self, field: &str) -> MappedField {
        MappedField {
            field: field.to_owned(),
            given: inside(&self.0, field).cloned(),
            ..MappedField::default()
        }
    }
}

/// The value under a dotted name.
pub(crate) fn inside<'a>(value: &'a Value, dotted: &str) -> Option<&'a Value> {
    dotted
        .split('.')
        .try_fold(value, |value, step| match value {
            Value::Array(list) => list.get(step.parse::<usize>().ok()?),
            other => other.get(step),
        })
}

/// One line per field error; accounts that share one stand on one line.
pub(super) fn lines(said: &[(FieldError, MappedField)]) -> Vec<String> {
    let mut groups: Vec<Vec<&(FieldError, MappedField)>> = Vec::new();
    for one in said {
        let same = groups.iter_mut().find(|group| {
            let (_, first) = group[0];
            first.account.is_some()
                && one.1.account.is_some()
                && first.field == one.1.field
                && without_name(&group[0].0) == without_name(&one.0)
        });
        match same {
            Some(group) => group.push(one),
            None => groups.push(vec![one]),
        }
    }
    groups.iter().map(|group| line(group)).collect()
}

/// Laravel writes the name of a field into its words, so the same words about two items differ by it.
fn without_name(field_error: &FieldError) -> String {
    field_error.message.replace(&field_error.field, "")
}

fn line(group: &[&(FieldError, MappedField)]) -> String {
    let (field_error, first) = group[0];
    let given = |named: &MappedField| named.given.as_ref().and_then(given);
    let one_value = group.iter().all(|(_, named)| named.given == first.given);
    let mut accounts: Vec<String> = Vec::new();
    for (_, named) in group {
        let account = named.account.clone().unwrap_or_default();
        let account = match given(named).filter(|_| !one_value) {
            Some(given) => format!("{account} ({given})"),
            None => account,
        };
        if !account.is_empty() && !accounts.contains(&account) {
            accounts.push(account);
        }
    }
    let mut line = format!("- `{}`", first.field);
    if let Some((last, before)) = accounts.split_last() {
        // A list of accounts does not belong to one of them.
        let of = if first.field == "account_ids" {
            ","
        } else {
            " of"
        };
        let word = if before.is_empty() {
            "account"
        } else {
            "the accounts"
        };
        let before = before.iter().map(|account| format!("{account}, "));
        let before: String = before.collect();
        let and = match before.trim_end_matches(", ") {
            "" => String::new(),
            before => format!("{before} and "),
        };
        line.push_str(&format!("{of} {word} {and}{last}"));
    }
    if let Some(given) = given(first).filter(|_| one_value) {
        line.push_str(&format!(", {given}"));
    }
    match field_error.message.trim() {
        "" => line,
        words => format!("{line}: {words}"),
    }
}

/// A value in a few words: a long text by its length, and no more of a URL than what may be seen.
fn given(value: &Value) -> Option<String> {
    const WHOLE: usize = 60;
    match value {
        Value::String(text) => {
            let kept = match text.contains("://") {
                true => redact_url::redact_url(text),
                false => text.clone(),
            };
            let length = text.chars().count();
            Some(match length {
                0 => "given empty".to_owned(),
                _ if kept.chars().count() > WHOLE => format!("{length} characters"),
                _ if kept.len() < text.len() => format!("given {}…", shown(&kept)),
                _ => format!("given {}", shown(&kept)),
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

    fn said(
        field: &str,
        words: &str,
        account: Option<&str>,
        given: Value,
    ) -> (FieldError, MappedField) {
        let field_error = FieldError {
            field: field.to_owned(),
            message: words.to_owned(),
        };
        let named = MappedField {
            field: "content".to_owned(),
            account: account.map(str::to_owned),
            given: Some(given),
            next: None,
        };
        (field_error, named)
    }

    #[test]
    fn accounts_with_the_same_complaint_stand_on_one_line() {
        let of = |index: u8, account, given: &str| {
            let field = format!("items.{index}.main.content");
            let words = format!("Das Feld {field} ist zu lang.");
            said(&field, &words, Some(account), json!(given))
        };
        let all = [of(0, "11", "Hi"), of(1, "12", "Hi"), of(2, "13", "Hi")];
        assert_eq!(
            lines(&all),
            [
                "- `content` of the accounts 11, 12 and 13, given \"Hi\": Das Feld items.0.main.content ist zu lang."
            ]
        );
        let two = [of(0, "11", "Hi"), of(1, "12", "Ho")];
        assert_eq!(
            lines(&two),
            [
                "- `content` of the accounts 11 (given \"Hi\") and 12 (given \"Ho\"): Das Feld items.0.main.content ist zu lang."
            ]
        );
        assert_eq!(lines(&all[..1]).len(), 1);
        let other = [
            of(0, "11", "Hi"),
            said("items.1.main.content", "No.", Some("12"), json!("Hi")),
        ];
        assert_eq!(lines(&other).len(), 2, "other words are another line");
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
    fn what_was_given_is_shortened(#[case] value: Value, #[case] words: Option<&str>) {
        assert_eq!(given(&value).as_deref(), words);
    }

    #[test]
    fn a_value_is_found_under_its_dotted_name() {
        let request = json!({"events": ["a", "b"], "more": {"x": 1}});
        assert_eq!(inside(&request, "events.1"), Some(&json!("b")));
        assert_eq!(inside(&request, "more.x"), Some(&json!(1)));
        assert_eq!(inside(&request, "events.x"), None);
    }
}
