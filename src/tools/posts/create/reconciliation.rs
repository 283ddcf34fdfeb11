//! Reconciliation: after a lost answer to a create, searches for the posts it may have made.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::saki::pagination::{has_row_list, last_page, next_page, total};
use crate::saki::posts::{ClusterBody, CreatePosts, GetPost, ListPosts, PostView};
use crate::saki::{PostId, Reply};
use crate::tools::Tools;
use crate::tools::directory::rows;
use crate::tools::posts::list::Bounds;
use crate::tools::posts::read_back::{WrittenPosts, is_of, match_posts};
use crate::write::post_plan::PostPlan;

/// How often it is looked: at once, and again when Saki may have needed longer than the connection lived.
const LOOKS: u32 = 3;
/// How many pages are read one after the other of a list that does not say how many it has.
const MOST_PAGES: u64 = 20;

/// How far a search reads in a list of many pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// The first pages and the last ones: the new posts, in whatever order Saki lists by time of creation.
    Ends,
    /// The pages between them too, up to so many posts.
    UpTo(usize),
    /// The pages between them too, as far as any call looks.
    Whole,
}

/// Times of posts are whole seconds, and clocks of machines behind one address differ a little.
const TOLERANCE: SignedDuration = SignedDuration::from_secs(2);

/// The result of the search.
#[derive(Debug, Default)]
pub(crate) struct SearchResult {
    /// The posts, where all of them were found.
    pub(super) posts: Option<WrittenPosts>,
    /// The posts that were read.
    seen: HashSet<u64>,
    /// The pages that were read one by one.
    pages: Vec<u64>,
    /// Only posts created since then, by Saki's clock, can be of this call.
    since: Option<Timestamp>,
    /// Posts with its text.
    with_its_text: Vec<Value>,
    /// Other posts of its accounts that are as new.
    others: Vec<u64>,
    /// Whether it is not known of a post of its accounts whether it can be of this call.
    is_in_doubt: bool,
    /// Whether the store could not say which of the posts are of other calls, so that some were left out.
    pub(super) store_failed: bool,
    /// Whether every page was read.
    is_whole: bool,
    /// Whether every page was read on which new posts are expected.
    has_read: bool,
}

impl Tools {
    /// Searches for the posts that a create may have made since it `began`.
    ///
    /// Posts known to be from another call are excluded.
    pub(crate) async fn search_lost_posts<M>(
        &self,
        request: &CreatePosts<ClusterBody<M>>,
        planned: &PostPlan,
        began: Timestamp,
    ) -> SearchResult {
        let mut result = SearchResult::default();
        for look in 1..=LOOKS {
            let pause = self.settings.reconcile_interval * (look - 1);
            tokio::time::sleep(pause).await;
            // Saki may list posts in another order than that of their creation.
            let reach = match look {
                LOOKS => Reach::Whole,
                _ => Reach::Ends,
            };
            result = self.search_once(request, planned, began, reach).await;
            if result.posts.is_some() {
                break;
            }
        }
        result
    }

    /// Searches once.
    pub(super) async fn search_once<M>(
        &self,
        request: &CreatePosts<ClusterBody<M>>,
        planned: &PostPlan,
        began: Timestamp,
        reach: Reach,
    ) -> SearchResult {
        let mut result = self.search_ends(request, planned, began).await;
        let bounds = match reach {
            Reach::Ends => return result,
            Reach::UpTo(posts) => Bounds {
                posts,
                ..Bounds::start()
            },
            Reach::Whole => Bounds::start(),
        };
        if result.posts.is_some() || result.is_whole || !result.has_read {
            return result;
        }
        let list = ListPosts::of(request.space_id);
        let Ok(walked) = self.walk(&list, None, bounds).await else {
            result.has_read = false;
            return result;
        };
        // Pages that Saki did not show may hold the posts.
        result.has_read = !walked.is_cut_short();
        self.take_posts(&mut result, &walked.posts, request).await;
        result.is_whole = walked.stopped.is_none();
        result.pages.clear();
        result.posts = self
            .unique_match(&result.with_its_text, request, planned)
            .await;
        result
    }

