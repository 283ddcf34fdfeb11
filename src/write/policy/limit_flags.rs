//! Policy limits as the operator's command-line flags, and the words of violations.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::{Mode, Policy};
use crate::write::effects::{LivePost, Resource};

/// `--mode drafts-only`
pub(super) fn mode_flag(mode: Mode) -> String {
    format!("--mode {}", mode.word())
}

/// The scope of an access token that allows no more than this.
pub(super) fn granted_scope(granted: Mode) -> &'static str {
    match granted {
        Mode::Full => "scope saki:publish",
        Mode::DraftsOnly => "scope saki:write",
        Mode::ReadOnly => "scope saki:read",
    }
}

/// Says when a post would go public, and on which account.
pub(super) fn describe_live(live: &LivePost) -> String {
    let account = live.account.label();
    match live.at {
        Some(at) => format!(
            "a post of the account {account} would go public at {}",
            at.strftime("%Y-%m-%dT%H:%M:%SZ")
        ),
        None => format!("a post of the account {account} would go public at once"),
    }
}

/// `the slot 302`
pub(super) fn describe_resource(resource: &Resource) -> String {
    match resource.id {
        None => format!("a new {}", resource.kind),
        Some(id) => format!("the {} {id}", resource.kind),
    }
}

/// A duration as operators write it: `15m`, `1h30m`.
pub(super) fn duration_text(time: SignedDuration) -> String {
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
    /// The limit of spaces as the operator's flag: `--space 1,2`.
    pub fn limit_of_spaces(&self) -> Option<String> {
        let spaces = self.spaces.as_ref();
        spaces.map(|spaces| format!("--space {}", id_list(spaces)))
    }

    /// The limit of accounts as the operator's flag: `--accounts 11,12`.
    pub fn limit_of_accounts(&self) -> Option<String> {
        let accounts = self.accounts.as_ref();
        accounts.map(|accounts| format!("--accounts {}", id_list(accounts)))
    }

    /// All limits in force as the operator's flags; empty where everything is allowed.
    pub fn flags(&self) -> Vec<String> {
        let mut flags = Vec::new();
        if self.mode != Mode::Full {
            flags.push(mode_flag(self.mode));
        }
        flags.extend(self.tool_choices.iter().map(|choice| choice.flag.clone()));
        flags.extend(self.limit_of_spaces());
        flags.extend(self.limit_of_accounts());
        let max = self.max_live_per_hour;
        flags.extend(max.map(|max| format!("--max-live-per-hour {max}")));
        let own = self.max_live_per_hour_of_principal;
        flags.extend(own.map(|max| format!("max-live-per-hour={max} for you alone")));
        let quiet = self.quiet_hours.iter();
        flags.extend(
            quiet.map(|quiet| format!("--quiet-hours {} ({})", quiet.hours(), quiet.zone())),
        );
        let lead = self.min_lead;
        flags.extend(lead.map(|lead| format!("--min-lead {}", duration_text(lead))));
        flags
    }
}

/// Ids as an operator lists them: `1,2`.
pub(super) fn id_list(ids: &BTreeSet<u64>) -> String {
    match ids.is_empty() {
        true => "none".to_owned(),
        false => ids.iter().map(u64::to_string).collect::<Vec<_>>().join(","),
    }
}
