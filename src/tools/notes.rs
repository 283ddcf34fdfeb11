//! The `note` of an answer: a sentence about what is now true, where Saki's own reply does not show it.

use reqwest::Method;
use serde_json::{Map, Value};

use super::directory::{KnownSpace, rows};
use super::failure::{Collection, ResourcePath};
use super::pipeline::{Change, Subject};
use crate::saki::pagination::has_row_list;
use crate::saki::{Endpoint, lenient_json};

/// The note where the key sees no space.
pub(super) const NO_SPACE: &str = "This key has access to no space; create_space creates one.";
/// 202: Saki accepted the call and may not have done it yet.
const ACCEPTED: u16 = 202;

/// The note after a change whose reply has no body.
pub(super) fn after_change<E: Change>(subject: Option<&Subject>, status: u16) -> String {
    let target = ResourcePath::new(&E::METHOD, E::PATH).collection();
    if let (Method::DELETE, Some(collection), Some(subject)) = (E::METHOD, target, subject)
        && status != ACCEPTED
    {
        let one = collection.singular();
        let (id, done) = (&subject.id, E::VERB.past());
        return format!("The {one} {id} is {done} in Saki. No other call is needed.");
    }
    let creates = E::METHOD == Method::POST;
    let shows = match creates {
        true => "whether it is there",
        false => "the present state",
    };
    let tool = match target {
        Some(Collection::Posts) if !creates => Some("get_post"),
        Some(Collection::Spaces) if !creates => Some("get_space"),
        other => other.and_then(Collection::list_tool),
    };
    match tool {
        Some(tool) => {
            format!("Saki accepted the call but returned no body; {tool} shows {shows}.")
        }
        None => "Saki accepted the call but returned no body.".to_owned(),
    }
}

/// Whether a list is empty and no page of it is missing.
pub(super) fn is_empty_list(list: &Map<String, Value>) -> bool {
    let total = list
        .get("meta")
        .and_then(|meta| lenient_json::integer(meta, "total"));
    has_row_list(list) && rows(list).is_empty() && total.unwrap_or(0) == 0
}

/// The note where a reply has no rows to read, so that nothing is known about what there is.
pub(super) fn not_a_list(scope: &str) -> String {
    format!("Saki's answer for {scope} shows no list, so the contents are unknown.")
}

/// The note beside an empty list of some spaces.
pub(super) fn empty_list<E: Endpoint>(spaces: &[KnownSpace]) -> String {
    let Some(scope) = describe_spaces(spaces) else {
        return NO_SPACE.to_owned();
    };
    match ResourcePath::new(&E::METHOD, E::PATH).collection() {
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
