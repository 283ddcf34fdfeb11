//! Network names: adds the common name of a network (X) to every account in a result that has only Saki's name (twitter).

use serde_json::{Map, Value, json};

use crate::server::schema::children;
use crate::write::networks::common_name;

/// The field of the common name.
const COMMON_NAME: &str = "network_name";
/// The fields of Saki's name: in the accounts of Saki, and in those of this server.
const SAKI_NAME_FIELDS: [&str; 2] = ["social", "network"];

/// Adds the common names of networks, at any depth.
pub(super) fn add_common_names(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(add_common_names),
        Value::Object(fields) => {
            fields.values_mut().for_each(add_common_names);
            if let Some(common) = network_name(fields) {
                fields.entry(COMMON_NAME).or_insert_with(|| common.into());
            }
        }
        _ => {}
    }
}

/// Names the field of the common name in each schema of an account.
pub(super) fn name_common_names(schema: &mut Map<String, Value>) {
    children(schema).into_iter().for_each(name_common_names);
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    let is_account = |fields: &&mut Map<String, Value>| {
        fields.contains_key("id")
            && SAKI_NAME_FIELDS
                .iter()
                .any(|field| fields.contains_key(*field))
    };
    if let Some(properties) = properties.filter(is_account) {
        properties.entry(COMMON_NAME).or_insert_with(|| json!({}));
    }
}

/// The common name for an account: an object with an id and a network. Settings and texts may use the same words without an id.
fn network_name(fields: &Map<String, Value>) -> Option<&'static str> {
    fields.get("id")?;
    let network = SAKI_NAME_FIELDS
        .iter()
        .find_map(|field| fields.get(*field)?.as_str())?;
    common_name(network)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_found_at_any_depth_and_nothing_else_is_touched() {
        let mut result = json!({
            "data": [{"id": 1, "account": {"id": 2, "social": "twitter"}, "metadata": {"social": "twitter"}}],
            "accounts": [{"id": "2", "network": "twitter"}, {"id": 3, "network": "instagram"}, {"id": 4, "network": null}],
        });
        add_common_names(&mut result);
        let named = json!({
            "data": [{"id": 1, "account": {"id": 2, "social": "twitter", "network_name": "X"}, "metadata": {"social": "twitter"}}],
            "accounts": [{"id": "2", "network": "twitter", "network_name": "X"}, {"id": 3, "network": "instagram"}, {"id": 4, "network": null}],
        });
        assert_eq!(result, named);
    }
}
