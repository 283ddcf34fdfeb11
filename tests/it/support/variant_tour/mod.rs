//! The tour of a variant: calls every tool of one variant, and notes what an answer loses, invents or does twice.

mod correcting_model;
mod post_writes;
mod reads;

use saki_mcp::sandbox::variant::SlotDay;
use saki_mcp::sandbox::{Database, SandboxOptions, Variant};
use serde_json::{Value, json};

use crate::support::example_calls::PIXEL;
use crate::support::server_under_test::{Answer, World};
use correcting_model::corrected;

/// What a tour of a variant found; nothing where all is well.
pub(crate) async fn findings(variant: Variant) -> Vec<String> {
    let world = World::with(SandboxOptions::of_variant(variant.clone()), |_| {}).await;
    let mut tour = Tour {
        world,
        variant,
        findings: Vec::new(),
    };
    tour.reads().await;
    tour.post_writes().await;
    tour.other_writes().await;
    tour.refusals().await;
    tour.findings
}

struct Tour {
    world: World,
    variant: Variant,
    findings: Vec<String>,
}

impl Tour {
    fn note(&mut self, finding: impl Into<String>) {
        self.findings
            .push(finding.into().chars().take(700).collect());
    }

    fn check(&mut self, holds: bool, tool: &str, what: &str, answer: &Answer) {
        if !holds {
            let text = if answer.failed {
                answer.text.clone()
            } else {
                answer.json.to_string()
            };
            self.note(format!("{tool}: {what}: {text}"));
        }
    }

    fn state<R>(&self, read: impl FnOnce(&Database) -> R) -> R {
        self.world.sandbox().state(read)
    }

    fn last_post(&self) -> u64 {
        self.state(|db| {
            db.posts
                .values()
                .map(|post| post.id)
                .max()
                .unwrap_or_default()
        })
    }

    async fn other_writes(&mut self) {
        let answer = self
            .world
            .call(
                "upload_media",
                json!({"data": PIXEL, "filename": "dot.png"}),
            )
            .await;
        let last = self.state(|db| db.media.values().map(|media| media.id).max());
        self.check(
            id(&answer.json["id"]) == last,
            "upload_media",
            "not the id",
            &answer,
        );
        let answer = self
            .world
            .call("delete_media", json!({"media_id": last}))
            .await;
        let gone = self.state(|db| db.media.get(last.unwrap()).is_none());
        self.check(
            gone && answer.json["deleted"] == true,
            "delete_media",
            "not deleted",
            &answer,
        );

        let before = self.state(|db| db.slots.len());
        let arguments = json!({"space_id": 1, "weekday": "friday", "time": "12:00"});
        let answer = self.corrected_call("create_slot", arguments).await;
        let made = self.state(|db| db.slots.values().last().cloned().unwrap());
        let count = self.state(|db| db.slots.len());
        let good = count == before + 1 && made.time == "12:00" && day(&made.weekday) == "friday";
        // Which number is which day is not known, so a refusal is right there.
        let is_unknown = self.has_numbered_days() && answer.failed && count == before;
        self.check(
            good && !answer.failed || is_unknown,
            "create_slot",
            &format!("made {made:?}"),
            &answer,
        );
        let answer = self
            .world
            .call("delete_slot", json!({"space_id": 1, "slot_id": 302}))
            .await;
        let gone = self.state(|db| db.slots.get(302).is_none());
        self.check(
            gone && answer.json["deleted"] == true,
            "delete_slot",
            "not deleted",
            &answer,
        );

        let before = self.state(|db| db.webhooks.len());
        let arguments = json!({"space_id": 1, "url": "https://acme-coffee.example/new", "events": ["post.failed"]});
        let answer = self.corrected_call("create_webhook", arguments).await;
        let made = self.state(|db| db.webhooks.values().last().cloned().unwrap());
        let count = self.state(|db| db.webhooks.len());
        let good =
            count == before + 1 && made.url.ends_with("/new") && made.events == ["post.failed"];
        self.check(
            good && !answer.failed,
            "create_webhook",
            &format!("made {made:?}"),
            &answer,
        );
        let arguments =
            json!({"space_id": 1, "webhook_id": 701, "url": "https://acme-coffee.example/all"});
        let answer = self.world.call("update_webhook", arguments).await;
        let url = self.state(|db| db.webhooks.get(701).unwrap().url.clone());
        self.check(
            url.ends_with("/all") && !answer.failed,
            "update_webhook",
            "not changed",
            &answer,
        );
        let answer = self
            .world
            .call("delete_webhook", json!({"space_id": 1, "webhook_id": 701}))
            .await;
        let gone = self.state(|db| db.webhooks.get(701).is_none());
        self.check(
            gone && answer.json["deleted"] == true,
            "delete_webhook",
            "not deleted",
            &answer,
        );

        let arguments = json!({"space_id": 1, "account_id": 16, "is_active": true});
        let answer = self.world.call("set_account_active", arguments).await;
        let active = self.state(|db| db.accounts.get(16).unwrap().is_active);
        let known = answer.json["is_active"].as_bool();
        self.check(
            known.is_none_or(|known| known == active),
            "set_account_active",
            "a false claim",
            &answer,
        );
        self.check(
            active && !answer.failed,
            "set_account_active",
            "not active",
            &answer,
        );
        let answer = self
            .world
            .call(
                "disconnect_account",
                json!({"space_id": 1, "account_id": 14}),
            )
            .await;
        let gone = self.state(|db| db.accounts.get(14).is_none());
        self.check(
            gone && answer.json["disconnected"] == true,
            "disconnect_account",
            "not disconnected",
            &answer,
        );

        let answer = self
            .world
            .call("create_space", json!({"name": "Lab"}))
            .await;
        let made = self.state(|db| db.spaces.values().last().cloned().unwrap());
        self.check(
            made.name == "Lab" && !answer.failed,
            "create_space",
            "not created",
            &answer,
        );
        let answer = self
            .world
            .call(
                "update_space",
                json!({"space_id": made.id, "name": "Lab North"}),
            )
            .await;
        let name = self.state(|db| db.spaces.get(made.id).unwrap().name.clone());
        self.check(
            name == "Lab North" && !answer.failed,
            "update_space",
            "not changed",
            &answer,
        );
        let answer = self
            .world
            .call("delete_space", json!({"space_id": made.id}))
            .await;
        let gone = self.state(|db| db.spaces.get(made.id).is_none());
        self.check(
            gone && answer.json["deleted"] == true,
            "delete_space",
            "not deleted",
            &answer,
        );
    }

