//! Which posts a call made: from Saki's answer, or read back once where the answer does not say.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::saki::posts::{ClusterBody, Item, ListPosts, status_word};
use crate::saki::{Reply, SpaceId, lenient, pagination};
use crate::tools::Tools;
use crate::tools::directory::rows;
use crate::write::post_plan::{PostPlan, PublishMode};
use crate::write::when::When;

/// The posts that a call made or changed.
#[derive(Debug, Default)]
pub(in crate::tools::posts) struct WrittenPosts {
    pub(in crate::tools::posts) cluster_id: Option<String>,
    pub(in crate::tools::posts) post_ids: Vec<u64>,
    pub(in crate::tools::posts) verified: bool,
    pub(in crate::tools::posts) warnings: Vec<String>,
}

impl Tools {
    pub(in crate::tools::posts) async fn read_back(
        &self,
        space_id: SpaceId,
        body: &ClusterBody,
        planned: &PostPlan,
        reply: &Reply,
        is_ours: impl Fn(&Value) -> bool,
    ) -> WrittenPosts {
        if let Some(posts) = posts_in_reply(reply, body, planned) {
            return posts;
        }
        if let Ok(list) = self.saki.list_posts(&ListPosts::of(space_id)).await {
            let mut list = list.into_list();
            if let Some(rows) = list.get_mut("data").and_then(Value::as_array_mut) {
                rows.retain(is_ours);
            }
            if let Some(posts) = match_posts(rows(&list), body, planned) {
                return posts;
            }
        }
        WrittenPosts::not_shown()
    }
}

impl WrittenPosts {
    /// Posts that Saki took and does not show.
    pub(in crate::tools::posts) fn not_shown() -> Self {
        Self {
            warnings: vec!["Saki took the call but does not show the posts; list_posts shows whether they are there.".to_owned()],
            ..Self::default()
        }
    }
}

/// The posts as Saki's answer shows them, where it does.
pub(in crate::tools::posts) fn posts_in_reply<M>(
    reply: &Reply,
    body: &ClusterBody<M>,
    planned: &PostPlan,
) -> Option<WrittenPosts> {
    let said = reply
        .body
        .clone()
        .map(pagination::normalize_list)
        .unwrap_or_default();
    match_posts(rows(&said), body, planned)
}

/// Finds the newest post of each account; warns of what is missing or otherwise, and finds nothing where no account has one.
pub(in crate::tools::posts) fn match_posts<M>(
    rows: &[Value],
    body: &ClusterBody<M>,
    planned: &PostPlan,
) -> Option<WrittenPosts> {
    let mut found: Vec<(&Value, &Item<M>)> = Vec::new();
    let mut missing: Vec<u64> = Vec::new();
    for item in &body.items {
        let like_it = rows.iter().filter(|row| is_of(row, item));
        match like_it.max_by_key(|row| lenient::integer(row, "id")) {
            Some(row) => found.push((row, item)),
            None => missing.push(item.account_id.0),
        }
    }
    let (first, _) = found.first()?;
    let cluster_id = lenient::text(first, "cluster_id");
    let is_one_cluster = found
        .iter()
        .all(|(row, _)| lenient::text(row, "cluster_id") == cluster_id);
    if !is_one_cluster {
        return None;
    }
    let mut warnings: Vec<String> = found
        .iter()
        .flat_map(|(row, item)| mismatches(row, item, planned))
        .collect();
    warnings.extend(missing.iter().map(|account| {
        format!(
            "Saki shows no post of the account {account}; list_posts shows whether it is there."
        )
    }));
    let ids = found
        .iter()
        .filter_map(|(row, _)| lenient::integer(row, "id"));
    Some(WrittenPosts {
        cluster_id,
        post_ids: ids.collect(),
        verified: warnings.is_empty(),
        warnings,
    })
}

/// Whether a row is the first post of its account with the text that was asked for.
pub(in crate::tools::posts) fn is_of<M>(row: &Value, item: &Item<M>) -> bool {
    let is_first = row.get("parent_id").is_none_or(Value::is_null);
    let account =
        lenient::integer(row, "account_id").or_else(|| lenient::integer(row.get("account")?, "id"));
    let content = row
        .get("content")
        .and_then(Value::as_str)
        .unwrap_or_default();
    is_first && account == Some(item.account_id.0) && content.trim() == item.main.content.trim()
}

/// What Saki shows of a post and nobody asked for; what it leaves out is not judged.
pub(in crate::tools::posts) fn mismatches<M>(
    row: &Value,
    item: &Item<M>,
    planned: &PostPlan,
) -> Vec<String> {
    let id = lenient::text(row, "id").unwrap_or_default();
    let mut mismatches = Vec::new();
    let code = status_word(row.get("status").unwrap_or(&Value::Null));
    let is_public = lenient::text(row, "published_at").is_some();
    if planned.mode != PublishMode::Now && (is_public || code == Some("published")) {
        mismatches.push(format!(
            "Saki shows post {id} as published, which was not asked for."
        ));
    } else if planned.mode == PublishMode::Draft && code.is_some_and(|code| code != "draft") {
        mismatches.push(format!("Saki does not show post {id} as a draft."));
    } else if planned.mode != PublishMode::Draft && !is_public && code == Some("draft") {
        mismatches.push(format!(
            "Saki shows post {id} as a draft, which was not asked for."
        ));
    }
    let shown = row.get("scheduled_at");
    let seen = shown.and_then(Value::as_str).map(str::parse::<Timestamp>);
    match (planned.when.as_ref().map(When::at), seen, shown) {
        (Some(wanted), Some(Ok(seen)), _) if seen != wanted => mismatches.push(format!(
            "Saki shows post {id} at {seen}, not at the time that was asked for."
        )),
        (Some(_), None, Some(_)) => mismatches.push(format!(
            "Saki shows post {id} without the time that was asked for."
        )),
        (None, Some(Ok(seen)), _)
            if !is_public && planned.mode != PublishMode::Now || is_later(row, seen) =>
        {
            mismatches.push(format!(
                "Saki shows post {id} at {seen}, which was not asked for."
            ));
        }
        _ => {}
    }
    let count = |field: &str| row.get(field).and_then(Value::as_array).map(Vec::len);
    for (field, what, wanted) in [
        ("media", "files", item.main.media.len()),
        ("children", "further posts", item.children.len()),
    ] {
        if let Some(count) = count(field).filter(|count| *count != wanted) {
            mismatches.push(format!(
                "Saki shows post {id} with {count} {what} in place of {wanted}."
            ));
        }
    }
    mismatches
}

/// Whether a post waits for a time after its making.
fn is_later(row: &Value, at: Timestamp) -> bool {
    const AT_ONCE: SignedDuration = SignedDuration::from_mins(5);
    let made = lenient::text(row, "created_at").and_then(|made| made.parse::<Timestamp>().ok());
    made.is_some_and(|made| at.duration_since(made) > AT_ONCE)
}
