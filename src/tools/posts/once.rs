//! One create is sent at most once: an equal call replays it, and a lost answer is looked up.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::answer::written;
use super::create::Create;
use super::fields::Fields;
use super::made::{Made, shown};
use super::uploads::InSaki;
use crate::saki::posts::CreatePosts;
use crate::saki::{Error, Reply};
use crate::tools::{Failure, Tools};
use crate::write::planned::Planned;
use crate::write::repeat::{MadePosts, Remembered, Turn, meaning};

/// Posts whose files are in Saki.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) planned: Planned,
    pub(super) request: CreatePosts,
    pub(super) in_saki: InSaki,
}

impl Tools {
    /// Makes the posts, unless the same call made them within ten minutes.
    pub(super) async fn create_once(
        &self,
        create: &Create,
        ready: &Ready,
    ) -> Result<Map<String, Value>, Failure> {
        let Ready { request, .. } = ready;
        let meaning = meaning(self.saki.whose(), request.space_id, &request.body);
        let _ours = loop {
            match self.repeats.once.turn(&meaning).await {
                Turn::Ours(ours) => break ours,
                Turn::Waited => {}
            }
        };
        let now = self.settings.clock.now();
        match self.repeats.store.get(&meaning, now) {
            Some(Remembered { made, .. }) if create.allow_repeat => {
                let others = made.map(|made| made.post_ids).unwrap_or_default();
                self.create(create, ready, &meaning, &others).await
            }
            Some(Remembered {
                at,
                made: Some(made),
            }) => Ok(replayed(made, at)),
            Some(Remembered { at, made: None }) => {
                let lost = "An earlier equal call got no answer, so this one only looked for its posts and sent nothing.";
                self.posts_of(ready, &meaning, at, &[], lost)
                    .await
                    .map_err(|unknown| Failure::unknown_outcome(format!("{lost} {unknown}")))
            }
            None => self.create(create, ready, &meaning, &[]).await,
        }
    }

    async fn create(
        &self,
        create: &Create,
        ready: &Ready,
        meaning: &str,
        others: &[u64],
    ) -> Result<Map<String, Value>, Failure> {
        let Ready {
            planned,
            request,
            in_saki,
        } = ready;
        let began = self.settings.clock.now();
        match self.saki.create_posts(request).await {
            Ok(reply) => Ok(self.created(ready, meaning, began, others, reply).await),
            Err(error) if error.leaves_a_write_open() => {
                let outcome = Remembered {
                    at: began,
                    made: None,
                };
                self.repeats.store.put(meaning, outcome);
                let lost = lost(&error);
                match self.posts_of(ready, meaning, began, others, &lost).await {
                    Ok(answer) => Ok(answer),
                    Err(unknown) => Err(in_saki.beside(Failure::from(error).adding(&unknown))),
                }
            }
            Err(error) => {
                let fields = Fields {
                    asked: &create.asked,
                    body: &request.body,
                    planned,
                    space_id: request.space_id.0,
                    makes: request.body.items.len() as u64,
                };
                in_saki.doubt(&error, self);
                Err(in_saki.beside(self.told(error, &fields).await))
            }
        }
    }

    /// The answer to a create that Saki answered.
    async fn created(
        &self,
        ready: &Ready,
        meaning: &str,
        began: Timestamp,
        others: &[u64],
        reply: Reply,
    ) -> Map<String, Value> {
        let Ready {
            planned, request, ..
        } = ready;
        let made = match shown(&reply, &request.body, planned) {
            Some(made) => made,
            // What Saki does not say is looked for, as if the answer had been lost.
            None => {
                let looked = self.look_for(request, planned, began, others).await;
                looked.made.unwrap_or_else(Made::unseen)
            }
        };
        let post_ids = made.post_ids.clone();
        let mut answer = written(planned, made, reply, self.settings.clock.now());
        answer.extend(ready.in_saki.told());
        self.remember(meaning, began, post_ids, &answer);
        answer
    }

    /// The posts of a create that got no answer, or what was looked at and what to do.
    async fn posts_of(
        &self,
        ready: &Ready,
        meaning: &str,
        began: Timestamp,
        others: &[u64],
        lost: &str,
    ) -> Result<Map<String, Value>, String> {
        let Ready {
            planned, request, ..
        } = ready;
        let mut looked = self.look_for(request, planned, began, others).await;
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
        answer.extend(ready.in_saki.told());
        answer.insert("reconciled".to_owned(), json!(true));
        answer.insert(
            "note".to_owned(),
            json!(format!("{lost} The posts were found by looking for them.")),
        );
        self.remember(meaning, began, post_ids, &answer);
        Ok(answer)
    }

    fn remember(
        &self,
        meaning: &str,
        at: Timestamp,
        post_ids: Vec<u64>,
        answer: &Map<String, Value>,
    ) {
        let made = MadePosts {
            post_ids,
            answer: answer.clone(),
        };
        let outcome = Remembered {
            at,
            made: Some(made),
        };
        self.repeats.store.put(meaning, outcome);
    }
}

/// The first answer once more, which must not be mistaken for a second post.
fn replayed(made: MadePosts, at: Timestamp) -> Map<String, Value> {
    let note = format!(
        "The same call made these posts at {}, so nothing was sent. To post it once more on purpose, pass `allow_repeat: true`.",
        at.strftime("%Y-%m-%dT%H:%M:%SZ")
    );
    let mut answer = Map::from_iter([
        ("outcome".to_owned(), json!("replayed")),
        ("note".to_owned(), json!(note)),
    ]);
    for (name, value) in made.answer {
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
