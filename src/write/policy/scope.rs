//! Whether a request stays within some spaces and accounts: by its path, and by whatever its fields call one.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::write::quote::truncate;

/// What of a request, as it goes out, is about another space; words for a sentence.
///
/// A field that Saki does not print may move a thing all the same, so every field that calls itself a
/// space at any depth must be one of these.
pub(super) fn other_space(request: &Value, spaces: &BTreeSet<u64>) -> Option<String> {
    let path = request.get("path").and_then(Value::as_str);
    let id = path.and_then(|path| path.strip_prefix("/spaces/")?.split('/').next());
    match id.filter(|id| !is_one_of(id, spaces)) {
        Some(id) => Some(format!("it is about the space {id}")),
        None => other("space", request, spaces),
    }
}

/// The same of another account; one in the path is among the effects.
pub(super) fn other_account(request: &Value, accounts: &BTreeSet<u64>) -> Option<String> {
    other("account", request, accounts)
}

fn other(word: &str, request: &Value, ids: &BTreeSet<u64>) -> Option<String> {
    let query = request.get("query").and_then(Value::as_str);
    let of_query = query.and_then(|query| {
        let mut fields = url::form_urlencoded::parse(query.as_bytes());
        let field = fields.find(|(name, value)| calls_itself(word, name) && !is_one_of(value, ids));
        field.map(|(name, _)| name.into_owned())
    });
    let of_fields = || {
        let mut fields = ["body", "fields"].into_iter();
        fields.find_map(|place| stray(word, request.get(place)?, ids))
    };
    let name = of_query.or_else(of_fields)?;
    let name = truncate(&name, 80);
    Some(format!("the field {name:?} may name another {word}"))
}

/// The name of the first field that calls itself so and is none of these.
fn stray(word: &str, value: &Value, ids: &BTreeSet<u64>) -> Option<String> {
    match value {
        Value::Object(fields) => fields.iter().find_map(|(name, value)| {
            let strays = calls_itself(word, name) && !is_within(value, ids);
            match strays {
                true => Some(name.clone()),
                false => stray(word, value, ids),
            }
        }),
        Value::Array(items) => items.iter().find_map(|item| stray(word, item, ids)),
        _ => None,
    }
}

fn calls_itself(word: &str, name: &str) -> bool {
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
    use rstest::rstest;
    use serde_json::json;

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
    fn what_is_about_another_space_is_seen(#[case] request: Value) {
        assert!(other_space(&request, &BTreeSet::from([1])).is_some());
    }

    #[rstest]
    #[case(json!({"body": {"account_id": 2}}), true)]
    #[case(json!({"body": {"items": [{"account_id": 1}, {"accountIds": ["2"]}]}}), true)]
    #[case(json!({"fields": {"social_account": "acme"}}), true)]
    #[case(json!({"body": {"items": [{"account_id": 1, "metadata": {"link": "account 2"}}]}}), false)]
    #[case(json!({"body": {"events": ["account.connected"], "space_id": 2}}), false)]
    fn a_field_that_calls_itself_an_account_is_held_against_them(
        #[case] request: Value,
        #[case] strays: bool,
    ) {
        let found = other_account(&request, &BTreeSet::from([1]));
        assert_eq!(found.is_some(), strays, "{found:?}");
    }

    #[rstest]
    #[case(json!({"path": "/spaces/1/posts", "body": {"content": "space_id: 2"}}))]
    #[case(json!({"path": "/spaces/1", "query": "space_id=1"}))]
    #[case(json!({"path": "/spaces/1/slots", "body": {"space_id": "1", "spaces": [1]}}))]
    #[case(json!({"path": "/media", "fields": {"alt": "2"}}))]
    fn what_stays_within_is_let_through(#[case] request: Value) {
        assert_eq!(other_space(&request, &BTreeSet::from([1])), None);
    }
}
