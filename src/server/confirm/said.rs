//! What a caller is told when a question was not answered with yes: what happened, and no word that invites another try.

use crate::tools::{CONFIRMATION, Failure};
use crate::write::quote::quote_truncated;

const LEAVE_IT: &str =
    "Nothing was sent. Leave it at that unless the person comes back to it by themselves.";

/// A person said no.
pub(super) fn declined() -> Failure {
    Failure::refused(format!("A person was asked and said no. {LEAVE_IT}"))
}

/// A person closed the question.
pub(super) fn cancelled() -> Failure {
    Failure::refused(format!(
        "A person was asked and closed the question without an answer. {LEAVE_IT}"
    ))
}

/// The answer came without the mark that means yes.
pub(super) fn unmarked() -> Failure {
    Failure::refused(format!(
        "The question came back without the mark that means yes, which counts as no. {LEAVE_IT}"
    ))
}

/// No answer came in time.
pub(super) fn too_late() -> Failure {
    Failure::refused(format!(
        "A person was asked and did not answer within ten minutes. {LEAVE_IT}"
    ))
}

/// The call ended before its question was answered.
pub(in crate::server) fn ended_unanswered() -> Failure {
    Failure::refused(format!(
        "The call ended while a person was being asked. {LEAVE_IT}"
    ))
}

/// The client says that it can ask, and does not.
pub(super) fn not_shown(why: &str) -> Failure {
    Failure::refused(format!(
        "A person has to agree to this, and the client did not ask one ({why}). Nothing was sent, and calling again changes \
         nothing. A person can do it in Saki's web app."
    ))
}

/// The client cannot ask, and only a person will do.
pub(super) fn nobody(why: &str) -> Failure {
    Failure::refused(format!(
        "A person has to agree to this, and {why}. Nothing was sent, and calling again changes nothing: whoever runs saki-mcp \
         has set that only a person confirms (`--confirm always`). They can use a client that asks, or Saki's web app."
    ))
}

/// The token is nothing that any server gave.
pub(super) fn made_up(token: &str) -> Failure {
    Failure::argument(
        CONFIRMATION,
        format!(
            "{} was not issued by this server. Leave it out. Where one is needed, the answer contains it.",
            quote_truncated(token)
        ),
    )
}

/// What was agreed to was done with before.
pub(super) fn used() -> Failure {
    Failure::refused(
        "This confirmation was used before, and it is good once. This call sent nothing. Look whether the earlier one did what \
         was meant, and tell the person what you find.",
    )
}
