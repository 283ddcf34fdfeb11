//! Suppression of duplicate creates (at most once): a repeat gets its stored outcome, a new create is sent once, and after a lost answer its posts are looked for.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::saki::posts::{ClusterBody, CreatePosts, GetPost, PostView};
use crate::saki::{Error, PostId, Reply, SpaceId};
use crate::tools::failure::PartlyDone;
use crate::tools::posts::answer::{CreateFacts, CreatedPosts, PostsAnswer};
use crate::tools::posts::args::CreatePostArgs;
use crate::tools::posts::attachments::pending::UploadedFiles;
use crate::tools::posts::compose::post_field_mapper::PostFields;
use crate::tools::posts::create::reconciliation::{SearchResult, began_by_saki};
use crate::tools::posts::read_back::{
    WrittenPosts, not_refused, parts_of, refused_in_part, words_beside,
};
use crate::tools::tool_result::to_map;
use crate::tools::{Failure, Tools};
use crate::write::idempotency::{Permit, StoredOutcome};
use crate::write::post_plan::PostPlan;
use crate::write::shared_store::{RETENTION, RETENTION_TEXT};

/// A create whose files are in Saki, and the right to send it.
#[derive(Debug)]
pub(super) struct CreateAttempt {
    pub(super) planned: PostPlan,
    pub(super) request: CreatePosts,
    pub(super) uploaded: UploadedFiles,
    pub(super) key: String,
    /// Posts that equal calls made before it.
    pub(super) earlier_posts: Vec<u64>,
    /// Equal calls wait for its end.
    pub(super) permit: Permit,
    /// What the store did not take yet.
    pub(super) unrecorded: Mutex<Option<StoredOutcome>>,
}

/// How often an outcome is offered to a store that did not take it.
const RECORD_INTERVAL: Duration = Duration::from_secs(1);

impl Tools {
    /// The stored outcome of an equal call; nothing where its posts are no longer there.
    pub(super) async fn stored_outcome<M>(
        &self,
        key: &str,
        planned: &PostPlan,
        request: &CreatePosts<ClusterBody<M>>,
    ) -> Option<Result<CreatedPosts, Failure>> {
        let now = self.settings.clock.now();
        let stored = match self.idempotency.outcome(key, now).await.transpose()? {
            Ok(stored) => stored,
            Err(error) => return Some(Err(error.into())),
        };
        // What this process cannot read is as good as lost, and must not be sent again.
        let answer = stored.answer.map(Value::Object);
        let answer = answer.and_then(|answer| serde_json::from_value::<CreatedPosts>(answer).ok());
        let Some(answer) = answer else {
            let lost = "The outcome of an earlier equal call is not known, so this one only looked for its posts and sent nothing.";
            let files = UploadedFiles::default();
            let found = self.reconcile(planned, request, stored.at, lost, &files);
            let found = found.await;
            if let Ok(answer) = &found {
                self.record(key, stored.at, &stored.post_ids, Some(answer))
                    .await;
            }
            return Some(
                found.map_err(|unknown| Failure::unknown_outcome(format!("{lost} {unknown}"))),
            );
        };
        if self.still_exist(request.space_id, &stored.post_ids).await {
            answer.note_ids();
            return Some(whole(replayed(answer, stored.at)));
        }
        let removed = self.idempotency.remove(key, now).await;
        removed.err().map(|error| Err(error.into()))
    }

    /// Whether Saki still shows any of these posts, whatever its text reads now; only Saki's own word that a post is gone
    /// makes it gone.
    async fn still_exist(&self, space_id: SpaceId, post_ids: &[u64]) -> bool {
        for post_id in post_ids.iter().copied().map(PostId) {
            let is_gone = match self.saki.send(&GetPost { space_id, post_id }).await {
                Ok(post) => PostView::from(&post.into_one()).is_deleted(),
                Err(error) => error.is_gone(),
            };
            if !is_gone {
                return true;
            }
        }
        post_ids.is_empty()
    }
}

impl Tools {
    /// Creates the posts and stores the outcome, even if the call is cancelled.
    pub(super) async fn create(
        &self,
        args: &CreatePostArgs,
        attempt: &CreateAttempt,
    ) -> Result<CreatedPosts, Failure> {
        let began = self.settings.clock.now();
        let begun = attempt.permit.begin(began).await;
        begun.map_err(|error| attempt.uploaded.with_uploaded_files(error.into(), true))?;
        let created = self.send_create(args, attempt, began).await;
        if created.as_ref().is_err_and(Failure::is_without_effect) {
            // If it cannot be forgotten, an equal call looks for its posts first.
            let _ = self.idempotency.forget_attempt(&attempt.key, began).await;
        }
        created
    }

