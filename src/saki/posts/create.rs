//! Creating a cluster of posts, in either of the two forms that Saki publishes.

use reqwest::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Post;
use crate::saki::learn::{names, reword};
use crate::saki::page::List;
use crate::saki::refusal::Complaint;
use crate::saki::{AccountId, Client, ClusterId, Endpoint, Error, MediaId, Reply, SpaceId};

/// What a cluster of posts is to be (reference: posts.store and clusters.update).
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ClusterBody {
    /// When the posts go out, in Unix seconds; null with `is_draft` false publishes at once.
    pub at: Option<i64>,
    /// Whether the posts stay drafts.
    pub is_draft: bool,
    /// One item per account.
    pub items: Vec<Item>,
}

/// The post of one account.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Item {
    /// Account to post with.
    pub account_id: AccountId,
    /// Its network, as Saki names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub social: Option<String>,
    /// The post, or the first one of a thread.
    pub main: Content,
    /// The rest of a thread.
    pub children: Vec<Content>,
    /// Settings of the network.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Value>,
}

/// Text and media of one post.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Content {
    /// Text of the post.
    pub content: String,
    /// Media in the order they are shown.
    pub media: Vec<MediaRef>,
}

/// An uploaded file in a post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MediaRef {
    /// Id of the file.
    pub id: MediaId,
    /// Kind of the file, `image` or `video`.
    #[serde(rename = "type")]
    pub kind: String,
}

/// The form of the API Setup page: one text for all accounts at one time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ShortBody {
    /// Text of every post.
    pub content: String,
    /// Accounts to post with.
    pub account_ids: Vec<AccountId>,
    /// When the posts go out, in UTC.
    pub scheduled_at: String,
}

impl ClusterBody {
    /// The same posts in the short form.
    ///
    /// # Errors
    ///
    /// [`Error::Unsayable`] with everything that the short form has no words for.
    pub fn short(&self) -> Result<ShortBody, Error> {
        let first = self.items.first();
        let content = first
            .map(|item| item.main.content.clone())
            .unwrap_or_default();
        let any = |test: &dyn Fn(&Item) -> bool| self.items.iter().any(test);
        let unsayable: Vec<&'static str> = [
            (self.is_draft, "a draft"),
            (!self.is_draft && self.at.is_none(), "publishing at once"),
            (any(&|item| !item.children.is_empty()), "a thread"),
            (any(&|item| !item.metadata.is_empty()), "metadata"),
            (any(&|item| !item.main.media.is_empty()), "media"),
            (
                any(&|item| item.main.content != content),
                "another text per account",
            ),
        ]
        .into_iter()
        .filter_map(|(unsayable, name)| unsayable.then_some(name))
        .collect();
        let instant = self.at.and_then(|at| jiff::Timestamp::from_second(at).ok());
        match instant {
            Some(instant) if unsayable.is_empty() => Ok(ShortBody {
                content,
                account_ids: self.items.iter().map(|item| item.account_id).collect(),
                scheduled_at: instant.to_string(),
            }),
            _ => Err(Error::Unsayable(unsayable)),
        }
    }

    /// The same posts with the other kind beside those media whose kind was refused.
    fn with_other_kinds(&self, said: &[Complaint]) -> Option<Self> {
        let mut other = self.clone();
        let mut changed = false;
        for (at, item) in other.items.iter_mut().enumerate() {
            let main = [(format!("items.{at}.main"), &mut item.main)];
            let children = item.children.iter_mut().enumerate();
            let children =
                children.map(|(child, content)| (format!("items.{at}.children.{child}"), content));
            for (place, content) in main.into_iter().chain(children) {
                for (index, media) in content.media.iter_mut().enumerate() {
                    if names(said, &format!("{place}.media.{index}.type")) {
                        media.kind = if media.kind == "image" {
                            "video"
                        } else {
                            "image"
                        }
                        .to_owned();
                        changed = true;
                    }
                }
            }
        }
        changed.then_some(other)
    }

    fn media(&self) -> impl Iterator<Item = &MediaRef> {
        let contents = self
            .items
            .iter()
            .flat_map(|item| std::iter::once(&item.main).chain(&item.children));
        contents.flat_map(|content| &content.media)
    }
}

/// Creates posts, one per account (reference: posts.store).
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CreatePosts<B = ClusterBody> {
    /// Space to post in.
    pub space_id: SpaceId,
    /// What to post.
    #[serde(flatten)]
    pub body: B,
}

