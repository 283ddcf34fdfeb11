//! A world with three spaces, and calls in it that name none.

use saki_mcp::sandbox::{SandboxOptions, SeedData, StoredAccount};
use saki_mcp::write::policy::Policy;
use serde_json::{Value, json};

use crate::support::post_arguments::{self, PostArguments};
use crate::support::server_under_test::World;

/// The spaces, as a refusal lists them.
pub(crate) const THREE: &str = "1 \"Acme Coffee\", 2 \"Studio North\", 3 \"Harbour Books\"";

/// A world with three spaces: accounts 11 to 16, 21 to 25 and 31 to 33.
pub(crate) async fn three() -> World {
    limited(Policy::default()).await
}

/// The same where a policy holds.
pub(crate) async fn limited(policy: Policy) -> World {
    let options = SandboxOptions {
        seed_data: SeedData::Large,
        ..SandboxOptions::default()
    };
    World::with(options, |settings| settings.policy = policy).await
}

/// A post without a space.
pub(crate) fn new_post(content: &str) -> PostArguments {
    post_arguments::new_post(content).space(Value::Null)
}

/// A change of a cluster without a space or accounts.
pub(crate) fn cluster_change(cluster_id: &Value) -> PostArguments {
    let change = post_arguments::cluster_change(cluster_id);
    change.space(Value::Null).on(Value::Null)
}

/// A copy of an account in another space.
pub(crate) fn copy_account(world: &World, account_id: u64, space_id: u64) {
    world.sandbox().edit(|state| {
        let known = state.accounts.get(account_id).unwrap().clone();
        state.accounts.insert(|id| StoredAccount {
            id,
            space_id,
            ..known
        });
    });
}

/// The first post, slot or webhook of a space, as a list shows it.
pub(crate) async fn seen(world: &World, tool: &str, space_id: u64) -> Value {
    let mut arguments = json!({"space_id": space_id});
    if tool == "list_posts" {
        arguments["status"] = json!("scheduled");
    }
    let list = world.ok(tool, arguments).await;
    list["data"][0].clone()
}

/// How the answer says that the call was read.
pub(crate) fn understood(answer: &Value) -> String {
    answer["understood"].to_string()
}

/// Whether there were writes, all of them in this space.
pub(crate) fn is_of_space(world: &World, space_id: u64) -> bool {
    let prefix = format!("/spaces/{space_id}/");
    let writes = world.writes();
    !writes.is_empty() && writes.iter().all(|logged| logged.path.starts_with(&prefix))
}
