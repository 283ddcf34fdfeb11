//! The system's keyring: one entry with the API key. Each access runs on a thread of its own and is waited for a limited time.
//!
//! A locked keyring asks a person for its password, and without a person it never answers.

use std::time::Duration;

/// How long a start waits: a server without an answer serves all the same, and says why it has no key.
pub(super) const AT_START: Duration = Duration::from_secs(3);
/// How long a person has for the keyring's own password.
pub(super) const WITH_A_PERSON: Duration = Duration::from_secs(60);

/// Why the keyring cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum KeyringError {
    #[error("there is no keyring here")]
    Absent,
    #[error("the system's keyring did not answer within {} seconds; it may be locked", .0.as_secs())]
    NoAnswer(Duration),
    #[cfg_attr(
        not(feature = "keyring"),
        expect(dead_code, reason = "a build without keyring support is never refused")
    )]
    #[error("the system's keyring refused: {0}")]
    Refused(String),
}

/// The key in the keyring, if there is one.
pub(super) fn read(wait: Duration) -> Result<Option<String>, KeyringError> {
    within(wait, backend::read)
}

/// Puts a key into the keyring, in place of the one there.
pub(super) fn write(key: &str, wait: Duration) -> Result<(), KeyringError> {
    let key = key.to_owned();
    within(wait, move || backend::write(&key))
}

/// Removes the key from the keyring. Returns whether there was one.
pub(super) fn remove(wait: Duration) -> Result<bool, KeyringError> {
    within(wait, backend::remove)
}

/// Runs an access on a thread, which is left behind when it does not answer in time.
fn within<T: Send + 'static>(
    wait: Duration,
    access: impl FnOnce() -> Result<T, KeyringError> + Send + 'static,
) -> Result<T, KeyringError> {
    let (sender, receiver) = std::sync::mpsc::channel();
    let thread = std::thread::Builder::new().spawn(move || {
        // Nobody listens any more after the wait.
        let _ = sender.send(access());
    });
    match thread {
        Ok(_) => (receiver.recv_timeout(wait)).unwrap_or(Err(KeyringError::NoAnswer(wait))),
        Err(error) => Err(absent(&error)),
    }
}

/// Most machines without a desktop have no keyring, so why it does not answer is only for those who look for a fault.
fn absent(why: &dyn std::fmt::Display) -> KeyringError {
    tracing::debug!("no keyring answers: {why}");
    KeyringError::Absent
}

#[cfg(feature = "keyring")]
mod backend {
    use keyring::v1::{Entry, Error};

    use super::{KeyringError, absent};

    const SERVICE: &str = "saki-mcp";
    const USER: &str = "api-key";

    fn entry() -> Result<Entry, KeyringError> {
        Entry::new(SERVICE, USER).map_err(|error| match Entry::store_status() {
            Err(why) => absent(&why),
            Ok(()) => KeyringError::Refused(error.to_string()),
        })
    }

    fn failure(error: &Error) -> KeyringError {
        match error {
            Error::NoDefaultStore => absent(error),
            // Its text would contain the bytes.
            Error::BadEncoding(_) => KeyringError::Refused("the entry is no text".to_owned()),
            _ => KeyringError::Refused(error.to_string()),
        }
    }

    pub(super) fn read() -> Result<Option<String>, KeyringError> {
        match entry()?.get_password() {
            Ok(key) => Ok(Some(key)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(failure(&error)),
        }
    }

    pub(super) fn write(key: &str) -> Result<(), KeyringError> {
        entry()?.set_password(key).map_err(|error| failure(&error))
    }

    pub(super) fn remove() -> Result<bool, KeyringError> {
        match entry()?.delete_credential() {
            Ok(()) => Ok(true),
            Err(Error::NoEntry) => Ok(false),
            Err(error) => Err(failure(&error)),
        }
    }
}

#[cfg(not(feature = "keyring"))]
mod backend {
    use super::{KeyringError, absent};

    fn not_built() -> KeyringError {
        absent(&"this build has no keyring support")
    }

    pub(super) fn read() -> Result<Option<String>, KeyringError> {
        Err(not_built())
    }

    pub(super) fn write(_: &str) -> Result<(), KeyringError> {
        Err(not_built())
    }

    pub(super) fn remove() -> Result<bool, KeyringError> {
        Err(not_built())
    }
}
