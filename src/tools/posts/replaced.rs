//! What the replacement of a cluster does to each of its posts, under the names of their accounts.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::list::state::State;
use super::present::Present;
use crate::saki::SpaceId;
use crate::saki::posts::Item;
use crate::tools::Tools;
use crate::tools::look::Account;
use crate::write::effects::Edited;
use crate::write::planned::{Planned, PlannedAccount};

/// The posts of a cluster beside what takes their place.
pub(super) struct Replaced<'a> {
    present: &'a [Present],
    items: &'a [Item],
    known: Option<Arc<[Account]>>,
}

impl Tools {
    /// Looks up the accounts of a cluster's posts; one that Saki does not list is told by its id.
    pub(super) async fn replaced<'a>(
        &self,
        space_id: SpaceId,
        present: &'a [Present],
        items: &'a [Item],
    ) -> Replaced<'a> {
        Replaced {
            present,
            items,
            known: self.known_accounts(space_id).await.ok(),
        }
    }
}

impl Replaced<'_> {
    /// The posts as they are before it.
    pub(super) fn edits(&self, now: Timestamp) -> Vec<Edited> {
        let edited = |post: &Present| Edited {
            post_id: post.post_id,
            account: self.account(post).planned(None),
            draft: post.state(now) == State::Draft,
            due: None,
        };
        self.present.iter().map(edited).collect()
    }

    /// The accounts that lose their post.
    pub(super) fn drops(&self) -> Vec<PlannedAccount> {
        let account = |post| self.account(post).planned(None);
        self.dropped().map(account).collect()
    }

    /// The same, for an answer.
    pub(super) fn removed(&self) -> Vec<Value> {
        let shown = |post: &Present| {
            json!({
                "account_id": post.account_id,
                "account": self.account(post).label(),
                "post_id": post.post_id,
            })
        };
        self.dropped().map(shown).collect()
    }

    /// All posts as they are now.
    pub(super) fn before(&self) -> Vec<Value> {
        let shown = |post: &Present| post.shown(&self.account(post).label());
        self.present.iter().map(shown).collect()
    }

    /// What becomes of each post that stays and changes.
    pub(super) fn changes(&self, planned: &Planned, now: Timestamp) -> Vec<Value> {
        let changes = self.present.iter().filter_map(|post| {
            let fields = post.becomes(self.item(post)?, planned, now);
            let account = self.account(post).label();
            (!fields.is_empty())
                .then(|| json!({"account": account, "post_id": post.post_id, "fields": fields}))
        });
        changes.collect()
    }

    /// How many posts are new to the cluster.
    pub(super) fn makes(&self) -> u64 {
        let had = |item: &Item| {
            let mut present = self.present.iter();
            present.any(|post| post.account_id == item.account_id.0)
        };
        self.items.iter().filter(|item| !had(item)).count() as u64
    }

    fn dropped(&self) -> impl Iterator<Item = &Present> {
        let present = self.present.iter();
        present.filter(|post| self.item(post).is_none())
    }

    fn item(&self, post: &Present) -> Option<&Item> {
        let mut items = self.items.iter();
        items.find(|item| item.account_id.0 == post.account_id)
    }

    fn account(&self, post: &Present) -> Account {
        let mut known = self.known.iter().flat_map(|known| known.iter());
        let known = known.find(|account| account.id == post.account_id);
        known
            .cloned()
            .unwrap_or_else(|| Account::unknown(post.account_id))
    }
}

/// What is to be said where posts are public already.
pub(super) fn public_already(present: &[Present]) -> impl Iterator<Item = String> {
    let public = present.iter().filter(|post| post.is_published());
    public.map(|post| {
        format!(
            "Post {} was public already; whether Saki publishes it again is not known, so look at it.",
            post.post_id
        )
    })
}
