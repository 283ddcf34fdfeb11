//! Plan warnings: conflicts of a planned post with other posts of its account, such as one close to it. They never block.

use std::fmt::{self, Display};
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::Value;

use crate::saki::pagination::next_page;
use crate::saki::posts::{Item, ListPosts, PostState, PostView};
use crate::saki::{AccountId, Error, SpaceId};
use crate::tools::Tools;
use crate::tools::directory::rows;
use crate::tools::posts::attachments::PlannedMedia;
use crate::tools::posts::current_posts::CurrentPost;
use crate::tools::posts::post_facts::SEE_POST;
use crate::write::account_ref::AccountRef;
use crate::write::effects::Effects;
use crate::write::post_plan::{PostPlan, PublishMode};
use crate::write::quote_text::quote_truncated;
use crate::write::text_match::is_same_text;
use crate::write::when::When;

/// How close two posts of one account are too close.
const CLOSE: SignedDuration = SignedDuration::from_mins(30);
/// A read of the nearby posts that takes longer is left out.
const NEARBY_TIMEOUT: Duration = Duration::from_secs(3);

/// A post that is to go public, as far as the write decides it.
#[derive(Debug)]
pub(crate) struct PlannedPost<'a> {
    pub(crate) account: &'a AccountRef,
    pub(crate) goes_out: Timestamp,
    /// Whether the write sets this time.
    pub(crate) has_new_time: bool,
    /// Its text, where the write sets it.
    pub(crate) new_text: Option<&'a str>,
    /// The post as it is, where the write changes one.
    pub(crate) current: Option<PostView<'a>>,
}

/// A conflict of a planned post.
#[derive(Debug, Clone, PartialEq, Eq)]
enum PlanWarning {
    Close {
        post_id: u64,
        apart: SignedDuration,
    },
    SameText {
        post_id: u64,
        at: Option<Timestamp>,
    },
    LastPostFailed {
        post_id: u64,
        reason: Option<String>,
    },
    FailedWithSameText {
        post_id: u64,
        reason: Option<String>,
    },
}

/// A warning as it is read: with its account, and its time in a zone.
struct Rendered<'a>(&'a AccountRef, PlanWarning, TimeZone);

impl Display for Rendered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(account, warning, zone) = self;
        write!(f, "Account {}: ", account.label())?;
        match warning {
            PlanWarning::Close { post_id, apart } => {
                let distance = match apart.as_mins().abs() {
                    0 => "at the same time".to_owned(),
                    1 => "1 minute".to_owned(),
                    minutes => format!("{minutes} minutes"),
                };
                let direction = match apart.as_mins() {
                    0 => "",
                    1.. => " later",
                    _ => " earlier",
                };
                write!(f, "its post {post_id} is {distance}{direction}.")
            }
            PlanWarning::SameText { post_id, at } => {
                let at = at.map(|at| When::at_instant(at, zone.clone()).local());
                let at = at.map(|at| format!(" for {at}")).unwrap_or_default();
                write!(
                    f,
                    "the same text is already scheduled there as post {post_id}{at}."
                )
            }
            PlanWarning::LastPostFailed { post_id, reason } => {
                let reason = reason_words(reason.as_deref());
                write!(f, "its last post, {post_id}, failed: {reason}.")
            }
            PlanWarning::FailedWithSameText { post_id, reason } => {
                let reason = reason_words(reason.as_deref());
                write!(
                    f,
                    "its post {post_id} failed with this text and may fail again: {reason}."
                )
            }
        }
    }
}

fn reason_words(reason: Option<&str>) -> String {
    reason.map_or_else(|| SEE_POST.to_owned(), quote_truncated)
}

/// The warning about an account that is not active.
pub(crate) fn inactive_account(account: &AccountRef) -> Option<String> {
    (account.is_active == Some(false)).then(|| {
        format!(
            "The account {} is not active; set_account_active changes that.",
            account.label()
        )
    })
}

