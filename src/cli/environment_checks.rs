//! Environment variables: an empty or unfilled one counts as not set, an unknown one is reported, a limit that is misspelled or unfilled stops the start.

use std::collections::BTreeSet;
use std::env;
use std::ffi::{OsStr, OsString};

use clap::builder::Resettable;
use clap::{Arg, Command};

use crate::tools::is_blank;
use crate::write::quote_text::unquoted;

/// The variable that holds the key. There is no flag for it, because a flag would be visible in the process list.
pub(super) const KEY_VARIABLE: &str = "SAKI_API_KEY";

/// The same command line, where a variable with an empty or unfilled value counts as not set.
///
/// Configuration forms of MCP clients pass fields that were left empty in this way.
pub(super) fn ignore_unset(command: Command) -> Command {
    command
        .mut_args(ignore_if_unset)
        .mut_subcommands(|command| command.mut_args(ignore_if_unset))
}

fn ignore_if_unset(arg: Arg) -> Arg {
    let value = arg.get_env().and_then(env::var_os);
    let arg = arg.hide_env_values(true);
    match value.is_some_and(|value| value.is_empty() || is_unfilled(&value)) {
        true => arg.env(Resettable::Reset),
        false => arg,
    }
}

/// Whether this is what a client passes for a setting that was not filled in, such as `${user_config.timezone}`.
pub(super) fn is_unfilled(value: &OsStr) -> bool {
    let text = value.to_string_lossy().to_ascii_lowercase();
    let text = unquoted(&text);
    let placeholders = [
        ("${", "}"),
        ("{{", "}}"),
        ("$(", ")"),
        ("%saki_", "%"),
        ("$saki_", ""),
    ];
    let is_placeholder =
        (placeholders.iter()).any(|(open, close)| text.starts_with(open) && text.ends_with(close));
    let nothing = [
        "",
        "undefined",
        "null",
        "none",
        "nil",
        "nan",
        "(null)",
        "[object object]",
    ];
    is_placeholder || (nothing.contains(&text) || is_blank(text)) && !value.is_empty()
}

/// The variable's value, if a client left it unfilled.
pub(super) fn unfilled(variable: &str) -> Option<String> {
    let value = env::var_os(variable).filter(|value| is_unfilled(value))?;
    Some(value.to_string_lossy().into_owned())
}

/// Command-line arguments without the flags that a client left unfilled, and the names of those.
///
/// Only flags that `is_harmless` accepts are removed; the others stay, and their values are refused.
pub(super) fn without_unfilled(
    arguments: impl Iterator<Item = OsString>,
    command: &Command,
    is_harmless: impl Fn(&Arg) -> bool,
) -> (Vec<OsString>, Vec<String>) {
    let commands = command.get_subcommands().chain([command]);
    let flags = commands.flat_map(Command::get_arguments);
    let flags: Vec<String> = flags
        .filter(|arg| arg.get_env().is_some() && arg.get_action().takes_values())
        .filter(|arg| is_harmless(arg))
        .filter_map(|arg| Some(format!("--{}", arg.get_long()?)))
        .collect();
    let (mut kept, mut removed) = (Vec::<OsString>::new(), Vec::new());
    for argument in arguments {
        let text = argument.to_string_lossy();
        let assigned = text.split_once('=').filter(|_| text.starts_with("--"));
        let (flag, value) = match (assigned, kept.last()) {
            (Some((flag, value)), _) => (flag.to_owned(), value),
            (None, Some(flag)) => (flag.to_string_lossy().into_owned(), &*text),
            (None, None) => (String::new(), &*text),
        };
        let is_set = !value.is_empty() && !is_unfilled(OsStr::new(value));
        if !flags.contains(&flag) || is_set {
            kept.push(argument);
            continue;
        }
        if assigned.is_none() {
            kept.pop();
        }
        removed.push(flag);
    }
    (kept, removed)
}

/// The variables of all settings.
pub(super) fn variables(command: &Command) -> BTreeSet<String> {
    let commands = command.get_subcommands().chain([command]);
    let variables = commands
        .flat_map(Command::get_arguments)
        .filter_map(Arg::get_env);
    variables
        .map(|name| name.to_string_lossy().into_owned())
        .collect()
}

/// Variables that start with `SAKI_` and are not settings, so that a misspelled one is noticed.
pub(super) fn unknown(known: &BTreeSet<String>) -> Vec<String> {
    let unknown = |(name, value): (OsString, OsString)| {
        let text = name.to_string_lossy();
        let has_prefix = text.to_ascii_uppercase().starts_with("SAKI_");
        let is_known = |known: &str| match cfg!(windows) {
            // Names of variables are not case-sensitive there.
            true => known.eq_ignore_ascii_case(&text),
            false => known == text,
        };
        let mut known = known.iter().map(String::as_str).chain([KEY_VARIABLE]);
        (has_prefix && !value.is_empty() && !known.any(is_known)).then(|| text.into_owned())
    };
    env::vars_os().filter_map(unknown).collect()
}