    /// Gives the permit back when the store has the outcome: without it, an equal call might send the create again.
    pub(super) async fn end_attempt(&self, attempt: CreateAttempt) {
        let CreateAttempt {
            key,
            permit,
            unrecorded,
            ..
        } = attempt;
        let unrecorded = unrecorded
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let Some(outcome) = unrecorded else {
            return permit.release().await;
        };
        let (idempotency, clock) = (Arc::clone(&self.idempotency), self.settings.clock.clone());
        // The caller has its answer; a server that ends waits for this as for a write.
        self.detached.spawn(async move {
            let mut rest = RETENTION;
            while rest.is_positive() {
                tokio::time::sleep(RECORD_INTERVAL).await;
                let now = clock.now();
                let recorded = match permit.is_held().await {
                    Ok(true) => idempotency.record(&key, &outcome, now).await,
                    // Another server has looked for the posts, or does.
                    Ok(false) => Ok(()),
                    Err(error) => Err(error),
                };
                if recorded.is_ok() {
                    return permit.release().await;
                }
                rest = RETENTION - now.duration_since(outcome.at);
            }
            tracing::error!("a create was sent, and the store was away too long to know it");
            permit.release().await;
        });
    }

    async fn send_create(
        &self,
        args: &CreatePostArgs,
        attempt: &CreateAttempt,
        began: Timestamp,
    ) -> Result<CreatedPosts, Failure> {
        let CreateAttempt {
            planned,
            request,
            uploaded,
            ..
        } = attempt;
        let uploaded_files = |failure| uploaded.with_uploaded_files(failure, false);
        match self.saki.send_cluster(request).await {
            Ok(reply) => {
                whole(self.created(attempt, began, reply, None).await).map_err(uploaded_files)
            }
            Err(error) if error.outcome_unknown() => {
                self.record_attempt(attempt, began, None).await;
                let lost = lost_answer_note(&error);
                let found = self.reconcile(planned, request, began, &lost, uploaded);
                match found.await {
                    Ok(answer) => {
                        self.record_attempt(attempt, began, Some(&answer)).await;
                        Ok(answer)
                    }
                    Err(unknown) => {
                        let failure = Failure::from(error).with_details(&unknown);
                        Err(uploaded.with_uploaded_files(failure, true))
                    }
                }
            }
            Err(error) => {
                if let Some((reply, search)) = self.partial_reply(attempt, began, &error).await {
                    let answer = self.created(attempt, began, reply, Some(search));
                    return whole(answer.await).map_err(uploaded_files);
                }
                let fields = PostFields {
                    args,
                    body: &request.body,
                    planned,
                    space_id: request.space_id.0,
                    new_post_count: request.body.items.len() as u64,
                };
                let is_used = uploaded.still_reusable(&error, self);
                Err(uploaded
                    .with_uploaded_files(self.render_failure(error, &fields).await, is_used))
            }
        }
    }

    /// Saki's answer, where it refuses some accounts in its body and may have made the posts of the others all the same.
    async fn partial_reply(
        &self,
        attempt: &CreateAttempt,
        began: Timestamp,
        error: &Error,
    ) -> Option<(Reply, SearchResult)> {
        let (reply, body) = refused_in_part(error, &attempt.request.body)?;
        let rest = CreatePosts {
            space_id: attempt.request.space_id,
            body,
        };
        let search = self.search_lost_posts(&rest, &attempt.planned, began);
        let search = search.await;
        (!search.shows_none_made()).then_some((reply, search))
    }

    /// The answer to a create that Saki answered; `searched` is the search for its posts, where there was one.
    async fn created(
        &self,
        attempt: &CreateAttempt,
        began: Timestamp,
        reply: Reply,
        searched: Option<SearchResult>,
    ) -> CreatedPosts {
        let CreateAttempt {
            planned, request, ..
        } = attempt;
        let space_id = request.space_id;
        let parts = parts_of(&reply);
        let since = began_by_saki(&reply, began, self.settings.clock.now());
        let is_new = |post: PostView<'_>| post.created_at().is_some_and(|at| at >= since);
        let posts = self.posts_in_reply(space_id, &reply, &request.body, planned, is_new);
        let posts = match posts.await {
            Some(posts) if posts.posts.len() == request.body.items.len() || !parts.is_empty() => {
                posts
            }
            // Posts that the answer does not show are looked for, as if it had been lost.
            shown => {
                let rest = CreatePosts {
                    space_id,
                    body: not_refused(&request.body, &parts),
                };
                let mut result = match searched {
                    Some(result) => result,
                    None => self.search_lost_posts(&rest, planned, began).await,
                };
                match result.posts.take().or(shown) {
                    Some(posts) => posts,
                    None if parts.is_empty() => WrittenPosts::not_shown(),
                    None if rest.body.items.is_empty() => WrittenPosts::default(),
                    None => WrittenPosts {
                        warnings: words_beside(&reply)
                            .into_iter()
                            .chain([format!(
                                "Whether the other accounts have their posts is not known; look with list_posts. {}",
                                result.summary()
                            )])
                            .collect(),
                        ..WrittenPosts::default()
                    },
                }
            }
        };
        let posts = posts.with_refusals(parts, &request.body);
        let partly = posts.partly_done(planned, reply.status);
        let mut answer = PostsAnswer::new(planned, posts, reply.body, self.settings.clock.now());
        answer.partly = partly;
        answer.uploaded = attempt.uploaded.facts();
        if answer.partly.as_ref().is_some_and(PartlyDone::is_refused) {
            return answer;
        }
        // Posts that nobody has seen are looked for again by an equal call.
        let known = (!answer.post_ids.is_empty()).then_some(&answer);
        self.record_attempt(attempt, began, known).await;
        answer
    }

