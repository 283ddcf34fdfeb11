//! `delete_post`: reads the post first and reports what was deleted.

use jiff::Timestamp;

use crate::saki::posts::{DeletePost, GetPost, PostState, PostView};
use crate::tools::pipeline::{SimpleWrite, WriteScope, WriteTraits};
use crate::tools::posts::compose::question_lines::full_state;
use crate::tools::posts::list::concise_row;
use crate::tools::posts::update::edit_effects::publishes_at;
use crate::tools::{Failure, Tools};
use crate::write::account_ref::{AccountRef, quote_if_needed};
use crate::write::effects::{EditedPost, Effects, Resource, ResourceKind};
use crate::write::networks::common_name;
use crate::write::preview::Preview;

/// A post of `account` that is deleted.
pub(crate) fn deleted_post(
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

impl SimpleWrite for DeletePost {
    const TRAITS: WriteTraits = WriteTraits {
        scope: WriteScope::Drafts,
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
        let first = tools.thread_start(space_id, post).await?;
        let mut deleted = deleted_post(post, post_id.0, account.clone(), now);
        if let Some(first) = &first {
            let thread = deleted_post(PostView::from(first), post_id.0, account.clone(), now);
            deleted.public |= thread.public;
            deleted.draft &= thread.draft;
        }
        let is_public = deleted.public;
        // Without one of its parts, a thread that still goes public is changed.
        let edited = first.as_ref().map(PostView::from).map(|first| EditedPost {
            post_id: first.id().unwrap_or_default(),
            account: account.clone(),
            draft: deleted.draft,
            public: deleted.public,
            due: publishes_at(first, now),
        });
        let effects = Effects {
            edits: edited.into_iter().collect(),
            ..Effects::deleting(deleted)
        };
        let what = format!(
            "Deletes the {} post {post_id} of the account {}; it cannot be undone.",
            post.state(now).word(),
            account.label()
        );
        let zone = tools.zone_of_space(space_id).await;
        let row = concise_row::concise_row(post, now, &zone);
        let mut preview = Preview::of(what, &tools.saki, self)?;
        preview.facts.removed = vec![row];
        preview.lines = tools.lines_of_post(post);
        let network = account.network.as_deref();
        let network = network.map_or("the network".to_owned(), |social| {
            common_name(social).map_or_else(|| quote_if_needed(social), str::to_owned)
        });
        let remaining =
            format!("What is public may stay on {network}, where only a person can remove it.");
        preview
            .lasting_warnings
            .extend(is_public.then_some(remaining));
        preview.current_state = full_state(post);
        Ok((effects, preview))
    }
}
