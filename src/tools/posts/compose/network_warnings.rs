//! Network warnings: limits of the networks that a post exceeds. They never block: Saki decides.

use std::collections::HashMap;

use serde_json::Map;

use crate::saki::MediaId;
use crate::saki::posts::{Content, Item, Patch, PostView, UpdatePost};
use crate::tools::Tools;
use crate::tools::posts::attachments::PlannedMedia;
use crate::tools::posts::current_posts::CurrentPost;
use crate::write::account_ref::AccountRef;
use crate::write::networks::{CallKind, MediaKind, PostDraft, PostPart, check_post};

/// The `type` of files that Saki showed.
type Types = HashMap<u64, String>;

impl Tools {
    /// What is odd about the posts of a cluster as they go out; one sentence for accounts with the same finding.
    pub(crate) fn network_warnings(
        &self,
        accounts: &[AccountRef],
        items: &[Item<PlannedMedia>],
        current_posts: &[CurrentPost],
    ) -> Vec<String> {
        let call = match accounts {
            [_] => CallKind::One,
            _ => CallKind::Several,
        };
        let types = current_posts
            .iter()
            .flat_map(|post| post.view().media_types());
        let types: Types = types.collect();
        let mut found: Vec<(String, Vec<String>)> = Vec::new();
        for (account, item) in accounts.iter().zip(items) {
            let network = account.network.as_deref().unwrap_or_default();
            let contents = std::iter::once(&item.main).chain(&item.children);
            let draft = PostDraft {
                network,
                parts: contents.map(|content| self.part(content, &types)).collect(),
                metadata: Some(&item.metadata),
                call,
            };
            for finding in check_post(&draft) {
                match found.iter_mut().find(|(known, _)| *known == finding) {
                    Some((_, accounts)) => accounts.push(account.label()),
                    None => found.push((finding, vec![account.label()])),
                }
            }
        }
        let warnings = found.into_iter();
        warnings
            .map(|(finding, accounts)| warning(&accounts, &finding))
            .collect()
    }

    /// What is odd about a post after an edit of its text, media or settings.
    pub(crate) fn edit_warnings(&self, request: &UpdatePost, before: PostView<'_>) -> Vec<String> {
        let changes = request.content.is_some()
            || !request.media_ids.is_keep()
            || !request.metadata.is_keep();
        let account = AccountRef::of_post(before);
        let Some(network) = account.network.as_ref().filter(|_| changes) else {
            return Vec::new();
        };
        let types: Types = before.media_types().into_iter().collect();
        let media = match &request.media_ids {
            Patch::Set(ids) => Some(ids.clone()),
            Patch::Clear => Some(Vec::new()),
            Patch::Keep => before
                .media_refs()
                .map(|media| media.iter().map(|media| media.id).collect()),
        };
        let kind = |id: &MediaId| self.media_kind(Some(*id), None, &types);
        let metadata = match &request.metadata {
            Patch::Set(metadata) => Some(metadata.clone()),
            Patch::Clear => Some(Map::new()),
            Patch::Keep => before.metadata(),
        };
        let text = request.content.clone();
        let text = text.unwrap_or_else(|| before.content_text());
        let draft = PostDraft {
            network,
            parts: vec![PostPart {
                text: &text,
                media: media.map(|media: Vec<MediaId>| media.iter().map(kind).collect()),
            }],
            metadata: metadata.as_ref(),
            call: CallKind::Edit,
        };
        let findings = check_post(&draft);
        let warnings = findings.iter();
        warnings
            .map(|finding| warning(&[account.label()], finding))
            .collect()
    }

    fn part<'a>(&self, content: &'a Content<PlannedMedia>, types: &Types) -> PostPart<'a> {
        let kinds = content
            .media
            .iter()
            .map(|media| self.media_kind(media.stored_id(), media.kind(), types));
        PostPart {
            text: &content.content,
            media: Some(kinds.collect()),
        }
    }

    /// The kind of a file: as Saki stated it, else by its own media type.
    fn media_kind(&self, id: Option<MediaId>, own: Option<MediaKind>, types: &Types) -> MediaKind {
        let stated = id.and_then(|id| self.saki.dialect().media_type(id));
        let stated = stated.as_ref().or_else(|| types.get(&id?.0));
        let stated = stated.map(|stated| MediaKind::from_type(stated));
        stated.or(own).unwrap_or(MediaKind::Unknown)
    }
}

fn warning(accounts: &[String], finding: &str) -> String {
    match accounts {
        [only] => format!("Account {only}: {finding}."),
        several => format!("Accounts {}: {finding}.", several.join(" and ")),
    }
}
