//! Completed uploads of calls that then failed, so that a retry does not upload the same file again.

use jiff::Timestamp;

use super::media::FileIdentity;
use super::shared_store::RETENTION;
use super::ttl_map::TtlMap;
use crate::saki::posts::MediaRef;

const CAPACITY: usize = 1000;

/// A file as one call uploads it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UploadKey {
    /// The idempotency key of the call, which is that of one API key; another call has files of its own.
    pub idempotency_key: String,
    /// Where the file came from.
    pub identity: FileIdentity,
    /// Name under which it went out.
    pub name: String,
    /// Its alt text.
    pub alt: Option<String>,
}

/// The uploads that are younger than [`RETENTION`].
#[derive(Debug)]
pub struct CompletedUploads(TtlMap<UploadKey, MediaRef>);

impl Default for CompletedUploads {
    fn default() -> Self {
        Self(TtlMap::with_capacity_limit(CAPACITY))
    }
}

impl CompletedUploads {
    /// The media that an upload made.
    pub fn find(&self, key: &UploadKey, now: Timestamp) -> Option<MediaRef> {
        self.0.get(key, now)
    }

    /// Remembers the media that an upload made.
    pub fn remember(&self, key: UploadKey, media: MediaRef, now: Timestamp) {
        self.0.insert(key, media, now, RETENTION);
    }

    /// Forgets these media: they are in use now, or gone.
    pub fn forget(&self, media_ids: &[u64]) {
        self.0.retain(|_, media| !media_ids.contains(&media.id.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saki::MediaId;
    use jiff::SignedDuration;

    fn origin(name: &str) -> UploadKey {
        UploadKey {
            idempotency_key: "one".into(),
            identity: FileIdentity::Remote("https://example.com/a.png".into()),
            name: name.into(),
            alt: None,
        }
    }

    fn media(id: u64) -> MediaRef {
        MediaRef {
            id: MediaId(id),
            kind: None,
        }
    }

    #[test]
    fn an_upload_is_found_for_ten_minutes_by_its_call_and_by_no_other() {
        let uploaded = CompletedUploads::default();
        let now: Timestamp = "2027-04-10T07:00:00Z".parse().unwrap();
        uploaded.remember(origin("a.png"), media(506), now);
        let later = |seconds| now + SignedDuration::from_secs(seconds);
        assert_eq!(
            uploaded.find(&origin("a.png"), later(599)),
            Some(media(506))
        );
        assert_eq!(uploaded.find(&origin("a.png"), later(600)), None);
        assert_eq!(uploaded.find(&origin("b.png"), now), None);
        let others = UploadKey {
            idempotency_key: "two".into(),
            ..origin("a.png")
        };
        assert_eq!(uploaded.find(&others, now), None);
    }

    #[test]
    fn what_is_forgotten_is_not_found() {
        let uploaded = CompletedUploads::default();
        let now: Timestamp = "2027-04-10T07:00:00Z".parse().unwrap();
        uploaded.remember(origin("a.png"), media(506), now);
        uploaded.forget(&[506]);
        assert_eq!(uploaded.find(&origin("a.png"), now), None);
    }
}
