//! `create_post`: prepares the posts, sends them at most once, and reports what was created.

mod duplicate_suppression;
mod lost_attempt;
mod reconciliation;

use std::sync::Mutex;

use rmcp::RoleServer;
use rmcp::service::RequestContext;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::saki::SpaceId;
use crate::saki::posts::{ClusterBody, CreatePosts};
use crate::tools::pipeline::{Write, WriteAnswer, WriteScope, WriteTraits};
use crate::tools::posts::answer::{CreatedPosts, ECHOED};
use crate::tools::posts::args::CreatePostArgs;
use crate::tools::posts::attachments::PlannedMedia;
use crate::tools::posts::attachments::pending::Uploads;
use crate::tools::posts::compose::question_lines;
use crate::tools::posts::create::duplicate_suppression::CreateAttempt;
use crate::tools::{Failure, Tools};
use crate::write::effects::Effects;
use crate::write::idempotency::idempotency_key;
use crate::write::planned_request::PlannedRequest;
use crate::write::post_plan::PostPlan;
use crate::write::prepared::Prepared;
use crate::write::preview::{Preview, PreviewFacts};
use crate::write::shared_store::RETENTION_TEXT;

/// The arguments of `create_post`.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("additionalProperties" = false))]
pub(crate) struct CreatePostCall {
    #[serde(flatten)]
    pub(crate) args: CreatePostArgs,
    #[serde(default)]
    #[schemars(
        with = "Option<bool>",
        description = format!("True: post it even if the same was posted within {RETENTION_TEXT}.")
    )]
    pub(crate) allow_repeat: bool,
}

/// Posts that are ready to be made.
#[derive(Debug)]
pub(crate) struct PreparedCreate {
    planned: PostPlan,
    request: CreatePosts<ClusterBody<PlannedMedia>>,
    uploads: Uploads,
    /// The idempotency key of the call.
    key: String,
}

impl CreatePostCall {
    /// The answer with what every tool says of a post, in the zone that the call names.
    async fn with_post_facts(
        &self,
        tools: &Tools,
        space_id: SpaceId,
        answer: CreatedPosts,
    ) -> CreatedPosts {
        let timezone = self.args.timezone.as_deref();
        answer.with_post_facts(tools, space_id, timezone).await
    }

    /// The same of an earlier equal call.
    async fn replayed(
        &self,
        tools: &Tools,
        space_id: SpaceId,
        outcome: Result<CreatedPosts, Failure>,
    ) -> Result<WriteAnswer<Self>, Failure> {
        let answer = self.with_post_facts(tools, space_id, outcome?).await;
        Ok(WriteAnswer::Replayed(answer))
    }
}

impl Write for CreatePostCall {
    type Endpoint = CreatePosts;
    type Request = PreparedCreate;
    type Answer = CreatedPosts;
    const TRAITS: WriteTraits = WriteTraits {
        scope: WriteScope::Drafts,
        takes_confirmation: true,
        counts_against_plan: true,
        preview_facts: &[
            "warnings",
            "mode",
            "scheduled_at",
            "local",
            "in",
            "accounts",
            "uploads",
            "goes_public",
            "plan",
        ],
    };

    fn texts_mut(&mut self) -> Vec<(String, &mut String)> {
        self.args.texts_mut()
    }

