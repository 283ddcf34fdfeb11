//! Version check (optimistic concurrency): an edit does not overwrite what someone else changed since.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::saki::posts::{GetPost, PostView};
use crate::saki::{PostId, SpaceId};
use crate::tools::posts::list::concise_row;
use crate::tools::{Failure, Tools};
use crate::write::quote_text::quote_truncated;

impl Tools {
    /// Reads the post once more, and refuses where it is no longer the version that was `seen`.
    pub(crate) async fn still_same_version(
        &self,
        space_id: SpaceId,
        post_id: PostId,
        seen: &str,
    ) -> Result<(), Failure> {
        let post = self.saki.send(&GetPost { space_id, post_id }).await?;
        self.same_version(post_id, seen, PostView::from(&post.into_one()))
    }

    /// Refuses where the post is not the version that was `seen`, or where Saki does not show which it is.
    pub(crate) fn same_version(
        &self,
        post_id: PostId,
        seen: &str,
        post: PostView<'_>,
    ) -> Result<(), Failure> {
        let seen = seen.trim();
        let now = post.updated_at_text();
        // As Saki writes it, it needs no reading.
        if now.as_deref().map(str::trim) == Some(seen) {
            return Ok(());
        }
        let Some(seen_at) = instant(seen) else {
            return Err(Failure::argument(
                "if_updated_at",
                format!(
                    "{} is no time; pass `updated_at` of the post as get_post shows it.",
                    quote_truncated(seen)
                ),
            ));
        };
        let Some(now) = now else {
            return Err(Failure::argument(
                "if_updated_at",
                format!(
                    "Saki does not show when post {post_id} was last changed, so whether it is the version that you know cannot be checked. Leave it out to change the post as it is.",
                ),
            ));
        };
        if instant(&now) == Some(seen_at) {
            return Ok(());
        }
        let clock = self.settings.clock.now();
        Err(Failure::refused(format!(
            "Nothing was sent: post {post_id} was changed at {now}, after the version of {seen} that you know. It is now: {}. Decide with that, then pass `if_updated_at`: {}.",
            concise_row::concise_row(post, clock, &self.zone()),
            quote_truncated(&now)
        ))
        .quoting_others())
    }
}

/// An instant; without a zone it is meant in UTC, as everything that Saki prints.
fn instant(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    text.parse().ok().or_else(|| {
        let civil: DateTime = text.parse().ok()?;
        TimeZone::UTC.to_timestamp(civil).ok()
    })
}
