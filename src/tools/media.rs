//! Tools about media.

use std::time::Duration;

use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::ProgressNotificationParam;
use rmcp::service::RequestContext;
use rmcp::{RoleServer, tool, tool_router};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::sync::watch;

use super::in_space::InSpace;
use super::send::Deleted;
use super::write::{Plain, ToWrite, Write};
use super::{Failure, Json, Same, Tools, UploadPaths, note, shown};
use crate::saki::Endpoint;
use crate::saki::media::{DeleteMedia, Media, UploadMedia};
use crate::write::effects::{Effects, Thing};
use crate::write::media::{Source, decode, find};
use crate::write::prepared::Prepared;
use crate::write::preview::Preview;

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
    /// Uploads a picture, a video or a PDF and returns its id, which goes into `media` of create_post or `media_ids` of update_post. Publishes nothing by itself. Further fields are passed on as they are.
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
        Parameters(asked): Parameters<ToWrite<Upload>>,
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
        Parameters(asked): Parameters<ToWrite<InSpace<DeleteMedia>>>,
        context: RequestContext<RoleServer>,
    ) -> Result<Json<Deleted>, Failure> {
        self.write(asked, context).await
    }
}

/// A file that is ready to go.
#[derive(Debug)]
pub(crate) struct ToUpload {
    source: Source,
    more: Map<String, Value>,
}

impl Write for Upload {
    type Request = ToUpload;
    type Answer = Media;

    async fn prepare(&self, tools: &Tools) -> Result<Prepared<ToUpload>, Failure> {
        let source = tools.source(self).await?;
        let upload = source.upload();
        let what = format!(
            "Uploads {} ({}, {} bytes); publishes nothing.",
            shown(&upload.name),
            upload.mime,
            upload.size
        );
        let preview = Preview {
            what,
            request: json!({
                "method": UploadMedia::METHOD.as_str(),
                "path": UploadMedia::PATH,
                "file": {"name": upload.name, "mime": upload.mime, "size": upload.size},
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
            request: ToUpload {
                source,
                more: self.more.clone(),
            },
        })
    }

    async fn send(
        &self,
        tools: &Tools,
        prepared: Prepared<ToUpload>,
        context: &RequestContext<RoleServer>,
    ) -> Result<Map<String, Value>, Failure> {
        let ToUpload { source, more } = prepared.request;
        let size = source.size();
        let (sent, progress) = watch::channel(0);
        let request = UploadMedia {
            file: source.into_file(sent),
            more,
        };
        let upload = tools.saki.upload_media(&request);
        let reply = tokio::select! {
            reply = upload => match reply {
                Ok(reply) => reply,
                Err(error) => return Err(tools.told(error, &Same::default()).await),
            },
            () = report(progress, size, context) => return Err(Failure::internal()),
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
        Ok(answer)
    }
}

impl Plain for DeleteMedia {
    type Answer = Deleted;
    const WORD: &'static str = "deleted";

    async fn foresee(&self, _: &Tools) -> Result<(Effects, Preview), Failure> {
        let id = self.media_id;
        let what = format!(
            "Deletes the file {id}, which cannot be looked at before. What becomes of posts that show it is not known."
        );
        let effects = Effects {
            deletes: vec![Thing::new("media", id.0)],
            ..Effects::default()
        };
        Ok((effects, Preview::of(what, self)?))
    }
}

impl Tools {
    async fn source(&self, asked: &Upload) -> Result<Source, Failure> {
        let filename = asked.filename.clone();
        match (asked.path.clone(), &asked.data) {
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
            (None, Some(data)) => decode(data)
                .and_then(|bytes| Source::in_memory(bytes, filename.as_deref().unwrap_or_default()))
                .map_err(|why| Failure::argument("data", format!("the content {why}."))),
            (path, _) => Err(Failure::refused(format!(
                "Nothing was sent: {}. Pass exactly one of `path` (a file on this server's machine) and `data` (base64).",
                path.map_or("no file was given", |_| "two files were given")
            ))),
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
