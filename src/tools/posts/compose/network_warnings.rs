//! Content warnings: limits of the networks that a post exceeds, and texts that nobody meant. They never block: Saki decides.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::saki::MediaId;
use crate::saki::posts::{Content, Item, Patch, PostView, UpdatePost};
use crate::tools::posts::attachments::PlannedMedia;
use crate::tools::posts::current_posts::CurrentPost;
use crate::tools::text_findings::{TextFinding, text_findings};
use crate::tools::{Tools, is_blank};
use crate::write::account_ref::AccountRef;
use crate::write::networks::{CallKind, MediaKind, PostDraft, PostPart, check_post, text_lengths};

/// The `type` of files that Saki showed.
type Types = HashMap<u64, String>;

/// What the limits of the networks say of posts.
pub(crate) struct NetworkCheck<L> {
    pub(crate) warnings: Vec<String>,
    /// The length of each text against its limit.
    pub(crate) lengths: L,
}

impl Tools {
    /// What is odd about the posts of a cluster as they go out, one sentence for accounts with the same finding; and how
    /// long the texts of each account are.
    pub(crate) fn check_networks(
        &self,
        accounts: &[AccountRef],
        items: &[Item<PlannedMedia>],
        current_posts: &[CurrentPost],
    ) -> NetworkCheck<Vec<Vec<String>>> {
        let call = match accounts {
            [_] => CallKind::One,
            _ => CallKind::Several,
        };
        let types = current_posts
            .iter()
            .flat_map(|post| post.view().media_types());
        let types: Types = types.collect();
        let mut found: Vec<(String, Vec<String>)> = Vec::new();
        let mut lengths = Vec::with_capacity(items.len());
        for (account, item) in accounts.iter().zip(items) {
            let network = account.network.as_deref().unwrap_or_default();
            let contents = std::iter::once(&item.main).chain(&item.children);
            let parts: Vec<PostPart<'_>> =
                contents.map(|content| self.part(content, &types)).collect();
            let mut findings = content_findings(&parts, Some(&item.metadata));
            let draft = PostDraft {
                network,
                parts,
                metadata: Some(&item.metadata),
                call,
            };
            lengths.push(text_lengths(&draft));
            findings.extend(check_post(&draft));
            for finding in findings {
                match found.iter_mut().find(|(known, _)| *known == finding) {
                    Some((_, accounts)) => accounts.push(account.label()),
                    None => found.push((finding, vec![account.label()])),
                }
            }
        }
        let warnings = found.into_iter();
        let warnings = warnings.map(|(finding, accounts)| warning(&accounts, &finding));
        NetworkCheck {
            warnings: warnings.collect(),
            lengths,
        }
    }

    /// What is odd about a post after an edit with these new `media`, and how long a new text is.
    pub(crate) fn check_edit(
        &self,
        request: &UpdatePost,
        media: Option<&[PlannedMedia]>,
        before: PostView<'_>,
    ) -> NetworkCheck<Vec<String>> {
        let account = AccountRef::of_post(before);
        let types: Types = before.media_types().into_iter().collect();
        let kind = |id: Option<MediaId>, own| self.media_kind(id, own, &types);
        let media: Option<Vec<MediaKind>> = match media {
            Some(media) => {
                let media = media.iter();
                Some(
                    media
                        .map(|media| kind(media.stored_id(), media.kind()))
                        .collect(),
                )
            }
            None if request.media_ids == Patch::Clear => Some(Vec::new()),
            None => before.media_refs().map(|media| {
                let media = media.iter();
                media.map(|media| kind(Some(media.id), None)).collect()
            }),
        };
        let metadata = match &request.metadata {
            Patch::Set(metadata) => Some(metadata.clone()),
            Patch::Clear => Some(Map::new()),
            Patch::Keep => before.metadata(),
        };
        let text = request.content.clone();
        let text = text.unwrap_or_else(|| before.content_text());
        let parts = vec![PostPart { text: &text, media }];
        let mut findings = content_findings(&parts, metadata.as_ref());
        let draft = PostDraft {
            network: account.network.as_deref().unwrap_or_default(),
            parts,
            metadata: metadata.as_ref(),
            call: CallKind::Edit,
        };
        findings.extend(check_post(&draft));
        let warnings = findings.iter();
        let warnings = warnings.map(|finding| warning(&[account.label()], finding));
        NetworkCheck {
            warnings: warnings.collect(),
            lengths: match &request.content {
                Some(_) => text_lengths(&draft),
                None => Vec::new(),
            },
        }
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

/// What nobody meant in the texts of a post and in its settings, each with its parameter.
fn content_findings(parts: &[PostPart<'_>], metadata: Option<&Map<String, Value>>) -> Vec<String> {
    let mut found = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        let path = match index {
            0 => "content".to_owned(),
            index => format!("thread.{}.content", index - 1),
        };
        let has_no_media = part.media.as_ref().is_some_and(Vec::is_empty);
        let findings = match index > 0 && has_no_media && is_blank(part.text) {
            true => vec![TextFinding::EmptyPart],
            false => text_findings(part.text),
        };
        found.extend(findings.iter().map(|finding| format!("`{path}` {finding}")));
    }
    let texts = metadata.into_iter().flatten();
    for (name, text) in texts.filter_map(|(name, value)| Some((name, value.as_str()?))) {
        let findings = text_findings(text).into_iter();
        found.extend(findings.map(|finding| format!("`metadata.{name}` {finding}")));
    }
    found
}

fn warning(accounts: &[String], finding: &str) -> String {
    match accounts {
        [only] => format!("Account {only}: {finding}."),
        several => format!("Accounts {}: {finding}.", several.join(" and ")),
    }
}
