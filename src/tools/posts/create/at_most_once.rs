//! Idempotency of create_post: an equal call is answered from the stored outcome, and a lost answer is looked up.

use jiff::Timestamp;
use serde_json::Value;

use crate::saki::posts::{ClusterBody, CreatePosts, GetPost, PostView};
use crate::saki::{Error, PostId, Reply};
use crate::tools::posts::answer::{CreateFacts, CreatedPosts, PostsAnswer};
use crate::tools::posts::args::CreatePostArgs;
use crate::tools::posts::attachments::pending::UploadedFiles;
use crate::tools::posts::compose::field_names::PostFields;
use crate::tools::posts::read_back::{WrittenPosts, is_of, posts_in_reply};
use crate::tools::tool_result::fields;
use crate::tools::{Failure, Tools};
use crate::write::idempotency::{Permit, StoredOutcome};
use crate::write::post_plan::PostPlan;
use crate::write::shared_store::RETENTION_TEXT;

/// A create whose files are in Saki, and the right to send it.
#[derive(Debug)]
pub(super) struct Creation {
    pub(super) planned: PostPlan,
    pub(super) request: CreatePosts,
    pub(super) uploaded: UploadedFiles,
    pub(super) key: String,
    /// Posts that equal calls made before it.
    pub(super) earlier: Vec<u64>,
    /// Equal calls wait for its end.
    pub(super) _permit: Permit,
}

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
            let lost = "An earlier equal call got no answer, so this one only looked for its posts and sent nothing.";
            let files = UploadedFiles::default();
            let found = self.reconcile(planned, request, key, stored.at, lost, &files);
            let found = found.await;
            return Some(
                found.map_err(|unknown| Failure::unknown_outcome(format!("{lost} {unknown}"))),
            );
        };
        if self.is_still_there(request, &stored.post_ids).await {
            return Some(Ok(replayed(answer, stored.at)));
        }
        let removed = self.idempotency.remove(key, now).await;
        removed.err().map(|error| Err(error.into()))
    }

    /// Whether the last of these posts still has its text; somebody may have changed or deleted it elsewhere.
    async fn is_still_there<M>(
        &self,
        request: &CreatePosts<ClusterBody<M>>,
        post_ids: &[u64],
    ) -> bool {
        let Some(post_id) = post_ids.last().copied().map(PostId) else {
            return true;
        };
        let space_id = request.space_id;
        match self.saki.send(&GetPost { space_id, post_id }).await {
            Ok(post) => {
                let post = post.into_one();
                let post = PostView::from(&post);
                request.body.items.iter().any(|item| is_of(post, item))
            }
            Err(error) => !error.is_not_found(),
        }
    }

    /// Creates the posts, and stores the outcome also when nobody waits for it any more.
    pub(super) async fn create(
        &self,
        args: &CreatePostArgs,
        creation: &Creation,
    ) -> Result<CreatedPosts, Failure> {
        let Creation {
            planned,
            request,
            uploaded,
            key,
            ..
        } = creation;
        let began = self.settings.clock.now();
        match self.saki.send_cluster(request).await {
            Ok(reply) => Ok(self.created(creation, began, reply).await),
            Err(error) if error.outcome_unknown() => {
                self.record(creation, began, Vec::new(), None).await;
                let lost = lost(&error);
                let found = self.reconcile(planned, request, key, began, &lost, uploaded);
                match found.await {
                    Ok(answer) => Ok(answer),
                    Err(unknown) => {
                        let failure = Failure::from(error).with_details(&unknown);
                        Err(uploaded.beside(failure, true))
                    }
                }
            }
            Err(error) => {
                let fields = PostFields {
                    args,
                    body: &request.body,
                    planned,
                    space_id: request.space_id.0,
                    makes: request.body.items.len() as u64,
                };
                let is_used = uploaded.still_reusable(&error, self);
                Err(uploaded.beside(self.render_failure(error, &fields).await, is_used))
            }
        }
    }

    /// The answer to a create that Saki answered.
    async fn created(&self, creation: &Creation, began: Timestamp, reply: Reply) -> CreatedPosts {
        let Creation {
            planned, request, ..
        } = creation;
        let posts = match posts_in_reply(&reply, &request.body, planned) {
            Some(posts) => posts,
            // What Saki does not say is looked for, as if the answer had been lost.
            None => {
                let looked = self.look_for(request, planned, began).await;
                looked.posts.unwrap_or_else(WrittenPosts::not_shown)
            }
        };
        let post_ids = posts.post_ids.clone();
        let mut answer = PostsAnswer::new(planned, posts, reply, self.settings.clock.now());
        answer.uploaded = creation.uploaded.facts();
        // Posts that nobody has seen are looked for again by an equal call.
        let known = (!post_ids.is_empty()).then_some(&answer);
        self.record(creation, began, post_ids, known).await;
        answer
    }

    /// The posts of a create that got no answer, or what was looked at and what to do.
    async fn reconcile<M>(
        &self,
        planned: &PostPlan,
        request: &CreatePosts<ClusterBody<M>>,
        key: &str,
        began: Timestamp,
        lost: &str,
        uploaded: &UploadedFiles,
    ) -> Result<CreatedPosts, String> {
        let mut looked = self.look_for(request, planned, began).await;
        let Some(posts) = looked.posts.take() else {
            return Err(format!(
                "{} It may still appear: look with list_posts (`space_id: {}`) later. Calling create_post with the same \
                 arguments within {RETENTION_TEXT} only looks again and sends nothing; `allow_repeat: true` would post it once more.",
                looked.summary(),
                request.space_id.0
            ));
        };
        let post_ids = posts.post_ids.clone();
        let nothing = Reply {
            status: 200,
            body: None,
            date: None,
        };
        let answer = PostsAnswer {
            uploaded: uploaded.facts(),
            facts: CreateFacts { reconciled: true },
            note: Some(format!("{lost} The posts were found by looking for them.")),
            ..PostsAnswer::new(planned, posts, nothing, self.settings.clock.now())
        };
        let outcome = StoredOutcome {
            at: began,
            post_ids,
            answer: fields(&answer).ok(),
        };
        self.store_outcome(key, &outcome).await;
        Ok(answer)
    }

    async fn record(
        &self,
        creation: &Creation,
        at: Timestamp,
        post_ids: Vec<u64>,
        answer: Option<&CreatedPosts>,
    ) {
        let outcome = StoredOutcome {
            at,
            post_ids: creation.earlier.iter().copied().chain(post_ids).collect(),
            answer: answer.and_then(|answer| fields(answer).ok()),
        };
        self.store_outcome(&creation.key, &outcome).await;
    }

    /// Stores the outcome of a create that was sent, which a failing store cannot undo.
    async fn store_outcome(&self, key: &str, outcome: &StoredOutcome) {
        if let Err(error) = self.idempotency.record(key, outcome).await {
            tracing::error!("a create was sent, but an equal call would send it again: {error}");
        }
    }
}

/// The first answer once more, which must not be mistaken for a second post.
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

fn lost(error: &Error) -> String {
    match error.status() {
        Some(status) => format!("Saki answered {status} in a way that says nothing of the posts."),
        None => "Saki's answer was lost.".to_owned(),
    }
}
