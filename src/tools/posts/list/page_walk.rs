//! Page walk: reads the pages of a space's posts, a few at a time, within bounds, and reports where it stopped.

use std::collections::HashSet;
use std::fmt::{self, Display};
use std::time::Duration;

use futures::StreamExt;
use futures::stream;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::Value;
use tokio::time::Instant;

use crate::saki::pagination::{has_row_list, last_page};
use crate::saki::posts::{ListPosts, PostView};
use crate::saki::{Error, lenient_json};
use crate::tools::Tools;
use crate::tools::directory::rows;
use crate::write::time_range::TimeRange;

const MOST_POSTS: usize = 1000;
const LONGEST: Duration = Duration::from_secs(10);
const AT_ONCE: usize = 4;

/// Why a walk ended before the last page, and how far it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum StopPoint {
    /// An answer without rows is no end of the list.
    NoList,
    /// Some posts were not looked at.
    Early {
        looked: usize,
        total: Option<u64>,
        why: StopReason,
    },
}

/// Why a walk ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StopReason {
    RateLimited,
    TooSlow,
    TooMany,
    Repeating,
}

impl Display for StopPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Early { looked, total, why } = self else {
            return f.write_str("Saki's answer shows no list of posts");
        };
        let of = total
            .map(|total| format!(" of {total}"))
            .unwrap_or_default();
        let why = match why {
            StopReason::RateLimited => "Saki asked to slow down",
            StopReason::TooSlow => "Saki answered too slowly",
            StopReason::TooMany => "that is as far as one call looks",
            StopReason::Repeating => "its next page brought nothing new",
        };
        write!(
            f,
            "looked at {looked}{of} posts, then stopped: {why}; narrow `from` and `to`"
        )
    }
}

/// The posts that were looked at, each once.
#[derive(Debug, Default)]
pub(crate) struct WalkResult {
    pub(crate) posts: Vec<Value>,
    /// Why not all were looked at.
    pub(super) stopped: Option<StopPoint>,
    ids: HashSet<u64>,
}

/// How far one call looks, whatever the number of its spaces.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) deadline: Instant,
    pub(crate) posts: usize,
}

impl Bounds {
    pub(crate) fn start() -> Self {
        Self {
            deadline: Instant::now() + LONGEST,
            posts: MOST_POSTS,
        }
    }
}

impl Tools {
    /// The posts of a space that may lie in `range`, and others.
    ///
    /// Saki's own filter is asked for a day more on both sides, and believed only as far as its
    /// rows and a look at the newest posts bear it out: nothing prints which time it is about.
    pub(crate) async fn posts_around(
        &self,
        all: ListPosts,
        range: TimeRange,
        bounds: Bounds,
    ) -> Result<WalkResult, Error> {
        if range.is_unbounded() {
            return self.walk(all, bounds).await;
        }
        let from = range.from.and_then(|from| day(from, -1));
        let to = range.until.and_then(|until| day(until, 1));
        let wider = TimeRange {
            from: from.and_then(start),
            until: to.and_then(|to| to.tomorrow().ok()).and_then(start),
        };
        let some = ListPosts {
            from: from.map(|day| day.to_string()),
            to: to.map(|day| day.to_string()),
            ..all.clone()
        };
        let mut walked = match self.walk(some, bounds).await {
            Ok(walked) => walked,
            // A filter that Saki refuses in every spelling is left out.
            Err(error) if error.is_validation() => return self.walk(all, bounds).await,
            Err(error) => return Err(error),
        };
        let is_about_our_time = walked.posts.iter().all(|post| {
            let at = PostView::from(post).published_or_scheduled_at();
            at.is_some_and(|at| wider.contains(at))
        });
        if is_about_our_time && walked.stopped.is_some() {
            return Ok(walked);
        }
        if is_about_our_time {
            match self.newest_hold_more(&all, range, &walked).await {
                Ok(true) => {}
                Ok(false) => return Ok(walked),
                Err(error) if error.status() == Some(429) => {
                    walked.stop(None, StopReason::RateLimited);
                    return Ok(walked);
                }
                Err(error) => return Err(error),
            }
        }
        self.walk(all, bounds).await
    }

