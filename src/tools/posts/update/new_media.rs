//! New media of an edited post: ids of uploaded files, and files that are uploaded before the edit is sent.

use serde_json::{Value, json};

use crate::saki::MediaId;
use crate::saki::posts::UpdatePost;
use crate::tools::posts::args::numbered;
use crate::tools::posts::attachments::PlannedMedia;
use crate::tools::posts::attachments::pending::{StoredOf, Uploads};
use crate::tools::posts::update::UpdatePostArgs;
use crate::tools::{Failure, FieldMapper, IdentityMapper, MappedField, Tools};
use crate::write::canonical_json::canonical_json;
use crate::write::planned_request::PlannedRequest;
use crate::write::preview::Preview;

/// The whole new list of media of a post.
#[derive(Debug)]
pub(super) struct NewMedia {
    media: Vec<PlannedMedia>,
    pub(super) uploads: Uploads,
}

impl UpdatePostArgs {
    /// Opens and checks the files of the call; nothing where it leaves the media as they are.
    pub(super) async fn new_media(&self, tools: &Tools) -> Result<Option<NewMedia>, Failure> {
        if let Some(ids) = &self.media_ids {
            let stored = |id: &MediaId| PlannedMedia::Stored(tools.saki.media_ref(*id));
            return Ok(Some(NewMedia {
                media: ids.iter().map(stored).collect(),
                uploads: Uploads::default(),
            }));
        }
        let Some(items) = &self.media else {
            return Ok(None);
        };
        let files = tools.files_of(numbered("media", Some(items))).await?;
        let media = files.plan(items);
        let uploads = files.uploads;
        Ok(Some(NewMedia { media, uploads }))
    }
}

impl NewMedia {
    pub(super) fn files(&self) -> &[PlannedMedia] {
        &self.media
    }

    /// The ids of those that are in Saki.
    pub(super) fn stored_ids(&self) -> Vec<MediaId> {
        let ids = self.media.iter().map(PlannedMedia::stored_id);
        ids.flatten().collect()
    }

    /// Uses what an earlier try of the same `request` uploaded, and returns the key of its uploads.
    pub(super) fn reuse_completed(&mut self, tools: &Tools, request: &UpdatePost) -> String {
        let media: Vec<Value> = self.media.iter().map(PlannedMedia::content_key).collect();
        let fingerprint = tools.saki.key_fingerprint();
        let key = canonical_json(json!([fingerprint, "update_post", request, media]));
        let media = self.media.iter_mut().collect();
        self.uploads.reuse_completed(tools, &key, media);
        key
    }

    /// A preview of the edit that shows its files in the place of their ids.
    pub(super) fn preview(&self, mut preview: Preview) -> Preview {
        if let Some(PlannedRequest::Json(parts)) = &mut preview.request
            && let Some(body) = &mut parts.body
        {
            let shown: Value = self.media.iter().map(PlannedMedia::id_or_upload).collect();
            body.insert("media_ids".to_owned(), shown);
        }
        self.uploads.preview(preview)
    }

    /// What uploads the files, and what then names all of them.
    pub(super) fn into_parts(
        self,
    ) -> (Uploads, impl FnOnce(&StoredOf<'_>) -> Option<Vec<MediaId>>) {
        let Self { media, uploads } = self;
        let with_ids = move |stored: &StoredOf<'_>| {
            let ids = media.into_iter().map(|media| Some(stored(media)?.id));
            ids.collect()
        };
        (uploads, with_ids)
    }
}

/// The fields of an edit; its media may have been given as files.
pub(super) struct EditFields {
    fields: IdentityMapper,
    has_files: bool,
}

impl EditFields {
    pub(super) fn of(request: &UpdatePost, args: &UpdatePostArgs) -> Self {
        Self {
            fields: IdentityMapper::of(request),
            has_files: args.media.is_some(),
        }
    }
}

impl FieldMapper for EditFields {
    fn map_field(&self, field: &str) -> MappedField {
        let mut mapped = self.fields.map_field(field);
        if let Some(place) = field.strip_prefix("media_ids").filter(|_| self.has_files) {
            mapped.field = format!("media{place}");
            // The id of a file that was just uploaded says nothing to whoever gave the file.
            mapped.given = None;
        }
        mapped
    }
}
