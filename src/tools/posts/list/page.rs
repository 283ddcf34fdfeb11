//! Pages of `list_posts`: the posts that match, in one order, counted and cut into pages here.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Number, Value};

use super::concise_row::ConciseRow;
use super::filter::Filter;
use super::page_walk::{Bounds, WalkResult};
use super::{
    Detail, FullRow, ListPostsArgs, PostList, PostMeta, PostPage, PostRow, SortedRow, empty_page,
};
use crate::saki::SpaceId;
use crate::saki::posts::PostView;
use crate::tools::directory::KnownSpace;
use crate::tools::list_and_read::SpaceOfRow;
use crate::tools::posts::PostFacts;
use crate::tools::tool_result::WithSaki;
use crate::tools::{Failure, Tools, escape_hidden};
use crate::write::account_ref::AccountRef;
use crate::write::quote_text::quote_truncated;
use crate::write::when::When;

/// Rows on a page.
const PER_PAGE: usize = 25;
/// Names of numbers that a refusal lists.
const MOST_NAMES: usize = 30;

impl Tools {
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
        let mut without_list = None;
        let mut bounds = Bounds::start();
        for (index, space) in spaces.iter().enumerate() {
            let walked = match self.posts_for(SpaceId(space.id), filter, bounds).await {
                // What the spaces before have told is worth more than an error.
                Err(error) if index > 0 && error.status() == Some(429) => {
                    WalkResult::rate_limited()
                }
                walked => walked?,
            };
            bounds.posts = bounds.posts.saturating_sub(walked.posts.len()).max(1);
            without_list = walked.without_list.or(without_list);
            stopped.extend(walked.stopped.map(|how| match spaces.len() {
                1 => how.to_string(),
                _ => format!("{}: {how}", space.label()),
            }));
            let of_space = match spaces.len() {
                1 => SpaceOfRow::default(),
                _ => SpaceOfRow::of(space),
            };
            let unread = walked.posts.iter();
            let unread = unread.filter(|post| filter.lacks_text_of(PostView::from(*post), now));
            let unread = Some(unread.count()).filter(|count| *count > 0);
            stopped.extend(unread.map(|count| match spaces.len() {
                1 => format!("Saki shows no text of {count} posts"),
                _ => format!("{}: Saki shows no text of {count} posts", space.label()),
            }));
            let matching: Vec<Value> = walked
                .posts
                .into_iter()
                .filter(|post| filter.matches(PostView::from(post), now))
                .collect();
            let views = matching.iter().map(PostView::from);
            let accounts: Arc<[AccountRef]> =
                self.accounts_of(views, SpaceId(space.id)).await.into();
            let row = |post| Row {
                space: of_space.clone(),
                accounts: accounts.clone(),
                post,
            };
            posts.extend(matching.into_iter().map(row));
        }
        if let Some(cluster_id) = filter.only_cluster()
            && posts.is_empty()
            && stopped.is_empty()
        {
            let why = format!(
                "no post has the cluster id {}; list_posts without it shows it beside each post.",
                quote_truncated(cluster_id)
            );
            return Err(Failure::argument("cluster_id", why));
        }
        // What has no time stands at the end; equal times stand in the order of ids, whatever Saki's order.
        posts.sort_by_cached_key(|row| {
            let (at, id) = (row.view().published_or_scheduled_at(), row.view().id());
            (at.is_none(), at, id.is_none(), id)
        });
        if let Some(sort) = &args.sort {
            sort_by_metric(&mut posts, sort)?;
        }
        let count = posts.len();
        let page = args.page.unwrap_or(1);
        let skipped = usize::try_from(page - 1)
            .unwrap_or(usize::MAX)
            .saturating_mul(PER_PAGE);
        let shown = posts.into_iter().skip(skipped).take(PER_PAGE);
        let rows = shown.map(|row| self.post_row(row, args, (zone, now)));
        let without_list_alone = without_list.is_some() && spaces.len() == 1;
        let mut page = PostPage {
            data: (!without_list_alone).then(|| rows.collect()),
            meta: PostMeta {
                count,
                complete: stopped.is_empty(),
                looked: (!stopped.is_empty()).then(|| stopped.join("; ")),
                next_page: (skipped.saturating_add(PER_PAGE) < count).then_some(page + 1),
                timezone: zone.iana_name().map(str::to_owned),
                now: When::at_instant(now, zone.clone()).local(),
            },
            note: None,
        };
        page.note = match without_list {
            Some(_) => empty_page::missing_rows_note(&page, spaces),
            None => empty_page::note(&page, args, filter, spaces),
        };
        let rest = without_list.filter(|_| without_list_alone);
        Ok(WithSaki::new(page, rest.unwrap_or_default()))
    }

    fn post_row(&self, row: Row, args: &ListPostsArgs, time: (&TimeZone, Timestamp)) -> PostRow {
        let Row {
            space,
            accounts,
            post,
        } = row;
        match (args.detail.unwrap_or_default(), post) {
            (Detail::Concise, post @ Value::Object(_)) => {
                let post = PostView::from(&post);
                let number = args.sort.as_deref().and_then(|sort| post.metric(sort));
                PostRow::Concise(Box::new(SortedRow {
                    row: ConciseRow::of(post, space, &accounts, time),
                    sorted_by: number.and_then(whole_if_possible),
                }))
            }
            (Detail::Full, Value::Object(post)) => {
                let facts = PostFacts::of(PostView::from(&post), &accounts, time.0, time.1);
                PostRow::Full(Box::new(WithSaki::new(FullRow { facts, space }, post)))
            }
            (_, other) => PostRow::Other(other),
        }
    }
}

/// A matching post before it is shown.
struct Row {
    space: SpaceOfRow,
    /// The accounts of its space, where they are needed.
    accounts: Arc<[AccountRef]>,
    post: Value,
}

impl Row {
    fn view(&self) -> PostView<'_> {
        PostView::from(&self.post)
    }
}

/// Puts the posts with the most of it first, and those without it at the end.
fn sort_by_metric(posts: &mut [Row], name: &str) -> Result<(), Failure> {
    let is_known = |row: &Row| row.view().metric(name).is_some();
    if !posts.is_empty() && !posts.iter().any(is_known) {
        let all = posts.iter().flat_map(|row| row.view().metrics());
        let names: BTreeSet<String> = all.map(|(name, _)| escape_hidden(&name).into()).collect();
        let names: Vec<String> = names.into_iter().take(MOST_NAMES).collect();
        let shown = match names.is_empty() {
            true => "Saki shows no numbers of these posts; leave `sort` out".to_owned(),
            false => format!("Saki shows these: {}", names.join(", ")),
        };
        let why = format!("no post has a number {}; {shown}.", quote_truncated(name));
        return Err(Failure::argument("sort", why).quoting_others());
    }
    let number = |row: &Row| row.view().metric(name).unwrap_or(f64::NEG_INFINITY);
    posts.sort_by(|one, other| number(other).total_cmp(&number(one)));
    Ok(())
}

/// A number without a fraction where it has none.
fn whole_if_possible(number: f64) -> Option<Number> {
    match number.fract() == 0.0 && number.abs() < 1e15 {
        true => Some(Number::from(number as i64)),
        false => Number::from_f64(number),
    }
}
