//! Whether a policy allows what a write is going to do; it looks at effects and request, never at a tool.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::flags::{flag, ids, length, named, says};
use super::{Mode, Policy, PolicyViolation, scope};
use crate::write::effects::{Effects, Resource, ResourceKind};

const PRIVATE: &str = "posts that stay drafts (`publish: \"draft\"`, or `status: 0` where there is no `publish`), edits and deletions of posts that are drafts, uploads";

impl Policy {
    /// Judges a write by its effects, and by its request as the preview shows it.
    ///
    /// # Errors
    ///
    /// The first limit that forbids it.
    pub fn allow(
        &self,
        effects: &Effects,
        request: &Value,
        now: Timestamp,
    ) -> Result<(), PolicyViolation> {
        self.allow_what(effects, request)?;
        self.allow_time(effects, now)
    }

    /// Judges what it does, whenever that happens.
    ///
    /// # Errors
    ///
    /// As [`allow`](Policy::allow).
    pub fn allow_what(&self, effects: &Effects, request: &Value) -> Result<(), PolicyViolation> {
        self.mode_allows(effects)?;
        self.spaces_allow(effects, request)?;
        self.accounts_allow(effects, request)
    }

    /// Judges when posts go public, which may become wrong while a write waits.
    ///
    /// # Errors
    ///
    /// As [`allow`](Policy::allow).
    pub fn allow_time(&self, effects: &Effects, now: Timestamp) -> Result<(), PolicyViolation> {
        for live in &effects.live {
            self.lead_allows(live.at.unwrap_or(now), now, &says(live))?;
            self.hours_allow(live.at.unwrap_or(now), &says(live))?;
        }
        for edited in &effects.edits {
            if let Some(due) = edited.due {
                let says = format!(
                    "post {} is about to go public and would change before",
                    edited.post_id
                );
                self.lead_allows(due, now, &says)?;
            }
        }
        Ok(())
    }

    fn mode_allows(&self, effects: &Effects) -> Result<(), PolicyViolation> {
        let refuse = |why: String| Err(PolicyViolation::new(flag(self.mode), why, PRIVATE));
        match self.mode {
            Mode::Full => return Ok(()),
            Mode::ReadOnly => {
                return Err(PolicyViolation::new(
                    flag(self.mode),
                    "it changes something",
                    "the tools that only read",
                ));
            }
            Mode::DraftsOnly => {}
        }
        if let Some(live) = effects.live.first() {
            return refuse(says(live));
        }
        if let Some(edited) = effects.edits.iter().find(|edited| !edited.draft) {
            return refuse(format!(
                "post {} is not known to be a draft",
                edited.post_id
            ));
        }
        let lost = effects.deletes.iter().find(|thing| !thing.draft);
        if let Some(thing) = lost.or(effects.others.first()) {
            return refuse(format!("it is about {}", named(thing)));
        }
        let Effects {
            drafts,
            edits,
            deletes,
            uploads,
            ..
        } = effects;
        // Nothing vouches for a write that tells of nothing.
        if drafts.is_empty() && edits.is_empty() && deletes.is_empty() && uploads.is_empty() {
            return refuse("it makes no draft".to_owned());
        }
        Ok(())
    }

    fn spaces_allow(&self, effects: &Effects, request: &Value) -> Result<(), PolicyViolation> {
        let Some((spaces, limit)) = self.spaces.as_ref().zip(self.limit_of_spaces()) else {
            return Ok(());
        };
        let refuse = |why: String| {
            let allowed = format!("what is done within the space {}", ids(spaces));
            Err(PolicyViolation::new(&limit, why, allowed))
        };
        let is_space = |thing: &&Resource| thing.kind == ResourceKind::Space;
        if effects.deletes.iter().any(|thing| is_space(&thing)) {
            return refuse("spaces stay as they are".to_owned());
        }
        let mut made = effects.others.iter().filter(is_space);
        if made.any(|thing| !spaces.contains(&thing.id)) {
            return refuse("there are to be no other spaces".to_owned());
        }
        if let Some(why) = scope::other_space(request, spaces) {
            return refuse(why);
        }
        // Whether Saki holds an id against the space that it is asked for in is not known.
        if let Some(account) = effects.accounts().find(|account| !account.is_listed()) {
            return refuse(format!(
                "Saki does not list the account {} in the space",
                account.id
            ));
        }
        let mut things = effects.deletes.iter().chain(&effects.others);
        match things.find(|thing| !is_space(thing) && !thing.in_space) {
            Some(thing) => refuse(format!("Saki does not show {} in the space", named(thing))),
            None => Ok(()),
        }
    }

    fn accounts_allow(&self, effects: &Effects, request: &Value) -> Result<(), PolicyViolation> {
        let Some((accounts, limit)) = self.accounts.as_ref().zip(self.limit_of_accounts()) else {
            return Ok(());
        };
        let refuse = |why: String| {
            let allowed = format!("posts of the accounts {}", ids(accounts));
            Err(PolicyViolation::new(&limit, why, allowed))
        };
        if effects
            .deletes
            .iter()
            .any(|thing| thing.kind == ResourceKind::Space)
        {
            return refuse("other accounts would go with the space".to_owned());
        }
        let things = effects.deletes.iter().chain(&effects.others);
        let of_accounts =
            |thing: &&Resource| matches!(thing.kind, ResourceKind::Post | ResourceKind::Account);
        let unknown = |thing: &&Resource| of_accounts(thing) && thing.account.is_none();
        if let Some(thing) = things.clone().find(unknown) {
            return refuse(format!("the account of {} is not known", named(thing)));
        }
        let mut touched = effects.accounts();
        if let Some(account) = touched.find(|account| !accounts.contains(&account.id)) {
            return refuse(format!(
                "the account {} is not among them",
                account.quoted()
            ));
        }
        match scope::other_account(request, accounts) {
            Some(why) => refuse(why),
            None => Ok(()),
        }
    }

    fn lead_allows(
        &self,
        at: Timestamp,
        now: Timestamp,
        says: &str,
    ) -> Result<(), PolicyViolation> {
        let Some(lead) = self.min_lead.filter(|lead| at.duration_since(now) < *lead) else {
            return Ok(());
        };
        // A little more, so that the next call may take its time.
        let safe = now
            .checked_add(lead + SignedDuration::from_mins(2))
            .unwrap_or(now);
        Err(PolicyViolation::new(
            format!("--min-lead {}", length(lead)),
            says,
            format!(
                "drafts, and posts that go public {} ahead or more, such as {}",
                length(lead),
                safe.strftime("%Y-%m-%dT%H:%MZ")
            ),
        ))
    }

    fn hours_allow(&self, at: Timestamp, says: &str) -> Result<(), PolicyViolation> {
        let held = |at| self.quiet_hours.iter().find(|quiet| quiet.hold(at));
        let Some(quiet) = held(at) else {
            return Ok(());
        };
        // Where one quiet part ends another may go on.
        let parts = self.quiet_hours.len();
        let end =
            (0..=parts).try_fold(at, |at, _| held(at).map_or(Some(at), |quiet| quiet.end(at)));
        let end = end.map(|end| quiet.local(end));
        Err(PolicyViolation::new(
            format!("--quiet-hours {}", quiet.hours()),
            format!("{says}, which is {}", quiet.local(at)),
            format!(
                "drafts, and posts that go public outside of these hours, again from {}",
                end.unwrap_or_default()
            ),
        ))
    }
}