/// Words that name a limit in a variable, and the variable of that limit. The first match wins.
const LIMIT_WORDS: [(&str, &str); 18] = [
    ("TOOLSET", "SAKI_TOOLSETS"),
    ("TOOL", "SAKI_TOOLS"),
    ("SPACE", "SAKI_SPACE"),
    ("ACCOUNT", "SAKI_ACCOUNTS"),
    ("READ", "SAKI_MODE"),
    ("READONLY", "SAKI_MODE"),
    ("DRAFT", "SAKI_MODE"),
    ("DRAFTONLY", "SAKI_MODE"),
    ("DRAFTSONLY", "SAKI_MODE"),
    ("MODE", "SAKI_MODE"),
    ("LIVE", "SAKI_MAX_LIVE_PER_HOUR"),
    ("RATE", "SAKI_MAX_LIVE_PER_HOUR"),
    ("QUIET", "SAKI_QUIET_HOURS"),
    ("LEAD", "SAKI_MIN_LEAD"),
    ("CONFIRM", "SAKI_CONFIRM"),
    ("CONFIRMATION", "SAKI_CONFIRM"),
    ("EXCLUDE", "SAKI_EXCLUDE_TOOLS"),
    ("MAX", "SAKI_MAX_LIVE_PER_HOUR"),
];

/// Words that such a name can have in addition. A name with any other word is about something else.
const FILLERS: [&str; 27] = [
    "ALLOW", "ALLOWED", "ALWAY", "DAY", "DISABLE", "DISABLED", "ENABLED", "EXCLUDED", "HOUR", "HR",
    "ID", "LIMIT", "LIST", "MCP", "MIN", "MINUTE", "NAME", "NEVER", "ONLY", "PER", "POST",
    "SECOND", "SET", "TIME", "TZ", "WITHOUT", "ZONE",
];

const EXCLUDING_WORDS: [&str; 5] = ["EXCLUDE", "EXCLUDED", "DISABLE", "DISABLED", "WITHOUT"];

/// Advice about an unknown variable that looks like a misspelled limit of the policy.
pub(super) fn misspelled_limit(variable: &str) -> Option<String> {
    let upper = variable.to_ascii_uppercase();
    let name = upper.strip_prefix("SAKI_")?;
    let did_you_mean = |limit: &str| format!("Did you mean {limit}?");
    let limits = || LIMIT_WORDS.iter().map(|(_, limit)| *limit);
    if let Some(limit) = limits().find(|limit| is_typo(name, &limit["SAKI_".len()..])) {
        return Some(did_you_mean(limit));
    }
    let words = name.split(['_', '-']);
    let words: Vec<&str> = words
        .map(|word| word.strip_suffix('S').unwrap_or(word))
        .collect();
    let is_limit_word = |word: &&str| LIMIT_WORDS.iter().any(|(limit_word, _)| limit_word == word);
    if !words
        .iter()
        .all(|word| is_limit_word(word) || FILLERS.contains(word))
    {
        return None;
    }
    let (limit_word, limit) = LIMIT_WORDS
        .iter()
        .find(|(limit_word, _)| words.contains(limit_word))?;
    let excludes = words.iter().any(|word| EXCLUDING_WORDS.contains(word));
    Some(match (*limit_word, excludes) {
        ("TOOL" | "TOOLSET", true) => did_you_mean("SAKI_EXCLUDE_TOOLS"),
        ("SPACE" | "ACCOUNT", true) => {
            format!("{limit} lists what is allowed. No setting excludes single ones.")
        }
        _ => did_you_mean(limit),
    })
}

