//! Seen ids: the spaces in whose replies a post, cluster, slot, webhook or board stood.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::SignedDuration;
use reqwest::Method;

use super::as_id;
use crate::saki::lenient_json::{self, Fields};
use crate::saki::posts::PostView;
use crate::saki::{Clock, ObserveReplies, Reply};
use crate::tools::resource_path::{Collection, ResourcePath};
use crate::write::ttl_map::{Expiring, TtlMap};

const TTL: SignedDuration = SignedDuration::from_hours(24);
/// Ids of one collection of one space; with more, it starts anew.
const MAX_IDS: usize = 20_000;
const MAX_COLLECTIONS: usize = 1_000;

/// The ids that stood in the replies of each space.
#[derive(Debug)]
pub(crate) struct SeenIds {
    clock: Clock,
    ids: TtlMap<(u64, Collection), Arc<HashSet<String>>>,
}

impl SeenIds {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            clock,
            ids: TtlMap::with_capacity_limit(MAX_COLLECTIONS),
        }
    }

    /// Whether a reply about the space held this id.
    pub(super) fn is_in(&self, space_id: u64, collection: Collection, id: &str) -> bool {
        let ids = self.ids.get(&(space_id, collection), self.clock.now());
        ids.is_some_and(|ids| ids.contains(id))
    }

    /// Records ids that Saki shows in a space.
    pub(crate) fn record(&self, space_id: u64, collection: Collection, seen: Vec<String>) {
        if seen.is_empty() {
            return;
        }
        let now = self.clock.now();
        self.ids.update((space_id, collection), now, |known| {
            let known = known.filter(|known| known.len() + seen.len() <= MAX_IDS);
            let mut ids = known.unwrap_or_default();
            Arc::make_mut(&mut ids).extend(seen);
            Some(Expiring::new(ids, now, TTL))
        });
    }
}

/// Whether a row says that it is of another space than the one whose reply it stands in.
pub(crate) fn is_elsewhere(row: &impl Fields, space_id: u64) -> bool {
    let space = row.field("space");
    let id = lenient_json::integer(row, "space_id")
        .or_else(|| space.and_then(|space| lenient_json::integer(space, "id")))
        .or_else(|| space.and_then(lenient_json::as_integer));
    id.is_some_and(|id| id != space_id)
}

impl ObserveReplies for SeenIds {
    fn observe(&self, method: &Method, path: &str, reply: &Reply) {
        let path = ResourcePath::new(method, path);
        let (Some(space_id), Some(collection)) = (path.space().and_then(as_id), path.collection())
        else {
            return;
        };
        let is_post = match collection {
            Collection::Boards | Collection::Slots | Collection::Webhooks => false,
            Collection::Clusters | Collection::Posts => true,
            _ => return,
        };
        let (mut ids, mut clusters) = (Vec::new(), Vec::new());
        for row in &*reply.rows() {
            if is_elsewhere(row, space_id) {
                continue;
            }
            ids.extend(lenient_json::text(row, "id"));
            if is_post {
                clusters.extend(PostView::from(row).cluster_id());
            }
        }
        let collection = match is_post {
            true => Collection::Posts,
            false => collection,
        };
        self.record(space_id, collection, ids);
        self.record(space_id, Collection::Clusters, clusters);
    }
}
