//! Walking the pages of a space's posts: a few at a time, bounded, and honest about where it stopped.

use std::time::Duration;

use futures::StreamExt;
use futures::stream;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::Value;
use tokio::time::Instant;

use crate::saki::page::last_page;
use crate::saki::posts::ListPosts;
use crate::saki::{Error, view};
use crate::tools::Tools;
use crate::tools::look::rows;
use crate::write::range::Range;

const MOST_POSTS: usize = 1000;
const LONGEST: Duration = Duration::from_secs(10);
const AT_ONCE: usize = 4;

/// The posts that were looked at.
#[derive(Debug, Default)]
pub(super) struct Walked {
    pub(super) posts: Vec<Value>,
    /// Why not all were looked at.
    pub(super) stopped: Option<String>,
}

impl Tools {
    /// The posts of a space that may lie in `range`, and others.
    ///
    /// Saki's own filter is asked for a day more on both sides, and believed only as far as its
    /// rows and a look at the newest posts bear it out: nothing prints which time it is about.
    pub(super) async fn posts_around(&self, all: ListPosts, range: Range) -> Result<Walked, Error> {
        let deadline = Instant::now() + LONGEST;
        if range.is_open() {
            return self.walk(all, deadline).await;
        }
        let from = range.from.and_then(|from| day(from, -1));
        let to = range.until.and_then(|until| day(until, 1));
        let wider = Range {
            from: from.and_then(start),
            until: to.and_then(|to| to.tomorrow().ok()).and_then(start),
        };
        let some = ListPosts {
            from: from.map(|day| day.to_string()),
            to: to.map(|day| day.to_string()),
            ..all.clone()
        };
        let walked = match self.walk(some, deadline).await {
            Ok(walked) => walked,
            // A filter that Saki refuses in every spelling is left out.
            Err(error) if error.is_validation() => return self.walk(all, deadline).await,
            Err(error) => return Err(error),
        };
        let is_about_our_time = walked
            .posts
            .iter()
            .all(|post| super::state::at(post).is_some_and(|at| wider.holds(at)));
        if is_about_our_time && !self.newest_hold_more(&all, range, &walked).await? {
            return Ok(walked);
        }
        self.walk(all, deadline).await
    }

    /// Whether the newest posts hold one in `range` that the filter left out.
    async fn newest_hold_more(
        &self,
        all: &ListPosts,
        range: Range,
        walked: &Walked,
    ) -> Result<bool, Error> {
        let newest = self.saki.list_posts(all).await?.into_list();
        let known = |post: &Value| {
            walked
                .posts
                .iter()
                .any(|other| other.get("id") == post.get("id"))
        };
        Ok(walked.stopped.is_none()
            && rows(&newest).iter().any(|post| {
                super::state::at(post).is_some_and(|at| range.holds(at)) && !known(post)
            }))
    }

    async fn walk(&self, request: ListPosts, deadline: Instant) -> Result<Walked, Error> {
        let first = self.saki.list_posts(&request).await?.into_list();
        let last = last_page(&first).unwrap_or(1);
        let total = first
            .get("meta")
            .and_then(|meta| view::integer(meta, "total"));
        let mut walked = Walked {
            posts: rows(&first).to_vec(),
            stopped: None,
        };
        let pages = stream::iter(2..=last).map(|page| {
            let request = ListPosts {
                page: Some(page),
                ..request.clone()
            };
            async move { self.saki.list_posts(&request).await }
        });
        let mut pages = pages.buffered(AT_ONCE);
        loop {
            if walked.posts.len() >= MOST_POSTS {
                walked.stop(total, "that is as far as one call looks");
                break;
            }
            match tokio::time::timeout_at(deadline, pages.next()).await {
                Ok(Some(Ok(list))) => walked.posts.extend_from_slice(rows(&list.into_list())),
                Ok(Some(Err(error))) if error.status() == Some(429) => {
                    walked.stop(total, "Saki asked to slow down");
                    break;
                }
                Ok(Some(Err(error))) => return Err(error),
                Ok(None) => break,
                Err(_) => {
                    walked.stop(total, "Saki answered too slowly");
                    break;
                }
            }
        }
        Ok(walked)
    }
}

impl Walked {
    fn stop(&mut self, total: Option<u64>, why: &str) {
        let looked = self.posts.len();
        if total.is_some_and(|total| total <= looked as u64) {
            return;
        }
        let of = total
            .map(|total| format!(" of {total}"))
            .unwrap_or_default();
        self.stopped = Some(format!(
            "looked at {looked}{of} posts, then stopped: {why}; narrow `from` and `to`"
        ));
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
