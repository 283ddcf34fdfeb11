//! From what an agent names to a file that may be uploaded: a path or base64, and only pictures, videos and PDF.

mod data;
mod name;
mod path;

use std::fs::File as StdFile;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use bytes::Bytes;
use futures::StreamExt;
use infer::MatcherType;
use tokio::io::AsyncReadExt;
use tokio::sync::watch;
use tokio_util::io::ReaderStream;

use crate::saki::media::{File, Open};
use crate::write::effects::Upload;

pub use data::decode;
pub use path::find;

/// How much of a file shows what it is.
const SNIFFED: usize = 8 * 1024;
const CHUNK: usize = 64 * 1024;

/// A file that was opened and looks like one that may go out.
#[derive(Debug)]
pub struct Source {
    name: String,
    mime: &'static str,
    size: u64,
    content: Content,
}

#[derive(Debug)]
enum Content {
    OnDisk(Arc<StdFile>),
    InMemory(Bytes),
}

impl Source {
    /// A file on disk, already opened, so that it is the one that was checked.
    ///
    /// # Errors
    ///
    /// A sentence: it cannot be read, is empty, or is no picture, video or PDF.
    pub fn on_disk(mut file: StdFile, size: u64, name: &str) -> Result<Self, String> {
        let mut start = Vec::with_capacity(SNIFFED);
        let read = file.by_ref().take(SNIFFED as u64).read_to_end(&mut start);
        read.map_err(|error| format!("cannot be read ({error})"))?;
        let (mime, extension) = kind(&start)?;
        Ok(Self {
            name: name::plain(name, extension),
            mime,
            size,
            content: Content::OnDisk(Arc::new(file)),
        })
    }

    /// A file that came in the call.
    ///
    /// # Errors
    ///
    /// As [`on_disk`](Source::on_disk).
    pub fn in_memory(bytes: Bytes, name: &str) -> Result<Self, String> {
        let (mime, extension) = kind(&bytes[..bytes.len().min(SNIFFED)])?;
        let size = bytes.len() as u64;
        Ok(Self {
            name: name::plain(name, extension),
            mime,
            size,
            content: Content::InMemory(bytes),
        })
    }

    /// What would go out.
    pub fn upload(&self) -> Upload {
        Upload {
            name: self.name.clone(),
            mime: self.mime.to_owned(),
            size: self.size,
        }
    }

    /// Size in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The file as the client uploads it; `sent` counts the bytes that went out.
    pub fn into_file(self, sent: watch::Sender<u64>) -> File {
        let Self {
            name,
            mime,
            size,
            content,
        } = self;
        let open: Open = match content {
            Content::InMemory(bytes) => Arc::new(move || {
                sent.send_replace(0);
                let body = reqwest::Body::from(bytes.clone());
                Box::pin(std::future::ready(Ok((body, size))))
            }),
            Content::OnDisk(file) => Arc::new(move || {
                let opened = from_start(&file);
                let sent = sent.clone();
                sent.send_replace(0);
                Box::pin(std::future::ready(opened.map(|file| {
                    // A file that grows while it is read must not exceed the length that was announced.
                    let limited = tokio::fs::File::from_std(file).take(size);
                    let counted =
                        ReaderStream::with_capacity(limited, CHUNK).inspect(move |chunk| {
                            if let Ok(chunk) = chunk {
                                sent.send_modify(|sent| *sent += chunk.len() as u64);
                            }
                        });
                    (reqwest::Body::wrap_stream(counted), size)
                })))
            }),
        };
        File {
            name,
            mime: mime.to_owned(),
            open,
        }
    }
}

fn from_start(file: &StdFile) -> io::Result<StdFile> {
    let mut again = file.try_clone()?;
    again.seek(SeekFrom::Start(0))?;
    Ok(again)
}

/// MIME type and extension, by the bytes and never by the name.
fn kind(start: &[u8]) -> Result<(&'static str, &'static str), String> {
    if start.is_empty() {
        return Err("is empty".to_owned());
    }
    let found = infer::get(start);
    match found {
        Some(kind)
            if matches!(kind.matcher_type(), MatcherType::Image | MatcherType::Video)
                || kind.extension() == "pdf" =>
        {
            Ok((kind.mime_type(), kind.extension()))
        }
        _ => Err(format!(
            "is not a picture, a video or a PDF by its content{}; only these are uploaded, so that no other file of this machine leaves it",
            found
                .map(|kind| format!(" ({})", kind.mime_type()))
                .unwrap_or_default()
        )),
    }
}

#[cfg(test)]
mod tests;
