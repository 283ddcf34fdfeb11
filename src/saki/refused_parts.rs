//! Refused parts: the accounts of a create or replacement that Saki refused, as the body of its 2xx answer shows them.

use reqwest::Method;
use serde_json::{Map, Value};

use super::lenient_json;
use super::refused_in_body::{OF_REFUSALS, is_empty, is_refused_row, says_error};

/// A part of a call that Saki refused, with Saki's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedPart {
    /// Id of its account, or its position among the accounts of the call; none where Saki names neither.
    pub account: Option<u64>,
    /// Whether `account` can only be a position.
    pub is_position: bool,
    /// Saki's words.
    pub message: String,
}

impl RefusedPart {
    /// Whether it is about the account that stands at `position` of the accounts of the call.
    pub fn is_about(&self, accounts: &[u64], position: usize) -> bool {
        let Some(account) = self.account else {
            return false;
        };
        match !self.is_position && accounts.contains(&account) {
            true => accounts.get(position) == Some(&account),
            false => account == position as u64,
        }
    }
}

/// Every part that a body says was refused; a row that has an id was made, whatever error it shows.
pub fn refused_parts(body: &Value) -> Vec<RefusedPart> {
    let mut parts = Vec::new();
    collect(body, &mut parts);
    parts
}

fn collect(body: &Value, parts: &mut Vec<RefusedPart>) {
    const LISTS: [&str; 5] = ["data", "posts", "results", "items", "accounts"];
    match body {
        Value::Array(rows) => collect_rows(rows.iter(), parts),
        Value::Object(fields) if is_keyed(fields) => {
            for (key, row) in fields.iter().filter(|(_, row)| is_refused_row(row)) {
                parts.push(named(key, words(row)));
            }
        }
        Value::Object(fields) => {
            let refusals = fields
                .iter()
                .filter(|(name, _)| OF_REFUSALS.contains(&name.as_str()));
            for (_, refusals) in refusals.filter(|(_, value)| !is_empty(Some(value))) {
                collect_refusals(refusals, parts);
            }
            for list in LISTS.iter().filter_map(|name| fields.get(*name)) {
                collect(list, parts);
            }
            if parts.is_empty() && says_error(&Method::POST, fields) {
                let message = fields.get("message").map(words).unwrap_or_default();
                parts.push(part(None, message));
            }
        }
        _ => {}
    }
}

fn collect_rows<'a>(rows: impl Iterator<Item = &'a Value>, parts: &mut Vec<RefusedPart>) {
    for (position, row) in rows.enumerate().filter(|(_, row)| is_refused_row(row)) {
        parts.push(match account(row) {
            Some(account) => part(Some(account), words(row)),
            None => RefusedPart {
                account: Some(position as u64),
                is_position: true,
                message: words(row),
            },
        });
    }
}

/// What stands under a name such as `errors`: a map by account or field, a list, or words.
fn collect_refusals(refusals: &Value, parts: &mut Vec<RefusedPart>) {
    match refusals {
        Value::Array(rows) => {
            for row in rows {
                let id = account(row)
                    .or_else(|| lenient_json::integer(row, "id"))
                    .or_else(|| lenient_json::as_integer(row));
                let message = match row {
                    Value::Object(_) | Value::String(_) => words(row),
                    _ => String::new(),
                };
                parts.push(part(id, message));
            }
        }
        Value::Object(fields) if account(refusals).is_some() || fields.contains_key("message") => {
            parts.push(part(account(refusals), words(refusals)));
        }
        Value::Object(fields) => {
            parts.extend(fields.iter().map(|(key, value)| named(key, words(value))));
        }
        other => parts.push(part(None, words(other))),
    }
}

fn part(account: Option<u64>, message: String) -> RefusedPart {
    RefusedPart {
        account,
        is_position: false,
        message,
    }
}

/// A part under a key: the id of an account, or a field such as `items.1.account_id`.
fn named(key: &str, message: String) -> RefusedPart {
    let steps: Vec<&str> = key.split(['.', '_', '[', ']']).collect();
    let number = steps.iter().find_map(|step| step.parse().ok());
    let is_position = ["items", "posts", "ids", "data"]
        .iter()
        .any(|list| steps.contains(list));
    RefusedPart {
        account: number,
        is_position,
        message: match number {
            Some(_) => message,
            None => format!("{key}: {message}"),
        },
    }
}

