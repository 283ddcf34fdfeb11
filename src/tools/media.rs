//! Tools about media.

use std::time::Duration;

use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::ProgressNotificationParam;
use rmcp::service::RequestContext;
use rmcp::{RoleServer, tool, tool_router};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::sync::watch;

use super::send::Deleted;
use super::{Failure, Json, Tools, UploadPaths, note};
use crate::saki::media::{DeleteMedia, Media, UploadMedia};
use crate::write::media::{Source, decode, find};

/// A file to upload: exactly one of `path` and `data`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Upload {
    /// Full path of a file on the machine of this server, e.g. "/home/me/Pictures/cake.jpg".
    path: Option<String>,
    /// The file as base64, at most 10 MiB; for files on disk use `path`.
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
        Parameters(upload): Parameters<Upload>,
        context: RequestContext<RoleServer>,
    ) -> Result<Json<Media>, Failure> {
        let Upload {
            path,
            data,
            filename,
            more,
        } = upload;
        let source = self.source(path, data, filename).await?;
        let size = source.size();
        let (sent, progress) = watch::channel(0);
        let request = UploadMedia {
            file: source.into_file(sent),
            more,
        };
        let upload = self.saki.upload_media(&request);
        let reply = tokio::select! {
            reply = upload => reply?,
            () = report(progress, size, &context) => return Err(Failure::internal()),
        };
        let is_silent = reply.body.is_none();
        let mut answer = reply.into_one();
        if is_silent {
            answer.insert("uploaded".to_owned(), true.into());
            note::put(
                &mut answer,
                "Saki took the file and gives no id for it, so no post can name it.".to_owned(),
            );
        }
        Ok(Json::new(answer))
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
        Parameters(request): Parameters<DeleteMedia>,
    ) -> Result<Json<Deleted>, Failure> {
        self.change("deleted", request).await
    }
}

impl Tools {
    async fn source(
        &self,
        path: Option<String>,
        data: Option<String>,
        filename: Option<String>,
    ) -> Result<Source, Failure> {
        match (path, data) {
            (Some(path), None) => {
                let UploadPaths::Below(roots) = self.settings.upload_paths.clone() else {
                    return Err(Failure::argument(
                        "path",
                        "files are not read over HTTP, where the path would be one of another machine. Pass the file as `data`.",
                    ));
                };
                let opened =
                    tokio::task::spawn_blocking(move || find(&path, &roots, filename.as_deref()));
                match opened.await {
                    Ok(opened) => {
                        opened.map_err(|why| Failure::argument("path", format!("the file {why}.")))
                    }
                    Err(_) => Err(Failure::internal()),
                }
            }
            (None, Some(data)) => decode(&data)
                .and_then(|bytes| Source::in_memory(bytes, filename.as_deref().unwrap_or_default()))
                .map_err(|why| Failure::argument("data", format!("the content {why}."))),
            _ => Err(Failure::refused(
                "Pass exactly one of `path` (a file on this server's machine) and `data` (base64).",
            )),
        }
    }
}

/// Tells the client how far an upload is, ten times a second, where it asked for that; never ends.
async fn report(
    mut progress: watch::Receiver<u64>,
    size: u64,
    context: &RequestContext<RoleServer>,
) {
    let Some(token) = context.meta.get_progress_token() else {
        return std::future::pending().await;
    };
    let mut last = 0;
    while progress.changed().await.is_ok() {
        let sent = *progress.borrow_and_update();
        // Progress only grows, also where the file is sent a second time under another name.
        if sent > last {
            last = sent;
            let mut said =
                ProgressNotificationParam::new(token.clone(), sent as f64).with_total(size as f64);
            said.message = Some(format!(
                "{} of {} KiB sent",
                sent / 1024,
                size.div_ceil(1024)
            ));
            // A client that is gone is noticed by the call itself.
            let _ = context.peer.notify_progress(said).await;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    std::future::pending().await
}
