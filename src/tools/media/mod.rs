//! Tools about media, and what the tools about posts share with them.

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
    Change, Changed, SimpleWrite, Verb, Write, WriteAnswer, WriteArgs, WriteScope, WriteTraits,
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
pub(super) use uploader::{PendingUpload, UploadedFile, Uploader};

/// A file to upload: exactly one of `path`, `url` and `data`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Upload {
    /// Full path of a file on the machine of this server, e.g. "/home/me/Pictures/cake.jpg".
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
    /// Uploads a picture, a video or a PDF and returns its id, which goes into `media` of create_post. Publishes nothing by itself. Further fields are passed on as they are.
    #[tool(
        title = "Upload media",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = false,
            open_world_hint = true
        )
    )]
    async fn upload_media(
        &self,
        Parameters(asked): Parameters<WriteArgs<Upload>>,
        context: RequestContext<RoleServer>,
    ) -> Result<Json<WriteAnswer<Upload>>, Failure> {
        self.write(asked, context).await
    }

    /// Deletes an uploaded file. It is not known what happens to posts that use it.
    #[tool(
        title = "Delete media",
        annotations(
            read_only_hint = false,
            destructive_hint = true,
            idempotent_hint = true,
            open_world_hint = true
        )
    )]
    async fn delete_media(
        &self,
        Parameters(asked): Parameters<WriteArgs<SpaceScoped<DeleteMedia>>>,
        context: RequestContext<RoleServer>,
    ) -> Result<Json<Changed<DeleteMedia>>, Failure> {
        self.write(asked, context).await
    }
}

impl Write for Upload {
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
        let named = given.named();
        if named.len() != 1 {
            let what = match named.is_empty() {
                true => "no file was given".to_owned(),
                false => format!("`{}` were given", named.join("` and `")),
            };
            return Err(Failure::refused(format!(
                "Nothing was sent: {what}. Pass exactly one of `path` (a file on this server's machine), `url` (a public address) and `data` (base64)."
            )));
        }
        let request = PendingUpload {
            file: tools.uploader.open_source("", given).await?,
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
        let files = [Arc::new(prepared.request)];
        let uploading = tools.uploader.upload_all(&files, None, context, &mut done);
        uploading.await?;
        let UploadedFile { media, answer, .. } = done.pop().ok_or_else(Failure::internal)?;
        let facts = match answer.is_empty() {
            true => UploadFacts {
                uploaded: Some(true),
                note: Some(
                    "Saki took the file and gives no id for it, so no post can name it.".to_owned(),
                ),
                ..UploadFacts::default()
            },
            false => UploadFacts {
                has_other_shape: media.is_none(),
                ..UploadFacts::default()
            },
        };
        Ok(WriteAnswer::Done(WithSaki::new(facts, answer)))
    }
}

impl Change for DeleteMedia {
    const VERB: Verb = Verb::Deleted;
}

impl SimpleWrite for DeleteMedia {
    const TRAITS: WriteTraits = WriteTraits {
        preview_facts: &["warnings"],
        ..WriteTraits::DEFAULT
    };

    async fn preview(&self, _: &Tools) -> Result<(Effects, Preview), Failure> {
        let id = self.media_id;
        let what = format!(
            "Deletes the file {id}, which cannot be looked at before. What becomes of posts that show it is not known."
        );
        let effects = Effects {
            deletes: vec![Resource::new(ResourceKind::Media, id.0).in_space(true)],
            ..Effects::default()
        };
        Ok((effects, Preview::of(what, self)?))
    }
}
