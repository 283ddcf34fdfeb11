//! Policy enforcement: whether a policy allows a write, by its effects and its request, never by its tool. `rate_window` holds the posts per hour.

use std::fmt::{self, Display};

use jiff::{SignedDuration, Timestamp};

use super::limit_flags::{
    describe_live, describe_resource, duration_text, granted_scope, id_list, mode_flag,
};
use super::{Mode, Policy, request_scope};
use crate::write::effects::{Effects, Resource, ResourceKind};
use crate::write::planned_request::PlannedRequest;

const DRAFTS_ONLY_ALLOWS: &str = "posts that stay drafts (`publish: \"draft\"`, or `status: 0` where there is no `publish`), edits and deletions of drafts, uploads";

/// Why a policy forbids a write, and what it allows instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyViolation {
    /// The limit as the operator's flag: `--mode drafts-only`.
    pub limit: String,
    /// What in the call is forbidden.
    pub why: String,
    /// What is allowed instead.
    pub allowed: String,
    /// The mode that the scope of the access token would have to allow, where it is that scope that forbids the write.
    pub needed_mode: Option<Mode>,
}

impl PolicyViolation {
    /// A violation of `limit`.
    pub fn new(
        limit: impl Into<String>,
        why: impl Into<String>,
        allowed: impl Into<String>,
    ) -> Self {
        Self {
            limit: limit.into(),
            why: why.into(),
            allowed: allowed.into(),
            needed_mode: None,
        }
    }
}

impl Display for PolicyViolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            limit,
            why,
            allowed,
            needed_mode: _,
        } = self;
        write!(
            f,
            "The operator's policy `{limit}` forbids this: {why}. Allowed: {allowed}. Nothing was sent, and no argument changes the policy."
        )
    }
}

impl Policy {
    /// Checks a write by its effects, and by its request as the preview shows it.
    ///
    /// # Errors
    ///
    /// The first limit that forbids it.
    pub fn check(
        &self,
        effects: &Effects,
        request: Option<&PlannedRequest>,
        now: Timestamp,
    ) -> Result<(), PolicyViolation> {
        self.check_effects(effects, request)?;
        self.check_times(effects, now)
    }

    /// Checks what it does, whenever that happens.
    pub fn check_effects(
        &self,
        effects: &Effects,
        request: Option<&PlannedRequest>,
    ) -> Result<(), PolicyViolation> {
        check_mode(self.mode, &mode_flag(self.mode), effects)?;
        self.check_spaces(effects, request)?;
        self.check_accounts(effects, request)?;
        let granted = check_mode(self.granted, granted_scope(self.granted), effects);
        granted.map_err(|violation| {
            let needed = needed_mode(effects);
            let scope = granted_scope(needed);
            PolicyViolation {
                allowed: format!("{}; with {scope}, this too", violation.allowed),
                needed_mode: Some(needed),
                ..violation
            }
        })
    }

    /// Checks when posts go public, which may become forbidden while a write waits.
    pub fn check_times(&self, effects: &Effects, now: Timestamp) -> Result<(), PolicyViolation> {
        for live in &effects.live {
            self.check_lead(live.at.unwrap_or(now), now, &describe_live(live))?;
            self.check_quiet_hours(live.at.unwrap_or(now), &describe_live(live))?;
        }
        for edited in &effects.edits {
            if let Some(due) = edited.due {
                let why = format!(
                    "post {} is about to go public and would still change",
                    edited.post_id
                );
                self.check_lead(due, now, &why)?;
            }
        }
        Ok(())
    }

    fn check_spaces(
        &self,
        effects: &Effects,
        request: Option<&PlannedRequest>,
    ) -> Result<(), PolicyViolation> {
        let Some((spaces, limit)) = self.spaces.as_ref().zip(self.limit_of_spaces()) else {
            return Ok(());
        };
        let refuse = |why: String| {
            let allowed = format!("writes within the space {}", id_list(spaces));
            Err(PolicyViolation::new(&limit, why, allowed))
        };
        let is_space = |resource: &&Resource| resource.kind == ResourceKind::Space;
        if effects.deletes.iter().any(|resource| is_space(&resource)) {
            return refuse("no space may be deleted".to_owned());
        }
        let is_allowed = |resource: &Resource| resource.id.is_some_and(|id| spaces.contains(&id));
        let mut changed = effects.other_resources.iter().filter(is_space);
        if changed.any(|resource| !is_allowed(resource)) {
            return refuse("no other space may be created or changed".to_owned());
        }
        if let Some(why) = request_scope::other_space(request, spaces) {
            return refuse(why);
        }
        // Saki may not check that an id belongs to the space of the request.
        if let Some(account) = effects.accounts().find(|account| !account.is_listed()) {
            return refuse(format!(
                "Saki does not list the account {} in the space",
                account.id
            ));
        }
        let mut resources = effects.deletes.iter().chain(&effects.other_resources);
        match resources.find(|resource| !is_space(resource) && !resource.in_space) {
            Some(resource) => refuse(format!(
                "Saki does not show {} in the space",
                describe_resource(resource)
            )),
            None => Ok(()),
        }
    }

