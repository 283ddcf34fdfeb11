//! Envelope: takes the single resource of a reply out of whatever Saki wraps it in.

use serde_json::{Map, Value};

use super::refused_in_body::is_empty;

/// Whether a field beside a wrapped resource says nothing of it.
fn is_of_envelope(name: &str, value: &Value) -> bool {
    match name {
        "message" | "success" | "status_code" | "code" | "ok" | "meta" | "links" | "request_id"
        | "timestamp" => true,
        "status" => value.as_str().is_none_or(|word| {
            let word = word.to_ascii_lowercase();
            ["success", "ok", "created", "updated"].contains(&word.as_str())
        }),
        "data" => value.is_null(),
        "error" | "errors" | "warnings" => is_empty(Some(value)),
        _ => false,
    }
}

/// The resource in `{"data": {…}}`, `{"data": [{…}]}`, `[{…}]`, `{"space": {…}}`, or the body itself.
///
/// What stands beside it and is no part of an envelope, such as a secret that is shown once, stays with it.
///
/// # Errors
///
/// The body as it came, where it is no single resource.
pub(super) fn resource(body: Value) -> Result<Map<String, Value>, Value> {
    match body {
        Value::Array(mut rows) => match rows.as_mut_slice() {
            [only @ Value::Object(_)] => resource(only.take()),
            _ => Err(Value::Array(rows)),
        },
        Value::Object(mut body) => {
            let Some(name) = wrapping_field(&body) else {
                return Ok(body);
            };
            let inner = body.get_mut(&name).map(Value::take).unwrap_or_default();
            match resource(inner) {
                Ok(mut resource) => {
                    body.shift_remove(&name);
                    body.retain(|name, value| {
                        !is_of_envelope(name, value) && !resource.contains_key(name)
                    });
                    resource.extend(body);
                    Ok(resource)
                }
                Err(inner) => {
                    body.insert(name, inner);
                    Err(Value::Object(body))
                }
            }
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
    // The one resource without an id.
    if body.get("subscription").is_some_and(Value::is_object) && !body.contains_key("plan") {
        return Some("subscription".to_owned());
    }
    let mut inner = body
        .iter()
        .filter(|(name, value)| !is_of_envelope(name, value));
    let (name, value) = inner.next().filter(|_| inner.next().is_none())?;
    let resource = match value {
        Value::Array(rows) if rows.len() == 1 => rows.first()?,
        other => other,
    };
    resource.get("id").map(|_| name.clone())
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
    #[case::named_list_of_one(json!({"spaces": [{"id": 7, "name": "Lab"}], "message": "Saved."}))]
    #[case::named_in_list(json!([{"space": {"id": 7, "name": "Lab"}}]))]
    #[case::no_error(json!({"error": null, "errors": [], "space": {"id": 7, "name": "Lab"}, "request_id": "r"}))]
    fn a_resource_is_found_in_any_envelope(#[case] body: Value) {
        let lab = json!({"id": 7, "name": "Lab"});
        assert_eq!(resource(body).map(Value::Object), Ok(lab));
    }

    #[rstest]
    #[case(json!({"plan": "pro", "limits": {"id": 1}}))]
    #[case(json!({"id": 7, "settings": {"id": 1}}))]
    #[case(json!({"id": 7, "name": "Lab", "data": {"color": "red"}}))]
    #[case(json!({"plan": {"id": 2, "name": "pro"}, "status": "active"}))]
    #[case(json!({"message": "Saved."}))]
    #[case(json!({"limits": {"max_spaces": 3}}))]
    #[case(json!({}))]
    fn a_body_that_is_no_envelope_stays_whole(#[case] body: Value) {
        assert_eq!(resource(body.clone()).map(Value::Object), Ok(body));
    }

    #[test]
    fn what_stands_beside_a_resource_stays_with_it() {
        let body = json!({"data": {"id": 7, "data": {"color": "red"}}, "secret": "whsec", "message": "Saved."});
        let whole = json!({"id": 7, "data": {"color": "red"}, "secret": "whsec"});
        assert_eq!(resource(body).map(Value::Object), Ok(whole));
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