/// Makes a cluster what the body says, accounts left out are removed (reference: clusters.update).
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct UpdateCluster<B = ClusterBody> {
    /// Space of the cluster.
    pub space_id: SpaceId,
    /// Cluster to change.
    pub cluster_id: ClusterId,
    /// What the cluster is to be.
    #[serde(flatten)]
    pub body: B,
}

impl Endpoint for CreatePosts {
    type Response = List<Post>;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/spaces/{space_id}/posts";
    const REPEATED: &'static [&'static str] = &["space_id"];
}

impl Endpoint for CreatePosts<ShortBody> {
    type Response = List<Post>;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/spaces/{space_id}/posts";
}

impl Endpoint for UpdateCluster {
    type Response = List<Post>;
    const METHOD: Method = Method::PUT;
    const PATH: &'static str = "/spaces/{space_id}/clusters/{cluster_id}";
    const REPEATED: &'static [&'static str] = &["space_id"];
}

impl Endpoint for UpdateCluster<ShortBody> {
    type Response = List<Post>;
    const METHOD: Method = Method::PUT;
    const PATH: &'static str = "/spaces/{space_id}/clusters/{cluster_id}";
}

/// One body in the form that it is sent in.
#[derive(Debug, Clone, PartialEq)]
enum Form {
    Full(ClusterBody),
    Short(ShortBody),
}

impl Client {
    /// A file in a post, beside the kind that is known of it.
    pub fn media_ref(&self, id: MediaId) -> MediaRef {
        MediaRef {
            id,
            kind: self
                .learned()
                .media_type(id)
                .unwrap_or_else(|| "image".to_owned()),
        }
    }

    /// Creates posts in the form that this Saki takes.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; [`Error::Unsayable`] when only the short form is taken and cannot say this.
    pub async fn create_posts(&self, request: &CreatePosts) -> Result<Reply, Error> {
        let space_id = request.space_id;
        self.in_either_form(&request.body, |form| async move {
            match form {
                Form::Full(body) => self.send(&CreatePosts { space_id, body }).await,
                Form::Short(body) => self.send(&CreatePosts { space_id, body }).await,
            }
        })
        .await
    }

    /// Changes a cluster in the form that this Saki takes.
    ///
    /// # Errors
    ///
    /// As [`create_posts`](Client::create_posts).
    pub async fn update_cluster(&self, request: &UpdateCluster) -> Result<Reply, Error> {
        let (space_id, cluster_id) = (request.space_id, &request.cluster_id);
        self.in_either_form(&request.body, |form| async move {
            match form {
                Form::Full(body) => {
                    self.send(&UpdateCluster {
                        space_id,
                        cluster_id: cluster_id.clone(),
                        body,
                    })
                    .await
                }
                Form::Short(body) => {
                    self.send(&UpdateCluster {
                        space_id,
                        cluster_id: cluster_id.clone(),
                        body,
                    })
                    .await
                }
            }
        })
        .await
    }

    async fn in_either_form<F>(
        &self,
        body: &ClusterBody,
        send: impl Fn(Form) -> F,
    ) -> Result<Reply, Error>
    where
        F: Future<Output = Result<Reply, Error>>,
    {
        let learned = self.learned();
        // What the short form cannot say is always offered in full: a Saki that takes only the short
        // form refuses that by name, and one that has changed its mind takes it.
        let first = match body.short() {
            Ok(short) if learned.wants_short_create() => Form::Short(short),
            _ => Form::Full(body.clone()),
        };
        let (taken, reply) = reword(first, |said, form| other_form(body, said, form), send).await?;
        learned.set_short_create(matches!(taken, Form::Short(_)));
        if let Form::Full(body) = &taken {
            body.media()
                .for_each(|media| learned.set_media_type(media.id, &media.kind));
        }
        Ok(reply)
    }
}

/// The form that a refusal asks for.
fn other_form(body: &ClusterBody, said: &[Complaint], form: &Form) -> Result<Option<Form>, Error> {
    let refuses_full = names(said, "items") || names(said, "space_id");
    match form {
        Form::Short(_) => Ok(refuses_full.then(|| Form::Full(body.clone()))),
        Form::Full(_) if names(said, "content") || names(said, "account_ids") => {
            // These two are not in the full form at all, so it is the form that is refused.
            body.short().map(|short| Some(Form::Short(short)))
        }
        Form::Full(_) if refuses_full => Ok(body.short().ok().map(Form::Short)),
        Form::Full(sent) => Ok(sent.with_other_kinds(said).map(Form::Full)),
    }
}
