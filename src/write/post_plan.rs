//! The plan of a create or replacement: mode, time, accounts and warnings of its posts.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::account_ref::AccountRef;
use super::effects::{Effects, LivePost};
use super::when::When;

/// What a create or replacement does with its posts.
#[derive(Debug, Clone)]
pub struct PostPlan {
    /// Whether they stay drafts, are scheduled, or go out at once.
    pub mode: PublishMode,
    /// When they go out, where a time was given.
    pub when: Option<When>,
    /// The accounts they are for.
    pub accounts: Vec<AccountRef>,
    /// Warnings about it.
    pub warnings: Vec<String>,
}

impl PostPlan {
    /// Which posts go public, and which stay drafts.
    pub fn effects(&self) -> Effects {
        let at = match self.mode {
            PublishMode::Draft => {
                return Effects {
                    drafts: self.accounts.clone(),
                    ..Effects::default()
                };
            }
            PublishMode::Schedule => self.when.as_ref().map(When::at),
            PublishMode::Now => None,
        };
        let live = |account: &AccountRef| LivePost {
            account: account.clone(),
            at,
        };
        Effects {
            live: self.accounts.iter().map(live).collect(),
            ..Effects::default()
        }
    }

    /// One sentence that says what happens to the posts; `verb` is a word such as "Creates".
    pub fn sentence(&self, verb: &str) -> String {
        let accounts = match self.accounts.len() {
            1 => "1 account".to_owned(),
            count => format!("{count} accounts"),
        };
        let ending = match (self.mode, &self.when) {
            (PublishMode::Draft, _) => "as a draft that stays private".to_owned(),
            (PublishMode::Now, _) => "and makes it public at once".to_owned(),
            (PublishMode::Schedule, Some(when)) => format!("that goes public on {}", when.local()),
            (PublishMode::Schedule, None) => "that goes public at its time".to_owned(),
        };
        format!("{verb} a post on {accounts} {ending}.")
    }

    /// The facts, in reading order.
    pub fn facts(&self, now: Timestamp) -> Map<String, Value> {
        let mut facts = Map::from_iter([("mode".to_owned(), json!(self.mode.word()))]);
        if let Some(when) = &self.when {
            facts.extend(when.facts(now));
        }
        if self.mode == PublishMode::Draft {
            // A draft does not go out then.
            facts.shift_remove("in");
        }
        let accounts = self.accounts.iter().map(
            |account| json!({"id": account.id, "name": account.name, "network": account.network}),
        );
        facts.insert("accounts".to_owned(), accounts.collect());
        facts
    }
}

/// What happens to posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublishMode {
    /// They stay private.
    Draft,
    /// They go out at a time.
    Schedule,
    /// They go out at once.
    Now,
}

impl PublishMode {
    /// The word that agents use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Schedule => "schedule",
            Self::Now => "now",
        }
    }
}
