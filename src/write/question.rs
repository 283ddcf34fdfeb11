//! What a person is asked about before it happens, and the question as they read it.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::account_ref::{AccountRef, plain};
use super::effects::{Effects, ResourceKind};
use super::preview::Preview;
use super::quote::{single_line, truncate};

/// How much of a text tells which one it is.
const BEGINNING: usize = 200;
/// Remarks that a person reads; what is more is counted. What is published or deleted is never left out.
const MOST_REMARKS: usize = 6;
/// Saki knows twelve settings.
const MOST_SETTINGS: usize = 12;
/// Facts that change by the clock alone, with nothing else having changed.
const BY_THE_CLOCK: [&str; 1] = ["in"];

/// A question that is answered with yes or no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What a person reads.
    pub text: String,
    /// What they agree to: "Yes, publish it now".
    pub yes: &'static str,
    /// All that would happen, so that a change of it can be told.
    pub about: String,
}

/// Why a person is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    Publishes,
    DeletesSpace,
    Disconnects,
    DeletesPublished,
    Withdraws,
    Drops,
}

impl Reason {
    const ALL: [Self; 6] = [
        Self::Publishes,
        Self::DeletesSpace,
        Self::Disconnects,
        Self::DeletesPublished,
        Self::Withdraws,
        Self::Drops,
    ];

    fn holds(self, effects: &Effects) -> bool {
        let deletes = |kind: ResourceKind| effects.deletes.iter().any(|thing| thing.kind == kind);
        match self {
            Self::Publishes => effects.live.iter().any(|live| live.at.is_none()),
            Self::DeletesSpace => deletes(ResourceKind::Space),
            Self::Disconnects => deletes(ResourceKind::Account),
            Self::DeletesPublished => effects.deletes.iter().any(|thing| thing.public),
            // A draft of it may be deleted without a question afterwards.
            Self::Withdraws => effects.edits.iter().any(|edited| {
                edited.public
                    && effects
                        .drafts
                        .iter()
                        .any(|draft| draft.id == edited.account.id)
            }),
            Self::Drops => !effects.drops.is_empty(),
        }
    }

    fn asks(self) -> &'static str {
        match self {
            Self::Publishes => "Publish at once? It cannot be called back.",
            Self::DeletesSpace => "Delete a whole space? Nothing brings it back.",
            Self::Disconnects => "Disconnect an account?",
            Self::DeletesPublished => "Delete a post that people may see already?",
            Self::Withdraws => "Make a draft of a post that people may see already?",
            Self::Drops => "Take accounts out of a cluster? Their posts go.",
        }
    }

    fn yes(self) -> &'static str {
        match self {
            Self::Publishes => "Yes, publish it now",
            Self::DeletesSpace => "Yes, delete the space",
            Self::Disconnects => "Yes, disconnect it",
            Self::DeletesPublished => "Yes, delete the post",
            Self::Withdraws => "Yes, make it a draft",
            Self::Drops => "Yes, take them out",
        }
    }
}

/// The question that a write must be asked about; none where it may simply happen.
pub fn question(effects: &Effects, preview: &Preview) -> Option<Question> {
    let mut reasons = Reason::ALL
        .into_iter()
        .filter(|reason| reason.holds(effects));
    let first = reasons.next()?;
    let mut lines = vec![first.asks().to_owned()];
    lines.extend(reasons.map(|reason| reason.asks().to_owned()));
    lines.push(preview.what.clone());
    let live = |is_now: bool| {
        let live = effects.live.iter();
        live.filter(move |live| live.at.is_none() == is_now)
            .map(|live| &live.account)
    };
    lines.extend(named("Goes public on", live(true)));
    lines.extend(named("Is planned on", live(false)));
    if !effects.drops.is_empty() {
        let edited = effects.edits.iter().map(|edited| &edited.account);
        let told = |account: &AccountRef| {
            effects.drops.contains(account)
                || effects
                    .live
                    .iter()
                    .any(|live| live.account.id == account.id)
        };
        let keeps = edited.filter(|account| !told(account));
        lines.extend(named("Keeps its post", keeps));
    }
    lines.extend(named("Without a post afterwards", effects.drops.iter()));
    lines.extend(preview.lines.iter().cloned());
    let careful = |warning: &String| format!("Careful: {warning}");
    let remarks: Vec<&String> = preview.all_warnings().collect();
    let more = remarks.len().saturating_sub(MOST_REMARKS);
    lines.extend(remarks.into_iter().take(MOST_REMARKS).map(careful));
    if more > 0 {
        lines.push(format!("… and {more} remarks more."));
    }
    // A line from elsewhere must not look like two.
    let lines: Vec<String> = lines.iter().map(|line| single_line(line)).collect();
    Some(Question {
        text: lines.join("\n"),
        yes: first.yes(),
        about: about(effects, preview),
    })
}

fn named<'a>(what: &str, accounts: impl Iterator<Item = &'a AccountRef>) -> Option<String> {
    let names: Vec<String> = accounts.map(AccountRef::said).collect();
    (!names.is_empty()).then(|| format!("{what}: {}", names.join(", ")))
}

/// Beginning, media and thread of one text, as a line of a question.
pub fn text(content: &str, media: usize, thread: &[&str]) -> String {
    let mut said = beginning(content, BEGINNING);
    match media {
        0 => {}
        1 => said.push_str(", with 1 media file"),
        many => said.push_str(&format!(", with {many} media files")),
    }
    match thread {
        [] => return said,
        [_] => said.push_str(", and 1 more post in its thread: "),
        many => said.push_str(&format!(", and {} more posts in its thread: ", many.len())),
    }
    let parts: Vec<String> = thread.iter().map(|part| beginning(part, 80)).collect();
    said + &parts.join(", ")
}

/// Settings of a network that are shown to people with the post: a link, a title.
pub fn settings(metadata: &Map<String, Value>) -> Option<String> {
    let texts = metadata.iter().filter_map(|(name, value)| {
        let text = value.as_str().filter(|text| !text.trim().is_empty())?;
        Some(format!("{} {}", plain(name), beginning(text, 80)))
    });
    let mut texts: Vec<String> = texts.collect();
    let more = texts.len().saturating_sub(MOST_SETTINGS);
    texts.truncate(MOST_SETTINGS);
    texts.extend((more > 0).then(|| format!("and {more} settings more")));
    (!texts.is_empty()).then(|| texts.join(", "))
}

/// The beginning of a text, and how long it is, so that a change behind the beginning shows.
fn beginning(content: &str, most: usize) -> String {
    let line = single_line(content).replace('"', "'");
    match truncate(&line, most) {
        _ if line.is_empty() => "no text".to_owned(),
        Cow::Borrowed(whole) => format!("\"{whole}\""),
        Cow::Owned(truncated) => format!("\"{truncated}\" ({} characters)", line.chars().count()),
    }
}

fn about(effects: &Effects, preview: &Preview) -> String {
    let mut facts = preview.facts.clone();
    facts.retain(|name, _| !BY_THE_CLOCK.contains(&name.as_str()));
    json!([
        format!("{effects:?}"),
        preview.what,
        facts,
        preview.lines,
        preview.warnings,
        preview.seen,
        preview.request
    ])
    .to_string()
}

#[cfg(test)]
mod tests;
