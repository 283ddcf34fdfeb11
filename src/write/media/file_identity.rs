//! File identity: what makes two files the same one, so that it is uploaded once.

use std::fs::Metadata;
use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// What makes two files the same one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub enum FileIdentity {
    /// A file on disk, as it was when it was opened.
    OnDisk {
        /// Device and number of the file there; a hash of its path where files have no numbers.
        file: (u64, u64),
        /// Its size.
        size: u64,
        /// When it was changed last.
        modified: Option<Timestamp>,
    },
    /// The hash of a file that came in the call.
    InMemory([u8; 32]),
    /// A URL; its content may change, so callers trust it for minutes only.
    Remote(String),
}

impl FileIdentity {
    /// Of a file that was opened.
    pub(super) fn on_disk(metadata: &Metadata, path: &Path) -> Self {
        Self::OnDisk {
            file: number(metadata, path),
            size: metadata.len(),
            modified: metadata.modified().ok().and_then(|at| at.try_into().ok()),
        }
    }

    /// Of a file that came in the call.
    pub fn in_memory(bytes: &[u8]) -> Self {
        Self::InMemory(Sha256::digest(bytes).into())
    }
}

#[cfg(unix)]
fn number(metadata: &Metadata, _: &Path) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn number(_: &Metadata, path: &Path) -> (u64, u64) {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    path.hash(&mut hasher);
    (0, hasher.finish())
}
