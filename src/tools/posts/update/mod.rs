//! `update_post`: a partial change of one post.

pub(crate) mod edit_effects;
mod new_media;
mod version_check;

use jiff::Timestamp;
use rmcp::RoleServer;
use rmcp::service::RequestContext;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::saki::posts::{GetPost, Patch, Post, PostState, PostView, UpdatePost};
use crate::saki::{MediaId, PostId, SpaceId, lenient_json};
use crate::tools::directory::{KnownSpace, NamedInCall};
use crate::tools::failure::UploadedMedia;
use crate::tools::is_blank;
use crate::tools::pipeline::{ChangeFacts, Write, WriteAnswer, WriteScope, WriteTraits};
use crate::tools::posts::args::{MediaItem, check_timezone};
use crate::tools::posts::attachments::pending::UploadedFiles;
use crate::tools::posts::compose::plan_warnings::{PlannedPost, inactive_account};
use crate::tools::posts::compose::question_lines::full_state;
use crate::tools::posts::post_facts::PostFacts;
use crate::tools::posts::update::edit_effects::effects;
use crate::tools::posts::update::new_media::{EditFields, NewMedia};
use crate::tools::resource_path::Collection;
use crate::tools::space_scoped::ONE;
use crate::tools::tool_result::{UntrustedContent, WithSaki};
use crate::tools::{Failure, Tools};
use crate::write::account_ref::AccountRef;
use crate::write::effects::Effects;
use crate::write::prepared::Prepared;
use crate::write::preview::Preview;
use crate::write::quote_text::quote_truncated;
use crate::write::text_match::{differs_visibly, is_same_text};
use crate::write::when::When;

/// The arguments of `update_post`.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("additionalProperties" = false))]
pub(crate) struct UpdatePostArgs {
    /// Post to change.
    post_id: PostId,
    /// New text.
    content: Option<String>,
    /// New time: "2027-04-10T09:00" (local, in `timezone`), "2027-04-10T09:00:00+02:00" or "2027-04-10T09:00[Europe/Berlin]".
    scheduled_at: Option<String>,
    /// IANA zone of a local `scheduled_at`, e.g. "Europe/Berlin".
    timezone: Option<String>,
    /// The whole new list of files, in order.
    #[schemars(extend("x-brief" = "The whole new list of files, as in create_post."))]
    media: Option<Vec<MediaItem>>,
    /// The same list as ids.
    media_ids: Option<Vec<MediaId>>,
    /// Undocumented code; one may publish at once. Prefer update_cluster.
    #[schemars(range(min = 0, max = 4))]
    status: Option<i64>,
    /// New settings of the network, as in create_post; they replace all old ones.
    metadata: Option<Map<String, Value>>,
    /// Fields to empty; an empty text does not empty a field.
    clear: Option<Vec<Clearable>>,
    /// `updated_at` of the post as you know it; refused if it changed since.
    if_updated_at: Option<String>,
    #[schemars(description = ONE)]
    space_id: Option<String>,
}

// The names say what each empties, so the schema needs no description of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(crate) enum Clearable {
    ScheduledAt,
    Metadata,
    MediaIds,
}

/// A post that is ready to be changed.
#[derive(Debug)]
pub(crate) struct PreparedEdit {
    request: UpdatePost,
    media: Option<NewMedia>,
    /// Under what the uploads of the call are remembered.
    upload_key: String,
}

impl Write for UpdatePostArgs {
    type Endpoint = UpdatePost;
    type Request = PreparedEdit;
    type Answer = UpdatedPost;
    const TRAITS: WriteTraits = WriteTraits {
        scope: WriteScope::Drafts,
        takes_confirmation: true,
        preview_facts: &[
            "warnings",
            "scheduled_at",
            "local",
            "in",
            "lengths",
            "uploads",
            "changes",
            "goes_public",
        ],
        ..WriteTraits::DEFAULT
    };

    fn texts_mut(&mut self) -> Vec<(String, &mut String)> {
        let content = self.content.as_mut();
        let content = content.map(|text| ("content".to_owned(), text));
        let metadata = self.metadata.iter_mut().flatten();
        let texts = metadata.filter_map(|(name, value)| match value {
            Value::String(text) => Some((format!("metadata.{name}"), text)),
            _ => None,
        });
        content.into_iter().chain(texts).collect()
    }