fn account(row: &Value) -> Option<u64> {
    let of_account = row
        .get("account")
        .or_else(|| row.get("social_account"))
        .and_then(|account| lenient_json::as_integer(account.get("id").unwrap_or(account)));
    let names = ["account_id", "social_account_id", "accountId"];
    let mut ids = names
        .iter()
        .filter_map(|name| lenient_json::integer(row, name));
    ids.next().or(of_account)
}

/// Whether rows stand under ids.
fn is_keyed(fields: &Map<String, Value>) -> bool {
    !fields.is_empty() && fields.keys().all(|key| key.parse::<u64>().is_ok())
}

/// All that a value says, without the fields that only tell what it is about.
fn words(value: &Value) -> String {
    const ABOUT: [&str; 8] = [
        "account_id",
        "social_account_id",
        "accountId",
        "account",
        "social_account",
        "success",
        "ok",
        "id",
    ];
    const WORDS: [&str; 8] = [
        "message", "error", "errors", "detail", "details", "reason", "msg", "title",
    ];
    let joined = |texts: Vec<String>, separator: &str| {
        let texts: Vec<String> = texts.into_iter().filter(|text| !text.is_empty()).collect();
        texts.join(separator)
    };
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.trim().to_owned(),
        Value::Array(list) => joined(list.iter().map(words).collect(), "; "),
        Value::Object(fields) => {
            let told = fields
                .iter()
                .filter(|(name, value)| !ABOUT.contains(&name.as_str()) && !is_empty(Some(value)));
            let text = |(name, value): (&String, &Value)| match WORDS.contains(&name.as_str()) {
                true => words(value),
                false => format!("{name}: {}", words(value)),
            };
            joined(told.map(text).collect(), ", ")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case::row(json!({"data": [{"id": 500, "account_id": 11}, {"account_id": 12, "error": "no"}]}))]
    #[case::bare_rows(json!([{"id": 500, "account_id": 11}, {"account_id": "12", "error": {"message": "no"}}]))]
    #[case::loaded_account(json!({"data": [{"id": 500, "account": {"id": 11}}, {"account": {"id": 12}, "error": "no"}]}))]
    #[case::rows_by_order(json!({"results": [{"id": 500}, {"success": false, "message": "no"}]}))]
    #[case::by_account(json!({"data": {"11": {"id": 500}, "12": {"error": "no"}}}))]
    #[case::errors_by_account(json!({"posts": [{"id": 500, "account_id": 11}], "errors": {"12": ["no"]}}))]
    #[case::errors_by_field(json!({"posts": [{"id": 500}], "errors": {"items.1.account_id": ["no"]}}))]
    #[case::error_rows(json!({"data": {"posts": [{"id": 500}], "errors": [{"account_id": 12, "message": "no"}]}}))]
    #[case::failed(json!({"created": [{"id": 500}], "failed": [{"account_id": 12, "reason": "no"}]}))]
    #[case::failed_map(json!({"created": {"11": 500}, "failed": {"12": "no"}}))]
    fn a_refused_account_is_found_with_its_words(#[case] body: Value) {
        let parts = refused_parts(&body);
        assert_eq!(parts.len(), 1, "{parts:?}");
        assert!(parts[0].is_about(&[11, 12], 1), "{parts:?}");
        assert!(!parts[0].is_about(&[11, 12], 0), "{parts:?}");
        assert_eq!(parts[0].message, "no");
    }

    #[rstest]
    #[case::texts(json!({"posts": [{"id": 500}], "errors": ["Account 12: no"]}), "Account 12: no")]
    #[case::flag(json!({"success": false, "message": "Only some.", "data": [{"id": 500}]}), "Only some.")]
    #[case::field(json!({"posts": [{"id": 500}], "errors": {"plan": "no", "x": null}}), "plan: no")]
    fn a_refusal_without_an_account_keeps_its_words(#[case] body: Value, #[case] message: &str) {
        let parts = refused_parts(&body);
        assert_eq!((parts[0].account, &*parts[0].message), (None, message));
    }

    #[rstest]
    #[case(json!({"data": [{"id": 500, "account_id": 11}], "errors": [], "message": "Scheduled."}))]
    #[case(json!({"data": [{"id": 500, "account_id": 11, "status": "failed", "error": "X is down"}]}))]
    #[case(json!({"data": {"11": {"id": 500}, "12": {"id": 501}}, "error": null}))]
    #[case(json!([500, 501]))]
    fn what_was_made_is_not_refused(#[case] body: Value) {
        assert_eq!(refused_parts(&body), []);
    }
}
