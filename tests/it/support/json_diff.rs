//! In which leaves two JSON values differ.

use std::collections::BTreeSet;

use serde_json::Value;

/// The paths of the leaves in which two values differ, without the places in lists.
pub(crate) fn differences(a: &Value, b: &Value) -> BTreeSet<String> {
    let (a, b) = (leaves(a), leaves(b));
    a.symmetric_difference(&b)
        .map(|(path, _)| path.clone())
        .collect()
}

fn leaves(value: &Value) -> BTreeSet<(String, String)> {
    fn find(path: String, value: &Value, found: &mut BTreeSet<(String, String)>) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    let path = if path.is_empty() {
                        name.clone()
                    } else {
                        format!("{path}.{name}")
                    };
                    find(path, value, found);
                }
            }
            Value::Array(items) => items
                .iter()
                .for_each(|item| find(path.clone(), item, found)),
            leaf => {
                found.insert((path, leaf.to_string()));
            }
        }
    }
    let mut found = BTreeSet::new();
    find(String::new(), value, &mut found);
    found
}
