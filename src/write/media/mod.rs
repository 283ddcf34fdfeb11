//! Media files by path, URL or base64: only pictures, videos and PDF; the size limits are those of `fetch` and `base64_data`.

mod base64_data;
mod completeness;
pub mod fetch;
pub(super) mod file_identity;
mod file_name;
mod local_path;
mod open_file;
mod open_without_symlinks;
mod path_syntax;
mod sniff;

use serde::Serialize;
use url::Url;

use crate::saki::redact_url;
use crate::write::networks::MediaKind;
use fetch::Fetcher;

pub use base64_data::decode_base64;
pub use file_identity::FileIdentity;
pub use local_path::{CHAT_PLACE, open_path};
pub use open_file::{OnProgress, OpenFile};
pub use path_syntax::{FileReference, expand_home};

/// A file that was named and may be uploaded, as far as that is known before anything is fetched.
#[derive(Debug, Clone)]
pub enum MediaSource {
    /// An open file.
    Local(OpenFile, FileIdentity),
    /// A file that is fetched when the write is sent.
    Remote {
        /// Its URL, which was checked.
        url: Url,
        /// The file name that the agent gave.
        filename: Option<String>,
    },
}

/// A file that a write uploads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedUpload {
    /// Name under which it is uploaded.
    pub name: String,
    /// MIME type by its content; unknown before it is fetched.
    pub mime: Option<String>,
    /// Size in bytes; unknown before it is fetched.
    pub size: Option<u64>,
    /// Which file it is, so that a replaced file is noticed.
    pub file: FileIdentity,
}

impl MediaSource {
    /// What makes two sources the same file.
    pub fn identity(&self) -> FileIdentity {
        match self {
            Self::Local(_, identity) => identity.clone(),
            Self::Remote { url, .. } => FileIdentity::Remote(url.as_str().to_owned()),
        }
    }

    /// The file's part of an idempotency key.
    ///
    /// Another name, modification time or URL signature does not make it another picture.
    pub fn content_key(&self) -> String {
        match self {
            Self::Local(opened, _) => opened.content_key(),
            Self::Remote { url, .. } => redact_url(url.as_str()),
        }
    }

    /// Its kind; before a file is fetched, by the extension of its name.
    pub fn kind(&self) -> Option<MediaKind> {
        match self {
            Self::Local(opened, _) => Some(opened.kind()),
            Self::Remote { .. } => {
                let name = self.planned_upload().name;
                let (_, extension) = name.rsplit_once('.')?;
                MediaKind::from_extension(&extension.to_ascii_lowercase())
            }
        }
    }

    /// What is odd about it, as far as that is known before it is fetched.
    pub fn warning(&self) -> Option<String> {
        match self {
            Self::Local(opened, _) => opened.warning(),
            Self::Remote { .. } => None,
        }
    }

    /// The upload that this would become.
    pub fn planned_upload(&self) -> PlannedUpload {
        match self {
            Self::Local(opened, _) => PlannedUpload {
                name: opened.name.clone(),
                mime: Some(opened.mime.to_owned()),
                size: Some(opened.size),
                file: self.identity(),
            },
            Self::Remote { url, filename } => PlannedUpload {
                name: file_name::sanitize(&requested_name(url, filename.as_deref())),
                mime: None,
                size: None,
                file: self.identity(),
            },
        }
    }

    /// The open file, fetched first if it is remote.
    ///
    /// # Errors
    ///
    /// A sentence: as [`Fetcher::fetch`], or it is empty or no picture, video or PDF.
    pub async fn open(
        self,
        fetcher: &Fetcher,
        on_progress: &OnProgress,
    ) -> Result<OpenFile, String> {
        match self {
            Self::Local(opened, _) => Ok(opened),
            Self::Remote { url, filename } => {
                let name = requested_name(&url, filename.as_deref());
                let (file, size) = fetcher.fetch(url, on_progress).await?;
                let opened =
                    tokio::task::spawn_blocking(move || OpenFile::on_disk(file, size, &name));
                opened
                    .await
                    .unwrap_or_else(|_| Err("cannot be read".to_owned()))
            }
        }
    }
}

/// The file name that the agent gave, else the last path segment of the URL.
fn requested_name(url: &Url, filename: Option<&str>) -> String {
    let last = url
        .path_segments()
        .and_then(|mut segments| segments.next_back());
    let last = percent_encoding::percent_decode_str(last.unwrap_or_default());
    filename.map_or_else(|| last.decode_utf8_lossy().into_owned(), str::to_owned)
}

#[cfg(test)]
mod tests;
