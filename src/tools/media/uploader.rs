//! Uploader: fetches all files of a call, then uploads one after the other. `server/call_cancellation` drops what is not sent yet.

use std::sync::Arc;

use rmcp::RoleServer;
use rmcp::service::RequestContext;
use serde_json::{Map, Value, json};

use super::file_args::SourceFile;
use super::progress::Progress;
use crate::saki::Client;
use crate::saki::media::{UploadMedia, uploaded_file};
use crate::saki::posts::MediaRef;
use crate::tools::failure::render_failure;
use crate::tools::text_findings::text_findings;
use crate::tools::{CallRecord, Failure, IdentityMapper, LastProgress, Settings};
use crate::write::completed_uploads::{CompletedUploads, UploadKey};
use crate::write::effects::ResourceKind;
use crate::write::media::PlannedUpload;
use crate::write::media::fetch::Fetcher;
use crate::write::media::{MediaSource, OpenFile};
use crate::write::quote_text::quote_truncated;

/// A file that a call uploads.
#[derive(Debug, Clone)]
pub(crate) struct PendingUpload {
    pub(crate) file: SourceFile,
    /// Further fields of the upload.
    pub(crate) more: Map<String, Value>,
}

/// What became of one.
#[derive(Debug)]
pub(crate) struct FinishedUpload {
    pub(crate) name: String,
    /// What a post calls it; none where Saki named no id.
    pub(crate) media: Option<MediaRef>,
    /// What is odd about it.
    pub(crate) warning: Option<String>,
    /// What Saki answered.
    pub(crate) answer: Map<String, Value>,
}

impl PendingUpload {
    /// Under what it is remembered as completed, for a call with this idempotency key.
    pub(crate) fn key(&self, idempotency_key: &str) -> UploadKey {
        UploadKey {
            idempotency_key: idempotency_key.to_owned(),
            identity: self.file.source.identity(),
            name: self.file.source.planned_upload().name,
            alt: self.alt().map(str::to_owned),
        }
    }

    /// What is odd about the file and its alternative text, as far as that is known before it is fetched.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let of_file = self.file.source.warning().into_iter();
        of_file.chain(self.alt_warnings()).collect()
    }

    /// What nobody meant in its alternative text.
    pub(crate) fn alt_warnings(&self) -> Vec<String> {
        let name = quote_truncated(&self.file.source.planned_upload().name);
        let findings = self.alt().map(text_findings).unwrap_or_default();
        let findings = findings.iter();
        findings
            .map(|finding| format!("The `alt` of {name} {finding}."))
            .collect()
    }

    pub(crate) fn alt(&self) -> Option<&str> {
        self.more.get("alt")?.as_str()
    }

    /// The `type` that a post names for it; unknown before it is fetched.
    pub(crate) fn media_type(&self) -> Option<&'static str> {
        match &self.file.source {
            MediaSource::Local(opened, _) => Some(opened.media_type()),
            MediaSource::Remote { .. } => None,
        }
    }

    /// What a preview says of it, with its name under `name_key`.
    pub(crate) fn preview(&self, name_key: &str) -> Map<String, Value> {
        let PlannedUpload {
            name, mime, size, ..
        } = self.file.source.planned_upload();
        let mut shown = Map::from_iter([(name_key.to_owned(), json!(name))]);
        shown.extend(mime.map(|mime| ("mime".to_owned(), json!(mime))));
        shown.extend(size.map(|size| ("size".to_owned(), json!(size))));
        if let MediaSource::Remote { url, .. } = &self.file.source {
            // Without path and query, which may be a secret of their own.
            shown.insert("fetched_from".to_owned(), json!(url.host_str()));
        }
        let alt = self.more.get("alt");
        shown.extend(alt.map(|alt| ("alt".to_owned(), alt.clone())));
        shown
    }
}

/// Fetches and uploads files, and remembers what a call that failed has uploaded.
#[derive(Debug, Clone)]
pub(crate) struct Uploader {
    saki: Client,
    pub(super) settings: Arc<Settings>,
    pub(super) fetcher: Fetcher,
    pub(crate) completed: Arc<CompletedUploads>,
    last_progress: LastProgress,
}

