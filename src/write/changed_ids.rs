//! Changed ids: what a write is about, by Saki's ids alone, for logs that hold no texts.

use std::collections::BTreeSet;

use serde::Serialize;

use super::effects::{Effects, ResourceKind};

/// The ids of what a write makes, changes, deletes or posts to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ChangedIds {
    /// Spaces that are made, changed or deleted.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub spaces: BTreeSet<u64>,
    /// Clusters that were made or changed.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub clusters: BTreeSet<String>,
    /// Posts.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub posts: BTreeSet<u64>,
    /// Accounts, also those whose posts it is about.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub accounts: BTreeSet<u64>,
    /// Slots.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub slots: BTreeSet<u64>,
    /// Webhooks.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub webhooks: BTreeSet<u64>,
    /// Uploaded files.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub media: BTreeSet<u64>,
}

impl ChangedIds {
    /// What these effects are about, as far as it is there before the write.
    pub fn of(effects: &Effects) -> Self {
        let mut ids = Self::default();
        let resources = effects.deletes.iter().chain(&effects.other_resources);
        for (kind, id) in resources.filter_map(|resource| Some((resource.kind, resource.id?))) {
            ids.add(kind, id);
        }
        for edited in &effects.edits {
            ids.add(ResourceKind::Post, edited.post_id);
        }
        for account in effects.accounts() {
            ids.add(ResourceKind::Account, account.id);
        }
        ids
    }

    /// Adds one.
    pub fn add(&mut self, kind: ResourceKind, id: u64) {
        let ids = match kind {
            ResourceKind::Post => &mut self.posts,
            ResourceKind::Space => &mut self.spaces,
            ResourceKind::Account => &mut self.accounts,
            ResourceKind::Slot => &mut self.slots,
            ResourceKind::Webhook => &mut self.webhooks,
            ResourceKind::Media => &mut self.media,
        };
        ids.insert(id);
    }
}
