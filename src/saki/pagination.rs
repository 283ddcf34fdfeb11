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

/// The counts of a page, each with the names that paginators have for it.
const COUNTS: [(&str, &[&str]); 4] = [
    ("current_page", &["current_page", "currentPage", "page"]),
    (
        "last_page",
        &["last_page", "lastPage", "total_pages", "totalPages"],
    ),
    ("per_page", &["per_page", "perPage", "page_size"]),
    ("total", &["total", "total_count", "totalCount"]),
];

/// Fields beside the rows of a list that are no rows themselves.
const BESIDE_ROWS: [&str; 7] = [
    "links", "meta", "errors", "warnings", "included", "failed", "messages",
];

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

/// The number of rows on all pages, if Saki gives it.
pub fn total(list: &Map<String, Value>) -> Option<u64> {
    as_integer(list.get("meta")?.get("total")?)
}

/// The page after the page that was `asked` for, where Saki says that there is one.
pub fn next_page(list: &Map<String, Value>, asked: u64) -> Option<u64> {
    let meta = list.get("meta")?;
    let count = |name: &str| meta.get(name).and_then(as_integer);
    let current = current_page(list).unwrap_or(asked);
    let counted = || Some(count("total")?.div_ceil(count("per_page").filter(|rows| *rows > 0)?));
    match last_page(list).or_else(counted) {
        Some(last) => (current < last).then_some(current + 1),
        None => count("next_page"),
    }
}

/// Whether a list holds all the rows that Saki says there are.
pub fn is_whole(list: &Map<String, Value>) -> bool {
    let count = list.get("data").and_then(Value::as_array).map(Vec::len);
    let has_all = |count: usize| total(list).is_none_or(|total| total <= count as u64);
    count.is_some_and(has_all) && next_page(list, 1).is_none()
}

fn meta(body: &Value) -> Map<String, Value> {
    let named = body.as_object().into_iter().flat_map(Map::values);
    let named = named.filter(|inner| inner.get("data").is_some_and(Value::is_array));
    let places: Vec<&Value> = ["/meta/pagination", "/meta", "/pagination", "", "/data"]
        .iter()
        .filter_map(|place| body.pointer(place))
        .chain(named)
        .collect();
    let mut meta: Map<String, Value> = COUNTS
        .iter()
        .filter_map(|(name, names)| {
            let mut counts = places
                .iter()
                .flat_map(|place| names.iter().filter_map(|name| place.get(*name)));
            let count = counts.find(|count| as_integer(count).is_some())?;
            Some(((*name).to_owned(), count.clone()))
        })
        .collect();
    if !meta.contains_key("last_page") && places.iter().any(|place| has_next(place)) {
        let current = meta.get("current_page").and_then(as_integer).unwrap_or(1);
        meta.insert("next_page".to_owned(), json!(current + 1));
    }
    meta
}

/// Whether a paginator that does not count its pages says that there is another one.
fn has_next(paginator: &Value) -> bool {
    let next = [
        "/links/next",
        "/next",
        "/next_page",
        "/next_page_url",
        "/next_cursor",
        "/has_more",
        "/has_more_pages",
    ];
    let mut next = next.iter().filter_map(|place| paginator.pointer(place));
    next.any(|next| match next {
        Value::Null => false,
        Value::Bool(has_more) => *has_more,
        Value::String(text) => !text.is_empty(),
        other => as_integer(other).is_some_and(|page| page > 0),
    })
}

/// The rows: a bare list, `data`, `data.items`, a named key, or a map with numeric keys.
fn rows(body: Value) -> Result<Vec<Value>, Value> {
    match body {
        Value::Array(rows) => Ok(rows),
        Value::Object(mut object) => {
            let is_bare_names = || is_names_by_id(&object) && object.iter().all(has_id_for_key);
            if has_numeric_keys(&object) || is_keyed_by_id(&object) || is_bare_names() {
                return Ok(rows_of_map(object));
            }
            if let Some(Value::Object(names)) = object.get_mut("data")
                && is_names_by_id(names)
            {
                return Ok(rows_of_map(std::mem::take(names)));
            }
            if let Some(data) = object.get_mut("data")
                && (data.is_array() || data.is_object())
            {
                return rows(data.take()).map_err(|data| {
                    object.insert("data".to_owned(), data);
                    Value::Object(object)
                });
            }
            let Some(only) = field_of_rows(&object) else {
                return Err(Value::Object(object));
            };
            // A resource that merely has one list among its fields is not an envelope around that list.
            if object.contains_key("id") {
                return Err(Value::Object(object));
            }
            rows(object.shift_remove(&only).unwrap_or_default())
        }
        other => Err(other),
    }
}

