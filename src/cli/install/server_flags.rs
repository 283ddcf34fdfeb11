//! Server flags: the options of the server that were given to `install`, as arguments of the entry.

use std::ffi::OsString;

use anyhow::bail;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};

/// A flag with its values, as it stands among the arguments of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FlagWords {
    /// The flag with its dashes; `None` for a word that belongs to no flag.
    pub(super) flag: Option<String>,
    pub(super) words: Vec<String>,
}

impl FlagWords {
    /// A flag with its value, if it has one.
    pub(super) fn of(flag: &str, value: Option<&str>) -> Self {
        let words = [Some(flag), value].into_iter().flatten();
        Self {
            flag: Some(flag.to_owned()),
            words: words.map(str::to_owned).collect(),
        }
    }
}

/// What `install` uses itself, and what an entry does not need.
const NOT_IN_ENTRY: [&str; 2] = ["name", "sandbox"];
/// Flags whose paths a client would take relative to a folder of its own.
const PATHS: [&str; 3] = ["api-key-file", "ca-cert", "media-dir"];

/// The options of the server that were given before and behind the word `install`, and those of the environment.
pub(super) fn given(
    command: &Command,
    matches: &ArgMatches,
    with_environment: bool,
) -> anyhow::Result<Vec<FlagWords>> {
    let inner = matches.subcommand().map(|(_, inner)| inner);
    let mut settings = Vec::new();
    for arg in command
        .get_arguments()
        .filter(|arg| arg.get_env().is_some())
    {
        let Some(long) = arg.get_long().filter(|long| !NOT_IN_ENTRY.contains(long)) else {
            continue;
        };
        let places = [Some(matches), inner];
        let mut given: Vec<FlagWords> = places
            .into_iter()
            .flatten()
            .filter_map(|matches| setting(arg, long, matches, with_environment))
            .collect();
        given.dedup();
        if let [first, second, ..] = given.as_slice() {
            bail!(
                "--{long} was set twice: {} and {}. A variable of the environment counts too. Set it once, so that the entry says it once",
                first.words.join(" "),
                second.words.join(" ")
            );
        }
        settings.extend(given);
    }
    Ok(settings)
}

fn setting(
    arg: &Arg,
    long: &str,
    matches: &ArgMatches,
    with_environment: bool,
) -> Option<FlagWords> {
    let id = arg.get_id().as_str();
    // The arguments of the other commands are no part of these matches.
    let source = matches
        .try_contains_id(id)
        .ok()
        .and_then(|_| matches.value_source(id))?;
    let is_given = source == ValueSource::CommandLine
        || source == ValueSource::EnvVariable && with_environment;
    if !is_given {
        return None;
    }
    let flag = format!("--{long}");
    let words = match arg.get_action() {
        ArgAction::SetTrue => match matches.get_flag(id) {
            true => vec![flag.clone()],
            false => return None,
        },
        _ => {
            let values: Vec<String> = matches
                .get_raw(id)?
                .map(|value| value_text(value.to_owned(), long))
                .collect();
            match arg.get_value_delimiter() {
                // A path may hold a comma, so each directory has its own flag.
                Some(',') | None => vec![flag.clone(), values.join(",")],
                Some(_) => values
                    .into_iter()
                    .flat_map(|value| [flag.clone(), value])
                    .collect(),
            }
        }
    };
    Some(FlagWords {
        flag: Some(flag),
        words,
    })
}

fn value_text(value: OsString, long: &str) -> String {
    let text = value.to_string_lossy().into_owned();
    match PATHS.contains(&long) {
        true => {
            let path = crate::write::media::expand_home(crate::write::quote_text::unquoted(&text));
            let absolute = std::path::absolute(&path).unwrap_or(path);
            absolute.to_string_lossy().into_owned()
        }
        false => text,
    }
}

/// Splits the arguments of an entry into settings.
pub(super) fn parse(command: &Command, args: &[String]) -> Vec<FlagWords> {
    let mut settings: Vec<FlagWords> = Vec::new();
    let mut rest = args.iter();
    while let Some(word) = rest.next() {
        let (flag, is_assigned) = match word.split_once('=') {
            Some((flag, _)) => (flag, true),
            None => (word.as_str(), false),
        };
        let Some(long) = flag.strip_prefix("--") else {
            settings.push(FlagWords {
                flag: None,
                words: vec![word.clone()],
            });
            continue;
        };
        let arg = command
            .get_arguments()
            .find(|arg| arg.get_long() == Some(long));
        let takes_value = arg.is_some_and(|arg| arg.get_action().takes_values());
        let mut words = vec![word.clone()];
        words.extend(
            (takes_value && !is_assigned)
                .then(|| rest.next().cloned())
                .flatten(),
        );
        match settings
            .iter_mut()
            .find(|setting| setting.flag.as_deref() == Some(flag))
        {
            Some(same) => same.words.extend(words),
            None => settings.push(FlagWords {
                flag: Some(flag.to_owned()),
                words,
            }),
        }
    }
    settings
}

/// The settings that stand in an entry, with those that were given now. A flag that was given replaces the standing one.
pub(super) fn merged(
    standing: Vec<FlagWords>,
    given: &[FlagWords],
) -> (Vec<FlagWords>, Vec<FlagWords>) {
    let is_given = |setting: &FlagWords| {
        setting.flag.is_some() && given.iter().any(|new| new.flag == setting.flag)
    };
    let mut all = Vec::new();
    let mut kept = Vec::new();
    for setting in standing {
        match given
            .iter()
            .find(|new| is_given(&setting) && new.flag == setting.flag)
        {
            Some(new) => all.push(new.clone()),
            None => {
                kept.push(setting.clone());
                all.push(setting);
            }
        }
    }
    let new = given
        .iter()
        .filter(|new| !all.contains(new))
        .cloned()
        .collect::<Vec<_>>();
    all.extend(new);
    (all, kept)
}

/// The words of settings, in order.
pub(super) fn words(settings: &[FlagWords]) -> Vec<String> {
    settings
        .iter()
        .flat_map(|setting| setting.words.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use rstest::rstest;

    fn list(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[rstest]
    #[case::nothing("", "", "", "")]
    #[case::kept("--mode read-only", "", "--mode read-only", "--mode read-only")]
    #[case::replaced(
        "--mode read-only --space 1",
        "--mode drafts-only",
        "--mode drafts-only --space 1",
        "--space 1"
    )]
    #[case::assigned("--mode=read-only", "--mode drafts-only", "--mode drafts-only", "")]
    #[case::added("--sandbox", "--space 2", "--sandbox --space 2", "--sandbox")]
    #[case::command("stdio --space 1", "--space 2", "stdio --space 2", "stdio")]
    #[case::repeated(
        "--media-dir /a --media-dir /b",
        "--media-dir /c",
        "--media-dir /c",
        ""
    )]
    fn a_flag_that_is_given_replaces_the_one_that_stands_there(
        #[case] standing: &str,
        #[case] given: &str,
        #[case] expected: &str,
        #[case] kept: &str,
    ) {
        let command = crate::cli::Cli::command();
        let parsed = |text: &str| parse(&command, &list(text));
        let (all, standing) = merged(parsed(standing), &parsed(given));
        assert_eq!(
            (words(&all), words(&standing)),
            (list(expected), list(kept))
        );
    }
}
