//! Post plan of a create or replacement: mode, time, accounts and warnings of its posts.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::account_ref::AccountRef;
use super::effects::{Effects, LivePost};
use super::networks::common_name;
use super::when::{TimeFacts, When};

/// What a create or replacement does with its posts.
#[derive(Debug, Clone)]
pub struct PostPlan {
    /// Whether they stay drafts, are scheduled, or go out at once.
    pub mode: PublishMode,
    /// When they go out, where a time was given.
    pub when: Option<When>,
    /// The accounts they are for.
    pub accounts: Vec<AccountRef>,
    /// For each account the index of its entry in the `per_account` argument, where it has one.
    pub per_account: Vec<Option<usize>>,
    /// The number of posts in the thread of each account; one where it has no thread.
    pub thread_sizes: Vec<usize>,
    /// The length of each text of each account against the limit of its network.
    pub lengths: Vec<Vec<String>>,
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

    /// How many accounts it is for: `2 accounts`.
    pub fn account_count(&self) -> String {
        match self.accounts.len() {
            1 => "1 account".to_owned(),
            count => format!("{count} accounts"),
        }
    }

    /// One sentence that says what happens to the posts; `action` is its beginning, such as "Creates a post".
    pub fn sentence(&self, action: &str) -> String {
        let ending = match (self.mode, &self.when) {
            (PublishMode::Draft, _) => "as a draft that stays private".to_owned(),
            (PublishMode::Now, _) => "and makes it public at once".to_owned(),
            (PublishMode::Schedule, Some(when)) => format!("that goes public on {}", when.local()),
            (PublishMode::Schedule, None) => "that goes public at its time".to_owned(),
        };
        format!("{action} {ending}.")
    }

    /// What each account gets: `a post`, or `a thread of 3 posts`.
    pub fn post_or_thread(&self) -> String {
        let sizes = || self.thread_sizes.iter().copied();
        match (sizes().min(), sizes().max()) {
            (Some(least), Some(most)) if most > 1 && least == most => {
                format!("a thread of {most} posts")
            }
            (_, Some(most)) if most > 1 => format!("a thread of up to {most} posts"),
            _ => "a post".to_owned(),
        }
    }

    /// The facts about it, in the order in which they are read.
    pub fn facts(&self, now: Timestamp) -> PlanFacts {
        let mut time = self.when.as_ref().map(|when| when.facts(now));
        if let (Some(time), PublishMode::Draft) = (&mut time, self.mode) {
            // Nothing happens then.
            time.r#in = None;
        }
        let facts = |(index, account): (usize, &AccountRef)| AccountFacts {
            posts: self
                .thread_sizes
                .get(index)
                .copied()
                .filter(|size| *size > 1),
            lengths: self.lengths.get(index).cloned().unwrap_or_default(),
            ..AccountFacts::from(account)
        };
        PlanFacts {
            mode: Some(self.mode),
            time: time.unwrap_or_default(),
            accounts: self.accounts.iter().enumerate().map(facts).collect(),
        }
    }
}

/// What happens to posts, as a result shows it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlanFacts {
    /// What happens to the posts: "draft", "schedule" or "now".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<PublishMode>,
    /// When they go out.
    #[serde(flatten)]
    pub time: TimeFacts,
    /// The accounts they are for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<AccountFacts>,
}

/// An account that posts are for, as a result shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AccountFacts {
    /// Id of the account.
    id: u64,
    /// Its handle or name.
    name: Option<String>,
    /// Its network, as Saki names it.
    network: Option<String>,
    /// What people call it, where that differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    network_name: Option<String>,
    /// Posts of its thread, the first one included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    posts: Option<usize>,
    /// In a dry run: the length of each text against the limit of the network.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    lengths: Vec<String>,
}

impl PlanFacts {
    /// The same without the lengths of texts, which matter beforehand.
    pub fn without_lengths(mut self) -> Self {
        for account in &mut self.accounts {
            account.lengths.clear();
        }
        self
    }
}

impl From<&AccountRef> for AccountFacts {
    fn from(account: &AccountRef) -> Self {
        let network_name = account.network.as_deref().and_then(common_name);
        Self {
            id: account.id,
            name: account.handle_or_name().map(str::to_owned),
            network: account.network.clone(),
            network_name: network_name.map(str::to_owned),
            posts: None,
            lengths: Vec::new(),
        }
    }
}

/// What happens to posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(with = "String")]
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
