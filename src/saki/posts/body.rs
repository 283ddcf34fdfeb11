//! Create body of a cluster of posts: the full form and the short form that Saki's reference prints.
//!
//! It is generic over its media `M`: a body with files that are yet to be uploaded can be built and shown, not sent.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::saki::dialect::mentions;
use crate::saki::field_errors::FieldError;
use crate::saki::{AccountId, MediaId};

/// What a cluster of posts is to be (reference: posts.store and clusters.update).
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ClusterBody<M = MediaRef> {
    /// When the posts go out, in Unix seconds; null with `is_draft` false publishes at once.
    pub at: Option<i64>,
    /// Whether the posts stay drafts.
    pub is_draft: bool,
    /// One item per account.
    pub items: Vec<Item<M>>,
}

/// The post of one account.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Item<M = MediaRef> {
    /// Account to post with.
    pub account_id: AccountId,
    /// Its network, as Saki names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub social: Option<String>,
    /// The post, or the first one of a thread.
    pub main: Content<M>,
    /// The rest of a thread.
    pub children: Vec<Content<M>>,
    /// Settings of the network.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Value>,
}

/// Text and media of one post.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Content<M = MediaRef> {
    /// Text of the post.
    pub content: String,
    /// Media in the order they are shown.
    pub media: Vec<M>,
}

/// An uploaded file in a post.
#[derive(Debug, Clone, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MediaRef {
    /// Id of the file.
    pub id: MediaId,
    /// Kind of the file, `image` or `video`; a request says `image` where Saki has not stated it.
    #[serde(rename = "type", serialize_with = "serialize_kind")]
    #[schemars(with = "String")]
    pub kind: Option<String>,
}

/// Two references are equal if a request writes them alike, so that no body is sent twice.
impl PartialEq for MediaRef {
    fn eq(&self, other: &Self) -> bool {
        (self.id, request_kind(&self.kind)) == (other.id, request_kind(&other.kind))
    }
}

/// The `type` that a request names for a file.
pub(super) fn request_kind(kind: &Option<String>) -> &str {
    kind.as_deref().unwrap_or("image")
}

fn serialize_kind<S: Serializer>(kind: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    request_kind(kind).serialize(serializer)
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

impl ShortBody {
    pub(super) fn due(&self) -> Option<Timestamp> {
        self.scheduled_at.parse().ok()
    }
}

impl<M> ClusterBody<M> {
    /// The same posts in the short form.
    ///
    /// # Errors
    ///
    /// Everything that the short form cannot express.
    pub fn short(&self) -> Result<ShortBody, Vec<&'static str>> {
        let first = self.items.first();
        let content = first
            .map(|item| item.main.content.clone())
            .unwrap_or_default();
        let any = |test: &dyn Fn(&Item<M>) -> bool| self.items.iter().any(test);
        let unsupported: Vec<&'static str> = [
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
        .filter_map(|(is_unsupported, name)| is_unsupported.then_some(name))
        .collect();
        let instant = self.at.and_then(|at| Timestamp::from_second(at).ok());
        match instant {
            Some(instant) if unsupported.is_empty() => Ok(ShortBody {
                content,
                account_ids: self.items.iter().map(|item| item.account_id).collect(),
                scheduled_at: instant.to_string(),
            }),
            _ => Err(unsupported),
        }
    }

    /// The same posts with other media; nothing where one of them has none.
    pub fn try_map_media<N>(self, mut map: impl FnMut(M) -> Option<N>) -> Option<ClusterBody<N>> {
        let mut content = |content: Content<M>| {
            let media = content.media.into_iter().map(&mut map);
            Some(Content {
                content: content.content,
                media: media.collect::<Option<_>>()?,
            })
        };
        let item = |item: Item<M>| {
            Some(Item {
                account_id: item.account_id,
                social: item.social,
                main: content(item.main)?,
                children: item
                    .children
                    .into_iter()
                    .map(&mut content)
                    .collect::<Option<_>>()?,
                metadata: item.metadata,
            })
        };
        Some(ClusterBody {
            at: self.at,
            is_draft: self.is_draft,
            items: self.items.into_iter().map(item).collect::<Option<_>>()?,
        })
    }

    /// Every file of every post, mutable.
    pub fn media_mut(&mut self) -> impl Iterator<Item = &mut M> {
        let contents = self
            .items
            .iter_mut()
            .flat_map(|item| std::iter::once(&mut item.main).chain(&mut item.children));
        contents.flat_map(|content| &mut content.media)
    }
}

impl ClusterBody {
    /// When the posts go out; a draft does not go out, whatever its time.
    pub(super) fn due(&self) -> Option<Timestamp> {
        let at = self.at.filter(|_| !self.is_draft)?;
        Timestamp::from_second(at).ok()
    }

    /// The same posts with the other media type wherever the sent one was refused.
    pub(super) fn with_other_media_types(&self, errors: &[FieldError]) -> Option<Self> {
        let mut other = self.clone();
        let mut changed = false;
        for (position, item) in other.items.iter_mut().enumerate() {
            let main = [(format!("items.{position}.main"), &mut item.main)];
            let children = item.children.iter_mut().enumerate();
            let children = children
                .map(|(child, content)| (format!("items.{position}.children.{child}"), content));
            for (path, content) in main.into_iter().chain(children) {
                for (index, media) in content.media.iter_mut().enumerate() {
                    if mentions(errors, &format!("{path}.media.{index}.type")) {
                        let other = match request_kind(&media.kind) {
                            "image" => "video",
                            _ => "image",
                        };
                        media.kind = Some(other.to_owned());
                        changed = true;
                    }
                }
            }
        }
        changed.then_some(other)
    }

    pub(super) fn media(&self) -> impl Iterator<Item = &MediaRef> {
        let contents = self
            .items
            .iter()
            .flat_map(|item| std::iter::once(&item.main).chain(&item.children));
        contents.flat_map(|content| &content.media)
    }
}
