//! Policy of the operator: limits that no call can override.
//!
//! A limit can only be added: nothing removes one or makes it wider.

mod enforcement;
mod limit_flags;
mod quiet_hours;
mod rate_window;
mod request_scope;

use std::collections::BTreeSet;
use std::str::FromStr;

use jiff::SignedDuration;

pub use enforcement::PolicyViolation;
pub use quiet_hours::{DailyHours, QuietHours};
pub use rate_window::{RateWindow, Reservation};

/// All limits that apply to a call; without any, everything is allowed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Policy {
    mode: Mode,
    tool_choices: Vec<ToolChoice>,
    spaces: Option<BTreeSet<u64>>,
    accounts: Option<BTreeSet<u64>>,
    max_live_per_hour: Option<usize>,
    max_live_per_hour_of_principal: Option<usize>,
    granted: Mode,
    quiet_hours: Vec<QuietHours>,
    min_lead: Option<SignedDuration>,
}

/// One limit of a policy.
#[derive(Debug, Clone, PartialEq)]
pub enum Limit {
    /// How much may be changed.
    Mode(Mode),
    /// Which tools are offered.
    Tools(ToolChoice),
    /// The allowed spaces, by id.
    Spaces(BTreeSet<u64>),
    /// The accounts that may be written to, by id.
    Accounts(BTreeSet<u64>),
    /// How many posts may go public, or be set to, within 60 minutes.
    MaxLivePerHour(usize),
    /// The same, counted for this principal alone.
    MaxLivePerHourOfPrincipal(usize),
    /// How much the scopes of an access token allow; it hides no tool, since a client can ask for more scopes.
    Granted(Mode),
    /// Hours of the day in which nothing goes public.
    QuietHours(QuietHours),
    /// How long before it goes public a post must be scheduled.
    MinLead(SignedDuration),
}

/// How much may be changed; a later variant allows less.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// Everything that Saki allows.
    #[default]
    Full,
    /// Only drafts.
    DraftsOnly,
    /// Nothing.
    ReadOnly,
}

/// A choice of tools, and the operator's flag that made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolChoice {
    /// The flag as it was given: `--toolsets posts,media`.
    pub flag: String,
    /// The names of the tools.
    pub tools: BTreeSet<String>,
    /// Whether these tools are excluded; otherwise all others are.
    pub excludes: bool,
}

impl Policy {
    /// The same policy with one more limit; if there is one of its kind already, both apply.
    #[must_use]
    pub fn limited(mut self, limit: Limit) -> Self {
        match limit {
            Limit::Mode(mode) => self.mode = self.mode.max(mode),
            Limit::Tools(choice) => add(&mut self.tool_choices, choice),
            Limit::Spaces(ids) => intersect(&mut self.spaces, ids),
            Limit::Accounts(ids) => intersect(&mut self.accounts, ids),
            Limit::MaxLivePerHour(max) => lower(&mut self.max_live_per_hour, max),
            Limit::MaxLivePerHourOfPrincipal(max) => {
                lower(&mut self.max_live_per_hour_of_principal, max);
            }
            Limit::Granted(mode) => self.granted = self.granted.max(mode),
            Limit::QuietHours(hours) => add(&mut self.quiet_hours, hours),
            Limit::MinLead(lead) => {
                let longest = self.min_lead.map_or(lead, |known| known.max(lead));
                self.min_lead = Some(longest);
            }
        }
        self
    }

    /// How much may be changed.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// How much the scopes of an access token allow.
    pub fn granted(&self) -> Mode {
        self.granted
    }

    /// The choices of tools; a tool must be allowed by all of them.
    pub fn tool_choices(&self) -> &[ToolChoice] {
        &self.tool_choices
    }

    /// The allowed spaces, if they are limited.
    pub fn spaces(&self) -> Option<&BTreeSet<u64>> {
        self.spaces.as_ref()
    }

    /// The allowed space, if there is exactly one.
    pub fn pinned_space(&self) -> Option<u64> {
        let spaces = self.spaces.as_ref()?;
        spaces.first().copied().filter(|_| spaces.len() == 1)
    }

    /// The accounts that may be written to, if they are limited.
    pub fn accounts(&self) -> Option<&BTreeSet<u64>> {
        self.accounts.as_ref()
    }

    /// How many posts may go public, or be set to, within 60 minutes.
    pub fn max_live_per_hour(&self) -> Option<usize> {
        self.max_live_per_hour
    }

    /// The same for this principal alone.
    pub fn max_live_per_hour_of_principal(&self) -> Option<usize> {
        self.max_live_per_hour_of_principal
    }
}

impl Mode {
    /// The word that operators use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::DraftsOnly => "drafts-only",
            Self::ReadOnly => "read-only",
        }
    }
}

impl FromStr for Mode {
    type Err = &'static str;

    fn from_str(given: &str) -> Result<Self, Self::Err> {
        let all = [Self::Full, Self::DraftsOnly, Self::ReadOnly];
        let known = all.into_iter().find(|mode| mode.word() == given.trim());
        known.ok_or("say full, drafts-only or read-only")
    }
}

impl ToolChoice {
    /// Whether it allows a tool.
    pub fn allows(&self, tool: &str) -> bool {
        self.tools.contains(tool) != self.excludes
    }
}

fn add<T: PartialEq>(known: &mut Vec<T>, more: T) {
    if !known.contains(&more) {
        known.push(more);
    }
}

fn lower(known: &mut Option<usize>, max: usize) {
    *known = Some(known.map_or(max, |known| known.min(max)));
}

fn intersect(known: &mut Option<BTreeSet<u64>>, ids: BTreeSet<u64>) {
    match known {
        Some(known) => known.retain(|id| ids.contains(id)),
        None => *known = Some(ids),
    }
}

#[cfg(test)]
mod tests;
