//! Arguments of `create_post`, which `update_cluster` shares.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::saki::MediaId;
use crate::tools::Failure;
use crate::tools::directory::NamedInCall;
use crate::tools::resource_path::Collection;
use crate::tools::space_scoped::ONE;

/// Posts for one or more accounts.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(extend("additionalProperties" = false, "required" = ["account_ids"]))]
pub(crate) struct CreatePostArgs {
    /// Accounts of one space: ids, handles, names or networks, e.g. ["12", "@acme", "x"].
    pub(crate) account_ids: Option<Vec<String>>,
    /// Needed unless there is a time. "draft" keeps it private, "schedule" publishes at `scheduled_at`, "now" at once.
    pub(crate) publish: Option<Publish>,
    /// Text of the post.
    pub(crate) content: Option<String>,
    /// When it goes out: "2027-04-10T09:00" (local, in `timezone`), "2027-04-10T09:00:00+02:00" or "2027-04-10T09:00[Europe/Berlin]".
    pub(crate) scheduled_at: Option<String>,
    /// IANA zone of a local `scheduled_at`, e.g. "Europe/Berlin".
    pub(crate) timezone: Option<String>,
    /// Files in order, each by exactly one of `media_id`, `path`, `url`, `data`.
    pub(crate) media: Option<Vec<MediaItem>>,
    /// Further posts below the first one, in order.
    pub(crate) thread: Option<Vec<ThreadPost>>,
    /// Settings of the networks, e.g. `board_id` (from list_boards).
    pub(crate) metadata: Option<Metadata>,
    /// Differences for single accounts; fields left out are as above.
    pub(crate) per_account: Option<Vec<PerAccount>>,
    #[schemars(description = ONE)]
    pub(crate) space_id: Option<String>,
}

/// What happens to a new post: it stays a draft, goes out at a time, or goes out at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Publish {
    Draft,
    Schedule,
    Now,
}

/// A picture, video or PDF.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(extend("additionalProperties" = false))]
#[serde(default)]
pub(crate) struct MediaItem {
    pub(crate) media_id: Option<MediaId>,
    /// File on this server's machine.
    pub(crate) path: Option<String>,
    /// Public address.
    pub(crate) url: Option<String>,
    /// Base64.
    pub(crate) data: Option<String>,
    pub(crate) filename: Option<String>,
    /// Alt text of a new file; whether Saki shows it is not known.
    pub(crate) alt: Option<String>,
}

/// A further post.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(extend("additionalProperties" = false))]
pub(crate) struct ThreadPost {
    pub(crate) content: String,
    #[schemars(extend("x-brief" = "As above."))]
    pub(crate) media: Option<Vec<MediaItem>>,
}

/// The differences.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(extend("additionalProperties" = false))]
pub(crate) struct PerAccount {
    /// Named as in `account_ids`.
    pub(crate) account_id: String,
    pub(crate) content: Option<String>,
    #[schemars(extend("x-brief" = "As above."))]
    pub(crate) media: Option<Vec<MediaItem>>,
    #[schemars(extend("x-brief" = "As above."))]
    pub(crate) thread: Option<Vec<ThreadPost>>,
    #[schemars(extend("x-brief" = "As above."))]
    pub(crate) metadata: Option<Metadata>,
}

/// Settings of the networks (reference: posts.store).
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(extend("additionalProperties" = false))]
#[serde(default)]
pub(crate) struct Metadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    topic_tag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    post_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    privacy_level: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allow_comments: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allow_duet: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allow_stitch: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    branded_content: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    brand_organic: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    board_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cover_image_url: Option<String>,
}

impl CreatePostArgs {
    /// Whether it says nothing about the posts.
    pub(crate) fn is_empty(&self) -> bool {
        let Self {
            account_ids,
            publish,
            content,
            scheduled_at,
            media,
            thread,
            metadata,
            per_account,
            timezone: _,
            space_id: _,
        } = self;
        account_ids.is_none()
            && publish.is_none()
            && content.is_none()
            && scheduled_at.is_none()
            && media.is_none()
            && thread.is_none()
            && metadata
                .as_ref()
                .is_none_or(|given| given.fields().is_empty())
            && per_account.as_ref().is_none_or(Vec::is_empty)
    }

