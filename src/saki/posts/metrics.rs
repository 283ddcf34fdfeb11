//! Metrics of a post: the numbers of its network, such as likes, wherever Saki shows them.

use serde_json::Value;

use super::PostView;
use crate::saki::lenient_json::Fields;

/// Fields that may hold them; the reference names `analytics` and prints nothing of it.
const HOLDERS: [&str; 5] = ["analytics", "metrics", "stats", "statistics", "insights"];
/// Fields that name the number beside them.
const LABELS: [&str; 4] = ["name", "metric", "type", "key"];
/// Fields that hold a number named elsewhere.
const VALUES: [&str; 3] = ["value", "count", "total"];

impl PostView<'_> {
    /// Its numbers by name, as Saki spells it.
    pub fn metrics(self) -> Vec<(String, f64)> {
        let mut found = Vec::new();
        for value in HOLDERS.iter().filter_map(|name| self.field(name)) {
            collect("", value, &mut found);
        }
        found
    }

    /// The number of this name, in any spelling: `likes`, `like_count`, `total_likes`.
    pub fn metric(self, name: &str) -> Option<f64> {
        let wanted = fold(name);
        let mut metrics = self.metrics().into_iter();
        metrics.find_map(|(name, number)| (fold(&name) == wanted).then_some(number))
    }
}

fn collect(name: &str, value: &Value, found: &mut Vec<(String, f64)>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(name, item, found)),
        Value::Object(fields) => {
            let label = LABELS.iter().find_map(|label| fields.get(*label)?.as_str());
            for (field, value) in fields {
                match VALUES.contains(&field.as_str()) {
                    true => collect(label.unwrap_or(name), value, found),
                    false => collect(field, value, found),
                }
            }
        }
        value => {
            let number = value
                .as_f64()
                .or_else(|| value.as_str()?.trim().parse().ok());
            let number = number.filter(|number| number.is_finite());
            let is_metric = !name.is_empty() && name != "id" && !name.ends_with("_id");
            if let Some(number) = number.filter(|_| is_metric) {
                found.push((name.to_owned(), number));
            }
        }
    }
}

fn fold(name: &str) -> String {
    let name = name.to_ascii_lowercase().replace(['_', '-', ' '], "");
    let name = name.trim_start_matches("total").trim_end_matches("count");
    name.trim_end_matches('s').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case(json!({"analytics": {"likes": 3}}), Some(3.0))]
    #[case(json!({"analytics": {"like_count": "3"}}), Some(3.0))]
    #[case(json!({"metrics": {"instagram": {"totalLikes": 3}}}), Some(3.0))]
    #[case(json!({"analytics": {"likes": {"count": 3}}}), Some(3.0))]
    #[case(json!({"analytics": [{"name": "likes", "value": 3, "id": 9}]}), Some(3.0))]
    #[case(json!({"analytics": [], "likes": 3}), None)]
    #[case(json!({"analytics": {"likes": null, "views": 3}}), None)]
    fn a_number_is_found_in_any_shape(#[case] post: Value, #[case] likes: Option<f64>) {
        assert_eq!(PostView::from(&post).metric("likes"), likes);
    }
}