    /// What is refused is never reported as done, and Saki's refusal is told.
    async fn refusals(&mut self) {
        let refused = [
            ("create_space", json!({"name": "x".repeat(300)})),
            (
                "update_webhook",
                json!({"space_id": 1, "webhook_id": 702, "url": "nowhere"}),
            ),
            ("get_post", json!({"space_id": 1, "post_id": 9999})),
            ("delete_slot", json!({"space_id": 1, "slot_id": 9999})),
            ("get_space", json!({"space_id": 99})),
        ];
        for (tool, arguments) in refused {
            let answer = self.world.call(tool, arguments).await;
            self.check(
                answer.failed,
                tool,
                "a refusal is reported as done",
                &answer,
            );
        }
    }

    fn has_numbered_days(&self) -> bool {
        use SlotDay::{SundayIs0, SundayIs1, SundayIs7};
        matches!(self.variant.slot_day, SundayIs0 | SundayIs1 | SundayIs7)
    }

    /// A call, corrected at most twice by what its refusal names.
    async fn corrected_call(&mut self, tool: &str, arguments: Value) -> Answer {
        let mut answer = self.world.call(tool, arguments.clone()).await;
        let mut arguments = arguments;
        for _ in 0..2 {
            if !answer.failed {
                break;
            }
            let Some(next) = corrected(&arguments, &answer.text) else {
                break;
            };
            arguments = next;
            answer = self.world.call(tool, arguments.clone()).await;
        }
        answer
    }
}

/// The English word of a stored day.
fn day(weekday: &Value) -> String {
    weekday.as_str().unwrap_or_default().to_lowercase()
}

fn id(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// The ids of rows, sorted.
fn ids(rows: &Value) -> Vec<u64> {
    let rows = rows.as_array().into_iter().flatten();
    sorted(rows.filter_map(|row| id(&row["id"])))
}

fn list(ids: &Value) -> Vec<u64> {
    ids.as_array()
        .into_iter()
        .flatten()
        .filter_map(id)
        .collect()
}

fn column(rows: &Value, field: &str) -> Vec<String> {
    let rows = rows.as_array().into_iter().flatten();
    rows.filter_map(|row| row[field].as_str().map(str::to_owned))
        .collect()
}

fn sorted(ids: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut ids: Vec<u64> = ids.collect();
    ids.sort_unstable();
    ids
}