    async fn prepare(&self, tools: &Tools) -> Result<Prepared<PreparedEdit>, Failure> {
        self.check()?;
        let space = tools
            .directory
            .find_named_space(self.space_id.as_deref(), self.named());
        let space = space.await?;
        let space_id = SpaceId(space.id);
        let post_id = self.post_id;
        let before = tools.saki.send(&GetPost { space_id, post_id }).await?;
        let before = before.into_one();
        let post = PostView::from(&before);
        self.check_against(post, tools)?;
        let mut media = self.new_media(tools).await?;
        let (mut request, when) = self.request(tools, &space)?;
        let mut upload_key = String::new();
        if let Some(media) = &mut media {
            upload_key = media.reuse_completed(tools, &request);
            request.media_ids = Patch::Set(media.stored_ids());
        }
        if request.changes_nothing() {
            return Err(Failure::no_change(
                "`content`, `scheduled_at`, `media`, `media_ids`, `status`, `metadata` or `clear`",
            ));
        }
        let account = tools.directory.account_of_post(space_id, post).await?;
        let now = tools.settings.clock.now();
        let state = post.state(now);
        let what = format!(
            "Changes the {} post {post_id} of the account {}.",
            state.word(),
            account.label()
        );
        let mut preview = Preview::of(what, &tools.saki, &request)?;
        if let Some(media) = &media {
            preview = media.preview(preview);
        }
        preview = preview.changing(&as_in_a_request(&before));
        if let Some(when) = &when {
            preview.facts.plan.time = when.facts(now);
            preview.warnings.extend_from_slice(when.warnings());
        }
        let files = media.as_ref().map(NewMedia::files);
        let check = tools.check_edit(&request, files, post);
        preview.warnings.extend(check.warnings);
        preview.facts.lengths = check.lengths;
        preview
            .warnings
            .extend(self.unpublished_time_warning(post, tools));
        // Networks differ in whether a post can be changed at all.
        preview
            .warnings
            .extend((state == PostState::Published).then(|| {
            format!(
                "Post {post_id} is published; whether the network shows the new words is not known."
            )
        }));
        let media_count = files.map(<[_]>::len);
        preview.lines = tools.lines_of_edit(&request, media_count, post);
        preview.current_state = full_state(post);
        let first = tools.thread_start(space_id, post).await?;
        let posts = (post, first.as_ref().map(PostView::from));
        let uploads = media.as_ref().map(|media| media.uploads.effects());
        let effects = Effects {
            uploads: uploads.unwrap_or_default(),
            ..effects(&request, posts, account.clone(), when.as_ref(), now)
        };
        let live = effects.live.first();
        let due = effects.edits.iter().find_map(|edited| edited.due);
        if live.is_some() || due.is_some() {
            let planned = PlannedPost {
                account: &account,
                goes_out: live.and_then(|live| live.at).or(due).unwrap_or(now),
                has_new_time: live.is_some(),
                new_text: self.content.as_deref(),
                current: Some(post),
            };
            let warnings = tools.plan_warnings(space_id, &[planned]).await;
            preview.lasting_warnings = inactive_account(&account)
                .into_iter()
                .chain(warnings)
                .collect();
        }
        if effects.live.iter().any(|live| live.at.is_none()) {
            preview.warnings.push(format!(
                "This may make post {post_id} public at once; Saki does not print what its status numbers do."
            ));
        }
        Ok(Prepared {
            effects,
            preview,
            request: PreparedEdit {
                request,
                media,
                upload_key,
            },
        })
    }

