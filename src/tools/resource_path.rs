//! Resource paths: which resource, by which id, the URL path of a request names, and which tool lists such resources.

use percent_encoding::percent_decode_str;
use reqwest::Method;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};

use crate::saki::{Endpoint, ErrorResponse};
use crate::write::quote_text::quote_truncated;

/// A collection of Saki's API, by its segment in a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Collection {
    Accounts,
    Boards,
    Clusters,
    Media,
    Posts,
    Queue,
    Slots,
    Spaces,
    Subscription,
    Webhooks,
}

impl Collection {
    fn parse(segment: &str) -> Option<Self> {
        let segment: StrDeserializer<'_, Error> = segment.into_deserializer();
        Self::deserialize(segment).ok()
    }

    /// The whole collection in a sentence: `posts`.
    pub(crate) fn plural(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Boards => "boards",
            Self::Clusters => "clusters",
            Self::Media => "files",
            Self::Posts => "posts",
            Self::Queue => "queue",
            Self::Slots => "slots",
            Self::Spaces => "spaces",
            Self::Subscription => "subscription",
            Self::Webhooks => "webhooks",
        }
    }

    /// One resource of it in a sentence: `post`.
    pub(crate) fn singular(self) -> &'static str {
        self.plural().trim_end_matches('s')
    }

    fn id_parameter(self) -> String {
        match self {
            Self::Media => "media_id".to_owned(),
            _ => format!("{}_id", self.singular()),
        }
    }

    /// The tool that lists it; there is none for media.
    pub(crate) fn list_tool(self) -> Option<&'static str> {
        match self {
            Self::Accounts => Some("list_accounts"),
            Self::Boards => Some("list_boards"),
            Self::Clusters | Self::Posts => Some("list_posts"),
            Self::Slots => Some("list_slots"),
            Self::Spaces => Some("list_spaces"),
            Self::Webhooks => Some("list_webhooks"),
            Self::Media | Self::Queue | Self::Subscription => None,
        }
    }
}

/// The collection that an endpoint is about.
pub(crate) fn collection<E: Endpoint>() -> Option<Collection> {
    ResourcePath::new(&E::METHOD, E::PATH).collection()
}

/// The collections on a path, and the ids in them; a last segment such as `activate` names none and is left out.
#[derive(Debug)]
pub(crate) struct ResourcePath {
    method: Method,
    segments: Vec<Segment>,
}

#[derive(Debug)]
struct Segment {
    collection: Collection,
    id: Option<String>,
}

impl ResourcePath {
    pub(crate) fn new(method: &Method, path: &str) -> Self {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let segments = parts.chunks(2).filter_map(|pair| {
            let id = pair.get(1).map(|id| percent_decode_str(id));
            Some(Segment {
                collection: Collection::parse(pair.first()?)?,
                id: id.map(|id| id.decode_utf8_lossy().into_owned()),
            })
        });
        Self {
            method: method.clone(),
            segments: segments.collect(),
        }
    }

    pub(crate) fn from_answer(answer: &ErrorResponse) -> Self {
        Self::new(&answer.method, &answer.path)
    }

    /// The collection that the request is about, as a whole or by one of its resources.
    pub(crate) fn collection(&self) -> Option<Collection> {
        Some(self.segments.last()?.collection)
    }

    /// The space that this is in or about.
    pub(crate) fn space(&self) -> Option<&str> {
        let first = self.segments.first()?;
        (first.collection == Collection::Spaces).then_some(first.id.as_deref()?)
    }

    /// The resource that a 404 is about: the last one that the path names by its id.
    pub(crate) fn not_found(&self) -> Option<NotFound> {
        let at = self.segments.iter().rposition(|part| part.id.is_some())?;
        let Segment { collection, id } = &self.segments[at];
        let parent = self.segments[..at].last();
        Some(NotFound {
            sentence: format!(
                "`{}` {}: there is no such {}{}",
                collection.id_parameter(),
                format_id(id.as_deref()?),
                collection.singular(),
                parent.map(Segment::as_parent).unwrap_or_default()
            ),
            list_call: self.call_listing(*collection),
        })
    }

    /// The call that shows whether a write happened; there is none for media.
    pub(crate) fn verifying_call(&self) -> Option<String> {
        let mut listed = self.segments.iter().rev().map(|part| part.collection);
        match listed.find(|collection| collection.list_tool().is_some()) {
            Some(collection) => self.call_listing(collection),
            None if self.collection() == Some(Collection::Media) => None,
            None => Some("list_spaces".to_owned()),
        }
    }