    /// Whether the newest posts hold one in `range` that the filter left out.
    async fn newest_hold_more(
        &self,
        all: &ListPosts,
        range: TimeRange,
        walked: &WalkResult,
    ) -> Result<bool, Error> {
        let newest = self.saki.list_posts(all).await?.into_list();
        let known = |post: PostView<'_>| {
            let mut posts = walked.posts.iter().map(PostView::from);
            posts.any(|other| other.id() == post.id())
        };
        // What shows no list is looked at once more, by the walk that says so.
        Ok(!has_row_list(&newest)
            || rows(&newest).iter().map(PostView::from).any(|post| {
                let at = post.published_or_scheduled_at();
                at.is_some_and(|at| range.contains(at)) && !known(post)
            }))
    }

    async fn walk(&self, request: ListPosts, bounds: Bounds) -> Result<WalkResult, Error> {
        let mut walked = WalkResult::default();
        let first =
            match tokio::time::timeout_at(bounds.deadline, self.saki.list_posts(&request)).await {
                Ok(first) => first?.into_list(),
                Err(_) => {
                    walked.stop(None, StopReason::TooSlow);
                    return Ok(walked);
                }
            };
        if !has_row_list(&first) {
            walked.stopped = Some(StopPoint::NoList);
            return Ok(walked);
        }
        let last = last_page(&first).unwrap_or(1);
        let total = first
            .get("meta")
            .and_then(|meta| lenient_json::integer(meta, "total"));
        walked.add(rows(&first));
        let pages = stream::iter(2..=last).map(|page| {
            let request = ListPosts {
                page: Some(page),
                ..request.clone()
            };
            async move { self.saki.list_posts(&request).await }
        });
        let mut pages = pages.buffered(AT_ONCE);
        let mut next = 2;
        while next <= last {
            if walked.posts.len() >= bounds.posts {
                walked.stop(total, StopReason::TooMany);
                break;
            }
            next += 1;
            match tokio::time::timeout_at(bounds.deadline, pages.next()).await {
                // A Saki that does not know `page` answers with the same rows again.
                Ok(Some(Ok(list))) => {
                    if !walked.add(rows(&list.into_list())) {
                        walked.stop(total, StopReason::Repeating);
                        break;
                    }
                }
                Ok(Some(Err(error))) if error.status() == Some(429) => {
                    walked.stop(total, StopReason::RateLimited);
                    break;
                }
                Ok(Some(Err(error))) => return Err(error),
                Ok(None) => break,
                Err(_) => {
                    walked.stop(total, StopReason::TooSlow);
                    break;
                }
            }
        }
        Ok(walked)
    }
}

impl WalkResult {
    /// Takes the posts that are new, and says whether there were any.
    fn add(&mut self, posts: &[Value]) -> bool {
        let before = self.posts.len();
        for post in posts {
            // What has no id cannot be told from another.
            let id = PostView::from(post).id();
            if id.is_none_or(|id| self.ids.insert(id)) {
                self.posts.push(post.clone());
            }
        }
        self.posts.len() > before
    }

    /// Nothing, since Saki asked to slow down.
    pub(crate) fn rate_limited() -> Self {
        let mut walked = Self::default();
        walked.stop(None, StopReason::RateLimited);
        walked
    }

    /// Whether Saki showed no list at all.
    pub(super) fn shows_no_list(&self) -> bool {
        self.stopped == Some(StopPoint::NoList)
    }

    /// Notes how far it came; where nothing is left, that is no stop.
    fn stop(&mut self, total: Option<u64>, why: StopReason) {
        let looked = self.posts.len();
        if total.is_none_or(|total| total > looked as u64) {
            self.stopped = Some(StopPoint::Early { looked, total, why });
        }
    }
}

fn day(at: Timestamp, days: i64) -> Option<Date> {
    at.to_zoned_datetime(TimeZone::UTC)
        .date()
        .checked_add(days.days())
        .ok()
}

fn start(day: Date) -> Option<Timestamp> {
    day.to_zoned_datetime(TimeZone::UTC)
        .ok()
        .map(|start| start.timestamp())
}
