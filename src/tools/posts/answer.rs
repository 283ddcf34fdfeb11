//! Answer of `create_post` and `update_cluster`: outcome, times, accounts, and Saki's reply.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::post_facts::PostFacts;
use super::read_back::WrittenPosts;
use crate::saki::SpaceId;
use crate::saki::posts::PostView;
use crate::tools::failure::{AccountPost, PartlyDone, UploadedMedia};
use crate::tools::tool_result::{UntrustedContent, merge_fields, to_map};
use crate::tools::{CallRecord, Tools};
use crate::write::post_plan::{PlanFacts, PostPlan};

/// Arguments that the answer echoes by itself: in `accounts`, and in `scheduled_at` and `local`.
pub(super) const ECHOED: [&str; 3] = ["account_ids", "account_id", "scheduled_at"];

/// Posts that were created or changed.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct PostsAnswer<F> {
    /// Why it was answered so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<String>,
    #[serde(flatten)]
    pub(super) plan: PlanFacts,
    /// The cluster that holds them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cluster_id: Option<String>,
    /// Their ids, one per account.
    pub(super) post_ids: Vec<u64>,
    /// Whether Saki showed the posts as they were asked for.
    pub(super) verified: bool,
    /// What only this tool says of them.
    #[serde(flatten)]
    pub(super) facts: F,
    /// What to look at again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) warnings: Vec<String>,
    /// The posts, each as get_post shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<Value>")]
    pub(super) data: Option<Value>,
    /// Files that were uploaded for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) uploaded: Vec<UploadedMedia>,
    /// Where Saki refused a part: what was done and what not. It is stored, but no result shows it, since the call failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub(super) partly: Option<PartlyDone>,
}

/// Posts that create_post made.
pub(crate) type CreatedPosts = PostsAnswer<CreateFacts>;

/// How posts were created.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct CreateFacts {
    /// True: the answer was lost, and the posts were found by looking for them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) reconciled: bool,
}

/// What became of posts that are no longer in their cluster.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct ReplaceFacts {
    /// Posts of accounts that the cluster no longer has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) removed: Vec<AccountPost>,
}

impl<F: Default> PostsAnswer<F> {
    /// The answer about posts that were written as planned; `body` is that of Saki's reply, where there is one.
    pub(super) fn new(
        plan: &PostPlan,
        posts: WrittenPosts,
        body: Option<Value>,
        now: Timestamp,
    ) -> Self {
        let verified = !posts.posts.is_empty() && posts.warnings.is_empty();
        let warnings = plan.warnings.iter().cloned().chain(posts.warnings);
        Self {
            plan: plan.facts(now).without_lengths(),
            cluster_id: posts.cluster_id,
            verified,
            post_ids: posts.posts.iter().map(|(_, post_id)| *post_id).collect(),
            warnings: warnings.collect(),
            data: body.and_then(data),
            ..Self::default()
        }
    }

    /// The same, naming the cluster also where Saki does not.
    #[must_use]
    pub(super) fn of_cluster(mut self, cluster_id: &str) -> Self {
        self.cluster_id.get_or_insert_with(|| cluster_id.to_owned());
        self
    }
}

impl<F> PostsAnswer<F> {
    /// Notes for logs which posts these are.
    pub(super) fn note_ids(&self) {
        CallRecord::note_write(|write| {
            write.changes.clusters.extend(self.cluster_id.clone());
            write.changes.posts.extend(&self.post_ids);
        });
    }

    /// The same with what every tool says of a post; a stored answer has none of it, since time goes on.
    pub(super) async fn with_post_facts(
        mut self,
        tools: &Tools,
        space_id: SpaceId,
        timezone: Option<&str>,
    ) -> Self {
        let mut posts = Vec::new();
        if let Some(data) = &mut self.data {
            collect_posts(data, &mut posts);
        }
        if posts.is_empty() {
            return self;
        }
        let zone = tools.zone_of_call(timezone, space_id).await;
        let views = posts.iter().map(|post| PostView::from(&**post));
        let accounts = tools.accounts_of(views, space_id).await;
        let now = tools.settings.clock.now();
        for post in posts {
            let facts = PostFacts::of(PostView::from(&*post), &accounts, &zone, now);
            if let Ok(facts) = to_map(&facts) {
                *post = merge_fields(facts, std::mem::take(post));
            }
        }
        self
    }
}

/// The posts in Saki's answer, in whatever envelope.
fn collect_posts<'a>(body: &'a mut Value, posts: &mut Vec<&'a mut Map<String, Value>>) {
    let is_post = |fields: &Map<String, Value>| {
        let has_state = ["status", "scheduled_at", "published_at"];
        fields.contains_key("id")
            && PostView::from(fields).account_id().is_some()
            && has_state.iter().any(|name| fields.contains_key(*name))
    };
    match body {
        Value::Array(rows) => rows.iter_mut().for_each(|row| collect_posts(row, posts)),
        Value::Object(fields) => match is_post(fields) {
            true => posts.push(fields),
            false => fields
                .values_mut()
                .for_each(|value| collect_posts(value, posts)),
        },
        _ => {}
    }
}

impl<F: UntrustedContent> UntrustedContent for PostsAnswer<F> {
    fn has_untrusted_content(&self) -> bool {
        self.data.is_some() || self.facts.has_untrusted_content()
    }
}

impl UntrustedContent for CreateFacts {}

impl UntrustedContent for ReplaceFacts {
    fn has_untrusted_content(&self) -> bool {
        !self.removed.is_empty()
    }
}

/// Saki's answer whole, since what a create answers is printed nowhere.
fn data(body: Value) -> Option<Value> {
    match body {
        Value::Object(mut body) => match body.shift_remove("data") {
            Some(data) => Some(data),
            None => (!body.is_empty()).then_some(Value::Object(body)),
        },
        other => Some(other),
    }
}
