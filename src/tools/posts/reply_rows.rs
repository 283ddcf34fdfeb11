//! Reply rows: the posts in the answer to a create or replacement, in whatever envelope, each with what Saki says of its account.

use serde_json::{Map, Value, json};

use crate::saki::lenient_json::{self, as_integer};
use crate::saki::pagination::normalize_list;
use crate::tools::directory::rows;

/// The posts that an answer shows; one that it only names is `{"id": 7}`.
pub(super) fn reply_rows(body: &Value, accounts: &[u64]) -> Vec<Value> {
    const NAMES: [&str; 9] = [
        "data", "posts", "post_ids", "ids", "results", "created", "items", "cluster", "post",
    ];
    match body {
        Value::Array(rows) => rows.iter().filter_map(post).collect(),
        Value::Object(fields) => {
            let is_account = |key: &String| key.parse().is_ok_and(|key| accounts.contains(&key));
            if !fields.is_empty() && fields.keys().all(is_account) {
                let rows = fields.iter();
                return rows
                    .filter_map(|(key, row)| of_account(post(row)?, key))
                    .collect();
            }
            let named = NAMES.iter().filter_map(|name| fields.get(*name));
            let mut nested = named.map(|inner| match as_integer(inner) {
                Some(_) => Vec::new(),
                None => reply_rows(inner, accounts),
            });
            if let Some(found) = nested.find(|found| !found.is_empty()) {
                return found;
            }
            let listed = normalize_list(body.clone());
            let listed: Vec<Value> = rows(&listed)
                .iter()
                .filter(|row| row.is_object())
                .filter_map(post)
                .collect();
            match listed.is_empty() {
                true => post(body).into_iter().collect(),
                false => listed,
            }
        }
        _ => Vec::new(),
    }
}

/// A row as a post: a row may also be only an id, or hold the post or its id beside other facts.
fn post(row: &Value) -> Option<Value> {
    if let Some(id) = as_integer(row) {
        return Some(json!({"id": id}));
    }
    let inner = row.get("post").filter(|post| post.is_object());
    let mut post = inner.unwrap_or(row).as_object()?.clone();
    let id =
        lenient_json::integer(&post, "id").or_else(|| lenient_json::integer(row, "post_id"))?;
    post.insert("id".to_owned(), json!(id));
    let account = row.get("account_id").cloned();
    let account = account.filter(|_| inner.is_some());
    account.map(|account| post.entry("account_id").or_insert(account));
    Some(Value::Object(post))
}

fn of_account(post: Value, account: &str) -> Option<Value> {
    let Value::Object(post) = post else {
        return None;
    };
    let mut of_account = Map::from_iter([("account_id".to_owned(), json!(account))]);
    of_account.extend(post);
    Some(Value::Object(of_account))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::data(json!({"data": [{"id": 107, "account_id": 11, "media": []}], "meta": {}}))]
    #[case::single(json!({"data": {"id": 107, "account_id": 11, "media": [], "children": []}}))]
    #[case::post(json!({"post": {"id": 107, "account_id": 11}}))]
    #[case::bare(json!({"id": 107, "account_id": 11, "media": [], "children": []}))]
    #[case::cluster(json!({"data": {"id": "c1", "posts": [{"id": 107, "account_id": 11}]}}))]
    #[case::empty_lists(json!({"posts": [{"id": 107, "account_id": 11}], "errors": [], "warnings": []}))]
    #[case::failed(json!({"created": [{"id": 107, "account_id": 11}], "failed": [{"account_id": 12, "error": "x"}]}))]
    #[case::by_account(json!({"data": {"11": {"id": 107}, "12": {"error": "x"}}}))]
    #[case::id_by_account(json!({"post_ids": {"11": 107}}))]
    #[case::post_in_row(json!({"results": [{"account_id": 11, "success": true, "post": {"id": 107}}]}))]
    #[case::id_in_row(json!([{"account_id": 11, "post_id": 107}]))]
    fn a_post_is_found_with_its_account(#[case] body: Value) {
        let found = reply_rows(&body, &[11, 12]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(lenient_json::integer(&found[0], "id"), Some(107));
        assert_eq!(lenient_json::integer(&found[0], "account_id"), Some(11));
    }

    #[rstest]
    #[case(json!({"data": [{"id": 107}]}))]
    #[case(json!({"data": [107]}))]
    #[case(json!({"post_ids": ["107"], "errors": {"12": "x"}}))]
    #[case(json!({"post_id": 107}))]
    #[case(json!({"message": "Scheduled.", "id": 107}))]
    fn a_post_may_be_only_an_id(#[case] body: Value) {
        let found = reply_rows(&body, &[11]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(lenient_json::integer(&found[0], "id"), Some(107));
    }

    #[rstest]
    #[case(json!({"job_ids": [901, 902]}))]
    #[case(json!({"message": "Scheduled."}))]
    #[case(json!({"data": 2}))]
    #[case(json!({"data": [{"account_id": 11, "error": "x"}]}))]
    fn anything_else_is_no_post(#[case] body: Value) {
        assert_eq!(reply_rows(&body, &[11]), Vec::<Value>::new());
    }
}