    /// The posts of a create that got no answer, or what the search read and what to do.
    async fn reconcile<M>(
        &self,
        planned: &PostPlan,
        request: &CreatePosts<ClusterBody<M>>,
        began: Timestamp,
        lost: &str,
        uploaded: &UploadedFiles,
    ) -> Result<CreatedPosts, String> {
        let result = self.search_lost_posts(request, planned, began).await;
        self.reconciled(result, planned, request.space_id, lost, uploaded)
    }

    /// The same from a search that was made.
    pub(super) fn reconciled(
        &self,
        mut result: SearchResult,
        planned: &PostPlan,
        space_id: SpaceId,
        lost: &str,
        uploaded: &UploadedFiles,
    ) -> Result<CreatedPosts, String> {
        let Some(posts) = result.posts.take() else {
            return Err(format!(
                "{} It may still appear: look with list_posts (`space_id: {}`) later. Calling create_post with the same \
                 arguments within {RETENTION_TEXT} only looks again and sends nothing; `allow_repeat: true` would post it once more.",
                result.summary(),
                space_id.0
            ));
        };
        Ok(PostsAnswer {
            uploaded: uploaded.facts(),
            facts: CreateFacts { reconciled: true },
            note: Some(format!("{lost} The posts were found by looking for them.")),
            ..PostsAnswer::new(planned, posts, None, self.settings.clock.now())
        })
    }

    async fn record_attempt(
        &self,
        attempt: &CreateAttempt,
        began: Timestamp,
        answer: Option<&CreatedPosts>,
    ) {
        let earlier = &attempt.earlier_posts;
        let unrecorded = self.record(&attempt.key, began, earlier, answer).await;
        let mut kept = attempt
            .unrecorded
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *kept = unrecorded;
    }

    /// Stores the outcome of a create: its posts and those of equal creates before it; no `answer` where it is unknown.
    /// Returns what the store did not take.
    pub(super) async fn record(
        &self,
        key: &str,
        at: Timestamp,
        earlier: &[u64],
        answer: Option<&CreatedPosts>,
    ) -> Option<StoredOutcome> {
        if let Some(answer) = answer {
            answer.note_ids();
        }
        let made = answer.iter().flat_map(|answer| &answer.post_ids);
        let outcome = StoredOutcome {
            at,
            post_ids: earlier.iter().chain(made).copied().collect(),
            answer: answer.and_then(|answer| to_map(answer).ok()),
        };
        // What was sent is sent, and a failing store cannot undo it.
        let now = self.settings.clock.now();
        let error = self.idempotency.record(key, &outcome, now).await.err()?;
        tracing::error!("a create was sent, and its outcome is not stored yet: {error}");
        Some(outcome)
    }
}

/// The answer, or a failure where Saki refused a part of the accounts.
fn whole(answer: CreatedPosts) -> Result<CreatedPosts, Failure> {
    let Some(partly) = answer.partly else {
        return Ok(answer);
    };
    let next = match partly.is_refused() {
        true => "Nothing was made. Correct what Saki names and call again.".to_owned(),
        false => format!(
            "Correct what Saki names, then call create_post with `account_ids: [{}]` and the rest as it was, for these \
             accounts alone. This same call within {RETENTION_TEXT} posts nothing more.",
            partly.refused_ids()
        ),
    };
    let replay = answer.note.iter();
    let warnings: Vec<String> = replay.chain(&answer.warnings).cloned().collect();
    Err(Failure::partly(partly, &warnings, &next))
}

/// The first answer once more, with a note that nothing was posted again.
fn replayed(first: CreatedPosts, at: Timestamp) -> CreatedPosts {
    let note = format!(
        "The same call made these posts at {}, so nothing was sent. To post it once more on purpose, pass `allow_repeat: true`.",
        at.strftime("%Y-%m-%dT%H:%M:%SZ")
    );
    PostsAnswer {
        note: Some(note),
        ..first
    }
}

fn lost_answer_note(error: &Error) -> String {
    match error.status() {
        Some(status) => format!("Saki answered {status} in a way that says nothing of the posts."),
        None => "Saki's answer was lost.".to_owned(),
    }
}