    /// The accounts and the board of the call.
    pub(crate) fn named(&self) -> NamedInCall<'_> {
        let single = self.per_account.iter().flatten();
        let own = single.clone().map(|single| &single.account_id);
        let accounts = self.account_ids.iter().flatten().chain(own);
        let settings = single
            .map(|single| &single.metadata)
            .chain([&self.metadata]);
        let boards = settings
            .flatten()
            .filter_map(|metadata| metadata.board_id.clone());
        NamedInCall {
            accounts: accounts.map(String::as_str).collect(),
            ids: boards.map(|board| (Collection::Boards, board)).collect(),
        }
    }

    /// Every file of the call, with its path in the arguments.
    pub(crate) fn files(&self) -> Vec<(String, &MediaItem)> {
        let mut files = numbered("media", self.media.as_deref());
        files.extend(of_thread("thread", self.thread.as_deref()));
        for (index, single) in self.per_account.iter().flatten().enumerate() {
            let path = |name: &str| format!("per_account.{index}.{name}");
            files.extend(numbered(&path("media"), single.media.as_deref()));
            files.extend(of_thread(&path("thread"), single.thread.as_deref()));
        }
        files
    }

    /// Every text that people read, with its path in the arguments.
    pub(crate) fn texts_mut(&mut self) -> Vec<(String, &mut String)> {
        let mut texts = post_texts(&mut self.content, &mut self.thread, &mut self.metadata);
        for (index, single) in self.per_account.iter_mut().flatten().enumerate() {
            let own = post_texts(
                &mut single.content,
                &mut single.thread,
                &mut single.metadata,
            );
            let path = |name: String| format!("per_account.{index}.{name}");
            texts.extend(own.into_iter().map(|(name, text)| (path(name), text)));
        }
        texts
    }
}

fn post_texts<'a>(
    content: &'a mut Option<String>,
    thread: &'a mut Option<Vec<ThreadPost>>,
    metadata: &'a mut Option<Metadata>,
) -> Vec<(String, &'a mut String)> {
    let content = content.as_mut().map(|text| ("content".to_owned(), text));
    let thread = thread.iter_mut().flatten().enumerate();
    let thread = thread.map(|(index, post)| (format!("thread.{index}.content"), &mut post.content));
    let settings = metadata.iter_mut().flat_map(|metadata| {
        let title = metadata.title.as_mut().map(|text| ("title", text));
        let topic = metadata.topic_tag.as_mut().map(|text| ("topic_tag", text));
        title.into_iter().chain(topic)
    });
    let settings = settings.map(|(name, text)| (format!("metadata.{name}"), text));
    content.into_iter().chain(thread).chain(settings).collect()
}

/// Refuses a time zone without a time.
pub(crate) fn check_timezone(zone: Option<&str>, time: Option<&str>) -> Result<(), Failure> {
    match (zone, time) {
        (Some(_), None) => {
            let why = "it applies only to `scheduled_at`, which is missing.";
            Err(Failure::argument("timezone", why))
        }
        _ => Ok(()),
    }
}

fn of_thread<'a>(path: &str, thread: Option<&'a [ThreadPost]>) -> Vec<(String, &'a MediaItem)> {
    let posts = thread.into_iter().flatten().enumerate();
    let files = posts
        .map(|(index, post)| numbered(&format!("{path}.{index}.media"), post.media.as_deref()));
    files.flatten().collect()
}

/// Each file of a list, with its path in the arguments.
pub(crate) fn numbered<'a>(
    path: &str,
    media: Option<&'a [MediaItem]>,
) -> Vec<(String, &'a MediaItem)> {
    let items = media.into_iter().flatten().enumerate();
    items
        .map(|(index, item)| (format!("{path}.{index}"), item))
        .collect()
}

impl Metadata {
    pub(crate) fn fields(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(fields)) => fields,
            _ => Map::new(),
        }
    }
}
