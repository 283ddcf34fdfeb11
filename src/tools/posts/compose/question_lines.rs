//! What posts say, as a person reads it who is asked about them.

use serde_json::{Map, Value, json};

use crate::saki::lenient;
use crate::saki::posts::{ClusterBody, Patch, UpdatePost};
use crate::tools::Tools;
use crate::tools::posts::local_time::local;
use crate::write::post_plan::PostPlan;
use crate::write::question::{post_line, settings_line};

/// The text that all accounts get, or each account's own.
pub(in crate::tools::posts) fn of_body<M>(
    planned: &PostPlan,
    body: &ClusterBody<M>,
) -> Vec<String> {
    let mut texts: Vec<(String, Vec<String>)> = Vec::new();
    for (account, item) in planned.accounts.iter().zip(&body.items) {
        let media = item.children.iter().map(|child| child.media.len());
        let media = media.sum::<usize>() + item.main.media.len();
        let thread: Vec<&str> = item.children.iter().map(|child| &*child.content).collect();
        let text = post_line(&item.main.content, media, &thread);
        let text = with_settings(text, &item.metadata);
        match texts.iter_mut().find(|(known, _)| *known == text) {
            Some((_, accounts)) => accounts.push(account.name_and_network()),
            None => texts.push((text, vec![account.name_and_network()])),
        }
    }
    match texts.as_slice() {
        [(text, _)] => vec![format!("Text: {text}")],
        texts => {
            let texts = texts.iter();
            texts
                .map(|(text, accounts)| format!("{}: {text}", accounts.join(", ")))
                .collect()
        }
    }
}

/// A post with all its text, which its line cuts; what the network counts about it is left out.
pub(in crate::tools::posts) fn whole(post: &Value) -> Value {
    let field = |name: &str| post.get(name).cloned().unwrap_or_default();
    // Their addresses may be signed anew for each look.
    let media = lenient::rows(post, "media").iter();
    let media: Vec<_> = media.map(|media| lenient::integer(media, "id")).collect();
    let thread = lenient::rows(post, "children").iter();
    let thread: Vec<Value> = thread.map(whole).collect();
    let fields = ["content", "scheduled_at", "status", "metadata"].map(field);
    json!([fields, media, thread])
}

impl Tools {
    /// The text of a post that is there, and its time.
    pub(in crate::tools::posts) fn lines_of_post(&self, post: &Value) -> Vec<String> {
        let time = |field: &str| local(&lenient::text(post, field)?, self.zone());
        let published = time("published_at").map(|at| format!("Published: {at}"));
        let scheduled = || time("scheduled_at").map(|at| format!("Planned for: {at}"));
        let said = said(post, None, None);
        let mut lines = vec![format!("Text: {said}")];
        lines.extend(published.or_else(scheduled));
        lines
    }

    /// The text of a post as an edit leaves it.
    pub(in crate::tools::posts) fn lines_of_edit(
        &self,
        request: &UpdatePost,
        before: &Value,
    ) -> Vec<String> {
        let media = match &request.media_ids {
            Patch::Set(media) => Some(media.len()),
            Patch::Clear => Some(0),
            Patch::Keep => None,
        };
        let content = request.content.as_deref();
        let text = said(before, content, media);
        let kept = || before.get("metadata").and_then(Value::as_object);
        let metadata = match &request.metadata {
            Patch::Set(given) => Some(given),
            Patch::Clear => None,
            Patch::Keep => kept(),
        };
        let text = match metadata {
            Some(metadata) => with_settings(text, metadata),
            None => text,
        };
        vec![format!("Text: {text}")]
    }
}

fn with_settings(text: String, metadata: &Map<String, Value>) -> String {
    match settings_line(metadata) {
        Some(settings) => format!("{text}, with {settings}"),
        None => text,
    }
}

/// The line of a post that is there, with another text or other media of its own where they are given.
fn said(post: &Value, content: Option<&str>, media: Option<usize>) -> String {
    let content_of = |post: &Value| lenient::text(post, "content").unwrap_or_default();
    let media_of = |post: &Value| lenient::rows(post, "media").len();
    let children = lenient::rows(post, "children");
    let thread: Vec<String> = children.iter().map(content_of).collect();
    let thread: Vec<&str> = thread.iter().map(String::as_str).collect();
    let of_thread: usize = children.iter().map(media_of).sum();
    let own = content.map_or_else(|| content_of(post), str::to_owned);
    post_line(
        &own,
        media.unwrap_or_else(|| media_of(post)) + of_thread,
        &thread,
    )
}
