//! Planned media: the id of an uploaded file, or a file whose upload is pending.

use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::saki::MediaId;
use crate::saki::posts::MediaRef;
use crate::tools::media::PendingUpload;
use crate::write::networks::MediaKind;

/// A file of a post before the post is sent; it serialises as a preview shows it.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub(crate) enum PlannedMedia {
    /// It is in Saki.
    Stored(MediaRef),
    /// It is uploaded before the post is sent.
    Pending(#[serde(serialize_with = "upload")] Arc<PendingUpload>),
}

impl PlannedMedia {
    /// Its id, where it has one.
    pub(crate) fn stored_id(&self) -> Option<MediaId> {
        match self {
            Self::Stored(media) => Some(media.id),
            Self::Pending(_) => None,
        }
    }

    /// Its kind: as Saki stated it, or by its content.
    pub(crate) fn kind(&self) -> Option<MediaKind> {
        match self {
            Self::Stored(media) => media.kind.as_deref().map(MediaKind::from_type),
            Self::Pending(pending) => pending.file.source.kind(),
        }
    }

    /// Whether it is this pending upload.
    pub(crate) fn awaits(&self, upload: &Arc<PendingUpload>) -> bool {
        matches!(self, Self::Pending(pending) if Arc::ptr_eq(pending, upload))
    }

    /// Its part of an idempotency key.
    pub(crate) fn content_key(&self) -> Value {
        match self {
            Self::Stored(media) => json!(media.id),
            Self::Pending(pending) => {
                let alt = pending.alt().unwrap_or_default();
                json!(format!("{} {alt}", pending.file.source.content_key()))
            }
        }
    }

    /// How a preview shows it in a list of ids.
    pub(crate) fn id_or_upload(&self) -> Value {
        self.stored_id().map_or_else(|| json!(self), |id| json!(id))
    }
}

fn upload<S: Serializer>(pending: &PendingUpload, serializer: S) -> Result<S::Ok, S::Error> {
    let mut upload = pending.preview("upload");
    let kind = pending.media_type();
    upload.extend(kind.map(|kind| ("type".to_owned(), json!(kind))));
    upload.serialize(serializer)
}
