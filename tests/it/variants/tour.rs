//! The tour: calls every tool of one variant, and notes what an answer loses, invents or does twice.

use jiff::Timestamp;
use saki_mcp::sandbox::variant::{AccountList, SlotDay};
use saki_mcp::sandbox::{CreateForms, Database, PostStatus, SandboxOptions, StoredPost, Variant};
use serde_json::{Value, json};

use super::model::corrected;
use crate::support::example_calls::{CLUSTER, PIXEL};
use crate::support::server_under_test::{Answer, World};

/// A text with everything that a variant may store otherwise.
const TEXT: &str = "Müsli & \"beans\"  <now>\nat https://acme-coffee.example/huye-mountain-rwanda.";
const AT: &str = "2027-04-20T07:00:00Z";

/// What a tour of a variant found; nothing where all is well.
pub(super) async fn findings(variant: Variant) -> Vec<String> {
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
        let mut finding = finding.into();
        finding.truncate(finding.floor_char_boundary(700));
        self.findings.push(finding);
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

    async fn reads(&mut self) {
        let names = self.state(|db| {
            db.spaces
                .values()
                .map(|space| (space.id, space.name.clone()))
                .collect::<Vec<_>>()
        });
        let answer = self.world.call("list_spaces", json!({})).await;
        let same = ids(&answer.json["data"]) == sorted(names.iter().map(|(id, _)| *id));
        self.check(same, "list_spaces", "other ids", &answer);
        let all = names
            .iter()
            .all(|(_, name)| column(&answer.json["data"], "name").contains(name));
        self.check(all, "list_spaces", "a name is lost", &answer);

        let answer = self.world.call("get_space", json!({"space_id": 1})).await;
        self.check(
            answer.json["name"] == "Acme Coffee" && id(&answer.json["id"]) == Some(1),
            "get_space",
            "no space",
            &answer,
        );

        let only_active = self.variant.account_list == AccountList::OnlyActive;
        let accounts = self.state(|db| {
            let of_space = db
                .accounts
                .values()
                .filter(|account| account.space_id == 1 && (account.is_active || !only_active));
            of_space
                .map(|account| (account.id, account.handler.clone()))
                .collect::<Vec<_>>()
        });
        let answer = self
            .world
            .call("list_accounts", json!({"space_id": 1}))
            .await;
        let same = ids(&answer.json["data"]) == sorted(accounts.iter().map(|(id, _)| *id));
        self.check(same, "list_accounts", "other ids", &answer);
        let all = accounts
            .iter()
            .all(|(_, handle)| column(&answer.json["data"], "handler").contains(handle));
        self.check(all, "list_accounts", "a handle is lost", &answer);

        let boards = self.state(|db| db.accounts.get(15).unwrap().boards.clone());
        let answer = self
            .world
            .call("list_boards", json!({"space_id": 1, "account_id": 15}))
            .await;
        let rows = &answer.json["data"];
        let mut shown: Vec<_> = column(rows, "id")
            .into_iter()
            .zip(column(rows, "name"))
            .collect();
        let mut boards = boards;
        shown.sort();
        boards.sort();
        self.check(shown == boards, "list_boards", "other boards", &answer);

        let slots = self.state(|db| {
            sorted(
                db.slots
                    .values()
                    .filter(|slot| slot.space_id == 1)
                    .map(|slot| slot.id),
            )
        });
        let answer = self.world.call("list_slots", json!({"space_id": 1})).await;
        self.check(
            ids(&answer.json["data"]) == slots,
            "list_slots",
            "other ids",
            &answer,
        );

        let hooks = self.state(|db| {
            sorted(
                db.webhooks
                    .values()
                    .filter(|hook| hook.space_id == 1)
                    .map(|hook| hook.id),
            )
        });
        let answer = self
            .world
            .call("list_webhooks", json!({"space_id": 1}))
            .await;
        self.check(
            ids(&answer.json["data"]) == hooks,
            "list_webhooks",
            "other ids",
            &answer,
        );

        let mut queue = self.posts(|post| post.status == PostStatus::Scheduled);
        queue.sort_by_key(|post| (post.scheduled_at, post.id));
        let queue: Vec<_> = queue.iter().map(|post| post.scheduled_at).collect();
        let answer = self.world.call("get_queue", json!({})).await;
        let rows = answer.json["data"].as_array().cloned().unwrap_or_default();
        let posts = rows.iter().filter_map(|row| {
            let post = if row["post"].is_null() {
                row
            } else {
                &row["post"]
            };
            id(&post["id"])
        });
        let posts: Vec<u64> = posts.collect();
        let times: Vec<_> = posts
            .iter()
            .map(|id| self.state(|db| db.posts.get(*id).and_then(|post| post.scheduled_at)))
            .collect();
        self.check(
            times == queue,
            "get_queue",
            "other posts or another order",
            &answer,
        );

        self.lists_posts(json!({"space_id": 1}), |post| post.space_id == 1)
            .await;
        self.lists_posts(json!({"space_id": 1, "status": "failed"}), |post| {
            post.space_id == 1 && post.status == PostStatus::Failed
        })
        .await;
        self.lists_posts(json!({"space_id": 1, "status": "scheduled"}), |post| {
            post.space_id == 1 && post.status == PostStatus::Scheduled
        })
        .await;
        self.lists_posts(json!({"status": "draft"}), |post| {
            post.status == PostStatus::Draft
        })
        .await;
        self.lists_posts(
            json!({"space_id": 1, "from": "2027-04-10", "to": "2027-04-11"}),
            |post| {
                let range = "2027-04-09T22:00:00Z".parse::<Timestamp>().unwrap()
                    .."2027-04-11T22:00:00Z".parse().unwrap();
                post.space_id == 1 && post.scheduled_at.is_some_and(|at| range.contains(&at))
            },
        )
        .await;
        let failed = self.posts(|post| post.status == PostStatus::Failed)[0].id;
        let answer = self
            .world
            .call("list_posts", json!({"space_id": 1, "status": "failed"}))
            .await;
        self.check(
            answer.json.to_string().contains("duplicate content"),
            "list_posts",
            "the reason of a failure is lost",
            &answer,
        );
        let answer = self
            .world
            .call("get_post", json!({"space_id": 1, "post_id": failed}))
            .await;
        self.check(
            answer.json.to_string().contains("duplicate content"),
            "get_post",
            "the reason of a failure is lost",
            &answer,
        );
        let answer = self.world.call("get_subscription", json!({})).await;
        self.check(
            answer.json["plan"].is_string(),
            "get_subscription",
            "no plan",
            &answer,
        );
    }

    /// The first posts of threads that match, in the order of their ids.
    fn posts(&self, matches: impl Fn(&StoredPost) -> bool) -> Vec<StoredPost> {
        self.state(|db| {
            let posts = db.posts.values().filter(|post| post.parent_id.is_none());
            posts.filter(|post| matches(post)).cloned().collect()
        })
    }

    async fn lists_posts(&mut self, mut arguments: Value, matches: impl Fn(&StoredPost) -> bool) {
        let mut found = Vec::new();
        for _ in 0..50 {
            let answer = self.world.call("list_posts", arguments.clone()).await;
            if answer.failed {
                return self.check(false, "list_posts", "failed", &answer);
            }
            found.extend(ids(&answer.json["data"]));
            match &answer.json["meta"]["next_page"] {
                Value::Null => break,
                page => arguments["page"] = page.clone(),
            }
        }
        found.sort_unstable();
        let wanted: Vec<u64> = self.posts(matches).iter().map(|post| post.id).collect();
        if found != wanted {
            self.note(format!(
                "list_posts {arguments}: shows {found:?} instead of {wanted:?}"
            ));
        }
    }

    async fn post_writes(&mut self) {
        let arguments = json!({
            "space_id": 1, "account_ids": [11, 12], "publish": "schedule", "content": TEXT, "scheduled_at": AT,
        });
        let before = self.last_post();
        let first = self.world.call("create_post", arguments.clone()).await;
        let made = self.posts(|post| post.id > before);
        let accounts: Vec<u64> = made.iter().map(|post| post.account_id).collect();
        self.check(!first.failed, "create_post", "failed", &first);
        self.check(
            accounts == [11, 12],
            "create_post",
            "other posts were made",
            &first,
        );
        let ids: Vec<u64> = made.iter().map(|post| post.id).collect();
        self.check(
            list(&first.json["post_ids"]) == ids,
            "create_post",
            &format!("not the ids {ids:?}"),
            &first,
        );
        let again = self.world.call("create_post", arguments).await;
        let doubled = self.last_post() > ids.iter().copied().max().unwrap_or(before);
        self.check(
            !doubled,
            "create_post",
            "an equal call posted twice",
            &again,
        );
        self.check(
            again.json["outcome"] == "replayed",
            "create_post",
            "an equal call is no replay",
            &again,
        );

        if self.variant.create_forms != CreateForms::OverviewOnly {
            let arguments = json!({
                "space_id": 1, "account_ids": [11], "publish": "draft", "content": "With a file.",
                "media": [{"data": PIXEL, "filename": "dot.png"}],
            });
            let before = self.last_post();
            let answer = self.world.call("create_post", arguments).await;
            let made = self.posts(|post| post.id > before);
            let good =
                made.len() == 1 && made[0].media.len() == 1 && made[0].status == PostStatus::Draft;
            self.check(
                good && !answer.failed,
                "create_post",
                "no draft with a file was made",
                &answer,
            );
        }

        let arguments =
            json!({"space_id": 1, "post_id": 112, "content": "The pour-over we teach, again."});
        let answer = self.world.call("update_post", arguments).await;
        let content = self.state(|db| db.posts.get(112).unwrap().content.clone());
        let good = content == "The pour-over we teach, again." && !answer.failed;
        self.check(good, "update_post", "the text was not changed", &answer);

        let arguments = json!({"space_id": 1, "cluster_id": CLUSTER, "scheduled_at": AT});
        let answer = self.world.call("update_cluster", arguments).await;
        let times: Vec<_> = self
            .posts(|post| post.cluster_id == CLUSTER)
            .iter()
            .map(|post| post.scheduled_at)
            .collect();
        let moved = times == [Some(AT.parse().unwrap()); 3];
        self.check(
            moved == !answer.failed,
            "update_cluster",
            &format!("the posts are at {times:?}"),
            &answer,
        );
        if self.variant.create_forms != CreateForms::OverviewOnly {
            self.check(moved, "update_cluster", "failed", &answer);
        }

        let answer = self
            .world
            .call("delete_post", json!({"space_id": 1, "post_id": 105}))
            .await;
        let gone = self.state(|db| db.posts.get(105).is_none());
        self.check(
            gone && answer.json["deleted"] == true,
            "delete_post",
            "not deleted",
            &answer,
        );
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