impl Uploader {
    pub(crate) fn new(saki: Client, settings: Arc<Settings>) -> Self {
        Self {
            fetcher: Fetcher::new(settings.fetch.clone()),
            completed: Arc::default(),
            last_progress: LastProgress::default(),
            saki,
            settings,
        }
    }

    /// The same uploader under other limits.
    #[must_use]
    pub(crate) fn with_settings(&self, settings: Arc<Settings>) -> Self {
        Self {
            settings,
            ..self.clone()
        }
    }

    /// The same uploader for one call, whose progress it notes.
    #[must_use]
    pub(crate) fn for_call(&self, last_progress: LastProgress) -> Self {
        Self {
            last_progress,
            ..self.clone()
        }
    }

    /// Uploads files in their order, and tells how far it is; what was uploaded stands in `done` also when one fails.
    ///
    /// Under an `idempotency_key`, a retry of the call finds them.
    pub(crate) async fn upload_all(
        &self,
        files: &[Arc<PendingUpload>],
        idempotency_key: Option<&str>,
        context: &RequestContext<RoleServer>,
        done: &mut Vec<FinishedUpload>,
    ) -> Result<(), Failure> {
        if files.is_empty() {
            return Ok(());
        }
        let progress = Progress::new();
        let work = async {
            let opened = self.open_all(files, &progress).await?;
            progress.begin_sending(opened.iter().map(OpenFile::size).sum());
            for (opened, file) in opened.into_iter().zip(files) {
                let key = idempotency_key.map(|key| file.key(key));
                done.push(self.upload_one(opened, file, key, &progress).await?);
            }
            Ok(())
        };
        tokio::select! {
            outcome = work => outcome,
            () = progress.report(context, &self.last_progress) => Err(Failure::internal()),
        }
    }

    async fn open_all(
        &self,
        files: &[Arc<PendingUpload>],
        progress: &Progress,
    ) -> Result<Vec<OpenFile>, Failure> {
        let mut opened = Vec::with_capacity(files.len());
        for file in files.iter().map(|pending| &pending.file) {
            let on_progress = progress.next_file();
            let one = file.source.clone().open(&self.fetcher, &on_progress);
            opened.push(one.await.map_err(|why| {
                let name = match &file.source {
                    MediaSource::Remote { url, .. } => {
                        format!("the file at {}", url.host_str().unwrap_or_default())
                    }
                    MediaSource::Local(..) => "the file".to_owned(),
                };
                Failure::argument(&file.field, format!("{name} {why}."))
            })?);
        }
        Ok(opened)
    }

    async fn upload_one(
        &self,
        opened: OpenFile,
        file: &PendingUpload,
        key: Option<UploadKey>,
        progress: &Progress,
    ) -> Result<FinishedUpload, Failure> {
        let (name, kind) = (opened.name().to_owned(), opened.media_type());
        let warning = opened.warning();
        let request = UploadMedia {
            file: opened.into_upload(progress.next_file()),
            more: file.more.clone(),
        };
        let reply = match self.saki.upload_media(&request).await {
            Ok(reply) => reply,
            Err(error) => {
                let fields = IdentityMapper::default();
                return Err(render_failure(&self.saki, error, &fields).await);
            }
        };
        let found = reply.body.as_ref().and_then(uploaded_file);
        let reference = found.map(|(id, media_type)| MediaRef {
            id,
            kind: media_type.or_else(|| Some(kind.to_owned())),
        });
        let body = reply.body.clone();
        let mut answer = reply.into_one();
        match (&reference, body) {
            (Some(media), _) => {
                answer.entry("id").or_insert_with(|| json!(media.id));
            }
            // Where no id is found, every word of the answer may be of use.
            (None, Some(Value::Object(body))) => {
                for (name, value) in body.into_iter().filter(|(name, _)| name != "data") {
                    answer.entry(name).or_insert(value);
                }
            }
            (None, _) => {}
        }
        CallRecord::note_made(
            ResourceKind::Media,
            reference.iter().map(|media| media.id.0),
        );
        if let (Some(key), Some(reference)) = (key, &reference) {
            let now = self.settings.clock.now();
            self.completed.remember(key, reference.clone(), now);
        }
        Ok(FinishedUpload {
            name,
            warning,
            media: reference,
            answer,
        })
    }
}
