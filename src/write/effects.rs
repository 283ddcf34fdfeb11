//! What a write does beyond its own record: what goes public, what is lost, what is uploaded.

use std::fmt::{self, Display};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::account_ref::AccountRef;
use super::media::FileIdentity;

/// The effects of one write; an empty list means that there are none of that kind.
///
/// A write that names no effect at all is one that nothing is known about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effects {
    /// Posts that go public, or are set to, or may do so by it.
    pub live: Vec<LivePost>,
    /// Accounts that have a post which stays private.
    pub drafts: Vec<AccountRef>,
    /// Posts that are there already and change.
    pub edits: Vec<EditedPost>,
    /// Things that are gone afterwards.
    pub deletes: Vec<Resource>,
    /// Accounts that lose their post of a cluster.
    pub drops: Vec<AccountRef>,
    /// Files that are uploaded before.
    pub uploads: Vec<PlannedUpload>,
    /// Things beside posts and files that are made or changed.
    pub others: Vec<Resource>,
    /// Whether an equal call was made lately, so that this one only tells what became of it.
    pub repeats: bool,
}

impl Effects {
    /// Every account that has a part in it.
    pub fn accounts(&self) -> impl Iterator<Item = &AccountRef> {
        let live = self.live.iter().map(|live| &live.account);
        let edits = self.edits.iter().map(|edited| &edited.account);
        let things = self.deletes.iter().chain(&self.others);
        let of_things = things.filter_map(|thing| thing.account.as_ref());
        live.chain(&self.drafts)
            .chain(edits)
            .chain(of_things)
            .chain(&self.drops)
    }

    /// Ids of the things of one kind that are gone afterwards.
    pub fn deleted(&self, kind: ResourceKind) -> Vec<u64> {
        let things = self.deletes.iter().filter(|thing| thing.kind == kind);
        things.map(|thing| thing.id).collect()
    }
}

/// A post that goes public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LivePost {
    /// The account it stands under.
    pub account: AccountRef,
    /// When; none means at once.
    pub at: Option<Timestamp>,
}

/// A post that is there already, as it is before a write changes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditedPost {
    /// Its id.
    pub post_id: u64,
    /// The account it stands under.
    pub account: AccountRef,
    /// Whether it is known to be a draft.
    pub draft: bool,
    /// Whether people see it already, or may.
    pub public: bool,
    /// When it goes public all the same, where the write leaves that as it is.
    pub due: Option<Timestamp>,
}

impl LivePost {
    /// What a preview says of it.
    pub fn shown(&self) -> Value {
        let at = self.at.map_or("at once".to_owned(), |at| at.to_string());
        json!({"account": self.account.label(), "at": at})
    }
}

/// A thing that a write deletes, cuts off, makes or changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// What it is.
    pub kind: ResourceKind,
    /// Its id; 0 where it is yet to be made.
    pub id: u64,
    /// Whether people can see it already, as a published post.
    pub public: bool,
    /// Whether it is a post that is known to be a draft.
    pub draft: bool,
    /// The account it belongs to or is, where that is known.
    pub account: Option<AccountRef>,
    /// Whether Saki shows it in the space of the call, or it belongs to none.
    pub in_space: bool,
}

/// The kinds of things that Saki has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// A thing that nobody outside sees.
    pub fn new(kind: ResourceKind, id: u64) -> Self {
        Self {
            kind,
            id,
            public: false,
            draft: false,
            account: None,
            in_space: false,
        }
    }

    /// A thing that is yet to be made.
    pub fn to_make(kind: ResourceKind) -> Self {
        Self::new(kind, 0).in_space(true)
    }

    /// The same, of an account.
    #[must_use]
    pub fn of(self, account: AccountRef) -> Self {
        Self {
            in_space: account.is_listed(),
            account: Some(account),
            ..self
        }
    }

    /// The same, and whether Saki shows it in the space of the call.
    #[must_use]
    pub fn in_space(self, in_space: bool) -> Self {
        Self { in_space, ..self }
    }
}

/// A file that a write uploads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedUpload {
    /// Name under which it goes out.
    pub name: String,
    /// MIME type, by its content; none where that is yet to be fetched.
    pub mime: Option<String>,
    /// Size in bytes; none where it is yet to be fetched.
    pub size: Option<u64>,
    /// Which file it is, so that another one in its place is not taken for it.
    pub file: FileIdentity,
}
