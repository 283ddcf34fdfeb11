//! Space lookup: the spaces that the key sees, and the resolution of an id or name.

use jiff::tz::TimeZone;
use serde_json::Value;

use super::account_labels::fold_name;
use super::{Directory, as_id};
use crate::saki::lenient_json;
use crate::tools::Failure;
use crate::write::account_ref::quote_if_needed;
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
        let Some(given) = given else {
            return match &*spaces {
                [only] => Ok(only.clone()),
                _ => Err(self.which_space(&spaces, "")),
            };
        };
        if let Some(id) = as_id(given) {
            let known = spaces.iter().find(|space| space.id == id).cloned();
            return Ok(known.unwrap_or_else(|| KnownSpace::unlisted(id)));
        }
        let matches: Vec<&KnownSpace> = spaces
            .iter()
            .filter(|space| space.is_named(given))
            .collect();
        let (quoted, listed) = (quote_truncated(given), self.listed(&spaces));
        let refusal = match (matches.as_slice(), read_label(given)) {
            ([only], _) => {
                self.interpretations.record("space_id", given, only.label());
                return Ok((*only).clone());
            }
            ([], Some((id, _))) if spaces.iter().any(|space| space.id == id) => {
                format!(
                    "the id and the name in {quoted} are not of one space; {listed}. Pass the id."
                )
            }
            ([], _) => {
                format!("{quoted} is neither an id nor the exact name of a space; {listed}.")
            }
            _ => format!("{quoted} is the name of several spaces; {listed}. Pass the id."),
        };
        Err(Failure::argument("space_id", refusal))
    }

    /// The refusal of a call whose space is not clear.
    pub(super) fn which_space(&self, spaces: &[KnownSpace], hint: &str) -> Failure {
        let listed = capital(&self.listed(spaces));
        let text = format!("which space is meant? {listed}. Pass one of these ids.{hint}");
        Failure::argument("space_id", text)
    }

    fn listed(&self, spaces: &[KnownSpace]) -> String {
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
    }
}

/// The id of a space and what else a label shows, as in `1 "Acme Coffee"`, `Acme Coffee (1)` or `the space 1`.
fn read_label<'a>(given: &'a str) -> Option<(u64, &'a str)> {
    let without_word = |text: &'a str, word: &str| match text.split_once(' ') {
        Some((first, rest)) if first.eq_ignore_ascii_case(word) => rest.trim(),
        _ => text,
    };
    let text = without_word(without_word(given.trim(), "the"), "space");
    let behind = || {
        let (name, id) = text.strip_suffix(')')?.rsplit_once('(')?;
        Some((as_id(id)?, name.trim()))
    };
    let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
    let before = as_id(first.trim_end_matches([':', ',']));
    before.map(|id| (id, rest.trim())).or_else(behind)
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

    /// Whether a name, with or without quotation marks, or a label is its own.
    fn is_named(&self, given: &str) -> bool {
        let fold = |text: &str| fold_name(unquoted(text)).replace(['"', '“', '”'], "");
        let names = self
            .name
            .iter()
            .flat_map(|name| [name.clone(), quote_truncated(name), quote_if_needed(name)]);
        let names: Vec<String> = names.map(|name| fold(&name)).collect();
        let has_name = |text: &str| !text.trim().is_empty() && names.contains(&fold(text));
        let of_label =
            |(id, name): (u64, &str)| id == self.id && (name.is_empty() || has_name(name));
        has_name(given) || read_label(given).is_some_and(of_label)
    }

    pub(crate) fn label(&self) -> String {
        match &self.name {
            Some(name) => format!("{} {}", self.id, quote_truncated(name)),
            None => self.id.to_string(),
        }
    }
}
