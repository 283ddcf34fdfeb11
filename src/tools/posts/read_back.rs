//! Read-back: the posts of a write whose answer came; after a lost answer `create/reconciliation` searches for them.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::post_facts::SEE_POST;
use super::reply_rows::reply_rows;
use crate::saki::posts::{ClusterBody, GetPost, Item, PostView};
use crate::saki::refused_parts::{RefusedPart, refused_parts};
use crate::saki::{Error, PostId, Reply, SpaceId};
use crate::tools::Tools;
use crate::tools::failure::{AccountPost, PartlyDone, RefusedAccount};
use crate::tools::is_blank;
use crate::write::account_ref::AccountRef;
use crate::write::post_plan::{PostPlan, PublishMode};
use crate::write::quote_text::{quote_truncated, single_line};
use crate::write::text_match::{differs_visibly, is_same_text};
use crate::write::when::When;

/// The posts that a call made or changed.
#[derive(Debug, Default)]
pub(crate) struct WrittenPosts {
    pub(crate) cluster_id: Option<String>,
    /// Each account with its post.
    pub(crate) posts: Vec<(u64, u64)>,
    /// Whether state, time, media and thread are as planned; the text may be stored a little otherwise.
    pub(crate) is_as_planned: bool,
    pub(crate) warnings: Vec<String>,
    /// Accounts that Saki refused, with its words.
    pub(crate) refused: Vec<(u64, String)>,
    /// Accounts of whose posts a warning says that nothing is known.
    pub(crate) unclear: Vec<u64>,
}

impl Tools {
    /// The posts as Saki's answer shows them, where it does; those that it only names by their ids are read, and so are
    /// those whose text it does not show.
    ///
    /// A number may name something else than a post of this call, unless the post has the text that was asked for or
    /// `is_of_call`.
    pub(in crate::tools::posts) async fn posts_in_reply<M>(
        &self,
        space_id: SpaceId,
        reply: &Reply,
        body: &ClusterBody<M>,
        planned: &PostPlan,
        is_of_call: impl Fn(PostView<'_>) -> bool,
    ) -> Option<WrittenPosts> {
        let accounts = account_ids(body);
        let mut posts = reply_rows(reply.body.as_ref()?, &accounts);
        let is_named = |post: &&mut Value| PostView::from(&**post).account_id().is_none();
        let mut named = Vec::new();
        let count = posts.len();
        for post in posts.iter_mut().filter(is_named) {
            // Numbers of anything else, such as jobs, are no posts.
            if count > accounts.len() {
                return None;
            }
            let post_id = PostId(PostView::from(&*post).id()?);
            let read = self.saki.send(&GetPost { space_id, post_id }).await.ok()?;
            *post = Value::Object(read.into_one());
            named.push(post_id.0);
        }
        let unread = self.read_texts(space_id, &mut posts, body).await;
        let is_sure = |post: PostView<'_>| {
            let is_named = post.id().is_some_and(|id| named.contains(&id));
            !is_named || is_of_call(post)
        };
        let mut written = posts_of_answer(&posts, body, planned, is_sure)?;
        written.warnings.extend(unread.into_iter().map(|id| {
            format!("Saki's answer does not show the text of post {id}, and it could not be read; get_post shows it.")
        }));
        Some(written)
    }

    /// Reads the posts whose texts were sent and are not shown. After one that could not be read it reads no more; the ids
    /// are of those that were not read.
    async fn read_texts<M>(
        &self,
        space_id: SpaceId,
        posts: &mut [Value],
        body: &ClusterBody<M>,
    ) -> Vec<u64> {
        let mut unread = Vec::new();
        for post in posts {
            let view = PostView::from(&*post);
            let is_sent = |item: &Item<M>| {
                view.account_id() == Some(item.account_id.0) && !is_blank(&item.main.content)
            };
            let Some(id) = view.id().filter(|_| view.content().is_none()) else {
                continue;
            };
            if !body.items.iter().any(is_sent) {
                continue;
            }
            if !unread.is_empty() {
                unread.push(id);
                continue;
            }
            let post_id = PostId(id);
            let read = self.saki.send(&GetPost { space_id, post_id }).await;
            match (read, post) {
                (Ok(read), Value::Object(fields)) => fields.extend(read.into_one()),
                _ => unread.push(id),
            }
        }
        unread
    }
}

/// What Saki refused, by its answer.
pub(super) fn parts_of(reply: &Reply) -> Vec<RefusedPart> {
    reply.body.as_ref().map(refused_parts).unwrap_or_default()
}

