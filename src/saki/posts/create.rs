//! Creating and replacing a cluster of posts, in the form that this Saki takes.

use jiff::Timestamp;
use reqwest::Method;
use schemars::JsonSchema;
use serde::Serialize;

use super::Post;
use super::body::{ClusterBody, MediaRef, ShortBody};
use crate::saki::dialect::{mentions, negotiate};
use crate::saki::field_errors::FieldError;
use crate::saki::pagination::List;
use crate::saki::{Client, ClusterId, Endpoint, Error, MediaId, Parts, Reply, SpaceId, split};

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

    fn due(&self) -> Option<Timestamp> {
        self.body.due()
    }
}

impl Endpoint for CreatePosts<ShortBody> {
    type Response = List<Post>;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/spaces/{space_id}/posts";

    fn due(&self) -> Option<Timestamp> {
        self.body.due()
    }
}

impl Endpoint for UpdateCluster {
    type Response = List<Post>;
    const METHOD: Method = Method::PUT;
    const PATH: &'static str = "/spaces/{space_id}/clusters/{cluster_id}";
    const REPEATED: &'static [&'static str] = &["space_id"];

    fn due(&self) -> Option<Timestamp> {
        self.body.due()
    }
}

impl Endpoint for UpdateCluster<ShortBody> {
    type Response = List<Post>;
    const METHOD: Method = Method::PUT;
    const PATH: &'static str = "/spaces/{space_id}/clusters/{cluster_id}";

    fn due(&self) -> Option<Timestamp> {
        self.body.due()
    }
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
                .dialect()
                .media_type(id)
                .unwrap_or_else(|| "image".to_owned()),
        }
    }

    /// Creates posts in the form that this Saki takes.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; [`Error::UnsupportedByShortForm`] when only the short form is taken and cannot say this.
    pub async fn create_posts(&self, request: &CreatePosts) -> Result<Reply, Error> {
        let space_id = request.space_id;
        self.send_in_either_form(&request.body, |form| async move {
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
        self.send_in_either_form(&request.body, |form| async move {
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

    /// A create as it would go out now.
    ///
    /// # Errors
    ///
    /// As [`split`].
    pub fn create_parts(&self, request: &CreatePosts) -> Result<Parts, Error> {
        let space_id = request.space_id;
        match self.preferred_form(&request.body) {
            Form::Full(_) => split(request),
            Form::Short(body) => split(&CreatePosts { space_id, body }),
        }
    }

    /// A change of a cluster as it would go out now.
    ///
    /// # Errors
    ///
    /// As [`split`].
    pub fn cluster_parts(&self, request: &UpdateCluster) -> Result<Parts, Error> {
        let (space_id, cluster_id) = (request.space_id, request.cluster_id.clone());
        match self.preferred_form(&request.body) {
            Form::Full(_) => split(request),
            Form::Short(body) => split(&UpdateCluster {
                space_id,
                cluster_id,
                body,
            }),
        }
    }

    /// What the short form cannot say is always offered in full: a Saki that takes only the short
    /// form refuses that by name, and one that has changed its mind takes it.
    fn preferred_form(&self, body: &ClusterBody) -> Form {
        match body.short() {
            Ok(short) if self.dialect().prefers_short_form() => Form::Short(short),
            _ => Form::Full(body.clone()),
        }
    }

    async fn send_in_either_form<F>(
        &self,
        body: &ClusterBody,
        send: impl Fn(Form) -> F,
    ) -> Result<Reply, Error>
    where
        F: Future<Output = Result<Reply, Error>>,
    {
        let dialect = self.dialect();
        let first = self.preferred_form(body);
        let (taken, reply) =
            negotiate(first, |said, form| alternative_form(body, said, form), send).await?;
        dialect.set_prefers_short_form(matches!(taken, Form::Short(_)));
        if let Form::Full(body) = &taken {
            body.media()
                .for_each(|media| dialect.set_media_type(media.id, &media.kind));
        }
        Ok(reply)
    }
}

/// The form that a refusal asks for.
fn alternative_form(
    body: &ClusterBody,
    said: &[FieldError],
    form: &Form,
) -> Result<Option<Form>, Error> {
    let refuses_full = mentions(said, "items") || mentions(said, "space_id");
    match form {
        Form::Short(_) => Ok(refuses_full.then(|| Form::Full(body.clone()))),
        Form::Full(_) if mentions(said, "content") || mentions(said, "account_ids") => {
            // These two are not in the full form at all, so it is the form that is refused.
            body.short().map(|short| Some(Form::Short(short)))
        }
        Form::Full(_) if refuses_full => Ok(body.short().ok().map(Form::Short)),
        Form::Full(sent) => Ok(sent.with_other_media_types(said).map(Form::Full)),
    }
}
