//! Pending uploads: uploads the files of posts before the posts are sent, and reports them afterwards.

use std::sync::Arc;

use rmcp::RoleServer;
use rmcp::service::RequestContext;
use serde_json::{Value, json};

use crate::saki::Error;
use crate::saki::field_errors::field_errors;
use crate::saki::posts::{ClusterBody, MediaRef};
use crate::tools::failure::UploadedMedia;
use crate::tools::media::{FinishedUpload, PendingUpload};
use crate::tools::posts::attachments::PlannedMedia;
use crate::tools::{Failure, Tools};
use crate::write::media::PlannedUpload;
use crate::write::preview::Preview;
use crate::write::quote_text::quote_truncated;
use crate::write::shared_store::RETENTION_TEXT;

/// The files of one call that are not there yet, and those that an earlier try of it uploaded.
#[derive(Debug, Default)]
pub(crate) struct Uploads {
    pub(crate) pending: Vec<Arc<PendingUpload>>,
    found: Vec<(String, MediaRef)>,
}

/// The uploaded file that stands for a planned one.
pub(crate) type StoredOf<'a> = dyn Fn(PlannedMedia) -> Option<MediaRef> + Sync + 'a;

/// Files that are in Saki now because of this call.
#[derive(Debug, Default)]
pub(crate) struct UploadedFiles(Vec<(String, MediaRef)>);

impl Uploads {
    /// Finds what an earlier try of the call with this `idempotency_key` uploaded, and puts its ids into the `media` of the request.
    pub(crate) fn reuse_completed(
        &mut self,
        tools: &Tools,
        idempotency_key: &str,
        mut media: Vec<&mut PlannedMedia>,
    ) {
        let now = tools.settings.clock.now();
        self.pending.retain(|pending| {
            let key = pending.key(idempotency_key);
            let Some(found) = tools.uploader.completed.find(&key, now) else {
                return true;
            };
            for media in media.iter_mut().filter(|media| media.awaits(pending)) {
                **media = PlannedMedia::Stored(found.clone());
            }
            self.found.push((key.name, found));
            false
        });
    }

    /// What goes out beside the posts.
    pub(crate) fn effects(&self) -> Vec<PlannedUpload> {
        let files = self.pending.iter();
        files
            .map(|pending| pending.file.source.planned_upload())
            .collect()
    }

    /// A preview of posts that says it too.
    pub(crate) fn preview(&self, mut preview: Preview) -> Preview {
        let count = self.pending.len();
        if count == 0 {
            return preview;
        }
        let files = if count == 1 { "file" } else { "files" };
        preview.what = format!("{} Uploads {count} {files} first.", preview.what);
        let pending = self.pending.iter();
        let uploads = pending.map(|pending| Value::Object(pending.preview("name")));
        preview.facts.uploads = uploads.collect();
        preview
    }

    /// Uploads them, and returns the request with their ids; what is odd about a fetched file is added to `warnings`.
    pub(crate) async fn send(
        self,
        tools: &Tools,
        context: &RequestContext<RoleServer>,
        idempotency_key: &str,
        body: ClusterBody<PlannedMedia>,
        warnings: &mut Vec<String>,
    ) -> Result<(UploadedFiles, ClusterBody), Failure> {
        let with_ids = |stored: &StoredOf<'_>| body.try_map_media(stored);
        self.send_for(tools, context, idempotency_key, warnings, with_ids)
            .await
    }

    /// The same for any request; `with_ids` makes it from its uploaded media.
    pub(crate) async fn send_for<T>(
        self,
        tools: &Tools,
        context: &RequestContext<RoleServer>,
        idempotency_key: &str,
        warnings: &mut Vec<String>,
        with_ids: impl FnOnce(&StoredOf<'_>) -> Option<T>,
    ) -> Result<(UploadedFiles, T), Failure> {
        let mut uploaded = UploadedFiles(self.found);
        let mut done = Vec::with_capacity(self.pending.len());
        let outcome = tools
            .uploader
            .upload_all(&self.pending, Some(idempotency_key), context, &mut done)
            .await;
        let failed = self.pending.get(done.len());
        for warning in done.iter().filter_map(|done| done.warning.clone()) {
            if !warnings.contains(&warning) {
                warnings.push(warning);
            }
        }
        let ids: Option<Vec<MediaRef>> = done.iter().map(|done| done.media.clone()).collect();
        let unnamed = done.iter().find(|done| done.media.is_none());
        let unnamed = unnamed.map(|done| json!(done.answer).to_string());
        let named = |done: FinishedUpload| Some((done.name, done.media?));
        uploaded.0.extend(done.into_iter().filter_map(named));
        if let Err(failure) = outcome {
            let name = failed.map(|file| quote_truncated(&file.file.source.planned_upload().name));
            let what = format!(
                "No post was made or changed, since the file {} could not be uploaded.",
                name.unwrap_or_default()
            );
            return Err(uploaded.with_uploaded_files(failure.before_sending(&what), true));
        }
        let request = ids.and_then(|ids| {
            with_ids(&|media| match media {
                PlannedMedia::Stored(media) => Some(media),
                PlannedMedia::Pending(_) => {
                    let mut files = self.pending.iter().zip(&ids);
                    let (_, id) = files.find(|(pending, _)| media.awaits(pending))?;
                    Some(id.clone())
                }
            })
        });
        let Some(request) = request else {
            let why = format!(
                "No post was made or changed: Saki took a file, but its answer names no id that a post could show. \
                 A person looks for the file in Saki's web app. Saki answered: {}",
                unnamed.unwrap_or_default()
            );
            let failure = Failure::refused(why).quoting_others();
            return Err(uploaded.with_uploaded_files(failure, true));
        };
        Ok((uploaded, request))
    }
}

impl UploadedFiles {
    /// The posts were not written: says which files exist all the same, and whether the next try uses them.
    pub(crate) fn with_uploaded_files(&self, failure: Failure, is_used: bool) -> Failure {
        if self.0.is_empty() {
            return failure;
        }
        let each = self.0.iter();
        let each =
            each.map(|(name, media)| format!("{} is media {}", quote_truncated(name), media.id.0));
        let next = match is_used {
            true => format!("the same call within {RETENTION_TEXT} uses them"),
            false => "the next call uploads them again".to_owned(),
        };
        let each: Vec<String> = each.collect();
        let what = format!("Uploaded already: {}; {next}.", each.join(", "));
        failure.with_uploaded(&what, self.facts())
    }

    /// A file that Saki no longer takes is uploaded anew by the next try; whether the files are still good.
    pub(crate) fn still_reusable(&self, error: &Error, tools: &Tools) -> bool {
        let about_media = |field: &str| {
            field
                .split('.')
                .any(|step| step == "media" || step == "media_ids")
        };
        let is_doubted = field_errors(error)
            .iter()
            .any(|error| about_media(&error.field));
        if is_doubted {
            self.forget(tools);
        }
        !is_doubted
    }

    fn forget(&self, tools: &Tools) {
        let ids: Vec<u64> = self.0.iter().map(|(_, media)| media.id.0).collect();
        tools.uploader.completed.forget(&ids);
    }

    /// The files and their ids.
    pub(crate) fn facts(&self) -> Vec<UploadedMedia> {
        let each = self.0.iter().map(|(name, media)| UploadedMedia {
            name: name.clone(),
            media_id: media.id,
        });
        each.collect()
    }
}