/// What Saki says of the whole call beside its refusal of a part.
pub(super) fn words_beside(reply: &Reply) -> Option<String> {
    let message = reply.body.as_ref()?.get("message")?.as_str()?;
    Some(format!("Saki says beside it: {}", single_line(message)))
}

/// Saki's answer where it refuses some accounts in its body and shows no post, and the rest of the call: it may be done all the same.
pub(super) fn refused_in_part<M: Clone>(
    error: &Error,
    body: &ClusterBody<M>,
) -> Option<(Reply, ClusterBody<M>)> {
    let Error::RefusedInBody(answer) = error else {
        return None;
    };
    let refusal: Value = serde_json::from_str(&answer.body).ok()?;
    let rest = not_refused(body, &refused_parts(&refusal));
    let is_part = (1..body.items.len()).contains(&rest.items.len());
    let reply = Reply {
        status: answer.status,
        body: Some(refusal),
        date: answer.date,
    };
    is_part.then_some((reply, rest))
}

fn account_ids<M>(body: &ClusterBody<M>) -> Vec<u64> {
    body.items.iter().map(|item| item.account_id.0).collect()
}

/// The same without the accounts that were refused by name.
pub(super) fn not_refused<M: Clone>(
    body: &ClusterBody<M>,
    parts: &[RefusedPart],
) -> ClusterBody<M> {
    let accounts = account_ids(body);
    let mut rest = body.clone();
    let mut position = 0..;
    rest.items.retain(|_| {
        let position = position.next();
        let is_refused = |part: &RefusedPart| {
            position.is_some_and(|position| part.is_about(&accounts, position))
        };
        !parts.iter().any(is_refused)
    });
    rest
}

impl WrittenPosts {
    /// Posts that Saki accepted and does not show.
    pub(crate) fn not_shown() -> Self {
        Self {
            warnings: vec!["Saki accepted the call but does not show the posts; list_posts shows whether they are there.".to_owned()],
            ..Self::default()
        }
    }

    /// The same with what Saki refused: each account without a post that a refusal names or, where it names none and
    /// other accounts have theirs, may be about.
    #[must_use]
    pub(super) fn with_refusals<M>(
        mut self,
        parts: Vec<RefusedPart>,
        body: &ClusterBody<M>,
    ) -> Self {
        let accounts = account_ids(body);
        let (named, others): (Vec<RefusedPart>, Vec<RefusedPart>) =
            parts.into_iter().partition(|part| {
                (0..accounts.len()).any(|position| part.is_about(&accounts, position))
            });
        let words = |parts: &[&RefusedPart]| {
            let words: Vec<&str> = parts.iter().map(|part| part.message.trim()).collect();
            words.join("; ")
        };
        let others: Vec<&RefusedPart> = others.iter().collect();
        let is_partial = !self.posts.is_empty() && !others.is_empty();
        let mut is_told = false;
        for (position, account) in accounts.iter().enumerate() {
            let posts = self.posts.iter().map(|(of, _)| of);
            let refused = self.refused.iter().map(|(of, _)| of);
            let mut known = posts.chain(refused).chain(&self.unclear);
            if known.any(|of| of == account) {
                continue;
            }
            let about = |part: &&RefusedPart| part.is_about(&accounts, position);
            let about: Vec<&RefusedPart> = named.iter().filter(about).collect();
            if !about.is_empty() {
                self.refused.push((*account, words(&about)));
            } else if is_partial {
                is_told = true;
                self.refused.push((*account, words(&others)));
            } else if !self.posts.is_empty() {
                self.warnings.push(format!(
                    "Saki shows no post of the account {account}; list_posts shows whether it is there."
                ));
            }
        }
        let others = words(&others);
        if !is_told && !others.is_empty() {
            self.warnings
                .push(format!("Saki says beside it: {}", single_line(&others)));
        }
        self
    }

    /// What was done and what not, where Saki refused a part of the accounts.
    pub(super) fn partly_done(&self, planned: &PostPlan, status: u16) -> Option<PartlyDone> {
        let label = |id: u64| {
            let mut accounts = planned.accounts.iter();
            let known = accounts.find(|account| account.id == id);
            known.map_or_else(|| id.to_string(), AccountRef::label)
        };
        let made = self.posts.iter().map(|(account_id, post_id)| AccountPost {
            account_id: *account_id,
            account: label(*account_id),
            post_id: *post_id,
        });
        let refused = self
            .refused
            .iter()
            .map(|(account_id, message)| RefusedAccount {
                account_id: *account_id,
                account: label(*account_id),
                message: message.clone(),
            });
        (!self.refused.is_empty()).then(|| PartlyDone {
            status,
            unclear: planned.accounts.len() - self.posts.len() - self.refused.len(),
            made: made.collect(),
            refused: refused.collect(),
        })
    }
}

