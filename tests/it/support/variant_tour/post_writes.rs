//! The posts of a tour: each is made once, found again, and changed as it was asked for.

use saki_mcp::sandbox::{CreateForms, PostStatus};
use serde_json::json;

use super::{Tour, list};
use crate::support::example_calls::{CLUSTER, PIXEL};

/// A text with everything that a variant may store otherwise.
const TEXT: &str = "Müsli & \"beans\"  <now>\nat https://acme-coffee.example/huye-mountain-rwanda.";
const AT: &str = "2027-04-20T07:00:00Z";

impl Tour {
    pub(super) async fn post_writes(&mut self) {
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
            moved != answer.failed,
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
}
