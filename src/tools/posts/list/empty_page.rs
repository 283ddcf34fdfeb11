//! What an empty page of `list_posts` means: which filters were applied, and how far the search went.

use serde_json::{Map, Value};

use super::filter::{Filter, Of};
use super::page_walk::NO_LIST;
use super::{Wanted, number};
use crate::saki::lenient;
use crate::saki::pagination::is_list;
use crate::tools::directory::{Space, rows};
use crate::tools::notes;
use crate::write::networks::both_names;
use crate::write::quote::quote_truncated;

/// Says it beside the rows, where there are none.
pub(in crate::tools::posts) fn say(
    list: &mut Map<String, Value>,
    wanted: &Wanted,
    filter: &Filter,
    spaces: &[Space],
) {
    let unseen = list
        .get("meta")
        .and_then(|meta| lenient::text(meta, "looked"));
    let is_seen = is_list(list) && !unseen.is_some_and(|looked| looked.contains(NO_LIST));
    if !rows(list).is_empty() {
        return;
    }
    if let (false, Some(place)) = (is_seen, notes::describe_spaces(spaces)) {
        notes::add(list, notes::not_a_list(&place));
        return;
    }
    let said = sentence(
        list.get("meta").unwrap_or(&Value::Null),
        wanted,
        filter,
        spaces,
    );
    notes::add(list, said);
}

fn sentence(meta: &Value, wanted: &Wanted, filter: &Filter, spaces: &[Space]) -> String {
    let Some(place) = notes::describe_spaces(spaces) else {
        return notes::NO_SPACE.to_owned();
    };
    let fitting = lenient::integer(meta, "count").or_else(|| lenient::integer(meta, "total"));
    let page = wanted.page.unwrap_or(1);
    match fitting {
        Some(fitting) if fitting > 0 => {
            return format!(
                "Page {page} is past the last one: {fitting} posts stand on the pages before."
            );
        }
        None if page > 1 => return format!("Page {page} holds no posts."),
        _ => {}
    }
    let filters = filters(wanted, filter);
    let mut said = match filters.is_empty() {
        true => format!("No posts in {place}."),
        false => format!("No post in {place} fits {}.", filters.join(", ")),
    };
    match lenient::flag(meta, "complete") {
        Some(true) => said.push_str(" The search was complete."),
        Some(false) => said.push_str(" The search is incomplete: see `meta.looked`."),
        // Saki filtered and counted by itself.
        None => {}
    }
    said
}

/// The filters, each as it was understood.
fn filters(wanted: &Wanted, filter: &Filter) -> Vec<String> {
    let mut said = Vec::new();
    if let Some(state) = filter.state {
        said.push(format!("status {}", state.word()));
    }
    if let Some(number) = number(wanted) {
        said.push(format!("Saki's status number {}", number.trim()));
    }
    match &filter.account {
        Some(Of::Account(id)) => said.push(format!("account {id}")),
        Some(Of::Network(network)) => said.push(format!("network {}", both_names(network))),
        None => {}
    }
    for (name, given) in [("from", &wanted.from), ("to", &wanted.to)] {
        said.extend(
            given
                .as_ref()
                .map(|given| format!("{name} {}", given.trim())),
        );
    }
    let search = wanted
        .search
        .as_deref()
        .filter(|_| !filter.words.is_empty());
    said.extend(search.map(|search| format!("search {}", quote_truncated(search))));
    said
}
