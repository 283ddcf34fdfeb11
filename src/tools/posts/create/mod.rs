//! `create_post`: prepare, send at most once, and say what was made.

mod idempotency;
mod reconciliation;

use rmcp::RoleServer;
use rmcp::service::RequestContext;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::saki::SpaceId;
use crate::saki::posts::CreatePosts;
use crate::tools::pipeline::Write;
use crate::tools::posts::answer::{TOLD, Written};
use crate::tools::posts::args::Asked;
use crate::tools::posts::attachments::pending::Uploads;
use crate::tools::posts::compose::question_lines;
use crate::tools::posts::create::idempotency::Ready;
use crate::tools::{Failure, Tools};
use crate::write::effects::Effects;
use crate::write::post_plan::PostPlan;
use crate::write::prepared::Prepared;
use crate::write::preview::Preview;

/// Posts to make.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("additionalProperties" = false))]
pub(in crate::tools::posts) struct Create {
    #[serde(flatten)]
    pub(in crate::tools::posts) asked: Asked,
    /// True: post it although the same was posted within ten minutes.
    #[serde(default)]
    #[schemars(with = "Option<bool>")]
    pub(in crate::tools::posts) allow_repeat: bool,
}

/// Posts that are ready to be made.
#[derive(Debug)]
pub(crate) struct ToCreate {
    planned: PostPlan,
    request: CreatePosts,
    uploads: Uploads,
    /// What the call means.
    call: String,
}

impl Write for Create {
    type Request = ToCreate;
    type Answer = Written;
    const COUNTS: bool = true;
    const MAY_ASK: bool = true;

    async fn prepare(&self, tools: &Tools) -> Result<Prepared<ToCreate>, Failure> {
        let space = tools.space(self.asked.space_id.as_deref()).await?;
        let files = tools.files(&self.asked).await?;
        let (planned, mut body) = tools.plan_posts(&self.asked, &space, &[], &files).await?;
        let mut uploads = files.uploads;
        let space_id = SpaceId(space.id);
        let call = uploads.meaning(tools, space_id, &body);
        uploads.recall(tools, &call, &mut body);
        let now = tools.settings.clock.now();
        let was = tools.repeats.store.get(&call, now);
        let was = was.filter(|_| !self.allow_repeat);
        let repeats = was.is_some();
        let request = CreatePosts { space_id, body };
        let mut preview = Preview {
            what: planned.sentence("Creates"),
            facts: planned.facts(now),
            request: Preview::wire(tools.saki.create_parts(&request)?)?,
            warnings: planned.warnings.clone(),
            lines: question_lines::of_body(&planned, &request.body),
            ..Preview::default()
        };
        tools.interpretations.mark_echoed(&TOLD);
        if let Some(was) = was {
            preview.warnings.push(match was.answer {
                Some(_) => "The same was posted within ten minutes, so this call would be answered with that and send nothing; `allow_repeat: true` posts it once more.".to_owned(),
                None => "An equal call got no answer, so this one would only look for its posts and send nothing.".to_owned(),
            });
        }
        let effects = Effects {
            uploads: uploads.effects(),
            repeats,
            ..planned.effects()
        };
        Ok(Prepared {
            effects,
            preview: uploads.preview(preview),
            request: ToCreate {
                planned,
                request,
                uploads,
                call,
            },
        })
    }

    async fn send(
        &self,
        tools: &Tools,
        prepared: Prepared<ToCreate>,
        context: &RequestContext<RoleServer>,
    ) -> Result<Map<String, Value>, Failure> {
        let Prepared {
            effects, request, ..
        } = prepared;
        let ToCreate {
            planned,
            mut request,
            mut uploads,
            call,
        } = request;
        // Equal calls wait here, so that not even their files are uploaded twice.
        let ours = tools.turn(&call).await;
        let now = tools.settings.clock.now();
        let earlier = match self.allow_repeat {
            true => tools.repeats.store.get(&call, now).map(|was| was.post_ids),
            false => match tools.remembered(&call, &planned, &request).await {
                Some(outcome) => return outcome,
                None => None,
            },
        };
        uploads.recall(tools, &call, &mut request.body);
        let in_saki = uploads.send(tools, context, &mut request.body).await?;
        let late = tools.in_time(&effects);
        late.map_err(|refusal| in_saki.beside(refusal, true))?;
        let ready = Ready {
            planned,
            request,
            in_saki,
            call,
            earlier: earlier.unwrap_or_default(),
            _ours: ours,
        };
        let (own, asked) = (tools.clone(), self.asked.clone());
        tools
            .run_detached(async move { own.make(&asked, &ready).await })
            .await
    }

    async fn earlier(
        &self,
        tools: &Tools,
        prepared: &Prepared<ToCreate>,
    ) -> Option<Result<Map<String, Value>, Failure>> {
        let ToCreate {
            planned,
            request,
            call,
            ..
        } = &prepared.request;
        let _ours = tools.turn(call).await;
        tools.remembered(call, planned, request).await
    }
}
