//! `delete_post`: what goes is looked at first, and told afterwards.

use jiff::Timestamp;

use crate::saki::posts::{DeletePost, GetPost, PostState, PostView};
use crate::tools::pipeline::{Change, SimpleWrite, Verb, WriteScope, WriteTraits};
use crate::tools::posts::compose::question_lines::whole;
use crate::tools::posts::list::concise_row;
use crate::tools::{Failure, Tools};
use crate::write::account_ref::{AccountRef, quote_if_needed};
use crate::write::effects::{Effects, Resource, ResourceKind};
use crate::write::networks::common_name;
use crate::write::preview::Preview;

/// A post of `account` that is deleted.
pub(in crate::tools::posts) fn gone(
    post: PostView<'_>,
    id: u64,
    account: AccountRef,
    now: Timestamp,
) -> Resource {
    Resource {
        public: post.may_be_public(now),
        draft: post.state(now) == PostState::Draft,
        ..Resource::new(ResourceKind::Post, id).with_account(account)
    }
}

impl Change for DeletePost {
    const VERB: Verb = Verb::Deleted;
}

impl SimpleWrite for DeletePost {
    const TRAITS: WriteTraits = WriteTraits {
        scope: WriteScope::Drafts,
        listed_by: Some(Tools::list_posts_tool_attr),
        takes_confirmation: true,
        preview_facts: &["warnings", "removed"],
        ..WriteTraits::DEFAULT
    };

    async fn preview(&self, tools: &Tools) -> Result<(Effects, Preview), Failure> {
        let (space_id, post_id) = (self.space_id, self.post_id);
        let post = tools.saki.send(&GetPost { space_id, post_id }).await?;
        let post = post.into_one();
        let post = PostView::from(&post);
        let now = tools.settings.clock.now();
        let account = tools.directory.account_of_post(space_id, post).await?;
        let first = tools.first_of(space_id, post).await?;
        let mut goes = gone(post, post_id.0, account.clone(), now);
        if let Some(first) = &first {
            let thread = gone(PostView::from(first), post_id.0, account.clone(), now);
            goes.public |= thread.public;
            goes.draft &= thread.draft;
        }
        let is_public = goes.public;
        let effects = Effects {
            deletes: vec![goes],
            ..Effects::default()
        };
        let what = format!(
            "Deletes the {} post {post_id} of the account {}; nothing brings it back.",
            post.state(now).word(),
            account.label()
        );
        let goes = concise_row::concise(post, now, &tools.zone());
        let mut preview = Preview::of(what, self)?;
        preview.facts.removed = vec![goes];
        preview.lines = tools.lines_of_post(post);
        let network = account.network.as_deref();
        let network = network.map_or("the network".to_owned(), |social| {
            common_name(social).map_or_else(|| quote_if_needed(social), str::to_owned)
        });
        let stays =
            format!("What is public may stay on {network}, where only a person can remove it.");
        preview.lasting_warnings.extend(is_public.then_some(stays));
        preview.current_state = whole(post);
        Ok((effects, preview))
    }
}
