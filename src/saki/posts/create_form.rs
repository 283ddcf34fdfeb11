//! Create form: requests that create or replace a cluster of posts, in the full or the short form; the form that this Saki takes is learned from its refusals.

use jiff::Timestamp;
use reqwest::Method;
use schemars::JsonSchema;
use serde::Serialize;

use super::Post;
use super::body::{ClusterBody, MediaRef, ShortBody, request_kind};
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

/// A form of the body in which Saki may take posts.
pub trait CreateBody: Serialize + JsonSchema + Send + Sync {
    /// Path fields that Saki also wants in the body.
    const ALSO_IN_BODY: &'static [&'static str] = &[];

    /// When the posts go public, where they do at a time.
    fn due(&self) -> Option<Timestamp>;
}

impl CreateBody for ClusterBody {
    const ALSO_IN_BODY: &'static [&'static str] = &["space_id"];

    fn due(&self) -> Option<Timestamp> {
        self.due()
    }
}

impl CreateBody for ShortBody {
    fn due(&self) -> Option<Timestamp> {
        self.due()
    }
}

impl<B: CreateBody> Endpoint for CreatePosts<B> {
    type Response = List<Post>;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/spaces/{space_id}/posts";
    const ALSO_IN_BODY: &'static [&'static str] = B::ALSO_IN_BODY;

    fn due(&self) -> Option<Timestamp> {
        self.body.due()
    }
}

impl<B: CreateBody> Endpoint for UpdateCluster<B> {
    type Response = List<Post>;
    const METHOD: Method = Method::PUT;
    const PATH: &'static str = "/spaces/{space_id}/clusters/{cluster_id}";
    const ALSO_IN_BODY: &'static [&'static str] = B::ALSO_IN_BODY;

    fn due(&self) -> Option<Timestamp> {
        self.body.due()
    }
}

/// A request about a cluster of posts, whose body can take either form.
pub trait ClusterRequest: Serialize + Sync {
    /// The media of its body.
    type Media;
    /// The same request with a body in the form `B`.
    type With<B: CreateBody>: Endpoint;

    /// Its body, in full.
    fn body(&self) -> &ClusterBody<Self::Media>;

    /// The same request with another body.
    fn with_body<B: CreateBody>(&self, body: B) -> Self::With<B>;
}

impl<M: Serialize + Sync> ClusterRequest for CreatePosts<ClusterBody<M>> {
    type Media = M;
    type With<B: CreateBody> = CreatePosts<B>;

    fn body(&self) -> &ClusterBody<M> {
        &self.body
    }

    fn with_body<B: CreateBody>(&self, body: B) -> CreatePosts<B> {
        let space_id = self.space_id;
        CreatePosts { space_id, body }
    }
}

impl<M: Serialize + Sync> ClusterRequest for UpdateCluster<ClusterBody<M>> {
    type Media = M;
    type With<B: CreateBody> = UpdateCluster<B>;

    fn body(&self) -> &ClusterBody<M> {
        &self.body
    }

    fn with_body<B: CreateBody>(&self, body: B) -> UpdateCluster<B> {
        let (space_id, cluster_id) = (self.space_id, self.cluster_id.clone());
        UpdateCluster {
            space_id,
            cluster_id,
            body,
        }
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
        let kind = self.dialect().media_type(id);
        MediaRef { id, kind }
    }

    /// Creates or replaces a cluster of posts, in the form that this Saki takes.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; [`Error::UnsupportedByShortForm`] when Saki takes only the short form and that cannot express this.
    pub async fn send_cluster<R>(&self, request: &R) -> Result<Reply, Error>
    where
        R: ClusterRequest<Media = MediaRef>,
    {
        let (dialect, body) = (self.dialect(), request.body());
        let preferred = match self.preferred_short_form(body) {
            Some(short) => CreateForm::Short(short),
            None => CreateForm::Full(body.clone()),
        };
        let alternative =
            |errors: &[FieldError], form: &CreateForm| alternative_form(body, errors, form);
        let send = |form| async move {
            match form {
                CreateForm::Full(body) => self.send(&request.with_body(body)).await,
                CreateForm::Short(body) => self.send(&request.with_body(body)).await,
            }
        };
        let (accepted, reply) = negotiate(preferred, alternative, send).await?;
        dialect.learned().short_form = matches!(accepted, CreateForm::Short(_));
        if let CreateForm::Full(body) = &accepted {
            body.media()
                .for_each(|media| dialect.set_media_type(media.id, request_kind(&media.kind)));
        }
        Ok(reply)
    }

    /// The parts of a request as it would be sent now, if its files were uploaded.
    pub(crate) fn cluster_parts<R: ClusterRequest>(
        &self,
        request: &R,
    ) -> Result<RequestParts, Error> {
        match self.preferred_short_form(request.body()) {
            None => planned_parts::<R::With<ClusterBody>>(request),
            Some(body) => request_parts(&request.with_body(body)),
        }
    }

    /// The short form only where Saki prefers it and it can express the body.
    ///
    /// Anything else is sent in full: a Saki that takes only the short form refuses that by field name, and a Saki
    /// that takes both by now accepts it.
    fn preferred_short_form<M>(&self, body: &ClusterBody<M>) -> Option<ShortBody> {
        let short = body.short().ok();
        short.filter(|_| self.dialect().learned().short_form)
    }
}

/// The form that a refusal asks for.
fn alternative_form(
    body: &ClusterBody,
    errors: &[FieldError],
    form: &CreateForm,
) -> Result<Option<CreateForm>, Vec<&'static str>> {
    let refuses_full = mentions(errors, "items") || mentions(errors, "space_id");
    match form {
        CreateForm::Short(_) => Ok(refuses_full.then(|| CreateForm::Full(body.clone()))),
        // These two are not in the full form at all, so it is the form that is refused.
        CreateForm::Full(_) if mentions(errors, "account_ids") => {
            body.short().map(|short| Some(CreateForm::Short(short)))
        }
        // A text alone may also be named so where it is the text itself that is refused.
        CreateForm::Full(_) if mentions(errors, "content") => {
            Ok(body.short().ok().map(CreateForm::Short))
        }
        CreateForm::Full(_) if refuses_full => Ok(body.short().ok().map(CreateForm::Short)),
        CreateForm::Full(sent) => Ok(sent.with_other_media_types(errors).map(CreateForm::Full)),
    }
}
