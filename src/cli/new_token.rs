//! `saki-mcp token new`: makes a token for `--auth-tokens`, and prints it once.

use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand};
use secrecy::ExposeSecret;

use super::caller_limits::CallerLimits;
use super::console_output;
use super::global_flags::GlobalFlags;
use super::usage_error::wrong_usage;
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
    /// The line is on standard output, to be added to the file. The token and what to do with it are on standard error.
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
  saki-mcp token new anna >> tokens       add the line to a file; the token is shown on the terminal
  saki-mcp token new ben mode=drafts-only space=12 max-live-per-hour=5";

impl TokenCommand {
    pub(super) fn run(self, flags: &GlobalFlags) -> anyhow::Result<ExitCode> {
        let TokenAction::New(NewToken { name, settings }) = self.action;
        check_name(&name)
            .map_err(|why| wrong_usage(format!("{name:?} cannot be the name of a token: {why}")))?;
        let settings = settings.iter().map(|word| parse_setting(word));
        let settings: Vec<Setting> = settings.collect::<Result<_, _>>().map_err(wrong_usage)?;
        check(&settings, flags).map_err(wrong_usage)?;
        let (token, hash) = new_token().context("this machine has no randomness")?;
        let settings: String = settings
            .iter()
            .map(|setting| format!(" {setting}"))
            .collect();
        if settings.contains('\n') {
            return Err(wrong_usage("a setting is one line"));
        }
        // The line alone is the result, so that it can go straight into the file; the token must not.
        console_output::print_notice(&format!(
            "The token of {name}, which is shown only now:\n\n  {}\n\n\
             A client sends it as \"Authorization: Bearer TOKEN\". \
             The line for the file of --auth-tokens, on standard output:\n",
            token.expose_secret()
        ));
        console_output::print_result(&format!("{name}: {hash}{settings}"))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Checks settings as the server does, but for labels of keys, which only the server knows.
fn check(settings: &[Setting], flags: &GlobalFlags) -> Result<(), String> {
    // The time zone of the server is not known here; any will do for the check.
    let timezone = flags.timezone.clone().unwrap_or(jiff::tz::TimeZone::UTC);
    CallerLimits::parse(settings, Some(&timezone)).map(|_| ())
}
