//! Confirmation tokens: signed, bound to one call and to what it would do, valid for a while, and single-use.
//!
//! A client of 2026-07-28 gets a token as the request state, which only the client sees and returns beside the answer of
//! a person. A model gets a short code as `confirmation` and repeats it in the second call: it would miscopy a signature.
//! The code leads to the token in the store.

use std::fmt::{self, Display};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rmcp::model::{RequestStateCodec, SealOptions};
use sha2::{Digest, Sha256};

use crate::write::shared_store::{RETENTION, SharedStore, StoreError};

/// The letters and digits of a code: Crockford's, without those that look alike.
const CODE_ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// 60 random bits.
const CODE_LENGTH: usize = 12;
const CODE_GROUP: usize = 4;

const KEY_LENGTH: usize = RequestStateCodec::MIN_KEY_LENGTH;
const NUMBER_LENGTH: usize = size_of::<u128>();
/// Long enough that nobody finds a second preview with the same digest.
const DIGEST_LENGTH: usize = 16;
/// Number, expiry and digest.
const PAYLOAD_LENGTH: usize = NUMBER_LENGTH + 8 + DIGEST_LENGTH;

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

/// Issues and redeems tokens. Servers with one store have one key; that of a server alone is random and ends with its process.
#[derive(Debug)]
pub(super) struct TokenStore {
    // Created with the first token, which most processes never need.
    codec: OnceLock<Option<RequestStateCodec>>,
    /// Holds the numbers of redeemed tokens until the tokens expire.
    store: Arc<dyn SharedStore>,
}

/// Why a token confirms nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ConfirmationTokenError {
    /// It was not issued here for this call and key, or it was altered.
    Foreign,
    /// It has expired.
    Expired,
    /// It was redeemed before.
    Used,
    /// The call would now do something else than was shown.
    Changed,
    /// The store may have forgotten that it was redeemed.
    Forgotten,
    /// Whether it was redeemed before is not known.
    Unchecked(StoreError),
}

impl TokenStore {
    /// Tokens whose use is recorded in `store`.
    pub(super) fn new(store: Arc<dyn SharedStore>) -> Self {
        Self {
            codec: OnceLock::new(),
            store,
        }
    }

    /// Issues a token for the call that `bound_to` identifies and for what it would do; nothing where there is no randomness.
    pub(super) fn issue(
        &self,
        bound_to: &str,
        effects: &str,
        now: Timestamp,
        lifetime: Duration,
    ) -> Option<String> {
        // Random, so that replicas with one store never share a number.
        let number = random_bytes::<NUMBER_LENGTH>()?;
        let expiry = now.checked_add(lifetime).ok()?.as_millisecond();
        let mut payload = Vec::with_capacity(PAYLOAD_LENGTH);
        payload.extend(number);
        payload.extend(expiry.to_be_bytes());
        payload.extend(digest(effects));
        let options = SealOptions::new().associated_data(bound_to.as_bytes());
        Some(self.codec()?.seal_with(&payload, &options))
    }

    /// Issues a token as [`issue`](Self::issue) does, and returns the code that leads to it.
    pub(super) async fn issue_code(
        &self,
        bound_to: &str,
        effects: &str,
        now: Timestamp,
        lifetime: Duration,
    ) -> Result<Option<String>, StoreError> {
        let Some((token, code)) = self
            .issue(bound_to, effects, now, lifetime)
            .zip(random_code())
        else {
            return Ok(None);
        };
        // Longer than the token is good, so that an old code is told from one that never was.
        let kept = SignedDuration::try_from(lifetime * 6).unwrap_or(SignedDuration::MAX);
        let key = code_key(&code);
        self.store.put(&key, token.into(), now, kept).await?;
        Ok(Some(code))
    }

    /// Redeems the token that a code leads to.
    pub(super) async fn redeem_code(
        &self,
        code: &str,
        bound_to: &str,
        effects: &str,
        now: Timestamp,
    ) -> Result<(), ConfirmationTokenError> {
        let token = self.store.read::<String>(&code_key(code), now).await;
        match token.map_err(ConfirmationTokenError::Unchecked)? {
            Some(token) => self.redeem(&token, bound_to, effects, now).await,
            None => Err(ConfirmationTokenError::Foreign),
        }
    }

