//! `docs/configuration.md` lists every option of the command line, with its variable and its default.

use clap::{Arg, ArgAction, Command, CommandFactory};
use saki_mcp::cli::Cli;

use super::assert_generated;

#[test]
fn every_option_is_documented_with_variable_and_default() {
    let command = Cli::command();
    let of_root: Vec<&str> = command
        .get_arguments()
        .map(|arg| arg.get_id().as_str())
        .collect();
    let mut text = "### Every command\n\n".to_owned();
    text += &table(command.get_arguments());
    for subcommand in command.get_subcommands() {
        append(&mut text, "saki-mcp", subcommand, &of_root);
    }
    assert_generated("docs/configuration.md", "options", &text);
}

/// A section for the command, if it has options of its own, and for the commands below it.
fn append(text: &mut String, parent: &str, command: &Command, of_root: &[&str]) {
    let name = format!("{parent} {}", command.get_name());
    let own = command
        .get_arguments()
        .filter(|arg| !of_root.contains(&arg.get_id().as_str()));
    let own: Vec<&Arg> = own.collect();
    if !command.is_hide_set() && !own.is_empty() {
        let about = command
            .get_about()
            .map(ToString::to_string)
            .unwrap_or_default();
        *text += &format!("\n### `{name}`\n\n{about}.\n\n{}", table(own.into_iter()));
    }
    for subcommand in command.get_subcommands() {
        append(text, &name, subcommand, of_root);
    }
}

fn table<'a>(arguments: impl Iterator<Item = &'a Arg>) -> String {
    let rows = arguments.filter(|arg| !arg.is_hide_set()).map(row);
    let head = "| option | variable | default | meaning |\n|---|---|---|---|\n";
    head.to_owned() + &rows.collect::<String>()
}

fn row(arg: &Arg) -> String {
    let takes_value = matches!(arg.get_action(), ArgAction::Set | ArgAction::Append);
    let value_names = arg.get_value_names().into_iter().flatten();
    let values: Vec<&str> = value_names.map(|name| name.as_str()).collect();
    let id = arg.get_id().as_str().to_uppercase();
    let value = if values.is_empty() {
        id
    } else {
        values.join(" ")
    };
    let option = match (arg.get_long(), takes_value) {
        (None, _) => value,
        (Some(flag), false) => format!("--{flag}"),
        (Some(flag), true) => format!("--{flag} {value}"),
    };
    let variable = arg
        .get_env()
        .map(|name| format!("`{}`", name.to_string_lossy()));
    let default = arg.get_default_values().first().filter(|_| takes_value);
    let default = default.map(|value| format!("`{}`", value.to_string_lossy()));
    let help = arg
        .get_long_help()
        .or(arg.get_help())
        .map(ToString::to_string)
        .unwrap_or_default();
    let paragraphs = help.split("\n\n").map(|paragraph| {
        let paragraph = paragraph.trim().replace('\n', " ").replace('|', "\\|");
        let ends = paragraph.ends_with(['.', ':', '?']) || paragraph.is_empty();
        if ends { paragraph } else { paragraph + "." }
    });
    let choices = arg.get_possible_values();
    let choices: Vec<String> = choices
        .iter()
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    let choices = match takes_value && !choices.is_empty() {
        true => format!(" One of {}.", choices.join(", ")),
        false => String::new(),
    };
    let meaning = paragraphs.collect::<Vec<_>>().join(" ") + &choices;
    let (variable, default) = (variable.unwrap_or_default(), default.unwrap_or_default());
    format!("| `{option}` | {variable} | {default} | {meaning} |\n")
}
