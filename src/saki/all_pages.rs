//! Pagination, all pages: walks the pages of a list other than posts, up to a limit.

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
        let page = async |page: Option<u64>| {
            let request = request.clone();
            let reply = self.send(&PagedRequest { request, page }).await?;
            Ok::<_, Error>(reply.into_list())
        };
        let mut list = page(None).await?;
        let last = last_page(&list);
        let mut next = next_page(&list);
        if next.is_none() {
            return Ok(list);
        }
        while let Some(number) = next.filter(|number| *number <= MAX_PAGES) {
            let more = page(Some(number)).await?;
            next = next_page(&more).or_else(|| Some(number + 1).filter(|next| Some(*next) <= last));
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
}
