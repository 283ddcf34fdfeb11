//! What a write does beyond its own record: what goes public, what is lost, what is uploaded.

use jiff::Timestamp;

use super::media::Identity;
use super::planned::PlannedAccount;

/// The effects of one write; an empty list means that there are none of that kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effects {
    /// Posts that go public, or are set to.
    pub live: Vec<Live>,
    /// Ids of posts that are there already and change.
    pub edits: Vec<u64>,
    /// Things that are gone afterwards.
    pub deletes: Vec<Thing>,
    /// Accounts that lose their post of a cluster.
    pub drops: Vec<PlannedAccount>,
    /// Files that are uploaded before.
    pub uploads: Vec<Upload>,
}

impl Effects {
    /// Ids of the things of one kind that are gone afterwards.
    pub fn deleted(&self, kind: &str) -> Vec<u64> {
        let things = self.deletes.iter().filter(|thing| thing.kind == kind);
        things.map(|thing| thing.id).collect()
    }
}

/// A post that goes public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Live {
    /// The account it stands under.
    pub account: PlannedAccount,
    /// When; none means at once.
    pub at: Option<Timestamp>,
}

/// A thing that a write deletes or cuts off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    /// What it is: "post", "space", "account", "slot", "webhook" or "media".
    pub kind: &'static str,
    /// Its id.
    pub id: u64,
    /// Whether people can see it already, as a published post.
    pub public: bool,
}

impl Thing {
    /// A thing that nobody outside sees.
    pub fn new(kind: &'static str, id: u64) -> Self {
        Self {
            kind,
            id,
            public: false,
        }
    }
}

/// A file that a write uploads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Name under which it goes out.
    pub name: String,
    /// MIME type, by its content; none where that is yet to be fetched.
    pub mime: Option<String>,
    /// Size in bytes; none where it is yet to be fetched.
    pub size: Option<u64>,
    /// Which file it is, so that another one in its place is not taken for it.
    pub file: Identity,
}
