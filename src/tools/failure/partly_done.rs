//! Partly done: a write that Saki did for some accounts and refused for others, with the call for the rest.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Failure, FailureClass};
use crate::write::quote_text::single_line;

/// What was done and what not, where Saki refused a part of the accounts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PartlyDone {
    /// The HTTP status of Saki's answer.
    pub(crate) status: u16,
    /// The posts that are there.
    pub(crate) made: Vec<AccountPost>,
    /// The accounts that have none.
    pub(crate) refused: Vec<RefusedAccount>,
    /// Accounts of which Saki shows neither.
    pub(crate) unclear: usize,
}

/// The post of an account.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct AccountPost {
    /// Account whose post it was.
    pub(crate) account_id: u64,
    /// The account: id, handle and network.
    pub(crate) account: String,
    /// Id of the post.
    pub(crate) post_id: u64,
}

/// An account that Saki refused.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RefusedAccount {
    pub(crate) account_id: u64,
    /// The account: id, handle and network.
    pub(crate) account: String,
    /// Saki's words.
    pub(crate) message: String,
}

impl PartlyDone {
    /// Whether every account was refused.
    pub(crate) fn is_refused(&self) -> bool {
        self.made.is_empty() && self.unclear == 0
    }

    /// The ids of the refused accounts: `12, 13`.
    pub(crate) fn refused_ids(&self) -> String {
        let ids = self.refused.iter();
        let ids: Vec<String> = ids.map(|account| account.account_id.to_string()).collect();
        ids.join(", ")
    }
}

impl Failure {
    /// A write that Saki did only for a part of its accounts; `next` says how to do the rest.
    ///
    /// Where no post of the others is seen, it is not known whether they were written.
    pub(crate) fn partly(done: PartlyDone, warnings: &[String], next: &str) -> Self {
        let mut text = format!(
            "Saki answered {} and refused {}.",
            done.status,
            if done.is_refused() {
                "every account"
            } else {
                "a part of the accounts"
            }
        );
        for made in &done.made {
            text += &format!("\n- done: account {}, post {}", made.account, made.post_id);
        }
        for refused in &done.refused {
            text += &format!("\n- refused: account {}", refused.account);
            if !refused.message.is_empty() {
                text += &format!(": {}", single_line(&refused.message));
            }
        }
        for warning in warnings {
            text += &format!("\n- {warning}");
        }
        let mut failure = Self::new(format!("{text}\n{next}"));
        failure.facts.status = Some(done.status);
        let class = match done.made.is_empty() {
            false => FailureClass::Partly,
            true if done.is_refused() => FailureClass::Rejected,
            true => FailureClass::UnknownOutcome,
        };
        failure.facts.made = done.made;
        failure.facts.refused = done.refused;
        failure.with_class(class).quoting_others()
    }
}
