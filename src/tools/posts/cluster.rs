//! `update_cluster`: a full replacement, where what the agent left out is filled from the present posts.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::answer::{TOLD, Written, written};
use super::asked::Asked;
use super::present::{Present, is_first_of};
use crate::saki::posts::UpdateCluster;
use crate::saki::{ClusterId, SpaceId};
use crate::tools::{Failure, Json, Tools};
use crate::write::prepared::Prepared;

/// What a cluster is to be.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("additionalProperties" = false))]
pub(super) struct Change {
    /// Cluster to change: the `cluster_id` of its posts.
    cluster_id: String,
    #[serde(flatten)]
    asked: Asked,
}

impl Tools {
    pub(super) async fn replace(&self, change: Change) -> Result<Json<Written>, Failure> {
        let Change { cluster_id, asked } = change;
        let space = self.space(asked.space_id.as_deref()).await?;
        let space_id = SpaceId(space.id);
        let cluster_id = ClusterId(cluster_id.trim().to_owned());
        let present = self.present(space_id, &cluster_id).await?;
        let Prepared {
            mut planned,
            request: body,
        } = self.prepare(&asked, &space, &present).await?;
        let public = present.iter().filter(|post| post.is_published());
        planned.warnings.extend(public.map(|post| {
            format!(
                "Post {} was public already; whether Saki publishes it again is not known, so look at it.",
                post.post_id
            )
        }));
        let dropped: Vec<&Present> = present
            .iter()
            .filter(|post| {
                body.items
                    .iter()
                    .all(|item| item.account_id.0 != post.account_id)
            })
            .collect();
        let request = UpdateCluster {
            space_id,
            cluster_id: cluster_id.clone(),
            body,
        };
        let (saki, sent) = (self.saki.clone(), request.clone());
        let reply = self
            .to_the_end(async move { saki.update_cluster(&sent).await })
            .await?;
        let made = self
            .made(space_id, &request.body, &planned, &reply, |post| {
                is_first_of(post, &cluster_id)
            })
            .await;
        self.understood.stand_in_the_answer(&TOLD);
        let mut answer = written(&planned, made, reply, self.settings.clock.now());
        answer
            .entry("cluster_id")
            .or_insert_with(|| json!(cluster_id));
        if !dropped.is_empty() {
            let dropped: Vec<_> = dropped
                .iter()
                .map(|post| json!({"account_id": post.account_id, "post_id": post.post_id}))
                .collect();
            answer.insert("removed".to_owned(), dropped.into());
        }
        Ok(Json::new(answer))
    }
}
