//! One create is sent at most once: an equal call replays it, and a lost answer is looked up.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::saki::posts::{CreatePosts, GetPost};
use crate::saki::{Error, PostId, Reply};
use crate::tools::posts::answer::written;
use crate::tools::posts::args::Asked;
use crate::tools::posts::attachments::pending::InSaki;
use crate::tools::posts::compose::field_names::Fields;
use crate::tools::posts::read_back::{Made, is_of, shown};
use crate::tools::{Failure, Tools};
use crate::write::idempotency::{Acquire, Permit, StoredOutcome};
use crate::write::post_plan::PostPlan;

/// Posts whose files are in Saki, and the right to make them.
#[derive(Debug)]
pub(in crate::tools::posts) struct Ready {
    pub(in crate::tools::posts) planned: PostPlan,
    pub(in crate::tools::posts) request: CreatePosts,
    pub(in crate::tools::posts) in_saki: InSaki,
    /// What the call means.
    pub(in crate::tools::posts) call: String,
    /// Posts that equal calls made before it.
    pub(in crate::tools::posts) earlier: Vec<u64>,
    /// Equal calls wait for its end.
    pub(in crate::tools::posts) _ours: Permit,
}

impl Tools {
    /// Waits until no equal call is on its way.
    pub(in crate::tools::posts) async fn turn(&self, call: &str) -> Permit {
        loop {
            match self.repeats.in_flight.acquire(call).await {
                Acquire::Permit(ours) => return ours,
                Acquire::Waited => {}
            }
        }
    }

    /// What an equal call of the last ten minutes came to; nothing where its posts are no longer there.
    pub(in crate::tools::posts) async fn remembered(
        &self,
        call: &str,
        planned: &PostPlan,
        request: &CreatePosts,
    ) -> Option<Result<Map<String, Value>, Failure>> {
        let StoredOutcome {
            at,
            post_ids,
            answer,
        } = self.repeats.store.get(call, self.settings.clock.now())?;
        let Some(answer) = answer else {
            let lost = "An earlier equal call got no answer, so this one only looked for its posts and sent nothing.";
            let files = InSaki::default();
            let found = self
                .posts_of(planned, request, call, at, lost, &files)
                .await;
            return Some(
                found.map_err(|unknown| Failure::unknown_outcome(format!("{lost} {unknown}"))),
            );
        };
        if self.is_still_so(request, &post_ids).await {
            return Some(Ok(replayed(answer, at)));
        }
        self.repeats.store.forget(&post_ids);
        None
    }

    /// Whether the first of these posts still has its text; somebody may have changed or deleted it elsewhere.
    async fn is_still_so(&self, request: &CreatePosts, post_ids: &[u64]) -> bool {
        let Some(post_id) = post_ids.last().copied().map(PostId) else {
            return true;
        };
        let space_id = request.space_id;
        match self.saki.send(&GetPost { space_id, post_id }).await {
            Ok(post) => {
                let post = Value::Object(post.into_one());
                request.body.items.iter().any(|item| is_of(&post, item))
            }
            Err(error) => !error.is_not_found(),
        }
    }

    /// Makes the posts; what became of it is looked at and remembered also when nobody waits for it any more.
    pub(in crate::tools::posts) async fn make(
        &self,
        asked: &Asked,
        ready: &Ready,
    ) -> Result<Map<String, Value>, Failure> {
        let Ready {
            planned,
            request,
            in_saki,
            call,
            ..
        } = ready;
        let began = self.settings.clock.now();
        match self.saki.create_posts(request).await {
            Ok(reply) => Ok(self.created(ready, began, reply).await),
            Err(error) if error.outcome_unknown() => {
                self.remember(ready, began, Vec::new(), None);
                let lost = lost(&error);
                let found = self.posts_of(planned, request, call, began, &lost, in_saki);
                match found.await {
                    Ok(answer) => Ok(answer),
                    Err(unknown) => {
                        let failure = Failure::from(error).with_details(&unknown);
                        Err(in_saki.beside(failure, true))
                    }
                }
            }
            Err(error) => {
                let fields = Fields {
                    asked,
                    body: &request.body,
                    planned,
                    space_id: request.space_id.0,
                    makes: request.body.items.len() as u64,
                };
                let is_used = in_saki.survives(&error, self);
                Err(in_saki.beside(self.render_failure(error, &fields).await, is_used))
            }
        }
    }

