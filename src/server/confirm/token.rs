//! Confirmation tokens: signed, bound to one call and to what it would do, valid for a while, and single-use.
//!
//! The model gets a token as `confirmation` and repeats it in the second call; a client of 2026-07-28 gets it as the request state,
//! which only the client sees and returns beside the answer of a person.

use std::collections::HashMap;
use std::fmt::{self, Display};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rmcp::model::{RequestStateCodec, SealOptions};
use sha2::{Digest, Sha256};

const KEY_LENGTH: usize = RequestStateCodec::MIN_KEY_LENGTH;
/// Long enough that nobody finds a second preview with the same digest.
const DIGEST_LENGTH: usize = 16;
/// Serial number, expiry and digest.
const PAYLOAD_LENGTH: usize = 8 + 8 + DIGEST_LENGTH;

/// Which of the two uses a token has; one cannot stand for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// The `confirmation` of a second call, which a model has seen.
    Argument,
    /// The request state, which only a client has seen.
    RequestState,
}

impl Display for TokenKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Argument => "argument",
            Self::RequestState => "request state",
        })
    }
}

/// Issues and redeems the tokens of this process. Its key is random and ends with the process.
#[derive(Debug, Default)]
pub(super) struct TokenStore {
    // Created with the first token, which most processes never need.
    codec: OnceLock<Option<RequestStateCodec>>,
    next_serial: AtomicU64,
    /// The serial numbers of redeemed tokens, until the tokens expire.
    redeemed: Mutex<HashMap<u64, i64>>,
}

/// Why a token confirms nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenError {
    /// This process did not issue it for this call and key, or it was altered.
    Foreign,
    /// It has expired.
    Expired,
    /// It was redeemed before.
    Used,
    /// The call would now do something else than was shown.
    Changed,
}

impl TokenStore {
    /// Issues a token for the call that `bound_to` identifies and for what it would do; nothing where there is no randomness.
    pub(super) fn issue(
        &self,
        bound_to: &str,
        effects: &str,
        now: Timestamp,
        lifetime: Duration,
    ) -> Option<String> {
        let serial = self.next_serial.fetch_add(1, Ordering::Relaxed);
        let expiry = now.checked_add(lifetime).ok()?.as_millisecond();
        let mut payload = Vec::with_capacity(PAYLOAD_LENGTH);
        payload.extend(serial.to_be_bytes());
        payload.extend(expiry.to_be_bytes());
        payload.extend(digest(effects));
        let options = SealOptions::new().associated_data(bound_to.as_bytes());
        Some(self.codec()?.seal_with(&payload, &options))
    }

    /// Redeems a token for the same call with the same effects; a token that reaches this point cannot be redeemed again.
    pub(super) fn redeem(
        &self,
        token: &str,
        bound_to: &str,
        effects: &str,
        now: Timestamp,
    ) -> Result<(), TokenError> {
        let opened = self
            .codec()
            .and_then(|codec| codec.open_with(token, bound_to.as_bytes()).ok());
        let (serial, expiry, issued_for) = opened
            .as_deref()
            .and_then(parse)
            .ok_or(TokenError::Foreign)?;
        let mut redeemed = self.redeemed.lock().unwrap_or_else(PoisonError::into_inner);
        if redeemed.contains_key(&serial) {
            return Err(TokenError::Used);
        }
        let now = now.as_millisecond();
        if now >= expiry {
            return Err(TokenError::Expired);
        }
        redeemed.retain(|_, expiry| *expiry > now);
        redeemed.insert(serial, expiry);
        match issued_for == digest(effects) {
            true => Ok(()),
            false => Err(TokenError::Changed),
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

/// Whether a text has the form of a token, whoever issued it.
pub(super) fn is_well_formed(text: &str) -> bool {
    const MAX_LENGTH: usize = 200;
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    text.len() <= MAX_LENGTH && text.starts_with("rs1.") && text.chars().all(is_allowed)
}

/// Serial number, expiry and digest of a payload.
fn parse(payload: &[u8]) -> Option<(u64, i64, &[u8])> {
    let (serial, rest) = payload.split_first_chunk()?;
    let (expiry, digest) = rest.split_first_chunk()?;
    Some((
        u64::from_be_bytes(*serial),
        i64::from_be_bytes(*expiry),
        digest,
    ))
}

fn digest(effects: &str) -> [u8; DIGEST_LENGTH] {
    let mut short = [0; DIGEST_LENGTH];
    let whole = Sha256::digest(effects.as_bytes());
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
    fn a_token_is_redeemed_once() {
        let tokens = TokenStore::default();
        let token = tokens.issue("call", "effects", now(), MINUTE).unwrap();
        assert!(is_well_formed(&token), "{token}");
        assert_eq!(tokens.redeem(&token, "call", "effects", now()), Ok(()));
        for effects in ["effects", "other"] {
            let again = tokens.redeem(&token, "call", effects, now());
            assert_eq!(again, Err(TokenError::Used));
        }
        let next = tokens.issue("call", "effects", now(), MINUTE).unwrap();
        assert_ne!(token, next);
        assert_eq!(tokens.redeem(&next, "call", "effects", now()), Ok(()));
    }

    #[rstest]
    #[case::another_call("other", "effects", 0, TokenError::Foreign)]
    #[case::other_effects("call", "other", 0, TokenError::Changed)]
    #[case::too_late("call", "effects", 60, TokenError::Expired)]
    fn a_token_confirms_only_what_it_was_issued_for(
        #[case] bound_to: &str,
        #[case] effects: &str,
        #[case] seconds: i64,
        #[case] error: TokenError,
    ) {
        let tokens = TokenStore::default();
        let token = tokens.issue("call", "effects", now(), MINUTE).unwrap();
        let later = now() + jiff::SignedDuration::from_secs(seconds);
        assert_eq!(tokens.redeem(&token, bound_to, effects, later), Err(error));
    }

    #[test]
    fn any_altered_character_makes_a_token_foreign() {
        let tokens = TokenStore::default();
        let token = tokens.issue("call", "effects", now(), MINUTE).unwrap();
        for position in 0..token.len() {
            let mut altered: Vec<char> = token.chars().collect();
            altered[position] = if altered[position] == 'A' { 'Q' } else { 'A' };
            let altered: String = altered.into_iter().collect();
            let redeemed = tokens.redeem(&altered, "call", "effects", now());
            assert_eq!(redeemed, Err(TokenError::Foreign), "{position}");
        }
        assert_eq!(tokens.redeem(&token, "call", "effects", now()), Ok(()));
    }

    #[test]
    fn another_process_has_another_key() {
        let token = TokenStore::default().issue("call", "effects", now(), MINUTE);
        let redeemed = TokenStore::default().redeem(&token.unwrap(), "call", "effects", now());
        assert_eq!(redeemed, Err(TokenError::Foreign));
    }

    #[test]
    fn redeemed_serials_are_dropped_when_their_tokens_have_expired() {
        let tokens = TokenStore::default();
        let token = tokens.issue("call", "effects", now(), MINUTE).unwrap();
        tokens.redeem(&token, "call", "effects", now()).unwrap();
        let later = now() + jiff::SignedDuration::from_secs(61);
        let next = tokens.issue("call", "effects", later, MINUTE).unwrap();
        tokens.redeem(&next, "call", "effects", later).unwrap();
        assert_eq!(tokens.redeemed.lock().unwrap().len(), 1);
        assert_eq!(
            tokens.redeem(&token, "call", "effects", later),
            Err(TokenError::Expired)
        );
    }
}
