//! The options that limit what an assistant may do: the operator's policy.
//!
//! Other options let a flag win over its variable. A limit that is set in several places holds in all of them.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use anyhow::{Context, bail};
use clap::{Args, Command, FromArgMatches};
use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::environment;
use crate::tools::Tools;
use crate::write::policy::{DailyHours, Limit, Mode, Policy, QuietHours, ToolChoice};

#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Limits of what an assistant may do")]
pub(super) struct Limits {
    /// How much may be changed: full, drafts-only or read-only
    ///
    /// "drafts-only" leaves reading, uploads, and posts that are drafts and stay drafts; a person publishes them in Saki.
    /// "read-only" leaves the tools that only read.
    /// Like every limit it binds the assistant whatever a call says, and dry runs too.
    #[arg(long, value_name = "MODE", env = "SAKI_MODE")]
    mode: Option<Mode>,
    /// Only the tools of these sets, e.g. "posts,media"
    ///
    /// The sets are spaces, posts, accounts, media, schedule, webhooks and subscription. Repeatable; commas separate several.
    #[arg(long, value_name = "SET", env = "SAKI_TOOLSETS", value_delimiter = ',', value_parser = toolset, hide_short_help = true)]
    toolsets: Vec<String>,
    /// Only these tools, e.g. "list_posts,create_post"
    ///
    /// "saki-mcp tools" prints the names. Together with --toolsets only what both name is left. Repeatable; commas separate several.
    #[arg(long, value_name = "TOOL", env = "SAKI_TOOLS", value_delimiter = ',', value_parser = tool, hide_short_help = true)]
    tools: Vec<String>,
    /// All tools but these, e.g. "delete_space,disconnect_account"
    ///
    /// Repeatable; commas separate several.
    #[arg(long, value_name = "TOOL", env = "SAKI_EXCLUDE_TOOLS", value_delimiter = ',', value_parser = tool, hide_short_help = true)]
    exclude_tools: Vec<String>,
    /// Only this space, by its id
    ///
    /// One space is pinned: the tools no longer ask which. Several, repeated or separated by commas, are the only ones there are.
    /// Spaces can then neither be made nor deleted. Uploaded files belong to no space in Saki, so they are not limited.
    #[arg(long = "space", value_name = "ID", env = "SAKI_SPACE", value_delimiter = ',', value_parser = id)]
    spaces: Vec<u64>,
    /// Only posts of these accounts are written, by id, e.g. "11,12"
    ///
    /// The others can be read. "saki-mcp call list_accounts" prints the ids. Repeatable; commas separate several.
    #[arg(long, value_name = "ID", env = "SAKI_ACCOUNTS", value_delimiter = ',', value_parser = id, hide_short_help = true)]
    accounts: Vec<u64>,
    /// Most posts that go public, or are set to, within 60 minutes
    ///
    /// Counted by this process over all accounts: one call for two accounts is two. A new time counts anew. 0 leaves drafts.
    #[arg(long, value_name = "NUMBER", env = "SAKI_MAX_LIVE_PER_HOUR", value_parser = count, hide_short_help = true)]
    max_live_per_hour: Option<usize>,
    /// Part of the day in which nothing goes public, e.g. "22:00-07:00"
    ///
    /// In the zone of --timezone. Posts that are in Saki already keep their times.
    #[arg(
        long,
        value_name = "HOURS",
        env = "SAKI_QUIET_HOURS",
        hide_short_help = true
    )]
    quiet_hours: Option<DailyHours>,
    /// Least time before a post goes public, e.g. "15m" or "2h"
    ///
    /// So there is time to look at it in Saki. Nothing is published at once, and within that time a post's text stays as it is.
    #[arg(long, value_name = "TIME", env = "SAKI_MIN_LEAD", value_parser = lead, hide_short_help = true)]
    min_lead: Option<SignedDuration>,
}

impl Limits {
    /// The limits of the environment alone, where a flag would hide them.
    pub(super) fn of_environment() -> Result<Self, clap::Error> {
        let command = Self::augment_args(Command::new("saki-mcp"));
        let matches = environment::tidy(command).try_get_matches_from(["saki-mcp"])?;
        Self::from_arg_matches(&matches)
    }