    /// The answer to a create that Saki answered.
    async fn created(&self, ready: &Ready, began: Timestamp, reply: Reply) -> Map<String, Value> {
        let Ready {
            planned, request, ..
        } = ready;
        let made = match shown(&reply, &request.body, planned) {
            Some(made) => made,
            // What Saki does not say is looked for, as if the answer had been lost.
            None => {
                let looked = self.look_for(request, planned, began).await;
                looked.made.unwrap_or_else(Made::unseen)
            }
        };
        let post_ids = made.post_ids.clone();
        let mut answer = written(planned, made, reply, self.settings.clock.now());
        answer.extend(ready.in_saki.told());
        // Posts that nobody has seen are looked for again by an equal call.
        let known = (!post_ids.is_empty()).then(|| answer.clone());
        self.remember(ready, began, post_ids, known);
        answer
    }

    /// The posts of a create that got no answer, or what was looked at and what to do.
    async fn posts_of(
        &self,
        planned: &PostPlan,
        request: &CreatePosts,
        call: &str,
        began: Timestamp,
        lost: &str,
        in_saki: &InSaki,
    ) -> Result<Map<String, Value>, String> {
        let mut looked = self.look_for(request, planned, began).await;
        let Some(made) = looked.made.take() else {
            return Err(format!(
                "{} It may still appear: look with list_posts (`space_id: {}`) later. Calling create_post with the same \
                 arguments within ten minutes only looks again and sends nothing; `allow_repeat: true` would post it once more.",
                looked.say(),
                request.space_id.0
            ));
        };
        let post_ids = made.post_ids.clone();
        let nothing = Reply {
            status: 200,
            body: None,
            date: None,
        };
        let mut answer = written(planned, made, nothing, self.settings.clock.now());
        answer.extend(in_saki.told());
        answer.insert("reconciled".to_owned(), json!(true));
        answer.insert(
            "note".to_owned(),
            json!(format!("{lost} The posts were found by looking for them.")),
        );
        let outcome = StoredOutcome {
            at: began,
            post_ids,
            answer: Some(answer.clone()),
        };
        self.repeats.store.put(call, outcome);
        Ok(answer)
    }

    fn remember(
        &self,
        ready: &Ready,
        at: Timestamp,
        made: Vec<u64>,
        answer: Option<Map<String, Value>>,
    ) {
        let outcome = StoredOutcome {
            at,
            post_ids: ready.earlier.iter().copied().chain(made).collect(),
            answer,
        };
        self.repeats.store.put(&ready.call, outcome);
    }
}

/// The first answer once more, which must not be mistaken for a second post.
fn replayed(first: Map<String, Value>, at: Timestamp) -> Map<String, Value> {
    let note = format!(
        "The same call made these posts at {}, so nothing was sent. To post it once more on purpose, pass `allow_repeat: true`.",
        at.strftime("%Y-%m-%dT%H:%M:%SZ")
    );
    let mut answer = Map::from_iter([
        ("outcome".to_owned(), json!("replayed")),
        ("note".to_owned(), json!(note)),
    ]);
    for (name, value) in first {
        answer.entry(name).or_insert(value);
    }
    answer
}

fn lost(error: &Error) -> String {
    match error.status() {
        Some(status) => format!("Saki answered {status} in a way that says nothing of the posts."),
        None => "Saki's answer was lost.".to_owned(),
    }
}
