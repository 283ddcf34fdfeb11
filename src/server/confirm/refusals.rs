//! Refusals of unconfirmed calls: what happened, without a word that invites the caller to try again.

use crate::tools::{CONFIRMATION, Failure};
use crate::write::quote_text::quote_truncated;
use crate::write::shared_store::{RETENTION_TEXT, StoreError};

const DO_NOT_RETRY: &str = "Nothing was sent. Leave it at that unless the person asks for it.";

/// The person declined.
pub(super) fn declined() -> Failure {
    Failure::refused(format!("A person was asked and said no. {DO_NOT_RETRY}"))
}

/// The person closed the question.
pub(super) fn closed() -> Failure {
    Failure::refused(format!(
        "A person was asked and closed the question without an answer. {DO_NOT_RETRY}"
    ))
}

/// The form was accepted without a ticked checkbox.
pub(super) fn unticked() -> Failure {
    Failure::refused(format!(
        "The question came back with its checkbox unticked, which counts as no. {DO_NOT_RETRY}"
    ))
}

/// The answer did not come in time.
pub(super) fn too_late() -> Failure {
    Failure::refused(format!(
        "A person was asked and did not answer within {RETENTION_TEXT}. {DO_NOT_RETRY}"
    ))
}

/// The call ended before its question was answered.
pub(in crate::server) fn ended_unanswered() -> Failure {
    Failure::refused(format!(
        "The call ended while a person was being asked. {DO_NOT_RETRY}"
    ))
}

/// The client declares elicitation but did not ask a person.
pub(super) fn not_asked(why: &str) -> Failure {
    Failure::refused(format!(
        "A person must agree to this, and the client did not ask one ({why}). Nothing was sent. Calling again changes nothing. \
         A person can do it in Saki's web app."
    ))
}

/// No token can be signed.
pub(super) fn no_randomness() -> Failure {
    not_asked("this machine gives no random numbers to sign with")
}

/// The client cannot ask a person, and the operator accepts nothing else.
pub(super) fn person_required(why: &str) -> Failure {
    Failure::refused(format!(
        "A person must agree to this, and {why}. Nothing was sent. Calling again changes nothing: the operator of saki-mcp set \
         `--confirm always`, so that only a person confirms. They can use a client that asks, or Saki's web app."
    ))
}

/// The token does not have the form of one.
pub(super) fn malformed(token: &str) -> Failure {
    Failure::argument(
        CONFIRMATION,
        format!(
            "{} was not issued by this server; omit it. An answer issues one where it is needed.",
            quote_truncated(token)
        ),
    )
}

/// The token was redeemed before.
pub(super) fn used() -> Failure {
    Failure::refused(
        "This confirmation was used before, and it works only once. This call sent nothing. Check whether the earlier call did \
         what was intended, and tell the person what you find.",
    )
}

/// Whether the token was redeemed before is not known.
pub(super) fn unchecked(error: StoreError) -> Failure {
    Failure::refused(format!(
        "Nothing was sent: this confirmation may have been used before, and that cannot be checked, because {error}. \
         The operator of saki-mcp can repair the store."
    ))
}
