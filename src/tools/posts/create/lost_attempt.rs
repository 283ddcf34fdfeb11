//! Lost attempts: creates that another server began and did not end, or that the store forgot. They are looked for before
//! an equal one is sent.

use jiff::{SignedDuration, Timestamp};

use crate::saki::posts::{ClusterBody, CreatePosts};
use crate::tools::posts::answer::CreatedPosts;
use crate::tools::posts::attachments::pending::UploadedFiles;
use crate::tools::posts::create::reconciliation::Reach;
use crate::tools::{Failure, Tools};
use crate::write::idempotency::Permit;
use crate::write::post_plan::PostPlan;
use crate::write::shared_store::{RETENTION, RETENTION_TEXT, StoreError};

/// How many posts are read for a create that most likely was never sent.
const MOST_POSTS: usize = 300;
/// Clocks of two servers may differ so much.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_secs(30);

/// What may have been sent before.
#[derive(Debug)]
pub(super) enum LostAttempt {
    /// An equal create began, and its server ended before it had a result.
    Abandoned(Timestamp),
    /// The store may have forgotten equal creates from before then.
    Forgotten(Timestamp),
}

impl Tools {
    /// The attempt that may have been sent before, if there is one.
    pub(super) async fn lost_attempt(
        &self,
        permit: &Permit,
        allow_repeat: bool,
    ) -> Result<Option<LostAttempt>, StoreError> {
        if let Some(began) = permit.abandoned_attempt().await? {
            return Ok(Some(LostAttempt::Abandoned(began)));
        }
        let forgotten = permit.forgotten_until().filter(|_| !allow_repeat);
        Ok(forgotten.map(LostAttempt::Forgotten))
    }

    /// The posts of the attempt, or that it is not known whether there are any; nothing where there surely are none.
    pub(super) async fn posts_of_lost_attempt<M>(
        &self,
        attempt: &LostAttempt,
        key: &str,
        planned: &PostPlan,
        request: &CreatePosts<ClusterBody<M>>,
    ) -> Option<Result<CreatedPosts, Failure>> {
        match attempt {
            LostAttempt::Abandoned(began) => {
                self.posts_of_abandoned(*began, key, planned, request).await
            }
            LostAttempt::Forgotten(until) => {
                self.posts_of_forgotten(*until, key, planned, request).await
            }
        }
    }

    async fn posts_of_abandoned<M>(
        &self,
        began: Timestamp,
        key: &str,
        planned: &PostPlan,
        request: &CreatePosts<ClusterBody<M>>,
    ) -> Option<Result<CreatedPosts, Failure>> {
        let since = began - CLOCK_TOLERANCE;
        // One look is enough: until the lease ended, Saki had the time of three.
        let search = self.search_once(request, planned, since, Reach::Whole);
        let search = search.await;
        if search.shows_none_made() {
            return None;
        }
        let lost = "The server that sent the same call ended before it had Saki's answer, so this call looked for its posts and sent nothing.";
        let files = UploadedFiles::default();
        let found = self.reconciled(search, planned, request.space_id, lost, &files);
        self.record(key, began, &[], found.as_ref().ok()).await;
        Some(found.map_err(|unknown| Failure::unknown_outcome(format!("{lost} {unknown}"))))
    }

    async fn posts_of_forgotten<M>(
        &self,
        until: Timestamp,
        key: &str,
        planned: &PostPlan,
        request: &CreatePosts<ClusterBody<M>>,
    ) -> Option<Result<CreatedPosts, Failure>> {
        let since = until - RETENTION;
        let search = self.search_once(request, planned, since, Reach::UpTo(MOST_POSTS));
        let search = search.await;
        if search.shows_none_with_its_text() {
            return None;
        }
        if search.posts.is_none() && search.store_failed {
            return Some(Err(StoreError::Unavailable.into()));
        }
        if search.posts.is_none() {
            return Some(Err(Failure::refused(format!(
                "Nothing was sent: the shared store of the servers came back without its last records, so an equal call may have been \
                 sent within {RETENTION_TEXT} before. {} Look with list_posts (`space_id: {}`); `allow_repeat: true` posts it in any case.",
                search.summary(),
                request.space_id.0
            ))));
        }
        let lost = "The shared store of the servers came back without its last records, so this call looked for equal posts of the time before and sent nothing.";
        let files = UploadedFiles::default();
        let found = self.reconciled(search, planned, request.space_id, lost, &files);
        self.record(key, until, &[], found.as_ref().ok()).await;
        Some(found.map_err(Failure::unknown_outcome))
    }
}
