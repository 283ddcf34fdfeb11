//! Scheduled posts of an account or a space, for the preview of a write that may stop them.

use serde_json::Value;

use super::Tools;
use super::directory::{KnownSpace, rows};
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
        let posts = rows(&queue).iter().filter_map(|row| match row.get("post") {
            Some(Value::Null) => None,
            post => Some(PostView::from(post.unwrap_or(row))),
        });
        let is_meant = |post: &PostView<'_>| {
            account.is_none_or(|account| post.account_id() == Some(account.0))
        };
        let times: Vec<_> = posts.filter(is_meant).map(PostView::scheduled_at).collect();
        let next = times.iter().flatten().min().copied();
        let zone = match &self.settings.timezone {
            Some(zone) => zone.clone(),
            None => {
                let space = KnownSpace::unlisted(space_id.0);
                let zone = self.directory.zone_of(&space).await;
                zone.unwrap_or_else(|| self.zone())
            }
        };
        Some(ScheduledPosts {
            posts: times.len(),
            next_at: next.map(|next| next.to_string()),
            local: next.map(|next| When::at_instant(next, zone).local()),
        })
    }
}
