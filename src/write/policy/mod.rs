//! The operator's policy: what no call may do, whatever it says.
//!
//! A policy is made of limits, and a limit can only be added: there is no way to take one out or to make it wider.

mod flags;
mod judge;
mod quiet_hours;
mod rate_window;
mod scope;
mod violation;

use std::collections::BTreeSet;
use std::str::FromStr;

use jiff::SignedDuration;

pub use quiet_hours::{DailyHours, QuietHours};
pub use rate_window::{RateWindow, Reservation};
pub use violation::PolicyViolation;

/// All limits that hold for a call; without any, everything is allowed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Policy {
    mode: Mode,
    choices: Vec<Choice>,
    spaces: Option<BTreeSet<u64>>,
    accounts: Option<BTreeSet<u64>>,
    max_live_per_hour: Option<usize>,
    quiet_hours: Vec<QuietHours>,
    min_lead: Option<SignedDuration>,
}

/// One thing that a policy says.
#[derive(Debug, Clone, PartialEq)]
pub enum Limit {
    /// How much may be changed at all.
    Mode(Mode),
    /// Which tools there are.
    Tools(Choice),
    /// The only spaces there are, by id.
    Spaces(BTreeSet<u64>),
    /// The only accounts that are written to, by id.
    Accounts(BTreeSet<u64>),
    /// How many posts may go public, or be set to, within 60 minutes.
    MaxLivePerHour(usize),
    /// A part of the day in which nothing goes public.
    QuietHours(QuietHours),
    /// How long before it goes public a post must be set to.
    MinLead(SignedDuration),
}

/// How much may be changed; a later one allows less.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// Everything that Saki allows.
    #[default]
    Full,
    /// Drafts, and nothing else.
    DraftsOnly,
    /// Nothing.
    ReadOnly,
}

/// A choice of tools, and the words of the operator that made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The flag as it was given: `--toolsets posts,media`.
    pub said: String,
    /// The names of the tools.
    pub tools: BTreeSet<String>,
    /// Whether these tools are left out, in place of all others.
    pub leaves_out: bool,
}

impl Policy {
    /// The same with one limit more; where there is one of its kind, both hold.
    #[must_use]
    pub fn limited(mut self, limit: Limit) -> Self {
        match limit {
            Limit::Mode(mode) => self.mode = self.mode.max(mode),
            Limit::Tools(choice) => add(&mut self.choices, choice),
            Limit::Spaces(ids) => keep(&mut self.spaces, ids),
            Limit::Accounts(ids) => keep(&mut self.accounts, ids),
            Limit::MaxLivePerHour(most) => {
                let least = self.max_live_per_hour.map_or(most, |known| known.min(most));
                self.max_live_per_hour = Some(least);
            }
            Limit::QuietHours(hours) => add(&mut self.quiet_hours, hours),
            Limit::MinLead(lead) => {
                let longest = self.min_lead.map_or(lead, |known| known.max(lead));
                self.min_lead = Some(longest);
            }
        }
        self
    }

    /// What both allow, and nothing else.
    #[must_use]
    pub fn tightened_by(&self, other: &Self) -> Self {
        let limits = other.limits().into_iter();
        limits.fold(self.clone(), Self::limited)
    }

    /// All that it says.
    fn limits(&self) -> Vec<Limit> {
        // Taken apart by name, so that a new kind of limit cannot be forgotten here.
        let Self {
            mode,
            choices,
            spaces,
            accounts,
            max_live_per_hour,
            quiet_hours,
            min_lead,
        } = self.clone();
        let mut limits = vec![Limit::Mode(mode)];
        limits.extend(choices.into_iter().map(Limit::Tools));
        limits.extend(spaces.map(Limit::Spaces));
        limits.extend(accounts.map(Limit::Accounts));
        limits.extend(max_live_per_hour.map(Limit::MaxLivePerHour));
        limits.extend(quiet_hours.into_iter().map(Limit::QuietHours));
        limits.extend(min_lead.map(Limit::MinLead));
        limits
    }

    /// How much may be changed.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The choices of tools; a tool must fit them all.
    pub fn choices(&self) -> &[Choice] {
        &self.choices
    }

    /// The only spaces there are, where these are limited.
    pub fn spaces(&self) -> Option<&BTreeSet<u64>> {
        self.spaces.as_ref()
    }

    /// The one space there is, where there is only one.
    pub fn pinned(&self) -> Option<u64> {
        let spaces = self.spaces.as_ref()?;
        spaces.first().copied().filter(|_| spaces.len() == 1)
    }

    /// The only accounts that are written to, where these are limited.
    pub fn accounts(&self) -> Option<&BTreeSet<u64>> {
        self.accounts.as_ref()
    }

    /// How many posts may go public, or be set to, within 60 minutes.
    pub fn max_live_per_hour(&self) -> Option<usize> {
        self.max_live_per_hour
    }

    /// The parts of the day in which nothing goes public.
    pub fn quiet_hours(&self) -> &[QuietHours] {
        &self.quiet_hours
    }

    /// How long before it goes public a post must be set to.
    pub fn min_lead(&self) -> Option<SignedDuration> {
        self.min_lead
    }
}

impl Mode {
    /// The word for it that operators use.
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

impl Choice {
    /// Whether it leaves a tool.
    pub fn leaves(&self, tool: &str) -> bool {
        self.tools.contains(tool) != self.leaves_out
    }
}

fn add<T: PartialEq>(known: &mut Vec<T>, more: T) {
    if !known.contains(&more) {
        known.push(more);
    }
}

fn keep(known: &mut Option<BTreeSet<u64>>, ids: BTreeSet<u64>) {
    match known {
        Some(known) => known.retain(|id| ids.contains(id)),
        None => *known = Some(ids),
    }
}

#[cfg(test)]
mod tests;
