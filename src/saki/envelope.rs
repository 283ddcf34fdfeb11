//! Envelope: takes the single resource of a reply out of whatever Saki wraps it in.

use serde_json::{Map, Value};

/// Fields that stand beside a wrapped resource and say nothing of it.
const BESIDE: [&str; 9] = [
    "message",
    "success",
    "status",
    "status_code",
    "code",
    "ok",
    "meta",
    "links",
    "data",
];

/// The resource in `{"data": {…}}`, `{"data": [{…}]}`, `[{…}]`, `{"space": {…}}`, or the body itself.
///
/// # Errors
///
/// The body as it came, where it is no single resource.
pub(super) fn resource(body: Value) -> Result<Map<String, Value>, Value> {
    match body {
        Value::Array(mut rows) => match rows.as_mut_slice() {
            [Value::Object(only)] => Ok(std::mem::take(only)),
            _ => Err(Value::Array(rows)),
        },
        Value::Object(mut body) => {
            let Some(name) = wrapping_field(&body) else {
                return Ok(body);
            };
            let inner = body.get_mut(&name).map(Value::take).unwrap_or_default();
            resource(inner).map_err(|inner| {
                body.insert(name, inner);
                Value::Object(body)
            })
        }
        other => Err(other),
    }
}

/// The field that holds the resource of a body that is only an envelope.
fn wrapping_field(body: &Map<String, Value>) -> Option<String> {
    if body.contains_key("id") {
        return None;
    }
    if body.get("data").is_some_and(|data| !data.is_null()) {
        return Some("data".to_owned());
    }
    let mut inner = body
        .iter()
        .filter(|(name, _)| !BESIDE.contains(&name.as_str()));
    match (inner.next(), inner.next()) {
        (Some((name, Value::Object(resource))), None) if resource.contains_key("id") => {
            Some(name.clone())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case::bare(json!({"id": 7, "name": "Lab"}))]
    #[case::data(json!({"data": {"id": 7, "name": "Lab"}, "message": "Saved."}))]
    #[case::success(json!({"success": true, "data": {"id": 7, "name": "Lab"}}))]
    #[case::named(json!({"space": {"id": 7, "name": "Lab"}}))]
    #[case::named_in_data(json!({"data": {"space": {"id": 7, "name": "Lab"}}}))]
    #[case::list_of_one(json!([{"id": 7, "name": "Lab"}]))]
    #[case::data_list_of_one(json!({"data": [{"id": 7, "name": "Lab"}]}))]
    fn a_resource_is_found_in_any_envelope(#[case] body: Value) {
        let lab = json!({"id": 7, "name": "Lab"});
        assert_eq!(resource(body).map(Value::Object), Ok(lab));
    }

    #[rstest]
    #[case(json!({"plan": "pro", "limits": {"id": 1}}))]
    #[case(json!({"id": 7, "settings": {"id": 1}}))]
    #[case(json!({"message": "Saved."}))]
    #[case(json!({"limits": {"max_spaces": 3}}))]
    #[case(json!({}))]
    fn a_body_that_is_no_envelope_stays_whole(#[case] body: Value) {
        assert_eq!(resource(body.clone()).map(Value::Object), Ok(body));
    }

    #[rstest]
    #[case(json!([{"id": 7}, {"id": 8}]))]
    #[case(json!({"data": []}))]
    #[case(json!({"data": "saved"}))]
    #[case(json!(7))]
    fn what_is_no_single_resource_is_returned(#[case] body: Value) {
        assert_eq!(resource(body.clone()), Err(body));
    }
}
