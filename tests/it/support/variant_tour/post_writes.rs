//! The posts of a tour: each is made once, found again, and changed as it was asked for.

use saki_mcp::sandbox::{CreateForms, PostStatus};
use serde_json::json;

use super::{Tour, id, list};
use crate::support::example_calls::{CLUSTER, PIXEL};
use crate::support::server_under_test::Answer;

/// A text with everything that a variant may store otherwise.
const TEXT: &str = "Müsli & \"beans\"  <now>\nat https://acme-coffee.example/huye-mountain-rwanda.";
pub(super) const AT: &str = "2027-04-20T07:00:00Z";

impl Tour {
    pub(super) async fn post_writes(&mut self) {
        let arguments = json!({
            "space_id": 1, "account_ids": [11, 12], "publish": "schedule", "content": TEXT, "scheduled_at": AT,
        });
        let before = self.last_post();
        let first = self.call("create_post", arguments.clone()).await;
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
        self.shows_created_posts(&first, &ids, AT);
        let again = self.call("create_post", arguments).await;
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
            let answer = self.call("create_post", arguments).await;
            let made = self.posts(|post| post.id > before);
            let good =
                made.len() == 1 && made[0].media.len() == 1 && made[0].status == PostStatus::Draft;
            self.check(
                good && !answer.failed,
                "create_post",
                "no draft with a file was made",
                &answer,
            );
            let ids: Vec<u64> = made.iter().map(|post| post.id).collect();
            self.shows_created_posts(&answer, &ids, "");
        }

        let arguments =
            json!({"space_id": 1, "post_id": 112, "content": "The pour-over we teach, again."});
        let answer = self.call("update_post", arguments).await;
        let content = self.state(|db| db.posts.get(112).unwrap().content.clone());
        let good = content == "The pour-over we teach, again." && !answer.failed;
        self.check(good, "update_post", "the text was not changed", &answer);
        if !answer.json["id"].is_null() && !answer.json["content"].is_null() {
            self.shows_post("update_post", &answer, &answer.json);
        }

        let arguments = json!({"space_id": 1, "cluster_id": CLUSTER, "scheduled_at": AT});
        let answer = self.call("update_cluster", arguments).await;
        let times: Vec<_> = self
            .posts(|post| post.cluster_id == CLUSTER)
            .iter()
            .map(|post| post.scheduled_at)
            .collect();
        let moved = times == [Some(AT.parse().unwrap()); 3];
        self.check(
            moved != answer.failed,
            "update_cluster",
            &format!("the posts are at {times:?}"),
            &answer,
        );
        if self.variant.create_forms != CreateForms::OverviewOnly {
            self.check(moved, "update_cluster", "failed", &answer);
        }

        let answer = self
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
    /// What the answer to a create claims of the posts is so.
    fn shows_created_posts(&mut self, answer: &Answer, ids: &[u64], at: &str) {
        if answer.failed {
            return;
        }
        let posts = self.posts(|post| ids.contains(&post.id));
        let shown = list(&answer.json["post_ids"]);
        let is_open = shown.is_empty() && answer.json["verified"] == false;
        self.check(is_open || shown == ids, "create_post", "other ids", answer);
        let cluster = posts.first().map(|post| post.cluster_id.clone());
        let shown = answer.json["cluster_id"].as_str().map(str::to_owned);
        self.check(
            shown.is_none() || shown == cluster,
            "create_post",
            "another cluster",
            answer,
        );
        let accounts = answer.json["accounts"].as_array().into_iter().flatten();
        let accounts: Vec<u64> = accounts.filter_map(|account| id(&account["id"])).collect();
        let held: Vec<u64> = posts.iter().map(|post| post.account_id).collect();
        self.check(accounts == held, "create_post", "other accounts", answer);
        let shown = answer.json["scheduled_at"].as_str().unwrap_or_default();
        self.check(shown == at, "create_post", "another time", answer);
    }
}
