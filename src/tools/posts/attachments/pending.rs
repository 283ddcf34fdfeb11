//! Uploading the files of posts before the posts are sent, and what is said about them afterwards.

use rmcp::RoleServer;
use rmcp::service::RequestContext;

use crate::saki::field_errors::field_errors;
use crate::saki::posts::{ClusterBody, MediaRef};
use crate::saki::{Error, MediaId, SpaceId};
use crate::tools::failure::UploadedMedia;
use crate::tools::media::{PendingUpload, UploadedFile};
use crate::tools::{Failure, Tools};
use crate::write::effects::PlannedUpload;
use crate::write::idempotency::idempotency_key;
use crate::write::preview::Preview;
use crate::write::quote::quote_truncated;
use crate::write::shared_store::RETENTION_TEXT;

/// The request's type is the wire's, so a file without an id has one from here on until it is uploaded.
pub(in crate::tools::posts) const TO_COME: u64 = 1 << 63;

/// The files of one call that are not there yet, and those that an earlier try of it uploaded.
#[derive(Debug, Default)]
pub(in crate::tools::posts) struct Uploads {
    pub(in crate::tools::posts) to_come: Vec<PendingUpload>,
    pub(in crate::tools::posts) found: Vec<(String, MediaRef)>,
}

/// Files that are in Saki now because of this call.
#[derive(Debug, Default)]
pub(in crate::tools::posts) struct UploadedFiles(Vec<(String, MediaRef)>);

impl Uploads {
    /// The idempotency key of the call that these files belong to.
    pub(in crate::tools::posts) fn idempotency_key(
        &self,
        tools: &Tools,
        space_id: SpaceId,
        body: &ClusterBody,
    ) -> String {
        idempotency_key(tools.saki.key_fingerprint(), space_id, body, |id| {
            let index = usize::try_from(id.0.checked_sub(TO_COME)?).ok()?;
            let file = self.to_come.get(index)?;
            let alt = file.origin.as_ref().and_then(|origin| origin.alt.clone());
            Some(format!(
                "{} {}",
                file.file.source.content_key(),
                alt.unwrap_or_default()
            ))
        })
    }

    /// Finds what an earlier try of the same call uploaded, and puts its ids into the request.
    pub(in crate::tools::posts) fn recall(
        &mut self,
        tools: &Tools,
        call: &str,
        body: &mut ClusterBody,
    ) {
        let now = tools.settings.clock.now();
        let mut now_called = Vec::with_capacity(self.to_come.len());
        for mut file in std::mem::take(&mut self.to_come) {
            if let Some(origin) = &mut file.origin {
                origin.idempotency_key = call.to_owned();
            }
            let origin = file.origin.clone();
            let before = origin.and_then(|origin| {
                Some((tools.uploader.completed.find(&origin, now)?, origin.name))
            });
            now_called.push(match before {
                Some((media, name)) => {
                    self.found.push((name, media.clone()));
                    media
                }
                None => {
                    self.to_come.push(file);
                    MediaRef {
                        id: MediaId(TO_COME + self.to_come.len() as u64 - 1),
                        kind: String::new(),
                    }
                }
            });
        }
        for media in body.media_mut() {
            let index = media.id.0.checked_sub(TO_COME);
            let called = index.and_then(|index| now_called.get(usize::try_from(index).ok()?));
            if let Some(called) = called {
                media.id = called.id;
                if !called.kind.is_empty() {
                    media.kind.clone_from(&called.kind);
                }
            }
        }
    }

    /// What goes out beside the posts.
    pub(in crate::tools::posts) fn effects(&self) -> Vec<PlannedUpload> {
        let files = self
            .to_come
            .iter()
            .map(|file| file.file.source.planned_upload());
        files.collect()
    }

    /// A preview of posts that says it too.
    pub(in crate::tools::posts) fn preview(&self, mut preview: Preview) -> Preview {
        let count = self.to_come.len();
        if count == 0 {
            return preview;
        }
        self.show_in(&mut preview.request);
        let files = if count == 1 { "file" } else { "files" };
        preview.what = format!("{} Uploads {count} {files} first.", preview.what);
        preview.facts.uploads = self.to_come.iter().map(PendingUpload::shown).collect();
        preview
    }

    /// Uploads them, and puts their ids into the request.
    pub(in crate::tools::posts) async fn send(
        self,
        tools: &Tools,
        context: &RequestContext<RoleServer>,
        body: &mut ClusterBody,
    ) -> Result<UploadedFiles, Failure> {
        let mut uploaded = UploadedFiles(self.found);
        if self.to_come.is_empty() {
            return Ok(uploaded);
        }
        let mut done = Vec::with_capacity(self.to_come.len());
        let outcome = tools
            .uploader
            .upload_all(&self.to_come, context, &mut done)
            .await;
        let failed = self.to_come.get(done.len());
        let made: Vec<Option<MediaRef>> = done.iter().map(|done| done.media.clone()).collect();
        let named = |done: UploadedFile| Some((done.name, done.media?));
        uploaded.0.extend(done.into_iter().filter_map(named));
        if let Err(failure) = outcome {
            let name = failed.map(|file| quote_truncated(&file.file.source.planned_upload().name));
            let what = format!(
                "No post was made or changed, since the file {} could not be uploaded.",
                name.unwrap_or_default()
            );
            return Err(uploaded.beside(failure.before_sending(&what), true));
        }
        let Some(made) = made.into_iter().collect::<Option<Vec<MediaRef>>>() else {
            let why = "No post was made or changed: Saki took a file, but its answer names no id that a post could show. \
                A person looks for the file in Saki's web app.";
            return Err(uploaded.beside(Failure::refused(why), true));
        };
        for media in body.media_mut() {
            let index = media.id.0.checked_sub(TO_COME);
            let made = index.and_then(|index| made.get(usize::try_from(index).ok()?));
            if let Some(made) = made {
                *media = made.clone();
            }
        }
        Ok(uploaded)
    }
}

impl UploadedFiles {
    /// The posts were not written: says which files exist all the same, and whether the next try uses them.
    pub(in crate::tools::posts) fn beside(&self, failure: Failure, is_used: bool) -> Failure {
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
    pub(in crate::tools::posts) fn still_reusable(&self, error: &Error, tools: &Tools) -> bool {
        let about_media = |field: &str| {
            field
                .split('.')
                .any(|step| step == "media" || step == "media_ids")
        };
        let is_doubted = field_errors(error)
            .iter()
            .any(|said| about_media(&said.field));
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
    pub(in crate::tools::posts) fn facts(&self) -> Vec<UploadedMedia> {
        let each = self.0.iter().map(|(name, media)| UploadedMedia {
            name: name.clone(),
            media_id: media.id,
        });
        each.collect()
    }
}
