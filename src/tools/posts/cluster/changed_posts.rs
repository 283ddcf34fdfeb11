//! Changed posts: which posts of a cluster a replacement has changed, by what they were before.

use jiff::Timestamp;

use crate::saki::Reply;
use crate::saki::posts::{Item, PostView, UpdateCluster};
use crate::saki::refused_parts::RefusedPart;
use crate::tools::Tools;
use crate::tools::failure::AccountPost;
use crate::tools::posts::current_posts::CurrentPost;
use crate::tools::posts::read_back::{
    WrittenPosts, match_posts, not_refused, parts_of, posts_of_answer,
};
use crate::write::post_plan::{PostPlan, PublishMode};
use crate::write::preview::{FieldChange, PostChange};

/// A cluster before its replacement.
#[derive(Debug)]
pub(super) struct ClusterBefore {
    pub(super) posts: Vec<CurrentPost>,
    /// What was asked for.
    pub(super) changes: Vec<PostChange>,
    /// Posts that the replacement leaves out.
    pub(super) removed: Vec<AccountPost>,
}

impl ClusterBefore {
    /// Whether a post has changed; nothing where a field is no longer shown, or was not before.
    fn has_changed(&self, post: &CurrentPost, now: Timestamp) -> Option<bool> {
        let mut posts = self.posts.iter();
        let Some(old) = posts.find(|old| old.post_id == post.post_id) else {
            return Some(true);
        };
        let changes = post.changes_since(old, now);
        let is_seen = |change: &FieldChange| {
            let is_shown = !change.before.is_null() && !change.after.is_null();
            is_shown || change.field == "scheduled_at"
        };
        let is_known = changes.is_empty() || changes.iter().any(is_seen);
        is_known.then_some(!changes.is_empty())
    }

    /// Whether a look `after` it shows that an account has nothing of what was asked for.
    fn is_undone(&self, account: u64, after: &[CurrentPost], now: Timestamp) -> bool {
        let ids = |posts: &[CurrentPost]| -> Vec<u64> {
            let posts = posts.iter().filter(|post| post.account_id == account);
            posts.map(|post| post.post_id).collect()
        };
        let old = ids(&self.posts);
        // A field that Saki does not show may have changed unseen.
        let is_asked = |id: &u64| {
            let changes = self.changes.iter().filter(|change| change.post_id == *id);
            let mut fields = changes.flat_map(|change| &change.fields);
            fields.any(|field| !field.before.is_null())
        };
        let is_same = |post: &CurrentPost| {
            post.account_id != account || self.has_changed(post, now) == Some(false)
        };
        let is_there =
            |removed: &AccountPost| after.iter().any(|post| post.post_id == removed.post_id);
        old == ids(after)
            && old.iter().all(is_asked)
            && after.iter().all(is_same)
            && self.removed.iter().all(is_there)
    }
}

impl Tools {
    /// The posts of a replacement that Saki accepted, at least for a part of the accounts.
    pub(super) async fn read_back(
        &self,
        request: &UpdateCluster,
        planned: &PostPlan,
        before: &ClusterBefore,
        reply: &Reply,
    ) -> WrittenPosts {
        let UpdateCluster {
            space_id,
            cluster_id,
            body,
        } = request;
        let parts = parts_of(reply);
        let is_in_cluster =
            |post: PostView<'_>| post.cluster_id().as_deref() == Some(&cluster_id.0);
        let shown = self.posts_in_reply(*space_id, reply, body, planned, is_in_cluster);
        let shown = match shown.await {
            Some(posts) if posts.posts.len() == body.items.len() || !parts.is_empty() => {
                return posts.with_refusals(parts, body);
            }
            shown => shown,
        };
        if !parts.is_empty() {
            return self.changed_posts(request, planned, before, parts).await;
        }
        let current = self.current_posts(*space_id, cluster_id).await;
        let current = current.iter().flatten().map(CurrentPost::to_json);
        let found = posts_of_answer(&current.collect::<Vec<_>>(), body, planned, |_| true);
        found.or(shown).unwrap_or_else(WrittenPosts::not_shown)
    }

    /// The posts that a replacement has changed, where Saki refused these `parts` of it.
    pub(super) async fn changed_posts(
        &self,
        request: &UpdateCluster,
        planned: &PostPlan,
        before: &ClusterBefore,
        parts: Vec<RefusedPart>,
    ) -> WrittenPosts {
        let UpdateCluster {
            space_id,
            cluster_id,
            body,
        } = request;
        let rest = not_refused(body, &parts);
        let now = self.settings.clock.now();
        let after = self.current_posts(*space_id, cluster_id).await.ok();
        let after = after.as_deref();
        let changed = after.iter().copied().flatten();
        let changed = changed.filter(|post| before.has_changed(post, now) == Some(true));
        let changed: Vec<_> = changed.map(CurrentPost::to_json).collect();
        let is_of_account = |post: PostView<'_>, item: &Item| {
            post.is_thread_start() && post.account_id() == Some(item.account_id.0)
        };
        let found = match_posts(&changed, &rest, planned, is_of_account);
        let mut written = found.unwrap_or_default();
        for account in rest.items.iter().map(|item| item.account_id.0) {
            if written.posts.iter().any(|(of, _)| *of == account) {
                continue;
            }
            let mut old = before.posts.iter();
            let old = old.find(|post| post.account_id == account);
            let (post, shown, tool) = match old {
                Some(old) => (format!("post {}", old.post_id), "as it was", "get_post"),
                None => (format!("account {account}"), "without a post", "list_posts"),
            };
            let is_undone = after.is_some_and(|after| before.is_undone(account, after, now));
            // What is to go out at once may do so a moment later.
            if is_undone && planned.mode != PublishMode::Now {
                let message =
                    format!("Not named by Saki, and not done: Saki shows {post} {shown}.");
                written.refused.push((account, message));
            } else {
                written.warnings.push(format!(
                    "Whether {post} got what was asked for is not known; {tool} shows it."
                ));
                written.unclear.push(account);
            }
        }
        written.with_refusals(parts, body)
    }
}
