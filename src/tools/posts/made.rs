//! Which posts a call made: from Saki's answer, or read back once where the answer does not say.

use serde_json::Value;

use crate::saki::posts::{ClusterBody, Item, ListPosts};
use crate::saki::{Reply, SpaceId, page, view};
use crate::tools::Tools;
use crate::tools::look::rows;
use crate::write::planned::{Mode, Planned};

/// The posts that a call made or changed.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub(super) cluster_id: Option<String>,
    pub(super) post_ids: Vec<u64>,
    pub(super) verified: bool,
    pub(super) warnings: Vec<String>,
}

impl Tools {
    pub(super) async fn made(
        &self,
        space_id: SpaceId,
        body: &ClusterBody,
        planned: &Planned,
        reply: &Reply,
        is_ours: impl Fn(&Value) -> bool,
    ) -> Made {
        if let Some(made) = shown(reply, body, planned) {
            return made;
        }
        if let Ok(list) = self.saki.list_posts(&ListPosts::of(space_id)).await {
            let mut list = list.into_list();
            if let Some(rows) = list.get_mut("data").and_then(Value::as_array_mut) {
                rows.retain(is_ours);
            }
            if let Some(made) = read(rows(&list), body, planned) {
                return made;
            }
        }
        Made::unseen()
    }
}

impl Made {
    /// Posts that Saki took and does not show.
    pub(super) fn unseen() -> Self {
        Self {
            warnings: vec!["Saki took the call but does not show the posts; list_posts shows whether they are there.".to_owned()],
            ..Self::default()
        }
    }
}

/// The posts as Saki's answer shows them, where it does.
pub(super) fn shown(reply: &Reply, body: &ClusterBody, planned: &Planned) -> Option<Made> {
    let said = reply.body.clone().map(page::list).unwrap_or_default();
    read(rows(&said), body, planned)
}

/// Finds the newest post of each account that is as it was asked for; none when one is missing.
pub(super) fn read(rows: &[Value], body: &ClusterBody, planned: &Planned) -> Option<Made> {
    let is_first = |row: &&Value| row.get("parent_id").is_none_or(Value::is_null);
    let mut found: Vec<&Value> = Vec::new();
    for item in &body.items {
        let like_it = rows.iter().filter(is_first).filter(|row| is_of(row, item));
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
    let seen: jiff::Timestamp = shown.parse().ok()?;
    (seen != wanted)
        .then(|| format!("Saki shows post {id} at {shown}, not at the time that was asked for."))
}
