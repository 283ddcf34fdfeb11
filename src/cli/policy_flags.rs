//! Policy flags: the operator's limits; they add up, where another flag takes precedence over its environment variable.
//!
//! For other flags, the flag overrides its variable. Limits add up: one from the environment, one before and one after
//! the sub-command all apply.

use std::collections::BTreeSet;
use std::error::Error;
use std::ffi::OsStr;
use std::sync::LazyLock;

use anyhow::Context;
use clap::builder::Resettable;
use clap::{Arg, Args, Command, FromArgMatches};
use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::environment_checks;
use super::usage_error::{WrongUsage, wrong_usage};
use crate::tools::Tools;
use crate::transport::auth::Setting;
use crate::write::policy::{DailyHours, Limit, Mode, Policy, QuietHours, ToolChoice};

#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Limits on what an assistant may do")]
pub(super) struct PolicyFlags {
    /// How much may be changed: full, drafts-only or read-only
    ///
    /// "drafts-only" allows reading, uploads, and posts that are drafts and stay drafts. A person publishes them in Saki.
    /// "read-only" allows only the tools that read.
    /// Like every limit, it holds whatever a call says, and for dry runs too.
    #[arg(long, value_name = "MODE", env = "SAKI_MODE")]
    mode: Option<Mode>,
    /// Allow only the tools of these sets, e.g. "posts,media"
    ///
    /// The sets are spaces, posts, accounts, media, schedule, webhooks and subscription. Repeatable, or separate several with commas.
    #[arg(long, value_name = "SET", env = "SAKI_TOOLSETS", value_delimiter = ',', value_parser = toolset, hide_short_help = true)]
    toolsets: Vec<String>,
    /// Allow only these tools, e.g. "list_posts,create_post"
    ///
    /// "saki-mcp tools" prints the names. If --toolsets is set too, a tool must be in both. Repeatable, or separate several with commas.
    #[arg(long, value_name = "TOOL", env = "SAKI_TOOLS", value_delimiter = ',', value_parser = tool, hide_short_help = true)]
    tools: Vec<String>,
    /// Allow all tools except these, e.g. "delete_space,disconnect_account"
    ///
    /// Repeatable, or separate several with commas.
    #[arg(long, value_name = "TOOL", env = "SAKI_EXCLUDE_TOOLS", value_delimiter = ',', value_parser = tool, hide_short_help = true)]
    exclude_tools: Vec<String>,
    /// Allow only this space, by its id
    ///
    /// If only one space is allowed, the tools no longer take a space. Repeatable, or separate several with commas.
    /// Spaces can then be neither created nor deleted. Uploaded files belong to no space in Saki, so they are not limited.
    #[arg(long = "space", value_name = "ID", env = "SAKI_SPACE", value_delimiter = ',', value_parser = id)]
    spaces: Vec<u64>,
    /// Allow writing only for these accounts, by id, e.g. "11,12"
    ///
    /// Posts of other accounts can be read. "saki-mcp call list_accounts" prints the ids. Repeatable, or separate several with commas.
    #[arg(long, value_name = "ID", env = "SAKI_ACCOUNTS", value_delimiter = ',', value_parser = id, hide_short_help = true)]
    accounts: Vec<u64>,
    /// Maximum number of posts published or scheduled within 60 minutes
    ///
    /// It is counted over all accounts, and over all servers with one store: one call for two accounts counts as two. A new time for a post counts again. 0 allows only drafts.
    #[arg(long, value_name = "NUMBER", env = "SAKI_MAX_LIVE_PER_HOUR", value_parser = count, hide_short_help = true)]
    max_live_per_hour: Option<usize>,
    /// Time of day in which nothing is published, e.g. "22:00-07:00"
    ///
    /// The time zone is that of --timezone. Posts that are already in Saki keep their times.
    #[arg(
        long,
        value_name = "HOURS",
        env = "SAKI_QUIET_HOURS",
        hide_short_help = true
    )]
    quiet_hours: Option<DailyHours>,
    /// Minimum time before a post is published, e.g. "15m" or "2h"
    ///
    /// It leaves time to check the post in Saki. Nothing is published at once, and a post that is due sooner keeps its text.
    #[arg(long, value_name = "TIME", env = "SAKI_MIN_LEAD", value_parser = lead_time, hide_short_help = true)]
    min_lead: Option<SignedDuration>,
}

