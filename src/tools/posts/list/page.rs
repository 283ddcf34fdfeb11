//! Pages of `list_posts`: Saki's own pages where we filter nothing, else pages of the matching posts.

use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use super::concise_row::ConciseRow;
use super::filter::{Filter, OwnerFilter};
use super::page_walk::{Bounds, WalkResult};
use super::{Detail, FullRow, ListPostsArgs, PostList, PostMeta, PostPage, PostRow, empty_page};
use crate::saki::posts::{ListPosts, PostView};
use crate::saki::{SpaceId, lenient_json};
use crate::tools::directory::KnownSpace;
use crate::tools::list_and_read::SpaceOfRow;
use crate::tools::posts::LocalTime;
use crate::tools::tool_result::WithSaki;
use crate::tools::{Failure, Tools};

/// Rows on a page of filtered posts.
const PER_PAGE: usize = 25;

impl Tools {
    /// A page as Saki counts it.
    pub(super) async fn page_of_saki(
        &self,
        space: &KnownSpace,
        args: &ListPostsArgs,
        filter: &Filter,
        zone: &TimeZone,
    ) -> Result<PostList, Failure> {
        let account_id = match &filter.owner {
            Some(OwnerFilter::Account(id)) => Some(id.to_string()),
            _ => None,
        };
        let request = ListPosts {
            status: filter.saki_status.clone(),
            account_id,
            page: args.page,
            ..ListPosts::of(SpaceId(space.id))
        };
        let mut list = self.saki.list_posts(&request).await?.into_list();
        let meta = list.shift_remove("meta").unwrap_or_default();
        let count = |name: &str| lenient_json::integer(&meta, name);
        let pages = count("current_page").zip(count("last_page"));
        let field = |name: &str| meta.get(name).cloned();
        let meta = PostMeta {
            current_page: field("current_page"),
            last_page: field("last_page"),
            per_page: field("per_page"),
            total: field("total"),
            next_page: pages.and_then(|(page, last)| (page < last).then_some(page + 1)),
            ..PostMeta::default()
        };
        let rows = match list.shift_remove("data") {
            Some(Value::Array(rows)) => Some(rows),
            other => {
                list.extend(other.map(|other| ("data".to_owned(), other)));
                None
            }
        };
        let rows = rows.map(|rows| {
            rows.into_iter()
                .map(|post| (SpaceOfRow::default(), post))
                .collect()
        });
        let page = self.post_page(rows, meta, args, zone);
        let note = empty_page::note(&page, args, filter, std::slice::from_ref(space));
        Ok(WithSaki::new(PostPage { note, ..page }, list))
    }

    /// A page of the posts that match, counted here.
    pub(super) async fn filtered_page(
        &self,
        spaces: &[KnownSpace],
        args: &ListPostsArgs,
        filter: &Filter,
        zone: &TimeZone,
    ) -> Result<PostList, Failure> {
        let now = self.settings.clock.now();
        let (mut posts, mut stopped) = (Vec::new(), Vec::new());
        let mut shows_no_list = false;
        let mut bounds = Bounds::start();
        for (index, space) in spaces.iter().enumerate() {
            let all = ListPosts {
                status: filter.saki_status.clone(),
                ..ListPosts::of(SpaceId(space.id))
            };
            let walked = match self.posts_around(all, filter.range, bounds).await {
                // What the spaces before have told is worth more than an error.
                Err(error) if index > 0 && error.status() == Some(429) => {
                    WalkResult::rate_limited()
                }
                walked => walked?,
            };
            bounds.posts = bounds.posts.saturating_sub(walked.posts.len()).max(1);
            shows_no_list |= walked.shows_no_list();
            stopped.extend(walked.stopped.map(|how| match spaces.len() {
                1 => how.to_string(),
                _ => format!("{}: {how}", space.label()),
            }));
            let of_space = match spaces.len() {
                1 => SpaceOfRow::default(),
                _ => SpaceOfRow::of(space),
            };
            let matching = walked
                .posts
                .into_iter()
                .filter(|post| filter.matches(PostView::from(post), now));
            posts.extend(matching.map(|post| (of_space.clone(), post)));
        }
        // What has no time stands at the end.
        posts.sort_by_key(|(_, post)| {
            let at = PostView::from(post).published_or_scheduled_at();
            (at.is_none(), at)
        });
        let count = posts.len();
        let page = args.page.unwrap_or(1);
        let skipped = usize::try_from(page - 1)
            .unwrap_or(usize::MAX)
            .saturating_mul(PER_PAGE);
        let rows = posts.into_iter().skip(skipped).take(PER_PAGE).collect();
        let meta = PostMeta {
            count: Some(count),
            complete: Some(stopped.is_empty()),
            looked: (!stopped.is_empty()).then(|| stopped.join("; ")),
            next_page: (skipped.saturating_add(PER_PAGE) < count).then_some(page + 1),
            ..PostMeta::default()
        };
        let page = self.post_page(Some(rows), meta, args, zone);
        let note = match shows_no_list {
            true => empty_page::missing_rows_note(&page, spaces),
            false => empty_page::note(&page, args, filter, spaces),
        };
        Ok(WithSaki::new(PostPage { note, ..page }, Map::new()))
    }

    fn post_page(
        &self,
        rows: Option<Vec<(SpaceOfRow, Value)>>,
        meta: PostMeta,
        args: &ListPostsArgs,
        zone: &TimeZone,
    ) -> PostPage {
        let now = self.settings.clock.now();
        let row = |(space, post): (SpaceOfRow, Value)| match (args.detail.unwrap_or_default(), post)
        {
            (Detail::Concise, post @ Value::Object(_)) => PostRow::Concise(Box::new(
                ConciseRow::of(PostView::from(&post), space, now, zone),
            )),
            (Detail::Full, Value::Object(post)) => {
                let view = PostView::from(&post);
                let time = LocalTime::of(view, &self.zone(), now);
                let state = view.state(now);
                let facts = FullRow { state, time, space };
                PostRow::Full(Box::new(WithSaki::new(facts, post)))
            }
            (_, other) => PostRow::Other(other),
        };
        PostPage {
            data: rows.map(|rows| rows.into_iter().map(row).collect()),
            meta: PostMeta {
                timezone: zone.iana_name().map(str::to_owned),
                ..meta
            },
            note: None,
        }
    }
}
