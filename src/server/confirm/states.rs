//! What a question leaves with the client until its answer comes: signed, for a while, and good once.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rmcp::model::{RequestStateCodec, SealOptions};
use sha2::{Digest, Sha256};

const KEY_LENGTH: usize = RequestStateCodec::MIN_KEY_LENGTH;
/// Enough of a digest that nobody finds a second preview for it.
const DIGEST_LENGTH: usize = 16;
/// Number, expiry and digest.
const LENGTH: usize = 8 + 8 + DIGEST_LENGTH;

/// The states that this process gave out. Its key is random and dies with it.
#[derive(Debug, Default)]
pub(super) struct States {
    // Made when the first question is asked, which most processes never do.
    codec: OnceLock<Option<RequestStateCodec>>,
    count: AtomicU64,
    /// The numbers that were used, until they would have expired.
    used: Mutex<HashMap<u64, i64>>,
}

/// Why a state confirms nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bad {
    /// It is not ours, was altered, or belongs to another call or key.
    Foreign,
    /// Its time is over.
    Expired,
    /// It was used.
    Used,
    /// What would happen is no longer what was shown.
    Changed,
}

impl States {
    /// A state for one call, which `bound` tells apart from all others, and for what was `shown`; none without randomness.
    pub(super) fn seal(
        &self,
        bound: &str,
        shown: &str,
        now: Timestamp,
        good_for: Duration,
    ) -> Option<String> {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let until = now.checked_add(good_for).ok()?.as_millisecond();
        let mut payload = Vec::with_capacity(LENGTH);
        payload.extend(number.to_be_bytes());
        payload.extend(until.to_be_bytes());
        payload.extend(digest(shown));
        let options = SealOptions::new().associated_data(bound.as_bytes());
        Some(self.codec()?.seal_with(&payload, &options))
    }

    /// Takes a state that came back for what it was given for; nobody can take it a second time.
    pub(super) fn take(
        &self,
        state: &str,
        bound: &str,
        shown: &str,
        now: Timestamp,
    ) -> Result<(), Bad> {
        let opened = self
            .codec()
            .and_then(|codec| codec.open_with(state, bound.as_bytes()).ok());
        let (number, until, digest_shown) =
            opened.as_deref().and_then(parts).ok_or(Bad::Foreign)?;
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if used.contains_key(&number) {
            return Err(Bad::Used);
        }
        if now.as_millisecond() >= until {
            return Err(Bad::Expired);
        }
        let now = now.as_millisecond();
        used.retain(|_, until| *until > now);
        used.insert(number, until);
        match digest_shown == digest(shown) {
            true => Ok(()),
            false => Err(Bad::Changed),
        }
    }

    fn codec(&self) -> Option<&RequestStateCodec> {
        let codec = self.codec.get_or_init(|| {
            let mut key = [0; KEY_LENGTH];
            let provider = rustls::crypto::ring::default_provider();
            provider.secure_random.fill(&mut key).ok()?;
            RequestStateCodec::try_new(key).ok()
        });
        codec.as_ref()
    }
}

/// Whether a text has the looks of a state, whoever gave it out.
pub(super) fn looks_given(text: &str) -> bool {
    const LONGEST: usize = 200;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    text.len() <= LONGEST && text.starts_with("rs1.") && text.chars().all(is_plain)
}

fn parts(payload: &[u8]) -> Option<(u64, i64, &[u8])> {
    let (number, rest) = payload.split_first_chunk()?;
    let (until, digest) = rest.split_first_chunk()?;
    Some((
        u64::from_be_bytes(*number),
        i64::from_be_bytes(*until),
        digest,
    ))
}

fn digest(shown: &str) -> [u8; DIGEST_LENGTH] {
    let mut short = [0; DIGEST_LENGTH];
    let whole = Sha256::digest(shown.as_bytes());
    short.copy_from_slice(&whole[..DIGEST_LENGTH]);
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const MINUTE: Duration = Duration::from_secs(60);

    fn now() -> Timestamp {
        "2027-04-09T10:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_state_is_taken_once() {
        let states = States::default();
        let state = states.seal("call", "shown", now(), MINUTE).unwrap();
        assert!(looks_given(&state), "{state}");
        assert_eq!(states.take(&state, "call", "shown", now()), Ok(()));
        for shown in ["shown", "other"] {
            assert_eq!(states.take(&state, "call", shown, now()), Err(Bad::Used));
        }
        let next = states.seal("call", "shown", now(), MINUTE).unwrap();
        assert_ne!(state, next);
        assert_eq!(states.take(&next, "call", "shown", now()), Ok(()));
    }

    #[rstest]
    #[case::another_call("other", "shown", 0, Bad::Foreign)]
    #[case::a_changed_world("call", "other", 0, Bad::Changed)]
    #[case::too_late("call", "shown", 60, Bad::Expired)]
    fn a_state_confirms_nothing_but_what_it_was_made_for(
        #[case] bound: &str,
        #[case] shown: &str,
        #[case] seconds: i64,
        #[case] bad: Bad,
    ) {
        let states = States::default();
        let state = states.seal("call", "shown", now(), MINUTE).unwrap();
        let later = now() + jiff::SignedDuration::from_secs(seconds);
        assert_eq!(states.take(&state, bound, shown, later), Err(bad));
    }

    #[test]
    fn any_altered_character_makes_it_foreign() {
        let states = States::default();
        let state = states.seal("call", "shown", now(), MINUTE).unwrap();
        for place in 0..state.len() {
            let mut altered: Vec<char> = state.chars().collect();
            altered[place] = if altered[place] == 'A' { 'Q' } else { 'A' };
            let altered: String = altered.into_iter().collect();
            let taken = states.take(&altered, "call", "shown", now());
            assert_eq!(taken, Err(Bad::Foreign), "{place}");
        }
        assert_eq!(states.take(&state, "call", "shown", now()), Ok(()));
    }

    #[test]
    fn another_process_has_another_key() {
        let state = States::default().seal("call", "shown", now(), MINUTE);
        let taken = States::default().take(&state.unwrap(), "call", "shown", now());
        assert_eq!(taken, Err(Bad::Foreign));
    }

    #[test]
    fn used_numbers_are_forgotten_when_they_would_have_expired() {
        let states = States::default();
        let state = states.seal("call", "shown", now(), MINUTE).unwrap();
        states.take(&state, "call", "shown", now()).unwrap();
        let later = now() + jiff::SignedDuration::from_secs(61);
        let next = states.seal("call", "shown", later, MINUTE).unwrap();
        states.take(&next, "call", "shown", later).unwrap();
        assert_eq!(states.used.lock().unwrap().len(), 1);
        assert_eq!(
            states.take(&state, "call", "shown", later),
            Err(Bad::Expired)
        );
    }
}