/// The variables without which more people could connect, or with another key, than was meant.
const AUTH_VARIABLES: [&str; 5] = [
    "SAKI_AUTH_TOKENS",
    "SAKI_OAUTH_ISSUER",
    "SAKI_OAUTH_AUDIENCE",
    "SAKI_KEY_FROM_HEADER",
    "SAKI_KEYS",
];

impl PolicyFlags {
    /// The limits from the environment alone, because a flag would override them.
    pub(super) fn from_environment() -> Result<Self, clap::Error> {
        let command = Self::augment_args(Command::new("saki-mcp"));
        let command = environment_checks::ignore_unset(command);
        let matches = command.try_get_matches_from(["saki-mcp"])?;
        Self::from_arg_matches(&matches)
    }

    /// Whether this variable is a limit, or another setting without which more would go out than was meant.
    pub(super) fn is_limit(variable: &OsStr) -> bool {
        let command = Self::augment_args(Command::new("saki-mcp"));
        let mut limits = command.get_arguments().filter_map(Arg::get_env);
        limits.any(|limit| limit == variable)
            || variable == "SAKI_CONFIRM"
            || variable == "SAKI_SANDBOX"
            || AUTH_VARIABLES.iter().any(|name| variable == *name)
    }

    /// The limits of a caller: `mode=drafts-only` is `--mode drafts-only`, which holds for this caller alone.
    pub(super) fn of_caller(
        settings: &[Setting],
        timezone: Option<&TimeZone>,
    ) -> Result<Vec<Limit>, String> {
        let command = Self::augment_args(Command::new("saki-mcp").no_binary_name(true));
        // No variable of the server stands in for what a caller leaves out.
        let command = command.mut_args(|arg| arg.env(Resettable::Reset));
        let mut limits = Vec::new();
        for setting in settings {
            let flag = format!("--{}", setting.name);
            let is_known =
                (command.get_arguments()).any(|arg| arg.get_long() == Some(&setting.name));
            if !is_known {
                let names = command.get_arguments().filter_map(Arg::get_long);
                let names: Vec<&str> = names.collect();
                return Err(format!(
                    "{setting} is no limit that exists; the names are {}",
                    names.join(", ")
                ));
            }
            let matches = command
                .clone()
                .try_get_matches_from([format!("{flag}={}", setting.value)]);
            let flags = matches.and_then(|matches| Self::from_arg_matches(&matches));
            let flags = flags.map_err(|error| {
                let why = error
                    .source()
                    .map_or_else(|| "it is not understood".to_owned(), ToString::to_string);
                format!("{setting} is not understood: {why}")
            })?;
            let found = flags.limits(timezone).map_err(|error| error.to_string())?;
            limits.extend(found.into_iter().map(|limit| match limit {
                Limit::MaxLivePerHour(max) => Limit::MaxLivePerHourOfPrincipal(max),
                other => other,
            }));
        }
        Ok(limits)
    }

    fn limits(&self, timezone: Option<&TimeZone>) -> anyhow::Result<Vec<Limit>> {
        let mut limits: Vec<Limit> = self.mode.map(Limit::Mode).into_iter().collect();
        let in_toolsets = self.toolsets.iter().flat_map(|set| tools_of(set));
        limits.extend(choice("--toolsets", &self.toolsets, in_toolsets, false));
        limits.extend(choice("--tools", &self.tools, &self.tools, false));
        limits.extend(choice(
            "--exclude-tools",
            &self.exclude_tools,
            &self.exclude_tools,
            true,
        ));
        let ids = |ids: &[u64]| ids.iter().copied().collect::<BTreeSet<u64>>();
        let unless_empty = |ids: BTreeSet<u64>| (!ids.is_empty()).then_some(ids);
        limits.extend(unless_empty(ids(&self.spaces)).map(Limit::Spaces));
        limits.extend(unless_empty(ids(&self.accounts)).map(Limit::Accounts));
        limits.extend(self.max_live_per_hour.map(Limit::MaxLivePerHour));
        limits.extend(self.min_lead.map(Limit::MinLead));
        if let Some(hours) = self.quiet_hours {
            let timezone = timezone.context(
                "--quiet-hours needs a time zone: set one, e.g. with --timezone Europe/Berlin",
            )?;
            limits.push(Limit::QuietHours(QuietHours::new(hours, timezone.clone())));
        }
        Ok(limits)
    }
}