    fn all(&self, zone: Option<&TimeZone>) -> anyhow::Result<Vec<Limit>> {
        let mut limits: Vec<Limit> = self.mode.map(Limit::Mode).into_iter().collect();
        let toolsets: Vec<&str> = self.toolsets.iter().map(String::as_str).collect();
        // Naming the tools of all sets takes milliseconds, so nobody does it who chooses none.
        let sets = (!toolsets.is_empty()).then(|| TOOLSETS.iter());
        let in_sets = sets.into_iter().flatten();
        let in_sets = in_sets.filter(|(set, _)| toolsets.contains(set));
        let in_sets: Vec<String> = in_sets.flat_map(|(_, tools)| tools).cloned().collect();
        let choices = [
            ("--toolsets", &self.toolsets, &in_sets, false),
            ("--tools", &self.tools, &self.tools, false),
            (
                "--exclude-tools",
                &self.exclude_tools,
                &self.exclude_tools,
                true,
            ),
        ];
        let choices = choices
            .into_iter()
            .filter(|(_, given, ..)| !given.is_empty());
        limits.extend(choices.map(|(flag, given, tools, excludes)| {
            Limit::Tools(ToolChoice {
                flag: format!("{flag} {}", given.join(",")),
                tools: tools.iter().cloned().collect(),
                excludes,
            })
        }));
        let ids = |ids: &[u64]| ids.iter().copied().collect::<BTreeSet<u64>>();
        let some = |ids: BTreeSet<u64>| (!ids.is_empty()).then_some(ids);
        limits.extend(some(ids(&self.spaces)).map(Limit::Spaces));
        limits.extend(some(ids(&self.accounts)).map(Limit::Accounts));
        limits.extend(self.max_live_per_hour.map(Limit::MaxLivePerHour));
        limits.extend(self.min_lead.map(Limit::MinLead));
        if let Some(hours) = self.quiet_hours {
            let zone = zone.context(
                "--quiet-hours needs to know where: name a zone with --timezone, e.g. --timezone Europe/Berlin",
            )?;
            limits.push(Limit::QuietHours(QuietHours::new(hours, zone.clone())));
        }
        Ok(limits)
    }
}

/// What all of these allow; that they leave nothing at all is a slip that stops the start.
pub(super) fn policy(all: &[Limits], zone: Option<&TimeZone>) -> anyhow::Result<Policy> {
    let mut policy = Policy::default();
    for limits in all {
        policy = limits.all(zone)?.into_iter().fold(policy, Policy::limited);
    }
    let is_empty = |ids: Option<&BTreeSet<u64>>| ids.is_some_and(BTreeSet::is_empty);
    if is_empty(policy.spaces()) {
        bail!(
            "--space and SAKI_SPACE, or --space in two places, have no space in common; a space must be named in both"
        );
    }
    if is_empty(policy.accounts()) {
        bail!(
            "--accounts and SAKI_ACCOUNTS, or --accounts in two places, have no account in common; an account must be named in both"
        );
    }
    Ok(policy)
}

/// Building the routers takes milliseconds, which only those pay who choose tools.
static TOOLSETS: LazyLock<Vec<(&str, Vec<String>)>> = LazyLock::new(|| {
    let toolsets = Tools::toolsets().into_iter();
    let names = toolsets.map(|(set, router)| {
        let tools = router.list_all().into_iter();
        (set, tools.map(|tool| tool.name.to_string()).collect())
    });
    names.collect()
});

fn toolset(given: &str) -> Result<String, String> {
    let sets: Vec<&str> = TOOLSETS.iter().map(|(set, _)| *set).collect();
    known(given, "toolset", &sets)
}

fn tool(given: &str) -> Result<String, String> {
    let tools = TOOLSETS.iter().flat_map(|(_, tools)| tools);
    known(
        given,
        "tool",
        &tools.map(String::as_str).collect::<Vec<_>>(),
    )
}

fn known(given: &str, kind: &str, names: &[&str]) -> Result<String, String> {
    let name = given.trim();
    match names.contains(&name) {
        true => Ok(name.to_owned()),
        false => Err(format!(
            "there is no such {kind}; there are {}",
            names.join(", ")
        )),
    }
}

fn id(given: &str) -> Result<u64, &'static str> {
    let id = given.trim().parse().ok().filter(|id| *id > 0);
    id.ok_or("give ids, which are numbers; \"saki-mcp call list_spaces\" and \"saki-mcp call list_accounts\" print them")
}

fn count(given: &str) -> Result<usize, &'static str> {
    given
        .trim()
        .parse()
        .map_err(|_| "give a whole number, e.g. 5")
}

fn lead(given: &str) -> Result<SignedDuration, &'static str> {
    let time: Option<SignedDuration> = given.trim().parse().ok();
    let allowed = SignedDuration::from_mins(1)..=SignedDuration::from_hours(30 * 24);
    let time = time.filter(|time| allowed.contains(time));
    time.ok_or("give a time with its unit, from 1m to 720h, e.g. \"15m\" or \"2h\"")
}
