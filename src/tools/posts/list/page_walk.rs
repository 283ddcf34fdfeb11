//! Page walk: reads the pages of a space's posts, many at a time, within bounds, and reports where it stopped.

use std::collections::HashSet;
use std::fmt::{self, Display};
use std::time::Duration;

use futures::StreamExt;
use futures::stream;
use serde_json::{Map, Value};
use tokio::time::Instant;

use crate::saki::Error;
use crate::saki::pagination::{current_page, has_row_list, is_whole, last_page, total};
use crate::saki::posts::{ListPosts, PostView};
use crate::tools::Tools;
use crate::tools::directory::rows;

const MOST_POSTS: usize = 20_000;
const LONGEST: Duration = Duration::from_secs(20);
const AT_ONCE: usize = 16;

/// Why a walk ended before the last page, and how far it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StopPoint {
    /// An answer without rows is no end of the list.
    NoList,
    /// Some posts were not looked at.
    Early {
        looked: usize,
        total: Option<u64>,
        why: StopReason,
    },
}

impl StopPoint {
    /// Whether the same walk may come further a moment later.
    pub(crate) fn may_pass(&self) -> bool {
        use StopReason::{Moved, RateLimited, TooSlow};
        matches!(
            self,
            Self::Early {
                why: Moved | RateLimited | TooSlow,
                ..
            }
        )
    }
}

/// Why a walk ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StopReason {
    RateLimited,
    TooSlow,
    TooMany,
    Repeating,
    Moved,
}

impl StopPoint {
    /// How far the walk came and why not further, in words.
    pub(crate) fn extent(&self) -> String {
        let Self::Early { looked, total, why } = self else {
            return "Saki's answer shows no list of posts".to_owned();
        };
        let of = total
            .map(|total| format!(" of {total}"))
            .unwrap_or_default();
        let why = match why {
            StopReason::RateLimited => "then stopped: Saki asked to slow down",
            StopReason::TooSlow => "then stopped: Saki answered too slowly",
            StopReason::TooMany => "then stopped: that is as far as one call looks",
            StopReason::Repeating => "then stopped: its next page brought nothing new",
            StopReason::Moved => "and the list changed meanwhile, so one may be missing",
        };
        format!("looked at {looked}{of} posts, {why}")
    }
}

impl Display for StopPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.extent())?;
        match self {
            Self::NoList => Ok(()),
            Self::Early {
                why: StopReason::Moved,
                ..
            } => f.write_str("; ask again"),
            Self::Early { .. } => f.write_str("; narrow `from` and `to`"),
        }
    }
}

/// The posts that were looked at, each once.
#[derive(Debug, Default)]
pub(crate) struct WalkResult {
    pub(crate) posts: Vec<Value>,
    /// Why not all were looked at.
    pub(crate) stopped: Option<StopPoint>,
    /// Saki's answer, where it shows no list.
    pub(super) without_list: Option<Map<String, Value>>,
    ids: HashSet<u64>,
    total: Option<u64>,
    /// Whether a post came twice or the total changed, so that another may have slipped between two pages.
    moved: bool,
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

/// A page of posts.
#[derive(Debug)]
pub(in crate::tools::posts) struct Page(Map<String, Value>);

impl Page {
    pub(super) fn has_list(&self) -> bool {
        has_row_list(&self.0)
    }

    pub(super) fn posts(&self) -> &[Value] {
        rows(&self.0)
    }

    fn into_posts(mut self) -> Vec<Value> {
        match self.0.remove("data") {
            Some(Value::Array(posts)) => posts,
            _ => Vec::new(),
        }
    }

    /// The number of the last page; nothing where there may be more pages and Saki does not say how many.
    pub(super) fn last(&self) -> Option<u64> {
        let is_only = || current_page(&self.0).is_none() && is_whole(&self.0);
        last_page(&self.0).or_else(|| is_only().then_some(1))
    }

    fn total(&self) -> Option<u64> {
        total(&self.0)
    }
}

impl Tools {
    /// A page of posts; nothing where time has run out.
    pub(super) async fn page(
        &self,
        request: &ListPosts,
        page: Option<u64>,
        bounds: Bounds,
    ) -> Result<Option<Page>, Error> {
        let request = ListPosts {
            page,
            ..request.clone()
        };
        let list = self.saki.list_posts(&request);
        match tokio::time::timeout_at(bounds.deadline, list).await {
            Ok(list) => Ok(Some(Page(list?.into_list()))),
            Err(_) => Ok(None),
        }
    }

