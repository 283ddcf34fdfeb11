//! Schedule inheritance: the state and time of a cluster's posts apply where the call gives neither.

use crate::saki::posts::PostState;
use crate::tools::directory::KnownSpace;
use crate::tools::posts::current_posts::CurrentPost;
use crate::tools::{Failure, Tools};
use crate::write::post_plan::PublishMode;
use crate::write::quote_text::quote_truncated;
use crate::write::when::When;

impl Tools {
    /// The time shared by all posts of a cluster. It may be past: a draft is not published.
    pub(crate) fn shared_scheduled_time(
        &self,
        space: &KnownSpace,
        current_posts: &[CurrentPost],
    ) -> Option<When> {
        let at = current_posts.first()?.view().scheduled_at()?;
        let is_one = current_posts
            .iter()
            .all(|post| post.view().scheduled_at() == Some(at));
        is_one.then(|| When::at_instant(at, self.zone_in(space)))
    }

    /// The state and time that all posts of a cluster share.
    pub(crate) fn inherit_mode_and_time(
        &self,
        space: &KnownSpace,
        current_posts: &[CurrentPost],
    ) -> Result<(PublishMode, Option<When>), Failure> {
        let now = self.settings.clock.now();
        let is_all = |state| {
            current_posts
                .iter()
                .all(|post| post.view().state(now) == state)
        };
        let at = current_posts
            .first()
            .and_then(|post| post.view().scheduled_at());
        let is_one_time = current_posts
            .iter()
            .all(|post| post.view().scheduled_at() == at);
        let mode = match (is_all(PostState::Draft), is_all(PostState::Scheduled)) {
            (true, _) if is_one_time => PublishMode::Draft,
            (_, true) if is_one_time => PublishMode::Schedule,
            _ => {
                let states = current_posts.iter().map(|post| {
                    let at = post.view().scheduled_at().map(|at| format!(" at {at}"));
                    format!(
                        "post {} is {}{}",
                        post.post_id,
                        post.view().state(now).word(),
                        at.unwrap_or_default()
                    )
                });
                return Err(Failure::argument(
                    "publish",
                    format!(
                        "the posts of this cluster differ in state or time, or are no longer waiting ({}), so neither can be inherited. Pass `publish` or `scheduled_at`.",
                        states.collect::<Vec<_>>().join(", ")
                    ),
                ));
            }
        };
        let when = at.map(|at| When::at_instant(at, self.zone_in(space)));
        let is_too_near = |when: &&When| mode == PublishMode::Schedule && when.is_near(now);
        match when.as_ref().filter(is_too_near) {
            Some(when) => Err(Failure::argument(
                "scheduled_at",
                format!(
                    "this cluster goes out at {} (in {}), which is too close for it to be changed safely. Pass `scheduled_at` to put it later, or `publish: \"draft\"` to hold it back.",
                    when.local(),
                    when.ahead(now)
                ),
            )),
            None => Ok((mode, when)),
        }
    }
}

/// The warning where posts with times become a draft without one.
pub(crate) fn dropped_time(
    current_posts: &[CurrentPost],
    mode: PublishMode,
    when: Option<&When>,
) -> Option<String> {
    if mode != PublishMode::Draft || when.is_some() {
        return None;
    }
    let times = current_posts.iter().filter_map(|post| {
        let time = post.view().scheduled_at_text()?;
        Some(format!(
            "post {} had {}",
            post.post_id,
            quote_truncated(&time)
        ))
    });
    let times: Vec<String> = times.collect();
    (!times.is_empty()).then(|| {
        format!(
            "The draft has no time, since its posts do not share one that can be read: {}. Pass `scheduled_at` to give it one.",
            times.join(", ")
        )
    })
}