impl Tools {
    /// The posts of a cluster that go public, as a create or replacement plans them.
    pub(crate) fn planned_posts<'a>(
        &self,
        effects: &'a Effects,
        planned: &'a PostPlan,
        items: &'a [Item<PlannedMedia>],
        current_posts: &'a [CurrentPost],
    ) -> Vec<PlannedPost<'a>> {
        let accounts = planned.accounts.iter().zip(items);
        let posts = accounts.map(|(account, item)| {
            let current = current_posts
                .iter()
                .find(|post| post.account_id == account.id);
            let before = current.and_then(|post| post.view().content());
            let text = &*item.main.content;
            PlannedPost {
                account,
                goes_out: planned
                    .when
                    .as_ref()
                    .map_or_else(|| self.settings.clock.now(), When::at),
                has_new_time: effects
                    .live
                    .iter()
                    .any(|live| live.account.id == account.id),
                new_text: (before != Some(text)).then_some(text),
                current: current.map(CurrentPost::view),
            }
        });
        match planned.mode {
            PublishMode::Draft => Vec::new(),
            PublishMode::Schedule | PublishMode::Now => posts.collect(),
        }
    }

    /// The conflicts of the posts of a write; none where Saki does not show the other posts in time.
    pub(crate) async fn plan_warnings(
        &self,
        space_id: SpaceId,
        planned: &[PlannedPost<'_>],
    ) -> Vec<String> {
        let Some(first) = planned.first() else {
            return Vec::new();
        };
        let is_one_account = planned
            .iter()
            .all(|post| post.account.id == first.account.id);
        let account_id = is_one_account.then(|| first.account.account_id());
        let posts = self
            .nearby_posts
            .get_or_init(|| self.read_nearby_posts(space_id, account_id, first.goes_out));
        let posts = posts.await;
        let posts: Vec<PostView<'_>> = posts.iter().map(PostView::from).collect();
        let now = self.settings.clock.now();
        let zone = self.zone_of_space(space_id).await;
        let warnings = planned.iter().flat_map(|post| {
            let warnings = post.warnings(planned, &posts, now).into_iter();
            warnings.map(|warning| Rendered(post.account, warning, zone.clone()).to_string())
        });
        warnings.collect()
    }

    /// The first page of the posts, and the page around a moment where the first does not hold all posts.
    async fn read_nearby_posts(
        &self,
        space_id: SpaceId,
        account_id: Option<AccountId>,
        at: Timestamp,
    ) -> Vec<Value> {
        let mut posts = Vec::new();
        let reads = async {
            let newest = ListPosts {
                account_id: account_id.map(|id| id.0.to_string()),
                ..ListPosts::of(space_id)
            };
            let list = self.saki.list_posts(&newest).await?.into_list();
            posts.extend_from_slice(rows(&list));
            if next_page(&list, 1).is_some() {
                let date = at.to_zoned_datetime(TimeZone::UTC).date();
                let day = |days: i64| Some(date.checked_add(days.days()).ok()?.to_string());
                let around = ListPosts {
                    from: day(-1),
                    to: day(1),
                    ..newest
                };
                let list = self.saki.list_posts(&around).await?.into_list();
                posts.extend_from_slice(rows(&list));
            }
            Ok::<_, Error>(())
        };
        // A post that was not read only lacks its warning.
        let _ = tokio::time::timeout(NEARBY_TIMEOUT, reads).await;
        posts
    }
}

