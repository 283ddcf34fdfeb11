//! `update_cluster`: a full replacement; what the call leaves out comes from the current posts.

mod changed_posts;
mod diff;
mod replacement;

use rmcp::RoleServer;
use rmcp::service::RequestContext;
use schemars::{JsonSchema, Schema};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::saki::posts::{ClusterBody, UpdateCluster};
use crate::saki::{ClusterId, Error, SpaceId};
use crate::tools::failure::{AccountPost, PartlyDone};
use crate::tools::pipeline::{Write, WriteAnswer, WriteScope, WriteTraits};
use crate::tools::posts::answer::{ECHOED, PostsAnswer, ReplaceFacts};
use crate::tools::posts::args::CreatePostArgs;
use crate::tools::posts::attachments::PlannedMedia;
use crate::tools::posts::attachments::pending::Uploads;
use crate::tools::posts::compose::post_field_mapper::PostFields;
use crate::tools::posts::compose::question_lines;
use crate::tools::posts::read_back::{parts_of, refused_in_part, words_beside};
use crate::tools::resource_path::Collection;
use crate::tools::{Failure, Tools};
use crate::write::effects::Effects;
use crate::write::idempotency::idempotency_key;
use crate::write::planned_request::PlannedRequest;
use crate::write::post_plan::PostPlan;
use crate::write::prepared::Prepared;
use crate::write::preview::{Preview, PreviewFacts};
use changed_posts::ClusterBefore;

/// The arguments of `update_cluster`.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("additionalProperties" = false, "required" = ["cluster_id"]))]
#[schemars(transform = as_in_create_post)]
pub(crate) struct UpdateClusterArgs {
    /// Cluster to change: the `cluster_id` of its posts.
    cluster_id: String,
    #[serde(flatten)]
    args: CreatePostArgs,
}

/// Every word of the tool list costs tokens, so the largest schemas are in it only once.
fn as_in_create_post(schema: &mut Schema) {
    for (name, keyword, text) in [
        (
            "account_ids",
            "description",
            "The whole new list, as in create_post.",
        ),
        (
            "publish",
            "description",
            r#""draft" keeps it private, "schedule" publishes at `scheduled_at`, "now" at once; a time alone means "schedule"."#,
        ),
        ("media", "x-brief", "As in create_post."),
        ("metadata", "x-brief", "As in create_post."),
    ] {
        let property = schema.pointer_mut(&format!("/properties/{name}"));
        if let Some(property) = property.and_then(Value::as_object_mut) {
            property.insert(keyword.to_owned(), json!(text));
        }
    }
}

/// A cluster that is ready to be changed.
#[derive(Debug)]
pub(crate) struct PreparedReplacement {
    planned: PostPlan,
    request: UpdateCluster<ClusterBody<PlannedMedia>>,
    uploads: Uploads,
    /// The idempotency key of the call.
    key: String,
    before: ClusterBefore,
    /// How many posts are new to the cluster.
    new_post_count: u64,
}

impl Write for UpdateClusterArgs {
    type Endpoint = UpdateCluster;
    type Request = PreparedReplacement;
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

    fn texts_mut(&mut self) -> Vec<(String, &mut String)> {
        self.args.texts_mut()
    }

    async fn prepare(&self, tools: &Tools) -> Result<Prepared<PreparedReplacement>, Failure> {
        let UpdateClusterArgs { cluster_id, args } = self;
        if args.is_empty() {
            return Err(Failure::no_change(
                "`content`, `scheduled_at`, `publish`, `media`, `thread`, `metadata`, `account_ids` or `per_account`",
            ));
        }
        let cluster_id = ClusterId(cluster_id.trim().to_owned());
        let mut named = args.named();
        named
            .ids
            .insert(0, (Collection::Clusters, cluster_id.0.clone()));
        let space = tools
            .directory
            .find_named_space(args.space_id.as_deref(), named);
        let space = space.await?;
        let space_id = SpaceId(space.id);
        let current_posts = tools.current_posts(space_id, &cluster_id).await?;
        let files = tools.files(args).await?;
        let (mut planned, mut body) = tools
            .plan_posts(args, &space, &current_posts, &files)
            .await?;
        let mut uploads = files.uploads;
        let key = idempotency_key(
            tools.saki.key_fingerprint(),
            space_id,
            &body,
            PlannedMedia::content_key,
        );
        uploads.reuse_completed(tools, &key, body.media_mut().collect());
        let now = tools.settings.clock.now();
        let replacement = tools
            .prepare_replacement(space_id, &current_posts, &body.items)
            .await?;
        planned
            .warnings
            .extend(replacement.public_post_warnings(now));
        let effects = Effects {
            uploads: uploads.effects(),
            ..replacement.effects(&planned, now)
        };
        let removed_lines = replacement.removed_lines(tools, &tools.zone_in(&space));
        let (before, removed, new_post_count) = (
            replacement.before(now),
            replacement.removed(),
            replacement.new_post_count(),
        );
        let changes = replacement.changes(&planned, now);
        let what = replacement.sentence(&planned);
        let posts = tools.planned_posts(&effects, &planned, &body.items, &current_posts);
        let lasting_warnings = tools.plan_warnings(space_id, &posts).await;
        let warnings = planned.warnings.clone();
        planned.warnings.extend(lasting_warnings.clone());
        let request = UpdateCluster {
            space_id,
            cluster_id,
            body,
        };
        let preview = Preview {
            what,
            facts: PreviewFacts {
                plan: planned.facts(now),
                removed: removed.iter().map(|removed| json!(removed)).collect(),
                before: Some(before),
                changes_of_posts: Some(changes.clone()),
                ..PreviewFacts::default()
            },
            request: Some(PlannedRequest::Json(tools.saki.cluster_parts(&request)?)),
            warnings,
            lasting_warnings,
            lines: [
                question_lines::body_lines(&planned, &request.body),
                removed_lines,
            ]
            .concat(),
            ..Preview::default()
        };
        tools.interpretations.mark_echoed(&ECHOED);
        Ok(Prepared {
            effects,
            preview: uploads.preview(preview),
            request: PreparedReplacement {
                planned,
                request,
                uploads,
                key,
                before: ClusterBefore {
                    posts: current_posts,
                    changes,
                    removed,
                },
                new_post_count,
            },
        })
    }

