//! `create_post`: prepare, send at most once, and say what was made.

use jiff::Timestamp;
use rmcp::RoleServer;
use rmcp::service::RequestContext;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::answer::{TOLD, Written, written};
use super::asked::Asked;
use super::fields::Fields;
use super::lines;
use super::made::{Made, shown};
use crate::saki::posts::CreatePosts;
use crate::saki::{Error, Reply, SpaceId};
use crate::tools::write::Write;
use crate::tools::{Failure, Tools};
use crate::write::planned::Planned;
use crate::write::prepared::Prepared;
use crate::write::preview::Preview;
use crate::write::repeat::{MadePosts, Remembered, Turn, meaning};

/// Posts to make.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(extend("additionalProperties" = false))]
pub(super) struct Create {
    #[serde(flatten)]
    asked: Asked,
    /// True: post it again although the same was posted within ten minutes.
    #[serde(default)]
    #[schemars(with = "Option<bool>")]
    allow_repeat: bool,
}

/// Posts that are ready to be made.
#[derive(Debug, Clone)]
pub(crate) struct ToCreate {
    planned: Planned,
    request: CreatePosts,
}

impl Write for Create {
    type Request = ToCreate;
    type Answer = Written;
    const COUNTS: bool = true;
    const MAY_ASK: bool = true;

    async fn prepare(&self, tools: &Tools) -> Result<Prepared<ToCreate>, Failure> {
        let space = tools.space(self.asked.space_id.as_deref()).await?;
        let (planned, body) = tools.plan_posts(&self.asked, &space, &[]).await?;
        let request = CreatePosts {
            space_id: SpaceId(space.id),
            body,
        };
        let preview = Preview {
            what: planned.sentence("Creates"),
            facts: planned.facts(tools.settings.clock.now()),
            request: Preview::wire(tools.saki.create_parts(&request)?)?,
            warnings: planned.warnings.clone(),
            lines: lines::of_body(&planned, &request.body),
        };
        tools.understood.stand_in_the_answer(&TOLD);
        Ok(Prepared {
            effects: planned.effects(),
            preview,
            request: ToCreate { planned, request },
        })
    }

    async fn send(
        &self,
        tools: &Tools,
        prepared: Prepared<ToCreate>,
        _: &RequestContext<RoleServer>,
    ) -> Result<Map<String, Value>, Failure> {
        let (own, create) = (tools.clone(), self.clone());
        // What became of it is looked at and remembered also when nobody waits for it any more.
        tools
            .to_the_end(async move { own.create_once(&create, &prepared.request).await })
            .await
    }
}

impl Tools {
    /// Makes the posts, unless the same call made them within ten minutes.
    async fn create_once(
        &self,
        create: &Create,
        ready: &ToCreate,
    ) -> Result<Map<String, Value>, Failure> {
        let ToCreate { request, .. } = ready;
        let meaning = meaning(self.saki.key_mark(), request.space_id, &request.body);
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
                self.found(ready, &meaning, at, &[], lost)
                    .await
                    .map_err(|unknown| Failure::unknown_outcome(format!("{lost} {unknown}")))
            }
            None => self.create(create, ready, &meaning, &[]).await,
        }
    }

    async fn create(
        &self,
        create: &Create,
        ready: &ToCreate,
        meaning: &str,
        others: &[u64],
    ) -> Result<Map<String, Value>, Failure> {
        let ToCreate { planned, request } = ready;
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
                match self.found(ready, meaning, began, others, &lost).await {
                    Ok(answer) => Ok(answer),
                    Err(unknown) => Err(Failure::from(error).and(&unknown)),
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
                Err(self.told(error, &fields).await)
            }
        }
    }

    /// The answer to a create that Saki answered.
    async fn created(
        &self,
        ready: &ToCreate,
        meaning: &str,
        began: Timestamp,
        others: &[u64],
        reply: Reply,
    ) -> Map<String, Value> {
        let ToCreate { planned, request } = ready;
        let made = match shown(&reply, &request.body, planned) {
            Some(made) => made,
            // What Saki does not say is looked for, as if the answer had been lost.
            None => {
                let looked = self.look_for(request, planned, began, others).await;
                looked.made.unwrap_or_else(Made::unseen)
            }
        };
        let post_ids = made.post_ids.clone();
        let answer = written(planned, made, reply, self.settings.clock.now());
        self.remember(meaning, began, post_ids, &answer);
        answer
    }

    /// The posts of a create that got no answer, or what was looked at and what to do.
    async fn found(
        &self,
        ready: &ToCreate,
        meaning: &str,
        began: Timestamp,
        others: &[u64],
        lost: &str,
    ) -> Result<Map<String, Value>, String> {
        let ToCreate { planned, request } = ready;
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
