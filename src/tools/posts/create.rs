//! `create_post`: prepare, send, and say what was made.

use rmcp::RoleServer;
use rmcp::service::RequestContext;
use serde_json::{Map, Value};

use super::answer::{Written, written};
use super::asked::Asked;
use super::fields::Fields;
use super::made::is_new;
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
}

impl Write for Asked {
    type Request = ToCreate;
    type Answer = Written;
    const COUNTS: bool = true;

    async fn prepare(&self, tools: &Tools) -> Result<Prepared<ToCreate>, Failure> {
        let space = tools.space(self.space_id.as_deref()).await?;
        let (planned, body) = tools.plan_posts(self, &space, &[]).await?;
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
        let ToCreate { planned, request } = prepared.request;
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
                return Err(tools.told(error, &fields).await);
            }
        };
        // Saki's own clock, since posts carry its times.
        let answered = reply
            .date
            .unwrap_or_else(|| tools.settings.clock.now().as_second());
        let made = tools
            .made(request.space_id, &request.body, &planned, &reply, |post| {
                is_new(post, answered)
            })
            .await;
        Ok(written(&planned, made, reply, tools.settings.clock.now()))
    }
}
