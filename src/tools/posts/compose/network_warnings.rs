//! What the networks will say of posts, as warnings by account; Saki decides, so they never block.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::saki::posts::{Content, Item, Patch, UpdatePost};
use crate::saki::{MediaId, lenient};
use crate::tools::Tools;
use crate::tools::directory::KnownAccount;
use crate::tools::posts::attachments::PlannedMedia;
use crate::tools::posts::current::CurrentPost;
use crate::write::networks::{CallKind, MediaKind, PostDraft, PostPart, check_post};

/// The `type` of files that Saki showed.
type Types = HashMap<u64, String>;

impl Tools {
    /// What is odd about the posts of a cluster as they go out; one sentence for accounts with the same finding.
    pub(in crate::tools::posts) fn network_warnings(
        &self,
        accounts: &[KnownAccount],
        items: &[Item<PlannedMedia>],
        present: &[CurrentPost],
    ) -> Vec<String> {
        let call = match accounts {
            [_] => CallKind::One,
            _ => CallKind::Several,
        };
        let mut types = Types::new();
        for post in present {
            read_types(post.whole(), &mut types);
        }
        let mut found: Vec<(String, Vec<String>)> = Vec::new();
        for (account, item) in accounts.iter().zip(items) {
            let Some(network) = &account.network else {
                continue;
            };
            let contents = std::iter::once(&item.main).chain(&item.children);
            let draft = PostDraft {
                network,
                parts: contents.map(|content| self.part(content, &types)).collect(),
                metadata: Some(&item.metadata),
                call,
            };
            for finding in check_post(&draft) {
                match found.iter_mut().find(|(known, _)| *known == finding) {
                    Some((_, accounts)) => accounts.push(account.shown()),
                    None => found.push((finding, vec![account.shown()])),
                }
            }
        }
        let say = |(finding, accounts): (String, Vec<String>)| said(&accounts, &finding);
        found.into_iter().map(say).collect()
    }

    /// What is odd about a post after an edit of its text, media or settings.
    pub(in crate::tools::posts) fn edit_warnings(
        &self,
        request: &UpdatePost,
        before: &Value,
    ) -> Vec<String> {
        let changes = request.content.is_some()
            || !request.media_ids.is_keep()
            || !request.metadata.is_keep();
        let account = KnownAccount::of_post(before);
        let Some(network) = account.network.as_ref().filter(|_| changes) else {
            return Vec::new();
        };
        let mut types = Types::new();
        read_types(before, &mut types);
        let media = match &request.media_ids {
            Patch::Set(ids) => Some(ids.clone()),
            Patch::Clear => Some(Vec::new()),
            Patch::Keep => before.get("media").and_then(Value::as_array).map(|media| {
                let ids = media
                    .iter()
                    .filter_map(|media| lenient::integer(media, "id"));
                ids.map(MediaId).collect()
            }),
        };
        let kind = |id: &MediaId| self.kind(Some(*id), "image", &types);
        let empty = Map::new();
        let metadata = match (&request.metadata, before.get("metadata")) {
            (Patch::Set(metadata), _) => Some(metadata),
            (Patch::Clear, _) => Some(&empty),
            (Patch::Keep, Some(Value::Object(metadata))) => Some(metadata),
            (Patch::Keep, Some(_)) => Some(&empty),
            (Patch::Keep, None) => None,
        };
        let text = request
            .content
            .clone()
            .or_else(|| lenient::text(before, "content"))
            .unwrap_or_default();
        let draft = PostDraft {
            network,
            parts: vec![PostPart {
                text: &text,
                media: media.map(|media: Vec<MediaId>| media.iter().map(kind).collect()),
            }],
            metadata,
            call: CallKind::Edit,
        };
        let say = |finding: &String| said(&[account.shown()], finding);
        check_post(&draft).iter().map(say).collect()
    }

    fn part<'a>(&self, content: &'a Content<PlannedMedia>, types: &Types) -> PostPart<'a> {
        let kinds = content
            .media
            .iter()
            .map(|media| self.kind(media.stored_id(), media.media_type(), types));
        PostPart {
            text: &content.content,
            media: Some(kinds.collect()),
        }
    }

    /// The kind of a file where Saki said it; `sent` is "image" also where nothing is known.
    fn kind(&self, id: Option<MediaId>, sent: &str, types: &Types) -> MediaKind {
        let learned = id.and_then(|id| self.saki.dialect().media_type(id));
        match learned.as_ref().or_else(|| types.get(&id?.0)) {
            Some(word) => MediaKind::from_type(word),
            None if sent == "image" => MediaKind::Unknown,
            None => MediaKind::from_type(sent),
        }
    }
}

fn read_types(post: &Value, types: &mut Types) {
    for media in lenient::rows(post, "media") {
        if let (Some(id), Some(word)) =
            (lenient::integer(media, "id"), lenient::text(media, "type"))
        {
            types.insert(id, word);
        }
    }
    for child in lenient::rows(post, "children") {
        read_types(child, types);
    }
}

fn said(accounts: &[String], finding: &str) -> String {
    match accounts {
        [only] => format!("Account {only}: {finding}."),
        several => format!("Accounts {}: {finding}.", several.join(" and ")),
    }
}
