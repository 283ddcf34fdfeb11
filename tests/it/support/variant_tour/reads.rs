//! The reads of a tour: every row is there, under its own id, in its order.

use jiff::Timestamp;
use saki_mcp::sandbox::variant::{AccountList, QueueRows, SubscriptionShape};
use saki_mcp::sandbox::{PostStatus, StoredPost};
use serde_json::{Value, json};

use super::{FAILURE_OF_THREAD, Tour, column, id, ids, name_of, rows, sorted};

/// Whether each slot that is listed shows its right day as a word.
fn rows_are_named(list: &Value) -> bool {
    let words = ["monday", "wednesday", "friday"];
    let rows = list["data"].as_array().into_iter().flatten();
    let days = rows.filter_map(|row| {
        let fields = ["weekday_name", "weekday", "day", "day_of_week"].into_iter();
        let mut texts = fields.filter_map(|field| row[field].as_str());
        Some((id(&row["id"])?, texts.next()?.to_lowercase()))
    });
    let mut days: Vec<(u64, String)> = days.collect();
    days.sort_unstable();
    days.iter().map(|(_, day)| day).eq(words)
}

impl Tour {
    pub(super) async fn reads(&mut self) {
        let names = self.state(|db| {
            db.spaces
                .values()
                .map(|space| (space.id, space.name.clone()))
                .collect::<Vec<_>>()
        });
        let answer = self.call("list_spaces", json!({})).await;
        let same = ids(&answer.json["data"]) == sorted(names.iter().map(|(id, _)| *id));
        self.check(same, "list_spaces", "other ids", &answer);
        let all = names
            .iter()
            .all(|(_, name)| rows(&answer).iter().any(|row| name_of(row) == Some(name)));
        self.check(all, "list_spaces", "a name is lost", &answer);
        for row in rows(&answer) {
            self.shows_space("list_spaces", &answer, &row);
        }

        let answer = self.call("get_space", json!({"space_id": 1})).await;
        self.check(
            name_of(&answer.json) == Some("Acme Coffee") && id(&answer.json["id"]) == Some(1),
            "get_space",
            "no space",
            &answer,
        );
        self.shows_space("get_space", &answer, &answer.json);

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
        let answer = self.call("list_accounts", json!({"space_id": 1})).await;
        let same = ids(&answer.json["data"]) == sorted(accounts.iter().map(|(id, _)| *id));
        self.check(same, "list_accounts", "other ids", &answer);
        let all = accounts
            .iter()
            .all(|(_, handle)| column(&answer.json["data"], "handler").contains(handle));
        self.check(all, "list_accounts", "a handle is lost", &answer);
        for row in rows(&answer) {
            self.shows_account("list_accounts", &answer, &row);
        }

        let boards = self.state(|db| db.accounts.get(15).unwrap().boards.clone());
        let answer = self
            .call("list_boards", json!({"space_id": 1, "account_id": 15}))
            .await;
        let listed = &answer.json["data"];
        let mut shown: Vec<_> = column(listed, "id")
            .into_iter()
            .zip(column(listed, "name"))
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
        let answer = self.call("list_slots", json!({"space_id": 1})).await;
        self.check(
            ids(&answer.json["data"]) == slots,
            "list_slots",
            "other ids",
            &answer,
        );
        for row in rows(&answer) {
            self.shows_slot("list_slots", &answer, &row);
        }
        let all_named = rows_are_named(&answer.json);
        let days_are_known =
            !self.has_numbered_days() || self.variant.queue_rows == QueueRows::WithFreeSlots;
        self.check(
            all_named || !days_are_known,
            "list_slots",
            "a day is not named",
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
        let answer = self.call("list_webhooks", json!({"space_id": 1})).await;
        self.check(
            ids(&answer.json["data"]) == hooks,
            "list_webhooks",
            "other ids",
            &answer,
        );
        for row in rows(&answer) {
            self.shows_webhook("list_webhooks", &answer, &row);
        }

        let mut queue = self.posts(|post| post.status == PostStatus::Scheduled);
        queue.sort_by_key(|post| (post.scheduled_at, post.id));
        let queue: Vec<_> = queue.iter().map(|post| post.scheduled_at).collect();
        let answer = self.call("get_queue", json!({})).await;
        let queued = rows(&answer);
        let posts = queued.iter().filter_map(|row| {
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
        self.failure_reasons().await;
        let thread =
            self.posts(|post| post.status == PostStatus::Scheduled && !post.children.is_empty());
        let thread = thread[0].id;
        let answer = self
            .call("get_post", json!({"space_id": 1, "post_id": thread}))
            .await;
        self.shows_post("get_post", &answer, &answer.json);
        let shown = answer.json["children"].as_array().map_or(0, Vec::len);
        self.check(shown == 2, "get_post", "the thread is lost", &answer);
        self.subscription().await;
    }

    /// Why a post failed stands in its row, or the row says where it stands; it always stands in the post itself.
    async fn failure_reasons(&mut self) {
        let failed = self.posts(|post| post.space_id == 1 && post.status == PostStatus::Failed);
        let list = json!({"space_id": 1, "status": "failed"});
        let answer = self.call("list_posts", list).await;
        for post in failed {
            let reason = match post.children.is_empty() {
                true => "duplicate content",
                false => FAILURE_OF_THREAD,
            };
            let listed = rows(&answer);
            let row = listed.iter().find(|row| id(&row["id"]) == Some(post.id));
            let row = row.map(Value::to_string).unwrap_or_default();
            let is_told = row.contains(reason) || row.contains("get_post");
            self.check(
                is_told,
                "list_posts",
                "the reason of a failure is lost",
                &answer,
            );
            let arguments = json!({"space_id": 1, "post_id": post.id});
            let whole = self.call("get_post", arguments).await;
            let is_told = whole.json.to_string().contains(reason);
            self.check(
                is_told,
                "get_post",
                "the reason of a failure is lost",
                &whole,
            );
            self.shows_post("get_post", &whole, &whole.json);
        }
    }

    async fn subscription(&mut self) {
        let answer = self.call("get_subscription", json!({})).await;
        let shown = &answer.json;
        let plan = shown["plan"]["name"].as_str().or(shown["plan"].as_str());
        self.check(plan == Some("team"), "get_subscription", "no plan", &answer);
        let spaces = self.state(|db| db.spaces.len()) as u64;
        let left = match self.variant.subscription_shape {
            SubscriptionShape::Unlimited => None,
            _ => Some(5 - spaces),
        };
        let shown = id(&shown["limits"]["remaining_spaces"]);
        self.check(shown == left, "get_subscription", "another limit", &answer);
    }

    /// The first posts of threads that match, in the order of their ids.
    pub(super) fn posts(&self, matches: impl Fn(&StoredPost) -> bool) -> Vec<StoredPost> {
        self.state(|db| {
            let posts = db.posts.values().filter(|post| post.parent_id.is_none());
            posts.filter(|post| matches(post)).cloned().collect()
        })
    }

    async fn lists_posts(&mut self, mut arguments: Value, matches: impl Fn(&StoredPost) -> bool) {
        let mut found = Vec::new();
        for _ in 0..50 {
            let answer = self.call("list_posts", arguments.clone()).await;
            if answer.failed {
                return self.check(false, "list_posts", "failed", &answer);
            }
            found.extend(ids(&answer.json["data"]));
            for row in rows(&answer) {
                self.shows_post("list_posts", &answer, &row);
            }
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
}
