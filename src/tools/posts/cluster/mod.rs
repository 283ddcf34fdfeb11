//! `update_cluster`: a full replacement, where what the agent left out is filled from the present posts.

mod diff;
mod replacement;

use rmcp::RoleServer;
use rmcp::service::RequestContext;
use schemars::{JsonSchema, Schema};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::saki::posts::UpdateCluster;
use crate::saki::{ClusterId, SpaceId};
use crate::tools::pipeline::Write;
use crate::tools::posts::answer::{TOLD, Written, written};
use crate::tools::posts::args::Asked;
use crate::tools::posts::attachments::pending::Uploads;
use crate::tools::posts::compose::field_names::Fields;
use crate::tools::posts::compose::question_lines;
use crate::tools::posts::current::is_first_of;
use crate::tools::{Failure, Tools};
use crate::write::effects::Effects;
use crate::write::post_plan::PostPlan;
use crate::write::prepared::Prepared;
use crate::write::preview::Preview;

/// What a cluster is to be.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("additionalProperties" = false, "required" = ["cluster_id"]))]
#[schemars(transform = as_in_create_post)]
pub(in crate::tools::posts) struct Change {
    /// Cluster to change: the `cluster_id` of its posts.
    cluster_id: String,
    #[serde(flatten)]
    asked: Asked,
}

/// A model pays for each word of a list, so the largest shapes stand in it once.
fn as_in_create_post(schema: &mut Schema) {
    for name in ["media", "metadata"] {
        let property = schema.pointer_mut(&format!("/properties/{name}"));
        if let Some(property) = property.and_then(Value::as_object_mut) {
            property.insert("x-brief".to_owned(), json!("As in create_post."));
        }
    }
}

/// A cluster that is ready to be changed.
#[derive(Debug)]
pub(crate) struct ToReplace {
    planned: PostPlan,
    request: UpdateCluster,
    uploads: Uploads,
    removed: Vec<Value>,
    /// How many posts are new to the cluster.
    makes: u64,
}

impl Write for Change {
    type Request = ToReplace;
    type Answer = Written;
    const MAY_ASK: bool = true;

    async fn prepare(&self, tools: &Tools) -> Result<Prepared<ToReplace>, Failure> {
        let Change { cluster_id, asked } = self;
        let space = tools.space(asked.space_id.as_deref()).await?;
        let space_id = SpaceId(space.id);
        let cluster_id = ClusterId(cluster_id.trim().to_owned());
        let present = tools.present(space_id, &cluster_id).await?;
        let files = tools.files(asked).await?;
        let (mut planned, mut body) = tools.plan_posts(asked, &space, &present, &files).await?;
        let mut uploads = files.uploads;
        let call = uploads.meaning(tools, space_id, &body);
        uploads.recall(tools, &call, &mut body);
        let now = tools.settings.clock.now();
        let replaced = tools.replaced(space_id, &present, &body.items).await?;
        planned.warnings.extend(replaced.public_already(now));
        let effects = Effects {
            uploads: uploads.effects(),
            ..replaced.effects(&planned, now)
        };
        let lost = replaced.lost(tools);
        let (before, removed, makes) = (replaced.before(), replaced.removed(), replaced.makes());
        let mut changes = Value::Array(replaced.changes(&planned, now));
        uploads.show_in(&mut changes);
        let request = UpdateCluster {
            space_id,
            cluster_id,
            body,
        };
        let mut preview = Preview {
            what: planned.sentence("Replaces"),
            facts: planned.facts(now),
            request: Preview::wire(tools.saki.cluster_parts(&request)?)?,
            warnings: planned.warnings.clone(),
            lines: [question_lines::of_body(&planned, &request.body), lost].concat(),
            ..Preview::default()
        };
        if !removed.is_empty() {
            preview = preview.with("removed", removed.clone());
        }
        tools.interpretations.mark_echoed(&TOLD);
        Ok(Prepared {
            effects,
            preview: uploads
                .preview(preview)
                .with("before", before)
                .with("changes", changes),
            request: ToReplace {
                planned,
                request,
                uploads,
                removed,
                makes,
            },
        })
    }

    async fn send(
        &self,
        tools: &Tools,
        prepared: Prepared<ToReplace>,
        context: &RequestContext<RoleServer>,
    ) -> Result<Map<String, Value>, Failure> {
        let ToReplace {
            planned,
            mut request,
            uploads,
            removed,
            makes,
        } = prepared.request;
        let in_saki = uploads.send(tools, context, &mut request.body).await?;
        let late = tools.in_time(&prepared.effects);
        late.map_err(|refusal| in_saki.beside(refusal, true))?;
        let (saki, sent) = (tools.saki.clone(), request.clone());
        let sent = tools.run_detached(async move { saki.update_cluster(&sent).await });
        let reply = match sent.await {
            Ok(reply) => reply,
            Err(error) => {
                let fields = Fields {
                    asked: &self.asked,
                    body: &request.body,
                    planned: &planned,
                    space_id: request.space_id.0,
                    makes,
                };
                let is_used = in_saki.survives(&error, tools);
                return Err(in_saki.beside(tools.render_failure(error, &fields).await, is_used));
            }
        };
        let cluster_id = &request.cluster_id;
        let made = tools
            .made(request.space_id, &request.body, &planned, &reply, |post| {
                is_first_of(post, cluster_id)
            })
            .await;
        let mut answer = written(&planned, made, reply, tools.settings.clock.now());
        answer
            .entry("cluster_id")
            .or_insert_with(|| json!(cluster_id));
        if !removed.is_empty() {
            answer.insert("removed".to_owned(), removed.into());
        }
        answer.extend(in_saki.told());
        Ok(answer)
    }
}
