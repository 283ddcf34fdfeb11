//! Create and replace requests for a cluster of posts, in whichever create form this Saki takes.

use jiff::Timestamp;
use reqwest::Method;
use schemars::JsonSchema;
use serde::Serialize;

use super::Post;
use super::body::{ClusterBody, MediaRef, ShortBody};
use crate::saki::dialect::{mentions, negotiate};
use crate::saki::field_errors::FieldError;
use crate::saki::pagination::List;
use crate::saki::{
    Client, ClusterId, Endpoint, Error, MediaId, Reply, RequestParts, SpaceId, planned_parts,
    request_parts,
};

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
    const ALSO_IN_BODY: &'static [&'static str] = &["space_id"];

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
    const ALSO_IN_BODY: &'static [&'static str] = &["space_id"];

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

/// A create body in the form in which it is sent.
#[derive(Debug, Clone, PartialEq)]
enum CreateForm {
    Full(ClusterBody),
    Short(ShortBody),
}

impl Client {
    /// A file in a post, with its media type where that is known.
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
    /// Any [`Error`]; [`Error::UnsupportedByShortForm`] when Saki takes only the short form and that cannot express this.
    pub async fn create_posts(&self, request: &CreatePosts) -> Result<Reply, Error> {
        let space_id = request.space_id;
        self.send_in_either_form(&request.body, |form| async move {
            match form {
                CreateForm::Full(body) => self.send(&CreatePosts { space_id, body }).await,
                CreateForm::Short(body) => self.send(&CreatePosts { space_id, body }).await,
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
                CreateForm::Full(body) => {
                    self.send(&UpdateCluster {
                        space_id,
                        cluster_id: cluster_id.clone(),
                        body,
                    })
                    .await
                }
                CreateForm::Short(body) => {
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

    /// The parts of a create call as it would be sent now, if its files were uploaded.
    ///
    /// # Errors
    ///
    /// As [`request_parts`].
    pub fn create_parts<M: Serialize>(
        &self,
        request: &CreatePosts<ClusterBody<M>>,
    ) -> Result<RequestParts, Error> {
        let space_id = request.space_id;
        match self.preferred_short_form(&request.body) {
            None => planned_parts::<CreatePosts>(request),
            Some(body) => request_parts(&CreatePosts { space_id, body }),
        }
    }

    /// The parts of a cluster update as it would be sent now, if its files were uploaded.
    ///
    /// # Errors
    ///
    /// As [`request_parts`].
    pub fn cluster_parts<M: Serialize>(
        &self,
        request: &UpdateCluster<ClusterBody<M>>,
    ) -> Result<RequestParts, Error> {
        let (space_id, cluster_id) = (request.space_id, request.cluster_id.clone());
        match self.preferred_short_form(&request.body) {
            None => planned_parts::<UpdateCluster>(request),
            Some(body) => request_parts(&UpdateCluster {
                space_id,
                cluster_id,
                body,
            }),
        }
    }

    /// The short form only where Saki prefers it and it can express the body.
    ///
    /// Anything else is sent in full: a Saki that takes only the short form refuses that by field name, and a Saki
    /// that takes both by now accepts it.
    fn preferred_short_form<M>(&self, body: &ClusterBody<M>) -> Option<ShortBody> {
        let short = body.short().ok();
        short.filter(|_| self.dialect().prefers_short_form())
    }

    async fn send_in_either_form<F>(
        &self,
        body: &ClusterBody,
        send: impl Fn(CreateForm) -> F,
    ) -> Result<Reply, Error>
    where
        F: Future<Output = Result<Reply, Error>>,
    {
        let dialect = self.dialect();
        let preferred = match self.preferred_short_form(body) {
            Some(short) => CreateForm::Short(short),
            None => CreateForm::Full(body.clone()),
        };
        let alternative =
            |errors: &[FieldError], form: &CreateForm| alternative_form(body, errors, form);
        let (accepted, reply) = negotiate(preferred, alternative, send).await?;
        dialect.set_prefers_short_form(matches!(accepted, CreateForm::Short(_)));
        if let CreateForm::Full(body) = &accepted {
            body.media()
                .for_each(|media| dialect.set_media_type(media.id, &media.kind));
        }
        Ok(reply)
    }
}

/// The form that a refusal asks for.
fn alternative_form(
    body: &ClusterBody,
    errors: &[FieldError],
    form: &CreateForm,
) -> Result<Option<CreateForm>, Error> {
    let refuses_full = mentions(errors, "items") || mentions(errors, "space_id");
    match form {
        CreateForm::Short(_) => Ok(refuses_full.then(|| CreateForm::Full(body.clone()))),
        CreateForm::Full(_) if mentions(errors, "content") || mentions(errors, "account_ids") => {
            // These two are not in the full form at all, so it is the form that is refused.
            body.short().map(|short| Some(CreateForm::Short(short)))
        }
        CreateForm::Full(_) if refuses_full => Ok(body.short().ok().map(CreateForm::Short)),
        CreateForm::Full(sent) => Ok(sent.with_other_media_types(errors).map(CreateForm::Full)),
    }
}
