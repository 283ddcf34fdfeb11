//! Shown facts of a tour: what an answer shows of a record is what the variant holds of it.

use jiff::Timestamp;
use saki_mcp::sandbox::{Database, PostStatus, StoredPost};
use serde_json::{Value, json};
use unicode_normalization::UnicodeNormalization;

use super::{Tour, day, id};
use crate::support::server_under_test::Answer;

impl Tour {
    /// Notes what `shown` says otherwise than `held`, a list of fields with their values; what it does not show is fine.
    pub(super) fn shows_facts(
        &mut self,
        tool: &str,
        answer: &Answer,
        shown: &Value,
        held: &[(&[&str], Value)],
    ) {
        for (names, held) in held {
            for name in *names {
                let found = &shown[*name];
                let same = found.is_null() || plain(found) == plain(held);
                let what = format!("a false claim, `{name}` is {held}");
                self.check(same, tool, &what, answer);
            }
        }
    }

    /// The post `shown` is as the variant holds it, its thread too.
    pub(super) fn shows_post(&mut self, tool: &str, answer: &Answer, shown: &Value) {
        let held = |db: &Database| id(&shown["id"]).and_then(|id| db.posts.get(id)).cloned();
        let Some(post) = self.state(held) else {
            return self.check(false, tool, "a post that is not there", answer);
        };
        let content = shown["content"].as_str().unwrap_or_default();
        let (shown_text, text) = (folded(content), folded(&post.content));
        let excerpt = shown_text
            .strip_suffix('…')
            .unwrap_or(&shown_text)
            .trim_end();
        let same = shown_text == text || content.ends_with('…') && text.starts_with(excerpt);
        self.check(
            same,
            tool,
            &format!("the text is {:?}", post.content),
            answer,
        );
        for (name, held) in [
            ("scheduled_at", post.scheduled_at),
            ("published_at", post.published_at),
        ] {
            let found = time(&shown[name]);
            let same = found.is_none() && shown[name].is_null() || found == held;
            self.check(same, tool, &format!("`{name}` is {held:?}"), answer);
        }
        if let Some(state) = shown["state"].as_str() {
            self.check(
                state == word(&post),
                tool,
                &format!("the state is {:?}", post.status),
                answer,
            );
        }
        if let Some(parts) = shown["children"].as_array() {
            let ids: Vec<_> = parts.iter().filter_map(|part| id(&part["id"])).collect();
            self.check(ids == post.children, tool, "another thread", answer);
            for part in parts {
                self.shows_post(tool, answer, part);
            }
        }
        if let Some(parts) = shown["thread"].as_u64() {
            self.check(
                parts == post.children.len() as u64,
                tool,
                "another thread",
                answer,
            );
        }
    }

    /// The space `shown` is as the variant holds it.
    pub(super) fn shows_space(&mut self, tool: &str, answer: &Answer, shown: &Value) {
        let held = |db: &Database| id(&shown["id"]).and_then(|id| db.spaces.get(id)).cloned();
        let Some(space) = self.state(held) else {
            return self.check(
                shown["id"].is_null(),
                tool,
                "a space that is not there",
                answer,
            );
        };
        self.shows_facts(
            tool,
            answer,
            shown,
            &[
                (&["name", "title"], json!(space.name)),
                (&["timezone", "time_zone"], json!(space.timezone)),
            ],
        );
    }

    /// The account `shown` is as the variant holds it.
    pub(super) fn shows_account(&mut self, tool: &str, answer: &Answer, shown: &Value) {
        let held = |db: &Database| id(&shown["id"]).and_then(|id| db.accounts.get(id)).cloned();
        let Some(account) = self.state(held) else {
            return self.check(
                shown["id"].is_null(),
                tool,
                "an account that is not there",
                answer,
            );
        };
        self.shows_facts(
            tool,
            answer,
            shown,
            &[
                (&["handler"], json!(account.handler)),
                (&["display_name"], json!(account.display_name)),
                (&["social"], json!(account.social)),
                (&["is_active"], json!(account.is_active)),
            ],
        );
    }

    /// The webhook `shown` is as the variant holds it.
    pub(super) fn shows_webhook(&mut self, tool: &str, answer: &Answer, shown: &Value) {
        let held = |db: &Database| id(&shown["id"]).and_then(|id| db.webhooks.get(id)).cloned();
        let Some(hook) = self.state(held) else {
            return self.check(
                shown["id"].is_null(),
                tool,
                "a webhook that is not there",
                answer,
            );
        };
        self.shows_facts(
            tool,
            answer,
            shown,
            &[
                (&["url"], json!(hook.url)),
                (&["events"], json!(hook.events)),
                (&["is_active"], json!(hook.is_active)),
            ],
        );
    }

    /// The slot `shown` is as the variant holds it.
    pub(super) fn shows_slot(&mut self, tool: &str, answer: &Answer, shown: &Value) {
        let held = |db: &Database| id(&shown["id"]).and_then(|id| db.slots.get(id)).cloned();
        let Some(slot) = self.state(held) else {
            return self.check(
                shown["id"].is_null(),
                tool,
                "a slot that is not there",
                answer,
            );
        };
        self.shows_facts(
            tool,
            answer,
            shown,
            &[(&["timezone"], json!(slot.timezone))],
        );
        let time = shown["time"].as_str().unwrap_or(&slot.time);
        self.check(
            time.starts_with(&slot.time),
            tool,
            &format!("the time is {}", slot.time),
            answer,
        );
        for name in ["weekday_name", "weekday", "day", "day_of_week"] {
            let word = shown[name]
                .as_str()
                .filter(|word| word.starts_with(char::is_alphabetic));
            let same = word.is_none_or(|word| word.to_lowercase() == day(&slot.weekday));
            self.check(same, tool, &format!("`{name}` is {}", slot.weekday), answer);
        }
    }
}

/// The word of a post's state.
fn word(post: &StoredPost) -> &'static str {
    match post.status {
        PostStatus::Draft => "draft",
        PostStatus::Scheduled => "scheduled",
        PostStatus::Publishing | PostStatus::Published => "published",
        PostStatus::Failed => "failed",
    }
}

/// A time in any format of a variant.
fn time(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => text.parse().ok(),
        number => Timestamp::from_second(number.as_i64()?).ok(),
    }
}

/// A value without the differences between a number or flag and its text.
fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// A text without what a variant stores otherwise.
pub(super) fn folded(text: &str) -> String {
    let mut text = text
        .replace("<br>", "\n")
        .replace("<p>", "")
        .replace("</p>", "");
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#039;", "'"),
        ("&amp;", "&"),
    ];
    for (entity, character) in entities {
        text = text.replace(entity, character);
    }
    let words = text
        .split_whitespace()
        .map(|word| match word.starts_with("https://") {
            true => "(link)".to_owned(),
            false => word.nfc().collect(),
        });
    words.collect::<Vec<String>>().join(" ")
}
