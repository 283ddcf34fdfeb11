//! Request scope: other spaces and accounts in the path, query, body or form of a write; `enforcement` refuses them.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::write::planned_request::PlannedRequest;
use crate::write::quote_text::truncate;

/// Names what of a request is about another space, in words for a sentence.
///
/// An undocumented field could still move a resource, so every field at any depth whose name contains `space` must
/// hold an allowed id. A request that is not known could be about any space.
pub(super) fn other_space(
    request: Option<&PlannedRequest>,
    spaces: &BTreeSet<u64>,
) -> Option<String> {
    let path = request.and_then(|request| request.path().strip_prefix("/spaces/"));
    let id = path.and_then(|path| path.split('/').next());
    match id.filter(|id| !is_one_of(id, spaces)) {
        Some(id) => Some(format!("it names the space {id}")),
        None => other_id("space", request, spaces),
    }
}

/// The same for another account; an account in the path is part of the effects.
pub(super) fn other_account(
    request: Option<&PlannedRequest>,
    accounts: &BTreeSet<u64>,
) -> Option<String> {
    other_id("account", request, accounts)
}

fn other_id(word: &str, request: Option<&PlannedRequest>, ids: &BTreeSet<u64>) -> Option<String> {
    let Some(request) = request else {
        return Some("its request is not known".to_owned());
    };
    let in_query = url::form_urlencoded::parse(request.query().as_bytes())
        .find(|(name, value)| name_contains(name, word) && !is_one_of(value, ids));
    let in_fields = || mismatch_in(word, request.fields()?, ids);
    let name = in_query.map(|(name, _)| name.into_owned());
    let name = name.or_else(in_fields)?;
    let name = truncate(&name, 80);
    Some(format!("the field {name:?} may name another {word}"))
}

/// The first field whose name contains `word` and whose value is not one of the allowed ids.
fn mismatch_in(word: &str, fields: &Map<String, Value>, ids: &BTreeSet<u64>) -> Option<String> {
    fields.iter().find_map(|(name, value)| {
        let is_mismatch = name_contains(name, word) && !is_within(value, ids);
        match is_mismatch {
            true => Some(name.clone()),
            false => first_mismatch(word, value, ids),
        }
    })
}

fn first_mismatch(word: &str, value: &Value, ids: &BTreeSet<u64>) -> Option<String> {
    match value {
        Value::Object(fields) => mismatch_in(word, fields, ids),
        Value::Array(items) => items
            .iter()
            .find_map(|item| first_mismatch(word, item, ids)),
        _ => None,
    }
}

fn name_contains(name: &str, word: &str) -> bool {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters
        .collect::<String>()
        .to_ascii_lowercase()
        .contains(word)
}

fn is_within(value: &Value, ids: &BTreeSet<u64>) -> bool {
    match value {
        Value::Number(number) => number.as_u64().is_some_and(|id| ids.contains(&id)),
        Value::String(text) => is_one_of(text, ids),
        Value::Array(items) => items.iter().all(|item| is_within(item, ids)),
        _ => false,
    }
}

fn is_one_of(text: &str, ids: &BTreeSet<u64>) -> bool {
    text.parse().is_ok_and(|id| ids.contains(&id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saki::RequestParts;
    use reqwest::Method;
    use rstest::rstest;
    use serde_json::json;

    /// The request of these parts, which a preview could show.
    fn request(parts: &Value) -> PlannedRequest {
        let text = |name: &str| Some(parts.get(name)?.as_str()?.to_owned());
        let map = |name: &str| parts.get(name)?.as_object().cloned();
        match map("fields") {
            Some(fields) => PlannedRequest::Upload {
                method: Method::POST,
                path: "/media",
                file: Map::new(),
                fields,
            },
            None => PlannedRequest::Json(RequestParts {
                method: Method::POST,
                path: text("path").unwrap_or_default(),
                query: text("query"),
                body: map("body"),
            }),
        }
    }

    #[rstest]
    #[case(json!({"path": "/spaces/2/posts"}))]
    #[case(json!({"path": "/spaces/2"}))]
    #[case(json!({"path": "/spaces/%32/posts"}))]
    #[case(json!({"path": "/spaces/1/slots", "query": "a=b&space_id=2"}))]
    #[case(json!({"path": "/spaces/1/slots", "body": {"space_id": 2}}))]
    #[case(json!({"path": "/spaces/1/slots", "body": {"Space-Id": "2"}}))]
    #[case(json!({"path": "/spaces/1/slots", "body": {"deep": [{"workspace": 2}]}}))]
    #[case(json!({"path": "/spaces/1/slots", "body": {"spaces": [1, 2]}}))]
    #[case(json!({"path": "/spaces/1/slots", "body": {"space": {"id": 1}}}))]
    #[case(json!({"path": "/spaces/1/slots", "body": {"space": "Studio North"}}))]
    #[case(json!({"path": "/spaces/1/slots", "body": {"space_id": null}}))]
    #[case(json!({"path": "/media", "fields": {"data[space_id]": "2"}}))]
    fn a_request_about_another_space_is_found(#[case] parts: Value) {
        assert!(other_space(Some(&request(&parts)), &BTreeSet::from([1])).is_some());
    }

    #[rstest]
    #[case(json!({"body": {"account_id": 2}}), true)]
    #[case(json!({"body": {"items": [{"account_id": 1}, {"accountIds": ["2"]}]}}), true)]
    #[case(json!({"fields": {"social_account": "acme"}}), true)]
    #[case(json!({"body": {"items": [{"account_id": 1, "metadata": {"link": "account 2"}}]}}), false)]
    #[case(json!({"body": {"events": ["account.connected"], "space_id": 2}}), false)]
    fn a_field_named_account_must_hold_an_allowed_account(
        #[case] parts: Value,
        #[case] strays: bool,
    ) {
        let found = other_account(Some(&request(&parts)), &BTreeSet::from([1]));
        assert_eq!(found.is_some(), strays, "{found:?}");
    }

    #[rstest]
    #[case(json!({"path": "/spaces/1/posts", "body": {"content": "space_id: 2"}}))]
    #[case(json!({"path": "/spaces/1", "query": "space_id=1"}))]
    #[case(json!({"path": "/spaces/1/slots", "body": {"space_id": "1", "spaces": [1]}}))]
    #[case(json!({"path": "/media", "fields": {"alt": "2"}}))]
    fn a_request_within_the_space_passes(#[case] parts: Value) {
        assert_eq!(
            other_space(Some(&request(&parts)), &BTreeSet::from([1])),
            None
        );
    }
}