/// The one field that holds rows: the only list that is not empty, else the only empty one, else the only paginator or map.
fn field_of_rows(object: &Map<String, Value>) -> Option<String> {
    let only = |is_it: &dyn Fn(&Value) -> bool| {
        let mut fields = object
            .iter()
            .filter(|(name, value)| !BESIDE_ROWS.contains(&name.as_str()) && is_it(value));
        let first = fields.next()?.0.clone();
        fields.next().is_none().then_some(first)
    };
    let is_map = |value: &Value| {
        let has_rows = value.get("data").is_some_and(Value::is_array);
        has_rows || value.as_object().is_some_and(has_numeric_keys)
    };
    let is_filled = |value: &Value| value.as_array().is_some_and(|list| !list.is_empty());
    only(&is_filled)
        .or_else(|| only(&Value::is_array))
        .or_else(|| only(&is_map))
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

/// Whether the key of a name is no field: it has a digit or a hyphen, or is the name as a slug.
fn has_id_for_key((key, name): (&String, &Value)) -> bool {
    let slug = |text: &str| text.to_lowercase().replace([' ', '_'], "-");
    key.contains(|c: char| c == '-' || c.is_ascii_digit())
        || name.as_str().is_some_and(|name| slug(name) == slug(key))
}

/// The rows of a map: one that is only a name under its id becomes an object of both, and one without an id gets its key,
/// unless the keys only count the rows.
fn rows_of_map(map: Map<String, Value>) -> Vec<Value> {
    let is_counted = map
        .keys()
        .map(|key| key.parse().ok())
        .eq((0..map.len()).map(Some));
    let row = |(id, row): (String, Value)| match row {
        Value::String(name) => json!({"id": id, "name": name}),
        Value::Object(fields) if !is_counted && !fields.contains_key("id") => {
            let mut row = Map::from_iter([("id".to_owned(), json!(id))]);
            row.extend(fields);
            Value::Object(row)
        }
        row => row,
    };
    map.into_iter().map(row).collect()
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
    #[case::empty_lists(json!({"spaces": [{"id": 1}], "errors": [], "included": [{"id": 2}], "tags": []}))]
    #[case::named_map(json!({"spaces": {"0": {"id": 1}}}))]
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
    #[case(json!({"brew-guides": "Brewing"}), "brew-guides", "Brewing")]
    #[case(json!({"recipes": "Recipes"}), "recipes", "Recipes")]
    #[case(json!({"x8f3q": "Recipes"}), "x8f3q", "Recipes")]
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

    #[rstest]
    #[case(json!({"data": {"123": {"name": "Recipes"}}}), json!([{"id": "123", "name": "Recipes"}]))]
    #[case(json!({"boards": {"7": "Lab"}}), json!([{"id": "7", "name": "Lab"}]))]
    #[case(json!({"data": {"0": {"name": "Recipes"}}}), json!([{"name": "Recipes"}]))]
    #[case(json!({"spaces": [], "errors": ["x"]}), json!([]))]
    fn a_map_keeps_its_ids_and_an_empty_list_is_one(#[case] body: Value, #[case] rows: Value) {
        assert_eq!(Value::Object(normalize_list(body)), json!({"data": rows}));
    }

    #[rstest]
    #[case::named_paginator(json!({"posts": {"current_page": 1, "data": [{"id": 1}], "last_page": 3}}))]
    #[case::flat(json!({"posts": [{"id": 1}], "current_page": 1, "last_page": 3}))]
    #[case::pagination(json!({"posts": [{"id": 1}], "pagination": {"page": 1, "total_pages": 3}}))]
    #[case::fractal(json!({"data": [{"id": 1}], "meta": {"pagination": {"current_page": 1, "total_pages": 3, "links": {}}}}))]
    #[case::simple(json!({"data": [{"id": 1}], "links": {"next": "https://…?page=2"}, "meta": {"current_page": 1}}))]
    #[case::simple_flat(json!({"data": [{"id": 1}], "current_page": 1, "next_page_url": "https://…?page=2"}))]
    #[case::counted(json!({"data": [{"id": 1}], "meta": {"per_page": 1, "total": 2}}))]
    #[case::simple_named(json!({"posts": {"data": [{"id": 1}], "current_page": 1, "next_page_url": "https://…?page=2"}}))]
    fn another_page_is_seen_in_any_paginator(#[case] body: Value) {
        let list = normalize_list(body);
        assert_eq!(list["data"], json!([{"id": 1}]));
        assert_eq!((next_page(&list, 1), is_whole(&list)), (Some(2), false));
    }

    #[test]
    fn a_page_without_its_number_is_the_one_that_was_asked_for() {
        let body = json!({"data": [{"id": 1}], "meta": {"per_page": 10, "total": 25}});
        let list = normalize_list(body);
        let next = [1, 2, 3].map(|asked| next_page(&list, asked));
        assert_eq!(next, [Some(2), Some(3), None]);
    }

    #[rstest]
    #[case(json!({"data": [{"id": 1}], "links": {"next": null}, "meta": {"current_page": 1, "last_page": 1, "total": 1}}), true)]
    #[case(json!([{"id": 1}]), true)]
    #[case(json!({"data": [{"id": 1}], "meta": {"total": 2}}), false)]
    #[case(json!({"message": "no list"}), false)]
    fn a_list_is_whole_where_saki_says_of_no_other_row(#[case] body: Value, #[case] whole: bool) {
        assert_eq!(is_whole(&normalize_list(body)), whole);
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
    #[case(json!({"result": "ok", "hint": "none"}))]
    #[case(json!({"data": {"id": 4, "events": ["a"]}, "more": 1}))]
    fn a_reply_without_rows_stays_whole(#[case] body: Value) {
        assert_eq!(Value::Object(normalize_list(body.clone())), body);
    }
}
