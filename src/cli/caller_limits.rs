//! Caller limits: the settings of a token's line and of a request's headers, as limits of the policy and as confirmations.

use jiff::tz::TimeZone;

use super::policy_flags::PolicyFlags;
use crate::tools::Confirm;
use crate::transport::auth::Setting;
use crate::write::policy::Limit;

/// The setting that names a key of the list, and limits nothing.
pub(super) const KEY_LABEL: &str = "key";
const CONFIRM: &str = "confirm";

/// What settings ask for beyond the limits of the installation.
pub(super) struct CallerLimits {
    pub(super) policy: Vec<Limit>,
    pub(super) confirm: Vec<Confirm>,
}

impl CallerLimits {
    /// Reads settings.
    ///
    /// # Errors
    ///
    /// The setting that is not understood, and what is allowed.
    pub(super) fn parse(settings: &[Setting], timezone: Option<&TimeZone>) -> Result<Self, String> {
        let of_policy: Vec<Setting> = settings
            .iter()
            .filter(|setting| ![KEY_LABEL, CONFIRM].contains(&&*setting.name))
            .cloned()
            .collect();
        let policy = PolicyFlags::of_caller(&of_policy, timezone)?;
        let confirm = settings.iter().filter(|setting| setting.name == CONFIRM);
        let confirm = confirm.map(|setting| {
            let given: Result<Confirm, _> = setting.value.parse();
            given.map_err(|why| format!("{setting}: {why}"))
        });
        Ok(Self {
            policy,
            confirm: confirm.collect::<Result<_, _>>()?,
        })
    }
}
