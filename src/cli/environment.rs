//! The environment variables: one for each flag, and what is done about odd ones.

use std::env;
use std::ffi::{OsStr, OsString};

use clap::builder::Resettable;
use clap::{Arg, Command};

/// The variable that holds the key; it has no flag, which would show in process lists.
pub(super) const KEY: &str = "SAKI_API_KEY";

/// The same command line, where a variable that is set to nothing counts as not set.
///
/// The configuration forms of MCP clients hand over fields that were left empty in this way.
pub(super) fn tidy(command: Command) -> Command {
    command
        .mut_args(tidy_arg)
        .mut_subcommands(|command| command.mut_args(tidy_arg))
}

fn tidy_arg(arg: Arg) -> Arg {
    let value = arg.get_env().and_then(env::var_os);
    let arg = arg.hide_env_values(true);
    match value.is_some_and(|value| value.is_empty()) {
        true => arg.env(Resettable::Reset),
        false => arg,
    }
}

/// Variables that look like settings and are none, so that a misspelt one is not silently nothing.
pub(super) fn strangers(command: &Command) -> Vec<String> {
    let commands = command.get_subcommands().chain([command]);
    let known: Vec<&OsStr> = commands
        .flat_map(Command::get_arguments)
        .filter_map(Arg::get_env)
        .chain([OsStr::new(KEY)])
        .collect();
    let stranger = |(name, value): (OsString, OsString)| {
        let ours = name
            .to_string_lossy()
            .to_ascii_uppercase()
            .starts_with("SAKI_");
        let is_known = |known: &&OsStr| match cfg!(windows) {
            // There the case of a variable's name means nothing.
            true => known.eq_ignore_ascii_case(&name),
            false => **known == name,
        };
        (ours && !value.is_empty() && !known.iter().any(is_known))
            .then(|| name.to_string_lossy().into_owned())
    };
    env::vars_os().filter_map(stranger).collect()
}
