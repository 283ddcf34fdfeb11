//! The words of a policy: its limits as the operator gave them, and what they are about.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::{Mode, Policy};
use crate::write::effects::{LivePost, Resource};

/// `--mode drafts-only`
pub(super) fn flag(mode: Mode) -> String {
    format!("--mode {}", mode.word())
}

pub(super) fn says(live: &LivePost) -> String {
    let account = live.account.quoted();
    match live.at {
        Some(at) => format!(
            "a post of the account {account} would go public at {}",
            at.strftime("%Y-%m-%dT%H:%M:%SZ")
        ),
        None => format!("a post of the account {account} would go public at once"),
    }
}

/// `the slot 302`
pub(super) fn named(thing: &Resource) -> String {
    match thing.id {
        0 => format!("a new {}", thing.kind),
        id => format!("the {} {id}", thing.kind),
    }
}

/// A length of time as operators write it: `15m`, `1h30m`.
pub(super) fn length(time: SignedDuration) -> String {
    let (hours, minutes, seconds) = (
        time.as_secs() / 3600,
        time.as_secs() / 60 % 60,
        time.as_secs() % 60,
    );
    let parts = [(hours, 'h'), (minutes, 'm'), (seconds, 's')];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0);
    parts
        .map(|(count, unit)| format!("{count}{unit}"))
        .collect()
}

impl Policy {
    /// The limit of spaces as the operator gave it: `--space 1,2`.
    pub fn limit_of_spaces(&self) -> Option<String> {
        let spaces = self.spaces.as_ref();
        spaces.map(|spaces| format!("--space {}", ids(spaces)))
    }

    /// The limit of accounts as the operator gave it: `--accounts 11,12`.
    pub fn limit_of_accounts(&self) -> Option<String> {
        let accounts = self.accounts.as_ref();
        accounts.map(|accounts| format!("--accounts {}", ids(accounts)))
    }

    /// What is in force, in the operator's words; nothing where everything is allowed.
    pub fn said(&self) -> Vec<String> {
        let mut said = Vec::new();
        if self.mode != Mode::Full {
            said.push(flag(self.mode));
        }
        said.extend(self.choices.iter().map(|choice| choice.said.clone()));
        said.extend(self.limit_of_spaces());
        said.extend(self.limit_of_accounts());
        let most = self.max_live_per_hour;
        said.extend(most.map(|most| format!("--max-live-per-hour {most}")));
        let quiet = self.quiet_hours.iter();
        said.extend(
            quiet.map(|quiet| format!("--quiet-hours {} ({})", quiet.hours(), quiet.zone())),
        );
        let lead = self.min_lead;
        said.extend(lead.map(|lead| format!("--min-lead {}", length(lead))));
        said
    }
}

/// Ids as an operator lists them: `1,2`.
pub(super) fn ids(ids: &BTreeSet<u64>) -> String {
    match ids.is_empty() {
        true => "none".to_owned(),
        false => ids.iter().map(u64::to_string).collect::<Vec<_>>().join(","),
    }
}
