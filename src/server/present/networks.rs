//! The common name of a network beside Saki's own, wherever an account stands in a result.

use serde_json::{Map, Value};

use crate::write::networks::common_name;

/// The field of the common name.
const NAME: &str = "network_name";
/// Fields that hold Saki's name: in its own accounts, and in ours.
const SAKIS: [&str; 2] = ["social", "network"];

/// Names the networks that people know by another name than Saki's.
pub(super) fn name(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(name),
        Value::Object(fields) => {
            fields.values_mut().for_each(name);
            if let Some(common) = surprising(fields) {
                fields.entry(NAME).or_insert_with(|| common.into());
            }
        }
        _ => {}
    }
}

/// What has an id and a network is an account; settings and texts of others may use the same words.
fn surprising(fields: &Map<String, Value>) -> Option<&'static str> {
    fields.get("id")?;
    let social = SAKIS
        .iter()
        .find_map(|field| fields.get(*field)?.as_str())?;
    common_name(social)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn accounts_are_found_at_any_depth_and_nothing_else_is_touched() {
        let mut result = json!({
            "data": [{"id": 1, "account": {"id": 2, "social": "twitter"}, "metadata": {"social": "twitter"}}],
            "accounts": [{"id": "2", "network": "twitter"}, {"id": 3, "network": "instagram"}, {"id": 4, "network": null}],
        });
        name(&mut result);
        let named = json!({
            "data": [{"id": 1, "account": {"id": 2, "social": "twitter", "network_name": "X"}, "metadata": {"social": "twitter"}}],
            "accounts": [{"id": "2", "network": "twitter", "network_name": "X"}, {"id": 3, "network": "instagram"}, {"id": 4, "network": null}],
        });
        assert_eq!(result, named);
    }
}
