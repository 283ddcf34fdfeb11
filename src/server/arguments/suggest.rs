//! Suggestions for unknown arguments: a table of aliases, and the nearest name by edit distance.

use serde_json::{Map, Value};

use crate::write::edit_distance::edit_distance;

/// Names that models use, and the parameters that they stand for, the likelier one first.
const ALIASES: [(&str, &[&str]); 65] = [
    ("account", &["account_ids", "account_id"]),
    ("accountid", &["account_ids"]),
    ("accountids", &["account_id"]),
    ("accounts", &["account_ids", "account_id"]),
    ("active", &["is_active"]),
    ("address", &["url"]),
    ("after", &["from"]),
    ("alttext", &["alt"]),
    ("at", &["scheduled_at"]),
    ("attachments", &["media", "media_ids"]),
    ("base64", &["data"]),
    ("before", &["to"]),
    ("body", &["content"]),
    ("caption", &["content"]),
    ("channel", &["account_ids", "account_id"]),
    ("channels", &["account_ids"]),
    ("cluster", &["cluster_id"]),
    ("copy", &["content"]),
    ("date", &["scheduled_at"]),
    ("datetime", &["scheduled_at"]),
    ("day", &["weekday"]),
    ("dayofweek", &["weekday"]),
    ("enabled", &["is_active"]),
    ("end", &["to"]),
    ("enddate", &["to"]),
    ("event", &["events"]),
    ("file", &["path"]),
    ("filepath", &["path"]),
    ("files", &["media", "media_ids"]),
    ("id", &["media_id"]),
    ("image", &["media", "media_ids"]),
    ("images", &["media", "media_ids"]),
    ("keyword", &["search"]),
    ("keywords", &["search"]),
    ("mediaids", &["media"]),
    ("media", &["media_ids", "media_id"]),
    ("message", &["content"]),
    ("mode", &["publish"]),
    ("network", &["account_id", "account_ids"]),
    ("perchannel", &["per_account"]),
    ("platform", &["account_id", "account_ids"]),
    ("platforms", &["account_ids"]),
    ("post", &["post_id", "content"]),
    ("posttext", &["content"]),
    ("profiles", &["account_ids"]),
    ("publishat", &["scheduled_at"]),
    ("q", &["search"]),
    ("query", &["search"]),
    ("replies", &["thread"]),
    ("scheduleat", &["scheduled_at"]),
    ("scheduledate", &["scheduled_at"]),
    ("scheduledfor", &["scheduled_at"]),
    ("scheduledtime", &["scheduled_at"]),
    ("scheduletime", &["scheduled_at"]),
    ("since", &["from"]),
    ("slot", &["slot_id"]),
    ("space", &["space_id"]),
    ("spacename", &["space_id"]),
    ("start", &["from"]),
    ("startdate", &["from"]),
    ("state", &["status"]),
    ("text", &["content", "search"]),
    ("time", &["scheduled_at"]),
    ("tz", &["timezone"]),
    ("until", &["to"]),
];

/// The parameter that a name stands for: the same name in another case or with dashes, a known alias, or the only required id for `id`.
pub(super) fn resolve_alias<'a>(
    name: &str,
    properties: &'a Map<String, Value>,
    required: &[&str],
) -> Option<&'a str> {
    let wanted = normalize(name);
    let same = properties.keys().find(|name| normalize(name) == wanted);
    if let Some(name) = same {
        return Some(name);
    }
    let exists = |name: &&&str| properties.contains_key(**name);
    let alias = ALIASES.iter().find(|(alias, _)| *alias == wanted);
    if let Some(name) = alias.and_then(|(_, parameters)| parameters.iter().find(exists)) {
        return properties
            .get_key_value(*name)
            .map(|(name, _)| name.as_str());
    }
    let mut ids = properties
        .keys()
        .filter(|name| name.ends_with("_id") && required.contains(&name.as_str()));
    match (wanted.as_str(), ids.next(), ids.next()) {
        ("id", Some(only), None) => Some(only),
        _ => None,
    }
}

/// The name with the smallest edit distance, where one is near enough to suggest.
pub(in crate::server) fn nearest<'a>(
    name: &str,
    names: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    let wanted = normalize(name);
    // The distance takes quadratic time, and a long text is no misspelt name.
    if wanted.len() > 60 {
        return None;
    }
    let near = names.map(|name| (edit_distance(&wanted, &normalize(name)), name));
    near.filter(|(distance, name)| *distance <= 1 + name.len() / 4)
        .min()
        .map(|(_, name)| name)
}

/// The parameter that a name resembles: the nearest one, or one that shares all words of either name.
pub(super) fn resembled<'a>(name: &str, properties: &'a Map<String, Value>) -> Option<&'a str> {
    let given = words(name);
    // The size of a page is not its number.
    let is_size = given.iter().any(|word| word == "size" || word == "per");
    let is_in = |few: &[String], many: &[String]| {
        !few.is_empty() && few.iter().all(|word| many.contains(word))
    };
    let names = || properties.keys().map(String::as_str);
    let shares_words = |parameter: &&str| {
        let own = words(parameter);
        !is_size && (is_in(&own, &given) || is_in(&given, &own))
    };
    nearest(name, names()).or_else(|| names().find(shares_words))
}

/// The words of a name in lower case: `toolCallId`, `tool_call_id` and `tool-call-id` have the same.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_lower = false;
    for letter in name.chars() {
        let starts_word = letter.is_ascii_uppercase() && after_lower;
        if starts_word || !letter.is_ascii_alphanumeric() {
            words.push(String::new());
        }
        after_lower = letter.is_ascii_lowercase() || letter.is_ascii_digit();
        if let Some(word) = words.last_mut().filter(|_| letter.is_ascii_alphanumeric()) {
            word.push(letter.to_ascii_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A name without case, dashes and underscores.
pub(super) fn normalize(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_ascii_lowercase()
}
