//! `list_posts`: the question a person asks is one call.

pub(in crate::tools::posts) mod concise_row;
mod empty_page;
mod filter;
mod owner_filter;
mod page;
mod page_walk;

use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::LocalTime;
use crate::saki::posts::{Post, PostState};
use crate::tools::directory::KnownSpace;
use crate::tools::reads::SpaceOfRow;
use crate::tools::tool_result::{NoFields, WithSaki};
use crate::tools::{Failure, Tools};
use crate::write::quote_text::quote_truncated;
use crate::write::time_range::TimeRange;
use crate::write::when::{self, zone};
use concise_row::ConciseRow;
use filter::{Filter, OwnerFilter};

/// The arguments of `list_posts`.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("additionalProperties" = false))]
pub(crate) struct ListPostsArgs {
    /// draft, scheduled, overdue, unscheduled, published or failed, decided by each post's facts; or a number for Saki's own status filter.
    status: Option<String>,
    /// Account by id, handle or name, or a network such as "instagram".
    account_id: Option<String>,
    /// First day or time, e.g. "2027-04-10"; whole days count in full.
    from: Option<String>,
    /// Last day or time, e.g. "2027-04-16".
    to: Option<String>,
    /// IANA zone of `from`, `to` and of the local times in the answer.
    timezone: Option<String>,
    /// Words that must all be in the text.
    search: Option<String>,
    /// Page to read, from 1.
    #[schemars(range(min = 1))]
    page: Option<u64>,
    /// "concise" rows (default) or the "full" posts.
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
    /// The rows; in order of time if this server filtered them.
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
    Concise(Box<ConciseRow>),
    Full(Box<WithSaki<Post, FullRow>>),
    /// A value that is no post.
    Other(Value),
}

/// What this server adds to a whole post of a list.
#[derive(Debug, Serialize, JsonSchema)]
struct FullRow {
    /// Its state by its facts: draft, scheduled, overdue, unscheduled, published or failed.
    state: PostState,
    #[serde(flatten)]
    time: LocalTime,
    #[serde(flatten)]
    space: SpaceOfRow,
}

/// The number of posts, and the next page.
#[derive(Debug, Default, Serialize, JsonSchema)]
struct PostMeta {
    /// This page, from 1, if Saki counts pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    current_page: Option<Value>,
    /// The last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_page: Option<Value>,
    /// Rows on a full page.
    #[serde(skip_serializing_if = "Option::is_none")]
    per_page: Option<Value>,
    /// Rows on all pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<Value>,
    /// Matching posts, on all pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<usize>,
    /// Whether every post was read; if not, `looked` says how far.
    #[serde(skip_serializing_if = "Option::is_none")]
    complete: Option<bool>,
    /// How far the search went before it stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    looked: Option<String>,
    /// Page to pass for the next rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page: Option<u64>,
    /// Zone of the local times.
    timezone: Option<String>,
}

impl Tools {
    pub(in crate::tools::posts) async fn list_matching(
        &self,
        args: ListPostsArgs,
    ) -> Result<PostList, Failure> {
        let spaces = match self.directory.given_or_pinned(args.space_id.as_deref()) {
            Some(given) => vec![self.directory.find_space(Some(&given)).await?],
            None => self.directory.every_space().await?,
        };
        let zone = self.zone_of(&args, &spaces)?;
        let mut filter = Filter {
            range: self.range(&args, &zone)?,
            ..Filter::default()
        };
        filter.search(args.search.as_deref().unwrap_or_default());
        filter.state = args
            .status
            .as_deref()
            .map(state_or_number)
            .transpose()?
            .flatten();
        let (spaces, owner) = self
            .owner_filter(args.account_id.as_deref(), spaces)
            .await?;
        filter.owner = owner;
        let by_network = matches!(filter.owner, Some(OwnerFilter::Network(_)));
        let filtered = !filter.range.is_unbounded()
            || !filter.words.is_empty()
            || filter.state.is_some()
            || by_network;
        match spaces.as_slice() {
            [only] if !filtered => self.page_of_saki(only, &args, &filter, &zone).await,
            _ => self.filtered_page(&spaces, &args, &filter, &zone).await,
        }
    }

    /// The call's zone, else the default, else the one that all spaces share.
    fn zone_of(&self, args: &ListPostsArgs, spaces: &[KnownSpace]) -> Result<TimeZone, Failure> {
        if let Some(given) = &args.timezone {
            return zone(given).map_err(|why| Failure::argument("timezone", why));
        }
        let mut zones = spaces
            .iter()
            .map(|space| space.timezone.as_deref().and_then(|name| zone(name).ok()));
        let first = zones.next().flatten();
        let shared = first.filter(|first| zones.all(|other| other.as_ref() == Some(first)));
        Ok(self
            .settings
            .timezone
            .clone()
            .or(shared)
            .unwrap_or(TimeZone::UTC))
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

/// A status number, which only Saki's own filter understands.
fn status_number(args: &ListPostsArgs) -> Option<String> {
    args.status
        .clone()
        .filter(|status| status.trim().parse::<u64>().is_ok())
}

/// A state by its word; a number is Saki's own filter.
fn state_or_number(given: &str) -> Result<Option<PostState>, Failure> {
    let word = given.trim().to_ascii_lowercase();
    if word.parse::<u64>().is_ok() {
        return Ok(None);
    }
    serde_json::from_value(json!(word)).map(Some).map_err(|_| {
        let why = format!("{} is no state of a post; it takes draft, scheduled, overdue, unscheduled, published, failed, or a status number.", quote_truncated(given));
        Failure::argument("status", why)
    })
}