    /// Searches the first pages and the last ones.
    async fn search_ends<M>(
        &self,
        request: &CreatePosts<ClusterBody<M>>,
        planned: &PostPlan,
        began: Timestamp,
    ) -> SearchResult {
        let mut result = SearchResult::default();
        let mut open = vec![1];
        let (mut first_total, mut is_steady) = (None, true);
        while let Some(page) = open.pop() {
            let page_request = ListPosts {
                page: (page > 1).then_some(page),
                ..ListPosts::of(request.space_id)
            };
            let Ok(reply) = self.saki.list_posts(&page_request).await else {
                return result;
            };
            let since = began_by_saki(&reply, began, self.settings.clock.now());
            let list = reply.into_list();
            if !has_row_list(&list) {
                return result;
            }
            result.since.get_or_insert(since);
            result.pages.push(page);
            let is_new = self.take_posts(&mut result, rows(&list), request).await;
            result.posts = self
                .unique_match(&result.with_its_text, request, planned)
                .await;
            if result.posts.is_some() {
                break;
            }
            let (last, total) = (last_page(&list), total(&list));
            // A list that moves meanwhile may hide a post between two pages.
            is_steady &= is_new && *first_total.get_or_insert(total) == total;
            let is_read = last.map_or(next_page(&list, page).is_none(), |last| {
                result.pages.len() as u64 >= last
            });
            result.is_whole = is_read && is_steady;
            match last {
                // In whatever order Saki lists them, new posts are on the first pages or on the last ones.
                Some(last) if page == 1 => {
                    open = [last, last.saturating_sub(1), 2].into();
                    open.sort_unstable();
                    open.dedup();
                    open.retain(|page| (2..=last).contains(page));
                }
                Some(_) => {}
                // Which pages are the last ones is not known.
                None if page < MOST_PAGES && next_page(&list, page).is_some() => {
                    open.push(page + 1)
                }
                None => {}
            }
        }
        result.has_read = true;
        result
    }

    /// Takes the posts that may be of the call, and says whether all of `posts` are new.
    async fn take_posts<M>(
        &self,
        result: &mut SearchResult,
        posts: &[Value],
        request: &CreatePosts<ClusterBody<M>>,
    ) -> bool {
        let items = &request.body.items;
        let is_of_account = |account| items.iter().any(|item| item.account_id.0 == account);
        let mut are_new = true;
        let mut candidates = Vec::new();
        for row in posts {
            let post = PostView::from(row);
            let is_new = post.id().is_none_or(|id| result.seen.insert(id));
            are_new &= is_new;
            let may_be_of_call =
                post.is_thread_start() && post.account_id().is_none_or(is_of_account);
            if !is_new || !may_be_of_call {
                continue;
            }
            let Some((id, created)) = post.id().zip(post.created_at()) else {
                result.is_in_doubt = true;
                continue;
            };
            if result.since.is_none_or(|since| created >= since) {
                candidates.push((id, row));
            }
        }
        let ids: Vec<u64> = candidates.iter().map(|(id, _)| *id).collect();
        let now = self.settings.clock.now();
        let Ok(of_other_calls) = self.idempotency.known_posts(&ids, now).await else {
            // Any of the posts may be of this call.
            result.store_failed = true;
            return are_new;
        };
        for (id, row) in candidates {
            if of_other_calls.contains(&id) {
                continue;
            }
            match items.iter().any(|item| is_of(PostView::from(row), item)) {
                true => result.with_its_text.push(row.clone()),
                false => result.others.push(id),
            }
        }
        are_new
    }

