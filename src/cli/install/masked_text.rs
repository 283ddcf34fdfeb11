//! Masked text: configurations are shown without the keys and passwords that stand in them.

use std::collections::BTreeSet;

use imara_diff::{Algorithm, BasicLineDiffPrinter, Diff, InternedInput, UnifiedDiffConfig};
use serde_json::Value;

const MASK: &str = "****";

/// Bytes of a line that a difference shows. A file in one line would be shown twice whole.
const MAX_SHOWN_LINE: usize = 2000;

/// Shorter values, such as `1` and `true`, would be masked all over the text.
const MIN_LENGTH: usize = 6;

/// Fields whose values are variables or headers.
const SECRET_MAPS: [&str; 6] = [
    "env",
    "envs",
    "environment",
    "headers",
    "http_headers",
    "requestInit",
];

/// How the values of well-known kinds of keys begin.
const KEY_PREFIXES: [&str; 9] = [
    "sk-",
    "sk_",
    "ghp_",
    "gho_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "AKIA",
];

/// The difference of two configurations, without secrets.
pub(super) fn diff(path: &str, old: &str, old_value: &Value, new: &str) -> String {
    let lines = InternedInput::new(old, new);
    let mut diff = Diff::compute(Algorithm::Histogram, &lines);
    diff.postprocess_lines(&lines);
    let printer = BasicLineDiffPrinter(&lines.interner);
    let hunks = diff.unified_diff(&printer, UnifiedDiffConfig::default(), &lines);
    let diff = format!("--- {path} (now)\n+++ {path} (new)\n{hunks}");
    let lines = diff.lines().map(|line| match line.len() > MAX_SHOWN_LINE {
        true => format!("{}(a line of {} bytes)\n", &line[..1], line.len()),
        false => format!("{line}\n"),
    });
    // Only what is shown is masked: a large file can have thousands of secrets.
    mask(&lines.collect::<String>(), &secrets(old_value))
}

/// An entry as JSON, without secrets.
pub(super) fn masked_entry(entry: &Value) -> String {
    let text = serde_json::to_string_pretty(entry).unwrap_or_default();
    mask(&text, &secrets(entry))
}

/// Arguments or another short text as it may be shown.
pub(super) fn masked_words(words: &[String]) -> String {
    let value: Value = words.iter().cloned().collect();
    mask(&words.join(" "), &secrets(&value))
}

/// The secrets of a configuration: values by their names, by their places and by their looks.
fn secrets(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(value, false, &mut found);
    // A difference shows a value of several lines line by line.
    let lines = found
        .iter()
        .flat_map(|secret| secret.lines().map(str::to_owned));
    let lines: Vec<String> = lines.collect();
    found.extend(lines);
    found.retain(|secret| secret.len() >= MIN_LENGTH);
    found
}

fn collect(value: &Value, is_secret: bool, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (name, inner) in map {
                let is_map = SECRET_MAPS.contains(&name.as_str()) && inner.is_object();
                if let (true, Some(variables)) = (is_map, inner.as_object()) {
                    for (variable, value) in variables {
                        collect(value, !is_harmless_variable(variable), found);
                    }
                } else {
                    collect(inner, is_secret || names_secret(name), found);
                }
            }
        }
        Value::Array(items) => {
            let mut is_next_secret = false;
            for item in items {
                collect(item, is_secret || is_next_secret, found);
                let flag = item.as_str().filter(|text| text.starts_with('-'));
                is_next_secret = flag.is_some_and(names_secret);
            }
        }
        Value::String(text) if is_secret => {
            found.insert(text.clone());
        }
        Value::String(text) => found.extend(secret_parts(text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Variables whose values help to understand an entry.
fn is_harmless_variable(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let is_known = upper.starts_with("SAKI_") || upper.starts_with("XDG_");
    let is_path = matches!(
        upper.as_str(),
        "PATH"
            | "HOME"
            | "LANG"
            | "TZ"
            | "NO_PROXY"
            | "RUST_LOG"
            | "SSL_CERT_FILE"
            | "SSL_CERT_DIR"
            | "WSLENV"
            | "HTTPS_PROXY"
            | "HTTP_PROXY"
            | "ALL_PROXY"
    );
    (is_known || is_path) && !names_secret(name)
}

/// The parts of a text that look secret: what follows a secret name, the password of a URL, a well-known kind of key.
fn secret_parts(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let assigned = text.split_once('=').filter(|(name, _)| names_secret(name));
    parts.extend(assigned.map(|(_, value)| value.to_owned()));
    let lower = text.to_ascii_lowercase();
    if let Some(at) = lower.find("bearer ").filter(|_| text.is_ascii()) {
        parts.push(text[at + "bearer ".len()..].trim().to_owned());
    }
    if let Some((_, rest)) = text.split_once("://") {
        let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
        let authority = address.split('/').next().unwrap_or_default();
        parts.extend(authority.rsplit_once('@').map(|(user, _)| user.to_owned()));
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        parts.extend(
            pairs
                .filter(|(name, _)| names_secret(name))
                .map(|(_, value)| value.to_owned()),
        );
    }
    let words = text.split([' ', '=', ':', '/', '"', '\'', ',']);
    let is_key = |word: &&str| KEY_PREFIXES.iter().any(|prefix| word.starts_with(prefix));
    parts.extend(words.filter(is_key).map(str::to_owned));
    parts
}

/// Whether the value behind this name is a secret. The path of a key file is none.
fn names_secret(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let mut words = lower
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    if matches!(
        words.clone().next_back(),
        Some("file" | "path" | "var" | "vars")
    ) {
        return false;
    }
    words.any(|word| {
        matches!(
            word,
            "key" | "keys" | "auth" | "pass" | "pat" | "bearer" | "cookie" | "pwd" | "passwd"
        ) || [
            "apikey",
            "accesskey",
            "token",
            "secret",
            "password",
            "credential",
            "credentials",
            "authorization",
        ]
        .iter()
        .any(|ending| word.ends_with(ending))
    })
}

fn mask(text: &str, secrets: &BTreeSet<String>) -> String {
    let mut text = text.to_owned();
    // The longest first: one can be a part of another.
    let mut secrets: Vec<&String> = secrets.iter().collect();
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    for secret in secrets {
        let escaped = Value::from(secret.as_str()).to_string();
        text = text
            .replace(escaped.trim_matches('"'), MASK)
            .replace(secret.as_str(), MASK);
    }
    // What stands in comments is no value of the configuration.
    let lines = text.split_inclusive('\n').map(masked_line);
    lines.collect()
}

/// A line without the values that stand behind secret names, also inside of a comment.
fn masked_line(line: &str) -> String {
    let mut masked = String::new();
    let mut rest = line;
    while let Some((head, tail)) = secret_value(rest) {
        masked.push_str(head);
        masked.push_str(MASK);
        rest = tail;
    }
    masked.push_str(rest);
    let words = masked.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '='));
    let is_key =
        |word: &&str| word.len() > 12 && KEY_PREFIXES.iter().any(|prefix| word.starts_with(prefix));
    let keys: Vec<String> = words.filter(is_key).map(str::to_owned).collect();
    keys.iter()
        .fold(masked, |line, key| line.replace(key, MASK))
}

