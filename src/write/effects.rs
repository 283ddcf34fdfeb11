//! Effects of a write: what goes public, what is deleted, what is uploaded.

use std::fmt::{self, Display};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::account_ref::AccountRef;
use super::media::PlannedUpload;

/// The effects of one write; an empty list means no effect of that kind.
///
/// A write without any effect is one whose effects are unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Effects {
    /// Posts that the write publishes, schedules, or may publish.
    pub live: Vec<LivePost>,
    /// Accounts whose posts stay drafts.
    pub drafts: Vec<AccountRef>,
    /// Existing posts that change.
    pub edits: Vec<EditedPost>,
    /// Resources that are deleted.
    pub deletes: Vec<Resource>,
    /// Accounts that lose their post of a cluster.
    pub dropped_accounts: Vec<AccountRef>,
    /// Files that are uploaded first.
    pub uploads: Vec<PlannedUpload>,
    /// Resources other than posts and files that are created or changed.
    pub other_resources: Vec<Resource>,
    /// Whether an equal call was made recently, so that this one only replays its outcome.
    pub is_replay: bool,
}

impl Effects {
    /// The effects of a write that only deletes a resource.
    pub fn deleting(resource: Resource) -> Self {
        Self {
            deletes: vec![resource],
            ..Self::default()
        }
    }

    /// The effects of a write that only creates or changes a resource other than a post or a file.
    pub fn changing(resource: Resource) -> Self {
        Self {
            other_resources: vec![resource],
            ..Self::default()
        }
    }

    /// Every account that the write touches.
    pub fn accounts(&self) -> impl Iterator<Item = &AccountRef> {
        let live = self.live.iter().map(|live| &live.account);
        let edits = self.edits.iter().map(|edited| &edited.account);
        let resources = self.deletes.iter().chain(&self.other_resources);
        let of_resources = resources.filter_map(|resource| resource.account.as_ref());
        live.chain(&self.drafts)
            .chain(edits)
            .chain(of_resources)
            .chain(&self.dropped_accounts)
    }

    /// The kind of the thing that is made, other than a post or a file.
    pub fn made(&self) -> Option<ResourceKind> {
        let mut new = self.other_resources.iter();
        new.find(|resource| resource.id.is_none())
            .map(|resource| resource.kind)
    }

    /// Ids of the things of one kind that are gone afterwards.
    pub fn deleted(&self, kind: ResourceKind) -> Vec<u64> {
        let resources = self.deletes.iter().filter(|resource| resource.kind == kind);
        resources.filter_map(|resource| resource.id).collect()
    }
}

/// A post that goes public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LivePost {
    /// Its account.
    pub account: AccountRef,
    /// When; `None` means at once.
    pub at: Option<Timestamp>,
}

/// An existing post, as it is before the write changes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EditedPost {
    /// Its id.
    pub post_id: u64,
    /// Its account.
    pub account: AccountRef,
    /// Whether it is known to be a draft.
    pub draft: bool,
    /// Whether it is or may be public already.
    pub public: bool,
    /// Whether it was published for sure.
    pub published: bool,
    /// When it still goes public, where the write does not change that.
    pub due: Option<Timestamp>,
}

/// A post that goes public, as a result shows it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct LivePostFacts {
    /// The account: id, handle and network.
    account: String,
    /// When, in UTC, or "at once".
    at: String,
}

impl From<&LivePost> for LivePostFacts {
    fn from(live: &LivePost) -> Self {
        Self {
            account: live.account.label(),
            at: live.at.map_or("at once".to_owned(), |at| at.to_string()),
        }
    }
}

/// A thing that a write deletes, cuts off, makes or changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Resource {
    /// What it is.
    pub kind: ResourceKind,
    /// Its id; nothing before it is created.
    pub id: Option<u64>,
    /// Whether it is a post that may be public already.
    pub public: bool,
    /// Whether it is a post that is known to be a draft.
    pub draft: bool,
    /// The account that it belongs to or is, where known.
    pub account: Option<AccountRef>,
    /// Whether Saki shows it in the space of the call, or it belongs to no space.
    pub in_space: bool,
}

/// The kinds of resources in Saki.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum ResourceKind {
    /// A post of one account.
    Post,
    /// A space.
    Space,
    /// A connected account.
    Account,
    /// A posting time slot.
    Slot,
    /// A webhook.
    Webhook,
    /// An uploaded file.
    Media,
}

impl Display for ResourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Post => "post",
            Self::Space => "space",
            Self::Account => "account",
            Self::Slot => "slot",
            Self::Webhook => "webhook",
            Self::Media => "media",
        })
    }
}

impl Resource {
    /// An existing resource that is not public.
    pub fn new(kind: ResourceKind, id: u64) -> Self {
        Self {
            kind,
            id: Some(id),
            public: false,
            draft: false,
            account: None,
            in_space: false,
        }
    }

    /// A resource that is yet to be created.
    pub fn to_create(kind: ResourceKind) -> Self {
        Self {
            id: None,
            ..Self::new(kind, 0).in_space(true)
        }
    }

    /// The same resource of an account.
    #[must_use]
    pub fn with_account(self, account: AccountRef) -> Self {
        Self {
            in_space: account.is_listed(),
            account: Some(account),
            ..self
        }
    }

    /// The same resource, and whether Saki shows it in the space of the call.
    #[must_use]
    pub fn in_space(self, in_space: bool) -> Self {
        Self { in_space, ..self }
    }
}
