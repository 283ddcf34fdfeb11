//! Whether a request stays within some spaces: by its path, and by whatever its fields call a space.

use std::collections::BTreeSet;

use serde_json::Value;

/// What of a request, as it goes out, is about another space; words for a sentence.
///
/// A field that Saki does not print may move a thing all the same, so every field that calls itself a
/// space at any depth must be one of these.
pub(super) fn outside(request: &Value, spaces: &BTreeSet<u64>) -> Option<String> {
    let path = request.get("path").and_then(Value::as_str);
    let id = path.and_then(|path| path.strip_prefix("/spaces/")?.split('/').next());
    if let Some(id) = id.filter(|id| !is_one_of(id, spaces)) {
        return Some(format!("it is about the space {id}"));
    }
    let query = request.get("query").and_then(Value::as_str);
    let of_query = query.and_then(|query| {
        let mut fields = url::form_urlencoded::parse(query.as_bytes());
        fields.find(|(name, value)| calls_itself_space(name) && !is_one_of(value, spaces))
    });
    if let Some((name, _)) = of_query {
        return Some(named(&name));
    }
    let fields = ["body", "fields"].into_iter();
    fields
        .filter_map(|place| request.get(place))
        .find_map(|fields| stray(fields, spaces))
        .map(|name| named(&name))
}

fn named(field: &str) -> String {
    let field: String = field.chars().take(80).collect();
    format!("the field {field:?} may name another space")
}

/// The name of the first field that calls itself a space and is none of these.
fn stray(value: &Value, spaces: &BTreeSet<u64>) -> Option<String> {
    match value {
        Value::Object(fields) => fields.iter().find_map(|(name, value)| {
            let strays = calls_itself_space(name) && !is_within(value, spaces);
            match strays {
                true => Some(name.clone()),
                false => stray(value, spaces),
            }
        }),
        Value::Array(items) => items.iter().find_map(|item| stray(item, spaces)),
        _ => None,
    }
}

fn calls_itself_space(name: &str) -> bool {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters
        .collect::<String>()
        .to_ascii_lowercase()
        .contains("space")
}

fn is_within(value: &Value, spaces: &BTreeSet<u64>) -> bool {
    match value {
        Value::Number(number) => number.as_u64().is_some_and(|id| spaces.contains(&id)),
        Value::String(text) => is_one_of(text, spaces),
        Value::Array(items) => items.iter().all(|item| is_within(item, spaces)),
        _ => false,
    }
}

fn is_one_of(text: &str, spaces: &BTreeSet<u64>) -> bool {
    text.parse().is_ok_and(|id| spaces.contains(&id))
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
        assert!(outside(&request, &BTreeSet::from([1])).is_some());
    }

    #[rstest]
    #[case(json!({"path": "/spaces/1/posts", "body": {"content": "space_id: 2"}}))]
    #[case(json!({"path": "/spaces/1", "query": "space_id=1"}))]
    #[case(json!({"path": "/spaces/1/slots", "body": {"space_id": "1", "spaces": [1]}}))]
    #[case(json!({"path": "/media", "fields": {"alt": "2"}}))]
    fn what_stays_within_is_let_through(#[case] request: Value) {
        assert_eq!(outside(&request, &BTreeSet::from([1])), None);
    }
}