/// What stands before and behind the first value in a line whose name is secret.
fn secret_value(line: &str) -> Option<(&str, &str)> {
    line.match_indices([':', '=']).find_map(|(at, _)| {
        let name = line[..at].trim_end().trim_end_matches(['"', '\'']);
        let start = name.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-');
        // The character before the name can have several bytes.
        let name =
            name[start.unwrap_or(0)..].trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
        if !names_secret(name) {
            return None;
        }
        let value = line[at + 1..].trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let opened = quote.map_or(value, |_| &value[1..]);
        let end = match quote {
            Some(quote) => opened.find(quote),
            None => opened.find([',', '\r', '\n', '#']),
        };
        let end = end.unwrap_or(opened.trim_end().len());
        let is_value = end > 0 && !value.starts_with(['{', '[']) && !opened.starts_with(MASK);
        is_value.then(|| (&line[..line.len() - opened.len()], &opened[end..]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case(json!({"env": {"GITHUB_TOKEN": "planted-1"}}))]
    #[case(json!({"env": {"OTHER": "planted-1"}}))]
    #[case(json!({"headers": {"X-Any": "planted-1"}}))]
    #[case(json!({"api_key": "planted-1"}))]
    #[case(json!({"args": ["--api-key", "planted-1"]}))]
    #[case(json!({"args": ["--token=planted-1"]}))]
    #[case(json!({"args": ["--header", "Authorization: Bearer planted-1"]}))]
    #[case(json!({"url": "https://ann:planted-1@example.com/mcp"}))]
    #[case(json!({"url": "https://example.com/mcp?a=1&apiKey=planted-1"}))]
    #[case(json!({"command": "x sk-planted-1"}))]
    #[case(json!({"env": {"SAKI_API_KEY": "planted-1"}}))]
    fn no_secret_is_shown(#[case] entry: Value) {
        let shown = masked_entry(&entry);
        assert!(!shown.contains("planted-1"), "{shown}");
        assert!(shown.contains(MASK), "{shown}");
    }

    #[rstest]
    #[case("  // \"API_KEY\": \"planted-1\",\n")]
    #[case("# token = 'planted-1' # old\n")]
    #[case("password: planted-1\n")]
    fn no_secret_is_shown_in_a_comment(#[case] line: &str) {
        let shown = masked_line(line);
        assert!(
            !shown.contains("planted-1") && shown.ends_with('\n'),
            "{shown}"
        );
    }

    #[rstest]
    #[case(json!({"env": {"SAKI_TIMEZONE": "Europe/Berlin"}}), "Europe/Berlin")]
    #[case(json!({"args": ["--api-key-file", "/home/ann/key-file"]}), "/home/ann/key-file")]
    #[case(json!({"theme": "One Dark", "base_keymap": "VSCode"}), "VSCode")]
    fn what_is_no_secret_is_shown(#[case] entry: Value, #[case] shown: &str) {
        assert!(masked_entry(&entry).contains(shown));
    }
}
