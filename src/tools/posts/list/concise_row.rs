//! A post as one short row.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::saki::lenient;
use crate::tools::directory::Account;
use crate::tools::escape_hidden;
use crate::tools::posts::post_state::{State, failure};
use crate::write::quote::{single_line, truncate};
use crate::write::when::When;

/// How much of a text tells which post it is.
const BEGINNING: usize = 140;

/// A post as one short row; with `detail: "full"` the whole post stands there instead.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Row {
    /// Id of the post.
    id: u64,
    /// What it is by its facts: draft, scheduled, overdue, unscheduled, published or failed.
    state: String,
    /// Saki's own status code.
    status: i64,
    /// When it goes out or was to go out, in UTC.
    scheduled_at: Option<String>,
    /// When it went out, in UTC.
    published_at: Option<String>,
    /// The time as a person reads it.
    local: Option<String>,
    /// The account: id, handle and network.
    account: String,
    /// The beginning of the text.
    content: String,
    /// Number of pictures and videos.
    media: Option<u64>,
    /// Posts of a thread below the first.
    thread: Option<u64>,
    /// The cluster it belongs to.
    cluster_id: String,
    /// Why it failed.
    failure: Option<String>,
    /// Id of its space, where posts of several spaces are listed.
    space_id: Option<u64>,
    /// Name of its space, where posts of several spaces are listed.
    space: Option<String>,
}

/// The row of a post, silent about what is not there.
pub(in crate::tools::posts) fn concise(post: &Value, now: Timestamp, zone: &TimeZone) -> Value {
    if !post.is_object() {
        return post.clone();
    }
    let mut row = Map::new();
    let mut say = |name: &str, value: Value| {
        if !value.is_null() {
            row.insert(name.to_owned(), value);
        }
    };
    let field = |name: &str| post.get(name).cloned().unwrap_or_default();
    let published = lenient::text(post, "published_at");
    say("id", field("id"));
    say("state", json!(State::of(post, now).word()));
    say("status", field("status"));
    let at = if published.is_some() {
        "published_at"
    } else {
        "scheduled_at"
    };
    if let Some(instant) = lenient::text(post, at).and_then(|at| at.parse::<Timestamp>().ok()) {
        let when = When::at_instant(instant, zone.clone());
        say(at, json!(when.utc()));
        say("local", json!(short(&when, zone, now)));
    } else {
        say(at, field(at));
    }
    say("account", json!(account(post)));
    say(
        "content",
        json!(beginning(
            &lenient::text(post, "content").unwrap_or_default()
        )),
    );
    let count = |name: &str| {
        post.get(name)
            .and_then(Value::as_array)
            .map(Vec::len)
            .filter(|count| *count > 0)
    };
    say("media", json!(count("media")));
    say("thread", json!(count("children")));
    say("cluster_id", field("cluster_id"));
    say("failure", json!(failure(post).map(|why| beginning(&why))));
    say("space_id", field("space_id"));
    say("space", field("space"));
    row.values_mut().for_each(show);
    Value::Object(row)
}

/// Makes visible what hides and cuts what is long, wherever Saki has put a text.
fn show(value: &mut Value) {
    match value {
        Value::String(text) => *text = beginning(text),
        Value::Array(items) => items.iter_mut().for_each(show),
        Value::Object(fields) => {
            *fields = std::mem::take(fields)
                .into_iter()
                .map(|(name, value)| (escape_hidden(&name).into_owned(), value))
                .collect();
            fields.values_mut().for_each(show);
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
    let known = post.get("account").and_then(Account::read);
    match known {
        Some(account) => Some(account.label()),
        None => lenient::integer(post, "account_id").map(|id| id.to_string()),
    }
}

fn beginning(text: &str) -> String {
    truncate(&escape_hidden(&single_line(text)), BEGINNING).into_owned()
}
