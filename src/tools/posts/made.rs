//! Which posts a call made: from Saki's answer, or read back once where the answer does not say.

use jiff::Timestamp;
use serde_json::Value;

use crate::saki::posts::{ClusterBody, Item, ListPosts};
use crate::saki::{Reply, SpaceId, page, view};
use crate::tools::Tools;
use crate::tools::look::rows;
use crate::write::prepared::{Mode, Planned};

/// The posts that a call made or changed.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub(super) cluster_id: Option<String>,
    pub(super) post_ids: Vec<u64>,
    pub(super) verified: bool,
    pub(super) warnings: Vec<String>,
}

/// How much older than the call a post may say it is, since clocks and databases round.
const SLACK: i64 = 120;

impl Tools {
    /// The posts of a create call, which are never older than the call.
    pub(super) async fn made_anew(
        &self,
        space_id: SpaceId,
        body: &ClusterBody,
        planned: &Planned,
        reply: &Reply,
    ) -> Made {
        let since = reply.date.map(|date| date - SLACK);
        self.made(space_id, body, planned, reply, since).await
    }

    /// The posts that `reply` shows, or else those that are found by one look at the list.
    pub(super) async fn made(
        &self,
        space_id: SpaceId,
        body: &ClusterBody,
        planned: &Planned,
        reply: &Reply,
        since: Option<i64>,
    ) -> Made {
        let said = reply.body.clone().map(page::list).unwrap_or_default();
        if let Some(made) = read(rows(&said), body, planned, None) {
            return made;
        }
        let request = ListPosts {
            space_id,
            status: None,
            account_id: None,
            from: None,
            to: None,
            page: None,
        };
        let list = self.saki.send(&request).await.map(Reply::into_list);
        let found = list
            .ok()
            .and_then(|list| read(rows(&list), body, planned, since));
        found.unwrap_or_else(|| Made {
            warnings: vec!["Saki took the call but does not show the posts; list_posts shows whether they are there.".to_owned()],
            ..Made::default()
        })
    }
}

/// Finds the newest post of each account that is as it was asked for; none when one is missing.
fn read(rows: &[Value], body: &ClusterBody, planned: &Planned, since: Option<i64>) -> Option<Made> {
    let is_first = |row: &&Value| row.get("parent_id").is_none_or(Value::is_null);
    let mut found: Vec<&Value> = Vec::new();
    for item in &body.items {
        let like_it = rows
            .iter()
            .filter(is_first)
            .filter(|row| is_of(row, item) && is_since(row, since));
        found.push(like_it.max_by_key(|row| view::integer(row, "id"))?);
    }
    let cluster_id = view::text(found.first()?, "cluster_id");
    let is_one_cluster = found
        .iter()
        .all(|row| view::text(row, "cluster_id") == cluster_id);
    let warnings: Vec<String> = found.iter().filter_map(|row| odd(row, planned)).collect();
    is_one_cluster.then(|| Made {
        cluster_id,
        post_ids: found
            .iter()
            .filter_map(|row| view::integer(row, "id"))
            .collect(),
        verified: warnings.is_empty(),
        warnings,
    })
}

/// A post that does not say when it was made is not held against it.
fn is_since(row: &Value, since: Option<i64>) -> bool {
    let created = view::text(row, "created_at").and_then(|at| at.parse::<Timestamp>().ok());
    match (created, since) {
        (Some(created), Some(since)) => created.as_second() >= since,
        _ => true,
    }
}

fn is_of(row: &Value, item: &Item) -> bool {
    let account =
        view::integer(row, "account_id").or_else(|| view::integer(row.get("account")?, "id"));
    let content = row
        .get("content")
        .and_then(Value::as_str)
        .unwrap_or_default();
    account == Some(item.account_id.0) && content.trim() == item.main.content.trim()
}

/// What Saki shows and nobody asked for.
fn odd(row: &Value, planned: &Planned) -> Option<String> {
    let id = view::integer(row, "id")?;
    if planned.mode != Mode::Now && view::text(row, "published_at").is_some() {
        return Some(format!(
            "Saki shows post {id} as published, which was not asked for."
        ));
    }
    let wanted = planned.when.as_ref()?.at();
    let shown = view::text(row, "scheduled_at")?;
    let seen: Timestamp = shown.parse().ok()?;
    (seen != wanted)
        .then(|| format!("Saki shows post {id} at {shown}, not at the time that was asked for."))
}
