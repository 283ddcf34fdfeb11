//! Posts, and clusters: the posts that one create call makes, one per account.

use jiff::Timestamp;
use reqwest::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::accounts::Account;
use super::media::Media;
use super::{AccountId, ClusterId, Endpoint, MediaId, PostId, SpaceId};

mod body;
mod create_form;
mod failure_reason;
mod list;
mod metrics;
mod post_state;
mod post_view;

pub use body::{ClusterBody, Content, Item, MediaRef, ShortBody};
pub use create_form::{ClusterRequest, CreateBody, CreatePosts, UpdateCluster};
pub use list::{ListPosts, status_word};
pub use post_state::PostState;
pub use post_view::PostView;

/// A post (reference: posts.index).
#[derive(Debug, Serialize, JsonSchema)]
pub struct Post {
    /// Id of the post.
    pub id: PostId,
    /// Text of the post.
    pub content: String,
    /// Saki's status code, 0 to 4; the reference does not explain the codes.
    pub status: i64,
    /// Position in a thread.
    pub order: i64,
    /// When the post is due, in UTC.
    pub scheduled_at: Option<String>,
    /// When the post went out, in UTC.
    pub published_at: Option<String>,
    /// Settings of the network, such as a board or a title.
    pub metadata: Option<Map<String, Value>>,
    /// Whether the post was imported from the network.
    pub imported: bool,
    /// Id of the cluster: the posts that one create call made, one per account.
    pub cluster_id: ClusterId,
    /// The post above this one in a thread.
    pub parent_id: Option<PostId>,
    /// Who made the post.
    pub user_id: i64,
    /// Account that the post belongs to.
    pub account_id: AccountId,
    /// When the post was made.
    pub created_at: String,
    /// When the post was last changed.
    pub updated_at: String,
    /// Numbers from the network.
    pub analytics: Option<Map<String, Value>>,
    /// The account, if it was loaded.
    pub account: Account,
    /// The rest of the thread, if it was loaded.
    pub children: Vec<Map<String, Value>>,
    /// Pictures and videos, if they were loaded.
    pub media: Vec<Media>,
}

/// Reads one post.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetPost {
    /// Space of the post.
    pub space_id: SpaceId,
    /// Post to read.
    pub post_id: PostId,
}

impl Endpoint for GetPost {
    type Response = Post;
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/spaces/{space_id}/posts/{post_id}";
}

/// Changes one post; a field left out stays as it is, a null clears it (reference: posts.update).
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct UpdatePost {
    /// Space of the post.
    pub space_id: SpaceId,
    /// Post to change.
    pub post_id: PostId,
    /// New text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// New status code, 0 to 4.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<i64>,
    /// New time in UTC; null removes the time.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub scheduled_at: Patch<String>,
    /// New settings of the network; null removes them.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub metadata: Patch<Map<String, Value>>,
    /// New media; null removes them.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    pub media_ids: Patch<Vec<MediaId>>,
    /// Whether the caller checked the version of the post (`if_updated_at`), so that a retry could overwrite another change.
    #[serde(skip)]
    pub guarded: bool,
}

/// What an update does to one field.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Patch<T> {
    /// Leaves the field as it is; the request does not name it.
    Keep,
    /// Empties the field; the request sends null.
    Clear,
    /// Sets the field to a new value.
    Set(T),
}

impl<T> Patch<T> {
    /// Whether the field stays as it is.
    pub fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }
}

impl UpdatePost {
    /// Whether no field is to change.
    pub fn changes_nothing(&self) -> bool {
        let Self {
            content,
            status,
            scheduled_at,
            metadata,
            media_ids,
            ..
        } = self;
        content.is_none()
            && status.is_none()
            && scheduled_at.is_keep()
            && metadata.is_keep()
            && media_ids.is_keep()
    }
}

impl Endpoint for UpdatePost {
    type Response = Post;
    const METHOD: Method = Method::PUT;
    const PATH: &'static str = "/spaces/{space_id}/posts/{post_id}";

    /// A new status may publish, and so may clearing the time.
    /// Any other update is idempotent, unless its version was checked: somebody else may have changed the post between
    /// two attempts.
    fn is_idempotent(&self) -> bool {
        !self.guarded && self.status.is_none() && self.scheduled_at != Patch::Clear
    }

    fn due(&self) -> Option<Timestamp> {
        match &self.scheduled_at {
            Patch::Set(at) => at.parse().ok(),
            Patch::Keep | Patch::Clear => None,
        }
    }
}

/// Deletes one post.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeletePost {
    /// Space of the post.
    pub space_id: SpaceId,
    /// Post to delete.
    pub post_id: PostId,
}

impl Endpoint for DeletePost {
    type Response = ();
    const METHOD: Method = Method::DELETE;
    const PATH: &'static str = "/spaces/{space_id}/posts/{post_id}";
}
