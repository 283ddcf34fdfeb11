//! Publishing queue: the tool about it.

use rmcp::handler::server::wrapper::Parameters;
use rmcp::{tool, tool_router};
use serde_json::{Value, json};

use super::list_and_read::{Listed, RowOfSpace};
use super::posts::{LocalTime, PostWithTime};
use super::space_scoped::SpacesScoped;
use super::{Failure, Json, Tools};
use crate::saki::posts::PostView;
use crate::saki::queue::GetQueue;

#[tool_router(router = queue, vis = "pub(crate)")]
impl Tools {
    /// Shows the upcoming posts in full, in order of time. For short rows, or to filter by date, state or account, use list_posts.
    #[tool(
        title = "View the publishing queue",
        annotations(read_only_hint = true)
    )]
    async fn get_queue(
        &self,
        Parameters(request): Parameters<SpacesScoped<GetQueue>>,
    ) -> Result<Json<Listed<RowOfSpace<PostWithTime>>>, Failure> {
        let mut list = self.list_in(request).await?;
        if let Some(rows) = list.saki.get_mut("data").and_then(Value::as_array_mut) {
            // The queues of several spaces become one; what has no time comes last, in Saki's order.
            rows.sort_by_key(|post| {
                let at = PostView::from(post).scheduled_at();
                (at.is_none(), at)
            });
            let (zone, now) = (self.zone(), self.settings.clock.now());
            for row in rows {
                if let Value::Object(post) = row {
                    let time = LocalTime::of(PostView::from(&*post), &zone, now);
                    *row = json!(PostWithTime::new(time, std::mem::take(post)));
                }
            }
        }
        Ok(Json::Untrusted(Listed::new(list.ours, list.saki)))
    }
}
