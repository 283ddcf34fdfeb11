//! Posts and clusters: the tools about them.

mod answer;
mod args;
mod attachments;
mod cluster;
mod compose;
mod create;
mod current_posts;
mod delete;
mod list;
mod post_facts;
mod read_back;
mod reply_rows;
mod update;

use rmcp::handler::server::wrapper::Parameters;
use rmcp::service::RequestContext;
use rmcp::{RoleServer, tool, tool_router};

use super::pipeline::{Changed, WriteAnswer, WriteArgs};
use super::space_scoped::SpaceScoped;
use super::tool_result::WithSaki;
use super::{Failure, Json, Tools};
use crate::saki::posts::{DeletePost, GetPost, PostView};
pub(super) use list::concise_row::{ConciseRow, short_time};
pub(super) use list::{Bounds, Detail, Filter};
use list::{ListPostsArgs, PostList};
pub(super) use post_facts::{PostFacts, PostWithFacts, account_label};

#[tool_router(router = posts, vis = "pub(crate)")]
impl Tools {
    /// Finds posts: drafts, scheduled, published and failed ones, in one space or all. Returns rows in order of time. `meta.count` counts all matches, so counting needs no paging. Pass `meta.next_page` as `page` for more. Rows cut texts at 140 characters and say why a post failed; get_post shows one whole.
    #[tool(title = "List posts", annotations(read_only_hint = true))]
    async fn list_posts(
        &self,
        Parameters(args): Parameters<ListPostsArgs>,
    ) -> Result<Json<PostList>, Failure> {
        self.list_matching(args).await.map(Json::Untrusted)
    }

    /// Reads one post whole: text, status, times, account, media, the rest of a thread, numbers from the network.
    #[tool(title = "Get a post", annotations(read_only_hint = true))]
    async fn get_post(
        &self,
        Parameters(request): Parameters<SpaceScoped<GetPost>>,
    ) -> Result<Json<PostWithFacts>, Failure> {
        let request = request.resolve(self).await?;
        let post = self.saki.send(&request).await?.into_one();
        let view = PostView::from(&post);
        let directory = &self.directory;
        directory
            .require_listed_post(request.space_id, view)
            .await?;
        let facts = self.facts_of(view, request.space_id).await;
        Ok(Json::Untrusted(WithSaki::new(facts, post)))
    }

    /// Creates one post per account (together a cluster): draft, scheduled, or published at once. One call serves all accounts (`per_account` for different texts). Returns the posts with their ids and `cluster_id`. `publish: "now"` is public at once and cannot be undone: use it only when the person said now.
    #[tool(title = "Create a post")]
    async fn create_post(
        &self,
        Parameters(args): Parameters<WriteArgs<create::CreatePostCall>>,
        context: RequestContext<RoleServer>,
    ) -> Result<Json<WriteAnswer<create::CreatePostCall>>, Failure> {
        self.write(args, context).await
    }

    /// Changes one post of one account and returns it; fields left out stay as they are. Whether a public post changes on the network is not known. It cannot change account or thread, make it a draft or send a failed post again: for these, and for a whole cluster, use update_cluster.
    #[tool(title = "Update a post")]
    async fn update_post(
        &self,
        Parameters(args): Parameters<WriteArgs<update::UpdatePostArgs>>,
        context: RequestContext<RoleServer>,
    ) -> Result<Json<WriteAnswer<update::UpdatePostArgs>>, Failure> {
        self.write(args, context).await
    }

    /// Deletes one post for good. A post that is or may be public asks first, and may stay on the network. As far as is known, the other posts of its cluster stay.
    #[tool(title = "Delete a post")]
    async fn delete_post(
        &self,
        Parameters(args): Parameters<WriteArgs<SpaceScoped<DeletePost>>>,
        context: RequestContext<RoleServer>,
    ) -> Result<Json<Changed<DeletePost>>, Failure> {
        self.write(args, context).await
    }

    /// Changes all posts of a cluster: text, media, time, draft or scheduled, accounts; with `publish` or a time it sends failed posts again, and perhaps public ones too. To retry one account, use create_post; to drop one, delete_post. Fields and keys of `metadata` left out stay as each post has them. Accounts missing from `account_ids` lose their post, new ones get one with what the others share. `publish: "now"` is public at once and cannot be undone. Fields and answer are those of create_post.
    #[tool(title = "Update a cluster of posts")]
    async fn update_cluster(
        &self,
        Parameters(args): Parameters<WriteArgs<cluster::UpdateClusterArgs>>,
        context: RequestContext<RoleServer>,
    ) -> Result<Json<WriteAnswer<cluster::UpdateClusterArgs>>, Failure> {
        self.write(args, context).await
    }
}
