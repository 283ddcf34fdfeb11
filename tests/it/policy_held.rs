//! What a policy promises, held against the sandbox before and after.

use jiff::Timestamp;
use saki_mcp::sandbox::{Logged, Post, State, Status};
use saki_mcp::write::policy::{Limit, Mode};

/// What became of Saki while a policy held.
pub(crate) struct Held<'a> {
    pub(crate) before: &'a State,
    pub(crate) after: &'a State,
    pub(crate) log: &'a [Logged],
    pub(crate) now: Timestamp,
}

impl Held<'_> {
    /// How a limit was not kept, if it was not.
    pub(crate) fn breach(&self, limit: &Limit) -> Option<String> {
        let (before, after) = (self.before, self.after);
        match limit {
            Limit::Mode(Mode::Full) => None,
            Limit::Mode(Mode::ReadOnly) => {
                let wrote = self.log.iter().find(|logged| logged.method != "GET");
                wrote.map(|logged| format!("{} {}", logged.method, logged.path))
            }
            Limit::Mode(Mode::DraftsOnly) => {
                let rest = |state: &State| {
                    let posts = posts(state, |post| post.status != Status::Draft);
                    let State {
                        spaces,
                        accounts,
                        slots,
                        webhooks,
                        ..
                    } = state;
                    format!("{posts} {spaces:?} {accounts:?} {slots:?} {webhooks:?}")
                };
                differ(rest(before), rest(after))
            }
            // A choice of tools says nothing of Saki.
            Limit::Tools(_) => None,
            Limit::Spaces(ids) => {
                let strays = |path: &str| {
                    let id = path
                        .strip_prefix("/spaces/")
                        .and_then(|rest| rest.split('/').next());
                    id.is_some_and(|id| !id.parse().is_ok_and(|id| ids.contains(&id)))
                };
                let stray = self.log.iter().find(|logged| strays(&logged.path));
                let rest = |state: &State| {
                    let spaces: Vec<_> = state.spaces.values().map(|space| space.id).collect();
                    let posts = posts(state, |post| !ids.contains(&post.space_id));
                    let slots: Vec<_> = state
                        .slots
                        .values()
                        .filter(|slot| !ids.contains(&slot.space_id))
                        .collect();
                    format!("{spaces:?} {posts} {slots:?}")
                };
                let stray = stray.map(|logged| logged.path.clone());
                stray.or(differ(rest(before), rest(after)))
            }
            Limit::Accounts(ids) => {
                let rest = |state: &State| {
                    let posts = posts(state, |post| !ids.contains(&post.account_id));
                    let accounts: Vec<_> = state
                        .accounts
                        .values()
                        .filter(|account| !ids.contains(&account.id))
                        .collect();
                    format!("{posts} {accounts:?}")
                };
                differ(rest(before), rest(after))
            }
            Limit::MaxLivePerHour(most) => {
                let count = self.newly_live().len();
                (count > *most).then(|| format!("{count} posts"))
            }
            Limit::QuietHours(hours) => {
                let mut live = self.newly_live().into_iter();
                let post = live.find(|post| hours.hold(at(post, self.now)));
                post.map(|post| format!("{post:?}"))
            }
            Limit::MinLead(lead) => {
                // A second for the way.
                let least = self.now + *lead - jiff::SignedDuration::from_secs(1);
                let mut live = self.newly_live().into_iter();
                let post = live.find(|post| at(post, self.now) < least);
                let text = |post: &&Post| {
                    let before = before.posts.get(post.id);
                    let is_new_text = before.is_some_and(|before| before.content != post.content);
                    is_new_text && is_live(post) && at(post, self.now) < least
                };
                let texts = || {
                    after
                        .posts
                        .values()
                        .filter(|post| post.published_at.is_none())
                        .find(text)
                };
                post.or_else(texts).map(|post| format!("{post:?}"))
            }
        }
    }

    /// First posts of threads that are public or set to be, and were not, or not at that time.
    fn newly_live(&self) -> Vec<&Post> {
        let is_new = |post: &&Post| match self.before.posts.get(post.id) {
            Some(before) => !is_live(before) || at(before, self.now) != at(post, self.now),
            None => true,
        };
        let posts = self.after.posts.values();
        let firsts = posts.filter(|post| post.parent_id.is_none() && is_live(post));
        firsts.filter(is_new).collect()
    }
}

fn is_live(post: &Post) -> bool {
    matches!(post.status, Status::Scheduled | Status::Published) || post.published_at.is_some()
}

fn at(post: &Post, now: Timestamp) -> Timestamp {
    post.published_at.or(post.scheduled_at).unwrap_or(now)
}

fn posts(state: &State, wanted: impl Fn(&Post) -> bool) -> String {
    let posts: Vec<&Post> = state.posts.values().filter(|post| wanted(post)).collect();
    format!("{posts:?}")
}

fn differ(before: String, after: String) -> Option<String> {
    (before != after).then(|| format!("{before}\n  became\n{after}"))
}
