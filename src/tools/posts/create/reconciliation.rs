//! Reconciliation: after a lost answer to a create, searches for the posts it may have made.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use crate::saki::PostId;
use crate::saki::pagination::{last_page, next_page};
use crate::saki::posts::{ClusterBody, CreatePosts, GetPost, ListPosts, PostView};
use crate::tools::Tools;
use crate::tools::directory::rows;
use crate::tools::posts::read_back::{WrittenPosts, is_of, match_posts};
use crate::write::post_plan::PostPlan;

/// How often it is looked: at once, and again when Saki may have needed longer than the connection lived.
const LOOKS: u32 = 3;
/// How many pages are read where the first and last ones are not enough.
const MOST_PAGES: u64 = 20;
/// How far a search reads in a list that says how many pages it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// The first pages and the last ones: the new posts, in whatever order Saki lists by time of creation.
    Ends,
    /// The pages between them too, for what is not looked for again.
    MostPages,
}

/// Times of posts are whole seconds, and clocks of machines behind one address differ a little.
const TOLERANCE: SignedDuration = SignedDuration::from_secs(2);

/// The result of the search.
#[derive(Debug, Default)]
pub(crate) struct SearchResult {
    /// The posts, where all of them were found.
    pub(super) posts: Option<WrittenPosts>,
    /// How many posts the last search read, and on which pages.
    seen: usize,
    pages: Vec<u64>,
    /// Only posts created since then, by Saki's clock, can be of this call.
    since: Option<Timestamp>,
    /// Posts with its text.
    parts: Vec<u64>,
    /// Other posts of its accounts that are as new.
    others: Vec<u64>,
    /// Whether every page was read, and of every post of its accounts it is known whether it can be of this call.
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
        for look in 0..LOOKS {
            tokio::time::sleep(self.settings.reconcile_interval * look).await;
            result = self.search_once(request, planned, began, Reach::Ends).await;
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
        let mut result = SearchResult::default();
        let mut found: Vec<Value> = Vec::new();
        let mut open = vec![1];
        let mut is_readable = true;
        while let Some(page) = open.pop() {
            let page_request = ListPosts {
                page: (page > 1).then_some(page),
                ..ListPosts::of(request.space_id)
            };
            let Ok(reply) = self.saki.list_posts(&page_request).await else {
                return result;
            };
            let saki = reply.date.and_then(|at| Timestamp::from_second(at).ok());
            let list: Map<String, Value> = reply.into_list();
            if !list.get("data").is_some_and(Value::is_array) {
                return result;
            }
            let since = *result.since.get_or_insert_with(|| {
                // Posts carry Saki's times, so the call's beginning is said in them too.
                let here = self.settings.clock.now();
                saki.unwrap_or(here) - here.duration_since(began) - TOLERANCE
            });
            result.seen += rows(&list).len();
            result.pages.push(page);
            let items = &request.body.items;
            for row in rows(&list) {
                let post = PostView::from(row);
                let is_of_account = |account| items.iter().any(|item| item.account_id.0 == account);
                if !post.is_thread_start() || !post.account_id().is_none_or(is_of_account) {
                    continue;
                }
                let Some((id, created)) = post.id().zip(post.created_at()) else {
                    is_readable = false;
                    continue;
                };
                if created < since {
                    continue;
                }
                let now = self.settings.clock.now();
                let of_another_call = self.idempotency.has_made(id, now).await;
                // Where it is not known, the post may be of another call.
                is_readable &= of_another_call.is_ok();
                if of_another_call.unwrap_or(true) {
                    continue;
                }
                match items.iter().any(|item| is_of(post, item)) {
                    true => found.push(row.clone()),
                    false => result.others.push(id),
                }
            }
            result.posts = self.unique_match(&found, request, planned).await;
            if result.posts.is_some() {
                break;
            }
            let last = last_page(&list);
            let is_read = last.map_or(next_page(&list, page).is_none(), |last| {
                result.pages.len() as u64 >= last
            });
            result.is_whole = is_read && is_readable;
            match last {
                // In whatever order Saki lists them, new posts are on the first pages or on the last ones.
                Some(last) if page == 1 => {
                    open = [last, last.saturating_sub(1), 2].into();
                    if reach == Reach::MostPages {
                        open.extend(2..=last.min(MOST_PAGES));
                    }
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
        result.parts = found
            .iter()
            .filter_map(|row| PostView::from(row).id())
            .collect();
        result
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

impl SearchResult {
    /// Whether none of the posts can be there.
    pub(super) fn shows_none_made(&self) -> bool {
        self.is_whole && self.posts.is_none() && self.parts.is_empty() && self.others.is_empty()
    }

    /// Whether no post was found with its text where new posts are expected.
    pub(super) fn shows_none_with_its_text(&self) -> bool {
        self.has_read && self.posts.is_none() && self.parts.is_empty()
    }

    /// What was read and found, in words.
    pub(crate) fn summary(&self) -> String {
        let Some(since) = self.since else {
            return "Whether the posts are there could not be looked up either.".to_owned();
        };
        let pages: Vec<String> = self.pages.iter().map(u64::to_string).collect();
        let listed = |ids: &[u64]| {
            let ids: Vec<String> = ids.iter().map(u64::to_string).collect();
            ids.join(", ")
        };
        let mut found = match self.parts.is_empty() {
            true => "none has this text".to_owned(),
            false => format!(
                "posts {} have this text, but are not surely those of this call",
                listed(&self.parts)
            ),
        };
        if !self.others.is_empty() {
            found += &format!(
                "; posts {} of its accounts have another text",
                listed(&self.others)
            );
        }
        format!(
            "Looked through {} posts of the space (page {}) for those made since {}: {found}.",
            self.seen,
            pages.join(", "),
            since.strftime("%Y-%m-%dT%H:%M:%SZ")
        )
    }
}
