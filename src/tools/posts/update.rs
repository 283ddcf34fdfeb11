//! `update_post`: a partial change of one post.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::local::Shown;
use crate::saki::posts::UpdatePost;
use crate::saki::{MediaId, PostId, SpaceId};
use crate::tools::in_space::ONE;
use crate::tools::{Failure, Json, Tools};

/// What is to change in a post.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("additionalProperties" = false))]
pub(super) struct Change {
    /// Post to change.
    post_id: PostId,
    /// New text.
    content: Option<String>,
    /// New time: "2027-04-10T09:00" (local, in `timezone`), "2027-04-10T09:00:00+02:00" or "2027-04-10T09:00[Europe/Berlin]".
    scheduled_at: Option<String>,
    /// IANA zone in which `scheduled_at` is meant, e.g. "Europe/Berlin".
    timezone: Option<String>,
    /// All media the post is to have, in order, by the ids of upload_media.
    media_ids: Option<Vec<MediaId>>,
    /// New status code, 0 to 4; Saki does not print their meanings, and one may publish at once.
    #[schemars(range(min = 0, max = 4))]
    status: Option<i64>,
    /// New settings of the network, replacing the old ones.
    metadata: Option<Map<String, Value>>,
    /// Fields to empty; an empty text would not do that.
    clear: Option<Vec<Clearable>>,
    #[schemars(description = ONE)]
    space_id: Option<String>,
}

/// A field that can be emptied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(super) enum Clearable {
    ScheduledAt,
    Metadata,
    MediaIds,
}

impl Tools {
    pub(super) async fn update(&self, change: Change) -> Result<Json<Shown>, Failure> {
        let cleared = change.clear.unwrap_or_default();
        let clears = |field| cleared.contains(&field);
        for (field, name, given) in [
            (
                Clearable::ScheduledAt,
                "scheduled_at",
                change.scheduled_at.is_some(),
            ),
            (Clearable::Metadata, "metadata", change.metadata.is_some()),
            (Clearable::MediaIds, "media_ids", change.media_ids.is_some()),
        ] {
            if given && clears(field) {
                return Err(Failure::argument(
                    "clear",
                    format!(
                        "`{name}` is to be emptied and set at the same time; leave one of the two out."
                    ),
                ));
            }
        }
        if clears(Clearable::ScheduledAt) && change.status.is_none() {
            return Err(Failure::argument(
                "clear",
                "a post without a time may go out at once, so `scheduled_at` is emptied only where `status` says what the post is to be.",
            ));
        }
        if change.timezone.is_some() && change.scheduled_at.is_none() {
            return Err(Failure::argument(
                "timezone",
                "it says how `scheduled_at` is meant, which is not given.",
            ));
        }
        let space = self.space(change.space_id.as_deref()).await?;
        let scheduled_at = match &change.scheduled_at {
            Some(given) => Some(Some(self.when(
                given,
                change.timezone.as_deref(),
                &space,
            )?)),
            None => clears(Clearable::ScheduledAt).then_some(None),
        };
        let warnings = scheduled_at
            .iter()
            .flatten()
            .flat_map(|when| when.warnings().to_vec())
            .collect::<Vec<_>>();
        let request = UpdatePost {
            space_id: SpaceId(space.id),
            post_id: change.post_id,
            content: change.content,
            status: change.status,
            scheduled_at: scheduled_at.map(|when| when.map(|when| when.utc())),
            metadata: change
                .metadata
                .map(Some)
                .or(clears(Clearable::Metadata).then_some(None)),
            media_ids: change
                .media_ids
                .map(Some)
                .or(clears(Clearable::MediaIds).then_some(None)),
        };
        if request.changes_nothing() {
            return Err(Failure::refused(
                "Nothing was sent, since no field is to change. Pass `content`, `scheduled_at`, `media_ids`, `status`, `metadata` or `clear`.",
            ));
        }
        let mut answer = self.changed("updated", request).await?;
        self.say_local_time(&mut answer);
        if !warnings.is_empty() {
            answer.insert("warnings".to_owned(), warnings.into());
        }
        Ok(Json::new(answer))
    }
}
