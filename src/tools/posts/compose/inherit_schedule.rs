//! What a cluster is, and stays where nobody says otherwise.

use crate::saki::posts::PostState;
use crate::tools::posts::current::CurrentPost;
use crate::tools::{Failure, Tools};
use crate::write::post_plan::PublishMode;
use crate::write::quote_text::quote_truncated;
use crate::write::when::When;

impl Tools {
    /// The time that all posts of a cluster share, which a draft keeps, be it past: it does not go out.
    pub(in crate::tools::posts) fn kept_time(&self, present: &[CurrentPost]) -> Option<When> {
        let at = present.first()?.view().scheduled_at()?;
        let is_one = present
            .iter()
            .all(|post| post.view().scheduled_at() == Some(at));
        is_one.then(|| When::at_instant(at, self.zone()))
    }

    /// The state and time that all posts of a cluster share.
    pub(in crate::tools::posts) fn kept(
        &self,
        present: &[CurrentPost],
    ) -> Result<(PublishMode, Option<When>), Failure> {
        let now = self.settings.clock.now();
        let is_all = |state| present.iter().all(|post| post.view().state(now) == state);
        let at = present.first().and_then(|post| post.view().scheduled_at());
        let is_one_time = present.iter().all(|post| post.view().scheduled_at() == at);
        let mode = match (is_all(PostState::Draft), is_all(PostState::Scheduled)) {
            (true, _) if is_one_time => PublishMode::Draft,
            (_, true) if is_one_time => PublishMode::Schedule,
            _ => {
                let states = present.iter().map(|post| {
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
                        "the posts of this cluster are not alike and ahead of their time, so what shall happen to them must be said ({}). Pass `publish` or `scheduled_at`.",
                        states.collect::<Vec<_>>().join(", ")
                    ),
                ));
            }
        };
        let when = at.map(|at| When::at_instant(at, self.zone()));
        match when
            .as_ref()
            .filter(|when| mode == PublishMode::Schedule && when.is_near(now))
        {
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

/// What is to be said where posts have times and the draft that they become has none.
pub(in crate::tools::posts) fn dropped_time(
    present: &[CurrentPost],
    mode: PublishMode,
    when: Option<&When>,
) -> Option<String> {
    if mode != PublishMode::Draft || when.is_some() {
        return None;
    }
    let times = present.iter().filter_map(|post| {
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