impl PlannedPost<'_> {
    fn warnings(
        &self,
        planned: &[Self],
        posts: &[PostView<'_>],
        now: Timestamp,
    ) -> Vec<PlanWarning> {
        let is_written = |id: u64| planned.iter().any(|post| post.current_id() == Some(id));
        let others = posts.iter().filter_map(|post| {
            let is_other = post.account_id() == Some(self.account.id) && post.is_thread_start();
            let id = post.id().filter(|id| is_other && !is_written(*id))?;
            Some((id, *post, post.state(now)))
        });
        let others: Vec<(u64, PostView<'_>, PostState)> = others.collect();
        let time = |post: PostView<'_>| post.published_or_scheduled_at();
        let goes_out = |state| !matches!(state, PostState::Draft | PostState::Failed);
        let close = others.iter().filter_map(|(post_id, post, state)| {
            let apart = time(*post)?.duration_since(self.goes_out);
            let is_close = self.has_new_time && goes_out(*state) && apart.abs() <= CLOSE;
            is_close.then_some(PlanWarning::Close {
                post_id: *post_id,
                apart,
            })
        });
        let close = close.min_by_key(|warning| match warning {
            PlanWarning::Close { apart, .. } => apart.abs(),
            _ => SignedDuration::MAX,
        });
        let same_text = others.iter().find(|(_, post, state)| {
            let mine = self.new_text.filter(|text| !text.trim().is_empty());
            let texts = mine.zip(post.content());
            *state == PostState::Scheduled
                && texts.is_some_and(|(mine, other)| is_same_text(mine, other))
        });
        let same_text = same_text.map(|(post_id, post, _)| PlanWarning::SameText {
            post_id: *post_id,
            at: post.scheduled_at(),
        });
        let is_past = |post: PostView<'_>| time(post).filter(|at| *at <= now);
        let ended = others
            .iter()
            .filter(|(_, _, state)| matches!(state, PostState::Failed | PostState::Published));
        let last = ended.max_by_key(|(id, post, _)| (is_past(*post), *id));
        let failed = last.filter(|(_, _, state)| *state == PostState::Failed);
        let failed = failed.map(|(post_id, post, _)| PlanWarning::LastPostFailed {
            post_id: *post_id,
            reason: post.failure_reason(),
        });
        let keeps_text = |post: &PostView<'_>| {
            let mut texts = self.new_text.zip(post.content()).into_iter();
            self.new_text.is_none() || texts.any(|(new, old)| is_same_text(new, old))
        };
        let failed_before = |post: &PostView<'_>| post.state(now) == PostState::Failed;
        let again = self.current.filter(failed_before).filter(keeps_text);
        let again = again.and_then(|post| {
            Some(PlanWarning::FailedWithSameText {
                post_id: post.id()?,
                reason: post.failure_reason(),
            })
        });
        let conflicts = close.into_iter().chain(same_text).chain(failed);
        conflicts.chain(again).collect()
    }

    fn current_id(&self) -> Option<u64> {
        self.current.and_then(PostView::id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case::close(json!({"id": 1, "account_id": 7, "status": 1, "scheduled_at": "2027-04-10T07:20:00Z"}), "its post 1 is 20 minutes later.")]
    #[case::at_once(json!({"id": 1, "account_id": 7, "status": 1, "scheduled_at": "2027-04-10T07:00:10Z"}), "its post 1 is at the same time.")]
    #[case::earlier(json!({"id": 1, "account_id": 7, "status": 1, "scheduled_at": "2027-04-10T06:59:00Z"}), "its post 1 is 1 minute earlier.")]
    #[case::far(json!({"id": 1, "account_id": 7, "status": 1, "scheduled_at": "2027-04-10T07:31:00Z"}), "")]
    #[case::draft(json!({"id": 1, "account_id": 7, "status": 0, "scheduled_at": "2027-04-10T07:20:00Z"}), "")]
    #[case::other_account(json!({"id": 1, "account_id": 8, "status": 1, "scheduled_at": "2027-04-10T07:20:00Z"}), "")]
    #[case::itself(json!({"id": 5, "account_id": 7, "status": 1, "scheduled_at": "2027-04-10T07:20:00Z"}), "")]
    #[case::same_text(json!({"id": 1, "account_id": 7, "status": 1, "scheduled_at": "2027-05-10T07:00:00Z", "content": "Open  now"}), "the same text is already scheduled there as post 1 for")]
    #[case::same_text_gone(json!({"id": 1, "account_id": 7, "status": 3, "published_at": "2027-01-10T07:00:00Z", "content": "Open now"}), "")]
    #[case::failed(json!({"id": 1, "account_id": 7, "status": 4, "scheduled_at": "2027-04-01T07:00:00Z", "error": "Token expired"}), "its last post, 1, failed: \"Token expired\".")]
    fn a_planned_post_is_held_against_the_others(#[case] other: Value, #[case] warning: &str) {
        let account = AccountRef::unlisted(7);
        let current = json!({"id": 5, "account_id": 7, "status": 1});
        let planned = [PlannedPost {
            account: &account,
            goes_out: "2027-04-10T07:00:00Z".parse().unwrap(),
            has_new_time: true,
            new_text: Some("Open now"),
            current: Some(PostView::from(&current)),
        }];
        let now = "2027-04-09T10:00:00Z".parse().unwrap();
        let found = planned[0].warnings(&planned, &[PostView::from(&other)], now);
        let found = found.into_iter();
        let texts: Vec<String> = found
            .map(|found| Rendered(&account, found, TimeZone::UTC).to_string())
            .collect();
        assert_eq!(texts.len(), usize::from(!warning.is_empty()), "{texts:?}");
        assert!(texts.concat().contains(warning), "{texts:?}");
    }

    #[rstest]
    #[case::given_again(
        Some("Closed  today"),
        "its post 5 failed with this text and may fail again: \"Duplicate content\"."
    )]
    #[case::same_text(
        None,
        "its post 5 failed with this text and may fail again: \"Duplicate content\"."
    )]
    #[case::new_text(Some("Open now"), "")]
    fn a_failed_post_that_is_planned_again_with_its_text_says_why_it_failed(
        #[case] new_text: Option<&str>,
        #[case] warning: &str,
    ) {
        let account = AccountRef::unlisted(7);
        let current = json!({
            "id": 5, "account_id": 7, "status": 4, "scheduled_at": "2027-04-01T07:00:00Z", "error": "Duplicate content",
            "content": "Closed today",
        });
        let current = PostView::from(&current);
        let planned = [PlannedPost {
            account: &account,
            goes_out: "2027-04-10T07:00:00Z".parse().unwrap(),
            has_new_time: true,
            new_text,
            current: Some(current),
        }];
        let now = "2027-04-09T10:00:00Z".parse().unwrap();
        let found = planned[0].warnings(&planned, &[current], now).into_iter();
        let texts: Vec<String> = found
            .map(|found| Rendered(&account, found, TimeZone::UTC).to_string())
            .collect();
        assert_eq!(texts.len(), usize::from(!warning.is_empty()), "{texts:?}");
        assert!(texts.concat().contains(warning), "{texts:?}");
    }

    #[test]
    fn a_failure_is_forgotten_once_a_later_post_went_out() {
        let account = AccountRef::unlisted(7);
        let planned = [PlannedPost {
            account: &account,
            goes_out: "2027-04-10T07:00:00Z".parse().unwrap(),
            has_new_time: true,
            new_text: None,
            current: None,
        }];
        let failed =
            json!({"id": 2, "account_id": 7, "status": 4, "scheduled_at": "2027-04-01T07:00:00Z"});
        let published =
            json!({"id": 1, "account_id": 7, "status": 3, "published_at": "2027-04-02T07:00:00Z"});
        let posts = [PostView::from(&failed), PostView::from(&published)];
        let now = "2027-04-09T10:00:00Z".parse().unwrap();
        assert_eq!(planned[0].warnings(&planned, &posts, now), []);
        assert_eq!(planned[0].warnings(&planned, &posts[..1], now).len(), 1);
    }
}
