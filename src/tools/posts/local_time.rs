//! The time of a scheduled post as a person reads it, beside the UTC that Saki gives.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::saki::posts::Post;
use crate::tools::Tools;
use crate::write::when::When;

/// A post as tools show it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Shown {
    #[serde(flatten)]
    post: Post,
    /// The time in `scheduled_at` as a person reads it.
    local: Option<String>,
    /// How long until then.
    r#in: Option<String>,
}

/// A time as Saki writes it, as a person reads it.
pub(in crate::tools::posts) fn local(at: &str, zone: TimeZone) -> Option<String> {
    let at = at.parse::<Timestamp>().ok()?;
    Some(When::at_instant(at, zone).local())
}

impl Tools {
    /// The zone that times are shown in.
    pub(crate) fn zone(&self) -> TimeZone {
        self.settings.timezone.clone().unwrap_or(TimeZone::UTC)
    }

    /// Puts `local` and `in` into every post of a list.
    pub(crate) fn say_local_times(&self, list: &mut Map<String, Value>) {
        let rows = list.get_mut("data").and_then(Value::as_array_mut);
        for post in rows.into_iter().flatten().filter_map(Value::as_object_mut) {
            self.say_local_time(post);
        }
    }

    /// Puts `local` and `in` into a post that has a time.
    pub(crate) fn say_local_time(&self, post: &mut Map<String, Value>) {
        let at = post.get("scheduled_at").and_then(Value::as_str);
        let Some(at) = at.and_then(|at| at.parse::<Timestamp>().ok()) else {
            return;
        };
        let when = When::at_instant(at, self.zone());
        let now = self.settings.clock.now();
        let mut say = |name: &str, text: String| {
            // A field that Saki sends is Saki's.
            post.entry(name).or_insert_with(|| json!(text));
        };
        say("local", when.local());
        if at > now {
            say("in", when.ahead(now));
        }
    }
}
