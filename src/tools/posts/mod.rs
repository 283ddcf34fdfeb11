//! Tools about posts and clusters.

mod answer;
mod asked;
mod cluster;
mod create;
mod local;
mod made;
mod prepare;
mod present;
mod update;

use rmcp::handler::server::wrapper::Parameters;
use rmcp::{tool, tool_router};
use schemars::JsonSchema;
use serde::Deserialize;

use super::in_space::{InSpace, ONE};
use super::send::Deleted;
use super::{Failure, Json, Tools};
use crate::saki::SpaceId;
use crate::saki::page::List;
use crate::saki::posts::{DeletePost, GetPost, ListPosts};
use answer::Written;
use asked::Asked;
pub(super) use local::Shown;

/// Which posts are wanted.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("additionalProperties" = false))]
pub(super) struct Wanted {
    /// Status as Saki filters by it; its words are not printed, so try without it first.
    status: Option<String>,
    /// Id, or exact handle or name, of the account whose posts are wanted.
    account_id: Option<String>,
    /// First day, e.g. "2027-04-10".
    from: Option<String>,
    /// Last day, e.g. "2027-04-16".
    to: Option<String>,
    /// Page to read, from 1.
    #[schemars(range(min = 1))]
    page: Option<u64>,
    #[schemars(description = ONE)]
    space_id: Option<String>,
}

#[tool_router(router = posts, vis = "pub(crate)")]
impl Tools {
    /// Lists the posts of a space, a page at a time: drafts, scheduled, published and failed ones. `meta` says how many pages there are; pass `page` for the next. For what goes out next, get_queue is shorter.
    #[tool(
        title = "List posts",
        annotations(
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = true
        )
    )]
    async fn list_posts(
        &self,
        Parameters(wanted): Parameters<Wanted>,
    ) -> Result<Json<List<Shown>>, Failure> {
        let space_id = SpaceId(self.space_id(wanted.space_id.as_deref()).await?);
        let account_id = match &wanted.account_id {
            Some(given) => Some(
                self.account_in(space_id, "account_id", given)
                    .await?
                    .id
                    .to_string(),
            ),
            None => None,
        };
        let Wanted {
            status,
            from,
            to,
            page,
            ..
        } = wanted;
        let request = ListPosts {
            space_id,
            status,
            account_id,
            from,
            to,
            page,
        };
        let mut list = self.saki.list_posts(&request).await?.into_list();
        self.say_local_times(&mut list);
        Ok(Json::new(list))
    }

    /// Reads one post whole: text, status, times, account, media, the rest of a thread, numbers from the network.
    #[tool(
        title = "Get a post",
        annotations(
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = true
        )
    )]
    async fn get_post(
        &self,
        Parameters(request): Parameters<InSpace<GetPost>>,
    ) -> Result<Json<Shown>, Failure> {
        let mut post = self
            .saki
            .send(&request.place(self).await?)
            .await?
            .into_one();
        self.say_local_time(&mut post);
        Ok(Json::new(post))
    }

    /// Creates one post per account: as a draft, scheduled, or published at once. Accounts come as ids, handles or names, the time in local time with a zone or with an offset, and one call serves all accounts (`per_account` for differing texts). Answers with the accounts by name, the exact local time and UTC, and the ids made. `publish: "now"` goes public at once and cannot be called back: use it only when the person said now.
    #[tool(
        title = "Create a post",
        annotations(
            read_only_hint = false,
            destructive_hint = true,
            idempotent_hint = false,
            open_world_hint = true
        )
    )]
    async fn create_post(
        &self,
        Parameters(post): Parameters<Asked>,
    ) -> Result<Json<Written>, Failure> {
        self.create(post).await
    }

    /// Changes one post of one account and returns it; fields left out stay as they are. It cannot change the account or the thread: for these, or for all posts of a cluster, use update_cluster.
    #[tool(
        title = "Update a post",
        annotations(
            read_only_hint = false,
            destructive_hint = true,
            idempotent_hint = true,
            open_world_hint = true
        )
    )]
    async fn update_post(
        &self,
        Parameters(change): Parameters<update::Change>,
    ) -> Result<Json<Shown>, Failure> {
        self.update(change).await
    }

    /// Deletes one post. The other posts of its cluster stay as far as is known, and a post that is already public may stay on the network. Nothing brings a deleted post back.
    #[tool(
        title = "Delete a post",
        annotations(
            read_only_hint = false,
            destructive_hint = true,
            idempotent_hint = true,
            open_world_hint = true
        )
    )]
    async fn delete_post(
        &self,
        Parameters(request): Parameters<InSpace<DeletePost>>,
    ) -> Result<Json<Deleted>, Failure> {
        self.change("deleted", request.place(self).await?).await
    }

    /// Changes all posts of a cluster at once: text, media, time, and which accounts it has. `account_ids` is the whole new list: accounts left out lose their post, new ones get one. Text, media, thread and metadata that are left out stay as each post has them. Takes the same fields as create_post, and answers the same way.
    #[tool(
        title = "Update a cluster of posts",
        annotations(
            read_only_hint = false,
            destructive_hint = true,
            idempotent_hint = true,
            open_world_hint = true
        )
    )]
    async fn update_cluster(
        &self,
        Parameters(change): Parameters<cluster::Change>,
    ) -> Result<Json<Written>, Failure> {
        self.replace(change).await
    }
}
