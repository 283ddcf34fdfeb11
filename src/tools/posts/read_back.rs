//! Read-back: the posts of a write, from Saki's answer or read once more where the answer does not show them.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::saki::posts::{ClusterBody, GetPost, Item, ListPosts, PostView};
use crate::saki::{PostId, Reply, SpaceId, lenient_json, pagination};
use crate::tools::Tools;
use crate::tools::directory::rows;
use crate::write::post_plan::{PostPlan, PublishMode};
use crate::write::quote_text::quote_truncated;
use crate::write::text_match::{differs_visibly, is_same_text};
use crate::write::when::When;

/// The posts that a call made or changed.
#[derive(Debug, Default)]
pub(crate) struct WrittenPosts {
    pub(crate) cluster_id: Option<String>,
    pub(crate) post_ids: Vec<u64>,
    /// Whether state, time, media and thread are as planned; the text may be stored a little otherwise.
    pub(crate) is_as_planned: bool,
    pub(crate) verified: bool,
    pub(crate) warnings: Vec<String>,
}

impl Tools {
    pub(crate) async fn read_back(
        &self,
        space_id: SpaceId,
        body: &ClusterBody,
        planned: &PostPlan,
        reply: &Reply,
        is_ours: impl Fn(PostView<'_>) -> bool,
    ) -> WrittenPosts {
        if let Some(posts) = self.posts_in_reply(space_id, reply, body, planned).await {
            return posts;
        }
        if let Ok(list) = self.saki.list_posts(&ListPosts::of(space_id)).await {
            let mut list = list.into_list();
            if let Some(rows) = list.get_mut("data").and_then(Value::as_array_mut) {
                rows.retain(|row| is_ours(PostView::from(row)));
            }
            if let Some(posts) = match_posts(rows(&list), body, planned, is_of) {
                return posts;
            }
        }
        WrittenPosts::not_shown()
    }

    /// The posts as Saki's answer shows them, where it does; where it only names their ids, each is read.
    pub(in crate::tools::posts) async fn posts_in_reply<M>(
        &self,
        space_id: SpaceId,
        reply: &Reply,
        body: &ClusterBody<M>,
        planned: &PostPlan,
    ) -> Option<WrittenPosts> {
        let names_posts = |name: &str| ["data", "ids", "post_ids", "posts"].contains(&name);
        let has_ids_of_posts = match reply.body.as_ref()? {
            Value::Object(fields) => fields
                .iter()
                .any(|(name, value)| names_posts(name) && value.is_array()),
            other => other.is_array(),
        };
        let list = reply.body.clone().map(pagination::normalize_list)?;
        let ids: Vec<u64> = rows(&list)
            .iter()
            .filter_map(lenient_json::as_integer)
            .collect();
        if ids.is_empty() || ids.len() != rows(&list).len() {
            return posts_of_answer(rows(&list), body, planned);
        }
        // Numbers of anything else, such as jobs, are no posts.
        if !has_ids_of_posts || ids.len() != body.items.len() {
            return None;
        }
        let mut posts = Vec::with_capacity(ids.len());
        for post_id in ids.into_iter().map(PostId) {
            let post = self.saki.send(&GetPost { space_id, post_id }).await.ok()?;
            posts.push(Value::Object(post.into_one()));
        }
        match_posts(&posts, body, planned, is_of)
    }
}

impl WrittenPosts {
    /// Posts that Saki accepted and does not show.
    pub(crate) fn not_shown() -> Self {
        Self {
            warnings: vec!["Saki accepted the call but does not show the posts; list_posts shows whether they are there.".to_owned()],
            ..Self::default()
        }
    }
}

/// The posts of an answer to this very call: one alone of its account is the one, whatever its text reads now.
fn posts_of_answer<M>(
    rows: &[Value],
    body: &ClusterBody<M>,
    planned: &PostPlan,
) -> Option<WrittenPosts> {
    let is_alone = |post: PostView<'_>, item: &Item<M>| {
        let is_of_account = |post: &PostView<'_>| {
            post.is_thread_start() && post.account_id() == Some(item.account_id.0)
        };
        let count = rows
            .iter()
            .map(PostView::from)
            .filter(is_of_account)
            .count();
        is_of_account(&post) && count == 1
    };
    match_posts(rows, body, planned, |post, item| {
        is_of(post, item) || is_alone(post, item)
    })
}

