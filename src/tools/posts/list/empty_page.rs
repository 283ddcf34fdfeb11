//! Empty pages of `list_posts`: the note names the filters that were applied and how far the search went.

use super::filter::{Filter, OwnerFilter};
use super::{ListPostsArgs, PostMeta, PostPage};
use crate::tools::directory::KnownSpace;
use crate::tools::empty_reply_notes;
use crate::write::networks::both_names;
use crate::write::quote_text::quote_truncated;

/// The note of a page without rows, where it has none.
pub(super) fn note(
    page: &PostPage,
    args: &ListPostsArgs,
    filter: &Filter,
    spaces: &[KnownSpace],
) -> Option<String> {
    let Some(rows) = &page.data else {
        return missing_rows_note(page, spaces);
    };
    rows.is_empty()
        .then(|| sentence(&page.meta, args, filter, spaces))
}

/// The note of a page for which Saki showed no list.
pub(super) fn missing_rows_note(page: &PostPage, spaces: &[KnownSpace]) -> Option<String> {
    let is_empty = page.data.as_ref().is_none_or(Vec::is_empty);
    let place = empty_reply_notes::describe_spaces(spaces).filter(|_| is_empty)?;
    Some(empty_reply_notes::not_a_list(&place))
}

fn sentence(
    meta: &PostMeta,
    args: &ListPostsArgs,
    filter: &Filter,
    spaces: &[KnownSpace],
) -> String {
    let Some(place) = empty_reply_notes::describe_spaces(spaces) else {
        return empty_reply_notes::NO_SPACE.to_owned();
    };
    if meta.count > 0 {
        return format!(
            "Page {} is past the last one: earlier pages hold all {} posts.",
            args.page.unwrap_or(1),
            meta.count
        );
    }
    let filters = filters(args, filter);
    let mut text = match filters.is_empty() {
        true => format!("No posts in {place}."),
        false => format!("No post in {place} fits {}.", filters.join(", ")),
    };
    text.push_str(match meta.complete {
        true => " The search was complete.",
        false => " The search is incomplete: see `meta.looked`.",
    });
    text
}

/// The filters, each as it was understood.
fn filters(args: &ListPostsArgs, filter: &Filter) -> Vec<String> {
    let mut filters = Vec::new();
    if let Some(state) = filter.state {
        filters.push(format!("status {}", state.word()));
    }
    if let Some(number) = &filter.saki_status {
        filters.push(format!("Saki's status number {}", number.trim()));
    }
    match &filter.owner {
        Some(OwnerFilter::Account(id)) => filters.push(format!("account {id}")),
        Some(OwnerFilter::Network { name, .. }) => {
            filters.push(format!("network {}", both_names(name)))
        }
        None => {}
    }
    let cluster = filter.cluster_id.as_deref();
    filters.extend(cluster.map(|cluster| format!("cluster {}", quote_truncated(cluster))));
    for (name, given) in [("from", &args.from), ("to", &args.to)] {
        filters.extend(
            given
                .as_ref()
                .map(|given| format!("{name} {}", given.trim())),
        );
    }
    let search = args.search.as_deref().filter(|_| !filter.search.is_empty());
    filters.extend(search.map(|search| format!("search {}", quote_truncated(search))));
    filters
}