    async fn send(
        &self,
        tools: &Tools,
        prepared: Prepared<PreparedEdit>,
        context: &RequestContext<RoleServer>,
    ) -> Result<WriteAnswer<Self>, Failure> {
        let PreparedEdit {
            mut request,
            media,
            upload_key: key,
        } = prepared.request;
        // Asked before the change, which empties the cache.
        let timezone = self.timezone.as_deref();
        let zone = tools.zone_of_call(timezone, request.space_id).await;
        let edits = prepared.effects.edits.iter();
        let accounts: Vec<AccountRef> = edits.map(|edited| edited.account.clone()).collect();
        let mut warnings: Vec<String> = prepared.preview.all_warnings().cloned().collect();
        let mut uploaded = UploadedFiles::default();
        if let Some(media) = media {
            let (uploads, with_ids) = media.into_parts();
            let sending = uploads.send_for(tools, context, &key, &mut warnings, with_ids);
            let (done, ids) = sending.await?;
            uploaded = done;
            request.media_ids = Patch::Set(ids);
            // Uploads take time.
            let late = tools.check_time(&prepared.effects);
            late.map_err(|refusal| uploaded.with_uploaded_files(refusal, true))?;
            if let Some(seen) = &self.if_updated_at {
                let same = tools.still_same_version(request.space_id, self.post_id, seen);
                let same = same.await;
                same.map_err(|refusal| uploaded.with_uploaded_files(refusal, true))?;
            }
        }
        let changed = match tools.try_change(prepared.effects, &request).await {
            Ok(changed) => changed,
            Err(error) => {
                let is_used = uploaded.still_reusable(&error, tools);
                let fields = EditFields::of(&request, self);
                let failure = tools.render_failure(error, &fields).await;
                return Err(uploaded.with_uploaded_files(failure, is_used));
            }
        };
        let WithSaki { mut ours, saki, .. } = changed;
        ours.warnings.extend(warnings);
        ours.warnings
            .extend(not_as_sent(&request, PostView::from(&saki)));
        let now = tools.settings.clock.now();
        let facts = PostFacts::of(PostView::from(&saki), &accounts, &zone, now);
        let facts = PostUpdate {
            change: ours,
            facts,
            uploaded: uploaded.facts(),
        };
        Ok(WriteAnswer::Done(WithSaki::new(facts, saki)))
    }
}

/// Where Saki's own answer shows the post otherwise than it was sent; fields that it omits are not compared.
fn not_as_sent(sent: &UpdatePost, shown: PostView<'_>) -> Vec<String> {
    let id = sent.post_id;
    let text = sent.content.as_deref().zip(shown.content());
    let text =
        text.filter(|(sent, shown)| !is_same_text(sent, shown) || differs_visibly(sent, shown));
    let text = text.map(|(_, shown)| {
        format!(
            "Saki shows post {id} with another text: {}.",
            quote_truncated(shown)
        )
    });
    let wanted = match &sent.scheduled_at {
        Patch::Set(at) => at.parse::<Timestamp>().ok(),
        Patch::Keep | Patch::Clear => None,
    };
    let time = wanted.zip(shown.scheduled_at());
    let time = time.filter(|(wanted, seen)| wanted != seen);
    let time = time.map(|(_, seen)| {
        format!("Saki shows post {id} at {seen}, not at the time that was asked for.")
    });
    text.into_iter().chain(time).collect()
}

/// A post as an edit left it.
pub(crate) type UpdatedPost = WithSaki<Post, PostUpdate>;

impl UntrustedContent for PostUpdate {
    fn has_untrusted_content(&self) -> bool {
        self.change.shows_thing()
    }
}

/// What an edit adds to the post.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PostUpdate {
    #[serde(flatten)]
    change: ChangeFacts<UpdatePost>,
    #[serde(flatten)]
    facts: PostFacts,
    /// Files that were uploaded for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    uploaded: Vec<UploadedMedia>,
}