/// Finds the newest post of each account; warns of what is missing or otherwise, and finds nothing where no account has one.
pub(crate) fn match_posts<M>(
    rows: &[Value],
    body: &ClusterBody<M>,
    planned: &PostPlan,
    is_of: impl Fn(PostView<'_>, &Item<M>) -> bool,
) -> Option<WrittenPosts> {
    let mut found: Vec<(PostView<'_>, &Item<M>)> = Vec::new();
    let mut missing: Vec<u64> = Vec::new();
    for item in &body.items {
        // A row without an id tells of an account whose post was not made.
        let posts = rows
            .iter()
            .map(PostView::from)
            .filter(|post| post.id().is_some());
        let like_it = posts.filter(|post| is_of(*post, item));
        match like_it.max_by_key(|post| post.id()) {
            Some(post) => found.push((post, item)),
            None => missing.push(item.account_id.0),
        }
    }
    let (first, _) = found.first()?;
    let cluster_id = first.cluster_id();
    let is_one_cluster = found
        .iter()
        .all(|(post, _)| post.cluster_id() == cluster_id);
    if !is_one_cluster {
        return None;
    }
    let mut warnings: Vec<String> = found
        .iter()
        .flat_map(|(post, item)| mismatches(*post, item, planned))
        .collect();
    warnings.extend(missing.iter().map(|account| {
        format!(
            "Saki shows no post of the account {account}; list_posts shows whether it is there."
        )
    }));
    let is_as_planned = warnings.is_empty();
    warnings.extend(
        found
            .iter()
            .filter_map(|(post, item)| text_warning(*post, item)),
    );
    let ids = found.iter().filter_map(|(post, _)| post.id());
    Some(WrittenPosts {
        cluster_id,
        post_ids: ids.collect(),
        is_as_planned,
        verified: warnings.is_empty(),
        warnings,
    })
}

/// Whether a post is the first one of its account with the text that was asked for.
pub(crate) fn is_of<M>(post: PostView<'_>, item: &Item<M>) -> bool {
    post.is_thread_start()
        && post.account_id() == Some(item.account_id.0)
        && is_same_text(&item.main.content, post.content().unwrap_or_default())
}

/// Says so where a person would see that Saki stored another text.
fn text_warning<M>(post: PostView<'_>, item: &Item<M>) -> Option<String> {
    let text = post.content()?;
    differs_visibly(&item.main.content, text).then(|| {
        let id = post.id().map(|id| id.to_string()).unwrap_or_default();
        format!(
            "Saki shows post {id} with a changed text: {}.",
            quote_truncated(text)
        )
    })
}

/// Differences between a post as Saki shows it and as it was requested; fields that Saki omits are not compared.
fn mismatches<M>(post: PostView<'_>, item: &Item<M>, planned: &PostPlan) -> Vec<String> {
    let id = post.id().map(|id| id.to_string()).unwrap_or_default();
    let mut mismatches = Vec::new();
    let code = post.status_word();
    let is_public = post.is_published();
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
    match (planned.when.as_ref().map(When::at), post.scheduled_at()) {
        (Some(wanted), Some(seen)) if seen != wanted => mismatches.push(format!(
            "Saki shows post {id} at {seen}, not at the time that was asked for."
        )),
        (Some(_), None) if post.has_no_time() => mismatches.push(format!(
            "Saki shows post {id} without the time that was asked for."
        )),
        (None, Some(seen))
            if !is_public && planned.mode != PublishMode::Now || is_later(post, seen) =>
        {
            mismatches.push(format!(
                "Saki shows post {id} at {seen}, which was not asked for."
            ));
        }
        _ => {}
    }
    let children = post.children().map(|children| children.len());
    for (count, what, wanted) in [
        (post.media_count(), "files", item.main.media.len()),
        (children, "further posts", item.children.len()),
    ] {
        if let Some(count) = count.filter(|count| *count != wanted) {
            mismatches.push(format!(
                "Saki shows post {id} with {count} {what} in place of {wanted}."
            ));
        }
    }
    mismatches
}

/// Whether a post waits for a time that is later than its creation.
fn is_later(post: PostView<'_>, at: Timestamp) -> bool {
    const AT_ONCE: SignedDuration = SignedDuration::from_mins(5);
    let created = post.created_at();
    created.is_some_and(|created| at.duration_since(created) > AT_ONCE)
}
