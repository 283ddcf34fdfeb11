//! Account checks: what the key reaches, in numbers, and whether the limits name what is there.

use std::collections::BTreeSet;

use futures::future::join_all;
use serde_json::{Map, Value};

use super::check_outcomes::Check;
use crate::saki::accounts::ListAccounts;
use crate::saki::subscription::GetSubscription;
use crate::saki::{Client, Error, Reply, SpaceId, lenient_json};
use crate::write::policy::Policy;

/// Accounts are counted in so many spaces; more would not be a quick look.
const MAX_SPACES: usize = 20;

/// Counts spaces, accounts and plan, and compares them with the limits.
pub(super) async fn check(client: &Client, spaces: Reply, policy: Option<&Policy>) -> Vec<Check> {
    let list = spaces.into_list();
    let ids = ids(&list);
    let mut checks = vec![check_spaces(&list, &ids, policy)];
    let counted: Vec<u64> = ids.iter().copied().take(MAX_SPACES).collect();
    let requests = counted.iter().map(|id| async move {
        let request = ListAccounts {
            space_id: SpaceId(*id),
        };
        client.send(&request).await.map(Reply::into_list)
    });
    let (accounts, plan) =
        futures::future::join(join_all(requests), client.send(&GetSubscription {})).await;
    checks.push(check_accounts(accounts, policy));
    checks.push(check_plan(plan));
    checks
}

fn rows(list: &Map<String, Value>) -> &[Value] {
    let rows = list.get("data").and_then(Value::as_array);
    rows.map_or(&[], Vec::as_slice)
}

fn ids(list: &Map<String, Value>) -> BTreeSet<u64> {
    let ids = rows(list).iter();
    ids.filter_map(|row| lenient_json::integer(row, "id"))
        .collect()
}

fn joined(ids: impl IntoIterator<Item = u64>) -> String {
    let ids = ids.into_iter().map(|id| id.to_string());
    ids.collect::<Vec<_>>().join(", ")
}

fn check_spaces(list: &Map<String, Value>, ids: &BTreeSet<u64>, policy: Option<&Policy>) -> Check {
    const SUBJECT: &str = "spaces";
    if rows(list).is_empty() {
        return Check::warning(
            SUBJECT,
            "the key reaches no space",
            "create a space in Saki, or a key with access to one",
        );
    }
    // Saki may show more on further pages.
    let meta = list.get("meta").unwrap_or(&Value::Null);
    let total = lenient_json::integer(meta, "total");
    let is_complete = total.is_none_or(|total| total <= ids.len() as u64);
    let allowed = policy.and_then(Policy::spaces);
    if let Some(allowed) = allowed.filter(|_| is_complete) {
        let missing: Vec<u64> = allowed.difference(ids).copied().collect();
        let found = joined(ids.iter().copied().take(MAX_SPACES));
        let finding = format!(
            "--space names {}, which the key does not reach; it reaches {found}",
            joined(missing.clone())
        );
        if missing.len() == allowed.len() {
            let fix = "correct --space or SAKI_SPACE: with it, nothing is left";
            return Check::problem(SUBJECT, finding, fix);
        }
        if !missing.is_empty() {
            return Check::warning(SUBJECT, finding, "correct --space or SAKI_SPACE");
        }
    }
    let count = total.unwrap_or(ids.len() as u64);
    Check::ok(
        SUBJECT,
        match allowed {
            Some(allowed) => format!("{count}, of which the limits allow {}", allowed.len()),
            None => count.to_string(),
        },
    )
}

fn check_accounts(lists: Vec<Result<Map<String, Value>, Error>>, policy: Option<&Policy>) -> Check {
    const SUBJECT: &str = "accounts";
    let mut found = BTreeSet::new();
    let (mut count, mut inactive) = (0, 0);
    for list in lists {
        let list = match list {
            Ok(list) => list,
            Err(error) => {
                return Check::warning(
                    SUBJECT,
                    format!("could not be listed: {error}"),
                    "check the rights of the key in Saki under Settings > API",
                );
            }
        };
        count += rows(&list).len();
        inactive += (rows(&list).iter())
            .filter(|row| row.get("is_active") == Some(&Value::Bool(false)))
            .count();
        found.extend(ids(&list));
    }
    if count == 0 {
        return Check::warning(SUBJECT, "none is connected", "connect one in Saki");
    }
    let allowed = policy.and_then(Policy::accounts);
    if let Some(allowed) = allowed.filter(|allowed| allowed.is_disjoint(&found)) {
        return Check::problem(
            SUBJECT,
            format!(
                "--accounts names {}, which the key does not reach",
                joined(allowed.iter().copied())
            ),
            "correct --accounts or SAKI_ACCOUNTS: with it, nothing can be written. saki-mcp call list_accounts prints the ids",
        );
    }
    match inactive {
        0 => Check::ok(SUBJECT, count.to_string()),
        inactive => Check::warning(
            SUBJECT,
            format!("{count}, {inactive} of them inactive"),
            "reconnect or activate them in Saki",
        ),
    }
}

fn check_plan(plan: Result<Reply, Error>) -> Check {
    const SUBJECT: &str = "plan";
    let plan = match plan {
        Ok(reply) => Value::Object(reply.into_one()),
        Err(error) => {
            return Check::warning(
                SUBJECT,
                format!("could not be read: {error}"),
                "nothing needs it; the key may have no right to see it",
            );
        }
    };
    let limits = plan.get("limits").unwrap_or(&plan);
    let number = |name: &str| lenient_json::integer(limits, name);
    let name = lenient_json::text(&plan, "plan").unwrap_or_else(|| "unnamed".to_owned());
    let (used, left) = (number("posts_this_month"), number("remaining_posts"));
    let used = used.map_or(String::new(), |used| format!(", {used} posts this month"));
    let left_text = left.map_or(String::new(), |left| format!(", {left} left"));
    let finding = format!("{name}{used}{left_text}");
    match left {
        Some(0) => Check::warning(
            SUBJECT,
            finding,
            "no post is left this month: change the plan in Saki, or wait",
        ),
        _ => Check::ok(SUBJECT, finding),
    }
}
