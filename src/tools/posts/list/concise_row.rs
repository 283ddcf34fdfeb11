//! Concise rows: a post as one short row.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use crate::saki::posts::{PostState, PostView};
use crate::tools::escape_hidden;
use crate::tools::list_and_read::SpaceOfRow;
use crate::tools::posts::post_facts::{SEE_POST, account_label, post_time, time_until};
use crate::write::account_ref::AccountRef;
use crate::write::quote_text::{single_line, truncate};
use crate::write::when::When;

/// Characters of a text that a row shows.
const EXCERPT: usize = 140;

/// A post as one short row, without the fields that it lacks.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ConciseRow {
    /// Id of the post.
    #[serde(skip_serializing_if = "Shortened::is_null")]
    id: Shortened,
    /// What it is by its facts: draft, scheduled, overdue, unscheduled, published or failed.
    state: PostState,
    /// Saki's own status code.
    #[serde(skip_serializing_if = "Shortened::is_null")]
    status: Shortened,
    /// When it goes out or was to go out, in UTC.
    #[serde(skip_serializing_if = "Shortened::is_null")]
    scheduled_at: Shortened,
    /// When it went out, in UTC.
    #[serde(skip_serializing_if = "Shortened::is_null")]
    published_at: Shortened,
    /// The time as a person reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    local: Option<String>,
    /// How long until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    r#in: Option<String>,
    /// The account: id, handle and network.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    /// The beginning of the text.
    content: String,
    /// Number of pictures and videos.
    #[serde(skip_serializing_if = "Option::is_none")]
    media: Option<usize>,
    /// Posts of a thread below the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    thread: Option<usize>,
    /// The cluster it belongs to.
    #[serde(skip_serializing_if = "Shortened::is_null")]
    cluster_id: Shortened,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    #[serde(flatten)]
    space: SpaceOfRow,
}

/// A field of Saki's with its texts shortened, whatever it is.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(transparent)]
struct Shortened(Value);

impl Shortened {
    fn new(mut value: Value) -> Self {
        shorten(&mut value);
        Self(value)
    }

    fn is_null(&self) -> bool {
        self.0.is_null()
    }
}

impl ConciseRow {
    pub(crate) fn of(
        post: PostView<'_>,
        space: SpaceOfRow,
        accounts: &[AccountRef],
        (zone, now): (&TimeZone, Timestamp),
    ) -> Self {
        let field = |name: &str| Shortened::new(post.raw(name));
        let name = match post.is_published() {
            true => "published_at",
            false => "scheduled_at",
        };
        let time = post_time(post);
        let when = time.map(|at| When::at_instant(at, zone.clone()));
        let at = match &when {
            Some(when) => Shortened(when.utc().into()),
            None => field(name),
        };
        let (published_at, scheduled_at) = match post.is_published() {
            true => (at, Shortened::default()),
            false => (Shortened::default(), at),
        };
        let state = post.state(now);
        let thread = post.children().map(|children| children.len());
        Self {
            id: field("id"),
            state,
            status: field("status"),
            scheduled_at,
            published_at,
            local: when.map(|when| short_time(&when, zone, now)),
            r#in: time_until(state, time, now),
            account: account_label(post, accounts).map(|account| excerpt(&account)),
            content: excerpt(&post.content_text()),
            media: post.media_count().filter(|count| *count > 0),
            thread: thread.filter(|count| *count > 0),
            cluster_id: field("cluster_id"),
            failure: match (post.failure_reason(), state) {
                (Some(why), _) => Some(excerpt(&why)),
                (None, PostState::Failed) => Some(SEE_POST.to_owned()),
                (None, _) => None,
            },
            space: space.map_name(excerpt),
        }
    }
}

/// A post as one short row, for a preview or a sentence.
pub(crate) fn concise_row(post: PostView<'_>, now: Timestamp, zone: &TimeZone) -> Value {
    json!(ConciseRow::of(
        post,
        SpaceOfRow::default(),
        &[],
        (zone, now)
    ))
}

/// Escapes hidden characters and cuts long texts, at any depth.
fn shorten(value: &mut Value) {
    match value {
        Value::String(text) => *text = excerpt(text),
        Value::Array(items) => items.iter_mut().for_each(shorten),
        Value::Object(fields) => {
            *fields = std::mem::take(fields)
                .into_iter()
                .map(|(name, value)| (escape_hidden(&name).into_owned(), value))
                .collect();
            fields.values_mut().for_each(shorten);
        }
        _ => {}
    }
}

/// `Sat 10 Apr, 09:00`; the year only where it is another one, the zone once beside the rows.
pub(crate) fn short_time(when: &When, zone: &TimeZone, now: Timestamp) -> String {
    let local = when.at().to_zoned_datetime(zone.clone());
    let this_year = now.to_zoned_datetime(zone.clone()).year() == local.year();
    local
        .strftime(if this_year {
            "%a %-d %b, %H:%M"
        } else {
            "%a %-d %b %Y, %H:%M"
        })
        .to_string()
}

fn excerpt(text: &str) -> String {
    truncate(&escape_hidden(&single_line(text)), EXCERPT).into_owned()
}
