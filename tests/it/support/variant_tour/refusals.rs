//! The refusals of a tour: none is reported as done, no word of Saki's is lost, and a model that corrects the call gets through.

use http::Method;
use http::header::{ACCEPT, AUTHORIZATION};
use saki_mcp::sandbox::variant::PartRefusal;
use saki_mcp::sandbox::{CreateForms, LoggedRequest};
use serde_json::{Map, Value, json};

use super::Tour;
use super::correcting_model::corrected;
use super::post_writes::AT;
use crate::support::example_calls::{CLUSTER, PIXEL};
use crate::support::server_under_test::{Answer, KEY};

/// A call that is refused, one of the words by which the refusal names what is wrong, and what a model then changes.
struct Refused {
    tool: &'static str,
    arguments: Value,
    names: &'static [&'static str],
    mended: Value,
}

fn refused(
    tool: &'static str,
    arguments: Value,
    names: &'static [&'static str],
    mended: Value,
) -> Refused {
    Refused {
        tool,
        arguments,
        names,
        mended,
    }
}

impl Tour {
    /// Every tool that can be refused is refused once; what takes something away comes last.
    pub(super) async fn refusals(&mut self) {
        let long = "x".repeat(300);
        self.world.sandbox().edit(|db| {
            if let Some(account) = db.accounts.get_mut(16) {
                account.is_active = false;
            }
        });
        self.call("create_space", json!({"name": "To delete"}))
            .await;
        let new_space = self.state(|db| db.spaces.values().last().map(|space| space.id));
        self.call("upload_media", json!({"data": PIXEL})).await;
        let file = self.state(|db| db.media.values().last().map(|file| file.id));
        let post = json!({
            "space_id": 1, "account_ids": [11, 16], "publish": "schedule", "content": "Fresh at nine.",
            "scheduled_at": AT,
        });
        let mut cluster = post.clone();
        cluster["cluster_id"] = json!(CLUSTER);
        let mut all = vec![
            refused(
                "get_space",
                json!({"space_id": 98}),
                &["98"],
                json!({"space_id": 1}),
            ),
            refused(
                "list_posts",
                json!({"space_id": 99}),
                &["99"],
                json!({"space_id": 1}),
            ),
            refused(
                "list_accounts",
                json!({"space_id": 99}),
                &["99"],
                json!({"space_id": 1}),
            ),
            refused(
                "list_slots",
                json!({"space_id": 99}),
                &["99"],
                json!({"space_id": 1}),
            ),
            refused(
                "get_queue",
                json!({"space_id": 99}),
                &["99"],
                json!({"space_id": 1}),
            ),
            refused(
                "list_webhooks",
                json!({"space_id": 99}),
                &["99"],
                json!({"space_id": 1}),
            ),
            refused(
                "get_post",
                json!({"space_id": 1, "post_id": 9999}),
                &["9999"],
                json!({"post_id": 106}),
            ),
            refused(
                "list_boards",
                json!({"space_id": 1, "account_id": 11}),
                &["Pinterest", "account"],
                json!({"account_id": 15}),
            ),
            refused(
                "create_space",
                json!({"name": long}),
                &["name", "title"],
                json!({"name": "Lab"}),
            ),
            refused(
                "update_space",
                json!({"space_id": 2, "name": long}),
                &["name", "title"],
                json!({"name": "Studio South"}),
            ),
            refused(
                "create_post",
                post,
                &["16", "acmecoffee.tok", "account"],
                json!({"account_ids": [11]}),
            ),
            refused(
                "update_post",
                json!({"space_id": 1, "post_id": 112, "media_ids": [9999]}),
                &["media_ids", "media ids"],
                json!({"media_ids": [501]}),
            ),
            refused(
                "upload_media",
                json!({"filename": "dot.png"}),
                &["data"],
                json!({"data": PIXEL}),
            ),
            refused(
                "create_webhook",
                json!({"space_id": 1, "url": "nowhere", "events": ["post.failed"]}),
                &["url", "endpoint"],
                json!({"url": "https://acme-coffee.example/more"}),
            ),
            refused(
                "update_webhook",
                json!({"space_id": 2, "webhook_id": 702, "url": "nowhere"}),
                &["url"],
                json!({"url": "https://studio-north.example/more"}),
            ),
            refused(
                "set_account_active",
                json!({"space_id": 1, "account_id": 9999, "is_active": true}),
                &["9999"],
                json!({"account_id": 16}),
            ),
            refused(
                "delete_post",
                json!({"space_id": 1, "post_id": 9999}),
                &["9999"],
                json!({"post_id": 104}),
            ),
            refused(
                "delete_media",
                json!({"media_id": 9999}),
                &["9999"],
                json!({ "media_id": file }),
            ),
            refused(
                "delete_slot",
                json!({"space_id": 1, "slot_id": 9999}),
                &["9999"],
                json!({"slot_id": 301}),
            ),
            refused(
                "delete_webhook",
                json!({"space_id": 2, "webhook_id": 9999}),
                &["9999"],
                json!({"webhook_id": 702}),
            ),
            refused(
                "disconnect_account",
                json!({"space_id": 1, "account_id": 9999}),
                &["9999"],
                json!({"account_id": 13}),
            ),
            refused(
                "delete_space",
                json!({"space_id": 98}),
                &["98"],
                json!({ "space_id": new_space }),
            ),
        ];
        if !self.has_numbered_days() {
            all.insert(
                0,
                refused(
                    "create_slot",
                    json!({"space_id": 1, "weekday": "friday", "time": "25:00"}),
                    &["time", "hour"],
                    json!({"time": "10:00"}),
                ),
            );
        }
        if self.variant.create_forms != CreateForms::OverviewOnly {
            all.insert(
                0,
                refused(
                    "update_cluster",
                    cluster,
                    &["16", "acmecoffee.tok", "account"],
                    json!({"account_ids": [11, 12]}),
                ),
            );
        }
        if self.variant.part_refusal != PartRefusal::Never {
            // These are refused in part, and toured by themselves.
            all.retain(|refused| !["create_post", "update_cluster"].contains(&refused.tool));
        }
        for refused in all {
            self.refusal(refused).await;
        }
    }

