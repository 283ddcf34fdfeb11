//! Sentences about what is now true, where Saki's own answer shows nothing: one `note` per answer.

use serde_json::{Map, Value};

use super::directory::{KnownSpace, rows};
use super::pipeline::{Change, Subject, Verb};
use crate::saki::pagination::has_row_list;
use crate::saki::{Endpoint, lenient};

/// What it means that there is no space.
pub(super) const NO_SPACE: &str = "This key sees no space; create_space makes one.";
/// Saki took the call, and may not have done it yet.
const ACCEPTED: u16 = 202;

/// What a change leaves of which Saki shows nothing.
pub(super) fn after_change<E: Change>(subject: Option<&Subject>, status: u16) -> String {
    let word = E::VERB.past();
    let thing = subject.map(|subject| (subject.field.trim_end_matches("_id"), &subject.id));
    match (E::VERB, thing) {
        (Verb::Deleted | Verb::Disconnected, Some((kind, id))) if status != ACCEPTED => {
            format!("The {kind} {id} is {word} in Saki, and Saki needs no other call.")
        }
        (Verb::Created, _) => match look(E::PATH, None) {
            Some(look) => {
                format!("Saki took it and shows nothing of it; {look} shows whether it is there.")
            }
            None => "Saki took it and shows nothing of it.".to_owned(),
        },
        (_, thing) => match look(E::PATH, thing.map(|(kind, _)| kind)) {
            Some(look) => {
                format!("Saki took the call and shows nothing; {look} shows how things stand.")
            }
            None => "Saki took the call and shows nothing.".to_owned(),
        },
    }
}

/// The tool that shows what a write was about.
fn look(path: &str, kind: Option<&str>) -> Option<&'static str> {
    match (kind, path.rsplit('/').find(|part| !part.starts_with('{'))?) {
        (Some("post"), _) => Some("get_post"),
        (Some("space"), _) => Some("get_space"),
        (_, "posts" | "clusters") => Some("list_posts"),
        (_, "accounts") => Some("list_accounts"),
        (_, "slots") => Some("list_slots"),
        (_, "webhooks") => Some("list_webhooks"),
        (_, "spaces") => Some("list_spaces"),
        _ => None,
    }
}

/// Whether a list is empty, and no page of it is missing.
pub(super) fn is_empty(list: &Map<String, Value>) -> bool {
    let total = list
        .get("meta")
        .and_then(|meta| lenient::integer(meta, "total"));
    has_row_list(list) && rows(list).is_empty() && total.unwrap_or(0) == 0
}

/// That an answer is none that rows can be found in, which says nothing about what there is.
pub(super) fn no_list(of: &str) -> String {
    format!("Saki's answer for {of} shows no list, so what is there is not known.")
}

/// What an empty list of a space, or of all of them, means.
pub(super) fn empty_list<E: Endpoint>(spaces: &[KnownSpace]) -> String {
    let Some(place) = place(spaces) else {
        return NO_SPACE.to_owned();
    };
    match E::PATH.rsplit('/').next().unwrap_or_default() {
        "queue" => format!(
            "Nothing is in the queue of {place}; list_posts shows drafts and what went out."
        ),
        "accounts" => {
            format!("No accounts in {place}; a person connects them in Saki's web app.")
        }
        things => format!("No {things} in {place}."),
    }
}

/// The spaces that were looked into, for a sentence; none where there is none.
pub(super) fn place(spaces: &[KnownSpace]) -> Option<String> {
    match spaces {
        [] => None,
        [only] => Some(format!("the space {}", only.label())),
        several => Some(format!("any of the {} spaces", several.len())),
    }
}