    /// All pages of a request, of which the `first` may have been read.
    ///
    /// A post that is made or deleted meanwhile moves others to the page before or after, where they may be missed;
    /// then all pages are read once more.
    pub(in crate::tools::posts) async fn walk(
        &self,
        request: &ListPosts,
        first: Option<Page>,
        bounds: Bounds,
    ) -> Result<WalkResult, Error> {
        let mut walked = self.read_pages(request, first, bounds).await?;
        if !walked.moved || walked.stopped.is_some() {
            return Ok(walked);
        }
        let again = match self.read_pages(request, None, bounds).await {
            Ok(again) if !again.moved && again.stopped.is_none() => return Ok(again),
            Ok(again) => again,
            Err(error) if error.status() == Some(429) => WalkResult::rate_limited(),
            Err(error) => return Err(error),
        };
        walked.total = again.total;
        walked.add(again.posts);
        let (looked, total) = (walked.posts.len(), walked.total);
        if again.stopped.is_some() || total != Some(looked as u64) {
            let why = StopReason::Moved;
            walked.stopped = Some(StopPoint::Early { looked, total, why });
        }
        Ok(walked)
    }

    async fn read_pages(
        &self,
        request: &ListPosts,
        first: Option<Page>,
        bounds: Bounds,
    ) -> Result<WalkResult, Error> {
        let mut walked = WalkResult::default();
        let first = match first {
            Some(first) => Some(first),
            None => self.page(request, None, bounds).await?,
        };
        let Some(first) = first else {
            return Ok(walked.stopped_by(StopReason::TooSlow));
        };
        if !first.has_list() {
            walked.stopped = Some(StopPoint::NoList);
            walked.without_list = Some(first.0);
            return Ok(walked);
        }
        let last = first.last();
        let mut has_more = !is_whole(&first.0);
        walked.take(first);
        // Without a last page, the next one shows whether there is more.
        let at_once = last.map_or(1, |_| AT_ONCE);
        let pages = stream::iter(2..=last.unwrap_or(u64::MAX))
            .map(|page| self.page(request, Some(page), bounds));
        let mut pages = pages.buffered(at_once);
        loop {
            if walked.posts.len() >= bounds.posts && last != Some(1) {
                return Ok(walked.stopped_by(StopReason::TooMany));
            }
            match pages.next().await {
                None => return Ok(walked),
                Some(Ok(Some(page))) => {
                    let ends = is_whole(&page.0);
                    if walked.take(page) {
                        has_more = !ends;
                        continue;
                    }
                    // A Saki that does not know `page` answers with the same rows again.
                    let is_end = last.is_none() && !has_more || walked.moved;
                    return Ok(match is_end {
                        true => walked,
                        false => walked.stopped_by(StopReason::Repeating),
                    });
                }
                Some(Ok(None)) => return Ok(walked.stopped_by(StopReason::TooSlow)),
                Some(Err(error)) if error.status() == Some(429) => {
                    return Ok(walked.stopped_by(StopReason::RateLimited));
                }
                Some(Err(error)) => return Err(error),
            }
        }
    }
}

impl WalkResult {
    /// Takes the posts of a page that are new, and says whether there were any.
    fn take(&mut self, page: Page) -> bool {
        let (shown, total) = (page.posts().len(), page.total());
        let new = self.add(page.into_posts());
        self.moved |= new > 0 && new < shown || self.total.is_some() && self.total != total;
        self.total = self.total.or(total);
        new > 0
    }

    /// Adds the posts that are new, and counts them.
    fn add(&mut self, posts: Vec<Value>) -> usize {
        let before = self.posts.len();
        for post in posts {
            // What has no id cannot be told from another.
            let id = PostView::from(&post).id();
            if id.is_none_or(|id| self.ids.insert(id)) {
                self.posts.push(post);
            }
        }
        self.posts.len() - before
    }

    /// Whether Saki did not show all that was asked for in time.
    pub(crate) fn is_cut_short(&self) -> bool {
        use StopReason::{RateLimited, TooSlow};
        match &self.stopped {
            Some(StopPoint::NoList) => true,
            Some(StopPoint::Early { why, .. }) => matches!(why, RateLimited | TooSlow),
            None => false,
        }
    }

    /// Whether a post was looked at.
    pub(super) fn has(&self, post: PostView<'_>) -> bool {
        post.id().is_some_and(|id| self.ids.contains(&id))
    }

    /// Nothing, since Saki asked to slow down.
    pub(crate) fn rate_limited() -> Self {
        Self::default().stopped_by(StopReason::RateLimited)
    }

    /// The same with how far it came; where nothing is left, that is no stop.
    #[must_use]
    pub(super) fn stopped_by(mut self, why: StopReason) -> Self {
        let (looked, total) = (self.posts.len(), self.total);
        if total.is_none_or(|total| total > looked as u64) {
            self.stopped = Some(StopPoint::Early { looked, total, why });
        }
        self
    }

    /// The same where Saki's filters could not be checked, so that their total says nothing.
    #[must_use]
    pub(super) fn unchecked(self, why: StopReason) -> Self {
        let unknown = Self {
            total: None,
            ..self
        };
        unknown.stopped_by(why)
    }
}
