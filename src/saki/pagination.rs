//! Pagination: rows are found in any envelope, and `meta` is reduced to its four numbers.

use reqwest::Method;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Endpoint;
use super::lenient_json::as_integer;

/// A list request with a page number, for requests without a `page` field.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PagedRequest<E> {
    /// The request.
    #[serde(flatten)]
    pub request: E,
    /// Page to read, from 1; Saki decides if it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<u64>,
}

impl<E: Endpoint> Endpoint for PagedRequest<E> {
    type Response = E::Response;
    const METHOD: Method = E::METHOD;
    const PATH: &'static str = E::PATH;
}

/// A list as a tool returns it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct List<T> {
    /// The rows.
    pub data: Vec<T>,
    /// Position of this page, if Saki counts pages.
    pub meta: Option<PageMeta>,
    /// What an empty list means.
    pub note: Option<String>,
}

/// Position of a page among all pages.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PageMeta {
    /// This page, from 1.
    pub current_page: u64,
    /// The last page.
    pub last_page: u64,
    /// Rows on a full page.
    pub per_page: u64,
    /// Rows on all pages.
    pub total: u64,
}

const COUNTS: [&str; 4] = ["current_page", "last_page", "per_page", "total"];

/// Rewrites any list reply as `{"data": […], "meta": {…}}`; a reply without rows stays whole.
pub fn normalize_list(body: Value) -> Map<String, Value> {
    let meta = meta(&body);
    let mut list = match rows(body) {
        Ok(rows) => Map::from_iter([("data".to_owned(), Value::Array(rows))]),
        Err(Value::Object(body)) => return body,
        Err(other) => return Map::from_iter([("data".to_owned(), other)]),
    };
    if !meta.is_empty() {
        list.insert("meta".to_owned(), Value::Object(meta));
    }
    list
}

/// Whether a reply contained a list of rows, empty or not.
pub fn has_row_list(list: &Map<String, Value>) -> bool {
    list.get("data").is_some_and(Value::is_array)
}

/// The number of the last page, if Saki gives it.
pub fn last_page(list: &Map<String, Value>) -> Option<u64> {
    as_integer(list.get("meta")?.get("last_page")?)
}

/// The number of this page, if Saki gives it.
pub fn current_page(list: &Map<String, Value>) -> Option<u64> {
    as_integer(list.get("meta")?.get("current_page")?)
}

fn meta(body: &Value) -> Map<String, Value> {
    let in_meta = |name: &str| body.get("meta").and_then(|meta| meta.get(name));
    let flat = |name: &str| body.get(name).filter(|_| body.get("data").is_some());
    let nested = |name: &str| body.get("data").and_then(|data| data.get(name));
    COUNTS
        .iter()
        .filter_map(|name| {
            let count = in_meta(name)
                .or_else(|| flat(name))
                .or_else(|| nested(name))?;
            as_integer(count).map(|_| ((*name).to_owned(), count.clone()))
        })
        .collect()
}

/// The rows: a bare list, `data`, `data.items`, a named key, or a map with numeric keys.
fn rows(body: Value) -> Result<Vec<Value>, Value> {
    match body {
        Value::Array(rows) => Ok(rows),
        Value::Object(mut object) => {
            if has_numeric_keys(&object) || is_keyed_by_id(&object) {
                return Ok(object
                    .into_iter()
                    .map(|(id, row)| named_row(id, row))
                    .collect());
            }
            if let Some(Value::Object(names)) = object.get_mut("data")
                && is_names_by_id(names)
            {
                let names = std::mem::take(names).into_iter();
                return Ok(names.map(|(id, name)| named_row(id, name)).collect());
            }
            if let Some(data) = object.get_mut("data")
                && (data.is_array() || data.is_object())
            {
                return rows(data.take()).map_err(|data| {
                    object.insert("data".to_owned(), data);
                    Value::Object(object)
                });
            }
            let mut lists = object
                .iter()
                .filter(|(name, value)| value.is_array() && *name != "links");
            let only = match (lists.next(), lists.next()) {
                (Some((name, _)), None) => name.clone(),
                _ => return Err(Value::Object(object)),
            };
            // A resource that merely has one list among its fields is not an envelope around that list.
            if object.contains_key("id") {
                return Err(Value::Object(object));
            }
            match object.shift_remove(&only) {
                Some(Value::Array(rows)) => Ok(rows),
                _ => Err(Value::Object(object)),
            }
        }
        other => Err(other),
    }
}

