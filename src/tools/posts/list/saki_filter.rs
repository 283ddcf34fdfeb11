//! Saki's own post filters: sent so that fewer pages are read, and trusted only if the rows and a check without them agree.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::Value;

use super::filter::{Filter, OwnerFilter};
use super::page_walk::{Bounds, Page, StopReason, WalkResult};
use super::search_match::SearchTerms;
use crate::saki::lenient_json;
use crate::saki::posts::{ListPosts, PostState, PostView};
use crate::saki::{Error, SpaceId};
use crate::tools::Tools;
use crate::write::time_range::TimeRange;

impl Tools {
    /// The posts of a space that may match `filter`, and others.
    ///
    /// Nothing prints what Saki's filters are about. So its rows must be what was asked for, and a look at the first and
    /// the last page without the filters must show no matching post that they left out; else all pages are read.
    pub(crate) async fn posts_for(
        &self,
        space_id: SpaceId,
        filter: &Filter,
        bounds: Bounds,
    ) -> Result<WalkResult, Error> {
        let now = self.settings.clock.now();
        let all = ListPosts {
            status: filter.saki_status.clone(),
            ..ListPosts::of(space_id)
        };
        let mut first = None;
        let mut status = all.status.clone();
        if let Some(state) = filter.state {
            first = self.page(&all, None, bounds).await?;
            let shown = first.as_ref().map(|page| page.posts());
            status = status.or_else(|| status_of(state, shown?, now));
        }
        let account_id = match filter.owner {
            Some(OwnerFilter::Account(id)) => Some(id),
            _ => None,
        };
        let days = Days::around(filter.range);
        let some = ListPosts {
            status,
            account_id: account_id.map(|id| id.to_string()),
            from: days.from.map(|day| day.to_string()),
            to: days.to.map(|day| day.to_string()),
            ..all.clone()
        };
        // What fits on two pages is read whole.
        let is_short = |page: &Page| page.last().is_some_and(|last| last <= 2);
        if some == all || first.as_ref().is_some_and(is_short) {
            return self.walk(&all, first, bounds).await;
        }
        let found = match self.walk(&some, None, bounds).await {
            Ok(found) => found,
            // A filter that Saki refuses in every spelling is left out.
            Err(error) if error.is_validation() => return self.walk(&all, first, bounds).await,
            Err(error) => return Err(error),
        };
        let is_asked_for = |post: &Value| {
            let post = PostView::from(post);
            account_id.is_none_or(|id| post.account_id() == Some(id))
                && days.may_hold(post.published_or_scheduled_at())
                && (some.status == all.status || some.status == status_text(post))
        };
        // An empty answer confirms nothing.
        let is_consistent = !found.posts.is_empty() && found.posts.iter().all(is_asked_for);
        if is_consistent && found.stopped.is_some() {
            return Ok(found);
        }
        let first = match first {
            Some(first) => Some(first),
            None => match self.page(&all, None, bounds).await {
                Err(error) if error.status() == Some(429) && is_consistent => {
                    return Ok(found.unchecked(StopReason::RateLimited));
                }
                first => first?,
            },
        };
        let Some(first) = first else {
            return Ok(found.unchecked(StopReason::TooSlow));
        };
        if !is_consistent || !first.has_list() || is_short(&first) {
            return self.walk(&all, Some(first), bounds).await;
        }
        let last = match self.page(&all, first.last(), bounds).await {
            Err(error) if error.status() == Some(429) => None,
            last => last?,
        };
        let Some(last) = last else {
            return Ok(found.unchecked(StopReason::RateLimited));
        };
        let mut look = first.posts().iter().chain(last.posts());
        match look.any(|post| filter.misses(PostView::from(post), &found, now)) {
            true => self.walk(&all, Some(first), bounds).await,
            false => Ok(found),
        }
    }
}

impl Filter {
    /// Whether a post shows that Saki's filters may have left something out.
    fn misses(&self, post: PostView<'_>, found: &WalkResult, now: Timestamp) -> bool {
        let narrowed = Filter {
            search: SearchTerms::default(),
            cluster_id: None,
            ..self.clone()
        };
        // Where published posts have no planned time, a filter by that time finds none of them.
        let was_never_planned =
            |post: PostView<'_>| post.is_published() && post.scheduled_at().is_none();
        let mut found_posts = found.posts.iter().map(PostView::from);
        let is_kind_missing = !self.range.is_unbounded()
            && was_never_planned(post)
            && !found_posts.any(was_never_planned);
        is_kind_missing || narrowed.matches(post, now) && !found.has(post)
    }
}

/// The status that posts in a state have in common and no other post has, as far as these posts show it.
///
/// A failed post may have any status and its reason beside it, and the other states are of time alone.
fn status_of(state: PostState, posts: &[Value], now: Timestamp) -> Option<String> {
    if !matches!(
        state,
        PostState::Draft | PostState::Scheduled | PostState::Published
    ) {
        return None;
    }
    let mut only = None;
    for post in posts.iter().map(PostView::from) {
        if post.state(now) == state {
            let status = status_text(post)?;
            if only.get_or_insert_with(|| status.clone()) != &status {
                return None;
            }
        }
    }
    let mut others = posts.iter().map(PostView::from);
    let is_shared = others.any(|post| post.state(now) != state && status_text(post) == only);
    only.filter(|_| !is_shared)
}

fn status_text(post: PostView<'_>) -> Option<String> {
    lenient_json::text(&post, "status")
}

/// The days that Saki is asked for: one more on both sides, since its days may be those of another zone, or end early.
struct Days {
    from: Option<Date>,
    to: Option<Date>,
}

impl Days {
    fn around(range: TimeRange) -> Self {
        let day = |at: Timestamp, days: i64| {
            let date = at.to_zoned_datetime(TimeZone::UTC).date();
            date.checked_add(days.days()).ok()
        };
        Self {
            from: range.from.and_then(|from| day(from, -1)),
            to: range.until.and_then(|until| day(until, 1)),
        }
    }

    /// Whether a time lies in these days in some zone.
    fn may_hold(&self, at: Option<Timestamp>) -> bool {
        let Some(at) = at else {
            return self.from.is_none() && self.to.is_none();
        };
        let date = at.to_zoned_datetime(TimeZone::UTC).date();
        let day_before = date.yesterday().unwrap_or(date);
        let day_after = date.tomorrow().unwrap_or(date);
        self.from.is_none_or(|from| day_after >= from) && self.to.is_none_or(|to| day_before <= to)
    }
}