    /// The attempted action in words: `change the post 7 in space 3`.
    pub(crate) fn action(&self) -> String {
        let Some((Segment { collection, id }, parents)) = self.segments.split_last() else {
            return "do this".to_owned();
        };
        let one = collection.singular();
        let action = match (id.as_deref().map(format_id), &self.method) {
            (None, &Method::POST) if *collection == Collection::Media => "upload a file".to_owned(),
            (None, &Method::POST) => format!("create a {one}"),
            (None, _) => format!("read the {}", collection.plural()),
            (Some(id), &Method::GET) => format!("read the {one} {id}"),
            (Some(id), &Method::DELETE) => format!("delete the {one} {id}"),
            (Some(id), _) => format!("change the {one} {id}"),
        };
        let parents = parents.iter().rev().map(Segment::as_parent);
        action + &parents.collect::<String>()
    }

    fn call_listing(&self, collection: Collection) -> Option<String> {
        let tool = collection.list_tool()?;
        Some(match self.space() {
            Some(space) if collection != Collection::Spaces => {
                format!("{tool} with `space_id: {space}`")
            }
            _ => tool.to_owned(),
        })
    }
}

/// A resource that Saki does not find.
#[derive(Debug)]
pub(crate) struct NotFound {
    /// That there is no such resource, by the parameter that named it.
    pub(crate) sentence: String,
    /// The call that lists such resources; there is none for media.
    pub(crate) list_call: Option<String>,
}

impl Segment {
    /// ` in space 3`
    fn as_parent(&self) -> String {
        let preposition = match self.collection {
            Collection::Spaces => "in",
            _ => "of",
        };
        let id = self.id.as_deref().map(format_id).unwrap_or_default();
        format!(" {preposition} {} {id}", self.collection.singular())
    }
}

/// A number as it is; anything else in quotation marks.
fn format_id(id: &str) -> String {
    match id.parse::<u64>() {
        Ok(number) => number.to_string(),
        Err(_) => quote_truncated(id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("GET", "/spaces/3", "read the space 3")]
    #[case("GET", "/spaces", "read the spaces")]
    #[case("GET", "/subscription", "read the subscription")]
    #[case("POST", "/media", "upload a file")]
    #[case("DELETE", "/media/7", "delete the file 7")]
    #[case("POST", "/spaces/3/posts", "create a post in space 3")]
    #[case(
        "PUT",
        "/spaces/3/clusters/c%20x",
        "change the cluster \"c x\" in space 3"
    )]
    #[case(
        "PATCH",
        "/spaces/3/accounts/12/activate",
        "change the account 12 in space 3"
    )]
    #[case(
        "GET",
        "/spaces/3/accounts/12/boards",
        "read the boards of account 12 in space 3"
    )]
    fn the_attempted_action_is_put_into_words(
        #[case] method: Method,
        #[case] path: &str,
        #[case] words: &str,
    ) {
        assert_eq!(ResourcePath::new(&method, path).action(), words);
    }

    #[rstest]
    #[case(
        "GET",
        "/spaces/3/posts/7",
        "`post_id` 7: there is no such post in space 3",
        Some("list_posts with `space_id: 3`")
    )]
    #[case(
        "POST",
        "/spaces/3/posts",
        "`space_id` 3: there is no such space",
        Some("list_spaces")
    )]
    #[case(
        "GET",
        "/spaces/3/accounts/12/boards",
        "`account_id` 12: there is no such account in space 3",
        Some("list_accounts with `space_id: 3`")
    )]
    #[case(
        "PUT",
        "/spaces/3/clusters/c-1",
        "`cluster_id` \"c-1\": there is no such cluster in space 3",
        Some("list_posts with `space_id: 3`")
    )]
    #[case("DELETE", "/media/7", "`media_id` 7: there is no such file", None)]
    fn a_missing_resource_is_named_by_its_parameter(
        #[case] method: Method,
        #[case] path: &str,
        #[case] sentence: &str,
        #[case] list_call: Option<&str>,
    ) {
        let not_found = ResourcePath::new(&method, path).not_found().unwrap();
        assert_eq!(
            (&*not_found.sentence, not_found.list_call.as_deref()),
            (sentence, list_call)
        );
    }

    #[rstest]
    #[case("POST", "/spaces/3/slots", Some("list_slots with `space_id: 3`"))]
    #[case(
        "PATCH",
        "/spaces/3/accounts/12/activate",
        Some("list_accounts with `space_id: 3`")
    )]
    #[case("DELETE", "/spaces/3", Some("list_spaces"))]
    #[case("POST", "/media", None)]
    fn a_write_is_verified_by_the_list_of_what_was_written(
        #[case] method: Method,
        #[case] path: &str,
        #[case] call: Option<&str>,
    ) {
        assert_eq!(
            ResourcePath::new(&method, path).verifying_call().as_deref(),
            call
        );
    }
}
