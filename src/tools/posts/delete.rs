//! `delete_post`: reads the post first, and reports what was deleted and what stays of its cluster.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::saki::posts::{DeletePost, GetPost, ListPosts, PostState, PostView};
use crate::saki::{ClusterId, SpaceId};
use crate::tools::pipeline::{SimpleWrite, WriteScope, WriteTraits};
use crate::tools::posts::compose::question_lines::full_state;
use crate::tools::posts::current_posts::is_thread_start_in;
use crate::tools::posts::list::{Bounds, concise_row};
use crate::tools::posts::post_facts::account_label;
use crate::tools::posts::update::edit_effects::publishes_at;
use crate::tools::{Failure, Tools};
use crate::write::account_ref::{AccountRef, quote_if_needed};
use crate::write::effects::{EditedPost, Effects, Resource, ResourceKind};
use crate::write::networks::common_name;
use crate::write::preview::Preview;
use crate::write::quote_text::quote_truncated;

/// How far and how long the rest of a cluster is looked for, which is only told.
const MOST_POSTS: usize = 300;
const LONGEST: Duration = Duration::from_secs(5);
/// How many posts of a cluster are named one by one.
const MOST_NAMED: usize = 6;

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
            published: first.was_published(now),
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
        preview.lines = tools.lines_of_post(post, &zone);
        let network = account.network.as_deref();
        let network = network.map_or("the network".to_owned(), |social| {
            common_name(social).map_or_else(|| quote_if_needed(social), str::to_owned)
        });
        let remaining =
            format!("What is public may stay on {network}, where only a person can remove it.");
        preview
            .lasting_warnings
            .extend(is_public.then_some(remaining));
        let stays = self.rest_of_cluster(tools, post, now).await;
        preview.lasting_warnings.extend(stays);
        preview.current_state = full_state(post);
        Ok((effects, preview))
    }
}

impl DeletePost {
    /// What stays of the post's cluster, in a sentence; nothing where nothing does.
    async fn rest_of_cluster(
        &self,
        tools: &Tools,
        post: PostView<'_>,
        now: Timestamp,
    ) -> Option<String> {
        let cluster_id = ClusterId(post.cluster_id()?);
        let bounds = Bounds {
            deadline: Instant::now() + LONGEST,
            posts: MOST_POSTS,
        };
        let list = ListPosts::of(self.space_id);
        let walked = tools.walk(&list, None, bounds).await.unwrap_or_default();
        let own_thread = [Some(self.post_id.0), post.parent_id()];
        let is_own = |listed: PostView<'_>| {
            let id = listed.id();
            id.is_some() && own_thread.contains(&id)
        };
        // A list that does not show the post in its cluster shows none of the others either.
        let mut listed = walked.posts.iter().map(PostView::from);
        let shows_cluster =
            listed.any(|listed| is_own(listed) && is_thread_start_in(listed, &cluster_id));
        let is_whole = walked.stopped.is_none() && shows_cluster;
        let is_other = |other: &PostView<'_>| {
            is_thread_start_in(*other, &cluster_id) && !is_own(*other) && !other.is_deleted()
        };
        let others = walked.posts.iter().map(PostView::from).filter(is_other);
        let mut others: Vec<PostView<'_>> = others.collect();
        others.sort_by_key(|other| other.id());
        let stay = tools.named_posts(self.space_id, &others, now).await;
        let shows = format!(
            "list_posts with `cluster_id` {} shows them",
            quote_truncated(&cluster_id.0)
        );
        match (stay.len(), is_whole) {
            (0, true) => None,
            (0, false) => Some(format!(
                "Whether other posts of its cluster stay is not known; {shows}."
            )),
            (count, is_whole) => {
                let named: Vec<String> = stay.into_iter().take(MOST_NAMED).collect();
                let more = match (count.saturating_sub(MOST_NAMED), is_whole) {
                    (0, true) => String::new(),
                    (0, false) => format!("; there may be more: {shows}"),
                    (more, true) => format!("; and {more} more: {shows}"),
                    (more, false) => format!("; and at least {more} more: {shows}"),
                };
                Some(format!("Of its cluster stay: {}{more}.", named.join("; ")))
            }
        }
    }
}

impl Tools {
    /// Posts with their accounts and states, as far as the policy lets them be seen.
    async fn named_posts(
        &self,
        space_id: SpaceId,
        posts: &[PostView<'_>],
        now: Timestamp,
    ) -> Vec<String> {
        let accounts = self.accounts_of(posts.iter().copied(), space_id).await;
        let mut named = Vec::with_capacity(posts.len());
        for post in posts {
            let listed = self.directory.require_listed_post(space_id, *post).await;
            if listed.is_err() {
                continue;
            }
            let id = post
                .id()
                .map_or("a post".to_owned(), |id| format!("post {id}"));
            let label = account_label(*post, &accounts);
            let label = label.unwrap_or_else(|| "an account that Saki does not show".to_owned());
            named.push(format!("{id} on {label}, {}", post.state(now).word()));
        }
        named
    }
}
