//! Question lines: what a post contains, for a person who has to confirm.

use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use crate::saki::posts::{ClusterBody, Patch, PostView, UpdatePost};
use crate::tools::Tools;
use crate::write::confirmation_question::{post_line, settings_line};
use crate::write::post_plan::PostPlan;
use crate::write::when::When;

/// The text that all accounts get, or each account's own.
pub(crate) fn body_lines<M>(planned: &PostPlan, body: &ClusterBody<M>) -> Vec<String> {
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

/// The full state of a post, without the statistics of the network.
pub(crate) fn full_state(post: PostView<'_>) -> Value {
    let children = post.children().unwrap_or_default();
    let thread: Vec<Value> = children.into_iter().map(full_state).collect();
    let fields = ["content", "scheduled_at", "status", "metadata"].map(|name| post.raw(name));
    // Of media only the ids, since their addresses may be signed anew for each look.
    json!([fields, post.media_ids(), thread])
}

impl Tools {
    /// The text of a post that is there, and its time.
    pub(crate) fn lines_of_post(&self, post: PostView<'_>, zone: &TimeZone) -> Vec<String> {
        let local = |at| When::at_instant(at, zone.clone()).local();
        let published = post.published_at().map(local);
        let published = published.map(|at| format!("Published: {at}"));
        let scheduled = || Some(format!("Planned for: {}", local(post.scheduled_at()?)));
        let mut lines = vec![format!("Text: {}", text_of_post(post, None, None))];
        lines.extend(published.or_else(scheduled));
        lines
    }

    /// The text of a post as an edit leaves it, with so many new `media`.
    pub(crate) fn lines_of_edit(
        &self,
        request: &UpdatePost,
        media: Option<usize>,
        before: PostView<'_>,
    ) -> Vec<String> {
        let media = media.or_else(|| (request.media_ids == Patch::Clear).then_some(0));
        let content = request.content.as_deref();
        let text = text_of_post(before, content, media);
        let metadata = match &request.metadata {
            Patch::Set(given) => Some(given.clone()),
            Patch::Clear => None,
            Patch::Keep => before.metadata(),
        };
        let text = match metadata {
            Some(metadata) => with_settings(text, &metadata),
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

/// The line of an existing post, with another text or other media of its own where they are given.
fn text_of_post(post: PostView<'_>, content: Option<&str>, media: Option<usize>) -> String {
    let media_of = |post: PostView<'_>| post.media_count().unwrap_or_default();
    let children = post.children().unwrap_or_default();
    let thread: Vec<String> = children.iter().map(|child| child.content_text()).collect();
    let thread: Vec<&str> = thread.iter().map(String::as_str).collect();
    let of_thread: usize = children.iter().copied().map(media_of).sum();
    let own = content.map_or_else(|| post.content_text(), str::to_owned);
    post_line(
        &own,
        media.unwrap_or_else(|| media_of(post)) + of_thread,
        &thread,
    )
}