    fn check_accounts(
        &self,
        effects: &Effects,
        request: Option<&PlannedRequest>,
    ) -> Result<(), PolicyViolation> {
        let Some((accounts, limit)) = self.accounts.as_ref().zip(self.limit_of_accounts()) else {
            return Ok(());
        };
        let refuse = |why: String| {
            let allowed = format!("posts of the accounts {}", id_list(accounts));
            Err(PolicyViolation::new(&limit, why, allowed))
        };
        if effects
            .deletes
            .iter()
            .any(|resource| resource.kind == ResourceKind::Space)
        {
            return refuse("other accounts would be deleted with the space".to_owned());
        }
        let mut resources = effects.deletes.iter().chain(&effects.other_resources);
        let has_unknown_account = |resource: &&Resource| {
            matches!(resource.kind, ResourceKind::Post | ResourceKind::Account)
                && resource.account.is_none()
        };
        if let Some(resource) = resources.find(has_unknown_account) {
            return refuse(format!(
                "the account of {} is not known",
                describe_resource(resource)
            ));
        }
        let mut touched = effects.accounts();
        if let Some(account) = touched.find(|account| !accounts.contains(&account.id)) {
            return refuse(format!("the account {} is not allowed", account.label()));
        }
        match request_scope::other_account(request, accounts) {
            Some(why) => refuse(why),
            None => Ok(()),
        }
    }

    fn check_lead(&self, at: Timestamp, now: Timestamp, why: &str) -> Result<(), PolicyViolation> {
        let Some(lead) = self.min_lead.filter(|lead| at.duration_since(now) < *lead) else {
            return Ok(());
        };
        // Two minutes more, so that the next call is still in time.
        let safe = now
            .checked_add(lead + SignedDuration::from_mins(2))
            .unwrap_or(now);
        Err(PolicyViolation::new(
            format!("--min-lead {}", duration_text(lead)),
            why,
            format!(
                "drafts, and posts that go public {} ahead or more, such as {}",
                duration_text(lead),
                safe.strftime("%Y-%m-%dT%H:%MZ")
            ),
        ))
    }

    fn check_quiet_hours(&self, at: Timestamp, why: &str) -> Result<(), PolicyViolation> {
        let containing = |at| self.quiet_hours.iter().find(|quiet| quiet.contains(at));
        let Some(quiet) = containing(at) else {
            return Ok(());
        };
        // Quiet hours can follow each other without a pause.
        let count = self.quiet_hours.len();
        let end = (0..=count).try_fold(at, |at, _| {
            containing(at).map_or(Some(at), |quiet| quiet.end(at))
        });
        let end = end.map(|end| quiet.local(end));
        Err(PolicyViolation::new(
            format!("--quiet-hours {}", quiet.hours()),
            format!("{why}, which is {}", quiet.local(at)),
            format!(
                "drafts, and posts that go public outside of these hours, again from {}",
                end.unwrap_or_default()
            ),
        ))
    }
}

/// The narrowest mode that allows a write.
fn needed_mode(effects: &Effects) -> Mode {
    match check_mode(Mode::DraftsOnly, "", effects) {
        Ok(()) => Mode::DraftsOnly,
        Err(_) => Mode::Full,
    }
}

/// Checks how much is changed.
fn check_mode(mode: Mode, limit: &str, effects: &Effects) -> Result<(), PolicyViolation> {
    let refuse = |why: String| Err(PolicyViolation::new(limit, why, DRAFTS_ONLY_ALLOWS));
    match mode {
        Mode::Full => return Ok(()),
        Mode::ReadOnly => {
            return Err(PolicyViolation::new(
                limit,
                "it changes something",
                "the tools that only read",
            ));
        }
        Mode::DraftsOnly => {}
    }
    if let Some(live) = effects.live.first() {
        return refuse(describe_live(live));
    }
    if let Some(edited) = effects.edits.iter().find(|edited| !edited.draft) {
        return refuse(format!(
            "post {} is not known to be a draft",
            edited.post_id
        ));
    }
    let deleted = effects.deletes.iter().find(|resource| !resource.draft);
    if let Some(resource) = deleted.or(effects.other_resources.first()) {
        return refuse(format!("it affects {}", describe_resource(resource)));
    }
    let Effects {
        drafts,
        edits,
        deletes,
        uploads,
        ..
    } = effects;
    // A write without declared effects is denied.
    if drafts.is_empty() && edits.is_empty() && deletes.is_empty() && uploads.is_empty() {
        return refuse("it creates no draft".to_owned());
    }
    Ok(())
}
