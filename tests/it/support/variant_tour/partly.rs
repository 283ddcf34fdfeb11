//! The part refusals of a tour: of several accounts one is refused, and the answer says what was made and what was not.

use saki_mcp::sandbox::{CreateForms, StoredPost};
use serde_json::{Value, json};

use super::post_writes::AT;
use super::{Tour, id};
use crate::support::example_calls::CLUSTER;
use crate::support::server_under_test::Answer;

const REFUSED: u64 = 16;
const WORDS: &str = "The account @acmecoffee.tok is not active.";

impl Tour {
    pub(super) async fn partly(&mut self) {
        // A Saki that lists only active accounts has listed this one before.
        self.set_active(true);
        let mut arguments = json!({
            "space_id": 1, "account_ids": [REFUSED], "publish": "schedule", "content": "Fresh at ten.",
            "scheduled_at": AT, "dry_run": true,
        });
        self.call("create_post", arguments.clone()).await;
        self.set_active(false);
        arguments["account_ids"] = json!([11, REFUSED]);
        arguments["dry_run"] = false.into();
        let before = self.last_post();
        let first = self.call("create_post", arguments.clone()).await;
        let made = self.posts(|post| post.id > before);
        self.shows_parts("create_post", &first, &made, &[11]);
        let again = self.call("create_post", arguments.clone()).await;
        let twice = self.posts(|post| post.id > before).len() != made.len();
        self.check(!twice, "create_post", "a part is made twice", &again);
        self.shows_parts("create_post", &again, &made, &[11]);

        self.set_active(true);
        let mut rest = arguments;
        rest["account_ids"] = json!([REFUSED]);
        let answer = self.call("create_post", rest).await;
        let all = self.posts(|post| post.id > before);
        let accounts: Vec<u64> = all.iter().map(|post| post.account_id).collect();
        let good = accounts == [11, REFUSED] && !answer.failed;
        self.check(good, "create_post", "the rest is not made", &answer);

        if self.variant.create_forms == CreateForms::OverviewOnly {
            return;
        }
        self.set_active(false);
        let arguments = json!({
            "space_id": 1, "cluster_id": CLUSTER, "account_ids": [11, 12, REFUSED], "publish": "schedule",
            "content": "Fresh at eleven.", "scheduled_at": AT,
        });
        let answer = self.call("update_cluster", arguments).await;
        let changed =
            self.posts(|post| post.cluster_id == CLUSTER && post.content == "Fresh at eleven.");
        self.shows_parts("update_cluster", &answer, &changed, &[11, 12]);
    }

    fn set_active(&self, is_active: bool) {
        self.world.sandbox().edit(|db| {
            if let Some(account) = db.accounts.get_mut(REFUSED) {
                account.is_active = is_active;
            }
        });
    }

    /// The answer fails as `partly`: it names the posts that were written on these accounts, and Saki's words about the other.
    fn shows_parts(&mut self, tool: &str, answer: &Answer, written: &[StoredPost], on: &[u64]) {
        let accounts: Vec<u64> = written.iter().map(|post| post.account_id).collect();
        self.check(accounts == on, tool, "other posts were written", answer);
        let is_partly = answer.failed && answer.meta["class"] == "partly";
        self.check(is_partly, tool, "it was done in part", answer);
        let rows = |name: &str| answer.meta[name].as_array().cloned().unwrap_or_default();
        let pair = |row: &Value| (id(&row["account_id"]), id(&row["post_id"]));
        let made: Vec<_> = rows("made").iter().map(pair).collect();
        let written: Vec<_> = written
            .iter()
            .map(|post| (Some(post.account_id), Some(post.id)))
            .collect();
        self.check(
            made == written,
            tool,
            &format!("made are {written:?}, not {made:?}"),
            answer,
        );
        let refused = rows("refused");
        let is_told = refused.len() == 1 && id(&refused[0]["account_id"]) == Some(REFUSED);
        let is_told = is_told && refused[0]["message"] == WORDS && answer.text.contains(WORDS);
        self.check(is_told, tool, "the refusal of a part is lost", answer);
    }
}