    async fn send(
        &self,
        tools: &Tools,
        prepared: Prepared<PreparedReplacement>,
        context: &RequestContext<RoleServer>,
    ) -> Result<WriteAnswer<Self>, Failure> {
        let PreparedReplacement {
            mut planned,
            request,
            uploads,
            key,
            before,
            new_post_count,
        } = prepared.request;
        let (uploaded, body) = uploads
            .send(tools, context, &key, request.body, &mut planned.warnings)
            .await?;
        let request = UpdateCluster {
            space_id: request.space_id,
            cluster_id: request.cluster_id,
            body,
        };
        let late = tools.check_time(&prepared.effects);
        late.map_err(|refusal| uploaded.with_uploaded_files(refusal, true))?;
        let (saki, sent) = (tools.saki.clone(), request.clone());
        let sent = async move { saki.send_cluster(&sent).await };
        let sent = tools.run_detached(prepared.effects, sent).await;
        let partial = async |error: &Error| {
            let (reply, _) = refused_in_part(error, &request.body)?;
            let parts = parts_of(&reply);
            let mut posts = tools
                .changed_posts(&request, &planned, &before, parts)
                .await;
            let is_undone = posts.posts.is_empty() && posts.unclear.is_empty();
            posts.warnings.extend(words_beside(&reply));
            (!is_undone).then_some((reply, posts))
        };
        let (reply, posts) = match sent {
            Ok(reply) => {
                let posts = tools.read_back(&request, &planned, &before, &reply).await;
                (reply, posts)
            }
            Err(error) => match partial(&error).await {
                Some(done) => done,
                None => {
                    let fields = PostFields {
                        args: &self.args,
                        body: &request.body,
                        planned: &planned,
                        space_id: request.space_id.0,
                        new_post_count,
                    };
                    let is_used = uploaded.still_reusable(&error, tools);
                    let failure = tools.render_failure(error, &fields).await;
                    return Err(uploaded.with_uploaded_files(failure, is_used));
                }
            },
        };
        let removed = before.removed;
        let partly = posts.partly_done(&planned, reply.status);
        let answer = PostsAnswer::new(&planned, posts, reply.body, tools.settings.clock.now());
        answer.note_ids();
        if let Some(partly) = partly {
            let failure = replaced_partly(partly, &answer.warnings, &removed);
            return Err(uploaded.with_uploaded_files(failure, false));
        }
        let answer = PostsAnswer {
            facts: ReplaceFacts { removed },
            uploaded: uploaded.facts(),
            ..answer.of_cluster(&request.cluster_id.0)
        };
        let timezone = self.args.timezone.as_deref();
        let answer = answer
            .with_post_facts(tools, request.space_id, timezone)
            .await;
        Ok(WriteAnswer::Done(answer))
    }
}

/// The failure of a replacement that Saki did only for some of the accounts.
fn replaced_partly(partly: PartlyDone, warnings: &[String], removed: &[AccountPost]) -> Failure {
    let gone = removed.iter().map(|gone| {
        format!(
            "account {} was left out, so its post {} may be gone",
            gone.account, gone.post_id
        )
    });
    let warnings: Vec<String> = warnings.iter().cloned().chain(gone).collect();
    let next = format!(
        "Correct what Saki names for the accounts {}, then call update_cluster again with the same arguments and all its accounts: \
         one that is left out loses its post.",
        partly.refused_ids()
    );
    Failure::partly(partly, &warnings, &next)
}
