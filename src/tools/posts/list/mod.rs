//! `list_posts`: arguments, answer and filters.

pub(crate) mod concise_row;
mod empty_page;
mod filter;
mod owner_filter;
mod page;
mod page_walk;
mod saki_filter;
mod search_match;

use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use super::PostFacts;
use crate::saki::posts::Post;
use crate::tools::directory::KnownSpace;
use crate::tools::list_and_read::SpaceOfRow;
use crate::tools::tool_result::{NoFields, WithSaki};
use crate::tools::{Failure, Tools};
use crate::write::time_range::TimeRange;
use crate::write::when;
use concise_row::ConciseRow;
pub(crate) use filter::Filter;
use owner_filter::OwnerMatch;
pub(crate) use page_walk::{Bounds, StopPoint};
use search_match::SearchTerms;

/// The arguments of `list_posts`.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("additionalProperties" = false))]
pub(crate) struct ListPostsArgs {
    /// draft, scheduled, overdue, unscheduled, published or failed, judged by each post's facts; or a status number of Saki's.
    status: Option<String>,
    /// Account by id, handle or name, or a network such as "instagram".
    account_id: Option<String>,
    /// Only this cluster.
    cluster_id: Option<String>,
    /// First day or time, e.g. "2027-04-10".
    from: Option<String>,
    /// Last day (counted whole) or time.
    to: Option<String>,
    /// IANA zone of `from`, `to` and the local times in the answer.
    timezone: Option<String>,
    /// Words or parts of words that must all be in the text; in quotes: a phrase.
    search: Option<String>,
    /// A number of the network, most first, e.g. "likes". Left out: by time.
    sort: Option<String>,
    /// Page to read, from 1.
    #[schemars(range(min = 1))]
    page: Option<u64>,
    /// "full" adds whole texts, media, thread and network numbers.
    detail: Option<Detail>,
    /// Id or exact name of the space; left out: all spaces.
    space_id: Option<String>,
}

/// How much of each post is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum Detail {
    #[default]
    Concise,
    Full,
}

/// A page of posts; a reply that is no list stays whole.
pub(crate) type PostList = WithSaki<NoFields, PostPage>;

/// Posts with their page data.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PostPage {
    /// The rows, in order of time unless sorted by a number.
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Vec<PostRow>>,
    /// The number of posts, and the next page.
    meta: PostMeta,
    /// What an empty list means.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

/// A post as one short row, or the whole post with `detail: "full"`.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
enum PostRow {
    Concise(Box<SortedRow>),
    Full(Box<WithSaki<Post, FullRow>>),
    /// A value that is no post.
    Other(Value),
}

/// A short row with the number that it is sorted by.
#[derive(Debug, Serialize, JsonSchema)]
struct SortedRow {
    #[serde(flatten)]
    row: ConciseRow,
    /// The number of the network that the rows are sorted by.
    #[serde(skip_serializing_if = "Option::is_none")]
    sorted_by: Option<Number>,
}

/// What this server adds to a whole post of a list.
#[derive(Debug, Serialize, JsonSchema)]
struct FullRow {
    #[serde(flatten)]
    facts: PostFacts,
    #[serde(flatten)]
    space: SpaceOfRow,
}

/// The number of posts, and the next page.
#[derive(Debug, Default, Serialize, JsonSchema)]
struct PostMeta {
    /// Matching posts, on all pages.
    count: usize,
    /// Whether every post was read; if not, `looked` says how far.
    complete: bool,
    /// How far the search went before it stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    looked: Option<String>,
    /// Page to pass for the next rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page: Option<u64>,
    /// Zone of the local times.
    timezone: Option<String>,
    /// The present time in that zone.
    now: String,
}

impl Tools {
    pub(crate) async fn list_matching(&self, args: ListPostsArgs) -> Result<PostList, Failure> {
        let spaces = self.selected_spaces(args.space_id.as_deref()).await?;
        let zone = self.zone_of(args.timezone.as_deref(), &spaces)?;
        let mut filter = Filter {
            range: self.range(&args, &zone)?,
            cluster_id: args.cluster_id.as_deref().map(|id| id.trim().to_owned()),
            search: SearchTerms::parse(args.search.as_deref().unwrap_or_default()),
            ..Filter::default()
        };
        if let Some(status) = &args.status {
            filter.set_status(status)?;
        }
        let owners = self.owner_filter(args.account_id.as_deref(), spaces);
        let OwnerMatch { spaces, owner } = owners.await?;
        filter.owner = owner;
        self.filtered_page(&spaces, &args, &filter, &zone).await
    }

    /// The space that is named, else all of them.
    pub(crate) async fn selected_spaces(
        &self,
        given: Option<&str>,
    ) -> Result<Vec<KnownSpace>, Failure> {
        match self.directory.or_pinned_space(given) {
            Some(given) => Ok(vec![self.directory.find_space(Some(&given)).await?]),
            None => self.directory.every_space().await,
        }
    }

    fn range(&self, args: &ListPostsArgs, zone: &TimeZone) -> Result<TimeRange, Failure> {
        let (from, to) = (args.from.as_deref(), args.to.as_deref());
        let range = TimeRange::parse(from, to, zone)
            .map_err(|(field, why)| Failure::argument(field, why))?;
        let ends = [
            ("from", from, range.from, ""),
            ("to", to, range.until, "before "),
        ];
        for (field, given, at, before) in ends {
            if let (Some(given), Some(at)) = (given, at)
                && !when::is_exact(given)
            {
                self.interpretations
                    .record(field, given, format!("{before}{at}"));
            }
        }
        // Days are read in the zone that `meta.timezone` names.
        self.interpretations.mark_echoed(&["from", "to"]);
        Ok(range)
    }
}