fn has_numeric_keys(object: &Map<String, Value>) -> bool {
    !object.is_empty()
        && object
            .keys()
            .all(|key| key.bytes().all(|b| b.is_ascii_digit()))
}

/// Whether each row stands under its own id.
fn is_keyed_by_id(object: &Map<String, Value>) -> bool {
    let is_row =
        |(key, row): (&String, &Value)| super::lenient_json::text(row, "id").as_ref() == Some(key);
    !object.is_empty() && object.iter().all(is_row)
}

/// Whether each field is a name under an id, and none is a field of a single resource or of an envelope.
fn is_names_by_id(object: &Map<String, Value>) -> bool {
    const FIELDS: [&str; 14] = [
        "id", "name", "title", "message", "status", "error", "url", "content", "info", "note",
        "detail", "reason", "text", "type",
    ];
    let is_name =
        |(id, name): (&String, &Value)| name.is_string() && !FIELDS.contains(&id.as_str());
    !object.is_empty() && object.iter().all(is_name)
}

/// A row that is only a name under its id becomes an object of both.
fn named_row(id: String, row: Value) -> Value {
    match row {
        Value::String(name) => json!({"id": id, "name": name}),
        row => row,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::data(json!({"data": [{"id": 1}], "links": {"next": null}}))]
    #[case::bare(json!([{"id": 1}]))]
    #[case::named(json!({"spaces": [{"id": 1}], "success": true}))]
    #[case::items(json!({"data": {"items": [{"id": 1}]}}))]
    #[case::numeric_keys(json!({"data": {"0": {"id": 1}}}))]
    #[case::bare_numeric_keys(json!({"0": {"id": 1}}))]
    #[case::keyed_by_id(json!({"data": {"1": {"id": 1}}}))]
    fn rows_are_found_in_any_envelope(#[case] body: Value) {
        assert_eq!(
            Value::Object(normalize_list(body)),
            json!({"data": [{"id": 1}]})
        );
    }

    #[rstest]
    #[case(json!({"data": {"brew-guides": "Brew guides"}}), "brew-guides", "Brew guides")]
    #[case(json!({"data": {"7": "Lab"}}), "7", "Lab")]
    #[case(json!({"7": "Lab"}), "7", "Lab")]
    fn names_by_id_become_rows(#[case] body: Value, #[case] id: &str, #[case] name: &str) {
        let rows = json!({"data": [{"id": id, "name": name}]});
        assert_eq!(Value::Object(normalize_list(body)), rows);
    }

    #[test]
    fn meta_keeps_the_numbers_and_drops_the_links() {
        let body = json!({"data": [], "links": {"first": "https://…"}, "meta":
            {"current_page": 1, "from": null, "last_page": 3, "links": [1, 2], "path": "…", "per_page": "15", "total": 40}});
        let kept = json!({"data": [], "meta":
            {"current_page": 1, "last_page": 3, "per_page": "15", "total": 40}});
        assert_eq!(Value::Object(normalize_list(body)), kept);
    }

    #[test]
    fn counts_beside_the_rows_are_found_too() {
        let body = json!({"current_page": 2, "data": [], "last_page": 2, "total": 16});
        let kept = json!({"data": [], "meta": {"current_page": 2, "last_page": 2, "total": 16}});
        assert_eq!(Value::Object(normalize_list(body)), kept);
    }

    #[rstest]
    #[case(json!({"message": "no rows here"}))]
    #[case(json!({"data": "what is this"}))]
    #[case(json!({"data": {"id": 4, "events": ["a"]}, "more": 1}))]
    fn a_reply_without_rows_stays_whole(#[case] body: Value) {
        assert_eq!(Value::Object(normalize_list(body.clone())), body);
    }
}
