//! Pagination, all pages: walks the pages of a list other than posts, up to a limit; `tools/posts/list/page_walk` walks posts.

use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Map, Value};

use super::pagination::{PagedRequest, current_page, last_page, next_page};
use super::{Client, Endpoint, Error};

/// A list of more pages than this is not walked to its end.
const MAX_PAGES: u64 = 50;

impl Client {
    /// A list with the rows of all its pages; of the counts only `total` stays where there were several.
    pub async fn all_pages<E: Endpoint + Clone>(
        &self,
        request: E,
    ) -> Result<Map<String, Value>, Error> {
        let get = |page: Option<u64>| {
            let request = request.clone();
            async move {
                let reply = self.send(&PagedRequest { request, page }).await?;
                Ok(reply.into_list())
            }
            .boxed()
        };
        walk_pages(&get).await
    }
}

/// One page of a list; without a number the first one.
type GetPage<'a> =
    dyn Fn(Option<u64>) -> BoxFuture<'a, Result<Map<String, Value>, Error>> + Sync + 'a;

/// Compiled once for all lists.
async fn walk_pages(get: &GetPage<'_>) -> Result<Map<String, Value>, Error> {
    let mut list = get(None).await?;
    let last = last_page(&list);
    let mut next = next_page(&list, 1);
    if next.is_none() {
        return Ok(list);
    }
    while let Some(number) = next.filter(|number| *number <= MAX_PAGES) {
        let more = get(Some(number)).await?;
        let has_more = next_page(&more, number).is_some() || Some(number) < last;
        next = has_more.then_some(number + 1);
        let is_other_page = current_page(&more).is_some_and(|shown| shown != number);
        match (list.get_mut("data"), more.get("data")) {
            (Some(Value::Array(rows)), Some(Value::Array(more))) if !more.is_empty() => {
                // A Saki that does not know `page` answers with the first one again.
                if is_other_page || rows.ends_with(more) {
                    return Ok(list);
                }
                rows.extend(more.iter().cloned());
            }
            _ => next = None,
        }
    }
    if let Some(meta) = list.get_mut("meta").and_then(Value::as_object_mut) {
        // The pages are one now; the total still says whether rows are missing.
        meta.retain(|name, _| name == "total");
        meta.extend(next.map(|next| ("next_page".to_owned(), next.into())));
    }
    Ok(list)
}
