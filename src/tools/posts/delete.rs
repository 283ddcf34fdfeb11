//! `delete_post`: what goes is looked at first, and told afterwards.

use serde_json::{Value, json};

use super::lines::whole;
use super::list::row;
use super::list::state::State;
use super::update::account_of;
use crate::saki::posts::{DeletePost, GetPost};
use crate::tools::send::Deleted;
use crate::tools::write::Plain;
use crate::tools::{Failure, Tools};
use crate::write::effects::{Effects, Thing};
use crate::write::preview::{GONE, Preview};

impl Plain for DeletePost {
    type Answer = Deleted;
    const WORD: &'static str = "deleted";
    const MAY_ASK: bool = true;

    async fn foresee(&self, tools: &Tools) -> Result<(Effects, Preview), Failure> {
        let (space_id, post_id) = (self.space_id, self.post_id);
        let post = tools.saki.send(&GetPost { space_id, post_id }).await?;
        let post = Value::Object(post.into_one());
        let now = tools.settings.clock.now();
        let effects = Effects {
            deletes: vec![Thing {
                public: State::of(&post, now) == State::Published,
                draft: State::of(&post, now) == State::Draft,
                ..Thing::new("post", post_id.0).of(account_of(&post).planned(None))
            }],
            ..Effects::default()
        };
        let what = format!(
            "Deletes the {} post {post_id} of the account {}; nothing brings it back.",
            State::of(&post, now).word(),
            account_of(&post).label()
        );
        let goes = row::concise(&post, now, &tools.zone());
        let mut preview = Preview::of(what, self)?.with(GONE, json!([goes]));
        preview.lines = tools.lines_of_post(&post);
        preview.seen = whole(&post);
        Ok((effects, preview))
    }
}
