//! What was uploaded for a write that has not come to its end, so that its retry does not upload it again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::media::FileIdentity;
use crate::saki::posts::MediaRef;

/// How long an upload is remembered.
const KEPT: SignedDuration = SignedDuration::from_mins(10);
/// The oldest entries make room beyond this many.
const MOST: usize = 1000;

/// A file as it was uploaded: whose, from where, under which name and words.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UploadKey {
    /// Hash of the key that it was uploaded with.
    pub whose: [u8; 32],
    /// What the call means that it was uploaded for; another call has files of its own.
    pub call: String,
    /// Where it came from.
    pub identity: FileIdentity,
    /// Name under which it went out.
    pub name: String,
    /// Its description for people who do not see it.
    pub alt: Option<String>,
}

/// The memory of all calls of this process.
#[derive(Debug, Default)]
pub struct CompletedUploads(Mutex<HashMap<UploadKey, (MediaRef, Timestamp)>>);

impl CompletedUploads {
    /// The media that an upload made within the last ten minutes.
    pub fn find(&self, origin: &UploadKey, now: Timestamp) -> Option<MediaRef> {
        let entries = self.entries();
        let (media, at) = entries.get(origin)?;
        is_fresh(*at, now).then(|| media.clone())
    }

    /// Remembers what an upload made.
    pub fn remember(&self, origin: UploadKey, media: MediaRef, now: Timestamp) {
        let mut entries = self.entries();
        entries.retain(|_, (_, at)| is_fresh(*at, now));
        if entries.len() >= MOST {
            let oldest = entries.iter().min_by_key(|(_, (_, at))| *at);
            if let Some(oldest) = oldest.map(|(origin, _)| origin.clone()) {
                entries.remove(&oldest);
            }
        }
        entries.insert(origin, (media, now));
    }

    /// InvalidateOnDrop these media: they are in use now, or gone.
    pub fn forget(&self, media_ids: &[u64]) {
        self.entries()
            .retain(|_, (media, _)| !media_ids.contains(&media.id.0));
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<UploadKey, (MediaRef, Timestamp)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_fresh(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at) < KEPT
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saki::MediaId;

    fn origin(name: &str) -> UploadKey {
        UploadKey {
            whose: [1; 32],
            call: "one".into(),
            identity: FileIdentity::Remote("https://example.com/a.png".into()),
            name: name.into(),
            alt: None,
        }
    }

    fn media(id: u64) -> MediaRef {
        MediaRef {
            id: MediaId(id),
            kind: "image".into(),
        }
    }

    #[test]
    fn an_upload_is_found_for_ten_minutes_by_the_key_that_made_it_and_by_no_other() {
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
            whose: [2; 32],
            ..origin("a.png")
        };
        assert_eq!(uploaded.find(&others, now), None);
    }

    #[test]
    fn what_is_forgotten_is_not_found_and_the_memory_has_a_bound() {
        let uploaded = CompletedUploads::default();
        let now: Timestamp = "2027-04-10T07:00:00Z".parse().unwrap();
        uploaded.remember(origin("a.png"), media(506), now);
        uploaded.forget(&[506]);
        assert_eq!(uploaded.find(&origin("a.png"), now), None);
        for id in 0..MOST as u64 + 5 {
            let at = now + SignedDuration::from_millis(id as i64);
            uploaded.remember(origin(&format!("{id}.png")), media(id), at);
        }
        assert_eq!(uploaded.entries().len(), MOST);
        assert_eq!(uploaded.find(&origin("0.png"), now), None);
    }
}
