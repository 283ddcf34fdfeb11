//! From what an agent names to a file that may be uploaded: a path, an address or base64, and only pictures, videos and PDF.

mod data;
pub mod fetch;
pub(super) mod file_identity;
mod kind;
mod name;
mod no_follow;
mod open_file;
mod path;

use url::Url;

use crate::write::effects::Upload;
use fetch::Fetcher;

pub use data::decode;
pub use file_identity::FileIdentity;
pub use open_file::{OnProgress, OpenFile};
pub use path::find;

/// A file that was named and may go out, as far as that can be judged before anything is fetched.
#[derive(Debug, Clone)]
pub enum Source {
    /// It is open here.
    Local(OpenFile, FileIdentity),
    /// It is fetched when the write is sent.
    Remote {
        /// Where.
        url: Url,
        /// The name it is to have.
        filename: Option<String>,
    },
}

impl Source {
    /// What makes two sources the same one.
    pub fn identity(&self) -> FileIdentity {
        match self {
            Self::Local(_, identity) => identity.clone(),
            Self::Remote { url, .. } => FileIdentity::Remote(url.as_str().to_owned()),
        }
    }

    /// What the file shows, for the question whether two calls mean the same: another name, another time of
    /// change or another signature in an address make no other picture of it.
    pub fn meaning(&self) -> String {
        match self {
            Self::Local(opened, _) => opened.meaning(),
            Self::Remote { url, .. } => {
                let mut plain = url.clone();
                plain.set_query(None);
                plain.set_fragment(None);
                plain.into()
            }
        }
    }

    /// What would go out.
    pub fn upload(&self) -> Upload {
        match self {
            Self::Local(opened, _) => Upload {
                name: opened.name.clone(),
                mime: Some(opened.mime.to_owned()),
                size: Some(opened.size),
                file: self.identity(),
            },
            Self::Remote { url, filename } => Upload {
                name: name::safe(&wanted(url, filename.as_deref())),
                mime: None,
                size: None,
                file: self.identity(),
            },
        }
    }

    /// The file open here, fetched if it has to be.
    ///
    /// # Errors
    ///
    /// A sentence: as [`Fetcher::fetch`], or it is empty or no picture, video or PDF.
    pub async fn open(self, fetcher: &Fetcher, told: &OnProgress) -> Result<OpenFile, String> {
        match self {
            Self::Local(opened, _) => Ok(opened),
            Self::Remote { url, filename } => {
                let name = wanted(&url, filename.as_deref());
                let (file, size) = fetcher.fetch(url, told).await?;
                OpenFile::on_disk(file, size, &name)
            }
        }
    }
}

/// The name that was asked for, else the last step of the address.
fn wanted(url: &Url, filename: Option<&str>) -> String {
    let last = url.path_segments().and_then(|mut steps| steps.next_back());
    let last = percent_encoding::percent_decode_str(last.unwrap_or_default());
    filename.map_or_else(|| last.decode_utf8_lossy().into_owned(), str::to_owned)
}

#[cfg(test)]
mod tests;
