//! Empty reply notes: what an empty list means, and what is known where a reply shows no list.

use serde_json::{Map, Value};

use super::directory::{KnownSpace, rows};
use super::resource_path::{Collection, collection};
use crate::saki::pagination::has_row_list;
use crate::saki::{Endpoint, lenient_json};

/// The note where the key sees no space.
pub(super) const NO_SPACE: &str = "This key has access to no space; create_space creates one.";

/// Whether a list is empty and no page of it is missing.
pub(super) fn is_empty_list(list: &Map<String, Value>) -> bool {
    let total = list
        .get("meta")
        .and_then(|meta| lenient_json::integer(meta, "total"));
    has_row_list(list) && rows(list).is_empty() && total.unwrap_or(0) == 0
}

/// The note for a reply without a list.
pub(super) fn not_a_list(scope: &str) -> String {
    format!("Saki's answer for {scope} shows no list, so the contents are unknown.")
}

/// The note beside an empty list of some spaces.
pub(super) fn empty_list<E: Endpoint>(spaces: &[KnownSpace]) -> String {
    let Some(scope) = describe_spaces(spaces) else {
        return NO_SPACE.to_owned();
    };
    match collection::<E>() {
        Some(Collection::Queue) => format!(
            "Nothing is in the queue of {scope}; list_posts shows drafts and published posts."
        ),
        Some(Collection::Accounts) => {
            format!("No accounts in {scope}; a person connects them in Saki's web app.")
        }
        Some(collection) => format!("No {} in {scope}.", collection.plural()),
        None => format!("Nothing in {scope}."),
    }
}

/// The spaces of a call in a sentence, or nothing where the key sees no space.
pub(super) fn describe_spaces(spaces: &[KnownSpace]) -> Option<String> {
    match spaces {
        [] => None,
        [only] => Some(format!("the space {}", only.label())),
        several => Some(format!("any of the {} spaces", several.len())),
    }
}