    /// Redeems a token for the same call with the same effects; a token that reaches this point cannot be redeemed again.
    pub(super) async fn redeem(
        &self,
        token: &str,
        bound_to: &str,
        effects: &str,
        now: Timestamp,
    ) -> Result<(), ConfirmationTokenError> {
        let opened = self.open(token, bound_to);
        let (number, expiry, issued_for) = opened
            .as_deref()
            .and_then(parse)
            .ok_or(ConfirmationTokenError::Foreign)?;
        if now >= expiry {
            return Err(ConfirmationTokenError::Expired);
        }
        let (key, lifetime) = (store_key(number), expiry.duration_since(now));
        let claimed = self.store.claim(&key, now, lifetime).await;
        match claimed.map_err(ConfirmationTokenError::Unchecked)? {
            true => {}
            false => return Err(ConfirmationTokenError::Used),
        }
        // After the claim, so that a store that forgets the claim itself is noticed too.
        let remembers_since = self.store.remembers_since(now).await;
        let remembers_since = remembers_since.map_err(ConfirmationTokenError::Unchecked)?;
        if remembers_since.is_some_and(|since| expiry.duration_since(since) < RETENTION) {
            return Err(ConfirmationTokenError::Forgotten);
        }
        match issued_for == digest(effects) {
            true => Ok(()),
            false => Err(ConfirmationTokenError::Changed),
        }
    }

    /// Whether a token for this call was redeemed; false where that cannot be told.
    pub(super) async fn is_redeemed(&self, token: &str, bound_to: &str, now: Timestamp) -> bool {
        let opened = self.open(token, bound_to);
        let Some((number, ..)) = opened.as_deref().and_then(parse) else {
            return false;
        };
        let claim = self.store.get(&store_key(number), now).await;
        claim.is_ok_and(|claim| claim.is_some())
    }

    /// The same of the token that a code leads to.
    pub(super) async fn is_code_redeemed(
        &self,
        code: &str,
        bound_to: &str,
        now: Timestamp,
    ) -> bool {
        match self.store.read::<String>(&code_key(code), now).await {
            Ok(Some(token)) => self.is_redeemed(&token, bound_to, now).await,
            _ => false,
        }
    }

    fn open(&self, token: &str, bound_to: &str) -> Option<Vec<u8>> {
        self.codec()?.open_with(token, bound_to.as_bytes()).ok()
    }

    fn codec(&self) -> Option<&RequestStateCodec> {
        let codec = self.codec.get_or_init(|| {
            let common = self.store.common_key("confirmations");
            let key = common.or_else(random_bytes::<KEY_LENGTH>)?;
            RequestStateCodec::try_new(key).ok()
        });
        codec.as_ref()
    }
}

/// Whether a text may be a code, perhaps a miscopied one.
pub(super) fn resembles_code(text: &str) -> bool {
    let code = plain(text);
    let length = CODE_LENGTH - CODE_GROUP..=CODE_LENGTH + CODE_GROUP;
    length.contains(&code.len()) && code.bytes().all(|c| c.is_ascii_alphanumeric())
}

/// A code without its hyphens, in lower case.
fn plain(code: &str) -> String {
    let letters = code.chars().filter(|c| !matches!(c, '-' | ' '));
    // Letters that look like a digit are read as that digit.
    let letters = letters.map(|c| match c.to_ascii_lowercase() {
        'o' => '0',
        'i' | 'l' => '1',
        letter => letter,
    });
    letters.collect()
}

/// Under which key the store holds the token of a code.
fn code_key(code: &str) -> String {
    format!("confirmation/code/{}", plain(code))
}

