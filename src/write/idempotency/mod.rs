//! The same write twice: what a create made lately, so that it is not made again.

mod in_flight;
mod store;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::canonical_json::canonical_json;
use super::effects::{Effects, Resource, ResourceKind};
use crate::saki::posts::{ClusterBody, Content, MediaRef};
use crate::saki::{MediaId, SpaceId};

pub use in_flight::{Acquire, InFlight, Permit};
pub use store::{InMemory, Store};

/// How long an outcome is remembered: longer than a model repeats itself, shorter than a person posts the same again.
pub const RETENTION: SignedDuration = SignedDuration::from_mins(10);

/// What became of a create.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredOutcome {
    /// When it was sent.
    pub at: Timestamp,
    /// The posts that it made, and those that equal calls made before it.
    pub post_ids: Vec<u64>,
    /// The answer that told of them; none when it is not known whether there are any.
    pub answer: Option<Map<String, Value>>,
}

/// What this process knows of creates: those on their way, and those of the last ten minutes.
#[derive(Debug)]
pub struct Idempotency {
    /// Equal creates on their way.
    pub in_flight: InFlight,
    /// What became of earlier ones.
    pub store: Box<dyn Store>,
}

impl Default for Idempotency {
    fn default() -> Self {
        Self {
            in_flight: InFlight::default(),
            store: Box::new(InMemory::default()),
        }
    }
}

impl Idempotency {
    /// InvalidateOnDrop the creates whose posts a write changed or took away.
    pub fn forget(&self, effects: &Effects) {
        let takes_many =
            |thing: &Resource| matches!(thing.kind, ResourceKind::Space | ResourceKind::Account);
        if effects.deletes.iter().any(takes_many) {
            return self.store.clear();
        }
        let mut post_ids = effects.deleted(ResourceKind::Post);
        post_ids.extend(effects.edits.iter().map(|edited| edited.post_id));
        if !post_ids.is_empty() {
            self.store.forget(&post_ids);
        }
    }
}

/// What two creates share when they mean the same: key (by its hash), space, and all that is posted.
///
/// The order of accounts does not matter, nor does what Saki reads out of the ids by itself, nor the
/// spaces around a text, which it drops. A file is what it shows: `file` tells that of the ids for which it knows more.
pub fn idempotency_key(
    key: [u8; 32],
    space_id: SpaceId,
    body: &ClusterBody,
    file: impl Fn(MediaId) -> Option<String>,
) -> String {
    let file = |media: &MediaRef| match file(media.id) {
        Some(shows) => json!(shows),
        None => json!(media.id),
    };
    let content = |content: &Content| {
        let media: Vec<Value> = content.media.iter().map(&file).collect();
        json!([content.content.trim(), media])
    };
    let mut items: Vec<(u64, Value)> = body
        .items
        .iter()
        .map(|item| {
            let thread: Vec<Value> = item.children.iter().map(content).collect();
            let post = json!([content(&item.main), thread, item.metadata]);
            (item.account_id.0, post)
        })
        .collect();
    items.sort_by_key(|(account, _)| *account);
    canonical_json(json!([key, space_id, body.at, body.is_draft, items]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saki::AccountId;
    use crate::saki::posts::Item;
    use rstest::rstest;

    fn item(account: u64, text: &str) -> Item {
        Item {
            account_id: AccountId(account),
            social: None,
            main: Content {
                content: text.to_owned(),
                media: Vec::new(),
            },
            children: Vec::new(),
            metadata: Map::new(),
        }
    }

    fn body() -> ClusterBody {
        ClusterBody {
            at: Some(7),
            is_draft: false,
            items: vec![item(1, "A"), item(2, "B")],
        }
    }

    #[test]
    fn the_order_of_accounts_and_what_saki_knows_by_itself_change_no_meaning() {
        let mut other = body();
        other.items.reverse();
        other.items[0].social = Some("twitter".into());
        assert_eq!(
            idempotency_key([7; 32], SpaceId(1), &body(), |_| None),
            idempotency_key([7; 32], SpaceId(1), &other, |_| None)
        );
    }

    #[test]
    fn a_file_means_what_it_shows_and_spaces_around_a_text_mean_nothing() {
        let with = |id: u64| {
            let mut body = body();
            let kind = "image".to_owned();
            body.items[0].main.media.push(MediaRef {
                id: MediaId(id),
                kind,
            });
            body
        };
        let means = |body: &ClusterBody, shows: &str| {
            idempotency_key([7; 32], SpaceId(1), body, |_| Some(shows.to_owned()))
        };
        assert_eq!(means(&with(5), "cake"), means(&with(6), "cake"));
        assert_ne!(means(&with(5), "cake"), means(&with(5), "bun"));
        let mut spaced = body();
        spaced.items[0].main.content = " A\n".to_owned();
        assert_eq!(means(&spaced, ""), means(&body(), ""));
    }

    #[rstest]
    #[case::time(|body: &mut ClusterBody| body.at = Some(8))]
    #[case::no_time(|body: &mut ClusterBody| body.at = None)]
    #[case::draft(|body: &mut ClusterBody| body.is_draft = true)]
    #[case::text(|body: &mut ClusterBody| body.items[0].main.content = "a".into())]
    #[case::texts_swapped(|body: &mut ClusterBody| {
        body.items[0].main.content = "B".into();
        body.items[1].main.content = "A".into();
    })]
    #[case::account(|body: &mut ClusterBody| body.items[0].account_id = AccountId(3))]
    #[case::fewer(|body: &mut ClusterBody| body.items.truncate(1))]
    #[case::thread(|body: &mut ClusterBody| {
        let child = body.items[0].main.clone();
        body.items[0].children.push(child);
    })]
    #[case::metadata(|body: &mut ClusterBody| {
        body.items[0].metadata.insert("title".into(), "T".into());
    })]
    #[case::media(|body: &mut ClusterBody| {
        let media = crate::saki::posts::MediaRef { id: MediaId(5), kind: "image".into() };
        body.items[0].main.media.push(media);
    })]
    fn anything_else_does(#[case] change: impl Fn(&mut ClusterBody)) {
        let mut other = body();
        change(&mut other);
        let ours = idempotency_key([7; 32], SpaceId(1), &body(), |_| None);
        assert_ne!(ours, idempotency_key([7; 32], SpaceId(1), &other, |_| None));
        assert_ne!(
            ours,
            idempotency_key([8; 32], SpaceId(1), &body(), |_| None)
        );
        assert_ne!(
            ours,
            idempotency_key([7; 32], SpaceId(2), &body(), |_| None)
        );
    }
}
