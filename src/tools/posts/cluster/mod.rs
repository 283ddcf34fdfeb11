//! `update_cluster`: a full replacement, where what the agent left out is filled from the present posts.

mod diff;
mod replacement;

use rmcp::RoleServer;
use rmcp::service::RequestContext;
use schemars::{JsonSchema, Schema};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::saki::posts::{ClusterBody, PostView, UpdateCluster};
use crate::saki::{ClusterId, SpaceId};
use crate::tools::pipeline::{Write, WriteAnswer, WriteScope, WriteTraits};
use crate::tools::posts::answer::{ECHOED, PostsAnswer, RemovedPost, ReplaceFacts};
use crate::tools::posts::args::CreatePostArgs;
use crate::tools::posts::attachments::PlannedMedia;
use crate::tools::posts::attachments::pending::Uploads;
use crate::tools::posts::compose::field_names::PostFields;
use crate::tools::posts::compose::question_lines;
use crate::tools::posts::current::is_first_of;
use crate::tools::{Failure, Tools};
use crate::write::effects::Effects;
use crate::write::idempotency::idempotency_key;
use crate::write::planned_request::PlannedRequest;
use crate::write::post_plan::PostPlan;
use crate::write::prepared::Prepared;
use crate::write::preview::{Preview, PreviewFacts};

/// The arguments of `update_cluster`.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("additionalProperties" = false, "required" = ["cluster_id"]))]
#[schemars(transform = as_in_create_post)]
pub(in crate::tools::posts) struct UpdateClusterArgs {
    /// Cluster to change: the `cluster_id` of its posts.
    cluster_id: String,
    #[serde(flatten)]
    args: CreatePostArgs,
}

/// Every word of the tool list costs tokens, so the largest schemas are in it only once.
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
    request: UpdateCluster<ClusterBody<PlannedMedia>>,
    uploads: Uploads,
    /// The idempotency key of the call.
    key: String,
    removed: Vec<RemovedPost>,
    /// How many posts are new to the cluster.
    makes: u64,
}

impl Write for UpdateClusterArgs {
    type Request = ToReplace;
    type Answer = PostsAnswer<ReplaceFacts>;
    const TRAITS: WriteTraits = WriteTraits {
        scope: WriteScope::Drafts,
        takes_confirmation: true,
        preview_facts: &[
            "warnings",
            "mode",
            "scheduled_at",
            "local",
            "in",
            "accounts",
            "uploads",
            "goes_public",
            "removed",
            "before",
            "changes_of_posts",
        ],
        ..WriteTraits::DEFAULT
    };

    async fn prepare(&self, tools: &Tools) -> Result<Prepared<ToReplace>, Failure> {
        let UpdateClusterArgs { cluster_id, args } = self;
        let space = tools.directory.find_space(args.space_id.as_deref()).await?;
        let space_id = SpaceId(space.id);
        let cluster_id = ClusterId(cluster_id.trim().to_owned());
        let present = tools.present(space_id, &cluster_id).await?;
        let files = tools.files(args).await?;
        let (mut planned, mut body) = tools.plan_posts(args, &space, &present, &files).await?;
        let mut uploads = files.uploads;
        let key = idempotency_key(
            tools.saki.key_fingerprint(),
            space_id,
            &body,
            PlannedMedia::content_key,
        );
        uploads.recall(tools, &key, &mut body);
        let now = tools.settings.clock.now();
        let replaced = tools.replaced(space_id, &present, &body.items).await?;
        planned.warnings.extend(replaced.public_already(now));
        let effects = Effects {
            uploads: uploads.effects(),
            ..replaced.effects(&planned, now)
        };
        let lost = replaced.lost(tools);
        let (before, removed, makes) = (replaced.before(), replaced.removed(), replaced.makes());
        let changes = replaced.changes(&planned, now);
        let request = UpdateCluster {
            space_id,
            cluster_id,
            body,
        };
        let preview = Preview {
            what: planned.sentence("Replaces"),
            facts: PreviewFacts {
                plan: planned.facts(now),
                removed: removed.iter().map(|removed| json!(removed)).collect(),
                before: Some(before),
                changes_of_posts: Some(changes),
                ..PreviewFacts::default()
            },
            request: Some(PlannedRequest::Json(tools.saki.cluster_parts(&request)?)),
            warnings: planned.warnings.clone(),
            lines: [question_lines::of_body(&planned, &request.body), lost].concat(),
            ..Preview::default()
        };
        tools.interpretations.mark_echoed(&ECHOED);
        Ok(Prepared {
            effects,
            preview: uploads.preview(preview),
            request: ToReplace {
                planned,
                request,
                uploads,
                key,
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
    ) -> Result<WriteAnswer<Self>, Failure> {
        let Prepared {
            effects, request, ..
        } = prepared;
        let ToReplace {
            planned,
            request,
            uploads,
            key,
            removed,
            makes,
        } = request;
        let (uploaded, body) = uploads.send(tools, context, &key, request.body).await?;
        let request = UpdateCluster {
            space_id: request.space_id,
            cluster_id: request.cluster_id,
            body,
        };
        let late = tools.check_time(&effects);
        late.map_err(|refusal| uploaded.beside(refusal, true))?;
        let (saki, sent) = (tools.saki.clone(), request.clone());
        let sent = async move { saki.send_cluster(&sent).await };
        let reply = match tools.run_detached(effects, sent).await {
            Ok(reply) => reply,
            Err(error) => {
                let fields = PostFields {
                    args: &self.args,
                    body: &request.body,
                    planned: &planned,
                    space_id: request.space_id.0,
                    makes,
                };
                let is_used = uploaded.still_reusable(&error, tools);
                let failure = tools.render_failure(error, &fields).await;
                return Err(uploaded.beside(failure, is_used));
            }
        };
        let cluster_id = &request.cluster_id;
        let is_ours = |post: PostView<'_>| is_first_of(post, cluster_id);
        let posts = tools
            .read_back(request.space_id, &request.body, &planned, &reply, is_ours)
            .await;
        let answer = PostsAnswer::new(&planned, posts, reply, tools.settings.clock.now());
        Ok(WriteAnswer::Done(PostsAnswer {
            facts: ReplaceFacts { removed },
            uploaded: uploaded.facts(),
            ..answer.of_cluster(&cluster_id.0)
        }))
    }
}
