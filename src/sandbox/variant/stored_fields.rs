//! Stored fields of a variant: request fields that no handler knows, shown again in the resource that they were sent with.

use serde_json::{Map, Value};

use super::reply_shape::resource_name;
use crate::sandbox::api_response::{ApiResponse, ResponseBody};
use crate::sandbox::database::Database;

/// Stores what came with the resource of a reply, and adds what is stored to every resource of the reply.
pub(in crate::sandbox) fn store_and_show(
    db: &mut Database,
    path_template: &str,
    unknown: Map<String, Value>,
    response: &mut ApiResponse,
) {
    let ResponseBody::Json(body) = &mut response.body else {
        return;
    };
    let name = resource_name(path_template);
    let rows = match body.get_mut("data") {
        Some(Value::Array(rows)) => rows.iter_mut().collect(),
        Some(resource) => vec![resource],
        None => Vec::new(),
    };
    for row in rows {
        let Some(id) = row["id"].as_u64() else {
            continue;
        };
        if !unknown.is_empty() {
            let stored = db.stored_fields.entry((name, id)).or_default();
            stored.extend(unknown.clone());
        }
        for (name, value) in db.stored_fields.get(&(name, id)).into_iter().flatten() {
            row[name.as_str()] = value.clone();
        }
    }
}
