//! What a policy promises, held against the sandbox before and after each call.

pub(crate) mod generated_calls;
pub(crate) mod generated_limits;
pub(crate) mod generated_posts;
pub(crate) mod publications;
pub(crate) mod requests;

use std::fmt::Debug;

use jiff::Timestamp;
use saki_mcp::sandbox::{Database, LoggedRequest, PostStatus, StoredPost};
use saki_mcp::write::policy::{Limit, Mode};
use serde_json::json;

use crate::support::policy_oracle::publications::{changed_late, newly_live, too_many};
use crate::support::policy_oracle::requests::{ids, made_by, names, strays};

/// One call: when it was made, what Saki held before and after, and what it was asked for in between.
///
/// What becomes of posts while time passes between two calls is nobody's doing.
pub(crate) struct Step {
    pub(crate) at: Timestamp,
    pub(crate) before: Database,
    pub(crate) after: Database,
    pub(crate) log: Vec<LoggedRequest>,
}

/// How a limit was not kept, if it was not.
pub(crate) fn breach(steps: &[Step], limit: &Limit) -> Option<String> {
    match limit {
        Limit::MaxLivePerHour(most) | Limit::MaxLivePerHourOfPrincipal(most) => {
            too_many(steps, *most)
        }
        _ => steps.iter().find_map(|step| step.breach(limit)),
    }
}

impl Step {
    pub(crate) fn new(
        at: Timestamp,
        mut before: Database,
        after: Database,
        log: Vec<LoggedRequest>,
    ) -> Self {
        // Files are of no space and no account, so no limit of those keeps one that posts still use.
        let gone: Vec<u64> = log
            .iter()
            .filter(|logged| logged.method == "DELETE")
            .flat_map(|logged| ids(logged).filter(|(name, _)| *name == "media_id"))
            .map(|(_, id)| id)
            .collect();
        for post in before.posts.values_mut() {
            post.media.retain(|id| !gone.contains(id));
        }
        Self {
            at,
            before,
            after,
            log,
        }
    }

    fn breach(&self, limit: &Limit) -> Option<String> {
        match limit {
            Limit::MaxLivePerHour(_) | Limit::MaxLivePerHourOfPrincipal(_) => None,
            Limit::Mode(Mode::Full) | Limit::Granted(Mode::Full) => None,
            Limit::Mode(Mode::ReadOnly) | Limit::Granted(Mode::ReadOnly) => {
                self.writes().next().map(said)
            }
            Limit::Mode(Mode::DraftsOnly) | Limit::Granted(Mode::DraftsOnly) => {
                self.differs(|state| {
                    let posts = posts(state, |post| post.status != PostStatus::Draft);
                    let files = rows(self.before.media.values(), |file| {
                        state.media.get(file.id).is_some()
                    });
                    let rest = [
                        rows(state.spaces.values(), |_| true),
                        rows(state.accounts.values(), |_| true),
                        rows(state.slots.values(), |_| true),
                        rows(state.webhooks.values(), |_| true),
                    ];
                    [posts, files, rest.concat()].concat()
                })
            }
            Limit::Tools(choice) => {
                let is_left =
                    |logged: &&LoggedRequest| made_by(logged).any(|tool| choice.allows(tool));
                self.writes().find(|logged| !is_left(logged)).map(said)
            }
            Limit::Spaces(ids) => {
                let within = |id: u64| ids.contains(&id);
                let stray = self.log.iter().find(|logged| {
                    let is_write = logged.method != "GET";
                    strays(logged, "space", within)
                        || is_write && self.is_of_another(logged, within)
                });
                stray.map(said).or_else(|| {
                    self.differs(|state| {
                        let made = vec![format!("{} spaces", state.spaces.len())];
                        let spaces = rows(state.spaces.values(), |space| !within(space.id));
                        let posts = posts(state, |post| !within(post.space_id));
                        let accounts =
                            rows(state.accounts.values(), |account| !within(account.space_id));
                        let slots = rows(state.slots.values(), |slot| !within(slot.space_id));
                        let webhooks =
                            rows(state.webhooks.values(), |webhook| !within(webhook.space_id));
                        [made, spaces, posts, accounts, slots, webhooks].concat()
                    })
                })
            }
            Limit::Accounts(ids) => {
                let within = |id: u64| ids.contains(&id);
                let stray = self
                    .writes()
                    .find(|logged| strays(logged, "account", within));
                stray.map(said).or_else(|| {
                    self.differs(|state| {
                        let posts = posts(state, |post| !within(post.account_id));
                        let accounts = rows(state.accounts.values(), |account| !within(account.id));
                        [posts, accounts].concat()
                    })
                })
            }
            Limit::QuietHours(hours) => {
                let mut live = newly_live(self).into_iter();
                let post = live.find(|(_, at)| hours.contains(*at));
                post.map(|(post, at)| format!("{at}: {post:?}"))
            }
            Limit::MinLead(lead) => {
                // A second for the way.
                let least = self.at + *lead - jiff::SignedDuration::from_secs(1);
                let mut live = newly_live(self).into_iter().chain(changed_late(self));
                let post = live.find(|(_, at)| *at < least);
                post.map(|(post, at)| format!("{at}: {post:?}"))
            }
        }
    }

