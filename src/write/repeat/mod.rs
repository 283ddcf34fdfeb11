//! The same write twice: what a create made lately, so that it is not made again.

mod once;
mod store;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::effects::{Effects, Thing};
use crate::saki::SpaceId;
use crate::saki::posts::{ClusterBody, Content};

pub use once::{Once, Turn};
pub use store::{InMemory, Store};

/// How long an outcome is remembered: longer than a model repeats itself, shorter than a person posts the same again.
pub const REMEMBERED: SignedDuration = SignedDuration::from_mins(10);

/// What became of a create.
#[derive(Debug, Clone, PartialEq)]
pub struct Remembered {
    /// When it was sent.
    pub at: Timestamp,
    /// The posts that it made; none when it is not known whether there are any.
    pub made: Option<MadePosts>,
}

/// The posts that a create made.
#[derive(Debug, Clone, PartialEq)]
pub struct MadePosts {
    /// Their ids.
    pub post_ids: Vec<u64>,
    /// The answer that told of them.
    pub answer: Map<String, Value>,
}

/// What this process knows of creates: those on their way, and those of the last ten minutes.
#[derive(Debug)]
pub struct Repeats {
    /// Equal creates on their way.
    pub once: Once,
    /// What became of earlier ones.
    pub store: Box<dyn Store>,
}

impl Default for Repeats {
    fn default() -> Self {
        Self {
            once: Once::default(),
            store: Box::new(InMemory::default()),
        }
    }
}

impl Repeats {
    /// Forgets the creates whose posts a write changed or took away.
    pub fn forget(&self, effects: &Effects) {
        let takes_many = |thing: &Thing| matches!(thing.kind, "space" | "account");
        if effects.deletes.iter().any(takes_many) {
            return self.store.clear();
        }
        let mut post_ids = effects.deleted("post");
        post_ids.extend(&effects.edits);
        if !post_ids.is_empty() {
            self.store.forget(&post_ids);
        }
    }
}

/// What two creates share when they mean the same: key (by its hash), space, and all that is posted.
///
/// The order of accounts does not matter, nor does what Saki reads out of the ids by itself.
pub fn meaning(key: [u8; 32], space_id: SpaceId, body: &ClusterBody) -> String {
    let content = |content: &Content| {
        let media: Vec<u64> = content.media.iter().map(|media| media.id.0).collect();
        json!([content.content, media])
    };
    let mut items: Vec<(u64, Value)> = body
        .items
        .iter()
        .map(|item| {
            let thread: Vec<Value> = item.children.iter().map(content).collect();
            let mut metadata: Vec<(&String, &Value)> = item.metadata.iter().collect();
            metadata.sort_by_key(|(name, _)| *name);
            let said = json!([content(&item.main), thread, metadata]);
            (item.account_id.0, said)
        })
        .collect();
    items.sort_by_key(|(account, _)| *account);
    json!([key, space_id, body.at, body.is_draft, items]).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saki::posts::Item;
    use crate::saki::{AccountId, MediaId};
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
            meaning([7; 32], SpaceId(1), &body()),
            meaning([7; 32], SpaceId(1), &other)
        );
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
        let ours = meaning([7; 32], SpaceId(1), &body());
        assert_ne!(ours, meaning([7; 32], SpaceId(1), &other));
        assert_ne!(ours, meaning([8; 32], SpaceId(1), &body()));
        assert_ne!(ours, meaning([7; 32], SpaceId(2), &body()));
    }
}