    /// The posts that match the call in account, cluster, text and time, each read in full.
    ///
    /// Another call may have posted the same text for another time.
    async fn unique_match<M>(
        &self,
        rows: &[Value],
        request: &CreatePosts<ClusterBody<M>>,
        planned: &PostPlan,
    ) -> Option<WrittenPosts> {
        let items = &request.body.items;
        let posts = || rows.iter().map(PostView::from);
        let clusters: HashSet<_> = posts().map(PostView::cluster_id).collect();
        let mut found = Vec::new();
        for cluster in clusters {
            let posts = posts().filter(|post| post.cluster_id() == cluster);
            let posts: Vec<PostView<'_>> = posts.collect();
            let has_all = items
                .iter()
                .all(|item| posts.iter().any(|post| is_of(*post, item)));
            if !has_all || posts.len() != items.len() {
                continue;
            }
            let mut full_posts = Vec::with_capacity(posts.len());
            for post in posts {
                let post_id = PostId(post.id()?);
                let space_id = request.space_id;
                let post = self.saki.send(&GetPost { space_id, post_id }).await.ok()?;
                full_posts.push(Value::Object(post.into_one()));
            }
            found.extend(
                match_posts(&full_posts, &request.body, planned, is_of)
                    .filter(|posts| posts.is_as_planned && posts.posts.len() == items.len()),
            );
        }
        // Two that fit equally well are no answer.
        match found.len() {
            1 => found.pop(),
            _ => None,
        }
    }
}

/// When a call that `began` here began by Saki's clock, whose times the posts carry.
pub(super) fn began_by_saki(reply: &Reply, began: Timestamp, now: Timestamp) -> Timestamp {
    let saki = reply.date.and_then(|at| Timestamp::from_second(at).ok());
    saki.unwrap_or(now) - now.duration_since(began) - TOLERANCE
}

impl SearchResult {
    /// Whether none of the posts can be there.
    pub(super) fn shows_none_made(&self) -> bool {
        self.is_whole
            && !self.is_in_doubt
            && self.shows_none_with_its_text()
            && self.others.is_empty()
    }

    /// Whether no post was found with its text where new posts are expected.
    pub(super) fn shows_none_with_its_text(&self) -> bool {
        self.has_read && !self.store_failed && self.posts.is_none() && self.with_its_text.is_empty()
    }

    /// What was read and found, in words.
    pub(crate) fn summary(&self) -> String {
        let Some(since) = self.since else {
            return "Whether the posts are there could not be looked up either.".to_owned();
        };
        fn listed(ids: impl Iterator<Item = u64>) -> String {
            let ids: Vec<String> = ids.map(|id| id.to_string()).collect();
            ids.join(", ")
        }
        let seen = self.seen.len();
        let read = if self.is_whole {
            format!("all {seen} posts of the space")
        } else if self.pages.is_empty() {
            format!("{seen} posts of the space, which are not all,")
        } else {
            let pages = listed(self.pages.iter().copied());
            format!("{seen} posts of the space (page {pages})")
        };
        let mut found = match self.with_its_text.is_empty() {
            true => "none has this text".to_owned(),
            false => {
                let posts = self.with_its_text.iter().map(PostView::from);
                format!(
                    "posts {} have this text, but are not surely those of this call",
                    listed(posts.filter_map(PostView::id))
                )
            }
        };
        if self.store_failed {
            found +=
                ", but which posts are of other calls could not be looked up in the server's store";
        }
        if !self.others.is_empty() {
            found += &format!(
                "; posts {} of its accounts have another text",
                listed(self.others.iter().copied())
            );
        }
        format!(
            "Looked through {read} for those made since {}: {found}.",
            since.strftime("%Y-%m-%dT%H:%M:%SZ")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    /// A call that began at 10:00:00 here is looked at when our clock says `now`, and Saki's says `saki`.
    #[rstest]
    #[case::equal_clocks("10:00:00", Some("10:00:00"), "09:59:58")]
    #[case::no_date("10:00:30", None, "09:59:58")]
    #[case::later("10:00:30", Some("10:00:30"), "09:59:58")]
    #[case::saki_is_behind("10:00:30", Some("09:00:30"), "08:59:58")]
    #[case::saki_is_ahead("10:00:30", Some("11:00:30"), "10:59:58")]
    fn a_call_began_by_sakis_clock_as_long_ago_as_by_ours(
        #[case] now: &str,
        #[case] saki: Option<&str>,
        #[case] began: &str,
    ) {
        let at = |time: &str| -> Timestamp { format!("2027-04-09T{time}Z").parse().unwrap() };
        let reply = Reply {
            status: 200,
            body: None,
            date: saki.map(|time| at(time).as_second()),
        };
        assert_eq!(began_by_saki(&reply, at("10:00:00"), at(now)), at(began));
    }
}
