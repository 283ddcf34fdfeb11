//! What an agent is told after posts were written.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::saki::Reply;
use crate::saki::posts::Post;
use crate::tools::posts::read_back::Made;
use crate::write::post_plan::PostPlan;

/// Fields that the answer shows as they were understood: in `accounts`, and in `scheduled_at` and `local`.
pub(in crate::tools::posts) const TOLD: [&str; 3] = ["account_ids", "account_id", "scheduled_at"];

/// What was written.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::tools::posts) struct Written {
    /// What became of the call: "done", "replayed", "preview" or "confirmation_needed".
    outcome: String,
    /// What happens to the posts: "draft", "schedule" or "now".
    mode: String,
    /// When they go out, in UTC.
    scheduled_at: Option<String>,
    /// The same time as a person reads it.
    local: Option<String>,
    /// How long until then.
    r#in: Option<String>,
    /// The accounts they are for.
    accounts: Vec<WrittenAccount>,
    /// The cluster that holds them.
    cluster_id: Option<String>,
    /// Their ids, one per account.
    post_ids: Vec<u64>,
    /// Whether Saki showed the posts as they were asked for.
    verified: bool,
    /// True: the answer was lost, and the posts were found by looking for them.
    reconciled: bool,
    /// What else there is to know.
    note: Option<String>,
    /// Posts of accounts that the cluster no longer has.
    removed: Vec<Removed>,
    /// Files that were uploaded for it.
    uploaded: Vec<WrittenFile>,
    /// What is odd about it.
    warnings: Vec<String>,
    /// What Saki answered.
    data: Vec<Post>,
}

/// An account that posts are for.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::tools::posts) struct WrittenAccount {
    /// Id of the account.
    id: u64,
    /// Its handle or name.
    name: Option<String>,
    /// Its network, as Saki names it.
    network: Option<String>,
    /// What people call it, where that differs.
    network_name: Option<String>,
}

/// A file that was uploaded for posts.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::tools::posts) struct WrittenFile {
    /// Name under which it was uploaded.
    name: String,
    /// Its id.
    media_id: u64,
}

/// A post that its cluster no longer has.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::tools::posts) struct Removed {
    /// Account whose post it was.
    account_id: u64,
    /// The account: id, handle and network.
    account: String,
    /// Id of the post.
    post_id: u64,
}

/// The answer, in the order in which it is read: what happened, when, for whom, and what Saki said.
pub(in crate::tools::posts) fn written(
    planned: &PostPlan,
    made: Made,
    reply: Reply,
    now: Timestamp,
) -> Map<String, Value> {
    let mut answer = planned.facts(now);
    let mut say = |name: &str, value: Value| answer.insert(name.to_owned(), value);
    if let Some(cluster_id) = &made.cluster_id {
        say("cluster_id", json!(cluster_id));
    }
    say("post_ids", json!(made.post_ids));
    say("verified", json!(made.verified));
    let warnings: Vec<&String> = planned.warnings.iter().chain(&made.warnings).collect();
    if !warnings.is_empty() {
        say("warnings", json!(warnings));
    }
    // Whole, since what a create answers is printed nowhere.
    match reply.body {
        Some(Value::Object(mut body)) => match body.shift_remove("data") {
            Some(data) => say("data", data),
            None if body.is_empty() => None,
            None => say("data", Value::Object(body)),
        },
        Some(other) => say("data", other),
        None => None,
    };
    answer
}