/// Whether two names differ only in underscores, in two swapped letters or, if long enough, in one letter.
fn is_typo(typed: &str, name: &str) -> bool {
    let letters = |text: &str| {
        text.bytes()
            .filter(u8::is_ascii_alphabetic)
            .collect::<Vec<u8>>()
    };
    let (typed, name) = (letters(typed), letters(name));
    let same = |(a, b): &(&u8, &u8)| a == b;
    let prefix = typed.iter().zip(&name).take_while(same).count();
    let (typed, rest) = (&typed[prefix..], &name[prefix..]);
    let suffix = typed
        .iter()
        .rev()
        .zip(rest.iter().rev())
        .take_while(same)
        .count();
    match (&typed[..typed.len() - suffix], &rest[..rest.len() - suffix]) {
        ([], []) => true,
        ([a, b], [c, d]) => (a, b) == (d, c),
        (a, b) => a.len() <= 1 && b.len() <= 1 && name.len() >= 8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("SAKI_SPACES", Some("SAKI_SPACE"))]
    #[case("SAKI_SPACE_ID", Some("SAKI_SPACE"))]
    #[case("SAKI_MCP_SPACE", Some("SAKI_SPACE"))]
    #[case("SAKI_ALLOWED_SPACES", Some("SAKI_SPACE"))]
    #[case("saki_space", Some("SAKI_SPACE"))]
    #[case("SAKI_ACCOUNT", Some("SAKI_ACCOUNTS"))]
    #[case("SAKI_ALLOW_ACCOUNTS", Some("SAKI_ACCOUNTS"))]
    #[case("Saki_Mode", Some("SAKI_MODE"))]
    #[case("SAKI_READ_ONLY", Some("SAKI_MODE"))]
    #[case("SAKI_READONLY", Some("SAKI_MODE"))]
    #[case("SAKI_DRAFTS", Some("SAKI_MODE"))]
    #[case("SAKI_DRAFT_ONLY", Some("SAKI_MODE"))]
    #[case("SAKI_TOOLSET", Some("SAKI_TOOLSETS"))]
    #[case("SAKI_TOOL", Some("SAKI_TOOLS"))]
    #[case("SAKI_EXCLUDED_TOOLS", Some("SAKI_EXCLUDE_TOOLS"))]
    #[case("SAKI_DISABLE_TOOLS", Some("SAKI_EXCLUDE_TOOLS"))]
    #[case("SAKI_MAX_LIVE", Some("SAKI_MAX_LIVE_PER_HOUR"))]
    #[case("SAKI_RATE_LIMIT", Some("SAKI_MAX_LIVE_PER_HOUR"))]
    #[case("SAKI_QUIET_HOUR", Some("SAKI_QUIET_HOURS"))]
    #[case("SAKI_LEAD_TIME", Some("SAKI_MIN_LEAD"))]
    #[case("SAKI_CONFIRMATION", Some("SAKI_CONFIRM"))]
    #[case("SAKI_ACOUNTS", Some("SAKI_ACCOUNTS"))]
    #[case("SAKI_SAPCE", Some("SAKI_SPACE"))]
    #[case("SAKI_MDOE", Some("SAKI_MODE"))]
    #[case("SAKI_TOOLSTES", Some("SAKI_TOOLSETS"))]
    #[case("SAKI_QUIETHOURS", Some("SAKI_QUIET_HOURS"))]
    #[case("SAKI_MINLEAD", Some("SAKI_MIN_LEAD"))]
    #[case("SAKI_MAX_POSTS_PER_HOUR", Some("SAKI_MAX_LIVE_PER_HOUR"))]
    #[case("SAKI_MAX_LIVE_PER_DAY", Some("SAKI_MAX_LIVE_PER_HOUR"))]
    #[case("SAKI_MIN_LEAD_MINUTES", Some("SAKI_MIN_LEAD"))]
    #[case("SAKI_QUIET_HOURS_TZ", Some("SAKI_QUIET_HOURS"))]
    #[case("SAKI_CONFIRM_ALWAYS", Some("SAKI_CONFIRM"))]
    #[case("SAKI_EXCLUDE", Some("SAKI_EXCLUDE_TOOLS"))]
    #[case("SAKI_DISABLED_TOOLSETS", Some("SAKI_EXCLUDE_TOOLS"))]
    #[case("SAKI_NODE", None)]
    #[case("SAKI_HOME", None)]
    #[case("SAKI_CODE", None)]
    #[case("SAKI_MODEL", None)]
    #[case("SAKI_CONFIG", None)]
    #[case("SAKI_PLACE", None)]
    #[case("SAKI_SPACESHIP", None)]
    #[case("SAKI_MINIO_URL", None)]
    #[case("SAKI_MAX_RETRIES", None)]
    #[case("SAKI_ACCOUNT_EMAIL", None)]
    #[case("SAKI_TOOLCHAIN", None)]
    #[case("SAKI_TOOLS_DIR", None)]
    #[case("SAKI_PORT", None)]
    #[case("SAKI_POST_ID", None)]
    fn a_name_made_of_the_words_of_limits_is_a_misspelled_limit(
        #[case] variable: &str,
        #[case] limit: Option<&str>,
    ) {
        let advice = limit.map(|limit| format!("Did you mean {limit}?"));
        assert_eq!(misspelled_limit(variable), advice);
    }

    #[test]
    fn what_cannot_be_excluded_is_not_turned_into_its_opposite() {
        for name in ["SAKI_EXCLUDE_SPACES", "SAKI_DISABLED_ACCOUNTS"] {
            let advice = misspelled_limit(name).unwrap();
            assert!(
                advice.ends_with("No setting excludes single ones."),
                "{advice}"
            );
        }
    }
}
