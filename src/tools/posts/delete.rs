//! `delete_post`: what goes is looked at first, and told afterwards.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::lines::whole;
use super::list::row;
use super::list::state::State;
use crate::saki::posts::{DeletePost, GetPost, status_word};
use crate::tools::send::Deleted;
use crate::tools::write::Plain;
use crate::tools::{Failure, Tools};
use crate::write::account::PlannedAccount;
use crate::write::effects::{Effects, Thing};
use crate::write::preview::{GONE, Preview};

/// A post of `account` that is deleted; where its code says nothing for sure, it may be public.
pub(super) fn gone(post: &Value, id: u64, account: PlannedAccount, now: Timestamp) -> Thing {
    let state = State::of(post, now);
    let public = match status_word(post.get("status").unwrap_or(&Value::Null)) {
        _ if state == State::Published => true,
        Some("draft" | "failed") => false,
        Some("scheduled") => state != State::Scheduled,
        _ => true,
    };
    Thing {
        public,
        draft: state == State::Draft,
        ..Thing::new("post", id).of(account)
    }
}

impl Plain for DeletePost {
    type Answer = Deleted;
    const WORD: &'static str = "deleted";
    const MAY_ASK: bool = true;

    async fn foresee(&self, tools: &Tools) -> Result<(Effects, Preview), Failure> {
        let (space_id, post_id) = (self.space_id, self.post_id);
        let post = tools.saki.send(&GetPost { space_id, post_id }).await?;
        let post = Value::Object(post.into_one());
        let now = tools.settings.clock.now();
        let account = tools.account_of(space_id, &post).await?;
        let effects = Effects {
            deletes: vec![gone(&post, post_id.0, account.planned(None), now)],
            ..Effects::default()
        };
        let what = format!(
            "Deletes the {} post {post_id} of the account {}; nothing brings it back.",
            State::of(&post, now).word(),
            account.label()
        );
        let goes = row::concise(&post, now, &tools.zone());
        let mut preview = Preview::of(what, self)?.with(GONE, json!([goes]));
        preview.lines = tools.lines_of_post(&post);
        preview.seen = whole(&post);
        Ok((effects, preview))
    }
}