/// The posts of an answer to this very call: one alone of its account that `is_sure` is the one, whatever its text reads now.
pub(super) fn posts_of_answer<M>(
    rows: &[Value],
    body: &ClusterBody<M>,
    planned: &PostPlan,
    is_sure: impl Fn(PostView<'_>) -> bool,
) -> Option<WrittenPosts> {
    let is_alone = |post: PostView<'_>, item: &Item<M>| {
        let is_of_account = |post: &PostView<'_>| {
            post.is_thread_start() && post.account_id() == Some(item.account_id.0)
        };
        let posts = || rows.iter().map(PostView::from);
        is_of_account(&post) && posts().filter(is_of_account).count() == 1
    };
    match_posts(rows, body, planned, |post, item| {
        is_of(post, item) || is_sure(post) && is_alone(post, item)
    })
}

/// Finds the newest post of each account; warns of what is otherwise, and finds nothing where no account has one.
pub(crate) fn match_posts<M>(
    rows: &[Value],
    body: &ClusterBody<M>,
    planned: &PostPlan,
    is_of: impl Fn(PostView<'_>, &Item<M>) -> bool,
) -> Option<WrittenPosts> {
    let mut found: Vec<(PostView<'_>, u64, &Item<M>)> = Vec::new();
    for item in &body.items {
        let posts = rows.iter().map(PostView::from);
        // A row without an id tells of an account whose post was not made.
        let posts = posts.filter_map(|post| Some((post, post.id()?, item)));
        let like_it = posts.filter(|(post, ..)| is_of(*post, item));
        found.extend(like_it.max_by_key(|(_, id, _)| *id));
    }
    let cluster_id = found.first()?.0.cluster_id();
    let is_one_cluster = found
        .iter()
        .all(|(post, ..)| post.cluster_id() == cluster_id);
    let mut warnings: Vec<String> = found
        .iter()
        .flat_map(|(post, id, item)| mismatches(*post, *id, item, planned))
        .collect();
    let is_as_planned = warnings.is_empty();
    warnings.extend(
        found
            .iter()
            .flat_map(|(post, id, item)| remarks(*post, *id, item)),
    );
    Some(WrittenPosts {
        cluster_id: cluster_id.filter(|_| is_one_cluster),
        posts: found
            .iter()
            .map(|(_, id, item)| (item.account_id.0, *id))
            .collect(),
        is_as_planned,
        warnings,
        ..WrittenPosts::default()
    })
}

/// Whether a post is the first one of its account with the text that was asked for.
pub(crate) fn is_of<M>(post: PostView<'_>, item: &Item<M>) -> bool {
    post.is_thread_start()
        && post.account_id() == Some(item.account_id.0)
        && is_same_text(&item.main.content, post.content().unwrap_or_default())
}

/// What to look at again in a post that is as planned: a failure, and a difference of its text that a person would see.
fn remarks<M>(post: PostView<'_>, id: u64, item: &Item<M>) -> Vec<String> {
    let has_failed = post.status_word() == Some("failed");
    let why = || post.failure_reason().map(|why| quote_truncated(&why));
    let failed = has_failed.then(|| {
        format!(
            "Saki shows post {id} as failed: {}.",
            why().unwrap_or_else(|| SEE_POST.to_owned())
        )
    });
    let text = post
        .content()
        .filter(|text| differs_visibly(&item.main.content, text));
    let changed = text.map(|text| {
        format!(
            "Saki shows post {id} with another text: {}.",
            quote_truncated(text)
        )
    });
    let parts = changed_parts(post, item).map(|text| {
        format!(
            "Saki shows a further post of the thread of post {id} with another text: {}.",
            quote_truncated(text)
        )
    });
    failed.into_iter().chain(changed).chain(parts).collect()
}

/// Texts of the rest of a thread that nobody sent, where it has as many posts as were sent.
fn changed_parts<'a, M>(post: PostView<'a>, item: &Item<M>) -> impl Iterator<Item = &'a str> {
    let parts = post.children().unwrap_or_default();
    let is_whole = parts.len() == item.children.len();
    let texts = parts.into_iter().filter_map(PostView::content);
    texts.filter(move |shown| {
        let mut sent = item.children.iter();
        is_whole && sent.all(|sent| differs_visibly(&sent.content, shown))
    })
}

/// Differences between a post as Saki shows it and as it was requested; fields that Saki omits are not compared.
fn mismatches<M>(post: PostView<'_>, id: u64, item: &Item<M>, planned: &PostPlan) -> Vec<String> {
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
