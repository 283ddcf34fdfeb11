//! Confirmation: which writes need a person's consent, and the question that the person reads.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::account_ref::{AccountRef, quote_if_needed};
use super::canonical_json::canonical_json;
use super::effects::{Effects, ResourceKind};
use super::preview::Preview;
use super::quote_text::{single_line, truncate};

/// How much of a post's text is quoted.
const MAX_TEXT: usize = 200;
/// Warnings that are shown; further ones are only counted. What is published or deleted is never left out.
const MAX_WARNINGS: usize = 6;
/// Saki has twelve settings.
const MAX_SETTINGS: usize = 12;

/// A question that is answered with yes or no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The text that a person reads.
    pub text: String,
    /// The label of consent: "Yes, publish it now".
    pub yes: &'static str,
    /// Everything that would happen; if it changes, the consent no longer applies.
    pub about: String,
}

/// Why a person is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    Publishes,
    Republishes,
    DeletesSpace,
    Disconnects,
    DeletesPublished,
    Withdraws,
    Drops,
}

impl Reason {
    const ALL: [Self; 7] = [
        Self::Publishes,
        Self::Republishes,
        Self::DeletesSpace,
        Self::Disconnects,
        Self::DeletesPublished,
        Self::Withdraws,
        Self::Drops,
    ];

    fn applies(self, effects: &Effects) -> bool {
        let deletes = |kind: ResourceKind| {
            let mut resources = effects.deletes.iter();
            resources.any(|resource| resource.kind == kind)
        };
        match self {
            Self::Publishes => effects.live.iter().any(|live| live.at.is_none()),
            Self::Republishes => republished(effects).next().is_some(),
            Self::DeletesSpace => deletes(ResourceKind::Space),
            Self::Disconnects => deletes(ResourceKind::Account),
            Self::DeletesPublished => effects.deletes.iter().any(|resource| resource.public),
            // As a draft it could then be deleted without a question.
            Self::Withdraws => effects.edits.iter().any(|edited| {
                edited.public
                    && effects
                        .drafts
                        .iter()
                        .any(|draft| draft.id == edited.account.id)
            }),
            Self::Drops => !effects.dropped_accounts.is_empty(),
        }
    }

    fn question(self) -> &'static str {
        match self {
            Self::Publishes => "Publish at once? It cannot be undone.",
            Self::Republishes => "Plan a post that is published already? It may go out twice.",
            Self::DeletesSpace => "Delete a whole space? It cannot be undone.",
            Self::Disconnects => "Disconnect an account?",
            Self::DeletesPublished => "Delete a post that people may see already?",
            Self::Withdraws => "Make a draft of a post that people may see already?",
            Self::Drops => "Take accounts out of a cluster? Their posts go.",
        }
    }

    fn yes(self) -> &'static str {
        match self {
            Self::Publishes => "Yes, publish it now",
            Self::Republishes => "Yes, plan it again",
            Self::DeletesSpace => "Yes, delete the space",
            Self::Disconnects => "Yes, disconnect it",
            Self::DeletesPublished => "Yes, delete the post",
            Self::Withdraws => "Yes, make it a draft",
            Self::Drops => "Yes, take them out",
        }
    }
}

/// The accounts on which a published post is planned again.
fn republished(effects: &Effects) -> impl Iterator<Item = &AccountRef> {
    let published = effects.edits.iter().filter(|edited| edited.published);
    let accounts = published.map(|edited| &edited.account);
    accounts.filter(|account| {
        let mut planned = effects.live.iter().filter(|live| live.at.is_some());
        planned.any(|live| live.account.id == account.id)
    })
}

/// Whether a person must consent to the write.
pub fn needs_consent(effects: &Effects) -> bool {
    Reason::ALL.iter().any(|reason| reason.applies(effects))
}

