//! `create_post`: prepare, send at most once, and say what was made.

use rmcp::RoleServer;
use rmcp::service::RequestContext;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::answer::{TOLD, Written};
use super::asked::Asked;
use super::lines;
use super::once::Ready;
use super::uploads::Uploads;
use crate::saki::SpaceId;
use crate::saki::posts::CreatePosts;
use crate::tools::write::Write;
use crate::tools::{Failure, Tools};
use crate::write::planned::Planned;
use crate::write::prepared::Prepared;
use crate::write::preview::Preview;

/// Posts to make.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(extend("additionalProperties" = false))]
pub(super) struct Create {
    #[serde(flatten)]
    pub(super) asked: Asked,
    /// True: post it although the same was posted within ten minutes.
    #[serde(default)]
    #[schemars(with = "Option<bool>")]
    pub(super) allow_repeat: bool,
}

/// Posts that are ready to be made.
#[derive(Debug)]
pub(crate) struct ToCreate {
    planned: Planned,
    request: CreatePosts,
    uploads: Uploads,
}

impl Write for Create {
    type Request = ToCreate;
    type Answer = Written;
    const COUNTS: bool = true;
    const MAY_ASK: bool = true;

    async fn prepare(&self, tools: &Tools) -> Result<Prepared<ToCreate>, Failure> {
        let space = tools.space(self.asked.space_id.as_deref()).await?;
        let files = tools.files(&self.asked).await?;
        let (planned, body) = tools.plan_posts(&self.asked, &space, &[], &files).await?;
        let uploads = files.uploads;
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
        let mut effects = planned.effects();
        effects.uploads = uploads.effects();
        Ok(Prepared {
            effects,
            preview: uploads.preview(preview),
            request: ToCreate {
                planned,
                request,
                uploads,
            },
        })
    }

    async fn send(
        &self,
        tools: &Tools,
        prepared: Prepared<ToCreate>,
        context: &RequestContext<RoleServer>,
    ) -> Result<Map<String, Value>, Failure> {
        let ToCreate {
            planned,
            mut request,
            uploads,
        } = prepared.request;
        let in_saki = uploads.send(tools, context, &mut request.body).await?;
        let ready = Ready {
            planned,
            request,
            in_saki,
        };
        let (own, create) = (tools.clone(), self.clone());
        // What became of it is looked at and remembered also when nobody waits for it any more.
        tools
            .to_the_end(async move { own.create_once(&create, &ready).await })
            .await
    }
}
