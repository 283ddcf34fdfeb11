//! Open file: a media file whose MIME type was sniffed, and the request body that streams it.

use std::fs::File as StdFile;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::sync::Arc;

use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use sha2::{Digest, Sha256};

use super::completeness::{Completeness, MAX_SIZE};
use super::file_name;
use super::sniff::{SNIFF_LENGTH, sniff_mime};
use crate::saki::media::{OpenBody, UploadFile};
use crate::write::networks::MediaKind;
use crate::write::quote_text::quote_truncated;

const CHUNK: usize = 128 * 1024;
/// Chunks that are read before they can be sent: waking the thread that reads takes longer than reading.
const READ_AHEAD: usize = 2;

/// Receives how many bytes of a file have been transferred; the number falls when a retry starts over.
pub type OnProgress = Arc<dyn Fn(u64) + Send + Sync>;

/// A file that may be uploaded.
#[derive(Debug, Clone)]
pub struct OpenFile {
    pub(super) name: String,
    pub(super) mime: &'static str,
    pub(super) size: u64,
    /// The sniffed bytes; exactly these are uploaded, even if the file changes meanwhile.
    start: Bytes,
    rest: Option<Arc<StdFile>>,
    completeness: Completeness,
}

impl OpenFile {
    /// A file on disk, which is read through this handle only.
    ///
    /// # Errors
    ///
    /// A sentence: it cannot be read, is empty, or is no picture, video or PDF.
    pub fn on_disk(mut file: StdFile, size: u64, name: &str) -> Result<Self, String> {
        let mut start = Vec::with_capacity(SNIFF_LENGTH);
        let read = file.seek(SeekFrom::Start(0)).and_then(|_| {
            file.by_ref()
                .take(SNIFF_LENGTH as u64)
                .read_to_end(&mut start)
        });
        read.map_err(|error| format!("cannot be read ({error})"))?;
        let (mime, extension) = sniff_mime(&start)?;
        let mut completeness = Completeness::default();
        if size <= MAX_SIZE && file.seek(SeekFrom::Start(0)).is_ok() {
            completeness = Completeness::of(mime, size, &mut BufReader::new(&file));
        }
        Ok(Self {
            name: file_name::with_extension(name, extension),
            mime,
            size,
            completeness,
            start: start.into(),
            rest: Some(Arc::new(file)),
        })
    }

    /// A file that came in the call.
    pub fn in_memory(bytes: Bytes, name: &str) -> Result<Self, String> {
        let (mime, extension) = sniff_mime(&bytes[..bytes.len().min(SNIFF_LENGTH)])?;
        Ok(Self {
            name: file_name::with_extension(name, extension),
            mime,
            size: bytes.len() as u64,
            completeness: Completeness::of(mime, bytes.len() as u64, &mut &bytes[..]),
            start: bytes,
            rest: None,
        })
    }

    /// Size in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Name under which it is uploaded.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its size and a hash of the sniffed bytes.
    pub(super) fn content_key(&self) -> String {
        let hash = Sha256::digest(&self.start);
        format!("{}/{}", hex::encode(hash), self.size)
    }

    /// The media type that a post has for it: `image`, `video` or `document`.
    pub fn media_type(&self) -> &'static str {
        match self.mime.split('/').next() {
            Some("image") => "image",
            Some("video") => "video",
            _ => "document",
        }
    }

    /// Its kind, as the networks tell kinds apart.
    pub fn kind(&self) -> MediaKind {
        MediaKind::from_mime(self.mime, self.completeness.is_animated)
    }

    /// What is odd about it.
    pub fn warning(&self) -> Option<String> {
        self.completeness.is_cut.then(|| {
            format!(
                "The picture {} ends before its end, so only a part of it may show. Pass the whole file.",
                quote_truncated(&self.name)
            )
        })
    }

    /// The file as the client uploads it.
    pub fn into_upload(self, on_progress: OnProgress) -> UploadFile {
        let Self {
            name, mime, size, ..
        } = self.clone();
        let open: OpenBody = Arc::new(move || {
            let opened = self.clone();
            let on_progress = Arc::clone(&on_progress);
            on_progress(0);
            Box::pin(std::future::ready(Ok((opened.body(on_progress), size))))
        });
        UploadFile {
            name,
            mime: mime.to_owned(),
            open,
        }
    }

    fn body(self, on_progress: OnProgress) -> reqwest::Body {
        let Some(file) = self.rest else {
            let bytes = self.start;
            let chunks = (0..bytes.len()).step_by(CHUNK).map(move |at| {
                on_progress((at + CHUNK).min(bytes.len()) as u64);
                Ok::<_, io::Error>(bytes.slice(at..(at + CHUNK).min(bytes.len())))
            });
            return reqwest::Body::wrap_stream(stream::iter(chunks));
        };
        // A file that grows while it is read must not exceed the length that was announced.
        let start = self.start.slice(..self.start.len().min(self.size as usize));
        let from = start.len() as u64;
        let mut sent = 0;
        let all =
            stream::once(std::future::ready(Ok(start))).chain(read_chunks(file, from, self.size));
        reqwest::Body::wrap_stream(all.inspect(move |chunk| {
            if let Ok(chunk) = chunk {
                sent += chunk.len() as u64;
                on_progress(sent);
            }
        }))
    }
}

/// The bytes of a file, of which the next are read while some are sent.
///
/// They are read by offset, so an aborted read cannot move the next one.
fn read_chunks(
    file: Arc<StdFile>,
    from: u64,
    size: u64,
) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    let offsets = stream::iter((from..size).step_by(CHUNK));
    let reads = offsets.map(move |offset| {
        let (file, wanted) = (Arc::clone(&file), (size - offset).min(CHUNK as u64));
        async move {
            let read = move || read_exact_at(&file, wanted as usize, offset);
            let read = tokio::task::spawn_blocking(read).await;
            read.map_err(io::Error::other)?
        }
    });
    reads.buffered(READ_AHEAD)
}

fn read_exact_at(file: &StdFile, wanted: usize, offset: u64) -> io::Result<Bytes> {
    let mut chunk = vec![0; wanted];
    let mut length = 0;
    while length < wanted {
        match read_at(file, &mut chunk[length..], offset + length as u64)? {
            0 => {
                let why = "the file became shorter while it was read";
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, why));
            }
            read => length += read,
        }
    }
    Ok(chunk.into())
}

#[cfg(unix)]
fn read_at(file: &StdFile, chunk: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, chunk, offset)
}

#[cfg(windows)]
fn read_at(file: &StdFile, chunk: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, chunk, offset)
}
