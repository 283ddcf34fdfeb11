//! `saki-mcp token new`: makes a token for `--auth-tokens`, and prints it once.

use std::process::ExitCode;

use anyhow::{Context, anyhow, bail};
use clap::{Args, Subcommand};
use secrecy::ExposeSecret;

use super::console_output;
use super::global_flags::GlobalFlags;
use super::policy_flags::PolicyFlags;
use crate::tools::Confirm;
use crate::transport::auth::{Setting, check_name, new_token, parse_setting};

#[derive(Debug, Args)]
pub(super) struct TokenCommand {
    #[command(subcommand)]
    action: TokenAction,
}

#[derive(Debug, Subcommand)]
enum TokenAction {
    /// Make a token, and print it once with its line for the file of --auth-tokens
    ///
    /// The line holds only a hash, so nobody can read the token from the file. To take the token back, remove its line.
    #[command(after_help = EXAMPLES)]
    New(NewToken),
}

#[derive(Debug, Args)]
struct NewToken {
    /// Name of the person or program that gets the token
    name: String,
    /// Limits of the token, e.g. "mode=drafts-only", and "key=LABEL" for a key of --keys
    ///
    /// The limits are mode, space, accounts, toolsets, tools, exclude-tools, max-live-per-hour, min-lead, quiet-hours and confirm.
    /// They add to those of the server.
    #[arg(value_name = "SETTING=VALUE")]
    settings: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  saki-mcp token new anna
  saki-mcp token new ben mode=drafts-only space=12 max-live-per-hour=5";

impl TokenCommand {
    pub(super) fn run(self, flags: &GlobalFlags) -> anyhow::Result<ExitCode> {
        let TokenAction::New(NewToken { name, settings }) = self.action;
        check_name(&name)
            .map_err(|why| anyhow!("{name:?} cannot be the name of a token: {why}"))?;
        let settings = settings.iter().map(|word| parse_setting(word));
        let settings: Vec<Setting> = settings
            .collect::<Result<_, _>>()
            .map_err(anyhow::Error::msg)?;
        check(&settings, flags).map_err(anyhow::Error::msg)?;
        let (token, hash) = new_token().context("this machine has no randomness")?;
        let settings: String = settings
            .iter()
            .map(|setting| format!(" {setting}"))
            .collect();
        if settings.contains('\n') {
            bail!("a setting is one line");
        }
        console_output::print_result(&format!(
            "The token of {name}, which is shown only now:\n\n  {}\n\n\
             The line for the file of --auth-tokens:\n\n  {name}: {hash}{settings}\n\n\
             A client sends the token as \"Authorization: Bearer TOKEN\".",
            token.expose_secret()
        ))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Checks settings as the server does, but for labels of keys, which only the server knows.
fn check(settings: &[Setting], flags: &GlobalFlags) -> Result<(), String> {
    let mut limits = settings.to_vec();
    limits.retain(|setting| setting.name != "key");
    for setting in limits.iter().filter(|setting| setting.name == "confirm") {
        let confirm: Result<Confirm, _> = setting.value.parse();
        confirm.map_err(|why| format!("{setting}: {why}"))?;
    }
    limits.retain(|setting| setting.name != "confirm");
    // The time zone of the server is not known here; any will do for the check.
    let timezone = flags.timezone.clone().unwrap_or(jiff::tz::TimeZone::UTC);
    PolicyFlags::of_caller(&limits, Some(&timezone)).map(|_| ())
}
