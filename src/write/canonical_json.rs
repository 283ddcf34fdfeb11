//! Canonical JSON: one text for equal values, whatever the order of their keys, so that it can be hashed and compared.

use serde_json::Value;

/// Serialises a value with the keys of all its objects sorted; lists keep their order.
pub fn canonical_json(mut value: Value) -> String {
    value.sort_all_objects();
    value.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_order_of_keys_does_not_matter_and_the_order_of_lists_does() {
        let one = json!({"b": [{"d": 1, "c": 2}], "a": null});
        let same = json!({"a": null, "b": [{"c": 2, "d": 1}]});
        assert_eq!(canonical_json(one), r#"{"a":null,"b":[{"c":2,"d":1}]}"#);
        assert_eq!(canonical_json(same), r#"{"a":null,"b":[{"c":2,"d":1}]}"#);
        assert_ne!(canonical_json(json!([1, 2])), canonical_json(json!([2, 1])));
    }
}
