//! Cluster replacement: what it does to each current post, by account.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::saki::SpaceId;
use crate::saki::posts::{Item, PostState};
use crate::tools::failure::AccountPost;
use crate::tools::posts::attachments::PlannedMedia;
use crate::tools::posts::current_posts::CurrentPost;
use crate::tools::posts::delete::deleted_post;
use crate::tools::{Failure, Tools};
use crate::write::account_ref::AccountRef;
use crate::write::effects::{EditedPost, Effects};
use crate::write::post_plan::{PostPlan, PublishMode};
use crate::write::preview::PostChange;
use crate::write::when::When;

/// The current posts of a cluster, and the items that replace them.
pub(crate) struct ClusterReplacement<'a> {
    current_posts: &'a [CurrentPost],
    items: &'a [Item<PlannedMedia>],
    known: Option<Arc<[AccountRef]>>,
}

impl Tools {
    /// Looks up the accounts of a cluster's posts; one that Saki does not list is shown by its id.
    pub(crate) async fn prepare_replacement<'a>(
        &self,
        space_id: SpaceId,
        current_posts: &'a [CurrentPost],
        items: &'a [Item<PlannedMedia>],
    ) -> Result<ClusterReplacement<'a>, Failure> {
        let known = match self.directory.accounts(space_id).await {
            Ok(known) => Some(known),
            Err(error) if self.policy().spaces().is_some() => return Err(error.into()),
            Err(_) => None,
        };
        Ok(ClusterReplacement {
            current_posts,
            items,
            known,
        })
    }
}

impl ClusterReplacement<'_> {
    /// What it does to the posts that are there, beside what is `planned` for those that come.
    pub(crate) fn effects(&self, planned: &PostPlan, now: Timestamp) -> Effects {
        let at = planned.when.as_ref().map(When::at);
        // What waits for the same time as before is not set to go public by it.
        let waits = |post: &CurrentPost| {
            let view = post.view();
            planned.mode == PublishMode::Schedule && view.waits(now) && view.scheduled_at() == at
        };
        let edited = |post: &CurrentPost| EditedPost {
            post_id: post.post_id,
            account: self.account(post),
            draft: post.view().state(now) == PostState::Draft,
            public: post.view().may_be_public(now),
            published: post.view().was_published(now),
            due: at.filter(|_| waits(post)),
        };
        let deleted_post = |post: &CurrentPost| {
            let account = self.account(post);
            deleted_post(post.view(), post.post_id, account, now)
        };
        let mut effects = planned.effects();
        let waiting = self.current_posts.iter().filter(|post| waits(post));
        let waiting: Vec<u64> = waiting.map(|post| post.account_id).collect();
        effects
            .live
            .retain(|live| !waiting.contains(&live.account.id));
        effects.edits = self.current_posts.iter().map(edited).collect();
        effects.deletes = self.dropped().map(deleted_post).collect();
        effects.dropped_accounts = self.dropped().map(|post| self.account(post)).collect();
        effects
    }

    /// One sentence that says what happens to the cluster, and which accounts it gains, keeps and loses.
    pub(crate) fn sentence(&self, planned: &PostPlan) -> String {
        let has_post = |account: &&AccountRef| {
            let mut current_posts = self.current_posts.iter();
            current_posts.any(|post| post.account_id == account.id)
        };
        let (keeps, adds): (Vec<&AccountRef>, Vec<&AccountRef>) =
            planned.accounts.iter().partition(has_post);
        let removes: Vec<AccountRef> = self.dropped().map(|post| self.account(post)).collect();
        if adds.is_empty() && removes.is_empty() {
            let accounts = planned.account_count();
            return planned.sentence(&format!("Changes a cluster on {accounts}"));
        }
        let parts = [
            ("adds", adds),
            ("keeps", keeps),
            ("removes", removes.iter().collect()),
        ];
        let parts = parts
            .into_iter()
            .filter(|(_, accounts)| !accounts.is_empty());
        let parts = parts.map(|(verb, accounts)| format!("{verb} {}", listed(&accounts)));
        let parts: Vec<String> = parts.collect();
        planned.sentence(&format!("Changes a cluster ({})", parts.join(", ")))
    }

    /// The lines of the question about the posts that are removed.
    pub(crate) fn removed_lines(&self, tools: &Tools, zone: &TimeZone) -> Vec<String> {
        let lines = |post: &CurrentPost| {
            let account = self.account(post).name_and_network();
            let lines = tools.lines_of_post(post.view(), zone).join(". ");
            format!(
                "What {account} loses: {}",
                lines.trim_start_matches("Text: ")
            )
        };
        self.dropped().map(lines).collect()
    }

    /// Warnings about remaining posts that may be public already.
    pub(crate) fn public_post_warnings(&self, now: Timestamp) -> Vec<String> {
        let remaining = self
            .current_posts
            .iter()
            .filter(|post| self.item(post).is_some());
        let public = remaining.filter(|post| post.view().may_be_public(now)).map(|post| {
            format!(
                "Post {} is or may be public already; whether Saki publishes it again is not known, so look at it.",
                post.post_id
            )
        });
        public.collect()
    }

    /// The removed posts, for the answer.
    pub(crate) fn removed(&self) -> Vec<AccountPost> {
        let removed = |post: &CurrentPost| AccountPost {
            account_id: post.account_id,
            account: self.account(post).label(),
            post_id: post.post_id,
        };
        self.dropped().map(removed).collect()
    }

    /// All posts as they are now.
    pub(crate) fn before(&self, now: Timestamp) -> Vec<Value> {
        let snapshot = |post: &CurrentPost| post.snapshot(&self.account(post).label(), now);
        self.current_posts.iter().map(snapshot).collect()
    }

    /// The changes of each remaining post.
    pub(crate) fn changes(&self, planned: &PostPlan, now: Timestamp) -> Vec<PostChange> {
        let changes = self.current_posts.iter().filter_map(|post| {
            let fields = post.diff(self.item(post)?, planned, now);
            (!fields.is_empty()).then(|| PostChange {
                account: self.account(post).label(),
                post_id: post.post_id,
                fields,
            })
        });
        changes.collect()
    }

    /// How many posts are new to the cluster.
    pub(crate) fn new_post_count(&self) -> u64 {
        let had = |item: &Item<PlannedMedia>| {
            let mut current_posts = self.current_posts.iter();
            current_posts.any(|post| post.account_id == item.account_id.0)
        };
        self.items.iter().filter(|item| !had(item)).count() as u64
    }

    fn dropped(&self) -> impl Iterator<Item = &CurrentPost> {
        let current_posts = self.current_posts.iter();
        current_posts.filter(|post| self.item(post).is_none())
    }

    fn item(&self, post: &CurrentPost) -> Option<&Item<PlannedMedia>> {
        let mut items = self.items.iter();
        items.find(|item| item.account_id.0 == post.account_id)
    }

    fn account(&self, post: &CurrentPost) -> AccountRef {
        let mut known = self.known.iter().flat_map(|known| known.iter());
        let known = known.find(|account| account.id == post.account_id);
        known
            .cloned()
            .unwrap_or_else(|| AccountRef::unlisted(post.account_id))
    }
}

/// `a, b and c`.
fn listed(accounts: &[&AccountRef]) -> String {
    let names: Vec<String> = accounts
        .iter()
        .map(|account| account.name_and_network())
        .collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
        None => String::new(),
    }
}