    async fn refusal(&mut self, refused: Refused) {
        let Refused {
            tool,
            mut arguments,
            names,
            mended,
        } = refused;
        let (state, sent) = (self.whole_state(), self.world.sandbox().log().len());
        let mut answer = self.call(tool, arguments.clone()).await;
        self.check(
            answer.failed,
            tool,
            "a refusal is reported as done",
            &answer,
        );
        let is_quiet = self.whole_state() == state;
        self.check(
            is_quiet,
            tool,
            "what is refused has changed something",
            &answer,
        );
        if !answer.failed || !is_quiet {
            return;
        }
        self.tells_all_of_the_refusal(tool, &answer, sent).await;
        for calls in 1..=2 {
            let spoken = answer.text.to_lowercase();
            let is_named = names
                .iter()
                .any(|name| spoken.contains(&name.to_lowercase()));
            let mut next = arguments.clone();
            if is_named {
                for (name, value) in mended.as_object().unwrap() {
                    next[name] = value.clone();
                }
            }
            // What is mended goes under the name that Saki asks for.
            next = corrected(&next, &answer.text).unwrap_or(next);
            arguments = next;
            answer = self.call(tool, arguments.clone()).await;
            if !answer.failed {
                self.calls_to_get_through.push(calls);
                return;
            }
        }
        self.check(
            false,
            tool,
            "a model does not get through in two more calls",
            &answer,
        );
    }

    /// Every word of Saki's refusal stands in the answer: the refused request is sent once more to hear them.
    async fn tells_all_of_the_refusal(&mut self, tool: &str, answer: &Answer, sent: usize) {
        // What this server refuses by itself is no refusal of Saki's.
        if answer.meta["class"] == "not_sent" {
            return;
        }
        let log = self.world.sandbox().log();
        let was_sent =
            |logged: &&LoggedRequest| logged.path != "/subscription" && logged.uploads.is_empty();
        let of_call = || log[sent..].iter().filter(was_sent);
        let write = of_call().rfind(|logged| logged.method != "GET");
        let Some(request) = write.or_else(|| of_call().next_back()) else {
            return;
        };
        let spoken = plain(&answer.text);
        for word in self.words_of_refusal(request).await {
            self.check(
                spoken.contains(&word),
                tool,
                &format!("{word:?} of Saki's refusal is lost"),
                answer,
            );
        }
    }

    async fn words_of_refusal(&self, request: &LoggedRequest) -> Vec<String> {
        let method = Method::from_bytes(request.method.as_bytes()).unwrap();
        let query = request.query.as_ref().map(|query| format!("?{query}"));
        let url = format!(
            "{}{}{}",
            self.world.base_url(),
            request.path,
            query.unwrap_or_default()
        );
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut again = http
            .request(method, url)
            .header(ACCEPT, "application/json")
            .header(AUTHORIZATION, format!("Bearer {KEY}"));
        if let Some(body) = &request.body {
            again = again.json(body);
        }
        let body: Value = again.send().await.unwrap().json().await.unwrap_or_default();
        let mut words = Vec::new();
        collect_words(&body, &mut words);
        words
    }
}

/// The sentences of a refusal, without the fixed words of its format.
fn collect_words(body: &Value, words: &mut Vec<String>) {
    match body {
        Value::String(text) => {
            let sentences = text.split(". ").map(plain);
            words.extend(sentences.filter(|sentence| !sentence.is_empty()));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_words(item, words)),
        Value::Object(fields) => collect_fields(fields, words),
        _ => {}
    }
}

fn collect_fields(fields: &Map<String, Value>, words: &mut Vec<String>) {
    for (name, value) in fields {
        let is_fixed =
            ["type", "title", "status", "field", "name", "pointer"].contains(&name.as_str());
        if !is_fixed || value.is_array() || value.is_object() {
            collect_words(value, words);
        }
    }
}

/// A text in one line, without backslashes, quotes and the end of its sentence.
fn plain(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ").replace(['\\', '"'], "");
    text.trim_end_matches('.').to_owned()
}
