//! Pinned and allowed spaces: fills in the space that the operator pinned, and refuses any that is not allowed.

use serde_json::{Map, Value};

use super::{Directory, KnownSpace};
use crate::saki::posts::PostView;
use crate::saki::{SpaceId, lenient_json};
use crate::tools::Failure;
use crate::write::account_ref::AccountRef;
use crate::write::policy::PolicyViolation;

impl Directory {
    pub(super) fn allows_space(&self, id: u64) -> bool {
        let spaces = self.settings.policy.spaces();
        spaces.is_none_or(|spaces| spaces.contains(&id))
    }

    /// Refuses a space that is named and not allowed.
    pub(super) fn require_allowed_space(&self, id: u64) -> Result<(), Failure> {
        if self.allows_space(id) {
            return Ok(());
        }
        let limit = self.settings.policy.limit_of_spaces().unwrap_or_default();
        let only = limit.trim_start_matches("--space ");
        Err(PolicyViolation::new(
            &limit,
            format!("`space_id` {id} is another space"),
            format!("the space {only}"),
        )
        .into())
    }

    /// The account of a post: where the operator limits the spaces, as its space lists it, since what a post says of
    /// itself does not prove that it is of this space.
    pub(crate) async fn account_of_post(
        &self,
        space_id: SpaceId,
        post: PostView<'_>,
    ) -> Result<AccountRef, Failure> {
        let account = AccountRef::of_post(post);
        if self.settings.policy.spaces().is_none() {
            return Ok(account);
        }
        let accounts = self.accounts(space_id).await?;
        let listed = accounts.iter().find(|listed| listed.id == account.id);
        let listed = listed.cloned();
        Ok(listed.unwrap_or_else(|| AccountRef::unlisted(account.id)))
    }

    /// Refuses to show what belongs to an account that its space does not list, where the operator limits the spaces.
    pub(crate) fn require_listed(&self, account: &AccountRef) -> Result<(), Failure> {
        match self.settings.policy.limit_of_spaces() {
            Some(limit) if !account.is_listed() => Err(PolicyViolation::new(
                &limit,
                format!("Saki does not list the account {} in the space", account.id),
                format!(
                    "what is of the space {}",
                    limit.trim_start_matches("--space ")
                ),
            )
            .into()),
            _ => Ok(()),
        }
    }

    /// The same for a post.
    pub(crate) async fn require_listed_post(
        &self,
        space_id: SpaceId,
        post: PostView<'_>,
    ) -> Result<(), Failure> {
        if self.settings.policy.spaces().is_none() {
            return Ok(());
        }
        self.require_listed(&self.account_of_post(space_id, post).await?)
    }

    /// Every allowed space, for a call that is about all of them.
    pub(crate) async fn every_space(&self) -> Result<Vec<KnownSpace>, Failure> {
        let spaces = self.spaces().await?.to_vec();
        match self.no_allowed_space().filter(|_| spaces.is_empty()) {
            Some(none) => Err(Failure::refused(none)),
            None => Ok(spaces),
        }
    }

    /// What it means that no space is there, where the operator allows only some.
    pub(crate) fn no_allowed_space(&self) -> Option<String> {
        let limit = self.settings.policy.limit_of_spaces()?;
        Some(format!("This key sees none of the operator's `{limit}`."))
    }

    /// What is given, else the one space that the operator pinned.
    pub(crate) fn or_pinned_space(&self, given: Option<&str>) -> Option<String> {
        let pinned = || self.settings.policy.pinned_space().map(|id| id.to_string());
        given.map(str::to_owned).or_else(pinned)
    }

    /// Takes the rows of other spaces out of a list of spaces, and with them Saki's count of all.
    pub(crate) fn retain_allowed_spaces(&self, list: &mut Map<String, Value>) {
        if self.settings.policy.spaces().is_none() {
            return;
        }
        list.retain(|name, _| name == "data");
        let allowed =
            |row: &Value| lenient_json::integer(row, "id").is_some_and(|id| self.allows_space(id));
        match list.get_mut("data") {
            Some(Value::Array(rows)) => rows.retain(allowed),
            // What is no list of spaces cannot be held against the limit.
            _ => list.clear(),
        }
    }
}