    async fn prepare(&self, tools: &Tools) -> Result<Prepared<PreparedCreate>, Failure> {
        let given = self.args.space_id.as_deref();
        let space = tools.directory.find_named_space(given, self.args.named());
        let space = space.await?;
        let files = tools.files(&self.args).await?;
        let (mut planned, mut body) = tools.plan_posts(&self.args, &space, &[], &files).await?;
        let mut uploads = files.uploads;
        let space_id = SpaceId(space.id);
        let key = idempotency_key(
            tools.saki.key_fingerprint(),
            space_id,
            &body,
            PlannedMedia::content_key,
        );
        uploads.reuse_completed(tools, &key, body.media_mut().collect());
        let now = tools.settings.clock.now();
        let stored = tools.idempotency.outcome(&key, now).await?;
        let stored = stored.filter(|_| !self.allow_repeat);
        let is_replay = stored.is_some();
        let request = CreatePosts { space_id, body };
        let mut preview = Preview {
            what: planned.sentence(&format!(
                "Creates {} on {}",
                planned.post_or_thread(),
                planned.account_count()
            )),
            facts: PreviewFacts {
                plan: planned.facts(now),
                ..PreviewFacts::default()
            },
            request: Some(PlannedRequest::Json(tools.saki.cluster_parts(&request)?)),
            warnings: planned.warnings.clone(),
            lines: question_lines::body_lines(&planned, &request.body),
            ..Preview::default()
        };
        tools.interpretations.mark_echoed(&ECHOED);
        if let Some(stored) = stored {
            preview.warnings.push(match stored.answer {
                Some(_) => format!(
                    "The same was posted within {RETENTION_TEXT}, so this call would be answered with that and send nothing; `allow_repeat: true` posts it once more."
                ),
                None => "The outcome of an equal call is not known, so this one would only look for its posts and send nothing.".to_owned(),
            });
        }
        let effects = Effects {
            uploads: uploads.effects(),
            is_replay,
            ..planned.effects()
        };
        if !is_replay {
            let posts = tools.planned_posts(&effects, &planned, &request.body.items, &[]);
            preview.lasting_warnings = tools.plan_warnings(space_id, &posts).await;
            planned.warnings.extend(preview.lasting_warnings.clone());
        }
        Ok(Prepared {
            effects,
            preview: uploads.preview(preview),
            request: PreparedCreate {
                planned,
                request,
                uploads,
                key,
            },
        })
    }

    async fn send(
        &self,
        tools: &Tools,
        prepared: Prepared<PreparedCreate>,
        context: &RequestContext<RoleServer>,
    ) -> Result<WriteAnswer<Self>, Failure> {
        let PreparedCreate {
            mut planned,
            mut request,
            mut uploads,
            key,
        } = prepared.request;
        // Equal calls wait here, so that not even their files are uploaded twice.
        let clock = &tools.settings.clock;
        let permit = tools.idempotency.acquire(&key, clock).await?;
        let now = clock.now();
        let earlier_posts = match self.allow_repeat {
            true => tools.idempotency.outcome(&key, now).await?,
            false => match tools.stored_outcome(&key, &planned, &request).await {
                Some(outcome) => return self.replayed(tools, request.space_id, outcome).await,
                None => None,
            },
        };
        let lost = tools.lost_attempt(&permit, self.allow_repeat).await?;
        if let Some(lost) = lost
            && let Some(found) = tools
                .posts_of_lost_attempt(&lost, &key, &planned, &request)
                .await
        {
            return self.replayed(tools, request.space_id, found).await;
        }
        uploads.reuse_completed(tools, &key, request.body.media_mut().collect());
        let (uploaded, body) = uploads
            .send(tools, context, &key, request.body, &mut planned.warnings)
            .await?;
        let late = tools.check_time(&prepared.effects);
        late.map_err(|refusal| uploaded.with_uploaded_files(refusal, true))?;
        let space_id = request.space_id;
        let attempt = CreateAttempt {
            planned,
            request: CreatePosts { space_id, body },
            uploaded,
            key,
            earlier_posts: earlier_posts
                .map(|earlier_posts| earlier_posts.post_ids)
                .unwrap_or_default(),
            permit,
            unrecorded: Mutex::default(),
        };
        let (own, args) = (tools.clone(), self.args.clone());
        let sent = tools.run_detached(prepared.effects, async move {
            let created = own.create(&args, &attempt).await;
            own.end_attempt(attempt).await;
            created
        });
        let answer = self.with_post_facts(tools, space_id, sent.await?).await;
        Ok(WriteAnswer::Done(answer))
    }

    async fn replay(
        &self,
        tools: &Tools,
        prepared: &Prepared<PreparedCreate>,
    ) -> Option<Result<WriteAnswer<Self>, Failure>> {
        let PreparedCreate {
            planned,
            request,
            key,
            ..
        } = &prepared.request;
        let permit = tools.idempotency.acquire(key, &tools.settings.clock).await;
        let _permit = match permit {
            Ok(permit) => permit,
            Err(error) => return Some(Err(error.into())),
        };
        let outcome = tools.stored_outcome(key, planned, request).await?;
        Some(self.replayed(tools, request.space_id, outcome).await)
    }
}