/// A new code, e.g. `k7q2-9xmd-p4tz`.
fn random_code() -> Option<String> {
    let bytes = random_bytes::<CODE_LENGTH>()?;
    let letter = |byte: &u8| char::from(CODE_ALPHABET[usize::from(*byte) % CODE_ALPHABET.len()]);
    let groups = bytes.chunks(CODE_GROUP);
    let groups: Vec<String> = groups
        .map(|group| group.iter().map(letter).collect())
        .collect();
    Some(groups.join("-"))
}

/// Number, expiry and digest of a payload.
fn parse(payload: &[u8]) -> Option<([u8; NUMBER_LENGTH], Timestamp, &[u8])> {
    let (number, rest) = payload.split_first_chunk()?;
    let (expiry, digest) = rest.split_first_chunk()?;
    let expiry = Timestamp::from_millisecond(i64::from_be_bytes(*expiry)).ok()?;
    Some((*number, expiry, digest))
}

/// Under which key the store records the use of a token.
fn store_key(number: [u8; NUMBER_LENGTH]) -> String {
    format!("confirmation/{:x}", u128::from_be_bytes(number))
}

/// Bytes that nobody can guess; nothing where there is no randomness.
fn random_bytes<const LENGTH: usize>() -> Option<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    let provider = rustls::crypto::ring::default_provider();
    provider.secure_random.fill(&mut bytes).ok()?;
    Some(bytes)
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
    use crate::write::shared_store::InMemoryStore;
    use rstest::rstest;

    const MINUTE: Duration = Duration::from_secs(60);

    fn tokens() -> TokenStore {
        TokenStore::new(Arc::<InMemoryStore>::default())
    }

    fn now() -> Timestamp {
        "2027-04-09T10:00:00Z".parse().unwrap()
    }

    #[tokio::test]
    async fn a_token_is_redeemed_once() {
        let tokens = tokens();
        let token = tokens.issue("call", "effects", now(), MINUTE).unwrap();
        assert_eq!(
            tokens.redeem(&token, "call", "effects", now()).await,
            Ok(())
        );
        for effects in ["effects", "other"] {
            let again = tokens.redeem(&token, "call", effects, now()).await;
            assert_eq!(again, Err(ConfirmationTokenError::Used));
        }
        let next = tokens.issue("call", "effects", now(), MINUTE).unwrap();
        assert_ne!(token, next);
        assert_eq!(tokens.redeem(&next, "call", "effects", now()).await, Ok(()));
    }

    #[rstest]
    #[case::another_call("other", "effects", 0, ConfirmationTokenError::Foreign)]
    #[case::other_effects("call", "other", 0, ConfirmationTokenError::Changed)]
    #[case::too_late("call", "effects", 60, ConfirmationTokenError::Expired)]
    #[tokio::test]
    async fn a_token_confirms_only_what_it_was_issued_for(
        #[case] bound_to: &str,
        #[case] effects: &str,
        #[case] seconds: i64,
        #[case] error: ConfirmationTokenError,
    ) {
        let tokens = tokens();
        let token = tokens.issue("call", "effects", now(), MINUTE).unwrap();
        let later = now() + jiff::SignedDuration::from_secs(seconds);
        assert_eq!(
            tokens.redeem(&token, bound_to, effects, later).await,
            Err(error)
        );
    }

    #[tokio::test]
    async fn any_altered_character_makes_a_token_foreign() {
        let tokens = tokens();
        let token = tokens.issue("call", "effects", now(), MINUTE).unwrap();
        for position in 0..token.len() {
            let mut altered: Vec<char> = token.chars().collect();
            altered[position] = if altered[position] == 'A' { 'Q' } else { 'A' };
            let altered: String = altered.into_iter().collect();
            let redeemed = tokens.redeem(&altered, "call", "effects", now()).await;
            assert_eq!(redeemed, Err(ConfirmationTokenError::Foreign), "{position}");
        }
        assert_eq!(
            tokens.redeem(&token, "call", "effects", now()).await,
            Ok(())
        );
    }

    #[tokio::test]
    async fn a_code_is_good_once_however_it_is_written() {
        let tokens = tokens();
        let issued = tokens.issue_code("call", "effects", now(), MINUTE).await;
        let code = issued.unwrap().unwrap();
        assert!(resembles_code(&code), "{code}");
        assert_eq!(code.len(), CODE_LENGTH + 2, "{code}");
        for position in 0..code.len() {
            let mut altered: Vec<char> = code.chars().collect();
            altered[position] = if altered[position] == 'a' { 'b' } else { 'a' };
            let altered: String = altered.into_iter().collect();
            let redeemed = tokens.redeem_code(&altered, "call", "effects", now()).await;
            assert_eq!(redeemed, Err(ConfirmationTokenError::Foreign), "{altered}");
        }
        let written = code.to_uppercase().replace('-', "");
        for (written, outcome) in [
            (&written, Ok(())),
            (&code, Err(ConfirmationTokenError::Used)),
        ] {
            assert!(resembles_code(written), "{written}");
            let redeemed = tokens.redeem_code(written, "call", "effects", now()).await;
            assert_eq!(redeemed, outcome);
        }
    }

    #[rstest]
    #[case::another_call("other", "effects", 0, ConfirmationTokenError::Foreign)]
    #[case::other_effects("call", "other", 0, ConfirmationTokenError::Changed)]
    #[case::too_late("call", "effects", 60, ConfirmationTokenError::Expired)]
    #[case::long_ago("call", "effects", 600, ConfirmationTokenError::Foreign)]
    #[tokio::test]
    async fn a_code_confirms_only_what_it_was_issued_for(
        #[case] bound_to: &str,
        #[case] effects: &str,
        #[case] seconds: i64,
        #[case] error: ConfirmationTokenError,
    ) {
        let tokens = tokens();
        let issued = tokens.issue_code("call", "effects", now(), MINUTE).await;
        let later = now() + jiff::SignedDuration::from_secs(seconds);
        let code = issued.unwrap().unwrap();
        let redeemed = tokens.redeem_code(&code, bound_to, effects, later).await;
        assert_eq!(redeemed, Err(error));
    }

    #[tokio::test]
    async fn another_process_has_another_key() {
        let token = tokens().issue("call", "effects", now(), MINUTE);
        let redeemed = tokens()
            .redeem(&token.unwrap(), "call", "effects", now())
            .await;
        assert_eq!(redeemed, Err(ConfirmationTokenError::Foreign));
    }

    #[tokio::test]
    async fn redeemed_numbers_are_dropped_when_their_tokens_have_expired() {
        let tokens = tokens();
        let token = tokens.issue("call", "effects", now(), MINUTE).unwrap();
        tokens
            .redeem(&token, "call", "effects", now())
            .await
            .unwrap();
        let later = now() + jiff::SignedDuration::from_secs(61);
        let next = tokens.issue("call", "effects", later, MINUTE).unwrap();
        tokens
            .redeem(&next, "call", "effects", later)
            .await
            .unwrap();
        // What has not been dropped is still there for an earlier clock.
        let key = |token: &str| {
            let payload = tokens.codec().unwrap().open_with(token, b"call").unwrap();
            store_key(parse(&payload).unwrap().0)
        };
        assert_eq!(tokens.store.get(&key(&token), now()).await, Ok(None));
        let next = tokens.store.get(&key(&next), now()).await;
        assert!(next.is_ok_and(|entry| entry.is_some()));
        assert_eq!(
            tokens.redeem(&token, "call", "effects", later).await,
            Err(ConfirmationTokenError::Expired)
        );
    }

    #[tokio::test]
    async fn replicas_with_one_store_give_their_tokens_different_numbers() {
        let store: Arc<dyn SharedStore> = Arc::<InMemoryStore>::default();
        for _ in 0..2 {
            let tokens = TokenStore::new(Arc::clone(&store));
            let token = tokens.issue("call", "effects", now(), MINUTE).unwrap();
            let redeemed = tokens.redeem(&token, "call", "effects", now()).await;
            assert_eq!(redeemed, Ok(()));
            let again = tokens.redeem(&token, "call", "effects", now()).await;
            assert_eq!(again, Err(ConfirmationTokenError::Used));
        }
    }
}