    /// What was asked of Saki that is no read.
    pub(crate) fn writes(&self) -> impl Iterator<Item = &LoggedRequest> {
        self.log.iter().filter(|logged| logged.method != "GET")
    }

    /// Nothing changes without a write, so looking closely is spared there.
    fn differs(&self, look: impl Fn(&Database) -> Vec<String>) -> Option<String> {
        self.writes().next()?;
        let (before, after) = (look(&self.before), look(&self.after));
        let only = |these: &[String], those: &[String]| {
            let only = these.iter().filter(|row| !those.contains(row));
            only.cloned().collect::<Vec<_>>().join("\n")
        };
        (before != after).then(|| {
            format!(
                "{}\n  became\n{}",
                only(&before, &after),
                only(&after, &before)
            )
        })
    }

    /// Whether a request names a thing that is not within the spaces, whatever space it is asked for in.
    fn is_of_another(&self, logged: &LoggedRequest, within: impl Fn(u64) -> bool + Copy) -> bool {
        let state = &self.before;
        let in_path = ids(logged).any(|(kind, id)| {
            let space = match kind {
                "post_id" => state.posts.get(id).map(|post| post.space_id),
                "account_id" => state.accounts.get(id).map(|account| account.space_id),
                "slot_id" => state.slots.get(id).map(|slot| slot.space_id),
                "webhook_id" => state.webhooks.get(id).map(|webhook| webhook.space_id),
                _ => None,
            };
            space.is_some_and(|space| !within(space))
        });
        let of_space = |id: u64| match state.accounts.get(id) {
            Some(account) => within(account.space_id),
            None => true,
        };
        // The fields that Saki prints; what others mean, such as settings of a network, nobody knows.
        let of_posts = ["items", "account_ids"].into_iter().any(|name| {
            let said = logged.body.as_ref().and_then(|body| body.get(name));
            said.is_some_and(|said| names(&json!({ name: said }), "account_id", of_space))
        });
        in_path || of_posts
    }
}

fn said(logged: &LoggedRequest) -> String {
    let LoggedRequest {
        method, path, body, ..
    } = logged;
    format!("{method} {path} {body:?}")
}

fn posts(state: &Database, wanted: impl Fn(&StoredPost) -> bool) -> Vec<String> {
    rows(state.posts.values(), wanted)
}

fn rows<'a, T: Debug + 'a>(
    rows: impl Iterator<Item = &'a T>,
    wanted: impl Fn(&T) -> bool,
) -> Vec<String> {
    let rows = rows.filter(|row| wanted(row));
    rows.map(|row| format!("{row:?}")).collect()
}