/// The limit that a flag sets with these values, if it has any.
fn choice<'a>(
    flag: &str,
    values: &[String],
    tools: impl IntoIterator<Item = &'a String>,
    excludes: bool,
) -> Option<Limit> {
    (!values.is_empty()).then(|| {
        Limit::Tools(ToolChoice {
            flag: format!("{flag} {}", values.join(",")),
            tools: tools.into_iter().cloned().collect(),
            excludes,
        })
    })
}

/// The policy of all flags together. It is an error if no space or no account is left.
pub(super) fn policy(all: &[PolicyFlags], timezone: Option<&TimeZone>) -> anyhow::Result<Policy> {
    let mut policy = Policy::default();
    for flags in all {
        let limits = flags.limits(timezone).map_err(WrongUsage)?;
        policy = limits.into_iter().fold(policy, Policy::limited);
    }
    let is_empty = |ids: Option<&BTreeSet<u64>>| ids.is_some_and(BTreeSet::is_empty);
    if is_empty(policy.spaces()) {
        return Err(wrong_usage(
            "no space is left: --space and SAKI_SPACE, or --space in two places, have no space in common. Only a space that both name is allowed",
        ));
    }
    if is_empty(policy.accounts()) {
        return Err(wrong_usage(
            "no account is left: --accounts and SAKI_ACCOUNTS, or --accounts in two places, have no account in common. Only an account that both name is allowed",
        ));
    }
    Ok(policy)
}

/// The toolsets and their tools. Building the routers takes milliseconds, so it happens only where tools are chosen.
static TOOLSETS: LazyLock<Vec<(&str, Vec<String>)>> = LazyLock::new(|| {
    let toolsets = Tools::toolsets().into_iter();
    let names = toolsets.map(|(set, router)| {
        let tools = router.list_all().into_iter();
        (set, tools.map(|tool| tool.name.to_string()).collect())
    });
    names.collect()
});

fn tools_of(toolset: &str) -> &'static [String] {
    let found = TOOLSETS.iter().find(|(set, _)| *set == toolset);
    found.map_or(&[], |(_, tools)| tools)
}

fn toolset(text: &str) -> Result<String, String> {
    let sets: Vec<&str> = TOOLSETS.iter().map(|(set, _)| *set).collect();
    one_of(text, "toolset", &sets)
}

fn tool(text: &str) -> Result<String, String> {
    let tools = TOOLSETS.iter().flat_map(|(_, tools)| tools);
    let tools: Vec<&str> = tools.map(String::as_str).collect();
    one_of(text, "tool", &tools)
}

fn one_of(text: &str, kind: &str, names: &[&str]) -> Result<String, String> {
    let name = text.trim();
    match names.contains(&name) {
        true => Ok(name.to_owned()),
        false => Err(format!(
            "unknown {kind}; expected one of {}",
            names.join(", ")
        )),
    }
}

fn id(text: &str) -> Result<u64, &'static str> {
    let id = text.trim().parse().ok().filter(|id| *id > 0);
    id.ok_or("expected an id, which is a number; \"saki-mcp call list_spaces\" and \"saki-mcp call list_accounts\" print the ids")
}

fn count(text: &str) -> Result<usize, &'static str> {
    let count = text.trim().parse();
    count.map_err(|_| "expected a whole number, e.g. 5")
}

fn lead_time(text: &str) -> Result<SignedDuration, &'static str> {
    let time: Option<SignedDuration> = text.trim().parse().ok();
    let allowed = SignedDuration::from_mins(1)..=SignedDuration::from_hours(30 * 24);
    let time = time.filter(|time| allowed.contains(time));
    time.ok_or("expected a time with its unit, from 1m to 720h, e.g. \"15m\" or \"2h\"")
}
