//! Scheduled posts of an account or a space, for the preview of a write that may stop them.

use super::Tools;
use super::directory::rows;
use super::queue::QueueEntry;
use crate::saki::posts::PostView;
use crate::saki::queue::GetQueue;
use crate::saki::{AccountId, SpaceId};
use crate::write::preview::ScheduledPosts;
use crate::write::when::When;

impl Tools {
    /// What the queue of a space shows as scheduled, on one account or on all; nothing where it cannot be read.
    pub(super) async fn scheduled_posts(
        &self,
        space_id: SpaceId,
        account: Option<AccountId>,
    ) -> Option<ScheduledPosts> {
        let queue = self.saki.all_pages(GetQueue { space_id }).await.ok()?;
        let entries: Vec<QueueEntry> = rows(&queue).iter().map(QueueEntry::read).collect();
        let posts = entries.iter().filter_map(QueueEntry::post);
        let is_selected = |post: &PostView<'_>| {
            account.is_none_or(|account| post.account_id() == Some(account.0))
        };
        let times = posts.filter(is_selected).map(PostView::scheduled_at);
        let times: Vec<_> = times.collect();
        let next = times.iter().flatten().min().copied();
        let zone = self.zone_of_space(space_id).await;
        Some(ScheduledPosts {
            posts: times.len(),
            next_at: next.map(|next| next.to_string()),
            local: next.map(|next| When::at_instant(next, zone).local()),
        })
    }
}