impl UpdatePostArgs {
    fn named(&self) -> NamedInCall<'_> {
        let post = (Collection::Posts, self.post_id.to_string());
        let metadata = self.metadata.as_ref();
        let board = metadata.and_then(|metadata| lenient_json::text(metadata, "board_id"));
        let board = board.map(|board| (Collection::Boards, board));
        NamedInCall {
            ids: std::iter::once(post).chain(board).collect(),
            ..NamedInCall::default()
        }
    }

    fn clears(&self, field: Clearable) -> bool {
        self.clear.iter().flatten().any(|cleared| *cleared == field)
    }

    /// A new value, else whether `clear` names the field.
    fn patch<T>(&self, field: Clearable, value: Option<T>) -> Patch<T> {
        match value {
            Some(value) => Patch::Set(value),
            None if self.clears(field) => Patch::Clear,
            None => Patch::Keep,
        }
    }

    /// Refuses arguments that contradict each other.
    fn check(&self) -> Result<(), Failure> {
        let both = [
            (
                Clearable::ScheduledAt,
                "scheduled_at",
                self.scheduled_at.is_some(),
            ),
            (Clearable::Metadata, "metadata", self.metadata.is_some()),
            (Clearable::MediaIds, "media_ids", self.media_ids.is_some()),
            (Clearable::MediaIds, "media", self.media.is_some()),
        ];
        if let Some((_, name, _)) = both
            .into_iter()
            .find(|(field, _, given)| *given && self.clears(*field))
        {
            let why = format!(
                "`{name}` is to be emptied and set at the same time; leave one of the two out."
            );
            return Err(Failure::argument("clear", why));
        }
        if self.media.is_some() && self.media_ids.is_some() {
            let why = "`media` and `media_ids` both say which media the post is to have; pass all of them in one of the two.";
            return Err(Failure::argument("media_ids", why));
        }
        check_timezone(self.timezone.as_deref(), self.scheduled_at.as_deref())
    }

    /// Refuses what the current state of the post does not allow.
    fn check_against(&self, before: PostView<'_>, tools: &Tools) -> Result<(), Failure> {
        let state = before.state(tools.settings.clock.now());
        if self.clears(Clearable::ScheduledAt) && self.status.is_none() && state != PostState::Draft
        {
            return Err(Failure::argument(
                "clear",
                format!(
                    "post {} is {}, and without a time it may go out at once, so `scheduled_at` is emptied only where `status` says what the post is to be.",
                    self.post_id,
                    state.word()
                ),
            ));
        }
        let media_ids = self.media_ids.as_ref().map(Vec::len);
        let has_no_media = match self.media.as_ref().map(Vec::len).or(media_ids) {
            Some(count) => count == 0,
            None => self.clears(Clearable::MediaIds) || before.media_count() == Some(0),
        };
        if has_no_media && self.content.as_deref().is_some_and(is_blank) {
            let why = "it is blank, and the post has no media; pass a text, or leave it out to keep the present one.";
            return Err(Failure::argument("content", why));
        }
        match &self.if_updated_at {
            Some(seen) => tools.same_version(self.post_id, seen, before),
            None => Ok(()),
        }
    }

    /// The warning where a new time alone may not publish the post.
    fn unpublished_time_warning(&self, before: PostView<'_>, tools: &Tools) -> Option<String> {
        let state = before.state(tools.settings.clock.now());
        let waits = matches!(
            state,
            PostState::Scheduled | PostState::Overdue | PostState::Unscheduled
        );
        (self.scheduled_at.is_some() && self.status.is_none() && !waits).then(|| {
            format!(
                "Post {} is {}, and whether a new time alone sends it is not known: update_cluster with `scheduled_at` plans it.",
                self.post_id,
                state.word()
            )
        })
    }

    fn request(
        &self,
        tools: &Tools,
        space: &KnownSpace,
    ) -> Result<(UpdatePost, Option<When>), Failure> {
        let when = match &self.scheduled_at {
            Some(given) => Some(tools.when(given, self.timezone.as_deref(), space)?),
            None => None,
        };
        let request = UpdatePost {
            space_id: SpaceId(space.id),
            post_id: self.post_id,
            content: self.content.clone(),
            status: self.status,
            scheduled_at: self.patch(Clearable::ScheduledAt, when.as_ref().map(When::utc)),
            metadata: self.patch(Clearable::Metadata, self.metadata.clone()),
            media_ids: self.patch(Clearable::MediaIds, self.media_ids.clone()),
            guarded: self.if_updated_at.is_some(),
        };
        Ok((request, when))
    }
}

/// The post's fields under the names that a change of it has.
fn as_in_a_request(post: &Map<String, Value>) -> Map<String, Value> {
    let mut fields = post.clone();
    let media_ids = PostView::from(post).media_ids();
    fields.insert("media_ids".to_owned(), json!(media_ids));
    fields
}
