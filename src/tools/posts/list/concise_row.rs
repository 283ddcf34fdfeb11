//! A post as one short row.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use crate::saki::lenient;
use crate::tools::directory::KnownAccount;
use crate::tools::escape_hidden;
use crate::tools::posts::post_state::{State, failure};
use crate::tools::reads::SpaceOfRow;
use crate::write::quote::{single_line, truncate};
use crate::write::when::When;

/// How much of a text tells which post it is.
const BEGINNING: usize = 140;

/// A post as one short row, silent about what is not there.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ConciseRow {
    /// Id of the post.
    #[serde(skip_serializing_if = "Shortened::is_null")]
    id: Shortened,
    /// What it is by its facts: draft, scheduled, overdue, unscheduled, published or failed.
    state: State,
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

    fn field(post: &Value, name: &str) -> Self {
        Self::new(post.get(name).cloned().unwrap_or_default())
    }

    fn is_null(&self) -> bool {
        self.0.is_null()
    }
}

impl ConciseRow {
    pub(in crate::tools::posts) fn of(
        post: &Value,
        space: SpaceOfRow,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Self {
        let published = lenient::text(post, "published_at");
        let field = match published {
            Some(_) => "published_at",
            None => "scheduled_at",
        };
        let instant = lenient::text(post, field).and_then(|at| at.parse::<Timestamp>().ok());
        let when = instant.map(|at| When::at_instant(at, zone.clone()));
        let at = match &when {
            Some(when) => Shortened(when.utc().into()),
            None => Shortened::field(post, field),
        };
        let (published_at, scheduled_at) = match published {
            Some(_) => (at, Shortened::default()),
            None => (Shortened::default(), at),
        };
        let count = |name: &str| {
            let items = post.get(name).and_then(Value::as_array);
            items.map(Vec::len).filter(|count| *count > 0)
        };
        Self {
            id: Shortened::field(post, "id"),
            state: State::of(post, now),
            status: Shortened::field(post, "status"),
            scheduled_at,
            published_at,
            local: when.map(|when| short(&when, zone, now)),
            account: account(post).map(|account| beginning(&account)),
            content: beginning(&lenient::text(post, "content").unwrap_or_default()),
            media: count("media"),
            thread: count("children"),
            cluster_id: Shortened::field(post, "cluster_id"),
            failure: failure(post).map(|why| beginning(&why)),
            space: space.map_name(beginning),
        }
    }
}

/// A post as one short row, for a preview or a sentence.
pub(in crate::tools::posts) fn concise(post: &Value, now: Timestamp, zone: &TimeZone) -> Value {
    match post.is_object() {
        true => json!(ConciseRow::of(post, SpaceOfRow::default(), now, zone)),
        false => post.clone(),
    }
}

/// Makes visible what hides and cuts what is long, wherever Saki has put a text.
fn shorten(value: &mut Value) {
    match value {
        Value::String(text) => *text = beginning(text),
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
fn short(when: &When, zone: &TimeZone, now: Timestamp) -> String {
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

fn account(post: &Value) -> Option<String> {
    let known = post.get("account").and_then(KnownAccount::read);
    match known {
        Some(account) => Some(account.label()),
        None => lenient::integer(post, "account_id").map(|id| id.to_string()),
    }
}

fn beginning(text: &str) -> String {
    truncate(&escape_hidden(&single_line(text)), BEGINNING).into_owned()
}
