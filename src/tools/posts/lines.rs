//! What posts say, as a person reads it who is asked about them.

use serde_json::{Value, json};

use super::local::local;
use crate::saki::posts::{ClusterBody, UpdatePost};
use crate::saki::view;
use crate::tools::Tools;
use crate::write::ask::text;
use crate::write::planned::Planned;

/// The text that all accounts get, or each account's own.
pub(super) fn of_body(planned: &Planned, body: &ClusterBody) -> Vec<String> {
    let texts: Vec<String> = body
        .items
        .iter()
        .map(|item| {
            let media = item.children.iter().map(|child| child.media.len());
            let media = media.sum::<usize>() + item.main.media.len();
            text(&item.main.content, media, item.children.len())
        })
        .collect();
    if let [first, rest @ ..] = texts.as_slice()
        && rest.iter().all(|text| text == first)
    {
        return vec![format!("Text: {first}")];
    }
    let accounts = planned.accounts.iter();
    accounts
        .zip(texts)
        .map(|(account, text)| format!("{}: {text}", account.said()))
        .collect()
}

/// A post with all its text, which its line cuts; what the network counts about it is left out.
pub(super) fn whole(post: &Value) -> Value {
    let field = |name: &str| post.get(name).cloned().unwrap_or_default();
    // Their addresses may be signed anew for each look.
    let media = view::rows(post, "media").iter();
    let media: Vec<_> = media.map(|media| view::integer(media, "id")).collect();
    let thread = view::rows(post, "children").iter();
    let thread: Vec<Value> = thread.map(whole).collect();
    let fields = ["content", "scheduled_at", "status", "metadata"].map(field);
    json!([fields, media, thread])
}

impl Tools {
    /// The text of a post that is there, and its time.
    pub(super) fn lines_of_post(&self, post: &Value) -> Vec<String> {
        let time = |field: &str| local(&view::text(post, field)?, self.zone());
        let published = time("published_at").map(|at| format!("Published: {at}"));
        let scheduled = || time("scheduled_at").map(|at| format!("Planned for: {at}"));
        let count = |field: &str| view::rows(post, field).len();
        let content = view::text(post, "content").unwrap_or_default();
        let said = text(&content, count("media"), count("children"));
        let mut lines = vec![format!("Text: {said}")];
        lines.extend(published.or_else(scheduled));
        lines
    }

    /// The text of a post as an edit leaves it.
    pub(super) fn lines_of_edit(&self, request: &UpdatePost, before: &Value) -> Vec<String> {
        let kept = || view::text(before, "content").unwrap_or_default();
        let content = request.content.clone().unwrap_or_else(kept);
        let media = match &request.media_ids {
            Some(media) => media.iter().flatten().count(),
            None => view::rows(before, "media").len(),
        };
        let thread = view::rows(before, "children").len();
        vec![format!("Text: {}", text(&content, media, thread))]
    }
}
