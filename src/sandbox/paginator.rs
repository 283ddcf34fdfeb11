//! Pagination: lists in the JSON of Laravel's length-aware paginator.

use serde_json::{Value, json};

use super::api_request::ApiRequest;
use super::api_response::ApiResponse;

/// A whole list, or one page of it where the options ask for pagination.
pub(super) fn list<T>(
    request: &ApiRequest,
    records: Vec<T>,
    to_json: impl Fn(T) -> Value,
) -> ApiResponse {
    match request.options.paginate_lists {
        Some(per_page) => paginate(request, records, per_page, to_json),
        None => ApiResponse::data(records.into_iter().map(to_json).collect()),
    }
}

/// The page of a list that the query asks for.
pub(super) fn paginate<T>(
    request: &ApiRequest,
    records: Vec<T>,
    per_page: u64,
    to_json: impl Fn(T) -> Value,
) -> ApiResponse {
    let per_page = per_page.max(1);
    let page = request.query.get("page").and_then(Value::as_str);
    let page = page.and_then(|page| page.parse().ok()).unwrap_or(1).max(1);
    let total = records.len() as u64;
    let last = total.div_ceil(per_page).max(1);
    let skipped = (page - 1u64).saturating_mul(per_page);
    let data: Vec<Value> = records
        .into_iter()
        .skip(usize::try_from(skipped).unwrap_or(usize::MAX))
        .take(usize::try_from(per_page).unwrap_or(usize::MAX))
        .map(to_json)
        .collect();
    let from = (!data.is_empty()).then_some(skipped + 1);
    let to = from.map(|from| from + data.len() as u64 - 1);
    let url = |page: u64| format!("{}?page={page}", request.url);
    let previous = (page > 1).then(|| url(page - 1));
    let next = (page < last).then(|| url(page + 1));
    let mut links = vec![json!({"url": previous, "label": "&laquo; Previous", "active": false})];
    links.extend((1..=last).map(
        |number| json!({"url": url(number), "label": number.to_string(), "active": number == page}),
    ));
    links.push(json!({"url": next, "label": "Next &raquo;", "active": false}));
    ApiResponse::json(
        200,
        json!({
            "data": data,
            "links": {"first": url(1), "last": url(last), "prev": previous, "next": next},
            "meta": {
                "current_page": page, "from": from, "last_page": last, "links": links,
                "path": request.url, "per_page": per_page, "to": to, "total": total,
            },
        }),
    )
}