/// The question that a person must answer before the write; nothing where no consent is needed.
pub fn question(effects: &Effects, preview: &Preview) -> Option<Question> {
    let mut reasons = Reason::ALL
        .into_iter()
        .filter(|reason| reason.applies(effects));
    let first = reasons.next()?;
    let mut lines = vec![first.question().to_owned()];
    lines.extend(reasons.map(|reason| reason.question().to_owned()));
    lines.push(preview.what.clone());
    let space = preview.space.as_ref();
    lines.extend(space.map(|space| format!("Space: {space}")));
    let live = |is_now: bool| {
        let live = effects.live.iter();
        live.filter(move |live| live.at.is_none() == is_now)
            .map(|live| &live.account)
    };
    lines.extend(account_line("Goes public on", live(true)));
    lines.extend(account_line("Is planned on", live(false)));
    lines.extend(account_line("Published there before", republished(effects)));
    if !effects.dropped_accounts.is_empty() {
        let edited = effects.edits.iter().map(|edited| &edited.account);
        let has_line = |account: &AccountRef| {
            effects.dropped_accounts.contains(account)
                || effects
                    .live
                    .iter()
                    .any(|live| live.account.id == account.id)
        };
        let keeping = edited.filter(|account| !has_line(account));
        lines.extend(account_line("Keeps its post", keeping));
    }
    lines.extend(account_line(
        "Without a post afterwards",
        effects.dropped_accounts.iter(),
    ));
    lines.extend(preview.lines.iter().cloned());
    let warning_line = |warning: &String| format!("Careful: {warning}");
    let warnings: Vec<&String> = preview.all_warnings().collect();
    let more = warnings.len().saturating_sub(MAX_WARNINGS);
    lines.extend(warnings.into_iter().take(MAX_WARNINGS).map(warning_line));
    if more > 0 {
        lines.push(format!("… and {more} more warnings."));
    }
    // A line from elsewhere must not look like two.
    let lines: Vec<_> = lines.iter().map(|line| single_line(line)).collect();
    Some(Question {
        text: lines.join("\n"),
        yes: first.yes(),
        about: consent_digest_input(effects, preview),
    })
}

fn account_line<'a>(label: &str, accounts: impl Iterator<Item = &'a AccountRef>) -> Option<String> {
    let names: Vec<String> = accounts.map(AccountRef::name_and_network).collect();
    (!names.is_empty()).then(|| format!("{label}: {}", names.join(", ")))
}

/// A post as a line of a question: the beginning of its text, its media and its thread.
pub fn post_line(content: &str, media: usize, thread: &[&str]) -> String {
    let mut line = excerpt(content, MAX_TEXT);
    match media {
        0 => {}
        1 => line.push_str(", with 1 media file"),
        many => line.push_str(&format!(", with {many} media files")),
    }
    match thread {
        [] => return line,
        [_] => line.push_str(", and 1 more post in its thread: "),
        many => line.push_str(&format!(", and {} more posts in its thread: ", many.len())),
    }
    let parts: Vec<String> = thread.iter().map(|part| excerpt(part, 80)).collect();
    line + &parts.join(", ")
}

/// The network settings of a post that people see, such as a link or a title.
pub fn settings_line(metadata: &Map<String, Value>) -> Option<String> {
    let texts = metadata.iter().filter_map(|(name, value)| {
        let text = value.as_str().filter(|text| !text.trim().is_empty())?;
        Some(format!("{} {}", quote_if_needed(name), excerpt(text, 80)))
    });
    let mut texts: Vec<String> = texts.collect();
    let more = texts.len().saturating_sub(MAX_SETTINGS);
    texts.truncate(MAX_SETTINGS);
    texts.extend((more > 0).then(|| format!("and {more} more settings")));
    (!texts.is_empty()).then(|| texts.join(", "))
}

/// The beginning of a text, and how long it is, so that a change behind the beginning shows.
fn excerpt(content: &str, max: usize) -> String {
    let line = single_line(content).replace('"', "'");
    match truncate(&line, max) {
        _ if line.is_empty() => "no text".to_owned(),
        Cow::Borrowed(whole) => format!("\"{whole}\""),
        Cow::Owned(truncated) => format!("\"{truncated}\" ({} characters)", line.chars().count()),
    }
}

fn consent_digest_input(effects: &Effects, preview: &Preview) -> String {
    let mut facts = preview.facts.clone();
    // It changes by the clock alone, with nothing else having changed.
    facts.plan.time.r#in = None;
    canonical_json(json!([
        effects,
        preview.what,
        facts,
        preview.lines,
        preview.warnings,
        preview.current_state,
        preview.shown_request()
    ]))
}

#[cfg(test)]
mod tests;
