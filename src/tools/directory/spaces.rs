//! Space lookup: the spaces that the key sees, and the resolution of an id or name.

use jiff::tz::TimeZone;
use serde_json::Value;

use super::account_labels::fold_name;
use super::{Directory, as_id};
use crate::saki::lenient_json;
use crate::tools::Failure;
use crate::write::quote_text::{quote_truncated, unquoted};

/// A space as far as tools need it.
#[derive(Debug, Clone)]
pub(crate) struct KnownSpace {
    pub(crate) id: u64,
    pub(crate) name: Option<String>,
    pub(crate) timezone: Option<String>,
}

impl Directory {
    /// As [`find_space`](Directory::find_space), but nothing is asked for an id: its name is there only where it was seen lately.
    pub(crate) async fn identify_space(&self, given: Option<&str>) -> Result<KnownSpace, Failure> {
        let given = self.or_pinned_space(given);
        match given.as_deref().and_then(as_id) {
            Some(id) => {
                self.require_allowed_space(id)?;
                Ok(self
                    .cached_space(id)
                    .unwrap_or_else(|| KnownSpace::unlisted(id)))
            }
            None => self.find_space(given.as_deref()).await,
        }
    }

    /// The time zone of a space, where Saki shows it.
    pub(crate) async fn space_timezone(&self, space: &KnownSpace) -> Option<TimeZone> {
        let listed = || async {
            let spaces = self.spaces().await.ok()?;
            let mut spaces = spaces.iter();
            spaces.find(|known| known.id == space.id)?.timezone.clone()
        };
        let name = match &space.timezone {
            Some(name) => Some(name.clone()),
            None => listed().await,
        };
        TimeZone::get(&name?).ok()
    }

    /// The space that is meant: by id, by exact name, or the only one.
    ///
    /// An id is good even where Saki will not list its spaces; only a name needs the list.
    pub(crate) async fn find_space(&self, given: Option<&str>) -> Result<KnownSpace, Failure> {
        let given = self.or_pinned_space(given);
        let given = given.as_deref();
        if let Some(id) = given.and_then(as_id) {
            self.require_allowed_space(id)?;
        }
        let spaces = match (self.spaces().await, given.and_then(as_id)) {
            (Ok(spaces), _) => spaces,
            (Err(_), Some(id)) => return Ok(KnownSpace::unlisted(id)),
            (Err(error), None) => return Err(error.into()),
        };
        let listed = || {
            let shown: Vec<String> = spaces.iter().map(KnownSpace::label).collect();
            match (shown.as_slice(), self.settings.policy.limit_of_spaces()) {
                ([], None) => "this key sees no space at all; create_space makes one".to_owned(),
                ([], Some(limit)) => format!("this key sees none of the operator's `{limit}`"),
                (shown, None) => format!("the spaces are: {}", shown.join(", ")),
                (shown, Some(limit)) => {
                    format!(
                        "by the operator's `{limit}` the spaces are: {}",
                        shown.join(", ")
                    )
                }
            }
        };
        let Some(given) = given else {
            return match &*spaces {
                [only] => Ok(only.clone()),
                _ => Err(Failure::argument(
                    "space_id",
                    format!(
                        "which space is meant? {}. Pass one of these ids.",
                        capital(&listed())
                    ),
                )),
            };
        };
        if let Some(id) = as_id(given) {
            let known = spaces.iter().find(|space| space.id == id).cloned();
            return Ok(known.unwrap_or_else(|| KnownSpace::unlisted(id)));
        }
        let mut matches = spaces.iter().filter(|space| space.is_named(given));
        match (matches.next(), matches.next()) {
            (Some(only), None) => {
                self.interpretations.record("space_id", given, only.label());
                Ok(only.clone())
            }
            (Some(_), Some(_)) => Err(Failure::argument(
                "space_id",
                format!(
                    "{} is the name of several spaces; {}. Pass the id.",
                    quote_truncated(given),
                    listed()
                ),
            )),
            _ => Err(Failure::argument(
                "space_id",
                format!(
                    "{} is neither an id nor the exact name of a space; {}.",
                    quote_truncated(given),
                    listed()
                ),
            )),
        }
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

impl KnownSpace {
    pub(super) fn read(row: &Value) -> Option<Self> {
        let name = lenient_json::text(row, "name").or_else(|| lenient_json::text(row, "title"));
        let timezone =
            lenient_json::text(row, "timezone").or_else(|| lenient_json::text(row, "time_zone"));
        Some(Self {
            id: lenient_json::integer(row, "id")?,
            name,
            timezone,
        })
    }

    /// A space of which only the id was given.
    pub(crate) fn unlisted(id: u64) -> Self {
        Self {
            id,
            name: None,
            timezone: None,
        }
    }

    /// Whether a text is its name or label, with or without quotation marks, or its id behind a word.
    fn is_named(&self, given: &str) -> bool {
        let fold = |text: &str| fold_name(unquoted(text)).replace(['"', '“', '”'], "");
        let (given, label) = (fold(given), fold(&self.label()));
        let named = given.strip_prefix("the ").unwrap_or(&given);
        let behind_word = named.strip_prefix("space ");
        let has_name = |name: &str| {
            !given.is_empty() && (fold(name) == given || behind_word.unwrap_or(named) == label)
        };
        (self.name.as_deref()).is_some_and(has_name) || behind_word == Some(&self.id.to_string())
    }

    pub(crate) fn label(&self) -> String {
        match &self.name {
            Some(name) => format!("{} {}", self.id, quote_truncated(name)),
            None => self.id.to_string(),
        }
    }
}
