//! Media: the tools about uploaded files, and what the tools about posts share with them.

mod file_args;
mod progress;
mod uploader;

use std::sync::Arc;

use rmcp::handler::server::wrapper::Parameters;
use rmcp::service::RequestContext;
use rmcp::{RoleServer, tool, tool_router};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::pipeline::{
    Changed, SimpleWrite, Write, WriteAnswer, WriteArgs, WriteScope, WriteTraits,
};
use super::space_scoped::SpaceScoped;
use super::tool_result::{UntrustedContent, WithSaki};
use super::{Failure, Json, Tools};
use crate::saki::media::{DeleteMedia, Media, UploadMedia};
use crate::write::effects::{Effects, Resource, ResourceKind};
use crate::write::planned_request::PlannedRequest;
use crate::write::prepared::Prepared;
use crate::write::preview::Preview;
use crate::write::quote_text::quote_truncated;
pub(super) use file_args::FileArgs;
pub(super) use uploader::{FinishedUpload, PendingUpload, Uploader};

/// A file to upload: exactly one of `path`, `url` and `data`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Upload {
    /// Full path on this server's machine, e.g. "/home/me/cake.jpg".
    path: Option<String>,
    /// Public http(s) address of a file to fetch, or a `data:` URI.
    url: Option<String>,
    /// The file as base64, at most 10 MiB.
    data: Option<String>,
    /// New name of the file, e.g. "cake.jpg".
    filename: Option<String>,
    /// Further fields, sent as they are.
    #[serde(flatten)]
    more: Map<String, Value>,
}

/// What is added to the answer when Saki does not show the upload.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(super) struct UploadFacts {
    /// True: Saki accepted it and does not show it.
    #[serde(skip_serializing_if = "Option::is_none")]
    uploaded: Option<bool>,
    /// What is now true.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// What to look at again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
    /// Whether Saki answered with something else than an uploaded file.
    #[serde(skip)]
    has_other_shape: bool,
}

impl UntrustedContent for UploadFacts {
    fn has_untrusted_content(&self) -> bool {
        self.has_other_shape
    }
}

#[tool_router(router = media, vis = "pub(crate)")]
impl Tools {
    /// Uploads a picture, video or PDF, given by one of `path`, `url`, `data`, and returns its id; posts also take files themselves. Publishes nothing.
    #[tool(title = "Upload media")]
    async fn upload_media(
        &self,
        Parameters(args): Parameters<WriteArgs<Upload>>,
        context: RequestContext<RoleServer>,
    ) -> Result<Json<WriteAnswer<Upload>>, Failure> {
        self.write(args, context).await
    }

    /// Deletes an uploaded file for good. It is not known what happens to posts that use it.
    #[tool(title = "Delete media")]
    async fn delete_media(
        &self,
        Parameters(args): Parameters<WriteArgs<SpaceScoped<DeleteMedia>>>,
        context: RequestContext<RoleServer>,
    ) -> Result<Json<Changed<DeleteMedia>>, Failure> {
        self.write(args, context).await
    }
}

impl Write for Upload {
    type Endpoint = UploadMedia;
    type Request = PendingUpload;
    type Answer = WithSaki<Media, UploadFacts>;
    const TRAITS: WriteTraits = WriteTraits {
        scope: WriteScope::Drafts,
        ..WriteTraits::DEFAULT
    };

    async fn prepare(&self, tools: &Tools) -> Result<Prepared<PendingUpload>, Failure> {
        let given = FileArgs {
            path: self.path.as_deref(),
            url: self.url.as_deref(),
            data: self.data.as_deref(),
            filename: self.filename.as_deref(),
        };
        given.check_one_source(None).map_err(|why| {
            Failure::refused(format!(
                "Nothing was sent: {why}. Pass exactly one of `path` (a file on this server's machine), `url` (a public address) and `data` (base64)."
            ))
        })?;
        let request = PendingUpload {
            file: tools
                .uploader
                .open_source("", given, &tools.interpretations)
                .await?,
            more: self.more.clone(),
        };
        let upload = request.file.source.planned_upload();
        let about = match (&upload.mime, upload.size) {
            (Some(mime), Some(size)) => format!("{mime}, {size} bytes"),
            _ => "fetched first".to_owned(),
        };
        let preview = Preview {
            what: format!(
                "Uploads {} ({about}); publishes nothing.",
                quote_truncated(&upload.name)
            ),
            request: Some(PlannedRequest::upload::<UploadMedia>(
                request.preview("name"),
                self.more.clone(),
            )),
            warnings: request.warnings(),
            ..Preview::default()
        };
        let effects = Effects {
            uploads: vec![upload],
            ..Effects::default()
        };
        Ok(Prepared {
            effects,
            preview,
            request,
        })
    }

    async fn send(
        &self,
        tools: &Tools,
        prepared: Prepared<PendingUpload>,
        context: &RequestContext<RoleServer>,
    ) -> Result<WriteAnswer<Self>, Failure> {
        let mut done = Vec::new();
        let of_alt = prepared.request.alt_warnings();
        let files = [Arc::new(prepared.request)];
        let uploading = tools.uploader.upload_all(&files, None, context, &mut done);
        uploading.await?;
        let FinishedUpload {
            media,
            answer,
            warning,
            ..
        } = done.pop().ok_or_else(Failure::internal)?;
        let note = "Saki accepted the file but returned no id, so it cannot be attached to a post.";
        let facts = UploadFacts {
            uploaded: answer.is_empty().then_some(true),
            note: media.is_none().then(|| note.to_owned()),
            has_other_shape: media.is_none() && !answer.is_empty(),
            warnings: warning.into_iter().chain(of_alt).collect(),
        };
        Ok(WriteAnswer::Done(WithSaki::new(facts, answer)))
    }
}

impl SimpleWrite for DeleteMedia {
    const TRAITS: WriteTraits = WriteTraits {
        preview_facts: &["warnings"],
        ..WriteTraits::DEFAULT
    };

    async fn preview(&self, tools: &Tools) -> Result<(Effects, Preview), Failure> {
        let id = self.media_id;
        let what = format!(
            "Deletes the file {id}. Saki cannot show it first, and posts that use it may lose it."
        );
        let effects = Effects::deleting(Resource::new(ResourceKind::Media, id.0).in_space(true));
        Ok((effects, Preview::of(what, &tools.saki, self)?))
    }
}
