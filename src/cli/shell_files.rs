//! `saki-mcp completions` and `saki-mcp man`: files for a shell and for `man`, generated from the command line.

use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Command};
use clap_complete::Shell;
use clap_mangen::Man;

use super::console_output;
use super::usage_error::wrong_usage;

#[derive(Debug, Args)]
pub(super) struct PrintCompletions {
    /// The shell that completes commands and options
    #[arg(value_enum)]
    shell: Shell,
}

impl PrintCompletions {
    pub(super) fn run(self, mut command: Command) -> anyhow::Result<ExitCode> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "saki-mcp", &mut script);
        print(script)
    }
}

#[derive(Debug, Args)]
pub(super) struct PrintManPage {
    /// The command to describe, e.g. "http"; without it, the page is about the whole program
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

impl PrintManPage {
    pub(super) fn run(self, mut command: Command) -> anyhow::Result<ExitCode> {
        command.build();
        let described = match &self.command {
            None => command,
            Some(name) => match command.find_subcommand(name) {
                Some(found) => found.clone(),
                None => {
                    let names: Vec<&str> = (command.get_subcommands().map(Command::get_name))
                        .filter(|name| *name != "help")
                        .collect();
                    return Err(wrong_usage(format!(
                        "there is no command {name:?}. Give one of {}",
                        names.join(", ")
                    )));
                }
            },
        };
        let mut page = Vec::new();
        Man::new(described).render(&mut page).context("man page")?;
        print(page)
    }
}

fn print(generated: Vec<u8>) -> anyhow::Result<ExitCode> {
    let text = String::from_utf8(generated).context("generated text")?;
    console_output::print_result(text.trim_end())?;
    Ok(ExitCode::SUCCESS)
}
