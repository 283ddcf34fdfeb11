//! Tools about media, and what the tools about posts share with them.

mod file_args;
mod progress;
mod uploader;

use rmcp::handler::server::wrapper::Parameters;
use rmcp::service::RequestContext;
use rmcp::{RoleServer, tool, tool_router};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::pipeline::{SimpleWrite, Write, WriteArgs};
use super::send::Deleted;
use super::space_scoped::SpaceScoped;
use super::{Failure, Json, Tools, notes};
use crate::saki::Endpoint;
use crate::saki::media::{DeleteMedia, Media, UploadMedia};
use crate::write::effects::{Effects, Resource, ResourceKind};
use crate::write::prepared::Prepared;
use crate::write::preview::Preview;
use crate::write::quote::quote_truncated;
pub(super) use file_args::{Found, Given};
pub(super) use uploader::{Done, ToUpload};

/// A file to upload: exactly one of `path`, `url` and `data`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Upload {
    /// Full path of a file on the machine of this server, e.g. "/home/me/Pictures/cake.jpg".
    path: Option<String>,
    /// Public http(s) address of a file, which is fetched; or a `data:` URI.
    url: Option<String>,
    /// The file as base64, at most 10 MiB.
    data: Option<String>,
    /// Name the file is to have, e.g. "cake.jpg".
    filename: Option<String>,
    /// Further fields, sent as they are.
    #[serde(flatten)]
    more: Map<String, Value>,
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
    ) -> Result<Json<Media>, Failure> {
        self.write(asked, context).await
    }

    /// Deletes an uploaded file. What becomes of posts that show it is not known.
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
    ) -> Result<Json<Deleted>, Failure> {
        self.write(asked, context).await
    }
}

impl Write for Upload {
    type Request = ToUpload;
    type Answer = Media;

    async fn prepare(&self, tools: &Tools) -> Result<Prepared<ToUpload>, Failure> {
        let given = Given {
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
        let request = ToUpload {
            file: tools.found("", given).await?,
            more: self.more.clone(),
            origin: None,
        };
        let upload = request.file.source.upload();
        let about = match (&upload.mime, upload.size) {
            (Some(mime), Some(size)) => format!("{mime}, {size} bytes"),
            _ => "fetched first".to_owned(),
        };
        let preview = Preview {
            what: format!(
                "Uploads {} ({about}); publishes nothing.",
                quote_truncated(&upload.name)
            ),
            request: json!({
                "method": UploadMedia::METHOD.as_str(),
                "path": UploadMedia::PATH,
                "file": request.shown(),
                "fields": self.more,
            }),
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
        prepared: Prepared<ToUpload>,
        context: &RequestContext<RoleServer>,
    ) -> Result<Map<String, Value>, Failure> {
        let mut done = Vec::new();
        tools
            .upload_all(&[prepared.request], context, &mut done)
            .await?;
        let mut answer = done.pop().ok_or_else(Failure::internal)?.answer;
        if answer.is_empty() {
            answer.insert("uploaded".to_owned(), true.into());
            notes::add(
                &mut answer,
                "Saki took the file and gives no id for it, so no post can name it.".to_owned(),
            );
        }
        Ok(answer)
    }
}

impl SimpleWrite for DeleteMedia {
    type Answer = Deleted;
    const WORD: &'static str = "deleted";

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
