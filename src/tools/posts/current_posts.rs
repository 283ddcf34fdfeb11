//! Current posts: the posts that a cluster has before it is changed.

use serde_json::{Map, Value};

use crate::saki::posts::{Content, GetPost, ListPosts, MediaRef, PostView};
use crate::saki::{ClusterId, PostId, SpaceId};
use crate::tools::posts::list::{Bounds, StopPoint};
use crate::tools::{Failure, Tools};
use crate::write::quote_text::quote_truncated;

/// The post that an account has in a cluster.
#[derive(Debug)]
pub(crate) struct CurrentPost {
    pub(crate) account_id: u64,
    pub(crate) post_id: u64,
    post: Map<String, Value>,
}

impl Tools {
    /// The posts of a cluster, each read by itself, since a list may leave out media and thread.
    ///
    /// Saki cannot be asked for a cluster, so they are looked for among all posts of the space.
    pub(crate) async fn current_posts(
        &self,
        space_id: SpaceId,
        cluster_id: &ClusterId,
    ) -> Result<Vec<CurrentPost>, Failure> {
        let list = ListPosts::of(space_id);
        let walked = self.walk(&list, None, Bounds::start()).await?;
        match &walked.stopped {
            None => {}
            Some(StopPoint::NoList) => {
                return Err(Failure::refused(
                    "Nothing was changed: Saki's answer shows no list of posts, so the posts of this cluster were not found. Look with list_posts, and change them one by one with update_post.",
                ));
            }
            Some(early) => {
                let next = match early.may_pass() {
                    true => "Call again, or change its posts one by one with update_post.",
                    false => "Change its posts one by one with update_post.",
                };
                return Err(Failure::refused(format!(
                    "Nothing was changed: the cluster's posts could not all be found: {}. {next}",
                    early.extent()
                )));
            }
        }
        let posts = walked.posts.iter().map(PostView::from);
        let mut found = Vec::new();
        for post in posts.filter(|post| is_thread_start_in(*post, cluster_id)) {
            found.push(post.id().zip(post.account_id()).ok_or_else(|| {
                Failure::refused("Nothing was changed: Saki does not show which account each post of this cluster belongs to, so what they have cannot be kept. Change its posts one by one with update_post.")
            })?);
        }
        if found.is_empty() {
            return Err(Failure::argument(
                "cluster_id",
                format!(
                    "no post of this space has the cluster id {}; list_posts with `space_id: {}` shows it beside each post.",
                    quote_truncated(&cluster_id.0),
                    space_id.0
                ),
            ));
        }
        found.sort_unstable();
        let mut current_posts = Vec::with_capacity(found.len());
        for (post_id, account_id) in found {
            let id = PostId(post_id);
            let request = GetPost {
                space_id,
                post_id: id,
            };
            let post = self.saki.send(&request).await?.into_one();
            current_posts.push(CurrentPost {
                account_id,
                post_id,
                post,
            });
        }
        Ok(current_posts)
    }

    /// The first post of the thread that a post is a later part of, whose fate it shares.
    pub(crate) async fn thread_start(
        &self,
        space_id: SpaceId,
        post: PostView<'_>,
    ) -> Result<Option<Map<String, Value>>, Failure> {
        let Some(first) = post.parent_id() else {
            return Ok(None);
        };
        let post_id = PostId(first);
        match self.saki.send(&GetPost { space_id, post_id }).await {
            Ok(first) => Ok(Some(first.into_one())),
            // Of a post that shows nothing everything must be expected.
            Err(error) if error.is_not_found() => Ok(Some(Map::new())),
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether a post is the first of its thread in a cluster.
pub(crate) fn is_thread_start_in(post: PostView<'_>, cluster_id: &ClusterId) -> bool {
    post.cluster_id().as_deref() == Some(&cluster_id.0) && post.is_thread_start()
}

impl CurrentPost {
    pub(super) fn to_json(&self) -> Value {
        Value::Object(self.post.clone())
    }

    /// The fields of the post.
    pub(crate) fn view(&self) -> PostView<'_> {
        PostView::from(&self.post)
    }

    pub(crate) fn content(&self) -> Result<String, Failure> {
        let content = self.view().content().map(str::to_owned);
        content.ok_or_else(|| self.unreadable("content"))
    }

    pub(crate) fn media(&self) -> Result<Vec<MediaRef>, Failure> {
        let media = self.view().media_refs();
        media.ok_or_else(|| self.unreadable("media"))
    }

    pub(crate) fn thread(&self) -> Result<Vec<Content>, Failure> {
        let thread = self.view().thread();
        thread.ok_or_else(|| self.unreadable("thread"))
    }

    /// Its settings, without what Saki wrote there about a failure, since that is no setting to send again.
    pub(crate) fn metadata(&self) -> Result<Map<String, Value>, Failure> {
        let metadata = self.view().settings();
        metadata.ok_or_else(|| self.unreadable("metadata"))
    }

    fn unreadable(&self, field: &str) -> Failure {
        Failure::argument(
            field,
            format!(
                "Saki does not show what post {} of this cluster has there, so it cannot be kept. Pass `{field}` as it is to be.",
                self.post_id
            ),
        )
    }
}
