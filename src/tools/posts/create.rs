//! `create_post`: prepare, send, and say what was made.

use rmcp::RoleServer;
use rmcp::service::RequestContext;
use serde_json::{Map, Value};

use super::answer::{Written, written};
use super::asked::Asked;
use super::fields::Fields;
use super::made::is_new;
use super::uploads::Uploads;
use crate::saki::SpaceId;
use crate::saki::posts::CreatePosts;
use crate::tools::write::Write;
use crate::tools::{Failure, Tools};
use crate::write::planned::Planned;
use crate::write::prepared::Prepared;
use crate::write::preview::Preview;

/// Posts that are ready to be made.
#[derive(Debug)]
pub(crate) struct ToCreate {
    planned: Planned,
    request: CreatePosts,
    uploads: Uploads,
}

impl Write for Asked {
    type Request = ToCreate;
    type Answer = Written;
    const COUNTS: bool = true;

    async fn prepare(&self, tools: &Tools) -> Result<Prepared<ToCreate>, Failure> {
        let space = tools.space(self.space_id.as_deref()).await?;
        let files = tools.files(self).await?;
        let (planned, body) = tools.plan_posts(self, &space, &[], &files).await?;
        let uploads = files.uploads;
        let request = CreatePosts {
            space_id: SpaceId(space.id),
            body,
        };
        let parts = tools.saki.create_parts(&request)?;
        let now = tools.settings.clock.now();
        let preview = Preview {
            what: planned.sentence("Creates"),
            facts: planned.facts(now),
            request: Preview::wire(parts)?,
            warnings: planned.warnings.clone(),
        };
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
        let (saki, sent) = (tools.saki.clone(), request.clone());
        let sent = tools.to_the_end(async move { saki.create_posts(&sent).await });
        let reply = match sent.await {
            Ok(reply) => reply,
            Err(error) => {
                let fields = Fields {
                    asked: self,
                    body: &request.body,
                    planned: &planned,
                    space_id: request.space_id.0,
                    makes: request.body.items.len() as u64,
                };
                in_saki.doubt(&error, tools);
                return Err(in_saki.beside(tools.told(error, &fields).await));
            }
        };
        in_saki.forget(tools);
        // Saki's own clock, since posts carry its times.
        let answered = reply
            .date
            .unwrap_or_else(|| tools.settings.clock.now().as_second());
        let made = tools
            .made(request.space_id, &request.body, &planned, &reply, |post| {
                is_new(post, answered)
            })
            .await;
        let mut answer = written(&planned, made, reply, tools.settings.clock.now());
        answer.extend(in_saki.told());
        Ok(answer)
    }
}
