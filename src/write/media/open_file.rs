//! A file that is open and was looked at, and how its bytes go out.

use std::fs::File as StdFile;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use sha2::{Digest, Sha256};

use super::kind::{SNIFFED, kind};
use super::name;
use crate::saki::media::{OpenBody, UploadFile};

const CHUNK: usize = 64 * 1024;

/// Hears how many bytes of a file have moved so far; less than before when it is read anew.
pub type OnProgress = Arc<dyn Fn(u64) + Send + Sync>;

/// A file that may go out.
#[derive(Debug, Clone)]
pub struct OpenFile {
    pub(super) name: String,
    pub(super) mime: &'static str,
    pub(super) size: u64,
    /// What was looked at; it goes out as it was seen, whatever happens to the file meanwhile.
    start: Bytes,
    rest: Option<Arc<StdFile>>,
}

impl OpenFile {
    /// A file on disk, which is read through this handle only.
    ///
    /// # Errors
    ///
    /// A sentence: it cannot be read, is empty, or is no picture, video or PDF.
    pub fn on_disk(mut file: StdFile, size: u64, name: &str) -> Result<Self, String> {
        let mut start = Vec::with_capacity(SNIFFED);
        let read = file
            .seek(SeekFrom::Start(0))
            .and_then(|_| file.by_ref().take(SNIFFED as u64).read_to_end(&mut start));
        read.map_err(|error| format!("cannot be read ({error})"))?;
        let (mime, ending) = kind(&start)?;
        Ok(Self {
            name: name::plain(name, ending),
            mime,
            size,
            start: start.into(),
            rest: Some(Arc::new(file)),
        })
    }

    /// A file that came in the call.
    ///
    /// # Errors
    ///
    /// As [`on_disk`](OpenFile::on_disk).
    pub fn in_memory(bytes: Bytes, name: &str) -> Result<Self, String> {
        let (mime, ending) = kind(&bytes[..bytes.len().min(SNIFFED)])?;
        Ok(Self {
            name: name::plain(name, ending),
            mime,
            size: bytes.len() as u64,
            start: bytes,
            rest: None,
        })
    }

    /// Size in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Name under which it goes out.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its size and a hash of what was looked at.
    pub(super) fn meaning(&self) -> String {
        let hash = Sha256::digest(&self.start);
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{hash}/{}", self.size)
    }

    /// What a post calls such a file: `image`, `video` or `document`.
    pub fn word(&self) -> &'static str {
        match self.mime.split('/').next() {
            Some("image") => "image",
            Some("video") => "video",
            _ => "document",
        }
    }

    /// The file as the client uploads it.
    pub fn into_file(self, told: OnProgress) -> UploadFile {
        let Self {
            name, mime, size, ..
        } = self.clone();
        let open: OpenBody = Arc::new(move || {
            let opened = self.clone();
            let told = Arc::clone(&told);
            told(0);
            Box::pin(std::future::ready(Ok((opened.body(told), size))))
        });
        UploadFile {
            name,
            mime: mime.to_owned(),
            open,
        }
    }

    fn body(self, told: OnProgress) -> reqwest::Body {
        let Some(file) = self.rest else {
            let bytes = self.start;
            let pieces = (0..bytes.len()).step_by(CHUNK).map(move |at| {
                told((at + CHUNK).min(bytes.len()) as u64);
                Ok::<_, io::Error>(bytes.slice(at..(at + CHUNK).min(bytes.len())))
            });
            return reqwest::Body::wrap_stream(stream::iter(pieces));
        };
        // A file that grows while it is read must not exceed the length that was announced.
        let start = self.start.slice(..self.start.len().min(self.size as usize));
        let from = start.len() as u64;
        let mut sent = 0;
        let all = stream::once(std::future::ready(Ok(start))).chain(pieces(file, from, self.size));
        reqwest::Body::wrap_stream(all.inspect(move |piece| {
            if let Ok(piece) = piece {
                sent += piece.len() as u64;
                told(sent);
            }
        }))
    }
}

/// The bytes of a file, read by their place: a read that was given up cannot move the next one.
fn pieces(
    file: Arc<StdFile>,
    from: u64,
    size: u64,
) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    stream::try_unfold(from, move |at| {
        let file = Arc::clone(&file);
        async move {
            let wanted = (size - at).min(CHUNK as u64) as usize;
            if wanted == 0 {
                return Ok(None);
            }
            let read = tokio::task::spawn_blocking(move || {
                let mut piece = vec![0; wanted];
                let read = read_at(&file, &mut piece, at)?;
                piece.truncate(read);
                io::Result::Ok(Bytes::from(piece))
            });
            let piece = read.await.map_err(io::Error::other)??;
            if piece.is_empty() {
                let why = "the file became shorter while it was read";
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, why));
            }
            let next = at + piece.len() as u64;
            Ok(Some((piece, next)))
        }
    })
}

#[cfg(unix)]
fn read_at(file: &StdFile, piece: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, piece, at)
}

#[cfg(windows)]
fn read_at(file: &StdFile, piece: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, piece, at)
}
